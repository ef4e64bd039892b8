"""Campaign return over years: what a manager waits for, a pivot and a page of its list.

At scale 1: 100,000 touches of five years of 20,000 customers with 200,000 orders: leads and quotations of 60 campaigns,
and what 12 rules did, of which six hold a share out. The reference is a bare sum of what the customers of each campaign
bought within the window after a touch, in the same run. Seconds are those of the processors of Odoo and of its database
connection (where both are on this machine), so that other work in the meantime does not count.
"""

import os
import time
from pathlib import Path

from benchmarks.harness import Figure, at_most, median

NEEDS = "odoo"
ADMIN = 2
TOUCHES, CAMPAIGNS, RULES = 100_000, 60, 12
# of a million customers of `profiles_data`
CUSTOMERS = 0.02
MARK = "crm_plus.bench_campaigns"
MEASURES = ("reached", "replied", "leads", "won", "orders", "revenue", "last_orders", "last_revenue", "uplift_revenue",
            "cost", "return_on_cost")  # fmt: skip
PIVOTS = {"kind and campaign": ["kind", "campaign_id"], "month": ["date:month"], "rule": ["rule_id"]}
BARE = """SELECT count(sums) FROM (
           SELECT l.campaign_id, sum(o.amount_untaxed) FROM crm_lead l
             JOIN res_partner p ON p.id = l.partner_id
             JOIN res_partner c ON c.commercial_partner_id = p.commercial_partner_id
             JOIN sale_order o ON o.partner_id = c.id AND o.state = 'sale' AND o.date_order >= l.create_date
                  AND o.date_order < l.create_date + interval '90 days'
            WHERE l.campaign_id IS NOT NULL GROUP BY 1) sums"""


def add_arguments(parser) -> None:
    """What else to print."""
    parser.add_argument("--explain", action="store_true", help="the plan of the sums by campaign")


def run(options):
    """The pivot, its finer groups, a page of the list, and a record with its number's rows."""
    from benchmarks import profiles_data

    with options.env_factory() as env:
        profiles_data.ensure(env, options.scale * CUSTOMERS)
        _ensure(env, int(TOUCHES * options.scale))
    with options.env_factory(ADMIN) as env:
        env = env(context={"allowed_company_ids": [1], "lang": "en_US", "tz": "UTC"})
        report = env["crm.campaign.return"]
        if options.explain:
            return _explain(env)
        bare = _seconds(env, lambda: env.cr.execute(BARE))
        [(touched, rows)] = report._read_group([], [], ["reached:sum", "__count"])
        figures = [Figure("rows", rows, ""), Figure("customers and leads reached", touched, "")]
        for name, groups in PIVOTS.items():
            took = _seconds(env, lambda g=groups: _pivot(report, g))
            figures.append(at_most(f"pivot by {name}", took, 2, "s", bare, "bare sum"))
        one = _campaigns(env)[:1].id
        for name, domain in {"all": [], "campaigns": [("kind", "=", "campaign")],
                             "one campaign": [("campaign_id", "=", one)]}.items():  # fmt: skip
            took = _seconds(env, lambda d=domain: _page(report, d))
            figures.append(at_most(f"page of the list, {name}", took, 1, "s", bare, "bare sum"))
        return figures


def _seconds(env, work):
    """The median of three times, after one that is not counted."""
    place = Path(f"/proc/{env.cr._cnx.info.backend_pid}/stat")

    def used():
        if not place.exists():
            return time.perf_counter()
        ticks = place.read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") + time.process_time()

    work()
    took = []
    for _repeat in range(3):
        start = used()
        work()
        took.append(used() - start)
    return median(took)


def _pivot(report, groups):
    """What the host's pivot asks for: the sums of each of its groupings."""
    report.env.invalidate_all()
    sets = [groups[:size] for size in range(len(groups) + 1)]
    return report.formatted_read_grouping_sets([], sets, [f"{name}:sum" for name in MEASURES])


def _page(report, domain):
    """What the host's list asks for."""
    report.env.invalidate_all()
    columns = ("kind", "campaign_id", "rule_id", "partner_id", "date", *MEASURES)
    names = {"fields": {}}
    specification = {name: names if report._fields[name].relational else {} for name in columns}
    return report.web_search_read(domain, specification, limit=80, order="date desc, id")


def _campaigns(env):
    return env["utm.campaign"].search([("title", "=like", "Bench %")], order="id")


