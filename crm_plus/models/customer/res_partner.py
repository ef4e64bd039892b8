from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ...engine.customer.lifecycle import STAGES
from ...services.customer.amounts import READERS
from ...services.customer.estimate import EstimatedFloat, EstimatedMonetary
from ...services.customer.lifecycle import Lifecycle, LifecycleDate, LifecycleStage
from ...services.customer.scope import Scope
from ...services.search import UNLISTED, column_search, search_method
from ...services.sql import columns

COMPARE = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}
# Worked out in the database: the columns of `Lifecycle.query`.
LIFECYCLE = {"crm_lifecycle": "stage", "crm_lifecycle_date": "since"}
# Columns that say which customer a contact is part of, and whether that is a customer at all.
MEMBERSHIP = {"commercial_partner_id", "partner_share"}
# Up to so many customers are named in a search, so that PostgreSQL knows how rare they are and looks them up in memory.
# More of them are so many of a million partners that it soon comes across a page of them.
NAMED = 20_000


class ResPartner(models.Model):
    """The profile of the current company, seen from the partner: never stored here, since writing partners would make
    people who save one meanwhile fail. And how much of the partner itself is known."""

    _name = "res.partner"
    _inherit = ["res.partner", "crm.customer.mixin"]

    crm_profile_id = fields.Many2one(
        "crm.customer.profile",
        "Customer profile",
        compute="_compute_crm_profile",
        search="_search_crm_profile_id",
        groups=READERS,
    )

    churn_risk = EstimatedFloat(
        "Churn risk (%)",
        compute="_compute_crm_profile",
        search="_search_churn_risk",
        digits=(5, 1),
        aggregator=None,
        groups=READERS,
    )
    lifetime_value = EstimatedMonetary(
        "Lifetime value",
        compute="_compute_crm_profile",
        search="_search_lifetime_value",
        aggregator=None,
        groups=READERS,
        help="Revenue expected from this customer within 12 months, in the company's currency.",
    )
    crm_amount_note = fields.Char(
        "Why the lifetime value is not shown", compute="_compute_crm_amount_note", groups=READERS
    )
    crm_lifecycle = LifecycleStage(
        [
            ("prospect", "Prospect"),
            ("lead", "Lead"),
            ("first", "First order"),
            ("repeat", "Repeat"),
            ("lapsed", "Lapsed"),
            ("won_back", "Won back"),
        ],
        "Lifecycle",
        compute="_compute_crm_lifecycle",
        search="_search_crm_lifecycle",
        groups=READERS,
        help="Lapsed: no order for a year. Won back: ordered again after that, in the last year.",
    )
    crm_lifecycle_date = LifecycleDate(
        "In this stage since",
        compute="_compute_crm_lifecycle",
        search="_search_crm_lifecycle_date",
        groups=READERS,
    )
    data_quality = fields.Integer(
        "Data quality (%)",
        compute="_compute_data_quality",
        search="_search_data_quality",
        aggregator=None,
        groups=READERS,
        help="How much of the information needed to know and reach this contact is filled in and valid.",
    )
    data_quality_note = fields.Char("What is missing", compute="_compute_data_quality", groups=READERS)

    @api.model
    def _profile_columns(self):
        shown = {"crm_profile_id": "id", "churn_risk": "churn_risk", "lifetime_value": "clv"}
        return super()._profile_columns() | shown

    @api.depends("commercial_partner_id.user_id")
    @api.depends_context("company", "uid", "lang")
    def _compute_crm_amount_note(self):
        for partner in self:
            partner.crm_amount_note = partner.crm_profile_id.amount_note

    def _profile_key(self):
        return self.commercial_partner_id, self.env.company

    @api.model
    def _profile_is(self, profile, alias, query):
        return SQL(
            "%s = %s AND %s = %s",
            SQL.identifier(profile, "partner_id"),
            SQL.identifier(alias, "commercial_partner_id"),
            SQL.identifier(profile, "company_id"),
            self.env.company.id,
        )

    @api.model
    def _profile_depends(self):
        return ["commercial_partner_id"]

    @api.model
    def _search_profile(self, domain):
        if self.env.context.get(UNLISTED):
            return super()._search_profile(domain)
        found = self.env["crm.customer.profile"]._search(Domain("company_id", "=", self.env.company.id) & domain)
        found.limit, customer = NAMED + 1, columns(found, "partner_id")
        customers = [row[0] for row in self.env.execute_query(found.select(*customer))]
        if len(customers) > NAMED:
            found.limit = None
            customers = found.subselect(*customer)
        return Domain("commercial_partner_id", "in", customers)

    @api.model
    @column_search
    def _search_crm_profile_id(self, operator, value):
        return self._search_profile_column("id", operator, value)

    @api.model
    @search_method
    def _search_churn_risk(self, operator, value):
        return self._search_profile_column("churn_risk", operator, value)

    @api.model
    @search_method
    def _search_lifetime_value(self, operator, value):
        return self._search_profile_column("clv", operator, value)

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_crm_lifecycle(self):
        scope = Scope(ids=tuple(self.commercial_partner_id._origin.ids))
        stages = Lifecycle(self.env, self.env.company, scope).of_customers()
        for partner in self:
            stage, since = stages.get(partner.commercial_partner_id._origin.id, (False, False))
            partner.crm_lifecycle, partner.crm_lifecycle_date = stage, since

    @api.model
    @search_method
    def _search_crm_lifecycle(self, operator, value):
        if operator != "in":
            return NotImplemented
        stages = Lifecycle(self.env, self.env.company)
        found = Domain("commercial_partner_id", "in", stages.in_stages(set(value) & set(STAGES)))
        return found | ~Domain("commercial_partner_id", "in", stages.in_stages(STAGES)) if False in value else found

    @api.model
    @search_method
    def _search_crm_lifecycle_date(self, operator, value):
        stages = Lifecycle(self.env, self.env.company)
        if operator == "in":
            days = [day for day in value if day]
            found = Domain("commercial_partner_id", "in", stages.since(SQL("= ANY(%s::date[])", days)))
            nobody = ~Domain("commercial_partner_id", "in", stages.in_stages(STAGES))
            return found | nobody if False in value else found
        if operator not in COMPARE:
            return NotImplemented
        return Domain("commercial_partner_id", "in", stages.since(SQL("%s %s::date", COMPARE[operator], value)))

    @api.model
    def _lifecycle_to_sql(self, alias, column, query):
        """The column of `Lifecycle.query`, joined: one pass over the documents."""
        stages = query.make_alias(alias, "crm_lifecycle")
        query.add_join(
            "LEFT JOIN",
            stages,
            SQL("(%s)", Lifecycle(self.env, self.env.company).query()),
            SQL("%s = %s", SQL.identifier(stages, "id"), SQL.identifier(alias, "commercial_partner_id")),
        )
        return SQL.identifier(stages, column)

    def _write_multi(self, vals_list):
        # Whatever changes them, people or a recomputation: which customer a contact is part of, and who is one.
        touched = [partner.id for partner, vals in zip(self, vals_list, strict=True) if not MEMBERSHIP.isdisjoint(vals)]
        queue = self.env["crm.customer.queue"]
        touched = queue._add_customers_of(touched)
        result = super()._write_multi(vals_list)
        queue._add_customers_of(touched)
        return result

    @api.model
    def _recommended_query(self, contacts, until):
        """SELECT of (score, date): the last answer, from 0 to 10, of these contacts up to a moment to whether they
        would recommend us; None where nobody asks. Whoever may read the contacts may know it. Intended to be extended.
        """
        return None

    # ------------------------------------------------------------------ data quality

    @api.model
    def _data_quality_parts(self):
        """What a contact should have: (label, fields that must all be filled in, whether companies only).

        Intended to be extended. Each part weighs the same; what is for companies only is not asked of people.
        """
        return [
            (self.env._("valid email"), ("email_normalized",), False),
            (self.env._("valid phone number"), ("phone_sanitized",), False),
            (self.env._("street and city"), ("street", "city"), False),
            (self.env._("country"), ("country_id",), False),
            (self.env._("tags"), ("category_id",), False),
            (self.env._("tax ID"), ("vat",), True),
        ]

    @api.depends(
        "email_normalized", "phone_sanitized", "street", "city", "country_id", "category_id", "vat", "is_company"
    )
    @api.depends_context("lang")
    def _compute_data_quality(self):
        for partner in self:
            asked = [part for part in self._data_quality_parts() if partner.is_company or not part[2]]
            missing = [label for label, names, _companies in asked if not all(partner[name] for name in names)]
            partner.data_quality = 100 * (len(asked) - len(missing)) // len(asked)
            partner.data_quality_note = (
                self.env._("Missing: %s", format_list(self.env, missing)) if missing else self.env._("Complete.")
            )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "data_quality" and (query is None or field_expr not in LIFECYCLE):
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        if field_expr in LIFECYCLE:
            return self._lifecycle_to_sql(alias, LIFECYCLE[field_expr], query)
        return self._data_quality_sql(alias)

    @api.model
    def _data_quality_sql(self, alias, *, of_most=False):
        """SQL of how complete a partner is. Where it is asked ``of_most`` partners, their links are read once, not
        looked up for each of them: then several processes of PostgreSQL can share the work."""
        filled, asked = [SQL("0")], [SQL("0")]
        company = SQL("COALESCE(%s, FALSE)", SQL.identifier(alias, "is_company"))
        for _label, names, companies in self._data_quality_parts():
            is_asked = company if companies else SQL("TRUE")
            is_filled = SQL(" AND ").join([is_asked, *(self._is_filled_sql(alias, name, of_most) for name in names)])
            asked.append(SQL("(%s)::int", is_asked))
            filled.append(SQL("(%s)::int", is_filled))
        return SQL("(100 * (%s) / (%s))", SQL(" + ").join(filled), SQL(" + ").join(asked))

    @api.model
    def _is_filled_sql(self, alias, name, of_most):
        field = self._fields[name]
        if field.type == "many2many" and of_most:
            return SQL(
                "%s IN (SELECT %s FROM %s)",
                SQL.identifier(alias, "id"),
                SQL.identifier(field.column1),
                SQL.identifier(field.relation),
            )
        if field.type == "many2many":
            return SQL(
                "EXISTS (SELECT FROM %s r WHERE r.%s = %s)",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(alias, "id"),
            )
        if field.type == "char":
            return SQL("COALESCE(%s, '') <> ''", SQL.identifier(alias, name))
        return SQL("%s IS NOT NULL", SQL.identifier(alias, name))

    @api.model
    @search_method
    def _search_data_quality(self, operator, value):
        if operator == "in":
            compared = SQL("IN %s", tuple(float(number) for number in value))
        elif operator in COMPARE:
            compared = SQL("%s %s", COMPARE[operator], float(value))
        else:
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s %s", model._field_to_sql(alias, "data_quality", query), compared)
        )
