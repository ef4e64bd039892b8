from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ...services.search import search_method

COMPARE = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


class ResPartner(models.Model):
    _inherit = "res.partner"

    data_quality = fields.Integer(
        "Data quality (%)",
        compute="_compute_data_quality",
        search="_search_data_quality",
        aggregator=None,
        groups="crm_plus.group_crm_plus_user",
        help="How much of what one needs to reach and know this contact is filled in and valid.",
    )
    data_quality_note = fields.Char(
        "What is missing", compute="_compute_data_quality", groups="crm_plus.group_crm_plus_user"
    )

    @api.model
    def _data_quality_parts(self):
        """What a contact should have: (label, fields that must all be filled in, whether companies only).

        Intended to be extended. Each part weighs the same; what is for companies only is not asked of people.
        """
        return [
            (self.env._("valid e-mail"), ("email_normalized",), False),
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
                self.env._("Missing: %s", format_list(self.env, missing))
                if missing
                else self.env._("Everything is there.")
            )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "data_quality":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        filled, asked = [SQL("0")], [SQL("0")]
        company = SQL("COALESCE(%s, FALSE)", SQL.identifier(alias, "is_company"))
        for _label, names, companies in self._data_quality_parts():
            is_asked = company if companies else SQL("TRUE")
            is_filled = SQL(" AND ").join([is_asked, *(self._is_filled_sql(alias, name) for name in names)])
            asked.append(SQL("(%s)::int", is_asked))
            filled.append(SQL("(%s)::int", is_filled))
        return SQL("(100 * (%s) / (%s))", SQL(" + ").join(filled), SQL(" + ").join(asked))

    @api.model
    def _is_filled_sql(self, alias, name):
        field = self._fields[name]
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
