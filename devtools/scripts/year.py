"""A year of use of version 19.0.1.0.0, for the tests of upgrades: run in Odoo's shell on that version, with that
version's own samples. It knows that version only; nothing of it follows later ones."""

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
}
CUSTOMERS, ORDERS, LEADS = 150, 900, 400


def fill(env, jobs):
    """Customers with orders, leads with conversations, what people log, settings and rules they change, and what the
    scheduled actions (`jobs`) make of it all, twice."""
    env = env(context={**env.context, **QUIET})
    chance = random.Random(7)
    _settings(env)
    users = _users(env)
    partners = _customers(env, chance)
    _orders(env, chance, partners)
    _leads(env)
    _log_by_hand(env, chance, partners, users)
    _write_mails(env, chance, partners)
    _meet(env, chance, partners, users)
    _rules(env)
    jobs(env)
    _groups_by_hand(env, partners)
    jobs(env)
    _date_back(env)
    _wait(env)
    env.cr.commit()


def _settings(env):
    env.company.write(
        {
            "crm_plus_hot_score": 62, "crm_plus_fit_weight": 60, "crm_plus_tier_months": 18,
            "crm_plus_minimum_stay": 3, "crm_plus_recency_cuts": "20, 60, 120, 240", "crm_plus_history_months": 15,
            "crm_plus_fit_cuts": "70, 45, 20", "crm_plus_use_prediction": True,
        }
    )  # fmt: skip


def _users(env):
    groups = {"seller": "sales_team.group_sale_salesman", "boss": "sales_team.group_sale_manager"}
    return env["res.users"].create(
        [
            {"name": login, "login": login, "email": f"{login}@old.example", "group_ids": [(4, env.ref(group).id)]}
            for login, group in groups.items()
        ]
    )


def _customers(env, chance):
    return env["res.partner"].create(
        [
            {
                "name": f"Customer {number}",
                "is_company": True,
                "email": f"customer{number}@old.example",
                "phone": f"+32 2 555 11 {number % 100:02}",
                "child_ids": [Command.create({"name": f"Contact {number}", "email": f"contact{number}@old.example"})],
            }
            for number in range(CUSTOMERS)
        ]
    )


def _orders(env, chance, partners):
    """Confirmed orders by SQL, copies of some the ORM made, over 13 months."""
    from devtools.scripts.copies import insert_copies, reserve_ids

    products = env["product.product"].create(
        [{"name": f"Product {name}", "type": "service", "list_price": 100} for name in "ABCD"]
    )
    now = fields.Datetime.now()
    for first, second in ((0, 1), (0, 2), (3, 1)):
        line = {"tax_ids": False, "product_uom_qty": 1}
        lines = [Command.create({**line, "product_id": products[place].id}) for place in (first, second)]
        template = env["sale.order"].create({"partner_id": partners[0].id, "order_line": lines})
        template.action_confirm()
        count = ORDERS // 3
        ids = reserve_ids(template, count)
        buyers = [partners[min(int(chance.expovariate(4) * CUSTOMERS), CUSTOMERS - 1)].id for _number in ids]
        days = [now - timedelta(days=chance.uniform(0, 395)) for _number in ids]
        rows = SQL("unnest(%s::int[], %s::int[], %s::timestamp[]) AS r(id, partner, date)", ids, buyers, days)
        partner, record, date = (SQL.identifier("r", name) for name in ("partner", "id", "date"))
        insert_copies(
            template, rows, id=record, name=SQL("'OLD' || r.id"), date_order=date, create_date=date,
            **dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id"), partner),
        )  # fmt: skip
        for order_line in template.order_line:
            insert_copies(order_line, rows, order_id=record, order_partner_id=partner)


def _leads(env):
    from devtools.samples import leads

    leads.LEADS = LEADS
    leads.load(env)


