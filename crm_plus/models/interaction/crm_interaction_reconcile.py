import logging

import psycopg2
from odoo import api, fields, models
from odoo.tools import SQL

from ...services.interaction.capture import session
from ...services.sql import DISTURBED

_logger = logging.getLogger(__name__)

# Ids read per committed step: a few seconds of work at most, so that a stopped server loses little.
BACKFILL_STEP = 50_000
RECONCILE_STEP = 1_000_000
HEAL_STEP = 5_000


class CrmInteractionSource(models.Model):
    _inherit = "crm.interaction.source"

    # ------------------------------------------------------------------ backfill

    def _restart_backfill(self):
        """Read everything again, newest first, by the scheduled action."""
        for source in self:
            # sudo: only restarts the reading, for who may change the source; shows nothing.
            source.sudo().write({"backfill_done": False, "backfill_next_id": 0, "backfill_total": 0})
        self.env["crm.job"]._wake("ir_cron_backfill")

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
        self._capture_queued()
        # The newest records of every source come before the older ones of any.
        fresh = self._to_backfill().filtered(lambda source: not source.backfill_total)
        if self._in_steps(fresh, self._backfill_newest):
            self._in_steps(self._to_backfill(), self._backfill_next)

    @api.model
    def _backfill_newest(self, source):
        self._backfill_next(source)

    @api.model
    def _backfill_next(self, source):
        if not source.try_lock_for_update():
            return True
        try:
            with self.env.cr.savepoint():
                return source._backfill_step()
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            source._note_failure(error)
            return True

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
        if source.try_lock_for_update():
            source._reconcile()

    def _reconcile(self):
        """Set difference of source and timeline over id ranges. What differs is captured again; counts stay on the
        record as its drift."""
        self.ensure_one()
        compiled = self._compiled_sources().get(self.id)
        if compiled is None:
            return
        counts = {"missing": 0, "stale": 0, "changed": 0}
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
                    self._heal(compiled, sorted({res_id for res_id, _kind in drift}))
                self._drain_queue()
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            self._note_failure(error)
            return
        self.env["crm.interaction"]._forget_cached()
        self.write(
            {"last_check": fields.Datetime.now(), "last_error": False}
            | {f"drift_{kind}": count for kind, count in counts.items()}
        )

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

    def _heal(self, compiled, res_ids):
        for start in range(0, len(res_ids), HEAL_STEP):
            session.run_ids(self.env.cr, compiled.statements.capture, res_ids[start : start + HEAL_STEP])

    @api.model
    def _capture_queued(self):
        """Capture again what two transactions captured at once. What is queued because its source is broken waits for
        the next check."""
        self.env.cr.execute(
            SQL(
                """WITH queued AS (SELECT id FROM crm_interaction_queue WHERE error IS NULL
                                    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED),
                        taken AS (DELETE FROM crm_interaction_queue WHERE id IN (SELECT id FROM queued)
                                  RETURNING source_id, res_id)
                   SELECT source_id, array_agg(DISTINCT res_id) FROM taken GROUP BY source_id""",
                HEAL_STEP,
            )
        )
        notes = session.Notes()
        for source_id, res_ids in self.env.cr.fetchall():
            notes.add(source_id, res_ids)
        # what fails once more is queued once more
        self.env["crm.interaction"]._capture_notes(notes)
        self.env["crm.interaction.queue"].invalidate_model(flush=False)

    def _drain_queue(self):
        """The comparison has covered what is queued; rows others are adding stay for the next time."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_interaction_queue WHERE id IN (
                       SELECT id FROM crm_interaction_queue WHERE source_id = %s FOR UPDATE SKIP LOCKED)""",
                self.id,
            )
        )
        self.env["crm.interaction.queue"].invalidate_model(flush=False)

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
