"""A coffee roaster with 300 customers and two years that end today: every segment, tier, grade and channel, two teams,
a campaign, questions and ratings where their apps are, and one customer whose story docs/story.md tells.

Each part is one transaction of some seconds and finds by itself what the parts before have made. Orders are copies of
one that the ORM made.
"""

import random
from datetime import datetime, time, timedelta
from typing import NamedTuple

from odoo import Command
from odoo.tools import SQL

from ..services.job.sample import SampleRecords
from .copies import QUIET, Purchase, copy_orders

NAME = "Aurora Coffee House"  # whose story it is
REF = "sample-{:03}"
CAMPAIGN = "Autumn roast"
TEAMS = ("Coffee houses", "Offices and shops")
FIRST = ["Aurora", "Blue", "Corner", "East", "Golden", "Harbour", "Ivy", "Juniper", "King", "Lantern", "Maple", "North",
         "Old", "Park", "Quiet", "River", "Silver"]  # fmt: skip
KINDS = ["Café", "Hotel", "Bakery", "Office", "Bistro", "Canteen", "Deli", "Clinic", "School", "Theatre", "Bookshop",
         "Garden", "Kitchen", "Lodge", "Studio", "Market", "Museum", "Bar"]  # fmt: skip
HOUSES = {"Café", "Hotel", "Bakery", "Bistro", "Deli", "Kitchen", "Lodge", "Bar", "House"}
COUNTRIES = ("be", "nl", "fr", "de", "uk")
DAYS = 730
COST = 0.6  # of what is sold, as a part of its price, where the host reckons with margins


class Habit(NamedTuple):
    """How a kind of customer buys: from so many days ago to so many days ago, every so many days, for so much."""

    customers: int
    since: tuple[int, int]
    until: tuple[int, int]
    every: tuple[int, int]
    amount: tuple[int, int]


HABITS = {
    # Aurora: every ten days, until half a year ago.
    "story": Habit(1, (725, 725), (196, 196), (9, 11), (700, 1100)),
    "champion": Habit(28, (700, 729), (0, 6), (10, 18), (400, 900)),
    "loyal": Habit(52, (500, 720), (5, 25), (25, 40), (150, 350)),
    "growing": Habit(30, (60, 120), (2, 15), (15, 28), (100, 250)),
    "new": Habit(34, (1, 35), (0, 0), (400, 401), (60, 200)),
    "casual": Habit(50, (600, 720), (40, 140), (90, 150), (60, 180)),
    "fading": Habit(40, (600, 720), (130, 240), (28, 40), (120, 300)),
    "lost big": Habit(16, (690, 729), (260, 380), (12, 20), (500, 1000)),
    "gone": Habit(49, (450, 720), (400, 449), (120, 250), (50, 150)),
}
OF_CUSTOMER = [habit for habit in HABITS.values() for _number in range(habit.customers)]
# Days ago, channel, direction, what was said.
TALK = (
    (215, "phone", "in", "Second late delivery in three weeks"),
    (209, "email", "out", "Apology, and a promise to call back"),
    (202, "email", "in", "Nobody called back"),
    (196, "visit", "out", "Delivered the beans by hand"),
    (18, "email", "in", "Asks for prices of two new houses"),
)
SAID = ("Asks about delivery", "Price list", "Sample sent", "Repeat order?")
# A question, the rating of the answer from 1 to 5, what was said of it.
QUESTIONS = (
    ("The grinder makes a noise", 5, "Solved on the same day"),
    ("Wrong beans in the parcel", 3, "Right ones came after a week"),
    ("Invoice of last month", 5, "Quick and friendly"),
    ("Late delivery, again", 1, "Third time now"),
)


def part(load):
    """Mark a generator over an env, with the company that it fills, as a part of the sample: of all records that it
    makes, so that they can be found again."""

    def quietly(env):
        chance = random.Random(load.__name__)
        now = datetime.now().replace(microsecond=0)
        sample = SampleRecords(env, env.company)
        for made in load(env(context={**env.context, **QUIET}), chance, now):
            sample.mark(made)

    quietly.__name__ = load.__name__
    return quietly


def customers_of(env):
    """The customers of the sample in their order; the first is Aurora."""
    return env["res.partner"].browse(SampleRecords(env, env.company).of("res.partner").ids)


# ------------------------------------------------------------------ parts


