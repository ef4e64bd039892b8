"""The SQL text of one source. ``IDS``, ``LOW``, ``HIGH`` and ``MODEL`` are its only parameters; the rest are literals.

For a batch of n records each statement is one pass over n rows of the source and their index entries in the timeline.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from ....engine.interaction.days import AHEAD, CLOCK_SKEW
from ....engine.interaction.timeline_request import YEARS

IDS, LOW, HIGH, MODEL = ":crm_plus_ids", ":crm_plus_low", ":crm_plus_high", ":crm_plus_model"
COLUMNS = (
    "source_id", "res_id", "occurrence", "partner_id", "lead_id", "date", "day", "channel_id", "direction", "user_id",
    "document_user_id", "company_id", "name", "amount", "currency_id", "duration", "is_private", "document_model",
    "document_id", "shared_ref",
)  # fmt: skip
KEY = ("source_id", "res_id", "occurrence", "partner_id")
CONFLICT = SQL("(source_id, res_id, occurrence, COALESCE(partner_id, 0)) WHERE res_id IS NOT NULL")
SAME_KEY = SQL(
    "f.res_id = i.res_id AND f.occurrence = i.occurrence AND COALESCE(f.partner_id, 0) = COALESCE(i.partner_id, 0)"
)


def _columns(prefix="", names=COLUMNS):
    return SQL(", ").join(SQL.identifier(prefix, name) if prefix else SQL.identifier(name) for name in names)


# What is still to come is no history yet. By the clock, not since the transaction began: what it confirms is past.
NOW = SQL("clock_timestamp() AT TIME ZONE 'UTC'")
HAPPENED = SQL(
    "CASE WHEN t.day IS NULL THEN t.date <= %(now)s + %(skew)s ELSE t.day <= (%(now)s + %(ahead)s)::date END",
    now=NOW,
    skew=CLOCK_SKEW,
    ahead=AHEAD,
)
VALUES = tuple(name for name in COLUMNS if name not in KEY)


@dataclass(frozen=True, slots=True)
class Statements:
    """``capture`` makes the timeline right for the records ``IDS``; ``backfill`` inserts what is missing of
    the id range ``LOW`` to ``HIGH`` (both ends included); ``drift`` lists what differs in it as (res_id, kind);
    ``about`` the records that are about the documents ``IDS`` of ``MODEL`` without opening them, empty for sources
    whose rows say themselves which document they are about."""

    capture: str
    backfill: str
    drift: str
    about: str

    @property
    def prepared(self):
        """``capture`` as a prepared statement of one parameter, an array of record ids."""
        return self.capture.replace(IDS, "$1")

    @classmethod
    def build(cls, cr, spec, query, values, queues, about=None):
        """Compose the texts; ``values`` are the SQL values of `COLUMNS` over ``query``, ``queues`` what other subjects
        want to know of each capture, ``about`` SQL of (document model, document id) that a record is about."""
        record = SQL.identifier(query.table, "id")
        by_ids = _fresh(query, values, SQL("%s = ANY(%s)", record, SQL(IDS)))
        by_range = _fresh(query, values, SQL("%s BETWEEN %s AND %s", record, SQL(LOW), SQL(HIGH)))
        gone = SQL("FALSE") if spec.keep else SQL("i.source_id = %s AND i.res_id = ANY(%s)", spec.id, SQL(IDS))
        texts = (
            _capture(by_ids, gone, queues),
            _backfill(by_range),
            _drift(by_range, spec.id, spec.keep),
            _about(query, *about) if about else SQL(),
        )
        return cls(*(_literal(cr, text) for text in texts))


def _literal(cr, sql):
    return cr.mogrify(sql.code, sql.params).decode() if sql else ""


def _fresh(query, values, condition):
    """What the timeline must hold, now or as soon as it has come to pass, for the records that meet ``condition``."""
    return SQL(
        """SELECT * FROM (SELECT %(values)s FROM %(tables)s WHERE %(where)s AND %(condition)s) AS t
            WHERE t.date >= %(first)s AND t.date < %(last)s AND (t.partner_id IS NOT NULL OR t.lead_id IS NOT NULL)""",
        values=SQL(", ").join(
            SQL("%s AS %s", value, SQL.identifier(name)) for name, value in zip(COLUMNS, values, strict=True)
        ),
        tables=query.from_clause,
        where=query.where_clause or SQL("TRUE"),
        condition=condition,
        # a document of the year 202 is one with a typing error
        first=SQL(f"'{YEARS.start}-01-01'::timestamp"),
        last=SQL(f"'{YEARS.stop}-01-01'::timestamp"),
    )


def _capture(fresh, gone, queues):
    return SQL(
        """WITH t AS MATERIALIZED (%(fresh)s),
                f AS (SELECT * FROM t WHERE %(happened)s),
                %(later)s,
                put AS (INSERT INTO crm_interaction (%(columns)s) SELECT %(columns)s FROM f
                        ON CONFLICT %(conflict)s DO UPDATE SET (%(changing)s) = ROW(%(excluded)s)
                        WHERE (%(old)s) IS DISTINCT FROM (%(excluded)s)),
                gone AS (DELETE FROM crm_interaction i WHERE %(gone)s AND NOT EXISTS (SELECT FROM f WHERE %(same_key)s)
                         RETURNING partner_id, lead_id),
                touched AS (SELECT partner_id, lead_id FROM f UNION SELECT partner_id, lead_id FROM gone)
                %(queued)s
           SELECT""",
        fresh=fresh,
        happened=HAPPENED,
        later=_later(),
        columns=_columns(),
        conflict=CONFLICT,
        changing=_columns(names=VALUES),
        excluded=_columns("excluded", VALUES),
        old=_columns("crm_interaction", VALUES),
        gone=gone,
        same_key=SAME_KEY,
        queued=SQL(" ").join(map(_queued, queues)),
    )


def _later():
    """A part of a statement that has what is still to come captured when it has."""
    return SQL(
        """later AS (INSERT INTO crm_interaction_queue (source_id, res_id, date)
                     SELECT DISTINCT source_id, res_id, COALESCE(day - %s, date) FROM t WHERE NOT %s)""",
        AHEAD,
        HAPPENED,
    )


def _queued(queue):
    """A part of the capture that fills a queue with whoever has the interaction now, and whoever had it."""
    columns = _columns(names=queue.columns)
    return SQL(
        """, %s AS (INSERT INTO %s (%s)
                    SELECT DISTINCT %s FROM touched WHERE num_nonnulls(%s) > 0)""",
        SQL.identifier(f"{queue.table}_queued"),
        SQL.identifier(queue.table),
        columns,
        columns,
        columns,
    )


def _backfill(fresh):
    return SQL(
        """WITH t AS MATERIALIZED (%s), %s
           INSERT INTO crm_interaction (%s) SELECT %s FROM t WHERE %s ON CONFLICT %s DO NOTHING""",
        fresh,
        _later(),
        _columns(),
        _columns(),
        HAPPENED,
        CONFLICT,
    )


def _drift(fresh, source_id, keep):
    """FULL JOIN of both sides over one id range; empty when nothing drifted."""
    return SQL(
        """WITH f AS (SELECT * FROM (%(fresh)s) t WHERE %(happened)s),
                i AS (SELECT %(columns)s FROM crm_interaction
                       WHERE source_id = %(source)s AND res_id BETWEEN %(low)s AND %(high)s)
           SELECT COALESCE(f.res_id, i.res_id),
                  CASE WHEN i.res_id IS NULL THEN 'missing' WHEN f.res_id IS NULL THEN 'stale' ELSE 'changed' END
             FROM f FULL JOIN i ON %(same_key)s
            WHERE (i.res_id IS NULL OR f.res_id IS NULL AND NOT %(keep)s
                   OR f.res_id IS NOT NULL AND (%(left)s) IS DISTINCT FROM (%(right)s))""",
        fresh=fresh,
        happened=HAPPENED,
        columns=_columns(),
        source=source_id,
        low=SQL(LOW),
        high=SQL(HIGH),
        # FULL JOIN wants merge- or hash-joinable conditions only; all three are.
        same_key=SAME_KEY,
        keep=keep,
        left=_columns("f", VALUES),
        right=_columns("i", VALUES),
    )


def _about(query, model, document):
    return SQL(
        "SELECT %s FROM %s WHERE %s = %s AND %s = ANY(%s)",
        SQL.identifier(query.table, "id"),
        query.from_clause,
        model,
        SQL(MODEL),
        document,
        SQL(IDS),
    )
