"""The refresh of 1,000 touched customers: some of all, and those of some orders, who order more often than most."""

import time
from collections.abc import Iterator

from odoo.tools import SQL

from benchmarks.harness import Figure, at_most, median
from benchmarks.statements import breakdown, recorded

TOUCHED, TURNS = 1_000, 5
# One order of each is changed, which changes the customer's figures and predictions.
PICKED = {
    "customers, any": """SELECT max(o.id) AS id FROM sale_order o JOIN (
                                SELECT partner_id FROM crm_customer_profile WHERE company_id = 1
                                 ORDER BY hashint4(id + %(turn)s) LIMIT %(touched)s) p ON p.partner_id = o.partner_id
                          WHERE o.state = 'sale' AND o.company_id = 1 GROUP BY o.partner_id""",
    "customers of any orders": """SELECT id FROM sale_order WHERE state = 'sale' AND company_id = 1
                                   ORDER BY hashint4(id + %(turn)s) LIMIT %(touched)s""",
}


def figures(options, full: float) -> Iterator[Figure]:
    """Both kinds, beside a full refresh of so many seconds."""
    for place, (title, picked) in enumerate(PICKED.items()):
        runs = [_run(options, SQL(picked, turn=turn, touched=TOUCHED)) for turn in range(TURNS)]
        times = [spent for spent, _seconds, _documents in runs[1:]]
        name = f"refresh of {TOUCHED:,} {title}"
        if place == 0:
            yield at_most(name, median(times), 0.01, "s", full, "full refresh", ratio=True)
        else:
            yield Figure(name, median(times), "s", full, "full refresh")
        spent, seconds, documents = sorted(runs[1:], key=lambda run: run[0])[len(times) // 2]
        yield Figure("  documents read", documents, "")
        yield from breakdown(seconds, spent, "ms")


def _run(options, picked):
    """Seconds of a refresh, those of its statements, and how many documents it read; nothing stays."""
    with options.env_factory() as env:
        env.cr.execute(
            SQL(
                """WITH touched AS (UPDATE sale_order o SET amount_untaxed = amount_untaxed + 1 FROM (%s) picked
                                     WHERE o.id = picked.id RETURNING o.partner_id)
                   INSERT INTO crm_customer_queue (partner_id) SELECT DISTINCT partner_id FROM touched""",
                picked,
            )
        )
        company = env["res.company"].browse(1)
        with recorded(env.cr) as seconds:
            start = time.perf_counter()
            partner_ids = env["crm.customer.queue"]._take(2 * TOUCHED)
            env["crm.customer.profile"]._refresh_company(company, partner_ids)
            spent = time.perf_counter() - start
        _documents(env, company, partner_ids).fetch()
        env.cr.execute("SELECT count(*) FROM crm_plus_documents")
        documents = env.cr.fetchone()[0]
        env.cr.rollback()
    return spent, seconds, documents


def _documents(env, company, partner_ids):
    from odoo.addons.crm_plus.services.customer.documents import Documents
    from odoo.addons.crm_plus.services.customer.scope import Scope

    return Documents(env, company, Scope(ids=tuple(partner_ids)))
