"""What statements of several parts of the add-on need."""

from contextlib import contextmanager

import psycopg2
from odoo.tools import SQL

# Another transaction is in the way: nothing is wrong, and the whole step is tried again.
DISTURBED = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)
# Leads ``l`` that are open.
OPEN = SQL("l.active AND l.won_status = 'pending'")
# The company of leads ``l``: those of no company count as those of the first one, as `_crm_plus_first_id` has it.
COMPANY = SQL("COALESCE(l.company_id, (SELECT min(id) FROM res_company WHERE active))")


def array_text(values):
    """An array as PostgreSQL writes it: one constant, read far faster than a list of as many expressions."""
    return f"{{{','.join(map(str, values))}}}"


def these(column, ids):
    """The condition that a column is one of these ids; of neighbours in a big table only their range is read."""
    ids = list(ids)
    if not ids:
        return SQL("FALSE")
    return SQL("%s BETWEEN %s AND %s AND %s = ANY(%s::int[])", column, min(ids), max(ids), column, array_text(ids))


@contextmanager
def never(cr, plan):
    """Plan what is executed meanwhile without one of PostgreSQL's methods ("nestloop", "seqscan"): where a table was
    empty when it was looked at last, it expects to read it at no cost for each of a hundred thousand rows."""
    method = SQL.identifier(f"enable_{plan}")
    cr.execute(SQL("SET LOCAL %s = off", method))
    yield
    cr.execute(SQL("SET LOCAL %s = DEFAULT", method))