@part
def customers(env, chance, _now):
    """300 customers and their salespeople."""
    names = [f"{first} {kind}" for first in FIRST for kind in KINDS]
    chance.shuffle(names)
    sellers = _sellers(env)
    industries = env["res.partner.industry"].search([], limit=4)
    values = []
    for number, name in enumerate([NAME, *names[: len(OF_CUSTOMER) - 1]]):
        values.append(
            {
                "name": name,
                "ref": REF.format(number),
                "company_id": env.company.id,
                "is_company": True,
                "email": f"orders{number}@{name.lower().replace(' ', '').replace('é', 'e')}.example.com",
                "phone": f"+32 2 555 {number // 100:02} {number % 100:02}",
                "country_id": env.ref(f"base.{chance.choice(COUNTRIES)}").id,
                "industry_id": chance.choice(industries).id if industries else False,
                "user_id": sellers[0].id if name == NAME else chance.choice(sellers).id,
            }
        )
    yield env["res.partner"].create(values)


def _teams(env):
    """The two teams: of customers that serve coffee, and of all others."""
    return env["crm.team"].browse(SampleRecords(env, env.company).of("crm.team").ids) or env["crm.team"].create(
        [{"name": name, "company_id": env.company.id} for name in TEAMS]
    )


def _sellers(env):
    """Up to five salespeople of the company."""
    found = env["res.users"].search(
        [
            ("share", "=", False), ("company_ids", "in", env.company.ids),
            ("all_group_ids", "in", env.ref("sales_team.group_sale_salesman").ids),
        ],
        order="id desc", limit=5,
    )  # fmt: skip
    return found.sorted("id") or env.user


@part
def orders(env, chance, now):
    """Confirmed orders of two years, each of the customer's salesperson and team; the latest are of the campaign."""
    today = datetime.combine(now.date(), time(10))
    partners, teams, found = customers_of(env), _teams(env), []
    for partner, habit in zip(partners, OF_CUSTOMER, strict=True):
        day, end = chance.randint(*habit.since), chance.randint(*habit.until)
        while day >= end:
            moment = today - timedelta(days=day, minutes=chance.randrange(400))
            found.append(Purchase(partner.id, moment, round(chance.uniform(*habit.amount), 2), "Espresso beans"))
            day -= chance.randint(*habit.every)
    found.sort(key=lambda purchase: purchase.moment)
    yield teams
    campaign = env["utm.campaign"].create({"name": CAMPAIGN})
    yield campaign
    houses = [partner.id for partner in partners if partner.name.split()[-1] in HOUSES]
    first = _first_order(env, found[0], partners, teams)
    yield first.order_line.product_id.product_tmpl_id
    ids = copy_orders(
        first,
        found[1:],
        of_order={
            "user_id": SQL("(SELECT p.user_id FROM res_partner p WHERE p.id = r.partner)"),
            "team_id": SQL("CASE WHEN r.partner = ANY(%s) THEN %s ELSE %s END", houses, *teams.ids),
            "campaign_id": SQL(
                "CASE WHEN r.moment > %s AND r.id %% 3 = 0 THEN %s END", now - timedelta(days=60), campaign.id
            ),
        },
        of_line={"salesman_id": SQL("(SELECT p.user_id FROM res_partner p WHERE p.id = r.partner)")},
    )
    yield first.browse([first.id, *ids])
    # No hook of the ORM has seen them.
    env.ref("crm_plus.source_order")._reconcile()


def _first_order(env, purchase, partners, teams):
    # a service without taxes: nothing is delivered, and amounts are as they are
    product = env["product.product"].create(
        {
            "name": purchase.line,
            "type": "service",
            "list_price": 0,
            "taxes_id": [Command.clear()],
            "company_id": env.company.id,
        }
    )
    line = {"product_id": product.id, "price_unit": purchase.amount}
    if "purchase_price" in env["sale.order.line"]._fields:
        line["purchase_price"] = purchase.amount * COST
    order = env["sale.order"].create(
        {
            "partner_id": purchase.partner_id,
            "company_id": env.company.id,
            "order_line": [Command.create(line)],
        }
    )
    order.action_confirm()
    seller = partners.browse(purchase.partner_id).user_id
    order.write({"date_order": purchase.moment, "user_id": seller.id, "team_id": teams[0].id})
    return order


@part
def conversations(env, chance, now):
    """Conversations by every channel, and Aurora's."""
    channels = env["crm.interaction.channel"].search([]).mapped("code")
    aurora, *others = customers_of(env)
    rows = [
        {"partner_id": aurora.id, "date": now - timedelta(days=days), "channel": channel, "direction": direction,
         "summary": summary}
        for days, channel, direction, summary in TALK
    ]  # fmt: skip
    for place, partner in enumerate(others):
        rows += [
            {"partner_id": partner.id, "date": now - timedelta(days=chance.randrange(1, 400)),
             "channel": channels[(place + turn) % len(channels)], "direction": chance.choice(("in", "out")),
             "summary": chance.choice(SAID)}
            for turn in range(2)
        ]  # fmt: skip
    for number, row in enumerate(rows):
        row |= {"external_ref": f"story-{env.company.id}-{aurora.id}-{number}", "date": row["date"].isoformat()}
    yield _sent_in(env, rows)


