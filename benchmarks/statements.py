"""Where the time of a piece of work goes: its statements, by what they do."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.harness import Figure

VERBS = re.compile(r"""\s*(CREATE TEMPORARY TABLE|INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)""", re.IGNORECASE)


def label(statement: str) -> str:
    """What a statement does.

    >>> label("INSERT INTO crm_tier_stay (id) SELECT 1"), label("  SELECT 1"), label("WITH a AS (SELECT 1) SELECT 1")
    ('insert into crm_tier_stay', 'other statements', 'other statements')
    >>> label('CREATE TEMPORARY TABLE "crm_plus_fresh" AS SELECT 1')
    'create temporary table crm_plus_fresh'
    """
    found = VERBS.match(statement)
    return f"{found[1].lower()} {found[2]}" if found else "other statements"


@contextmanager
def recorded(cr) -> Iterator[Counter]:
    """Seconds by label of what the cursor executes meanwhile."""
    seconds, execute = Counter(), cr.execute

    def timed(query, *arguments, **options):
        start = time.perf_counter()
        try:
            return execute(query, *arguments, **options)
        finally:
            seconds[label(getattr(query, "code", query))] += time.perf_counter() - start

    cr.execute = timed
    try:
        yield seconds
    finally:
        del cr.execute


def breakdown(seconds: Counter, total: float, unit: str = "s", most: int = 6) -> Iterator[Figure]:
    """The dearest kinds of statements, the others together, and all the rest, such as Python."""
    factor = 1000 if unit == "ms" else 1
    named = Counter({name: spent for name, spent in seconds.items() if name != "other statements"}).most_common(most)
    for name, spent in named:
        yield Figure(f"  of it {name}", factor * spent, unit)
    yield Figure("  of it other statements", factor * (sum(seconds.values()) - sum(spent for _n, spent in named)), unit)
    yield Figure("  of it all the rest", factor * (total - sum(seconds.values())), unit)
