"""A coffee roaster with 300 customers and two years that end today: every segment, tier, grade and channel, and one
customer whose story docs/story.md tells. Orders are copies of one that the ORM made, so it loads in seconds.
"""

import random
from datetime import datetime, time, timedelta
from typing import NamedTuple

from odoo import Command
from odoo.tools import SQL

from devtools.samples.cdnow import LINE_AMOUNTS, QUIET
from devtools.scripts.copies import insert_copies, reserve_ids

NAME = "Aurora Coffee House"  # whose story it is
FIRST = ["Aurora", "Blue", "Corner", "East", "Golden", "Harbour", "Ivy", "Juniper", "King", "Lantern", "Maple", "North",
         "Old", "Park", "Quiet", "River", "Silver"]  # fmt: skip
KINDS = ["Café", "Hotel", "Bakery", "Office", "Bistro", "Canteen", "Deli", "Clinic", "School", "Theatre", "Bookshop",
         "Garden", "Kitchen", "Lodge", "Studio", "Market", "Museum", "Bar"]  # fmt: skip
COUNTRIES = ("be", "nl", "fr", "de", "uk")
YEARS = 730


class Habit(NamedTuple):
    """How a kind of customer buys: from so many days ago to so many days ago, every so many days, for so much."""

    customers: int
    since: tuple[int, int]
    until: tuple[int, int]
    every: tuple[int, int]
    amount: tuple[int, int]


HABITS = {
    "champion": Habit(28, (700, 729), (0, 6), (10, 18), (400, 900)),
    "loyal": Habit(52, (500, 720), (5, 25), (25, 40), (150, 350)),
    "growing": Habit(30, (60, 120), (2, 15), (15, 28), (100, 250)),
    "new": Habit(34, (1, 35), (0, 0), (400, 401), (60, 200)),
    "casual": Habit(50, (600, 720), (40, 140), (90, 150), (60, 180)),
    "fading": Habit(40, (600, 720), (130, 240), (28, 40), (120, 300)),
    "lost big": Habit(16, (690, 729), (260, 380), (12, 20), (500, 1000)),
    "gone": Habit(49, (450, 720), (400, 449), (120, 250), (50, 150)),
}
# Aurora: every ten days, until five months ago.
STORY = Habit(1, (725, 725), (152, 152), (9, 11), (700, 1100))
# Days ago, channel, direction, what was said.
TALK = (
    (171, "phone", "in", "Second late delivery in three weeks"),
    (165, "email", "out", "Apology, and a promise to call back"),
    (158, "email", "in", "Nobody called back"),
    (152, "visit", "out", "Delivered the beans by hand"),
    (18, "email", "in", "Asks for prices of two new houses"),
)


def load(env):
    """Customers, orders, conversations and leads; what follows from them is left to the scheduled actions."""
    if env["res.partner"].search_count([("name", "=", NAME)], limit=1):
        print("The story is loaded already.")
        return
    env = env(context={**env.context, **QUIET})
    chance = random.Random(300)
    customers = _customers(env, chance)
    orders = _orders(env, chance, customers)
    talks = _talk(env, chance, customers)
    leads = _leads(env, chance, customers)
    env.ref("crm_plus.source_order")._reconcile()
    print(f"Story: {len(customers)} customers, {orders:,} orders, {talks} conversations, {len(leads)} leads.")


def _customers(env, chance):
    """``[(partner, habit)]``; the first is Aurora."""
    names = [f"{first} {kind}" for first in FIRST for kind in KINDS]
    chance.shuffle(names)
    habits = [STORY, *(habit for habit in HABITS.values() for _number in range(habit.customers))]
    users = env["res.users"].search([("login", "in", ["own", "all", "manager"])]) or env.user
    industries = env["res.partner.industry"].search([], limit=4)
    values = []
    for number, name in enumerate([NAME, *names[: len(habits) - 1]]):
        values.append(
            {
                "name": name,
                "is_company": True,
                "email": f"orders{number}@{name.lower().replace(' ', '').replace('é', 'e')}.example.com",
                "phone": f"+32 2 555 {number // 100:02} {number % 100:02}",
                "country_id": env.ref(f"base.{chance.choice(COUNTRIES)}").id,
                "industry_id": chance.choice(industries).id if industries else False,
                "user_id": chance.choice(users).id,
            }
        )
    return list(zip(env["res.partner"].create(values), habits, strict=True))


def _purchases(chance, customers):
    """``[(partner id, moment, amount)]`` by moment."""
    today, found = datetime.combine(datetime.now().date(), time(10)), []
    for partner, habit in customers:
        day, end = chance.randint(*habit.since), chance.randint(*habit.until)
        while day >= end:
            amount = round(chance.uniform(*habit.amount), 2)
            found.append((partner.id, today - timedelta(days=day, minutes=chance.randrange(400)), amount))
            day -= chance.randint(*habit.every)
    return sorted(found, key=lambda purchase: purchase[1])


def _orders(env, chance, customers):
    """Confirmed orders of one line without tax; how many."""
    purchases = _purchases(chance, customers)
    product = env["product.product"].create(
        {"name": "Espresso beans", "type": "service", "list_price": 0, "taxes_id": [Command.clear()]}
    )
    partner_id, moment, amount = purchases[0]
    line = {"product_id": product.id, "price_unit": amount}
    first = env["sale.order"].create({"partner_id": partner_id, "user_id": False, "order_line": [Command.create(line)]})
    first.action_confirm()
    first.date_order = moment
    _copy_orders(first, purchases[1:])
    return len(purchases)


