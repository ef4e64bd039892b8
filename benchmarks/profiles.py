"""Customer profiles: full and incremental refresh, predictions, lists and counts, and how others do the same.

A million customers and ten million orders (--scale for fewer). The reference of the refresh is the bare aggregate that
PostgreSQL needs for recency, frequency and revenue, in the same run and without an index made for it.
"""

import resource
import time
from collections.abc import Iterable, Iterator

from benchmarks import profiles_peers
from benchmarks.harness import Figure, at_most, median, paired, timed_median

NEEDS = "odoo"
TOUCHED = 1_000
BARE = """SELECT partner_id, max(date_order), count(*), sum(amount_untaxed) FROM sale_order
           WHERE state = 'sale' AND company_id = 1 GROUP BY partner_id"""
COVERING = """CREATE INDEX crm_plus_bench ON sale_order (company_id, partner_id) INCLUDE (date_order, amount_untaxed)
               WHERE state = 'sale'"""


def add_arguments(parser) -> None:
    """What may be left out."""
    parser.add_argument("--no-peers", action="store_true", help="leave out the ORM loop, pandas and lifetimes")
    parser.add_argument("--no-training", action="store_true", help="leave out the training of the models")


def run(options) -> Iterable[Figure]:
    """All figures."""
    from benchmarks import profiles_data

    with options.env_factory() as env:
        customers = profiles_data.ensure(env, options.scale)
    yield Figure("customers and contacts", customers, "")
    yield from _refresh(options)
    if not options.no_training:
        yield from _training(options)
    yield from _incremental(options)
    yield from _reads(options)
    yield from _covering(options)
    if not options.no_peers:
        yield from profiles_peers.figures(options)


def _seconds(options, work) -> float:
    """One call in a transaction of its own that is committed; only the work is timed."""
    with options.env_factory() as env:
        start = time.perf_counter()
        work(env)
        return time.perf_counter() - start


def _bare(env):
    env.cr.execute("SET LOCAL work_mem = '256MB'")
    # All columns are asked for: PostgreSQL leaves out what nobody reads.
    env.cr.execute(f"SELECT count(bare) FROM ({BARE}) bare")


def _full(env):
    env["crm.customer.profile"]._refresh_company(env["res.company"].browse(1))


def _refresh(options) -> Iterator[Figure]:
    with options.env_factory() as env:
        fresh = not env["crm.customer.profile"].search_count([], limit=1)
    bare = median(_seconds(options, _bare) for _ in range(3))
    if fresh:
        yield Figure(
            "full refresh, the first: all profiles are new", _seconds(options, _full), "s", bare, "bare GROUP BY"
        )
        _vacuum(options, "crm_customer_profile")
    _seconds(options, _full)
    times = paired(lambda: _seconds(options, _full), lambda: _seconds(options, _bare), repeat=3, warmup=0)
    full, bare = median(times.first), median(times.second)
    yield at_most("full refresh: scores, ABC, segments, tiers", full, 2, "s", bare, "bare GROUP BY", ratio=True)
    before = _written(options)
    _seconds(options, _full)
    yield at_most("rows written by a refresh with nothing new", _written(options) - before, 0, "")


def _written(options) -> int:
    """Rows inserted, updated and deleted in the profiles and memberships so far."""
    with options.env_factory() as env:
        env.cr.execute("SELECT pg_stat_force_next_flush()")
        env.cr.commit()
        env.cr.execute(
            """SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables
                WHERE relname IN ('crm_customer_profile', 'crm_segment_membership', 'res_partner')"""
        )
        return env.cr.fetchone()[0]


