from odoo import api, fields, models
from odoo.addons.crm_plus.services.years import check_years
from odoo.exceptions import ValidationError


class CrmCampaignCost(models.Model):
    """What a campaign or a follow-up rule cost: printing, advertisements, an agency."""

    _name = "crm.campaign.cost"
    _inherit = ["crm.readable.mixin"]
    _description = "Campaign cost"
    _order = "date desc, id desc"

    name = fields.Char("What for", required=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(required=True, help="What was spent on that day, in the company's currency.")
    campaign_id = fields.Many2one("utm.campaign", index="btree_not_null", ondelete="cascade")
    rule_id = fields.Many2one(
        "crm.followup.rule", "Follow-up rule", index="btree_not_null", ondelete="cascade",
        domain="[('company_id', '=', company_id)]",
    )  # fmt: skip

    _not_negative = models.Constraint("CHECK (amount >= 0)", "Amount: cannot be negative.")

    @api.constrains("date")
    def _check_date(self):
        check_years(self, "date")

    @api.model
    def _sources(self):
        """The fields of which a cost has exactly one."""
        return ("campaign_id", "rule_id")

    @api.constrains("campaign_id", "rule_id", "company_id")
    def _check_source(self):
        names = self._sources()
        for cost in self:
            if len([name for name in names if cost[name]]) != 1:
                labels = [self._fields[name].get_description(self.env, ["string"])["string"] for name in names]
                raise ValidationError(self.env._("Choose one of these: %s.", ", ".join(labels)))
            if cost.rule_id and cost.rule_id.company_id != cost.company_id:
                raise ValidationError(self.env._("Follow-up rule: choose one of the same company."))
