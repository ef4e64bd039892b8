"""Leads: two years of an imaginary furniture maker, 2,000 leads with their conversations, to see scores and predictions
on. Whether one is won hangs on where it came from, what is known of it and how often the customer answers.
"""

import random
from datetime import timedelta
from math import exp
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

LEADS, DAYS = 2_000, 730
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True}
# What each of these adds to the log-odds of being won, and how usual it is.
SOURCES = {
    "Recommended by a customer": (1.5, 2), "Trade fair": (0.7, 2), "Search": (0.1, 5), "Catalogue": (-0.3, 3),
    "Bought address": (-1.9, 3),
}  # fmt: skip
COUNTRIES = {"be": (0.3, 5), "nl": (0.2, 4), "fr": (0.0, 4), "de": (-0.2, 4), "uk": (-0.6, 2)}
TAGS = {"Moves to a new office": (0.9, 2), "Replaces old furniture": (0.3, 3), "Compares prices": (-0.9, 3)}
NEEDS = ("Meeting room", "Desks", "Reception", "Chairs", "Cupboards", "Home office", "Canteen")
FIRST = ["Blue", "North", "Old", "Silver", "Green", "East", "Grand", "Little"]
SECOND = ["Harbour", "Mill", "Bridge", "Garden", "Tower", "Field"]
KINDS = ["Bakery", "Clinic", "Consulting", "Hotel", "Insurance", "Printers", "School", "Software"]


class World(NamedTuple):
    """What there is to choose from."""

    sources: dict
    countries: dict
    tags: dict
    users: object
    stages: object
    won: object
    reasons: object


class Life(NamedTuple):
    """One lead: what is created, and what happens then."""

    values: dict
    created: object
    ended: object  # None: it is open still
    answers: list  # the moments the customer got in touch
    calls: list  # the moments we did


def load(env):
    """The leads, closed and open, with their conversations; then scores, and the first prediction."""
    if env["crm.tag"].search_count([("name", "=", next(iter(TAGS)))], limit=1):
        print("The leads sample is loaded already.")
        return
    chance, company = random.Random(19), env.company
    world, now = _world(env), fields.Datetime.now()
    lives = [_life(chance, world, now, number) for number in range(LEADS)]
    leads = env["crm.lead"].with_context(**QUIET).create([life.values for life in lives])
    _date_back(leads, lives)
    _talk(leads, lives)
    for source in ("lead_created", "lead_won", "lead_lost"):
        env.ref(f"crm_plus.source_{source}")._reconcile()
    version = env["crm.score.model"]._train_company(company)[:1]
    env["crm.lead.score"]._refresh_many(company, SQL("TRUE"))
    open_leads = sum(life.ended is None for life in lives)
    print(f"Leads: {LEADS - open_leads:,} closed, {open_leads:,} open; the prediction has an AUC of {version.auc:.2f}.")


def _world(env):
    stages = env["crm.stage"].search([("team_ids", "=", False)], order="sequence, id")
    return World(
        {name: env["utm.source"].create({"name": name}).id for name in SOURCES},
        {code: env.ref(f"base.{code}").id for code in COUNTRIES},
        {name: env["crm.tag"].create({"name": name}).id for name in TAGS},
        env["res.users"].search([("login", "in", ["own", "all", "manager"])]) or env.user,
        stages.filtered(lambda stage: not stage.is_won),
        stages.filtered("is_won")[:1],
        env["crm.lost.reason"].search([]) or env["crm.lost.reason"].create({"name": "Too expensive"}),
    )


def _life(chance, world, now, number):
    source, country, tag = (_pick(chance, choices) for choices in (SOURCES, COUNTRIES, TAGS))
    has_phone, has_tag = chance.random() < 0.6, chance.random() < 0.5
    name = f"{chance.choice(FIRST)} {chance.choice(SECOND)} {chance.choice(KINDS)}"
    interest = SOURCES[source][0] + COUNTRIES[country][0] + 0.6 * has_phone + TAGS[tag][0] * has_tag
    interest += chance.gauss(-1.2, 0.7)
    won = chance.random() < 1 / (1 + exp(-interest))
    created = now - timedelta(days=DAYS * (LEADS - number) / LEADS, hours=chance.random())
    ended = created + timedelta(days=chance.gammavariate(2, 20 if won else 13))
    until, ended = min(ended, now), ended if ended < now else None
    answers = _moments(chance, created, until, exp(0.5 * interest) / 12)
    values = {
        "name": f"{chance.choice(NEEDS)} for {name}",
        "type": "opportunity",
        "partner_name": name,
        "email_from": f"office{number}@{name.replace(' ', '').lower()}.example.com",
        "phone": f"+32 2 555 {number // 100:02} {number % 100:02}" if has_phone else False,
        "country_id": world.countries[country],
        "source_id": world.sources[source],
        "tag_ids": [world.tags[tag]] if has_tag else [],
        "expected_revenue": round(chance.lognormvariate(8, 0.8), -2),
        "user_id": chance.choice(world.users).id,
    } | _stand(chance, world, ended and won, ended, len(answers))
    return Life(values, created, ended, answers, _moments(chance, created, until, 1 / 15))


def _stand(chance, world, won, ended, answers):
    """Where in the pipeline it is, or how it ended."""
    if won:
        return {"stage_id": world.won.id}
    stage = world.stages[min(answers, len(world.stages) - 1)]
    lost = {"active": False, "probability": 0, "lost_reason_id": chance.choice(world.reasons).id} if ended else {}
    return {"stage_id": stage.id} | lost


def _pick(chance, choices):
    return chance.choices(list(choices), [weight for _effect, weight in choices.values()])[0]


def _moments(chance, start, end, a_day):
    """So many moments a day on average, to the second."""
    moments, moment = [], start + timedelta(days=chance.expovariate(a_day))
    while moment < end:
        moments.append(moment.replace(microsecond=0))
        moment += timedelta(days=chance.expovariate(a_day))
    return moments


def _date_back(leads, lives):
    """As if they had been entered and closed on their days."""
    leads.flush_recordset()
    leads.env.cr.execute(
        SQL(
            """UPDATE crm_lead l SET create_date = r.created, date_open = r.created, date_closed = r.ended,
                      date_last_stage_update = COALESCE(r.ended, r.created)
                 FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[]) AS r (id, created, ended)
                WHERE l.id = r.id""",
            leads.ids,
            [life.created for life in lives],
            [life.ended for life in lives],
        )
    )
    leads.invalidate_recordset(flush=False)
    leads.modified(["create_date", "date_open", "date_closed"])
    leads.flush_recordset()


def _talk(leads, lives):
    rows = [
        {
            "external_ref": f"sample-{lead.id}-{direction}-{place}",
            "lead_id": lead.id,
            "date": moment.isoformat(),
            "channel": "email" if place % 2 else "phone",
            "direction": direction,
            "summary": summary,
        }
        for lead, life in zip(leads, lives, strict=True)
        for direction, moments, summary in (("in", life.answers, "Asks back"), ("out", life.calls, "Follow-up"))
        for place, moment in enumerate(moments)
    ]
    for low in range(0, len(rows), 10_000):
        leads.env["crm.interaction"].ingest(rows[low : low + 10_000])
