"""Due steps of follow-up rules: how many a second, beside the host's own `mail.activity` in the same run."""

import time
from contextlib import contextmanager

from benchmarks.harness import Figure, at_least, at_most

NEEDS = "odoo"
STEPS = 100_000
BATCH = 500
PARTS = ("counting", "working")


def add_arguments(parser) -> None:
    """What to measure."""
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))


def run(options):
    """At scale 1: 100,000 customers, each with a due activity of a rule, and as many with a tag."""
    count = max(int(STEPS * options.scale), BATCH)
    with options.env_factory() as env:
        company = _company(env)
        _customers(env, company, count)
        if "counting" in options.only:
            _history(env, company, count)
    with options.env_factory() as env:
        company = _company(env)
        env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})
        company = company.with_env(env)
        if "counting" in options.only:
            yield from _counting(env, company, count)
        if "working" in options.only:
            yield from _working(env, company, count)


def _company(env):
    found = env["res.company"].search([("name", "=", "Follow-up benchmark")])
    return found or env["res.company"].create({"name": "Follow-up benchmark"})


def _customers(env, company, count):
    """Customers with a profile each, by SQL."""
    env.cr.execute("SELECT count(*) FROM crm_customer_profile WHERE company_id = %s", (company.id,))
    missing = count - env.cr.fetchone()[0]
    if missing <= 0:
        return
    partner = env["res.partner"].create(
        {"name": "Template", "is_company": True, "user_id": env.ref("base.user_admin").id}
    )
    env.flush_all()
    columns = [name for name, field in partner._fields.items() if field.store and field.column_type and name != "id"]
    own = [name for name in columns if name not in ("commercial_partner_id", "name")]
    env.cr.execute(
        f"""WITH made AS (
                INSERT INTO res_partner ({", ".join(own)}, name) SELECT {", ".join(own)}, 'Followed ' || n
                  FROM res_partner, generate_series(1, %s) n WHERE id = %s RETURNING id)
            INSERT INTO crm_customer_profile (partner_id, company_id, revenue, order_count, last_order_date)
            SELECT id, %s, id %% 1000, 2, now() - interval '200 days' FROM made""",  # pylint: disable=sql-injection  # names of columns
        (missing, partner.id, company.id),
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL")
    env.cr.commit()
    env.cr.execute("ANALYZE res_partner")
    env.cr.execute("ANALYZE crm_customer_profile")
    env.invalidate_all()


@contextmanager
def _seconds(found):
    start = time.perf_counter()
    yield
    found.append(time.perf_counter() - start)


def _counting(env, company, count):
    audience = env["crm.audience"].create(
        {"name": "Counted", "company_id": company.id, "domain": "[('days_since_order', '>', 90)]"}
    )
    yield at_most(f"count of an audience of {count:,} profiles", 1000 * _count(audience), 300, "ms")
    audience.unlink()
    phone, product = env.ref("crm_plus.channel_phone"), env["product.product"].search([("name", "=", "Followed")])
    for name, values in {
        "no contact in 60 days": {"kind": "contact", "done": "no", "days": 60},
        "contact by phone in 30 days": {"kind": "contact", "done": "yes", "days": 30, "channel_ids": phone.ids},
        "bought a product in a year": {"kind": "purchase", "done": "yes", "days": 365, "product_ids": product.ids},
        "bought nothing in 180 days": {"kind": "purchase", "done": "no", "days": 180},
        "a yearly date in 7 days": {"kind": "date", "done": "yes", "days": 7, "date_field": "partner_id.create_date"},
    }.items():
        audience = env["crm.audience"].create(
            {"name": name, "company_id": company.id, "behavior_ids": [(0, 0, values)]}
        )
        yield at_most(f"{name}, of {count:,} customers", 1000 * _count(audience), 300, "ms")
        audience.unlink()


def _count(audience):
    """The shortest of three times."""
    took = []
    for _repeat in range(3):
        audience.invalidate_recordset()
        with _seconds(took):
            audience.member_count  # noqa: B018  # it is the reading that is timed
    return min(took)


def _history(env, company, count):
    """Ten calls and emails and two orders of a product for each customer, of two years."""
    if env["crm.interaction"].search_count([("company_id", "=", company.id)], limit=1):
        return
    from odoo.tools import SQL

    from devtools.scripts.copies import insert_copies

    env.cr.execute("SELECT setseed(0.42)")
    product = env["product.product"].create({"name": "Followed"})
    customers = env["crm.customer.profile"].search([("company_id", "=", company.id)]).partner_id.ids
    moment = SQL("date_trunc('second', now() AT TIME ZONE 'UTC' - random() * interval '2 years')")
    each = (
        "(SELECT p AS partner, n, row_number() OVER () AS place FROM unnest(%s::int[]) p, generate_series(1, %s) n) r"
    )
    channels = [env.ref(f"crm_plus.channel_{code}").id for code in ("email", "phone")]
    first = env["crm.interaction"].create(
        {"name": "Talk", "company_id": company.id, "partner_id": customers[0], "channel_id": channels[0]}
    )
    insert_copies(
        first, SQL(each, customers, 10), partner_id=SQL("r.partner"), date=moment,
        channel_id=SQL("(%s::int[])[1 + place %% 2]", channels),
    )  # fmt: skip
    order = env["sale.order"].with_company(company).create(
        {"partner_id": customers[0], "company_id": company.id,
         "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]}
    )  # fmt: skip
    line = order.order_line
    order.state = "sale"
    env.flush_all()
    insert_copies(
        order, SQL(each, customers, 2), partner_id=SQL("r.partner"), date_order=moment, name=SQL("'F' || place"),
        access_token=SQL("NULL"),
    )  # fmt: skip
    orders = SQL("(SELECT id AS order_id, partner_id FROM sale_order WHERE company_id = %s AND id <> %s) r",
                 company.id, order.id)  # fmt: skip
    insert_copies(line, orders, order_id=SQL("r.order_id"), order_partner_id=SQL("r.partner_id"))
    env.cr.commit()
    for table in ("crm_interaction", "sale_order", "sale_order_line"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all()


def _working(env, company, count):
    env["crm.followup.policy"]._of(company).write(
        {"cap_week": 3, "cap_month": 9, "quiet_from": 0, "quiet_to": 0, "working_days": False, "capacity": 0}
    )
    audience = env["crm.audience"].create({"name": "Followed", "company_id": company.id})
    tag = env["res.partner.category"].create({"name": "Followed"})
    call = env.ref("mail.mail_activity_data_call")
    host = []
    partners = env["crm.customer.profile"].search([("company_id", "=", company.id)], limit=BATCH).partner_id
    with _seconds(host):
        partners.activity_schedule(activity_type_id=call.id, user_id=env.ref("base.user_admin").id, summary="Host")
        env.flush_all()
        env.cr.commit()
    reference = len(partners) / host[0]
    for name, step in {
        "activity": {"kind": "activity", "activity_type_id": call.id},
        "tag": {"kind": "tag", "tag_id": tag.id},
    }.items():
        rule = env["crm.followup.rule"].create(
            {"name": name, "company_id": company.id, "audience_id": audience.id, "include_present": True,
             "state": "active", "user_id": env.ref("base.user_admin").id, "step_ids": [(0, 0, step)]}
        )  # fmt: skip
        looked, worked = [], []
        with _seconds(looked):
            rule._evaluate()
            env.cr.commit()
        with _seconds(worked):
            while env["crm.followup.rule"]._work_next(company):
                env.cr.commit()
                env.invalidate_all()
        done = env["crm.followup.event"].search_count([("rule_id", "=", rule.id)])
        yield at_most(f"{name}: runs begun of {count:,} customers", looked[0], 60 * options_scale(count))
        yield at_least(
            f"{name}: steps a second", done / worked[0], 500, "", reference, "the host's own activities in one go"
        )
        yield Figure(f"{name}: steps taken", done, "")
    _clean(env, company)


def options_scale(count):
    """The share of the full size, at least a tenth: what does not grow with it takes its time, too."""
    return max(count / STEPS, 0.1)


def _clean(env, company):
    """The next run begins with nobody on the way."""
    rules = env["crm.followup.rule"].search([("company_id", "=", company.id)])
    env.flush_all()
    for table in ("crm_followup_event", "crm_followup_run", "crm_followup_member"):
        env.cr.execute(f"DELETE FROM {table} WHERE company_id = %s", (company.id,))  # pylint: disable=sql-injection  # names
    env.cr.execute(
        """DELETE FROM mail_activity WHERE res_model = 'res.partner' AND res_id IN (
               SELECT partner_id FROM crm_customer_profile WHERE company_id = %s)""",
        (company.id,),
    )
    env.cr.commit()
    env.invalidate_all()
    rules.unlink()
