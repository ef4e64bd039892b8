import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.crm_plus.engine.checks import named_values
from odoo.addons.crm_plus.services import copies
from odoo.addons.crm_plus.services.arguments import argument
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.followup.yearly import month_days
from ...services.followup import behavior, evaluation, result
from ...services.followup.stops import MESSAGES, channels
from ...services.followup.work import Work

# Kinds of fields that something can be counted by.
NUMBERS = ("integer", "float", "monetary")
DATES = ("date", "datetime")
# What grades of leads are made of, the best first.
FITS, ENGAGEMENTS = "ABCD", "1234"
# What decides who is reached: who is in it when one of these changes is reached only if the rule says so.
WHOM = {
    "audience_id", "trigger", "number_field", "number_operator", "number_limit", "grade_fit", "grade_engagement",
    "state",
}  # fmt: skip
# What is asked about before an active rule is saved.
ASKED = WHOM | {
    "silent_days", "channel_ids", "date_field", "date_offset", "yearly", "working_hours", "pause_days", "step_ids",
    "include_present", "active",
}  # fmt: skip
# Triggers that reach who comes in or leaves, not who is there; those that are for whom they hold, as long as they do.
ENTERED = ("enter", "leave", "number", "grade", "grace")
STAYING = (*ENTERED, "overdue", "unanswered")
# Days after a date on which it is still acted upon, when nothing ran meanwhile.
LATE = 3
# How far back an incoming message counts as unanswered.
FORGOTTEN = timedelta(days=60)
# How often the audience of a rule is looked at.
EVERY = timedelta(minutes=50)
# What the scheduled action remembers of a rule beside its fields: the last customer or lead of whom it has seen whether
# they belong to the audience, as long as it has not seen all.
JOB, LOOKED_AT = "followup", "looked_at"
# Runs of a rule that end while somebody waits who makes it a draft, or active after a test run.
ENDED_NOW = 1_000
# Whoever is responsible for a rule is told when so many of its activities of the last 30 days, and this share of them,
# were dismissed as not relevant; not again before 30 days have passed.
MANY_DISMISSED, SHARE_DISMISSED, DISMISSED_DAYS = 5, 0.2, timedelta(days=30)


