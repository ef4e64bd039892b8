"""What people wait for: lists of customers and partners, their groups and counts, the segment map, the movement.

As the web client asks for it, by a user to whom record rules apply.
"""

from collections.abc import Iterator

from lxml import etree

from benchmarks.harness import Figure, at_most, timed_median

ADMIN = 2
MINE = [("company_id", "=", 1)]
COUNTED = 10_001  # up to which the client has rows counted
CARD = ("partner_id", "revenue", "order_count", "next_order_date", "churn_level", "tier_id")
RISKS = dict.fromkeys(("low", "medium", "high", "lost"), "any")


def figures(options) -> Iterator[Figure]:
    """All of them."""
    with options.env_factory(ADMIN) as env:
        env = env(context={"allowed_company_ids": [1]})
        groups = env["crm.customer.profile"]._read_group(MINE, ["segment_id"], ["__count"], order="__count")
        segments = [segment for segment, _count in groups if segment]
        yield from _partners(env, segments)
        yield from _profiles(env, segments)
        yield from _pictures(env)


def _milliseconds(env, work) -> float:
    return 1000 * timed_median(lambda: (env.invalidate_all(), work()))


def _partners(env, segments) -> Iterator[Figure]:
    partners = env["res.partner"]
    names = _specification("complete_name", "crm_segment_id", "crm_tier_id")

    def page(domain):
        return _milliseconds(env, lambda: partners.web_search_read(domain, names, limit=80, count_limit=80))

    def count(domain):
        return _milliseconds(env, lambda: partners.search_count(domain, limit=COUNTED))

    def grouped(column):
        return _milliseconds(env, lambda: partners.web_read_group([], [column], ["__count"], limit=80))

    of_segments = [[("crm_segment_id", "in", segment.ids)] for segment in segments]
    slowest = max(map(page, of_segments))
    yield at_most("partners of a segment: first page, the slowest", slowest, 50, "ms", page([]), "all partners")
    yield Figure(
        "partners of a segment: count, the slowest", max(map(count, of_segments)), "ms", count([]), "all partners"
    )
    yield Figure(
        "partners grouped by segment", grouped("crm_segment_id"), "ms", grouped("country_id"), "grouped by country"
    )
    stages = _specification("complete_name", "crm_lifecycle", "crm_lifecycle_date")
    yield Figure(
        "partners with their stages: first page",
        _milliseconds(env, lambda: partners.web_search_read([], stages, limit=80, count_limit=80)),
        "ms",
    )
    yield Figure("partners of a stage: count", count([("crm_lifecycle", "=", "repeat")]), "ms")
    yield Figure("partners grouped by stage", grouped("crm_lifecycle"), "ms")


def _profiles(env, segments) -> Iterator[Figure]:
    profiles = env["crm.customer.profile"]
    sums = _aggregates(profiles)
    columns = _specification(*_list_fields(profiles))
    in_segments = [[*MINE, ("segment_id", "in", segment.ids)] for segment in segments]
    cases = {
        "customers: first page": lambda: profiles.web_search_read(MINE, columns, limit=80, count_limit=80),
        "customers of the largest segment: first page": lambda: profiles.web_search_read(
            in_segments[-1], columns, limit=80, count_limit=80
        ),
        "customers of the largest segment: count": lambda: profiles.search_count(in_segments[-1]),
        "customers: count": lambda: profiles.search_count(MINE),
        "customers grouped by segment, revenue": lambda: profiles.formatted_read_group(
            MINE, ["segment_id"], ["__count", "revenue:sum"]
        ),
        "customers grouped by segment, all sums of the list": lambda: profiles.web_read_group(
            MINE, ["segment_id"], sums, limit=80
        ),
        "customers as cards by segment": lambda: profiles.web_read_group(
            MINE, ["segment_id"], ["revenue:sum", "revenue:sum_currency", "currency_id:array_agg_distinct"],
            auto_unfold=True, unfold_read_specification=_specification(*CARD),
        ),
        "the bars above the cards": lambda: profiles.read_progress_bar(
            MINE, "segment_id", {"field": "churn_level", "colors": RISKS}
        ),
    }  # fmt: skip
    for name, work in cases.items():
        yield at_most(name, _milliseconds(env, work), 300, "ms")


def _pictures(env) -> Iterator[Figure]:
    profiles, stays = env["crm.customer.profile"], env["crm.segment.membership"]
    today = env.company._crm_plus_today()
    month = today.replace(day=1)
    yield Figure("segment map", _milliseconds(env, profiles.segment_map), "ms")
    yield Figure("curve of revenue, Gini coefficient", _milliseconds(env, profiles.pareto_curve), "ms")
    yield Figure(
        "movement since the first of the month", _milliseconds(env, lambda: stays.movement(month, today)), "ms"
    )
    yield Figure("movement, nobody moved", _milliseconds(env, lambda: stays.movement(today, today)), "ms")


def _specification(*names):
    """What the client reads of each field: of a record its name."""
    return {name: {"fields": {"display_name": {}}} if name.endswith("_id") else {} for name in names}


def _list_fields(profiles):
    arch = etree.fromstring(profiles.get_view(view_type="list")["arch"])
    return list(dict.fromkeys(arch.xpath("//field/@name")))


def _aggregates(profiles):
    """What the client has added up for the groups of the list: hidden columns as well, amounts with their currency."""
    described = profiles.fields_get(_list_fields(profiles), ["type", "aggregator", "currency_field"])
    numbers = {
        name: field for name, field in described.items()
        if field.get("aggregator") and field["type"] in ("integer", "float", "monetary")
    }  # fmt: skip
    amounts = [name for name, field in numbers.items() if field["type"] == "monetary"]
    return [
        *(f"{name}:{field['aggregator']}" for name, field in numbers.items()),
        *(f"{name}:sum_currency" for name in amounts),
        "currency_id:array_agg_distinct",
    ]
