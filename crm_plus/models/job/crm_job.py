from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...services.customer import words
from ...services.job import installation

# One that is overdue by so much is not run at all; one that gave no sign of life for so long was stopped.
PATIENCE = timedelta(hours=1)
# What a new installation waits for. Their priorities are in this order: history, customers, scores, predictions, and
# the figures of the past.
FIRST = (
    "ir_cron_backfill", "ir_cron_refresh_profiles", "ir_cron_rescore", "ir_cron_train", "ir_cron_refresh_affinity",
    "ir_cron_record_kpi",
)  # fmt: skip
# Whose actions may fail for a customer.
ACTING = ("crm.segment.membership", "crm.tier.stay")


class CrmJob(models.Model):
    """How one scheduled action of CRM Plus is doing, from what the host keeps of its runs. Nothing is stored."""

    _name = "crm.job"
    _description = "CRM Plus scheduled action"
    _auto = False
    _order = "nextcall, id"
    _depends = {
        "ir.cron": ["active", "nextcall", "lastcall", "failure_count"],
        "ir.cron.progress": ["cron_id", "done", "remaining", "timed_out_counter"],
        "ir.cron.trigger": ["cron_id", "call_at"],
    }

    cron_id = fields.Many2one("ir.cron", string="Scheduled action record", readonly=True, groups="base.group_system")
    code = fields.Char(readonly=True)
    name = fields.Char("Scheduled action", compute="_compute_name")
    enabled = fields.Boolean(readonly=True)
    nextcall = fields.Datetime("Next run", readonly=True)
    started = fields.Datetime("Last run", readonly=True)
    seconds = fields.Float(readonly=True, digits=(10, 1), help="How long the last run took.")
    last_activity = fields.Datetime("Last activity", readonly=True)
    done = fields.Integer(readonly=True)
    remaining = fields.Integer(readonly=True)
    unfinished = fields.Boolean(readonly=True)
    failure_count = fields.Integer("Failures in a row", readonly=True)
    result = fields.Char("Result of the last run", compute="_compute_result")
    state = fields.Selection(
        [
            ("waiting", "Not run yet"),
            ("done", "Done"),
            ("running", "Running"),
            ("problem", "Problem"),
            ("failing", "Failing"),
            ("late", "Overdue"),
            ("off", "Switched off"),
        ],
        compute="_compute_state",
    )
    advice = fields.Text("Recommended actions", compute="_compute_state")

    @property
    def _table_query(self):
        """The host interrupts long runs: those of an action that follow one another at once are one run.

        It keeps them for a week; of an older run only its moment is left.
        """
        return SQL(
            """SELECT c.id, c.id AS cron_id, d.name AS code, c.active AS enabled, c.failure_count,
                      LEAST(c.nextcall, (SELECT min(call_at) FROM ir_cron_trigger t WHERE t.cron_id = c.id))
                          AS nextcall,
                      COALESCE(run.started, c.lastcall) AS started,
                      EXTRACT(EPOCH FROM run.last_activity - run.started)::numeric AS seconds,
                      run.last_activity, run.done, run.remaining, run.unfinished
                 FROM ir_cron c
                 JOIN ir_model_data d ON d.model = 'ir.cron' AND d.res_id = c.id AND d.module LIKE 'crm\\_plus%%'
                 LEFT JOIN (
                      SELECT cron_id, min(create_date) AS started, max(write_date) AS last_activity,
                             sum(done)::int AS done,
                             (array_agg(remaining ORDER BY id DESC))[1] AS remaining,
                             (array_agg(timed_out_counter > 0 ORDER BY id DESC))[1] AS unfinished
                        FROM (SELECT *, sum(paused) OVER (PARTITION BY cron_id ORDER BY id DESC) AS runs_since
                                FROM (SELECT *, (lead(create_date) OVER (PARTITION BY cron_id ORDER BY id)
                                                 > write_date + interval '5 seconds')::int AS paused
                                        FROM ir_cron_progress) steps) runs
                       WHERE COALESCE(runs_since, 0) = 0 GROUP BY cron_id) run ON run.cron_id = c.id"""
        )

    @api.depends("cron_id")
    @api.depends_context("lang")
    def _compute_name(self):
        for job in self:
            name = job.sudo().cron_id.name  # sudo: the name of one of our records; whoever sees this may know what runs
            name = name.partition(": ")[2] or name
            job.name = name[:1].upper() + name[1:]

    @api.depends("code", "done", "remaining", "last_activity")
    @api.depends_context("lang")
    def _compute_result(self):
        counted = self._counted()
        for job in self:
            result = counted.get(job.code, self.env._("steps: %s")) % job.done
            if job.remaining:
                left = self.env._("remaining: %s", job.remaining)
                result = self.env._("%(first)s, %(second)s", first=result, second=left)
            elif not job.done:
                result = job.last_activity and self.env._("nothing to do")
            job.result = result

    @api.model
    def _counted(self):
        """``{code: what the action counts}``; any other counts steps. Intended to be extended."""
        companies, moves = self.env._("companies: %s"), self.env._("changes of segment or tier: %s")
        return {
            "ir_cron_refresh_affinity": companies,
            "ir_cron_train_predictions": companies,
            "ir_cron_record_kpi": companies,
            "ir_cron_refresh_touched": self.env._("customers: %s"),
            "ir_cron_act_on_segments": moves,
            "ir_cron_act_on_tiers": moves,
            "ir_cron_touched_scores": self.env._("changes: %s"),
            "ir_cron_reconcile": self.env._("sources: %s"),
            "ir_cron_check_drift": self.env._("versions: %s"),
        }

    @api.depends("enabled", "nextcall", "started", "unfinished", "last_activity", "failure_count", "cron_id")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_state(self):
        for job in self:
            job.state, job.advice = job._health()

    def _health(self):
        """(state, what to do about it)."""
        latest = fields.Datetime.now() - PATIENCE
        if not self.enabled:
            return "off", self.env._("An administrator can turn it on: click this row to open it.")
        if self.unfinished and self.last_activity > latest:
            return "running", False
        if self.failure_count:
            return "failing", self.env._(
                "Failed %s times in a row. Run it to see the error; the server log has the details.", self.failure_count
            )
        if self.nextcall < latest:
            return "late", self.env._(
                "The server does not run scheduled actions (--max-cron-threads must be above 0), or this one was "
                "stopped at its time limit (--limit-time-real-cron)."
            )
        problem = self._problem()
        return ("problem", problem) if problem else ("done" if self.started else "waiting", False)

    def _problem(self):
        """What kept the action from some of the companies the user works in."""
        # sudo: why an action failed for a company of the user's
        problems = {
            company.name: company._crm_plus_problem(self.id) or self._failed_for(company)
            for company in self.env.companies.sudo()
        }
        return "\n".join(f"{name}: {problem}" for name, problem in problems.items() if problem)

    def _failed_for(self, company):
        """How many customers of a company an action on entering or leaving failed for."""
        model = next((name for name in ACTING if self.env[name]._act_cron == self.code), None)
        # sudo: a number only
        failed = model and self.env[model].sudo().search_count(
            [("company_id", "=", company.id), ("failed", "!=", False)]
        )
        return failed and self.env._(
            "Actions failed for %s: see the changes “With problems”, and try them again there.",
            words.customers(self.env, failed),
        )

    @api.model
    def _wake(self, name, at=None):
        """Have one of our scheduled actions run soon, or at the moments ``at``. One that an administrator has deleted
        stays away, and what would have woken it goes on."""
        if cron := self.env.ref(f"crm_plus.{name}", raise_if_not_found=False):
            # sudo: what is scheduled anyway runs sooner, by whatever a user may do; nothing of it is changed or shown.
            cron.sudo()._trigger(at)

    @api.model
    def _wake_for_user(self, name):
        """The same for a user who waits for what it does: refused when nothing would come of it."""
        cron = self.env.ref(f"crm_plus.{name}", raise_if_not_found=False)
        if not cron:
            raise UserError(
                self.env._(
                    "The scheduled action that does this (%s) was deleted. Ask an administrator to create it again "
                    "with this external ID.",
                    f"crm_plus.{name}",
                )
            )
        if not cron.sudo().active:  # sudo: as in `_wake`; its name is shown to who has a button for it
            raise UserError(
                self.env._(
                    "Ask an administrator to turn on the scheduled action “%s”, which does this.", cron.sudo().name
                )
            )
        self._wake(name)

    @api.model
    def _when(self, code):
        """When one of our scheduled actions runs next, in words."""
        # sudo: when it runs, for who waits for it
        job = self.sudo().search([("code", "=", code)], limit=1)
        if not job or not job.enabled:
            return self.env._("its scheduled action is switched off")
        if job.nextcall <= fields.Datetime.now():
            return self.env._("within minutes")
        now, then = (fields.Datetime.context_timestamp(self, one) for one in (fields.Datetime.now(), job.nextcall))
        days, time = (then.date() - now.date()).days, then.strftime("%H:%M")
        if days > 1:
            return self.env._("next in %(days)s days at %(time)s", days=days, time=time)
        return self.env._("next tomorrow at %s", time) if days else self.env._("next today at %s", time)

    def init(self):
        """The first of all models of an installation: the host's tables get their columns before anything is locked."""
        if self.pool._is_install:
            installation.widen_host_tables(self.env, "crm_plus")
            self.pool.post_init(installation.refer_to_host_tables, self.env)

    @api.model
    def _wake_first(self):
        """Have everything computed soon, after an installation."""
        for name in FIRST:
            self._wake(name)

    # ------------------------------------------------------------------ buttons

    def action_open(self):
        """The host's own record, for who may see it."""
        cron = self._own_cron().sudo(False)
        return cron.has_access("read") and cron.get_formview_action()

    def action_run(self):
        """Have it run as soon as a worker is free; one that fails here and now, which shows what stops it."""
        cron = self._own_cron()
        if self.state == "failing":
            return cron.method_direct_trigger()
        cron._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("It runs within a minute.")},
        }

    def _own_cron(self):
        """The host's record, to run it; it is always one of CRM Plus."""
        self.check_access("read")
        return self.sudo().cron_id  # sudo: checked above; only managers and administrators may read these