@part
def leads(env, chance, now):
    """Closed leads of two years, and open ones of every fit and every engagement; every fourth is of the campaign."""
    closed = [_closed(env, chance, number) for number in range(120)]
    open_ones = [_open(env, number, fit) for number, fit in enumerate("ABCD" * 12)]
    aurora = customers_of(env)[0]
    open_ones.append(
        {"name": "Two new houses", "type": "opportunity", "partner_id": aurora.id, "user_id": aurora.user_id.id,
         "expected_revenue": 24000, "priority": "2"}
    )  # fmt: skip
    sellers, teams = _sellers(env), _teams(env)
    campaign = SampleRecords(env, env.company).of("utm.campaign")
    values = [*(values for values, _won, _days in closed), *open_ones]
    for number, lead in enumerate(values):
        seller = sellers[number % len(sellers)]
        values[number] = {"company_id": env.company.id, "user_id": seller.id, "team_id": teams[number % 2].id, **lead}
        if number % 4 == 0:
            values[number]["campaign_id"] = campaign.id
    found = env["crm.lead"].create(values)
    yield found
    _close(found[: len(closed)], [won for _values, won, _days in closed])
    _date_back(found, now, [days for _values, _won, days in closed] + [30] * len(open_ones))
    yield _answers(env, found[len(closed) : -1], now)


def _close(found, outcomes):
    for lead, won in zip(found, outcomes, strict=True):
        lead.action_set_won() if won else lead.action_set_lost()
    found.flush_recordset()


def _date_back(found, now, ages):
    found.env.flush_all()
    found.env.cr.execute(
        SQL(
            """UPDATE crm_lead l SET create_date = r.created,
                      date_closed = CASE WHEN l.date_closed IS NOT NULL THEN r.created + interval '30 days' END
                 FROM unnest(%s::int[], %s::timestamp[]) AS r (id, created) WHERE l.id = r.id""",
            found.ids,
            [now - timedelta(days=days) for days in ages],
        )
    )
    found.invalidate_recordset(flush=False)


def _closed(env, chance, number):
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
    return values, won, chance.randrange(40, DAYS)


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
    for known in parts[: "DCBA".index(fit) + 1]:
        values |= known
    return values


def _answers(env, found, now):
    """As much contact as the digit of the grade says: none, one call, several, and visits."""
    levels = ([], ["phone", "visit"], ["phone", "visit", "phone", "email"],
              ["visit", "visit", "phone", "phone", "phone", "email", "email"])  # fmt: skip
    rows = [
        {"external_ref": f"story-lead-{lead.id}-{turn}", "lead_id": lead.id, "channel": channel, "direction": "in",
         "date": (now - timedelta(days=turn, hours=1)).isoformat(), "summary": "Is interested"}
        for place, lead in enumerate(found)
        for turn, channel in enumerate(levels[(place // 4) % len(levels)])
    ]  # fmt: skip
    return _sent_in(env, rows)


def _sent_in(env, rows):
    """The interactions that another system would have sent."""
    return env["crm.interaction"].browse([row["id"] for row in env["crm.interaction"].ingest(rows)])


@part
def questions(env, chance, now):
    """Questions of customers as tasks with their ratings, when the app Project is there."""
    if "project.task" not in env or "rating.rating" not in env:
        return
    project = env["project.project"].create(
        {"name": "Questions of customers", "company_id": env.company.id, "privacy_visibility": "employees"}
    )
    yield project
    for number, partner in enumerate(customers_of(env)[:24]):
        name, stars, said = QUESTIONS[-1] if not number else chance.choice(QUESTIONS)
        task = env["project.task"].create({"name": name, "project_id": project.id, "partner_id": partner.id})
        rating = env["rating.rating"].create(
            {
                "res_model_id": env["ir.model"]._get_id("project.task"),
                "res_id": task.id,
                "partner_id": partner.id,
                "rating": stars,
                "feedback": said,
                "consumed": True,
            }
        )
        env.flush_all()
        day = now - timedelta(days=214 if not number else chance.randrange(3, 300))
        for record, columns in ((task, ("create_date",)), (rating, ("create_date", "write_date", "rated_on"))):
            _set_dates(record, [name for name in columns if name in record._fields], day)
            yield record


def _set_dates(record, columns, day):
    record.env.cr.execute(
        SQL(
            "UPDATE %s SET %s WHERE id = %s",
            SQL.identifier(record._table),
            SQL(", ").join(SQL("%s = %s", SQL.identifier(column), day) for column in columns),
            record.id,
        )
    )
    record.invalidate_recordset(flush=False)


PARTS = (customers, orders, conversations, leads, questions)
