from odoo import api, fields, models

from .crm_score_rule import check_points


class CrmScoreGroup(models.Model):
    """Rules that together give no more than so many points, in either direction."""

    _name = "crm.score.group"
    _inherit = ["crm.readable.mixin"]
    _description = "Score rule group"
    _lines = ("rule_ids",)
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    axis = fields.Selection([("fit", "Fit"), ("engagement", "Engagement")], "Counts for", required=True, default="fit")
    cap = fields.Float(
        "Maximum points",
        digits=(16, 2),
        required=True,
        default=30,
        help="Maximum points its rules give together, positive or negative.",
    )
    rule_ids = fields.One2many("crm.score.rule", "group_id", "Rules")

    _cap_positive = models.Constraint("CHECK (cap > 0)", "Maximum points: must be more than zero for a group.")

    @api.onchange("name", "axis", "cap", "company_id")
    def _onchange_shared(self):
        if not self.company_id and self.env["res.company"]._crm_plus_several():
            text = self.env._("This group has no company: the change affects the scores of all companies.")
            return {
                "warning": {"type": "notification", "title": self.env._("Shared by all companies"), "message": text}
            }
        return None

    @api.constrains("axis")
    def _check_rules(self):
        self.rule_ids._check_group()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_points(self, vals)
        groups = super().create(vals_list)
        self.env["crm.score.rule"]._rules_changed()
        return groups

    def write(self, vals):
        check_points(self, vals)
        result = super().write(vals)
        self.env["crm.score.rule"]._rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["crm.score.rule"]._rules_changed()
        return result
