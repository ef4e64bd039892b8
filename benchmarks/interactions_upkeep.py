"""What runs in the background: backfill and reconciliation, and how much room a row takes."""

import re
from contextlib import contextmanager

from odoo.tools import SQL

from benchmarks.harness import at_most, median, timed_median

BACKFILL_SHARE = 0.1  # of the documents, so that the pairs take minutes
PAIRS = 3


def run(options, known):
    """The figures of upkeep."""
    with options.env_factory() as env:
        yield _row_size(env)
        for code, bare in (("order", BARE_ORDERS), ("email_in", BARE_MAILS)):
            yield _backfill(env, env.ref(f"crm_plus.source_{code}"), bare)
        yield _reconciliation(env, [env.ref("crm_plus.source_order"), env.ref("crm_plus.source_email_in")])


def _row_size(env):
    size, rows = env.execute_query(
        SQL("SELECT pg_total_relation_size('crm_interaction'), count(*) FROM crm_interaction")
    )[0]
    return at_most(f"a row with its indexes, of {rows:,}", size / rows, 400, "bytes")


# ---------------------------------------------------------------------- backfill


def _backfill(env, source, bare):
    """Both fill the same emptied table, which comes back at the end of each turn."""
    compiled = env["crm.interaction.source"]._compiled_sources()[source.id]
    high = int(source._max_id(compiled.table) * BACKFILL_SHARE)
    ours, plain = [], []
    for _turn in range(PAIRS):
        with _emptied(env):
            plain.append(timed_median(lambda: env.cr.execute(SQL(bare, source.id, high)), 1, 0))
            rows = env.cr.rowcount
        with _emptied(env):
            source.write({"backfill_total": high, "backfill_next_id": high, "backfill_done": False})
            ours.append(timed_median(lambda: _all_steps(source), 1, 0))
    title = f"backfill of {rows:,} rows ({source.code})"
    return at_most(title, median(ours), 2, "s", median(plain), "bare INSERT ... SELECT", ratio=True)


def _all_steps(source):
    while not source._backfill_step():
        pass


@contextmanager
def _emptied(env):
    env.flush_all()
    with env.cr.savepoint(flush=False) as savepoint:
        env.cr.execute("TRUNCATE crm_interaction CASCADE")
        yield
        env.flush_all()
        savepoint.rollback()
    env.invalidate_all()


BARE = """INSERT INTO crm_interaction (source_id, res_id, occurrence, partner_id, date, channel_id, direction, user_id,
              document_user_id, company_id, name, amount, currency_id, is_private, document_model, document_id)"""
BARE_ORDERS = (
    BARE
    + """SELECT %s, id, 0, partner_id, date_order, (SELECT min(id) FROM crm_interaction_channel), 'in', user_id,
                user_id, company_id, name, amount_total, currency_id, FALSE, NULL, NULL
           FROM sale_order WHERE state = 'sale' AND id <= %s"""
)
BARE_MAILS = (
    BARE
    + """SELECT %s, m.id, 0, m.author_id, m.date, (SELECT min(id) FROM crm_interaction_channel), 'in', NULL, o.user_id,
                m.record_company_id, m.subject, NULL, NULL, FALSE, m.model, m.res_id
           FROM mail_message m JOIN sale_order o ON o.id = m.res_id
          WHERE m.message_type = 'email' AND m.model = 'sale.order' AND m.id <= %s"""
)


# ---------------------------------------------------------------------- reconciliation


def _reconciliation(env, sources):
    """Of everything, nothing to mend, beside one pass over both sides that looks at every compared column."""

    def check():
        for source in sources:
            source._reconcile()

    check()
    seconds = timed_median(check, 3, 0)
    passes = timed_median(lambda: _both_sides(env, sources), 3)
    rows = env["crm.interaction"].search_count([("source_id", "in", [source.id for source in sources])])
    title = f"reconciliation of {rows:,} rows, clean"
    return at_most(title, seconds, 3, "s", passes, "one pass over both sides", ratio=True)


def _both_sides(env, sources):
    from odoo.addons.crm_plus.services.interaction.capture.statements import HIGH, LOW

    for source in sources:
        compiled = env["crm.interaction.source"]._compiled_sources()[source.id]
        env.cr.execute(
            SQL("SELECT count(*), sum(hash_record(i)) FROM crm_interaction i WHERE source_id = %s", source.id)
        )
        drift = compiled.statements.drift.replace(LOW, "0").replace(HIGH, "2147483647")
        # the rows as the documents are now: the first part of the statement, `WITH f AS (...), i AS (...)`
        fresh = re.match(r"WITH f AS \((.*)\),\s+i AS \(", drift, re.DOTALL).group(1)
        env.cr.execute(f"SELECT count(*), sum(hash_record(f)) FROM ({fresh}) f")
