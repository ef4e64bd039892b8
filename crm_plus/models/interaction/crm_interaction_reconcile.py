import logging

import psycopg2
from odoo import api, fields, models
from odoo.tools import SQL

from ...services.interaction.capture import session
from ...services.sql import DISTURBED

_logger = logging.getLogger(__name__)

# Ids read per committed step: a second of work at most, so that a stopped server loses little.
BACKFILL_STEP = 10_000
RECONCILE_STEP = 1_000_000
# Records captured in one transaction of the scheduled action: short, as users may change them meanwhile.
CAPTURE_STEP = 1_000


class CrmInteractionSource(models.Model):
    _inherit = "crm.interaction.source"

    # ------------------------------------------------------------------ backfill

    def _restart_backfill(self):
        """Read everything again, newest first, by the scheduled action."""
        for source in self:
            # sudo: only restarts the reading, for who may change the source; shows nothing.
            source.sudo().write({"backfill_done": False, "backfill_next_id": 0, "backfill_total": 0})
        self.env["crm.job"]._wake("ir_cron_backfill")
        self._retry_capture()

    def _retry_capture(self):
        """What these sources could not capture is captured again soon."""
        self.env["crm.interaction.queue"]._retry(self.ids)
        self.env["crm.job"]._wake("ir_cron_capture")

    @api.model
    def _to_backfill(self):
        sources = self.search([("kind", "=", "records")])
        return sources.filtered(lambda source: source.id in self._compiled_sources() and not source.backfill_done)

    def _backfill_step(self, step=BACKFILL_STEP):
        """Insert what is missing of the next ``step`` record ids, newest first; True when the source is complete."""
        self.ensure_one()
        compiled = self._compiled_sources()[self.id]
        high = self.backfill_next_id
        if not self.backfill_total:
            self.env[compiled.model_name].flush_model()
            high = self._max_id(compiled.table)
            self.backfill_total = high
        low = max(high - step, 0)
        if high:
            session.run_range(self.env.cr, compiled.statements.backfill, low + 1, high)
            self.env["crm.interaction"]._forget_cached()
        self.backfill_next_id = low
        if not low:
            # What an earlier setting of the source left behind goes with the first check.
            self.write({"backfill_done": True, "last_error": False})
        _logger.info("Interaction history: %s %.0f %% (records above %s)", self.name, self.backfill_progress, low)
        return not low

    def _max_id(self, table):
        return self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))[0][0]

    @api.model
    def _cron_backfill(self):
        """Load the history in committed steps; a killed run goes on where its last commit was."""
        # The newest records of every source come before the older ones of any.
        fresh = self._to_backfill().filtered(lambda source: not source.backfill_total)
        if self._in_steps(fresh, self._backfill_newest):
            self._in_steps(self._to_backfill(), self._backfill_next)

    @api.model
    def _backfill_newest(self, source):
        self._backfill_next(source)

    @api.model
    def _backfill_next(self, source):
        if not source._try_lock():
            return True
        try:
            with self.env.cr.savepoint():
                return source._backfill_step()
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            source._note_failure(error)
            return True

    def _try_lock(self):
        """Whether no other backfill or check of this source runs. The row itself is never locked: what users do is
        captured with a reference to it."""
        return self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('crm.interaction.source'), %s)", self.id)
        )[0][0]

    @api.model
    def _note_problem(self, item, problem):
        if problem and getattr(item, "_name", "") == self._name:
            item._note_failure(problem)
        return super()._note_problem(item, problem)

    def _note_failure(self, error):
        _logger.warning("Interaction source %s failed: %s", self.name, error)
        self.last_error = str(error).strip()

    # ------------------------------------------------------------------ reconciliation

    @api.model
    def _cron_reconcile(self):
        """Compare every source with the timeline and mend what differs; one commit a source."""
        sources = self.search([("kind", "=", "records")], order="id")
        self._in_rounds(sources.filtered(lambda s: s.id in self._compiled_sources()), self._reconcile_next)

    @api.model
    def _reconcile_next(self, source):
        if source._try_lock():
            source._compare()
            source._retry_capture()

    def _reconcile(self):
        """Compare this source with the timeline, and mend what differs at once."""
        if self._compare():
            self._capture_queued()

    def _compare(self):
        """Set difference of source and timeline over id ranges. What differs is queued to be captured again; counts
        stay on the record as its drift. False when the source does not work.

        It only reads and queues: users change any of these records meanwhile, and wait for nothing.
        """
        self.ensure_one()
        compiled = self._compiled_sources().get(self.id)
        if compiled is None:
            return False
        counts, queue = {"missing": 0, "stale": 0, "changed": 0}, self.env["crm.interaction.queue"]
        try:
            with self.env.cr.savepoint():
                self.env.flush_all()
                # Hash joins of a million rows fit; the setting ends with the transaction.
                self.env.cr.execute("SET LOCAL work_mem = '128MB'")
                for low, high in self._ranges(compiled.table):
                    session.run_range(self.env.cr, compiled.statements.drift, low, high)
                    drift = self.env.cr.fetchall()
                    for _res_id, kind in drift:
                        counts[kind] += 1
                    queue._add({self.id: sorted({res_id for res_id, _kind in drift})})
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            self._note_failure(error)
            return False
        queue._retry(self.ids)
        noted = {f"drift_{kind}": count for kind, count in counts.items()}
        self.write(noted | {"last_check": fields.Datetime.now(), "last_error": False})
        return True

    def _ranges(self, table):
        """Id ranges that cover both sides."""
        rows = self.env.execute_query(
            SQL(
                """SELECT LEAST(s.low, i.low), GREATEST(s.high, i.high)
                     FROM (SELECT min(id) AS low, max(id) AS high FROM %s) s,
                          (SELECT min(res_id) AS low, max(res_id) AS high
                             FROM crm_interaction WHERE source_id = %s) i""",
                SQL.identifier(table),
                self.id,
            )
        )
        low, high = rows[0]
        while low is not None and low <= high:
            yield low, min(low + RECONCILE_STEP - 1, high)
            low += RECONCILE_STEP

    # ------------------------------------------------------------------ the queue

    @api.model
    def _cron_capture(self):
        """Capture what is queued, in committed steps."""
        due = [("captured_by", "=", False), ("date", "<=", fields.Datetime.now())]
        self._committed(self.env["crm.interaction.queue"].search_count, due, progress=lambda left: {"remaining": left})
        self._while_any(self._capture_next)

    @api.model
    def _capture_queued(self):
        """Capture all that is queued, in this transaction."""
        while self._capture_next():
            pass

    @api.model
    def _capture_next(self):
        """Capture the next records of the queue; how many rows of it."""
        queue, count = self.env["crm.interaction.queue"], 0
        for source_id, document_model, first, leaving, res_ids in queue._take(CAPTURE_STEP):
            count += len(first) + len(leaving)
            if document_model:
                # what is about them is captured by the next step
                queue._add(dict(self.env["crm.interaction"]._dependents(document_model, res_ids)))
                error = None
            else:
                error = self._capture_ids(source_id, res_ids)
            if error:
                queue._put_off([*first, *leaving], error)
            else:
                queue._done(first, leaving)
        if count:
            queue.invalidate_model(flush=False)
            self.env["crm.interaction"]._forget_cached()
        return count

    @api.model
    def _capture_ids(self, source_id, res_ids):
        """Capture these records of a source; why it is not possible just now, if it is not."""
        compiled = self._compiled_sources().get(source_id)
        if compiled is None:
            # an app that went, or settings that make no sense: as soon as it works
            return self.browse(source_id).exists() and self.env._("The source does not work.")
        try:
            with self.env.cr.savepoint(flush=False):
                session.run_ids(self.env.cr, compiled.statements.capture, res_ids)
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            _logger.warning("Interaction source %s could not capture %s record(s): %s", source_id, len(res_ids), error)
            return str(error).strip()
        return None

    # ------------------------------------------------------------------ apps that come later

    def _register_hook(self):
        super()._register_hook()
        if self.env.registry.updated_modules:
            self._wake_sources()

    @api.model
    def _wake_sources(self):
        """Sources whose app has just arrived load their history."""
        if self._to_backfill():
            self.env["crm.job"]._wake("ir_cron_backfill")
