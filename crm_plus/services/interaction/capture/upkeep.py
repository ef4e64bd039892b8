"""The timeline follows what a transaction touched, whatever goes wrong in between."""

import logging
from functools import partial

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from ...sql import DISTURBED
from . import session

_logger = logging.getLogger(__name__)

# The parameter that says when interactions are captured: "now", or within a "minute".
WHEN = "crm_plus.capture"


class Upkeep:
    """Brings the timeline in line, in the transaction of ``env``."""

    def __init__(self, env):
        self.env = env

    def run(self, notes):
        """Bring the timeline in line with what this transaction touched: one round trip, in one savepoint.

        Whatever goes wrong, the user's transaction goes on: what could not be captured is queued. In a database that
        keeps its history within a minute all is queued, by one insert.
        """
        if self.env["ir.config_parameter"].get_param(WHEN) == "minute":
            for source_id, ids in notes.leaving.items():
                notes.add(source_id, ids)
            self._leave_for_later(notes.records, notes.documents)
            return
        try:
            if notes.leaving:
                self._add_leaving(notes)
            if notes.documents:
                self._add_dependents(notes)
            self._capture_records(notes.records)
        except Exception as error:  # a source may read any module's model
            _logger.exception("Interactions follow by the scheduled action")
            self._queue(notes.records, notes.documents, str(error).strip())

    def _add_leaving(self, notes):
        """Of what can be in the timeline no more, capture what is in it: to look takes a tenth of a capture."""
        leaving = {(source_id, record_id) for source_id, ids in notes.leaving.items() for record_id in ids}
        rows = self.env.execute_query(
            SQL(
                "SELECT source_id, res_id FROM crm_interaction WHERE source_id = ANY(%s) AND res_id = ANY(%s)",
                list(notes.leaving),
                list({record_id for _source_id, record_id in leaving}),
            )
        )
        for source_id, record_id in leaving.intersection(rows):
            notes.add(source_id, [record_id])

    def _capture_records(self, records):
        """When another transaction is in the way, such as one that captures the same records, waiting for it would be
        the user's waiting: all are queued. When a source fails each is tried alone, and the broken one queued."""
        compiled = self.env["crm.interaction.source"]._compiled_sources()
        records = {source_id: sorted(ids) for source_id, ids in records.items() if source_id in compiled}
        if not records:
            return
        try:
            session.run_captures(self.env.cr, [(compiled[key].statements, ids) for key, ids in records.items()])
        except DISTURBED as error:
            _logger.info("Interactions are captured in a moment: %s", str(error).strip())
            self._queue(records)
        except psycopg2.Error:
            for source_id, ids in records.items():
                self._capture_alone(compiled[source_id], ids)
        self.env["crm.interaction"]._forget_cached()

    def _capture_alone(self, compiled, ids):
        try:
            session.run_captures(self.env.cr, [(compiled.statements, ids)])
        except psycopg2.Error as error:
            text = str(error).strip()
            _logger.warning(
                "Interaction source %s could not capture %s record(s): %s", compiled.source_id, len(ids), text
            )
            self._queue({compiled.source_id: ids}, None, text)

    def _add_dependents(self, notes):
        """What is about a document follows its customer, responsible and company."""
        for model_name, ids in notes.documents.items():
            known = ids - notes.created.get(model_name, set())
            try:
                found = self.dependents(model_name, sorted(ids), sorted(known))
            except psycopg2.Error as error:
                _logger.info("What is about %s %s follows in a moment: %s", model_name, ids, str(error).strip())
                self._queue({}, {model_name: ids})
                continue
            for source_id, res_ids in found:
                notes.add(source_id, res_ids)

    def dependents(self, model_name, ids, again=()):
        """``[(source id, ids of its records that are about these documents)]``. What was logged about leads follows
        them at once; who writes about one of ``again`` just now sees it as it was, so that it is queued. Both may raise
        `psycopg2.Error`; then nothing is changed."""
        condition, changes = SQL("document_model = %s AND document_id = ANY(%s)", model_name, ids), []
        if model_name == "crm.lead":
            condition = SQL("(%s OR lead_id = ANY(%s))", condition, ids)
            changes.append(SQL("followed AS (%s)", follow_leads(ids)))
        if again:
            queued = self.env["crm.interaction.queue"]._look_again(document_model=model_name, first_ids=again)
            changes.append(SQL("again AS (%s)", queued))
        query = SQL(
            """SELECT source_id, array_agg(DISTINCT res_id) FROM crm_interaction
                WHERE res_id IS NOT NULL AND %s GROUP BY source_id""",
            condition,
        )
        if changes:
            return session.run_guarded(self.env.cr, SQL("WITH %s %s", SQL(", ").join(changes), query))
        return self.env.execute_query(query)

    def _leave_for_later(self, *noted):
        """Queue ``{source id: record ids}`` and ``{model: document ids}`` in one round trip; nobody is woken."""
        query = self.env["crm.interaction.queue"]._add_query(*noted)
        try:
            if query:
                session.run_whole(self.env.cr, query)
        except psycopg2.Error as refusal:
            self._queue_later(refusal, noted)

    def _queue(self, *noted):
        """Queue them, with an error, in this transaction or, should even that fail, as soon as it is committed; the
        scheduled action wakes."""
        try:
            with self.env.cr.savepoint(flush=False):
                self._queue_now(self.env, noted)
        except psycopg2.Error as refusal:
            self._queue_later(refusal, noted)

    def _queue_later(self, refusal, noted):
        _logger.warning("Interactions are queued after the commit: %s", str(refusal).strip())
        self.env.cr.postcommit.add(partial(self._queue_afterwards, self.env.registry, noted))

    @staticmethod
    def _queue_now(env, noted):
        env["crm.interaction.queue"]._add(*noted)
        env["crm.job"]._wake("ir_cron_capture")

    @classmethod
    def _queue_afterwards(cls, registry, noted):
        try:
            with registry.cursor() as cr:
                cls._queue_now(api.Environment(cr, SUPERUSER_ID, {}), noted)
        except Exception:  # the user's transaction is committed: nothing may fail it any more
            _logger.exception("Interactions are found by the next check: %s", noted)


def follow_leads(lead_ids):
    """What was logged by hand or sent in for a lead gets the responsible and, when it has none, the customer that
    the lead gets."""
    return SQL(
        """UPDATE crm_interaction i
              SET partner_id = COALESCE(i.partner_id, l.partner_id), document_user_id = l.user_id
             FROM crm_lead l
            WHERE i.lead_id = l.id AND l.id = ANY(%s) AND i.res_id IS NULL
              AND (i.partner_id IS NULL AND l.partner_id IS NOT NULL
                   OR i.document_user_id IS DISTINCT FROM l.user_id)
        RETURNING i.id""",
        lead_ids,
    )
