from collections import Counter

from odoo import api, fields, models
from odoo.addons.crm_plus.services.trial import trial

from ..services.followup.ahead import Ahead
from ..services.followup.evaluation import Evaluation
from ..services.followup.limits import Limits

# Up to so many of those to be reached are looked at one by one.
SAMPLE = 2000
NUMBERS = ("present_count", "reached_count", "held_out_count", "held_back", "load", "examples", "ahead")


class CrmFollowupPreview(models.TransientModel):
    """What a rule would do now: it is done as by the scheduled action, and taken back."""

    _name = "crm.followup.preview"
    _inherit = ["crm.readable.mixin"]
    _description = "Preview of a follow-up rule"

    rule_id = fields.Many2one("crm.followup.rule", required=True, readonly=True, ondelete="cascade")
    present_count = fields.Integer("In the audience", readonly=True, help="Who is in the audience of the rule now.")
    reached_count = fields.Integer("To be reached now", readonly=True, help="Who the rule would begin with now.")
    held_out_count = fields.Integer(
        "Held out", readonly=True, help="Who is kept aside to measure what the rule brings."
    )
    held_back = fields.Text("Held back by limits", readonly=True)
    load = fields.Text("Who gets it", readonly=True)
    examples = fields.Char("For example", readonly=True)
    ahead = fields.Text("Next 30 days", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        previews = super().create(vals_list)
        for preview in previews:
            preview.write(preview._numbers())  # found out now: reading a preview writes nothing
        return previews

    def _numbers(self):
        rule = self.rule_id
        if not rule.step_ids or not rule.has_access("write"):
            return dict.fromkeys(NUMBERS, False)
        return self._as_if(rule, lambda: None)

    @api.model
    def _as_if(self, rule, change):
        """The numbers of a rule as they would be after ``change()``; all of it is taken back."""
        with trial(self.env):
            change()
            # sudo: members and runs are written by scheduled actions; all of it is taken back.
            return self._simulated(rule.sudo().with_company(rule.company_id))

    def _ahead(self, rule):
        """The next days in words."""
        if not rule.step_ids.filtered(lambda step: step._is_contact()):
            return False
        numbers = Ahead(rule).numbers()
        lines = [
            self.env._("Reached: %(all)s, at most %(most)s on one day", all=numbers["reached"], most=numbers["most"])
        ]
        for name, (count, most) in sorted(numbers["heads"].items(), key=lambda item: -item[1][0])[:20]:
            lines.append(
                self.env._("%(user)s: %(count)s activities, at most %(most)s a day", user=name, count=count, most=most)
            )
        lines += [
            self.env._("Held back for a time: %(why)s: %(count)s", why=why, count=count)
            for why, count in numbers["held"].most_common(10)
        ]
        if numbers["waiting"]:
            lines.append(self.env._("Still waiting after that: %s", numbers["waiting"]))
        return "\n".join(lines)

    def _simulated(self, rule):
        if rule.state == "draft":
            # as if it had been active since before
            rule.state = "active"
            rule._remember({"evaluated_date": False})
        with trial(self.env):
            ahead = self._ahead(rule)
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
            "ahead": ahead,
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
            elif not step._has_address(run):
                why[self.env._("no address or number")] += 1
            elif step.kind in ("activity", "plan"):
                load[step._responsible(run).name or self.env._("nobody is responsible")] += 1
        return why, load
