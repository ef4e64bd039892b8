from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.customer.amounts import HIDDEN, READERS
from ...services.search import column_search


class CrmCustomerMixin(models.AbstractModel):
    """Fields that a record shows of its customer's profile in its company.

    Nothing is stored: they are read, searched, grouped and sorted by through the profile. Intended for models with
    ``partner_id`` and ``company_id``.
    """

    _name = "crm.customer.mixin"
    _inherit = ["crm.customer.list.mixin"]
    _description = "Document with its customer's profile"

    crm_segment_id = fields.Many2one(
        "crm.segment", "Segment", compute="_compute_crm_profile", search="_search_crm_segment_id", groups=READERS
    )
    crm_tier_id = fields.Many2one(
        "crm.tier", "Tier", compute="_compute_crm_profile", search="_search_crm_tier_id", groups=READERS
    )

    @api.model
    def _profile_columns(self):
        """``{field here: column of the profile}``; intended to be extended."""
        return {"crm_segment_id": "segment_id", "crm_tier_id": "tier_id"}

    def _profile_key(self):
        """The customer and the company whose profile this record shows."""
        return self.partner_id.commercial_partner_id, self.company_id or self.env.company

    @api.model
    def _profile_is(self, profile, alias, query):
        """SQL: whether ``profile`` is the profile that the record in ``alias`` shows."""
        _partners, contact = self._fields["partner_id"].join(self, alias, query)
        return SQL(
            "%s = %s AND %s = COALESCE(%s, %s)",
            SQL.identifier(profile, "partner_id"),
            SQL.identifier(contact, "commercial_partner_id"),
            SQL.identifier(profile, "company_id"),
            SQL.identifier(alias, "company_id"),
            self.env.company.id,
        )

    @api.model
    def _profile_depends(self):
        return ["partner_id.commercial_partner_id", "company_id"]

    @api.depends(lambda self: self._profile_depends())
    @api.depends_context("company", "uid", HIDDEN)
    def _compute_crm_profile(self):
        columns = self._profile_columns()
        keys = {record: record._profile_key() for record in self}
        profiles = self.env["crm.customer.profile"].search_fetch(
            [
                ("company_id", "in", [company.id for _partner, company in keys.values()]),
                ("partner_id", "in", [partner.id for partner, _company in keys.values()]),
            ],
            ["partner_id", "company_id", *columns.values()],
        )
        by_key = {(profile.partner_id, profile.company_id): profile for profile in profiles}
        for record, key in keys.items():
            profile = by_key.get(key, profiles.browse())
            for name, column in columns.items():
                record[name] = profile if column == "id" else profile[column]

    def _field_to_sql(self, alias, field_expr, query=None):
        field = self._fields.get(field_expr)
        # asked of every column of every query
        column = None if field is None or field.store else self._profile_columns().get(field_expr)
        if column is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        # Joined, which is one pass over the profiles; looked up for each row it would be a million of them.
        profile = query.make_alias(alias, "crm_profile")
        query.add_join("LEFT JOIN", profile, "crm_customer_profile", self._profile_is(profile, alias, query))
        return self.env["crm.customer.profile"]._field_to_sql(profile, column, query)

    @api.model
    def _search_profile_column(self, column, operator, value):
        """Records whose customer has such a profile; “not set” also finds those without any profile."""
        if operator == "in" and False in value:
            return ~self._search_profile(Domain(column, "!=", False) & Domain(column, "not in", set(value) - {False}))
        if operator.startswith("not"):
            return NotImplemented
        return self._search_profile(Domain(column, operator, value))

    @api.model
    def _search_profile(self, domain):
        found = self.env["crm.customer.profile"]._search(domain)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "EXISTS (SELECT FROM crm_customer_profile profile WHERE %s AND profile.id IN %s)",
                model._profile_is("profile", alias, query),
                found.subselect(),
            )
        )

    @api.model
    @column_search
    def _search_crm_segment_id(self, operator, value):
        return self._search_profile_column("segment_id", operator, value)

    @api.model
    @column_search
    def _search_crm_tier_id(self, operator, value):
        return self._search_profile_column("tier_id", operator, value)
