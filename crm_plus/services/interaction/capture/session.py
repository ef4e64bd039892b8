"""How statements of sources run: prepared where that pays, in a savepoint, without keeping users waiting."""

import itertools

import psycopg2

from ...sql import WAIT_AS_BEFORE, WAIT_BRIEFLY
from .statements import HIGH, IDS, LOW, MODEL

BEGIN = f"SAVEPOINT crm_plus_capture; {WAIT_BRIEFLY}"
END = f"{WAIT_AS_BEFORE}; RELEASE SAVEPOINT crm_plus_capture"
_statement_number = itertools.count(1)


def run_captures(cr, captures):
    """Run ``[(statements, ids)]`` in one round trip, within one savepoint. Raises `psycopg2.Error`, then nothing is
    changed and the transaction can go on."""
    parts = []
    for statements, ids in captures:
        parts += _capture_sql(cr, statements, f"'{{{','.join(map(str, ids))}}}'")
    try:
        _guarded(cr, "; ".join([*parts, END]))
    except psycopg2.Error:
        cr.__dict__.pop("_crm_plus_prepared", None)
        raise


def run_whole(cr, query):
    """Run a statement without rows in one round trip, within a savepoint. Raises `psycopg2.Error`, then nothing is
    changed and the transaction can go on."""
    _guarded(cr, f"{cr.mogrify(query).decode()}; {END}")


def run_guarded(cr, query):
    """The rows of a query, run within a savepoint. Raises `psycopg2.Error`, then nothing is changed and the transaction
    can go on."""
    _guarded(cr, cr.mogrify(query).decode())
    rows = cr.fetchall()
    cr.execute(END)
    return rows


def _guarded(cr, text):
    """Execute after a savepoint, and wait for other transactions no longer than users should because of us."""
    try:
        cr.execute(f"{BEGIN}; {text}", log_exceptions=False)  # pylint: disable=sql-injection  # mogrified
    except psycopg2.Error:
        cr.execute("ROLLBACK TO SAVEPOINT crm_plus_capture; RELEASE SAVEPOINT crm_plus_capture")
        raise


def _capture_sql(cr, statements, array):
    """The statements of one capture. From the second time on the same cursor it is prepared, with one plan for all
    batches: planning costs ten times what the joins by primary key do. The host forgets what was prepared when it lends
    the connection out again, so that a request that captures once would prepare in vain.
    """
    prepared = cr.__dict__.setdefault("_crm_plus_prepared", {})
    name = prepared.get(statements.capture)
    if name is None:
        prepared[statements.capture] = ""
        return [statements.capture.replace(IDS, f"{array}::int[]")]
    parts = ["SET LOCAL plan_cache_mode = force_generic_plan"]
    if not name:
        name = prepared[statements.capture] = f"crm_plus_{next(_statement_number)}"
        parts.append(f"PREPARE {name}(int[]) AS {statements.prepared}")
    return [*parts, f"EXECUTE {name}({array})"]


def check(cr, statements):
    """Have the database parse and plan a capture without running it. Raises `psycopg2.Error`."""
    steps = [f"PREPARE crm_plus_check(int[]) AS {statements.prepared}", "DEALLOCATE crm_plus_check"]
    cr.execute("; ".join(steps), log_exceptions=False)


def run_ids(cr, text, ids):
    """Run a statement over record ids, unprepared."""
    array = f"'{{{','.join(map(str, ids))}}}'::int[]"
    cr.execute(text.replace(IDS, array), log_exceptions=False)


def run_range(cr, text, low, high):
    """Run a statement over an id range, unprepared so that its plan fits the range."""
    cr.execute(text.replace(LOW, str(int(low))).replace(HIGH, str(int(high))), log_exceptions=False)


def run_about(cr, text, model_name, ids):
    """The ids of a source's records that are about these documents."""
    run_ids(cr, text.replace(MODEL, cr.mogrify("%s", [model_name]).decode()), ids)
    return [row[0] for row in cr.fetchall()]
