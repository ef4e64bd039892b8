"""The overview, the card of a customer and the figures of days: what people wait for and what the night costs.

A million customers with ten million orders, 200,000 leads and five million contacts (--scale for fewer). Server time of
what the page asks for, all of it one after the other, as a manager and as a salesperson with own documents: counted
anew, and when the page is opened again within ten minutes, so that what took long is kept.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from benchmarks.harness import Figure, at_most, median, paired, timed_median
from benchmarks.statements import breakdown, recorded

NEEDS = "odoo"
PARTS = ("board", "glance", "night", "screens")
ADMIN = 2
REPEAT = 20
BARE = """SELECT count(bare) FROM (SELECT partner_id, max(date_order), count(*), sum(amount_untaxed) FROM sale_order
           WHERE state = 'sale' AND company_id = 1 GROUP BY partner_id) bare"""


def add_arguments(parser) -> None:
    """What to measure."""
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--explain", action="store_true", help="where the time of the board and of the night goes")


def run(options) -> Iterable[Figure]:
    """All figures."""
    from benchmarks import board_data

    with options.env_factory() as env:
        yield Figure("customers and contacts", board_data.ensure_profiles(env, options.scale), "")
        _record(env)
    work = {"board": _board, "glance": _glance, "night": _night, "screens": _screens}
    for part in options.only:
        yield from work[part](options)


def _record(env):
    """The figures of all past days, once."""
    from odoo.addons.crm_plus.services.kpi.recorder import Recorder

    company = env["res.company"].browse(1)
    if not env["crm.kpi.day"].search_count([("company_id", "=", 1)], limit=1):
        recorder, step = Recorder(env, company), 0
        for month_end in recorder.record():
            recorder.count_retention(month_end)
        while recorder.replay(step):
            step += 1
            env.cr.commit()
        env.cr.commit()


# ------------------------------------------------------------------ the board


def _asked(env, again=False, days=90):
    """What the page asks for: as it is kept for some minutes when it took long to count, or ``again``."""
    yesterday = env.company._crm_plus_today() - timedelta(days=1)
    chosen = {"date_from": str(yesterday - timedelta(days=days - 1)), "date_to": str(yesterday)}
    return {
        "overview": lambda: env["crm.kpi.day"].overview(chosen, again=again),
        "retention": lambda: env["crm.customer.cohort"].get_retention(12, again=again),
        "concentration": lambda: env["crm.customer.profile"].pareto_curve(again=again),
    }


def _later(env, days=90):
    """The cards that are counted when they come into view."""
    yesterday = env.company._crm_plus_today() - timedelta(days=1)
    chosen = {"date_from": str(yesterday - timedelta(days=days - 1)), "date_to": str(yesterday)}
    return {
        card: (lambda card=card: env["crm.kpi.day"].overview_card(card, chosen, again=True))
        for card in ("answers", "products", "forecast", "effort")
    }


def _users(env):
    """A manager, and a salesperson who sees own documents only."""
    seller = env["res.users"].search([("login", "=", "bench_seller")])
    if not seller:
        group = env.ref("sales_team.group_sale_salesman").id
        seller = env["res.users"].create(
            {"name": "Seller", "login": "bench_seller", "group_ids": [(4, group)], "company_id": 1}
        )
        env.cr.commit()
    return {"manager": ADMIN, "own documents": seller.id}


def _board(options) -> Iterator[Figure]:
    with options.env_factory() as env:
        users = _users(env)
    for name, uid in users.items():
        with options.env_factory(uid) as env:
            env = env(context={"allowed_company_ids": [1], "lang": "en_US"})
            anew = _asked(env, again=True)
            yield at_most(f"board counted anew, cold caches, {name}", _cold(env, anew), 2, "s")
            yield from _turns(env, anew, f"board counted anew, {name}", 2000)
            for card, work in _later(env).items():
                yield Figure(f"  in view, counted anew: {card}", _milliseconds(env, work), "ms")
            if options.explain:
                with recorded(env.cr) as seconds:
                    start = time.perf_counter()
                    _all(env, anew)
                    spent = time.perf_counter() - start
                yield from breakdown(seconds, spent)
            env.cr.commit()  # the request is over: what took long is kept now
            yield from _turns(env, _asked(env), f"board opened again within ten minutes, {name}", 300)


def _turns(env, parts, name, limit):
    taken = {part: [] for part in parts}
    for _turn in range(REPEAT):
        env.invalidate_all()
        for part, work in parts.items():
            start = time.perf_counter()
            work()
            taken[part].append(1000 * (time.perf_counter() - start))
    whole = [sum(turn) for turn in zip(*taken.values(), strict=True)]
    yield at_most(f"{name}, 95th percentile of {REPEAT}", _percentile(whole), limit, "ms")
    for part, times in taken.items():
        yield Figure(f"  of it {part}", median(times), "ms")
    yield at_most("  queries", _queries(env, parts), 25, "")


def _milliseconds(env, work):
    return 1000 * timed_median(lambda: (env.invalidate_all(), work()))


def _all(env, parts):
    env.invalidate_all()
    for work in parts.values():
        work()


def _cold(env, parts):
    """Nothing remembered by Odoo or by the connection; what PostgreSQL and the system keep of the disk stays."""
    env.registry.clear_all_caches()
    env.cr.execute("DISCARD PLANS")
    start = time.perf_counter()
    _all(env, parts)
    return time.perf_counter() - start


def _percentile(times):
    return statistics.quantiles(times, n=20)[-1]


def _queries(env, parts):
    _all(env, parts)
    before = env.cr.sql_log_count
    _all(env, parts)
    return env.cr.sql_log_count - before


# ------------------------------------------------------------------ one customer


def _glance(options) -> Iterator[Figure]:
    with options.env_factory(ADMIN) as env:
        env = env(context={"allowed_company_ids": [1], "lang": "en_US"})
        profiles = env["crm.customer.profile"]
        partners = profiles.search([("company_id", "=", 1)], limit=200, order="revenue desc").partner_id.ids

        def card(partner_id):
            env.invalidate_all()
            start = time.perf_counter()
            profiles.glance(partner_id)
            return 1000 * (time.perf_counter() - start)

        card(partners[0])
        yield at_most("card, 95th percentile of 200 customers", _percentile([card(one) for one in partners]), 30, "ms")
        before = env.cr.sql_log_count
        card(partners[0])
        yield at_most("  queries", env.cr.sql_log_count - before, 8, "")


# ------------------------------------------------------------------ the night


def _night(options) -> Iterator[Figure]:
    from odoo.addons.crm_plus.services.kpi.recorder import Recorder

    def record(env):
        """As every night: the day before yesterday is the last one recorded."""
        recorder = Recorder(env, env["res.company"].browse(1))
        recorder.record(recorder.yesterday - timedelta(days=1))

    def snapshot():
        with options.env_factory() as env:
            record(env)

    def bare():
        with options.env_factory() as env:
            env.cr.execute("SET LOCAL work_mem = '256MB'")
            env.cr.execute(BARE)

    times = paired(snapshot, bare, repeat=5)
    yield at_most("figures of a night", median(times.first), 0.5, "s", median(times.second), "bare GROUP BY",
                  ratio=True)  # fmt: skip
    if options.explain:
        with options.env_factory() as env:
            with recorded(env.cr) as seconds:
                start = time.perf_counter()
                record(env)
                spent = time.perf_counter() - start
            yield from breakdown(seconds, spent)


# ------------------------------------------------------------------ others' screens


def _screens(options) -> Iterator[Figure]:
    """A list of orders and one of leads, while another process shows the overview every two seconds, and while not."""
    with options.env_factory(ADMIN) as env:
        env = env(context={"allowed_company_ids": [1], "lang": "en_US"})
        screens = {
            "list of orders": (env["sale.order"], ("name", "date_order", "partner_id", "amount_total", "state")),
            "list of leads": (env["crm.lead"], ("name", "partner_id", "expected_revenue", "stage_id")),
        }
        for name, (model, names) in screens.items():
            fields = {field: {"fields": {"display_name": {}}} if field.endswith("_id") else {} for field in names}

            def page(model=model, fields=fields):
                env.invalidate_all()
                for _time in range(40):
                    env.invalidate_all()
                    model.web_search_read([], fields, limit=80, count_limit=80)
                    time.sleep(0.02)

            alone, beside = [], []
            for _turn in range(5):
                alone.append(_seconds(page))
                with _overviews():
                    beside.append(_seconds(page))
            yield at_most(f"{name} while the overview is shown", 25 * median(beside), 1.05, "ms", 25 * median(alone),
                          "while not", ratio=True)  # fmt: skip


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _overviews():
    """A process that shows the overview again and again, from when it is ready."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.board"], stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait()


def main():
    """The process of `_overviews`."""
    from devtools.scripts.bench_run import _configured_odoo

    with _configured_odoo()(ADMIN) as env:
        env = env(context={"allowed_company_ids": [1], "lang": "en_US"})
        parts = _asked(env, again=True)
        _all(env, parts)
        print("ready", flush=True)
        while True:
            time.sleep(2)
            _all(env, parts)


if __name__ == "__main__":
    main()
