from collections import Counter

from odoo import api, fields, models

from ..services.followup.evaluation import Evaluation
from ..services.followup.limits import Limits

# Up to so many of those to be reached are looked at one by one.
SAMPLE = 2000


class CrmFollowupPreview(models.TransientModel):
    """What a rule would do now: it is done as by the scheduled action, and taken back."""

    _name = "crm.followup.preview"
    _inherit = ["crm.readable.mixin"]
    _description = "Preview of a follow-up rule"

    rule_id = fields.Many2one("crm.followup.rule", required=True, ondelete="cascade")
    present_count = fields.Integer("In the audience", compute="_compute_numbers")
    reached_count = fields.Integer("To be reached now", compute="_compute_numbers")
    held_out_count = fields.Integer("Held out", compute="_compute_numbers")
    held_back = fields.Text("Held back by limits", compute="_compute_numbers")
    load = fields.Text("Who gets it", compute="_compute_numbers")
    examples = fields.Char("For example", compute="_compute_numbers")

    @api.depends("rule_id")
    @api.depends_context("uid", "lang")
    def _compute_numbers(self):
        for preview in self:
            preview.update(preview._numbers())

    def _numbers(self):
        rule = self.rule_id
        none = dict.fromkeys(
            ("present_count", "reached_count", "held_out_count", "held_back", "load", "examples"), False
        )
        if not rule.step_ids or not rule.has_access("write"):
            return none
        # sudo: members and runs are written by scheduled actions; all of it is taken back.
        rule = rule.sudo().with_company(rule.company_id)
        savepoint = self.env.cr.savepoint()
        try:
            return {**none, **self._simulated(rule)}
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _simulated(self, rule):
        if rule.state == "draft":
            # as if it had been active since before
            rule.state = "active"
            rule._remember({"evaluated_date": False})
        Evaluation(rule).run()
        self.env.flush_all()
        # sudo: counts of what whoever may change the rule would set going; names are shown of readable records only
        Run, Member = self.env["crm.followup.run"].sudo(), self.env["crm.followup.member"].sudo()
        mine = [("rule_id", "=", rule.id)]
        now = fields.Datetime.now()
        new = [*mine, ("state", "=", "open"), ("date_start", ">=", fields.Datetime.subtract(now, minutes=1))]
        held = [*mine, ("held_out", "=", True), ("date_assigned", ">=", fields.Datetime.subtract(now, minutes=1))]
        runs = Run.search(new, order="value desc, id", limit=SAMPLE)
        why, load = self._limited(rule, runs)
        readable = (runs.lead_id or runs.partner_id).with_env(self.env)[:20]._filtered_access("read")[:5]
        return {
            "present_count": Member.search_count([*mine, ("present", "=", True)]),
            "reached_count": Run.search_count(new),
            "held_out_count": Member.search_count(held),
            "held_back": "\n".join(f"{reason}: {count}" for reason, count in why.most_common()) or False,
            "load": "\n".join(f"{name}: {count}" for name, count in load.most_common(20)) or False,
            "examples": ", ".join(readable.mapped("display_name")) or False,
        }

    def _limited(self, rule, runs):
        """(why runs are held back, how many each salesperson gets), counted."""
        why, load = Counter(), Counter()
        step = rule.step_ids.filtered(lambda step: step._is_contact())[:1]
        if not step or not runs:
            return why, load
        runs.write({"step_id": step.id})
        limits = Limits(self.env(su=True), rule.company_id, runs)  # sudo: reasons and numbers are shown, no records
        for run in runs:
            if found := limits.of(run):
                why[found[1]] += 1
            elif step.kind == "email" and not (run.partner_id or run.lead_id.partner_id).email_normalized:
                why[self.env._("no email address")] += 1
            elif step.kind in ("activity", "plan"):
                load[step._responsible(run).name or self.env._("nobody is responsible")] += 1
        return why, load