def _training(options) -> Iterator[Figure]:
    def step(env):
        nonlocal done
        done = env["crm.purchase.model"]._step(env["res.company"].browse(1))

    with options.env_factory() as env:
        env["res.company"].browse(1).write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})
    done, times = False, []
    while not done:
        times.append(_seconds(options, step))
    yield Figure("training: summaries, models, clusters, cohorts", times[0])
    yield Figure("prediction of all customers", sum(times[1:]))
    yield Figure("the longest of its steps", max(times[1:]))
    yield at_most("peak memory of the process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1024, "MB")
    _vacuum(options, "crm_customer_profile")


def _incremental(options) -> Iterator[Figure]:
    """Queue customers that have ordered, and refresh those."""
    full = median(_seconds(options, _full) for _ in range(3))

    def touched(env):
        profiles = env["crm.customer.profile"]
        company = env["res.company"].browse(1)
        partner_ids = env["crm.customer.queue"]._take(TOUCHED)
        profiles._refresh_company(company, partner_ids)

    times = []
    for turn in range(4):
        with options.env_factory() as env:
            env.cr.execute(
                """WITH picked AS (SELECT partner_id, id FROM sale_order WHERE state = 'sale' AND company_id = 1
                                    ORDER BY hashint4(id + %s) LIMIT %s),
                        ordered AS (UPDATE sale_order o SET amount_untaxed = amount_untaxed + 1 FROM picked p
                                     WHERE o.id = p.id)
                   INSERT INTO crm_customer_queue (partner_id) SELECT partner_id FROM picked""",
                [turn, TOUCHED],
            )
        times.append(_seconds(options, touched))
    yield at_most(
        f"refresh of {TOUCHED:,} touched customers", median(times[1:]), 0.01, "s", full, "full refresh", ratio=True
    )


def _reads(options) -> Iterator[Figure]:
    """What the lists ask for, as the web client asks it."""
    with options.env_factory() as env:
        partners, profiles = env["res.partner"], env["crm.customer.profile"]
        segment = profiles.search([("segment_id", "!=", False)], limit=1).segment_id
        of_segment = [("crm_segment_id", "in", segment.ids)]
        in_segment = [("segment_id", "in", segment.ids)]
        mine = [("company_id", "=", 1)]
        cases = [
            ("partners of a segment: first page", lambda: partners.search_read(of_segment, ["name"], limit=80), 50),
            ("partners of a segment: count", lambda: partners.search_count(of_segment, limit=10_001), None),
            ("profiles of a segment: first page", lambda: profiles.search_read(in_segment, ["rfm"], limit=80), 300),
            ("profiles of a segment: count", lambda: profiles.search_count(in_segment), 300),
            ("profiles: count", lambda: profiles.search_count(mine), 300),
            (
                "profiles grouped by segment",
                lambda: profiles.formatted_read_group(mine, ["segment_id"], ["__count", "revenue:sum"]),
                300,
            ),
        ]
        for name, work, limit in cases:
            milliseconds = 1000 * timed_median(lambda work=work: (env.invalidate_all(), work()))
            yield at_most(name, milliseconds, limit, "ms") if limit else Figure(name, milliseconds, "ms")


def _covering(options) -> Iterator[Figure]:
    """What a covering partial index would give, and what it would cost."""
    without = median(_seconds(options, _bare) for _ in range(3))
    with options.env_factory() as env:
        start = time.perf_counter()
        env.cr.execute(COVERING)
        built = time.perf_counter() - start
        env.cr.execute("SELECT pg_relation_size('crm_plus_bench') / count(*)::float FROM sale_order")
        size = env.cr.fetchone()[0]
    try:
        _vacuum(options, "sale_order")
        yield Figure("bare GROUP BY with a covering partial index", median(_seconds(options, _bare) for _ in range(3)),
                     "s", without, "without")  # fmt: skip
        yield Figure("covering index: bytes an order", size, "bytes")
        yield Figure("covering index: making it", built)
    finally:
        with options.env_factory() as env:
            env.cr.execute("DROP INDEX crm_plus_bench")


def _vacuum(options, table) -> None:
    from benchmarks.profiles_data import vacuum

    with options.env_factory() as env:
        vacuum(env, table)
