from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# When a record is tried again that its source could not capture.
RETRY = timedelta(hours=1)
# The age of the oldest snapshot that another transaction still looks at; NULL when there is none.
OLDEST_SNAPSHOT = SQL(
    """(SELECT max(age(backend_xmin)) FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())"""
)
# Rows that are due. What was done with one that says by which transaction is looked at again, as soon as all see it.
DUE = SQL(
    """date <= now() AT TIME ZONE 'UTC'
       AND (captured_by IS NULL
            OR captured_by IS DISTINCT FROM pg_current_xact_id_if_assigned()::text
               AND age(captured_by::xid8::xid) > COALESCE(%s, -1))""",
    OLDEST_SNAPSHOT,
)


class CrmInteractionQueue(models.Model):
    """Records to be captured by the scheduled action, some only when they have come to pass, and documents whose
    interactions are to follow them. User transactions only ever insert here, without a reference, so that nothing can
    be in their way.

    A record that was captured stays until no transaction is left whose snapshot is older: such a one does not see its
    interaction, and so could not take it away when it cancels the record. Then it is captured once more, and leaves.
    For the same reason a document that got another customer, responsible or company is queued, since a message that was
    being written about it does not know; and so is a range of records whose history was loaded, since they may have
    changed meanwhile: it is compared with the timeline.
    """

    _name = "crm.interaction.queue"
    _description = "Interaction to capture"
    _log_access = False
    _order = "id"

    source_id = fields.Integer("Source (ID)")
    document_model = fields.Char(
        string="Document model", help="Instead of a source: everything about this document follows it."
    )
    res_id = fields.Integer(string="Record ID", required=True)
    last_id = fields.Integer("Last record (ID)", help="Instead of one record: all from the record ID to this one.")
    error = fields.Text()
    date = fields.Datetime("Capture from", required=True, default=fields.Datetime.now)
    captured_by = fields.Char(string="Captured by transaction", help="The transaction that has captured it.")

    @api.model
    def _add(self, records, documents=None, error=None):
        """Queue ``{source id: record ids}`` and ``{model: document ids}``."""
        if query := self._add_query(records, documents, error):
            self.env.cr.execute(query, log_exceptions=False)

    @api.model
    def _add_query(self, records, documents=None, error=None):
        """The statement that queues them, which refers to nothing; None when there is nothing to queue."""
        rows = [(source_id, None, record_id) for source_id, ids in records.items() for record_id in ids]
        rows += [(None, model, record_id) for model, ids in (documents or {}).items() for record_id in ids]
        return rows and SQL(
            """INSERT INTO crm_interaction_queue (source_id, document_model, res_id, error, date)
               SELECT source_id, document_model, res_id, %s, now() AT TIME ZONE 'UTC'
                 FROM unnest(%s::int[], %s::varchar[], %s::int[]) AS noted (source_id, document_model, res_id)
                ORDER BY source_id, res_id""",
            error,
            *map(list, zip(*rows, strict=True)),
        )

    @api.model
    def _look_again(self, source_id=None, document_model=None, first_ids=(), last_id=None):
        """SQL that queues a range of records of a source, or documents, for when no transaction is left that sees them
        as they were before this one."""
        return SQL(
            """INSERT INTO crm_interaction_queue (source_id, document_model, res_id, last_id, date, captured_by)
               SELECT %s::int, %s::varchar, unnest(%s::int[]), %s::int, now() AT TIME ZONE 'UTC',
                      pg_current_xact_id()::text""",
            source_id,
            document_model,
            list(first_ids),
            last_id,
        )

    @api.model
    def _take(self, limit):
        """``[(source id, model of documents, [rows that are captured for the first time], [rows that leave], [record
        ids])]`` of up to ``limit`` rows that are due; what another job holds stays."""
        return self.env.execute_query(
            SQL(
                """WITH due AS (
                        SELECT id, source_id, document_model, res_id, captured_by IS NOT NULL AS leaves
                          FROM crm_interaction_queue WHERE last_id IS NULL AND %s
                         ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                   SELECT source_id, document_model, COALESCE(array_agg(id) FILTER (WHERE NOT leaves), '{}'),
                          COALESCE(array_agg(id) FILTER (WHERE leaves), '{}'), array_agg(DISTINCT res_id)
                     FROM due GROUP BY source_id, document_model ORDER BY source_id""",
                DUE,
                limit,
            )
        )

    @api.model
    def _take_range(self):
        """``[(row, source id, first record id, last record id)]`` of a range that is due, if there is one."""
        return self.env.execute_query(
            SQL(
                """SELECT id, source_id, res_id, last_id FROM crm_interaction_queue
                    WHERE last_id IS NOT NULL AND %s ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED""",
                DUE,
            )
        )

    @api.model
    def _done(self, first, leaving):
        """These rows are captured."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_interaction_queue WHERE id = ANY(%s);
                   UPDATE crm_interaction_queue SET captured_by = pg_current_xact_id()::text, error = NULL
                    WHERE id = ANY(%s)""",
                leaving,
                first,
            )
        )

    @api.model
    def _put_off(self, ids, error):
        """These rows could not be captured: again in a while."""
        self.env.cr.execute(
            SQL(
                """UPDATE crm_interaction_queue SET error = %s, captured_by = NULL,
                          date = now() AT TIME ZONE 'UTC' + %s WHERE id = ANY(%s)""",
                error,
                RETRY,
                ids,
            )
        )

    @api.model
    def _retry(self, source_ids):
        """What these sources could not capture is due."""
        self.env.cr.execute(
            SQL(
                """UPDATE crm_interaction_queue SET date = now() AT TIME ZONE 'UTC' WHERE id IN (
                       SELECT id FROM crm_interaction_queue
                        WHERE source_id = ANY(%s) AND error IS NOT NULL AND date > now() AT TIME ZONE 'UTC'
                          FOR UPDATE SKIP LOCKED)""",
                list(source_ids),
            )
        )

    @api.model
    def _forget(self, source_ids):
        """Nothing is captured of sources that are deleted."""
        self.env.cr.execute(SQL("DELETE FROM crm_interaction_queue WHERE source_id = ANY(%s)", list(source_ids)))

    @api.model
    def _waiting(self, source_ids):
        """``{source id: (number of records that wait to be captured, an error)}``; what is still to come does not."""
        due = Domain("date", "<=", fields.Datetime.now()) | Domain("error", "!=", False)
        waiting = Domain("source_id", "in", list(source_ids)) & Domain("captured_by", "=", False) & due
        groups = self._read_group(waiting, ["source_id"], ["__count", "error:max"])
        return {source_id: (count, error) for source_id, count, error in groups}