def _log_by_hand(env, chance, partners, users):
    channels = env["crm.interaction.channel"].search([("code", "in", ["phone", "meeting", "note"])])
    entries = env["crm.interaction"].create(
        [
            {
                "source_id": env.ref("crm_plus.source_manual").id,
                "partner_id": chance.choice(partners).id,
                "channel_id": chance.choice(channels).id,
                "date": fields.Datetime.now() - timedelta(days=chance.uniform(0, 365)),
                "user_id": chance.choice(users).id,
                "name": f"Entry {number}",
                "note": f"What was said in entry {number}",
                "outcome": chance.choice(["interested", False]),
            }
            for number in range(60)
        ]
    )
    lead = env["crm.lead"].search([], limit=1)
    entries[:5].lead_id = lead


def _write_mails(env, chance, partners):
    messages = env["mail.message"].create(
        [
            {
                "model": "res.partner",
                "res_id": partner.id,
                "author_id": partner.child_ids[:1].id,
                "message_type": "email",
                "subject": f"Question {partner.id}",
                "body": "<p>How much?</p>",
                "date": fields.Datetime.now() - timedelta(days=chance.uniform(0, 365)),
            }
            for partner in partners[:80]
        ]
    )
    env.flush_all()
    return messages


def _meet(env, chance, partners, users):
    for partner in partners[:30]:
        start = fields.Datetime.now() - timedelta(days=chance.uniform(1, 365))
        env["calendar.event"].create(
            {
                "name": f"Meeting with {partner.name}",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": users[0].id,
                "privacy": chance.choice(["public", "private"]),
                "partner_ids": [(4, partner.id), (4, users[0].partner_id.id)],
            }
        )


def _rules(env):
    """Deleted, changed and added: each stays so."""
    env.ref("crm_plus.score_rule_country").unlink()
    env.ref("crm_plus.score_rule_email").write({"points": 13, "name": "Can be reached by e-mail"})
    env.ref("crm_plus.source_event_registration").unlink()
    env.ref("crm_plus.crm_tier_bronze").unlink()
    env.ref("crm_plus.channel_visit").unlink()
    env.ref("crm_plus.crm_segment_new").write({"name": "First-timers", "color": 9})
    env.ref("crm_plus.ir_cron_check_drift").unlink()
    env.ref("crm_plus.ir_cron_refresh_affinity").write({"interval_number": 2})
    env["crm.score.rule"].create(
        [
            {"name": "Own fit", "kind": "fit", "points": 12, "domain": "[('city', '!=', False)]", "state": "active"},
            {
                "name": "Own engagement", "kind": "engagement", "points": 4, "direction": "in", "fades": True,
                "half_life_days": 20, "cap": 30, "state": "active",
                "channel_ids": [(4, env.ref("crm_plus.channel_email").id)],
            },
        ]
    )  # fmt: skip
    call, boss = env.ref("mail.mail_activity_data_call"), env["res.users"].search([("login", "=", "boss")])
    env["crm.tier"].create(
        {
            "name": "Platinum", "sequence": 40, "rule": "top", "top_percent": 1, "grace_days": 20, "user_id": boss.id,
            "warning_activity_type_id": call.id,
        }
    )  # fmt: skip
    family = env["crm.segment.family"].create({"name": "By hand", "kind": "manual"})
    values = {"name": "Ambassadors", "code": "ambassadors", "family_id": family.id, "state": "active"}
    env["crm.segment"].create({**values, **_effects(env, boss)})
    rules = env["crm.segment.family"].create({"name": "By rule", "kind": "domain"})
    env["crm.segment"].create(
        {"name": "Big", "code": "big", "family_id": rules.id, "state": "active", "domain": "[('order_count', '>=', 8)]"}
    )


def _groups_by_hand(env, partners):
    profiles = env["crm.customer.profile"].search([("partner_id", "in", partners.ids)], limit=6)
    ambassadors = env["crm.segment"].search([("name", "=", "Ambassadors")])
    ambassadors._add_customers(profiles, "Speaks well of us")
    ambassadors._remove_customers(profiles[:2], "No longer")
    platinum = env["crm.tier"].search([("name", "=", "Platinum")])
    override = {"tier_id": platinum.id, "reason": "Old friend", "partner_id": profiles[0].partner_id.id}
    env["crm.tier.override"].create(override)


