import logging

import psycopg2
from odoo import models
from odoo.tools import SQL

from ...services.interaction.capture import session

_logger = logging.getLogger(__name__)


class CrmInteraction(models.Model):
    _inherit = "crm.interaction"

    def _capture_notes(self, notes):
        """Bring the timeline in line with what this transaction touched: one round trip, in one savepoint.

        When it fails, each source is tried alone; the broken one is logged, its records are queued, and the
        transaction of the user goes on.
        """
        if notes.documents:
            self._add_dependents(notes)
        compiled = self.env["crm.interaction.source"]._compiled_sources()
        captures = [
            (compiled[source_id].statements, sorted(ids))
            for source_id, ids in notes.records.items()
            if source_id in compiled
        ]
        if not captures:
            return
        try:
            session.run_captures(self.env.cr, captures)
        except psycopg2.Error:
            self._capture_one_by_one(notes, compiled)
        self._forget_cached()

    def _add_dependents(self, notes):
        """What is about a document follows its customer, responsible and company."""
        for model_name, ids in notes.documents.items():
            condition = SQL("document_model = %s AND document_id = ANY(%s)", model_name, list(ids))
            if model_name == "crm.lead":
                self._give_partner(list(ids))
                condition = SQL("(%s OR lead_id = ANY(%s))", condition, list(ids))
            rows = self.env.execute_query(
                SQL(
                    """SELECT source_id, array_agg(DISTINCT res_id) FROM crm_interaction
                        WHERE res_id IS NOT NULL AND %s GROUP BY source_id""",
                    condition,
                )
            )
            for source_id, res_ids in rows:
                notes.add(source_id, res_ids)

    def _give_partner(self, lead_ids):
        """What was logged by hand or sent in for a lead without a customer gets the customer the lead gets."""
        self.env.execute_query(
            SQL(
                """UPDATE crm_interaction i
                      SET partner_id = COALESCE(i.partner_id, l.partner_id), document_user_id = l.user_id
                     FROM crm_lead l
                    WHERE i.lead_id = l.id AND l.id = ANY(%s) AND i.res_id IS NULL
                      AND (i.partner_id IS NULL AND l.partner_id IS NOT NULL
                           OR i.document_user_id IS DISTINCT FROM l.user_id)
                RETURNING i.id""",
                lead_ids,
            )
        )

    def _capture_one_by_one(self, notes, compiled):
        for source_id, ids in notes.records.items():
            if source_id not in compiled:
                continue
            try:
                with self.env.cr.savepoint(flush=False):
                    session.run_ids(self.env.cr, compiled[source_id].statements.capture, sorted(ids))
            except psycopg2.extensions.TransactionRollbackError:
                # Another transaction has just captured the same records; this one cannot see what it wrote.
                _logger.info("Interaction source %s: %s record(s) are captured again in a moment", source_id, len(ids))
                self._queue(source_id, ids, None)
                self.env["crm.job"]._wake("ir_cron_backfill")
            except psycopg2.Error as error:
                _logger.warning("Interaction source %s could not capture %s record(s): %s", source_id, len(ids), error)
                self._queue(source_id, ids, str(error).strip())

    def _queue(self, source_id, ids, error):
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        """INSERT INTO crm_interaction_queue (source_id, res_id, error, date)
                           SELECT %s, unnest(%s), %s, now() AT TIME ZONE 'UTC'""",
                        source_id,
                        list(ids),
                        error,
                    ),
                    log_exceptions=False,
                )
        except psycopg2.Error as queue_error:
            # The nightly reconciliation finds them without the queue.
            _logger.warning("Interaction source %s: queueing failed too: %s", source_id, queue_error)

    def _forget_cached(self):
        self.invalidate_model(flush=False)
        self.env["res.partner"].invalidate_model(["interaction_count", "last_interaction_date"], flush=False)
        self.env["crm.lead"].invalidate_model(["interaction_count"], flush=False)
