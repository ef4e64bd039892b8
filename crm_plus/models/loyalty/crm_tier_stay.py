from odoo import api, fields, models

from ...services.customer import words
from ...services.loyalty.replay import TierReplay


class CrmTierStay(models.Model):
    _name = "crm.tier.stay"
    _inherit = ["crm.stay.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_refresh_profiles"
    _description = "Stay in a tier"
    _place = "tier_id"
    _act_cron = "ir_cron_act_on_tiers"

    tier_id = fields.Many2one("crm.tier", required=True, readonly=True, ondelete="restrict")
    previous_tier_id = fields.Many2one("crm.tier", "Previous", readonly=True, ondelete="set null")

    _one_at_a_time = models.UniqueIndex("(company_id, partner_id) WHERE date_to IS NULL")
    _tier_index = models.Index("(tier_id, date_from)")
    _previous_index = models.Index("(previous_tier_id) WHERE previous_tier_id IS NOT NULL")

    def _reason_to_text(self, reason):
        if reason.get("outcome") == "given":
            return self.env._("manual: %s", reason.get("text"))
        if reason.get("outcome") == "replayed":
            return self.env._("replayed from the orders of the time")
        if not reason:
            return ""
        orders, months = words.orders(self.env, reason["orders"]), words.months(self.env, reason["months"])
        revenue = self._amount_text(reason["revenue"])
        if revenue is None:
            return self.env._("%(orders)s in %(months)s", orders=orders, months=months)
        return self.env._("%(revenue)s and %(orders)s in %(months)s", revenue=revenue, orders=orders, months=months)

    @api.model
    def _replay(self, past):
        """Stays of the time before the first recorded day, from the orders of then."""
        TierReplay(past, self.env["crm.tier"]._tiers_of(past.company)).run()
        self.invalidate_model(flush=False)
