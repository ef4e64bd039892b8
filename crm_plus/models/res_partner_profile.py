from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Fields of the profile shown on the partner: name here -> column there.
PROFILE_COLUMNS = {"crm_profile_id": "id"}


class ResPartner(models.Model):
    """The profile of the current company, seen from the partner: never stored here, since writing partners would make
    people who save one meanwhile fail."""

    _inherit = "res.partner"

    crm_profile_id = fields.Many2one(
        "crm.customer.profile",
        "Customer profile",
        compute="_compute_crm_profile",
        search="_search_crm_profile_id",
        groups="crm_plus.group_crm_plus_user",
    )

    @api.model
    def _profile_columns(self):
        """``{partner field: profile column}``; intended to be extended."""
        return PROFILE_COLUMNS

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_crm_profile(self):
        profiles = self.env["crm.customer.profile"].search_fetch(
            [("company_id", "=", self.env.company.id), ("partner_id", "in", self.commercial_partner_id.ids)],
            ["partner_id", *self._profile_columns().values()],
        )
        by_partner = {profile.partner_id: profile for profile in profiles}
        empty = self.env["crm.customer.profile"]
        for partner in self:
            profile = by_partner.get(partner.commercial_partner_id, empty)
            for name, column in self._profile_columns().items():
                partner[name] = profile if column == "id" else profile[column]

    def _field_to_sql(self, alias, field_expr, query=None):
        column = self._profile_columns().get(field_expr)
        if column is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        return SQL(
            "(SELECT profile.%s FROM crm_customer_profile profile WHERE profile.company_id = %s AND profile.partner_id = %s)",
            SQL.identifier(column),
            self.env.company.id,
            SQL.identifier(alias, "commercial_partner_id"),
        )

    @api.model
    def _search_profile_column(self, column, operator, value):
        """Partners whose customer has such a profile; “not set” also finds who has no profile."""
        profiles = self.env["crm.customer.profile"]
        mine = Domain("company_id", "=", self.env.company.id)
        if operator == "in" and False in value:
            others = profiles._search(mine & Domain(column, "!=", False) & Domain(column, "not in", set(value) - {False}))
            return Domain("commercial_partner_id", "not in", others.subselect("partner_id"))
        if operator.startswith("not"):
            return NotImplemented
        found = profiles._search(mine & Domain(column, operator, value))
        return Domain("commercial_partner_id", "in", found.subselect("partner_id"))

    @api.model
    def _search_crm_profile_id(self, operator, value):
        return self._search_profile_column("id", operator, value)

    def write(self, vals):
        if not {"parent_id", "is_company", "partner_share", "active"} & vals.keys():
            return super().write(vals)
        # The customer they were part of and the one they become part of.
        before = self.commercial_partner_id.ids
        result = super().write(vals)
        self.env["crm.customer.queue"].sudo()._add({*before, *self.ids, *self.commercial_partner_id.ids})  # sudo: ids only
        return result