def _effects(env, boss):
    """What a segment did on entering and leaving; each leaves a mark that can be counted."""
    template = {"summary": "Thank the ambassador", "responsible_type": "other", "responsible_id": boss.id}
    plan = {"name": "Ambassadors", "res_model": "res.partner", "template_ids": [Command.create(template)]}
    mark = "for partner in records: env['res.partner.category'].create({'name': 'Ambassador %s'})"
    model_id = env["ir.model"]._get_id("res.partner")
    entered, left = env["ir.actions.server"].create(
        [
            {"name": f"Note who {what}", "model_id": model_id, "state": "code", "code": mark % what}
            for what in ("entered", "left")
        ]
    )
    return {
        "user_id": boss.id,
        "activity_type_id": env.ref("mail.mail_activity_data_call").id,
        "activity_plan_id": env["mail.activity.plan"].create(plan).id,
        "enter_action_ids": [Command.set(entered.ids)],
        "leave_action_ids": [Command.set(left.ids)],
    }


def _wait(env):
    """What is still to be done when the upgrade begins: two enter, one leaves, one is about to lose a tier."""
    ambassadors = env["crm.segment"].search([("name", "=", "Ambassadors")])
    present = env["crm.segment.membership"].search([("segment_id", "=", ambassadors.id), ("date_to", "=", False)])
    others = env["crm.customer.profile"].search([("id", "not in", present.profile_id.ids)], limit=2)
    ambassadors._add_customers(others, "Came at the last moment")
    ambassadors._remove_customers(present.profile_id[:1], "Left at the last moment")
    platinum = env["crm.tier"].search([("name", "=", "Platinum")])
    env.flush_all()
    env.cr.execute(
        """UPDATE crm_tier_stay SET warning_pending = TRUE WHERE id IN (
               SELECT id FROM crm_tier_stay WHERE tier_id = %s AND date_to IS NULL ORDER BY id LIMIT 1)
           RETURNING partner_id""",
        [platinum.id],
    )
    [[partner_id]] = env.cr.fetchall()
    env.cr.execute(
        "UPDATE crm_customer_profile SET tier_until = %s WHERE partner_id = %s AND tier_id = %s",
        [fields.Date.today() + timedelta(days=15), partner_id, platinum.id],
    )
    env.invalidate_all()


def _date_back(env):
    """As if stays and scores were of the whole year."""
    env.flush_all()
    for table in ("crm_segment_membership", "crm_tier_stay"):
        env.cr.execute(SQL("UPDATE %s SET date_from = date_from - (id %% 300)::int", SQL.identifier(table)))
        env.cr.execute(SQL("UPDATE %s SET date_to = date_to - 1 WHERE date_to IS NOT NULL", SQL.identifier(table)))
        env.cr.execute(SQL("UPDATE %s SET date_from = date_to WHERE date_to < date_from", SQL.identifier(table)))
    env.cr.execute(
        """UPDATE crm_customer_profile p SET segment_since = s.date_from FROM crm_segment_membership s
            WHERE s.profile_id = p.id AND s.segment_id = p.segment_id AND s.date_to IS NULL"""
    )
    env.cr.execute(
        """UPDATE crm_customer_profile p SET tier_since = s.date_from FROM crm_tier_stay s
            WHERE s.profile_id = p.id AND s.tier_id = p.tier_id AND s.date_to IS NULL"""
    )
    env.cr.execute(
        """INSERT INTO crm_lead_score_history (lead_id, date, lead_score, lead_grade, win_probability)
           SELECT lead_id, date - n, lead_score, lead_grade, win_probability
             FROM crm_lead_score_history, generate_series(1, 20) n ON CONFLICT DO NOTHING"""
    )
    env.invalidate_all()
