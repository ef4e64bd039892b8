"""What people wait for at a million customers beside the pages that other benchmarks measure: forms that count or
preview, questions before something is saved, merging, settings.

It goes on with the database of another benchmark: `./dev bench waits --db bench_board`. Nothing that it does is kept.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from benchmarks.harness import Figure, at_most

NEEDS = "odoo"
ADMIN = 2
# Seconds that anybody waits, for all of it and for one statement.
LIMIT = 2
OURS = "crm_plus"


def add_arguments(parser) -> None:
    """What to measure."""
    parser.add_argument("--only", nargs="+", metavar="PART", help=f"{', '.join(_parts())}; otherwise all")
    parser.add_argument("--explain", action="store_true", help="the longest statements themselves")


def run(options) -> Iterable[Figure]:
    """Each of them, twice: the second time counts, when what belongs to the process is there."""
    from benchmarks import profiles_data

    with options.env_factory() as env:
        yield Figure("customers and contacts", profiles_data.ensure(env, options.scale), "")
    for name, part in _parts().items():
        if options.only and name not in options.only:
            continue
        with options.env_factory(ADMIN) as env:
            for what, call in part(env):
                yield from _figures(env, what, call, options.explain)
            env.cr.rollback()


def _parts() -> dict[str, Callable]:
    return {"settings": _settings, "contact": _contact, "segment": _segment, "audience": _audience, "rule": _rule,
            "merge": _merge}  # fmt: skip


def _figures(env, what, call, explain) -> Iterator[Figure]:
    for _time in range(2):
        env.flush_all()
        env.invalidate_all()
        with _statements(env.cr) as statements, env.cr.savepoint() as savepoint:
            start = time.perf_counter()
            call()
            env.flush_all()
            took = time.perf_counter() - start
            savepoint.rollback()
    yield at_most(what, took, LIMIT)
    seconds, statement = max(statements, default=(0, ""))
    yield Figure("  its longest statement", seconds)
    if explain:
        print(f"{what}: {' '.join(statement.split())[:1500]}")


@contextmanager
def _statements(cr):
    """``[(seconds, statement)]`` that the cursor executes meanwhile."""
    found, execute = [], cr.execute

    def timed(query, *arguments, **options):
        start = time.perf_counter()
        try:
            return execute(query, *arguments, **options)
        finally:
            found.append((time.perf_counter() - start, str(getattr(query, "code", query))))

    cr.execute = timed
    try:
        yield found
    finally:
        del cr.execute


def _shown(record):
    """Open a form as the web client does: the fields of its view, and the first rows of its lists."""
    fields = record.get_view(view_type="form")["models"][record._name]
    lists = {"one2many": {"fields": {}, "limit": 40}, "many2many": {"fields": {}, "limit": 40}}
    record.web_read({name: lists.get(record._fields[name].type, {}) for name in fields})


def _own_fields(model):
    """The fields that the add-ons add to a model, as a form reads them."""
    return {name: {} for name, field in model._fields.items() if (field._module or "").startswith(OURS)}


def _settings(env):
    from odoo.addons.crm_plus.services.job.sizing import Sizing

    yield "settings: what it will take", lambda: Sizing(env).text()
    wizard = env["res.config.settings"]
    yield "settings: opened", lambda: wizard.create({}).web_read(_own_fields(wizard))
    yield "first steps", lambda: env["crm.start.step"].start_list()


def _contact(env):
    env.cr.execute("SELECT partner_id FROM crm_customer_profile WHERE company_id = 1 ORDER BY order_count DESC LIMIT 1")
    partner = env["res.partner"].browse(env.cr.fetchone()[0])
    yield "contact form: the add-ons' fields", lambda: partner.web_read(_own_fields(partner))
    profile = partner.crm_profile_id
    yield "customer form", lambda: _shown(profile)


def _segment(env):
    env.cr.execute("SELECT segment_id FROM crm_customer_profile WHERE company_id = 1 GROUP BY 1 ORDER BY count(*) DESC")
    segment = env["crm.segment"].browse(env.cr.fetchone()[0])
    yield "segment form", lambda: _shown(segment)
    made = env["crm.segment.family"].create({"name": "Waited for"})
    drafted = env["crm.segment"].create({"name": "Ordered often", "kind": "domain", "family_id": made.id,
                                         "domain": "[('order_count', '>', 5)]"})  # fmt: skip
    yield (
        "segment form: preview of a condition",
        lambda: drafted.preview_changes({"domain": "[('order_count', '>', 3)]"}),
    )
    tier = env["crm.tier"].search([], limit=1)
    if tier:
        yield "tier form: preview of a threshold", lambda: tier.preview_changes({"threshold": tier.threshold * 2})


def _audience(env):
    if "crm.audience" not in env:
        return
    values = {"name": "Waited for", "company_id": 1, "domain": "[('order_count', '>', 1)]"}
    shown = {name: {} for name in ("member_count", "examples", "problem", "reach_note")}
    yield "audience: saved and shown", lambda: env["crm.audience"].create(values).web_read(shown)
    audience = env["crm.audience"].create(values)
    _rule_of(env, audience)
    yield (
        "audience of a rule: the question before it is saved",
        lambda: audience.save_question({"domain": "[('order_count', '>', 2)]"}),
    )


def _rule_of(env, audience):
    tag = env["res.partner.category"].create({"name": "Waited for"})
    return env["crm.followup.rule"].create(
        {"name": "Waited for", "company_id": 1, "audience_id": audience.id, "include_present": True, "state": "active",
         "user_id": ADMIN, "step_ids": [(0, 0, {"kind": "tag", "tag_id": tag.id})]}
    )  # fmt: skip


def _rule(env):
    if "crm.audience" not in env:
        return
    audience = env["crm.audience"].create({"name": "Waited for", "company_id": 1, "domain": "[]"})
    rule = _rule_of(env, audience)
    preview = env["crm.followup.preview"]
    shown = {name: {} for name in preview._fields}
    yield "rule: preview", lambda: preview.create({"rule_id": rule.id}).web_read(shown)


def _merge(env):
    env.cr.execute(
        """SELECT array_agg(partner_id) FROM (
               SELECT f.partner_id FROM crm_customer_profile f JOIN res_partner p ON p.id = f.partner_id
                WHERE f.company_id = 1 AND p.parent_id IS NULL ORDER BY f.order_count DESC LIMIT 2) most"""
    )
    first, second = env["res.partner"].browse(env.cr.fetchone()[0])
    second.email = first.email
    wizard = env["base.partner.merge.automatic.wizard"]
    yield (
        "merging the two customers with most orders",
        lambda: wizard.create({})._merge([first.id, second.id], first, extra_checks=False),
    )