def _ensure(env, count):
    """Make the touches once: a third each of leads, quotations and what rules did."""
    done = env["ir.config_parameter"].get_param(MARK)
    if done and int(done) != count:
        raise SystemExit(f"The database holds {done} touches: add --fresh to make it anew.")
    if done:
        return
    from odoo.tools import SQL

    from benchmarks import profiles_data
    from devtools.scripts.copies import insert_copies

    company = env["res.company"].browse(1)
    env.cr.execute("SELECT setseed(0.42)")
    env["crm.customer.profile"]._refresh_company(company)
    campaigns = env["utm.campaign"].create([{"title": f"Bench {n}"} for n in range(CAMPAIGNS)]).ids
    env["crm.campaign.cost"].create(
        [{"campaign_id": campaign, "amount": 500, "company_id": 1, "name": "Stand"} for campaign in campaigns[::2]]
    )
    lead = env["crm.lead"].create({"name": "Fair", "type": "opportunity", "company_id": 1, "campaign_id": campaigns[0]})
    customers = SQL("(SELECT array_agg(partner_id) AS ids FROM crm_customer_profile WHERE company_id = 1) c")
    insert_copies(
        lead,
        SQL("(SELECT n, random() AS fate, random() AS age, c.ids FROM generate_series(1, %s) n, %s) r", count // 3,
            customers),
        name=SQL("'Fair ' || n"),
        partner_id=SQL("ids[1 + floor(fate * array_length(ids, 1))::int]"),
        campaign_id=SQL("(%s::int[])[1 + n %% %s]", campaigns, CAMPAIGNS),
        create_date=SQL("now() AT TIME ZONE 'UTC' - age * interval '5 years'"),
        won_status=SQL("CASE WHEN n %% 9 = 0 THEN 'won' WHEN n %% 4 = 0 THEN 'lost' ELSE 'pending' END"),
    )  # fmt: skip
    env.cr.execute(
        """UPDATE sale_order o SET campaign_id = (%s::int[])[1 + s.n %% %s] FROM (
               SELECT id, row_number() OVER (ORDER BY id) AS n FROM sale_order WHERE state = 'sale' LIMIT %s) s
            WHERE o.id = s.id""",
        (campaigns, CAMPAIGNS, count // 3),
    )
    _rules(env, count - 2 * (count // 3))
    env["ir.config_parameter"].set_param(MARK, count)
    env.cr.commit()
    profiles_data.vacuum(env, "crm_lead", "sale_order", "crm_followup_event", "crm_followup_member",
                         "crm_customer_profile")  # fmt: skip


def _rules(env, count):
    """What rules did, and whom half of them hold out."""
    call = env.ref("mail.mail_activity_data_call")
    audience = env["crm.audience"].create({"name": "Bench", "company_id": 1})
    rules = env["crm.followup.rule"].create(
        [
            {"name": f"Bench {n}", "company_id": 1, "audience_id": audience.id, "holdout_percent": 10 * (n % 2),
             "step_ids": [(0, 0, {"kind": "activity", "activity_type_id": call.id})]}
            for n in range(RULES)
        ]
    )  # fmt: skip
    env.flush_all()
    env.cr.execute(
        """WITH member AS (
               INSERT INTO crm_followup_member
                      (rule_id, company_id, partner_id, present, date_since, held_out, date_assigned)
               SELECT (%(rules)s::int[])[1 + n %% %(size)s], 1, partner_id, TRUE, moment,
                      n %% %(size)s %% 2 = 1 AND fate < 0.1,
                      CASE WHEN n %% %(size)s %% 2 = 1 THEN moment END
                 FROM (SELECT f.partner_id, n, random() AS fate,
                              now() AT TIME ZONE 'UTC' - random() * interval '5 years' AS moment
                         FROM crm_customer_profile f, generate_series(0, %(size)s - 1) n WHERE f.company_id = 1
                        ORDER BY random() LIMIT %(count)s) r RETURNING *),
             run AS (
               INSERT INTO crm_followup_run (rule_id, company_id, partner_id, state, date_start)
               SELECT rule_id, 1, partner_id, 'done', date_since FROM member WHERE held_out IS NOT TRUE
            RETURNING *)
           INSERT INTO crm_followup_event (run_id, rule_id, company_id, partner_id, date, kind, summary, shadow)
           SELECT id, rule_id, 1, partner_id, date_start, 'activity', 'Called', FALSE FROM run""",
        {"rules": rules.ids, "size": RULES, "count": count},
    )


def _explain(env):
    from odoo.tools import SQL

    report = env["crm.campaign.return"]
    query = SQL("SELECT kind, campaign_id, sum(revenue), sum(last_revenue), sum(replied), sum(leads), sum(cost)"
                " FROM (%s) r GROUP BY 1, 2", report._table_query)  # fmt: skip
    for (line,) in env.execute_query(SQL("EXPLAIN (ANALYZE, BUFFERS) %s", query)):
        print(line)
    return ()
