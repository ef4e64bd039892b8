from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import format_date

from ...services.followup import today

# How long a customer is put off.
SNOOZED = timedelta(days=7)
# When a customer who is not relevant is: never, as far as a calendar goes.
FOR_GOOD = fields.Date.to_date("2199-12-31")


class CrmFollowupToday(models.Model):
    """A customer or lead somebody should see to today, and why. Nothing is stored: what is done is gone from it."""

    _name = "crm.followup.today"
    _description = "Customer to see to today"
    _auto = False
    _order = "place, id"
    _rec_name = "partner_id"

    kind = fields.Selection(
        [
            ("activity", "To do"),
            ("hot", "Hot lead"),
            ("overdue", "Overdue customer"),
            ("unanswered", "Unanswered message"),
            ("falling", "Falling customer"),
        ],
        "Why",
        readonly=True,
    )
    record_id = fields.Integer(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date("Since", readonly=True)
    place = fields.Integer(readonly=True, aggregator=None, help="1: the most valuable one of the salesperson.")
    what = fields.Char("What to do", compute="_compute_what")
    phone = fields.Char(compute="_compute_reach")
    email = fields.Char(compute="_compute_reach")

    @property
    def _table_query(self):
        return today.query(self.env)

    @api.depends("kind", "record_id", "date")
    @api.depends_context("lang", "uid")
    def _compute_what(self):
        # sudo: the summary of an activity that is assigned to whoever may read the row
        activities = self.env["mail.activity"].sudo().browse(row.record_id for row in self if row.kind == "activity")
        texts = {activity.id: activity.summary or activity.activity_type_id.name for activity in activities.exists()}
        falls = self.filtered(lambda row: row.kind == "falling")._falls()
        for row in self:
            row.what = {
                "activity": lambda row=row: texts.get(row.record_id),
                "hot": lambda: self.env._("The lead is hot, and nobody has contacted it since: call now."),
                "overdue": lambda: self.env._("The usual time for an order has passed: ask what is missing."),
                "unanswered": lambda: self.env._("Nobody has answered the message: answer it."),
                "falling": lambda row=row: falls.get(row.record_id),
            }.get(row.kind, lambda: False)()

    def _falls(self):
        """``{profile id: what has fallen, in words}``."""
        texts = {}
        for profile in self.env["crm.customer.profile"].browse(self.mapped("record_id"))._filtered_access("read"):
            if profile.tier_until:
                until = format_date(self.env, profile.tier_until)
                texts[profile.id] = self.env._(
                    "%(tier)s only until %(date)s: say what is missing to keep it.",
                    tier=profile.tier_id.name,
                    date=until,
                )
                continue
            stay = profile.tier_stay_ids.filtered(lambda stay: not stay.date_to and stay.previous_tier_id)[:1]
            recent = fields.Date.context_today(self) - timedelta(days=today.FALLEN_DAYS)
            if stay and stay.date_from >= recent and stay.previous_tier_id.sequence > stay.tier_id.sequence:
                texts[profile.id] = self.env._(
                    "Fell from %(before)s to %(tier)s: ask why, and offer a way back.",
                    before=stay.previous_tier_id.name, tier=stay.tier_id.name,
                )  # fmt: skip
                continue
            member = profile.membership_ids.filtered(
                lambda stay, profile=profile: not stay.date_to and stay.segment_id == profile.segment_id
            )[:1]
            why = profile.segment_since and profile.segment_since >= recent and member.reason_text
            texts[profile.id] = (
                self.env._("Buys less (%(why)s): ask why.", why=why)
                if why
                else self.env._("Has lost a tier: ask why, and offer a way back.")
            )
        return texts

    @api.depends("partner_id", "lead_id")
    def _compute_reach(self):
        for row in self:
            row.phone = row.lead_id.phone or row.partner_id.phone
            row.email = row.lead_id.email_from or row.partner_id.email

    # ------------------------------------------------------------------ what is done with it

    def action_open(self):
        """The lead or the customer."""
        self._check_mine()
        return (self.lead_id or self.partner_id).get_formview_action()

    def action_log(self):
        """Log the call, the visit or the message with which it is done; of an activity, say how it ended."""
        self._check_mine()
        activity = self._activity() if self.kind == "activity" else self.env["mail.activity"]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Done") if activity else self.env._("Log interaction"),
            "res_model": "crm.interaction.log",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_lead_id": self.lead_id.id,
                "default_activity_ref": activity.id,
            },
        }

    def action_email(self):
        """Write an email about it."""
        self._check_mine()
        record = self.lead_id or self.partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Email"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": record._name,
                "default_res_ids": record.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": self.partner_id.ids,
            },
        }

    def action_meeting(self):
        """Plan a meeting in the calendar."""
        self._check_mine()
        return self.lead_id.action_schedule_meeting() if self.lead_id else self.partner_id.schedule_meeting()

    def action_quotation(self):
        """Write a quotation."""
        self._check_mine()
        self.env["sale.order"].check_access("create")
        if self.lead_id:
            return self.lead_id.action_sale_quotations_new()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Quotation"),
            "res_model": "sale.order",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_partner_id": self.partner_id.id},
        }

    def _in_a_week(self):
        """By the day of the user, like what is due today."""
        return fields.Date.context_today(self.env.user) + SNOOZED

    def action_done(self):
        """It is done: the activity is, and what is no activity is gone until there is a new reason."""
        self._check_mine()
        for row in self:
            if row.kind == "activity":
                row._activity().action_feedback()
            else:
                row._put_off(self._in_a_week())

    def action_snooze(self):
        """Not now: in a week."""
        self._check_mine()
        for row in self:
            if row.kind == "activity":
                row._activity().date_deadline = self._in_a_week()
            else:
                row._put_off(self._in_a_week())

    def action_dismiss(self):
        """Not relevant: it does not come back, and a rule that asked for it notes that."""
        self._check_mine()
        for row in self:
            if row.kind != "activity":
                row._put_off(FOR_GOOD)
                continue
            activity = row._activity()
            # sudo: what a rule has asked for; that it was not relevant is noted on it
            events = self.env["crm.followup.event"].sudo().search([("activity_ref", "=", activity.id)])
            events.run_id._tell("dismissed", lambda _run: self.env._("not relevant"))
            events.rule_id._tell_of_dismissals()
            activity.unlink()

    def _check_mine(self):
        """What is done with a row is done by who may see it."""
        self.check_access("read")
        if not self.exists() or not self.ids:
            raise AccessError(self.env._("This has been done already."))
        self.lead_id.check_access("read")
        self.partner_id.check_access("read")

    def _activity(self):
        return self.env["mail.activity"].browse(self.record_id)

    def _put_off(self, until):
        # sudo: a note for oneself, or for one's salesperson, of a row that one may see
        self.env["crm.followup.snooze"].sudo().create(
            {
                "kind": self.kind,
                "user_id": self.user_id.id,
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "lead_id": self.lead_id.id,
                "date_until": until,
            }
        )
        self.env.flush_all()
        self.invalidate_model(flush=False)