class CrmFollowupRule(models.Model):
    """A cadence: whom, when, what in which steps, at most how often, and when it stops by itself."""

    _name = "crm.followup.rule"
    _inherit = ["crm.job.mixin", "crm.readable.mixin", "crm.remembered.mixin"]
    _description = "Follow-up rule"
    _order = "sequence, id"
    _lines = ("step_ids",)

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("draft", "Draft"), ("shadow", "Test run"), ("active", "Active"), ("paused", "Paused")],
        required=True,
        default="draft",
        copy=False,
        help="Test run: everything is recorded as if it were active, and nothing is done.",
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", domain="[('share', '=', False)]", default=lambda self: self.env.user,
        help="Is assigned what has no salesperson.",
    )  # fmt: skip
    audience_id = fields.Many2one(
        "crm.audience", required=True, ondelete="restrict", index=True, domain="[('company_id', '=', company_id)]"
    )
    kind = fields.Selection(related="audience_id.kind", string="Made of")
    model_name = fields.Char(related="audience_id.model_name", string="Model")

    trigger = fields.Selection(
        [
            ("enter", "On entering the audience"),
            ("leave", "On leaving the audience"),
            ("silent", "When not contacted for some days"),
            ("date", "On a date"),
            ("overdue", "When overdue against their usual interval"),
            ("grace", "When the grace period of a tier begins"),
            ("number", "When a score or number is reached"),
            ("grade", "When a grade is reached"),
            ("unanswered", "When a message stays unanswered"),
        ],
        "When",
        required=True,
        default="enter",
    )
    include_present = fields.Boolean("Those who are in it already", help="Off: only who enters from now on is reached.")
    silent_days = fields.Integer(
        "Days without contact", default=60, help="The rule begins once nobody has been in contact for so many days."
    )
    channel_ids = fields.Many2many("crm.interaction.channel", string="Channels", help="Empty: all channels of contact.")
    date_field = fields.Char("Date field")
    date_offset = fields.Integer("Days after the date", help="Negative: days before it.")
    yearly = fields.Boolean("Every year")
    number_field = fields.Char("Number field")
    number_operator = fields.Selection(
        [(">=", "reaches or exceeds"), ("<=", "falls to or below")], "Comparison", required=True, default=">="
    )
    number_limit = fields.Float("Limit", help="The rule begins once the number reaches this limit.")
    grade_fit = fields.Selection(
        [(letter, letter) for letter in FITS], "Fit, at least", required=True, default="B",
        help="The letter of the grade: A is best.",
    )  # fmt: skip
    grade_engagement = fields.Selection(
        [(digit, digit) for digit in ENGAGEMENTS], "Engagement, at least", required=True, default="2",
        help="The digit of the grade: 1 is best.",
    )  # fmt: skip
    working_hours = fields.Float("Working hours", default=8.0, help="The rule begins after so many working hours.")

    step_ids = fields.One2many("crm.followup.step", "rule_id", "Steps", copy=True)
    pause_days = fields.Integer("Days between two runs", default=30, help="At least, for the same customer.")
    held_back = fields.Selection(
        [
            ("wait", "Waits until it is possible"),
            ("drop", "Is dropped"),
            ("messages", "Waits if it is a message; activities are planned"),
        ],
        "What a limit holds back",
        required=True,
        default="wait",
    )
    rests_note = fields.Char("Note on the segment", compute="_compute_rests_note")
    stop_reply = fields.Boolean("Reply", default=True)
    stop_order = fields.Boolean("Order", default=True)
    stop_leave = fields.Boolean(
        "Leaving the audience", default=True, help="A rule that begins on leaving stops for who is back in it."
    )
    stop_closed = fields.Boolean("Deal closed", default=True)
    stop_optout = fields.Boolean("Opt-out", default=True)

    holdout_percent = fields.Float(
        "Held out (%)", default=0.0, help="Of those who would be reached, this share is not, to see what it changes. "
        "Whoever is held out stays so.",
    )  # fmt: skip
    salt = fields.Char(
        "Key of the hold-out", required=True, readonly=True, copy=False, default=lambda _rule: uuid.uuid4().hex
    )
    window_days = fields.Integer(
        "Result after (days)", default=60, help="Orders so many days after a customer was reached count."
    )
    evaluated_date = fields.Datetime("Audience looked at", compute="_compute_remembered", job="followup")
    error = fields.Text("Problem", compute="_compute_remembered", job="followup_error")
    told_date = fields.Datetime(
        "Told that it is dismissed", compute="_compute_remembered", job="followup_told", groups="base.group_system"
    )

    reached_count = fields.Integer(
        "Reached", compute="_compute_counts", help="Customers and leads who came to this rule, whatever became of it."
    )
    open_count = fields.Integer(
        "Under way", compute="_compute_counts", help="Customers and leads who are between two steps now."
    )
    stopped_count = fields.Integer(
        "Stopped", compute="_compute_counts", help="Customers and leads who left early, as by a reply or an order."
    )
    stopped_text = fields.Char("Stopped by", compute="_compute_counts", help="Why they left early, and how many.")
    held_back_count = fields.Integer(
        "Held back", compute="_compute_counts", help="Who waits because of a limit; open them to see which one."
    )
    failed_count = fields.Integer(
        "Failed",
        compute="_compute_counts",
        help="Customers and leads for whom a step could not be done; open them to see why.",
    )
    dismissed_count = fields.Integer(
        "Not relevant", compute="_compute_counts", help="What salespeople dismissed of it."
    )
    result_text = fields.Text("Did it work?", compute="_compute_result_text")

    _positive = models.Constraint(
        "CHECK (silent_days > 0 AND pause_days >= 0 AND working_hours >= 0 AND window_days > 0)",
        "Days must be more than zero.",
    )
    _paused = models.Constraint(
        "CHECK (pause_days > 0 OR trigger IN ('enter', 'leave', 'grace'))",
        "Days between two runs: must be more than zero, unless the rule begins on entering or leaving.",
    )
    _share_held_out = models.Constraint(
        "CHECK (holdout_percent >= 0 AND holdout_percent <= 50)", "Held out: must be between 0 and 50%."
    )

    @api.depends_context("uid", "lang")
    def _compute_counts(self):
        Run = self.env["crm.followup.run"]
        rows = Run._read_group([("rule_id", "in", self.ids)], ["rule_id", "state"], ["__count"])
        counts = {(rule.id, state): count for rule, state, count in rows}
        events = self.env["crm.followup.event"]._read_group(
            [("rule_id", "in", self.ids), ("kind", "=", "dismissed")], ["rule_id"], ["__count"]
        )
        dismissed = {rule.id: count for rule, count in events}
        waiting = Run._read_group(
            [("rule_id", "in", self.ids), ("state", "=", "open"), ("note", "!=", False)], ["rule_id"], ["__count"]
        )
        held_back, stopped = {rule.id: count for rule, count in waiting}, self._stopped_texts()
        for rule in self:
            rule.dismissed_count = dismissed.get(rule._origin.id, 0)
            rule.held_back_count = held_back.get(rule._origin.id, 0)
            rule.stopped_text = stopped.get(rule._origin.id, False)
            of = {state: counts.get((rule._origin.id, state), 0) for state in ("open", "done", "stopped", "failed")}
            rule.open_count, rule.stopped_count, rule.failed_count = of["open"], of["stopped"], of["failed"]
            rule.reached_count = sum(count for (rule_id, _state), count in counts.items() if rule_id == rule._origin.id)

    def _stopped_texts(self):
        """``{rule id: why runs stopped, and how many}``."""
        runs = self.env["crm.followup.run"]
        labels = dict(runs._fields["reason"]._description_selection(self.env))
        stopped = [("rule_id", "in", self.ids), ("state", "=", "stopped"), ("reason", "!=", False)]
        texts = {}
        for rule, reason, count in runs._read_group(stopped, ["rule_id", "reason"], ["__count"], order="__count desc"):
            texts.setdefault(rule.id, []).append(f"{labels[reason]}: {count}")
        return {rule_id: ", ".join(lines) for rule_id, lines in texts.items()}

    @api.depends("holdout_percent", "window_days", "state")
    @api.depends_context("uid", "lang")
    def _compute_result_text(self):
        for rule in self:
            rule.result_text = result.of_rule(rule).text(rule._expected()) if isinstance(rule.id, int) else False

    def _expected(self):
        """How many the rule is going to be for."""
        return self.audience_id.member_count if self.holdout_percent else 0

    @api.depends("audience_id")
    @api.depends_context("lang")
    def _compute_rests_note(self):
        for rule in self:
            rule.rests_note = rule._rests() and self.env._(
                "The segment “%s” is not active: nobody is reached before it is.", rule.audience_id.segment_id.name
            )

    @api.constrains("trigger", "audience_id", "date_field", "number_field", "grade_fit")
    def _check_trigger(self):
        for rule in self:
            if rule.trigger == "overdue" and rule.kind != "customer":
                raise ValidationError(self.env._("When: only an audience of customers knows who is overdue."))
            if rule.trigger == "grade" and rule.kind != "lead":
                raise ValidationError(self.env._("When: only leads have a grade. Choose an audience of leads."))
            if rule.trigger == "grace" and rule.kind != "customer":
                raise ValidationError(self.env._("When: only an audience of customers has tiers."))
            if rule.audience_id.company_id != rule.company_id:
                raise ValidationError(self.env._("Audience: choose one of the same company."))
            if rule.trigger == "date":
                rule._check_field_kind("date_field", DATES)
            if rule.trigger == "number":
                rule._check_field_kind("number_field", NUMBERS)
            rule._checked_entry()

    def _check_field_kind(self, name, kinds):
        field = self.env[self.model_name]._fields.get(self[name] or "")
        if field is None or field.type not in kinds or (name == "date_field" and not field.store):
            raise ValidationError(
                self.env._(
                    "%(field)s: choose another field of the audience.",
                    field=self._fields[name].get_description(self.env, ["string"])["string"],
                )
            )

    def _checked_entry(self):
        try:
            self.audience_id._members_sql(self._entry())
        except (ValueError, TypeError) as error:
            raise ValidationError(str(error)) from error

    @api.constrains("state", "step_ids", "audience_id")
    def _check_steps(self):
        for rule in self.filtered(lambda rule: rule.state in ("active", "shadow")):
            if not rule.step_ids:
                raise ValidationError(self.env._("“%s” has no steps. Add one first.", rule.name))
            rule.step_ids._check_complete()

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        for company in rules.company_id:
            self.env["crm.followup.policy"]._of(company)
        return rules

    def write(self, vals):
        changed = self.browse()
        if not WHOM.isdisjoint(vals):
            changed = self.filtered(lambda rule: any(rule._differs(name, vals[name]) for name in WHOM & vals.keys()))
        result_ = super().write(vals)
        changed._begin_anew(vals.get("state"))
        return result_

    def copy_data(self, default=None):
        return copies.named(self.env, super().copy_data(default), default)

    def _differs(self, name, value):
        now = self[name]
        return (now.id if isinstance(now, models.BaseModel) else now) != value

    def _begin_anew(self, state):
        """Whom it has reached so far stays reached; a test run ends, and what it noted with it."""
        # sudo: what scheduled actions note of a rule, and its runs, follow from what a manager has changed.
        for rule in self.sudo():
            if state != "paused":
                rule._remember({"evaluated_date": False})
                self.env["crm.job.memory"]._note(rule, JOB, {LOOKED_AT: None})
            if state in ("active", "draft"):
                runs = self.env["crm.followup.run"].sudo()
                mine = Domain("rule_id", "=", rule.id) & Domain("state", "=", "open")
                ending = runs.search(mine if state == "draft" else mine & Domain("shadow", "=", True), limit=ENDED_NOW)
                ending._end("stopped", "rule")
                if len(ending) == ENDED_NOW:  # the rest by the scheduled action
                    self._wake()
        if state in ("active", "shadow"):
            self._wake()

    # ------------------------------------------------------------------ buttons

    def action_activate(self):
        self.write({"state": "active"})

    def action_shadow(self):
        self.write({"state": "shadow"})

    def action_pause(self):
        self.write({"state": "paused"})

    def action_draft(self):
        self.write({"state": "draft"})

    def action_preview(self):
        """What the rule would do now."""
        self.ensure_one()
        self.check_access("write")
        preview = self.env["crm.followup.preview"].create({"rule_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview"),
            "res_model": preview._name,
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
        }

    def save_question(self, vals):
        """What to ask before an active rule is saved with these values, by the same preview; False when it changes for
        nobody."""
        self.ensure_one()
        self.check_access("write")
        vals = argument(self.env, "vals", vals, named_values)
        if self.state != "active" or not ASKED & vals.keys():
            return False
        numbers = self._previewed(vals)
        lines = [
            self.env._("The rule is active. With these changes:"),
            self.env._("In the audience: %s", numbers["present_count"]),
            self.env._("To be reached now: %s", numbers["reached_count"]),
        ]
        if numbers["held_back"]:
            lines.append(self.env._("Held back by limits: %s", numbers["held_back"].replace("\n", ", ")))
        if numbers["load"]:
            lines.append(self.env._("Who gets it: %s", numbers["load"].replace("\n", ", ")))
        return "\n".join(lines)

    def _previewed(self, vals):
        """The numbers of the preview as if these values were saved."""
        self.env.flush_all()
        try:
            return self.env["crm.followup.preview"]._as_if(self, lambda: self.write(vals))
        finally:
            self.env.clear()  # also what is still to be written: the end of the request would miss its values

    def action_open_runs(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus_followup.crm_followup_run_action")
        return action | {"domain": [("rule_id", "=", self.id)], "context": {"search_default_group_state": 1}}

    def _tell_of_dismissals(self):
        """Give whoever is responsible for one of these rules a To-Do when what it asks for is often not relevant."""
        since = fields.Datetime.now() - DISMISSED_DAYS
        for rule in self.filtered(lambda rule: rule.user_id.active and (rule.told_date or since) <= since):
            of_late = [("rule_id", "=", rule.id), ("date", ">", since), ("shadow", "=", False)]
            events = self.env["crm.followup.event"]
            dismissed = events.search_count([*of_late, ("kind", "=", "dismissed")])
            asked = events.search_count([*of_late, ("kind", "=", "activity")])
            if dismissed < MANY_DISMISSED or dismissed < SHARE_DISMISSED * asked:
                continue
            rule = rule.with_context(lang=rule.user_id.lang)
            self.env["mail.activity"].create(
                {
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                    "user_id": rule.user_id.id,
                    "summary": rule.env._("“%s” is often not relevant", rule.name),
                    "note": rule.env._(
                        "In 30 days salespeople dismissed %(dismissed)s of %(asked)s activities of the follow-up rule "
                        "“%(rule)s” as not relevant. Look at whom it is for, and what it asks them to do.",
                        dismissed=dismissed,
                        asked=max(asked, dismissed),
                        rule=rule.name,
                    ),
                }
            )
            rule._remember({"told_date": fields.Datetime.now()})

    # ------------------------------------------------------------------ whom

    def _entry(self, ahead=0):
        """The condition, besides that of the audience, on whom the rule is for now, or so many days from now as far as
        time alone decides."""
        self.ensure_one()
        return Domain.FALSE if self._rests() else getattr(self, f"_entry_{self.trigger}")(ahead)

    def _rests(self):
        """Whether it is for the customers of a segment that is no active one: those are counted, and nothing more."""
        segment = self.audience_id.segment_id
        return bool(segment) and segment.state != "active"

    def _entry_enter(self, _ahead):
        return Domain.TRUE

    def _entry_leave(self, _ahead):
        return Domain.TRUE

    def _entry_grace(self, _ahead):
        return Domain("tier_until", "!=", False)

    def _entry_overdue(self, ahead):
        return Domain("overdue_date", "<", self.company_id._crm_plus_today() + timedelta(days=ahead))

    def _entry_number(self, _ahead):
        return Domain(self.number_field, self.number_operator, self.number_limit)

    def _entry_grade(self, _ahead):
        fits, engagements = (
            known[: known.index(least) + 1]
            for known, least in ((FITS, self.grade_fit), (ENGAGEMENTS, self.grade_engagement))
        )
        return Domain("lead_grade", "in", [fit + engagement for fit in fits for engagement in engagements])

    def _entry_silent(self, ahead):
        definer = self.audience_id._definer()
        days = self.silent_days - ahead
        return behavior.contacted(self.env, definer, self.company_id, days, self.channel_ids.ids)[1]

    def _entry_unanswered(self, _ahead):
        now = fields.Datetime.now()
        asked = self.channel_ids.ids or channels(self.env, MESSAGES)
        return behavior.unanswered(
            self.env, self.company_id, asked, now - FORGOTTEN, self._hours_ago(now, self.working_hours)
        )

    def _hours_ago(self, moment, hours):
        """The moment so many working hours before another one."""
        # sudo: the working hours of the company
        calendar = self.company_id.sudo().resource_calendar_id
        start = calendar and calendar.plan_hours(-hours, moment, compute_leaves=True)
        return start or moment - timedelta(hours=hours)

    def _entry_date(self, ahead):
        """On the day, and a little later when nothing has run meanwhile."""
        today = self.company_id._crm_plus_today() + timedelta(days=ahead)
        days = [today - timedelta(days=self.date_offset + late) for late in range(LATE)]
        zone = self.company_id._crm_plus_tz()

        def to_sql(model, alias, query):
            value = model._field_to_sql(alias, self.date_field, query)
            if model._fields[self.date_field].type == "datetime":
                value = SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", value, zone)
            if self.yearly:
                return SQL("to_char(%s, 'MMDD') = ANY(%s)", value, month_days(days))
            return SQL("%s::date = ANY(%s)", value, days)

        return Domain.custom(to_sql=to_sql)

    def _stays(self):
        """The condition, besides that of the audience, on who goes on being reached once they are."""
        return self._entry() if self.trigger in STAYING or self._rests() else Domain.TRUE

    def _is_entered(self):
        """Whether it reaches who comes in or leaves, not who is in it."""
        return self.trigger in ENTERED

    def _undoes_leaving(self):
        """Whether it is the other side of a rule that acts on leaving the same audience: both by server actions only,
        as they keep something elsewhere in line with who is in it."""
        others = self.search(
            [("audience_id", "=", self.audience_id.id), ("trigger", "=", "leave"), ("state", "=", "active")], limit=1
        )
        return bool(others) and set(self.step_ids.mapped("kind")) == {"action"}

    def _address_model(self):
        """The model of the documents that steps are taken on."""
        return "crm.lead" if self.kind == "lead" else "res.partner"

    # ------------------------------------------------------------------ scheduled action

    @api.model
    def _wake(self):
        """Have the scheduled action run soon."""
        # sudo: what is scheduled anyway runs sooner.
        if cron := self.env.ref("crm_plus_followup.ir_cron_follow_up", raise_if_not_found=False):
            cron.sudo()._trigger()

    @api.model
    def _cron_follow_up(self):
        """See whom each rule is for now, end what has a reason to end, and take the steps that are due."""
        before = fields.Datetime.now() - EVERY
        rules = self.search([("state", "in", ("active", "shadow"))])
        due = rules.filtered(lambda rule: not rule.evaluated_date or rule.evaluated_date < before)
        if not self._in_steps(due, type(self)._evaluate_next):
            return
        companies = self.env["crm.followup.policy"].search([]).company_id
        if not self._in_steps(companies, self.env["crm.followup.run"]._settle_next):
            return
        for company in companies:
            if not self._while_any(self._work_next, company):
                return

    def _evaluate(self):
        """Look at the whole audience within this transaction."""
        evaluation.Evaluation(self).run()
        self._remember({"evaluated_date": fields.Datetime.now()})

    def _evaluate_next(self):
        """Look at the next part of the audience; False as long as there is more of it."""
        memory = self.env["crm.job.memory"]
        after = memory._of(self).get(self.id, {}).get(LOOKED_AT) or 0
        last = evaluation.Evaluation(self).part(after)
        memory._note(self, JOB, {LOOKED_AT: last})
        if last:
            return False
        self._remember({"evaluated_date": fields.Datetime.now()})
        return True

    @api.model
    def _work_next(self, company):
        """Take the next due steps of a company; how many runs were looked at."""
        return Work(self.env, company).batch()

    @api.model
    def _note_problem(self, item, problem):  # pylint: disable=missing-return  # it returns nothing
        super()._note_problem(item, problem)
        if getattr(item, "_name", "") == self._name and (problem or item.error):
            item._remember({"error": problem or False})

    @api.ondelete(at_uninstall=False)
    def _unlink_without_history(self):
        if self.env["crm.followup.run"].search_count([("rule_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("Archive rules that have reached somebody, so that their history stays."))
