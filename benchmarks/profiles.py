"""Customer profiles: full and incremental refresh, predictions, lists and counts, and how others do the same.

A million customers and ten million orders (--scale for fewer). The reference of the refresh is the bare aggregate that
PostgreSQL needs for recency, frequency and revenue, in the same run and without an index made for it.
"""

import resource
import time
from collections.abc import Iterable, Iterator

from benchmarks import profiles_peers
from benchmarks.harness import Figure, at_most, median, paired
from benchmarks.statements import breakdown, recorded

NEEDS = "odoo"
PARTS = ("refresh", "training", "touched", "reading", "covering", "peers")
BARE = """SELECT partner_id, max(date_order), count(*), sum(amount_untaxed) FROM sale_order
           WHERE state = 'sale' AND company_id = 1 GROUP BY partner_id"""
COVERING = """CREATE INDEX crm_plus_bench ON sale_order (company_id, partner_id) INCLUDE (date_order, amount_untaxed)
               WHERE state = 'sale'"""


def add_arguments(parser) -> None:
    """What to measure."""
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--first", action="store_true", help="forget the profiles, so that the first refresh is measured"
    )


def run(options) -> Iterable[Figure]:
    """All figures."""
    from benchmarks import profiles_data, profiles_reading, profiles_touched

    with options.env_factory() as env:
        customers = profiles_data.ensure(env, options.scale)
    yield Figure("customers and contacts", customers, "")
    if options.first:
        _forget(options)
    if "refresh" in options.only:
        yield from _refresh(options)
    if "training" in options.only:
        yield from _training(options)
    if "touched" in options.only:
        full = median(_seconds(options, _full) for _ in range(3))
        yield from profiles_touched.figures(options, full)
        # What was rolled back has left rows behind that no running database would have.
        _vacuum(options, "crm_customer_profile", "crm_segment_membership", "crm_tier_stay", "sale_order")
    if "reading" in options.only:
        yield from profiles_reading.figures(options)
    if "covering" in options.only:
        yield from _covering(options)
    if "peers" in options.only:
        yield from profiles_peers.figures(options)


def _forget(options) -> None:
    with options.env_factory() as env:
        env.cr.execute("TRUNCATE crm_customer_profile, crm_segment_membership, crm_tier_stay")


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


def _bare_sorted(env):
    """The same with the setting of the refresh: PostgreSQL looks up groups by hashing unless it must not."""
    env.cr.execute("SET LOCAL enable_hashagg = off")
    _bare(env)


def _full(env):
    env["crm.customer.profile"]._refresh_company(env["res.company"].browse(1))


def _refresh(options) -> Iterator[Figure]:
    with options.env_factory() as env:
        fresh = not env["crm.customer.profile"].search_count([], limit=1)
    bare = median(_seconds(options, _bare) for _ in range(3))
    if fresh:
        yield from _first(options, bare)
    _seconds(options, _full)
    times = paired(lambda: _seconds(options, _full), lambda: _seconds(options, _bare), repeat=3, warmup=0)
    full, bare = median(times.first), median(times.second)
    yield at_most("full refresh: scores, ABC, segments, tiers", full, 2, "s", bare, "bare GROUP BY", ratio=True)
    with options.env_factory() as env:
        yield from _recorded(env)
    yield Figure("bare GROUP BY, sorting", median(_seconds(options, _bare_sorted) for _ in range(3)), "s", bare, "bare")
    before = _written(options)
    _seconds(options, _full)
    yield at_most("rows written by a refresh with nothing new", _written(options) - before, 0, "")


def _first(options, bare) -> Iterator[Figure]:
    with options.env_factory() as env:
        first, *parts = _recorded(env)
    yield Figure("full refresh, the first: all profiles are new", first.value, "s", bare, "bare GROUP BY")
    yield from parts
    _vacuum(options, "crm_customer_profile", "crm_segment_membership", "crm_tier_stay")


def _recorded(env) -> Iterator[Figure]:
    """One full refresh, and where its time goes."""
    with recorded(env.cr) as seconds:
        start = time.perf_counter()
        _full(env)
        spent = time.perf_counter() - start
    yield Figure("one such refresh", spent)
    yield from breakdown(seconds, spent)


def _written(options) -> int:
    """Rows inserted, updated and deleted in the profiles and memberships so far."""
    with options.env_factory() as env:
        env.cr.execute("SELECT pg_stat_force_next_flush()")
        env.cr.commit()
        env.cr.execute(
            """SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables
                WHERE relname IN ('crm_customer_profile', 'crm_segment_membership', 'crm_tier_stay', 'res_partner')"""
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
    yield Figure("training: models, clusters, cohorts", sum(times[:3]))
    yield Figure("prediction of all customers", sum(times[3:]))
    yield Figure("the longest of all steps", max(times))
    yield at_most("peak memory of the process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1024, "MB")
    _vacuum(options, "crm_customer_profile")


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


def _vacuum(options, *tables) -> None:
    from benchmarks.profiles_data import vacuum

    with options.env_factory() as env:
        vacuum(env, *tables)
