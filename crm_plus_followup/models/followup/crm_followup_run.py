from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...services.followup.stops import Stops

MANAGER = "crm_plus.group_crm_plus_manager"
# Runs that one step of the scheduled action looks at, and may end: some seconds of work.
ENDED_AT_ONCE = 5_000
# Where more are open, all of them are looked at so often at most; what is remembered of it.
LOOKED_EVERY, STOPS = timedelta(minutes=10), "stops_looked_for"


class CrmFollowupRun(models.Model):
    """One customer or lead on its way through a rule: which step is next and when, what was done, why it ended."""

    _name = "crm.followup.run"
    _inherit = ["crm.filled.mixin"]
    _filled_by = "ir_cron_follow_up"
    _description = "Follow-up"
    _order = "date_start desc, id desc"
    _log_access = False

    rule_id = fields.Many2one("crm.followup.rule", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="cascade")
    state = fields.Selection(
        [
            ("open", "Under way"),
            ("done", "Done"),
            ("stopped", "Stopped"),
            ("dropped", "Dropped by a limit"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="open",
    )
    shadow = fields.Boolean("Test run", readonly=True, help="Steps are recorded, and nothing is done.")
    step_id = fields.Many2one(
        "crm.followup.step", "Next step", readonly=True, index="btree_not_null", ondelete="set null"
    )
    date_start = fields.Datetime("Started", required=True, readonly=True)
    date_next = fields.Datetime("Next step on", readonly=True)
    date_end = fields.Datetime("Ended", readonly=True)
    value = fields.Float(
        "Expected value",
        readonly=True,
        aggregator="sum",
        help="What the customer or lead is expected to bring, when it came to the rule: more of it is done first.",
    )
    reason = fields.Selection(
        [
            ("reply", "Replied"),
            ("order", "Ordered"),
            ("left", "Left the audience"),
            ("back", "Back in the audience"),
            ("closed", "Deal closed"),
            ("optout", "Opted out"),
            ("archived", "Archived"),
            ("manual", "Stopped manually"),
            ("rule", "Rule changed"),
        ],
        "Why it stopped",
        readonly=True,
    )
    note = fields.Char("Held back", readonly=True)
    error = fields.Text("Problem", readonly=True)
    event_ids = fields.One2many("crm.followup.event", "run_id", "Steps taken")

    # While it lasts there is one for a customer and one for a lead: the database decides, whoever is at it.
    _customer_unique = models.UniqueIndex("(rule_id, partner_id) WHERE state = 'open' AND lead_id IS NULL")
    _lead_unique = models.UniqueIndex("(rule_id, lead_id) WHERE state = 'open' AND lead_id IS NOT NULL")
    _due_index = models.Index("(company_id, value DESC, id) INCLUDE (rule_id, date_next) WHERE state = 'open'")
    _rule_index = models.Index("(rule_id, state, reason)")
    _pause_index = models.Index("(rule_id, partner_id, date_start)")

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for run in self:
            run.display_name = (run.lead_id or run.partner_id).display_name

    def action_stop(self):
        """Stop these runs; what is open of them is closed."""
        self._check_manager()
        self.filtered(lambda run: run.state in ("open", "failed"))._end("stopped", "manual")

    def action_retry(self):
        """Take the step that failed once more."""
        self._check_manager()
        failed = self.filtered(lambda run: run.state == "failed" and run.step_id)
        again = failed.filtered(lambda run: not run._twin())
        # sudo: runs are written by scheduled actions; a manager has them tried again.
        again.sudo().write({"state": "open", "error": False, "date_end": False, "date_next": fields.Datetime.now()})
        self.env["crm.followup.rule"]._wake()

    def _check_manager(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a CRM Plus manager can do this."))

    def _twin(self):
        """Another run of the same customer or lead through the same rule that is under way."""
        key = "lead_id" if self.lead_id else "partner_id"
        alike = [("rule_id", "=", self.rule_id.id), ("state", "=", "open"), ("id", "!=", self.id)]
        return self.search([*alike, (key, "=", self[key].id)], limit=1)

    # ------------------------------------------------------------------ on the way

    def _record(self):
        """The document that steps are taken on: the lead, else the customer."""
        return self.lead_id or self.partner_id

    def _contact(self):
        """Whom steps are about: of a lead, the customer it has now, if any."""
        return self.lead_id.partner_id if self.lead_id else self.partner_id

    def _end(self, state, reason=False):
        """These runs are over; their open activities are closed, and the timeline says why."""
        if not self:
            return
        # sudo: runs are written by scheduled actions; who may stop one has been checked.
        runs, now = self.sudo(), fields.Datetime.now()
        runs.write({"state": state, "reason": reason, "date_end": now, "date_next": False, "note": False})
        if state == "stopped":
            runs._close_activities()
            labels = dict(runs._fields["reason"]._description_selection(self.env))
            runs._tell("stopped", lambda run: labels.get(reason))

    def _close_activities(self):
        """Nobody has to do any more what these runs asked for."""
        refs = self.event_ids.filtered("activity_ref").mapped("activity_ref")
        # sudo: activities that rules made; whoever they are assigned to is rid of them.
        self.env["mail.activity"].sudo().search([("id", "in", refs), ("active", "=", True)]).unlink()

    def _tell(self, kind, text, **values):
        """Note what happened with each of these runs: ``text(run)`` in words."""
        now = fields.Datetime.now()
        return self.env["crm.followup.event"].create(
            [
                {
                    "run_id": run.id,
                    "rule_id": run.rule_id.id,
                    "step_id": run.step_id.id,
                    "company_id": run.company_id.id,
                    "partner_id": run._contact().id,
                    "lead_id": run.lead_id.id,
                    "date": now,
                    "kind": kind,
                    "summary": self.env._("%(rule)s: %(what)s", rule=run.rule_id.name, what=text(run)),
                    "shadow": run.shadow,
                    **{name: value[run] for name, value in values.items() if value.get(run)},
                }
                for run in self
            ]
        )

    def _move_on(self, step):
        """The next step; after the last one it is over when nothing is open of it, so that what stops it meanwhile
        closes that."""
        if not step:
            self.write({"step_id": False, "date_next": False, "note": False})
            return self._finish()
        return self.write(
            {
                "step_id": step.id,
                "date_next": fields.Datetime.add(fields.Datetime.now(), days=step.delay_days),
                "note": False,
                "error": False,
            }
        )

    def _finish(self):
        """Those of these runs that have taken all steps, and whose activities are done, are over."""
        last = self.filtered(lambda run: run.state == "open" and not run.step_id)
        # sudo: which activities are still open, whoever they are assigned to
        asked = self.env["mail.activity"].sudo().browse(last.event_ids.mapped("activity_ref"))
        still_open = set(asked.search([("id", "in", asked.ids), ("active", "=", True)]).ids)
        last.filtered(lambda run: still_open.isdisjoint(run.event_ids.mapped("activity_ref")))._end("done")

    @api.model
    def _finish_next(self, company):
        """End some of the runs of a company that have taken all steps, as far as nothing is open of them; how many."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id FROM crm_followup_run r
                    WHERE r.company_id = %s AND r.state = 'open' AND r.step_id IS NULL
                      AND NOT EXISTS (SELECT FROM crm_followup_event e JOIN mail_activity a ON a.id = e.activity_ref
                                       WHERE e.run_id = r.id AND a.active)
                    LIMIT %s""",
                company.id,
                ENDED_AT_ONCE,
            )
        )
        self.browse(row[0] for row in rows)._end("done")
        return len(rows)

    def _fail(self, error):
        self.write({"state": "failed", "error": str(error), "date_end": fields.Datetime.now(), "date_next": False})

    def _hold_back(self, moment, note):
        """What may not be done now waits until then, or is dropped, as the rule says."""
        if self.rule_id.held_back == "drop":
            self._end("dropped")
            self.note = note
        else:
            self.write({"date_next": moment, "note": note})

    @api.model
    def _withdraw_next(self, company):
        """Take away some of the pricelists that rules have set, of who has left the audience (for rules that begin on
        leaving: of who is back in it) or whose rule is over; how many."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id FROM crm_followup_event e
                     JOIN crm_followup_rule rule ON rule.id = e.rule_id
                     LEFT JOIN crm_followup_member m ON m.rule_id = e.rule_id
                               AND (m.lead_id = e.lead_id OR e.lead_id IS NULL AND m.lead_id IS NULL
                                                             AND m.partner_id = e.partner_id)
                    WHERE e.added_pricelist_id IS NOT NULL AND e.company_id = %s
                      AND (NOT rule.active OR rule.state = 'draft'
                           OR COALESCE(m.present, FALSE) = (rule.trigger = 'leave'))
                    LIMIT %s""",
                company.id,
                ENDED_AT_ONCE,
            )
        )
        events = self.env["crm.followup.event"].browse(row[0] for row in rows)
        for event in events:
            customer = (event.partner_id or event.lead_id.partner_id).commercial_partner_id.with_company(company)
            if customer and customer.specific_property_product_pricelist == event.added_pricelist_id:
                customer.specific_property_product_pricelist = False
                event.run_id._tell("withdrawn", lambda _run, event=event: event.added_pricelist_id.name)
        events.added_pricelist_id = False
        return len(events)

    @api.model
    def _settle_next(self, company):
        """End some of the runs of a company that have a reason to end or have taken all steps, and take away some of
        what is to be withdrawn; False as long as there may be more."""
        return self._stop_next(company) and not self._finish_next(company) and not self._withdraw_next(company)

    @api.model
    def _stop_next(self, company):
        """Look at the next open runs of a company and end those that have a reason to end; False as long as there are
        more to look at. Of very many, all are looked at once in some minutes: a step that is due asks once more."""
        memory, now = self.env["crm.job.memory"], fields.Datetime.now()
        noted = memory._of(company).get(company.id, {}).get(STOPS) or {}
        after, looked = noted.get("after") or 0, fields.Datetime.to_datetime(noted.get("looked"))
        if not after and looked and looked > now - LOOKED_EVERY:
            return True
        ids = self._open_after(company, after)
        for reason, found in Stops(self.env, company, ids).found().items():
            self.browse(found)._end("stopped", reason)
        is_more = len(ids) == ENDED_AT_ONCE
        done = {"looked": fields.Datetime.to_string(now)} if after else {}
        memory._note(company, "followup", {STOPS: {"after": ids[-1]} if is_more else done})
        return not is_more

    @api.model
    def _open_after(self, company, after):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM crm_followup_run WHERE company_id = %s AND state = 'open' AND id > %s
                    ORDER BY id LIMIT %s""",
                company.id,
                after,
                ENDED_AT_ONCE,
            )
        )
        return [row[0] for row in rows]
