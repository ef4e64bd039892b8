from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

from ...services.years import check_years


class CrmTierOverride(models.Model):
    """A tier given to a customer by hand, with the reason and, if so wished, an end."""

    _name = "crm.tier.override"
    _inherit = ["crm.readable.mixin"]
    _description = "Manual tier"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    tier_id = fields.Many2one(
        "crm.tier", required=True, index=True, ondelete="cascade",
        domain="[('company_id', 'in', [company_id, False])]"
    )  # fmt: skip
    reason = fields.Char(required=True)
    date_to = fields.Date("Until", help="Last day of the manual tier. After that the grace period of the tier begins.")
    note = fields.Char(compute="_compute_note")

    @api.depends("partner_id", "company_id")
    def _compute_note(self):
        profiles = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        known = {(profile.partner_id, profile.company_id) for profile in profiles}
        for override in self:
            customer = override.partner_id.commercial_partner_id
            waits = bool(customer) and (customer, override.company_id) not in known
            override.note = waits and self.env._(
                "Has not bought anything yet. The tier takes effect within minutes all the same."
            )

    @api.constrains("tier_id", "company_id")
    def _check_tier_in_use(self):
        for override in self:
            tiers = self.env["crm.tier"]._tiers_of(override.company_id)
            if override.tier_id not in tiers:
                raise ValidationError(
                    self.env._(
                        "%(tier)s is not a tier of %(company)s. Its tiers are: %(tiers)s.",
                        tier=override.tier_id.name,
                        company=override.company_id.name,
                        tiers=format_list(self.env, tiers.mapped("name")),
                    )
                )

    @api.constrains("date_to")
    def _check_date(self):
        check_years(self, "date_to")

    @api.model_create_multi
    def create(self, vals_list):
        overrides = super().create(vals_list)
        overrides._queue_customers()
        return overrides

    def write(self, vals):
        self._queue_customers()
        result = super().write(vals)
        self._queue_customers()
        return result

    def unlink(self):
        self._queue_customers()
        return super().unlink()

    @api.model
    def _in_force(self, customers):
        """``{(customer, company): the latest one given to the customer or one of its contacts}``, of tiers in use, on
        the present day of each company: as `crm.tier` assigns them."""
        found = self.search([("partner_id.commercial_partner_id", "in", customers.ids)], order="id")
        in_force = {}
        for company, given in found.grouped("company_id").items():
            tiers, today = self.env["crm.tier"]._tiers_of(company), company._crm_plus_today()
            for override in given:
                if override.tier_id in tiers and (not override.date_to or override.date_to >= today):
                    in_force[override.partner_id.commercial_partner_id, company] = override
        return in_force

    def _queue_customers(self):
        # sudo: a manager may not write the queue; ids only.
        self.env["crm.customer.queue"].sudo()._add(self.partner_id.ids)
