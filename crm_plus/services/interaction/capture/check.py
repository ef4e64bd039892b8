"""What differs between a source and the timeline, by set difference over id ranges."""

from odoo.tools import SQL

from . import session

# Ids compared by one statement.
STEP = 1_000_000


def differences(env, compiled):
    """Per range of record ids of a `CompiledSource`, ``[(record id, "missing", "stale" or "changed")]``."""
    env.flush_all()
    # Hash joins of a million rows fit; the setting ends with the transaction.
    env.cr.execute("SET LOCAL work_mem = '128MB'")
    for low, high in _ranges(env, compiled):
        yield differing(env, compiled, low, high)


def differing(env, compiled, low, high):
    """The same for the record ids from ``low`` to ``high``."""
    session.run_range(env.cr, compiled.statements.drift, low, high)
    return env.cr.fetchall()


def _ranges(env, compiled):
    """Id ranges that cover both sides."""
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
    low, high = rows[0]
    while low is not None and low <= high:
        yield low, min(low + STEP - 1, high)
        low += STEP
