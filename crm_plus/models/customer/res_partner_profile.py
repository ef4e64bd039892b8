from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.search import search_method

# Columns that say which customer a contact is part of, and whether that is a customer at all.
MEMBERSHIP = {"commercial_partner_id", "partner_share"}
# Up to so many customers are named in a search, so that PostgreSQL knows how rare they are and looks them up in memory.
# More of them are so many of a million partners that it soon comes across a page of them.
NAMED = 20_000


class ResPartner(models.Model):
    """The profile of the current company, seen from the partner: never stored here, since writing partners would make
    people who save one meanwhile fail."""

    _name = "res.partner"
    _inherit = ["res.partner", "crm.customer.mixin"]

    crm_profile_id = fields.Many2one(
        "crm.customer.profile",
        "Customer profile",
        compute="_compute_crm_profile",
        search="_search_crm_profile_id",
        groups="crm_plus.group_crm_plus_user",
    )

    @api.model
    def _profile_columns(self):
        return super()._profile_columns() | {"crm_profile_id": "id"}

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
        found = self.env["crm.customer.profile"]._search(Domain("company_id", "=", self.env.company.id) & domain)
        found.limit = NAMED + 1
        customers = [row[0] for row in self.env.execute_query(found.select("partner_id"))]
        if len(customers) > NAMED:
            found.limit = None
            customers = found.subselect("partner_id")
        return Domain("commercial_partner_id", "in", customers)

    @api.model
    @search_method
    def _search_crm_profile_id(self, operator, value):
        return self._search_profile_column("id", operator, value)

    def _write_multi(self, vals_list):
        # Whatever changes them, people or a recomputation: which customer a contact is part of, and who is one.
        touched = [partner.id for partner, vals in zip(self, vals_list, strict=True) if not MEMBERSHIP.isdisjoint(vals)]
        queue = self.env["crm.customer.queue"]
        touched = queue._add_customers_of(touched)
        result = super()._write_multi(vals_list)
        queue._add_customers_of(touched)
        return result
