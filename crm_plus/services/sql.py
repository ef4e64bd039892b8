"""What statements of several parts of the add-on need."""

from contextlib import contextmanager

import psycopg2
from odoo.tools import SQL

# Another transaction is in the way of whatever is done: nothing is wrong with it, and it is tried again.
CONFLICTS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)
# The same for statements of our own: what they refer to may have been deleted meanwhile, and what they add been added,
# by a transaction that they cannot see. In code of others such an error is theirs.
DISTURBED = (*CONFLICTS, psycopg2.errors.ForeignKeyViolation, psycopg2.errors.UniqueViolation)
# What a user saves waits, because of us, no longer than this many milliseconds for another transaction: then it follows
# later. The second statement brings back what was set before.
USER_WAITS = 50
WAIT_BRIEFLY = f"""SELECT set_config('crm_plus.waits', current_setting('lock_timeout'), true),
                          set_config('lock_timeout', '{USER_WAITS}', true)"""
WAIT_AS_BEFORE = "SELECT set_config('lock_timeout', current_setting('crm_plus.waits'), true)"
# Leads ``l`` that are open.
OPEN = SQL("l.active AND l.won_status = 'pending'")
# Before a statement that adds up very many rows for somebody who waits: to compile such a statement takes as long as to
# run it, and what it sorts shall fit into memory. It holds for the rest of the transaction.
ADD_UP = SQL("SET LOCAL jit = off; SET LOCAL work_mem = '64MB';")
# The same for a scheduled action, of which few run at once.
ADD_UP_ALL = SQL("SET LOCAL jit = off; SET LOCAL work_mem = '256MB';")
# The company of leads ``l``: those of no company count as those of the first one, as `_crm_plus_first_id` has it.
COMPANY = SQL("COALESCE(l.company_id, (SELECT min(id) FROM res_company WHERE active))")


def array_text(values):
    """An array as PostgreSQL writes it: one constant, read far faster than a list of as many expressions."""
    return f"{{{','.join(map(str, values))}}}"


def columns(query, *names):
    """Columns of the table that a query is about, whatever record rules join to it."""
    return [SQL.identifier(query.table, name) for name in names]


def these(column, ids):
    """The condition that a column is one of these ids; of neighbors in a big table only their range is read."""
    ids = list(ids)
    if not ids:
        return SQL("FALSE")
    return SQL("%s BETWEEN %s AND %s AND %s = ANY(%s::int[])", column, min(ids), max(ids), column, array_text(ids))


def first_rows(query, most=None):
    """At most so many rows of a SELECT, which is planned as if all of them were wanted."""
    return SQL("WITH found AS MATERIALIZED (%s) SELECT * FROM found LIMIT %s", query, most)


@contextmanager
def briefly(cr):
    """A savepoint in which nobody is waited for, and nothing compiled; both begin and end in one round trip. What fails
    in it is rolled back."""
    cr.execute(f"SAVEPOINT crm_plus_brief; SET LOCAL jit = off; {WAIT_BRIEFLY}")  # pylint: disable=sql-injection  # constants
    try:
        yield
    except Exception:
        cr.execute("ROLLBACK TO SAVEPOINT crm_plus_brief; RELEASE SAVEPOINT crm_plus_brief")
        raise
    cr.execute(f"SET LOCAL jit = DEFAULT; {WAIT_AS_BEFORE}; RELEASE SAVEPOINT crm_plus_brief")  # pylint: disable=sql-injection  # constants


@contextmanager
def never(cr, plan):
    """Plan what is executed meanwhile without one of PostgreSQL's methods ("nestloop", "seqscan"): where a table was
    empty when it was looked at last, it expects to read it at no cost for each of a hundred thousand rows."""
    method = SQL.identifier(f"enable_{plan}")
    cr.execute(SQL("SET LOCAL %s = off", method))
    yield
    cr.execute(SQL("SET LOCAL %s = DEFAULT", method))