def _copy_orders(first, purchases):
    names = first.env["ir.sequence"].search([("code", "=", "sale.order")], limit=1)
    partners, moments, amounts = (list(column) for column in zip(*purchases, strict=True))
    rows = SQL(
        "unnest(%s::int[], %s::int[], %s, %s::timestamp[], %s::numeric[]) AS r(id, partner, name, moment, amount)",
        reserve_ids(first, len(purchases)),
        partners,
        [names.next_by_id(moment.date()) for moment in moments],
        moments,
        amounts,
    )

    def of_row(fields, column):
        return dict.fromkeys(fields, SQL.identifier("r", column))

    insert_copies(
        first,
        rows,
        **of_row(("id",), "id"),
        **of_row(("name",), "name"),
        **of_row(("date_order", "create_date"), "moment"),
        **of_row(("partner_id", "partner_invoice_id", "partner_shipping_id"), "partner"),
        **of_row(("amount_untaxed", "amount_total"), "amount"),
    )
    insert_copies(
        first.order_line,
        rows,
        **of_row(("order_id",), "id"),
        **of_row(("order_partner_id",), "partner"),
        **of_row(LINE_AMOUNTS, "amount"),
    )


def _talk(env, chance, customers):
    """Conversations by every channel, and Aurora's; how many."""
    now = datetime.now().replace(microsecond=0)
    channels = env["crm.interaction.channel"].search([]).mapped("code")
    rows = [
        {"partner_id": customers[0][0].id, "date": now - timedelta(days=days), "channel": channel,
         "direction": direction, "summary": summary}
        for days, channel, direction, summary in TALK
    ]  # fmt: skip
    for place, (partner, _habit) in enumerate(customers[1:]):
        rows += [
            {"partner_id": partner.id, "date": now - timedelta(days=chance.randrange(1, 400)),
             "channel": channels[(place + turn) % len(channels)], "direction": chance.choice(("in", "out")),
             "summary": chance.choice(("Asks about delivery", "Price list", "Sample sent", "Repeat order?"))}
            for turn in range(2)
        ]  # fmt: skip
    for number, row in enumerate(rows):
        row |= {"external_ref": f"story-{number}", "date": row["date"].isoformat()}
    answers = env["crm.interaction"].ingest(rows)
    return sum(answer["status"] == "created" for answer in answers)


def _leads(env, chance, customers):
    """Closed leads of two years, and open ones of every fit and every engagement."""
    now = datetime.now().replace(microsecond=0)
    closed = [_closed(env, chance, now, number) for number in range(120)]
    open_ones = [_open(env, number, fit) for number, fit in enumerate("ABCD" * 12)]
    aurora = customers[0][0]
    open_ones.append(
        {"name": "Two new houses", "type": "opportunity", "partner_id": aurora.id, "user_id": aurora.user_id.id,
         "expected_revenue": 24000, "priority": "2"}
    )  # fmt: skip
    leads = env["crm.lead"].create([*(values for values, _won, _days in closed), *open_ones])
    for lead, (_values, won, _days) in zip(leads, closed, strict=False):
        lead.action_set_won() if won else lead.action_set_lost()
    leads.flush_recordset()
    ages = [days for _values, _won, days in closed] + [30] * len(open_ones)
    env.cr.execute(
        SQL(
            """UPDATE crm_lead l SET create_date = r.created,
                      date_closed = CASE WHEN l.date_closed IS NOT NULL THEN r.created + interval '30 days' END
                 FROM unnest(%s::int[], %s::timestamp[]) AS r (id, created) WHERE l.id = r.id""",
            leads.ids,
            [now - timedelta(days=days) for days in ages],
        )
    )
    leads.invalidate_recordset(flush=False)
    _answers(env, leads[len(closed) : -1], now)
    return leads


def _closed(env, chance, now, number):
    """(values, whether it is won, days ago): leads from Belgium with a phone number are won more often."""
    belgian, has_phone = chance.random() < 0.4, chance.random() < 0.6
    won = chance.random() < 0.15 + 0.3 * belgian + 0.25 * has_phone
    values = {
        "name": f"Inquiry {number}",
        "type": "opportunity",
        "email_from": f"inquiry{number}@firm{number}.example.com",
        "phone": f"+32 2 444 {number // 100:02} {number % 100:02}" if has_phone else False,
        "country_id": env.ref("base.be" if belgian else "base.fr").id,
        "expected_revenue": chance.randrange(500, 9000),
    }
    return values, won, chance.randrange(40, YEARS)


def _open(env, number, fit):
    """Values of an open lead of which as much is known as the letter of its grade says."""
    parts = [
        {"email_from": f"prospect{number}@house{number}.example.com"},
        {"phone": f"+32 2 333 {number // 100:02} {number % 100:02}", "partner_name": f"House {number}"},
        {"function": "Managing Director", "expected_revenue": 4000},
        {"country_id": env.ref("base.be").id, "website": f"https://house{number}.example.com", "priority": "2",
         "source_id": env.ref("utm.utm_source_newsletter").id},
    ]  # fmt: skip
    values = {"name": f"Prospect {number}", "type": "opportunity"}
    for part in parts[: "DCBA".index(fit) + 1]:
        values |= part
    return values


def _answers(env, leads, now):
    """As much contact as the digit of the grade says: none, one call, several, and visits."""
    levels = ([], ["phone", "visit"], ["phone", "visit", "phone", "email"],
              ["visit", "visit", "phone", "phone", "phone", "email", "email"])  # fmt: skip
    rows = [
        {"external_ref": f"story-lead-{lead.id}-{turn}", "lead_id": lead.id, "channel": channel, "direction": "in",
         "date": (now - timedelta(days=turn, hours=1)).isoformat(), "summary": "Is interested"}
        for place, lead in enumerate(leads)
        for turn, channel in enumerate(levels[(place // 4) % len(levels)])
    ]  # fmt: skip
    env["crm.interaction"].ingest(rows)
