"""What differs between a source and the timeline, by set difference over id ranges."""

from odoo.tools import SQL

from . import session

# Ids compared by one statement: some seconds of work, and what differs of them fits into memory.
STEP = 250_000


def next_difference(env, compiled, after=None):
    """What differs in the first range of record ids of a `CompiledSource` that begins after the id ``after``:
    (``[(record id, "missing", "stale" or "changed")]``, the last id of the range; None when none follows)."""
    env.flush_all()
    # Hash joins of the range fit; the setting ends with the transaction.
    env.cr.execute("SET LOCAL work_mem = '128MB'")
    low, high = span(env, compiled)
    if low is None:
        return [], None
    low = low if after is None else max(low, after + 1)
    last = low + STEP - 1
    return differing(env, compiled, low, min(last, high)), last if last < high else None


def differing(env, compiled, low, high):
    """The same for the record ids from ``low`` to ``high``."""
    session.run_range(env.cr, compiled.statements.drift, low, high)
    return env.cr.fetchall()


def span(env, compiled):
    """The lowest and the highest record id of both sides, None where there is none."""
    rows = env.execute_query(
        SQL(
            """SELECT LEAST(s.low, i.low), GREATEST(s.high, i.high)
                 FROM (SELECT min(id) AS low, max(id) AS high FROM %s) s,
                      (SELECT min(res_id) AS low, max(res_id) AS high
                         FROM crm_interaction WHERE source_id = %s) i""",
            SQL.identifier(compiled.table),
            compiled.source_id,
        )
    )
    return rows[0]
