"""What the overview counts besides the orders of `profiles_data.py`: leads, quotations and contacts of two years.

For each five customers a lead, for each customer five contacts: a million customers have 200,000 leads and five million
contacts. A third of the leads are closed, a third of those won, with an order.
"""

from odoo.tools import SQL

from benchmarks import profiles_data
from devtools.scripts.copies import insert_copies

LEADS_EACH, CONTACTS_EACH = 0.2, 5
CUSTOMERS = SQL("res_partner p WHERE p.ref = 'bench' AND p.commercial_partner_id = p.id")
MARK = "crm_plus.bench_board"
SECONDS = 2 * 365 * 86400


def ensure(env, scale):
    """Make the data once; the number of customers."""
    count = profiles_data.ensure(env, scale)
    settings = env["ir.config_parameter"]
    if settings.get_param(MARK):
        return count
    env.cr.execute("SELECT setseed(0.42)")
    _leads(env, int(count * LEADS_EACH))
    _contacts(env, int(count * CONTACTS_EACH))
    settings.set_param(MARK, "made")
    env.cr.commit()
    profiles_data.vacuum(env, "crm_lead", "crm_interaction")
    return count


def ensure_profiles(env, scale):
    """The same with the profiles of all customers; the number of customers."""
    count = ensure(env, scale)
    company = env["res.company"].browse(1)
    if not company.crm_plus_profile_date:
        env["crm.customer.profile"]._refresh_company(company)
        env.cr.commit()
        profiles_data.vacuum(env, "crm_customer_profile", "crm_segment_membership", "crm_tier_stay")
    return count


def _leads(env, count):
    lead = env["crm.lead"].create({"name": "Lead", "type": "opportunity", "company_id": 1})
    moment = SQL("now() AT TIME ZONE 'UTC' - random() * %s * interval '1 second'", SECONDS)
    rows = SQL(
        """(SELECT n, random() AS fate, %s AS created, (SELECT array_agg(id) FROM (
                       SELECT id FROM %s LIMIT 10000) few) AS ids
              FROM generate_series(1, %s) n) r""",
        moment,
        CUSTOMERS,
        count,
    )
    insert_copies(
        lead,
        rows,
        name=SQL("'Lead ' || n"),
        partner_id=SQL("ids[1 + n %% array_length(ids, 1)]"),
        create_date=SQL("created"),
        type=SQL("CASE WHEN n %% 3 = 0 THEN 'lead' ELSE 'opportunity' END"),
        won_status=SQL("CASE WHEN fate < 0.11 THEN 'won' WHEN fate < 0.33 THEN 'lost' ELSE 'pending' END"),
        active=SQL("fate < 0.11 OR fate >= 0.33"),
        date_closed=SQL(
            "CASE WHEN fate < 0.33 THEN least(created + fate * interval '90 days', now() AT TIME ZONE 'UTC') END"
        ),
    )
    env.cr.execute(
        """UPDATE sale_order o SET opportunity_id = l.id FROM (
               SELECT id, row_number() OVER (ORDER BY id) AS n FROM crm_lead WHERE won_status = 'won') l,
               (SELECT id, row_number() OVER (ORDER BY date_order DESC) AS n FROM sale_order WHERE state = 'sale') s
            WHERE o.id = s.id AND s.n = l.n"""
    )


def _contacts(env, count):
    """By phone, mail and in meetings; every tenth about a lead."""
    channels = [env.ref(f"crm_plus.channel_{code}").id for code in ("email", "phone", "meeting")]
    definitions = profiles_data.without_checks(env, "crm_interaction")
    first = env["crm.interaction"].create(
        {"name": "Talk", "company_id": 1, "partner_id": 1, "user_id": 2, "channel_id": channels[0]}
    )
    leads = env["crm.lead"].with_context(active_test=False).search([("name", "=like", "Lead %")]).ids
    insert_copies(
        first,
        SQL(
            """(SELECT p.id AS partner, k, row_number() OVER () AS n, random() AS fate
                  FROM (SELECT p.id FROM %s) p, generate_series(1, %s) k LIMIT %s) r""",
            CUSTOMERS,
            -(-count // env.execute_query(SQL("SELECT count(*) FROM %s", CUSTOMERS))[0][0]),
            count,
        ),
        partner_id=SQL("r.partner"),
        channel_id=SQL("(%s::int[])[1 + n %% 3]", channels),
        direction=SQL("CASE WHEN fate < 0.4 THEN 'in' ELSE 'out' END"),
        date=SQL("now() AT TIME ZONE 'UTC' - random() * %s * interval '1 second'", SECONDS),
        lead_id=SQL("CASE WHEN n %% 10 = 0 THEN %s + n / 10 %% %s END", min(leads), len(leads)),
    )
    for definition in definitions:
        env.cr.execute(definition)
