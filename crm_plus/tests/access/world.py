"""Two companies, one user of each kind, and marks: words and amounts that only some of them may ever see.

Every text, amount and name of the world says where it belongs by itself, so that an answer tells what leaked: the mark
``Kanaribob017zq`` is the seventeenth of what only colleagues of Bob with *all documents* may read. The same world
serves the tests and `./dev attack`.
"""

import re
from dataclasses import dataclass, field

from odoo import Command

from .registry import beside

SALESMAN, ALL_LEADS, MANAGER = (
    f"sales_team.group_sale_{name}" for name in ("salesman", "salesman_all_leads", "manager")
)
# name: (groups, whether they work in the other company)
USERS = {
    "portal": ("base.group_portal", False),
    "clerk": ("base.group_user", False),
    "own": (SALESMAN, False),
    "bob": (SALESMAN, False),
    "all": (ALL_LEADS, False),
    "manager": (MANAGER, False),
    "reader": ("crm_plus.group_crm_plus_reader", False),
    "service": ("crm_plus.group_crm_plus_service", False),
    "foreign_own": (SALESMAN, True),
    "foreign": (MANAGER, True),
    "system": ("base.group_system", False),
}
# Who asks: everybody but Bob and the colleague abroad, whose documents are the secrets.
ASKING = ("public", "portal", "clerk", "reader", "service", "own", "all", "manager", "foreign", "system")
# Zones of marks: alfa is what the whole sales team of the first company reads, own and bob are documents of one
# salesperson, beta is everything of the other company, hidden is for nobody (titles of private meetings).
ZONES = ("alfa", "own", "bob", "beta", "hidden")
SEES = {
    "public": (),
    "portal": (),
    "clerk": (),
    "reader": ("alfa", "own", "bob"),
    "service": ("alfa", "own", "bob"),
    "own": ("alfa", "own"),
    "all": ("alfa", "own", "bob"),
    "manager": ("alfa", "own", "bob"),
    "foreign": ("beta",),
    "system": (),
}
WORD = re.compile(r"Kanari(alfa|own|bob|beta|hidden)\d+zq")
# 73zNNN.3z: the zone is in both parts, and no other amount looks like it.
AMOUNT = re.compile(r"73([1-5])\d{3}\.3\1")


def zones_in(text):
    """The zones whose marks are in a text.

    >>> sorted(zones_in("[Kanaribob017zq, 734001.34]"))
    ['beta', 'bob']
    """
    words = {found.group(1) for found in WORD.finditer(text)}
    return words | {ZONES[int(found.group(1)) - 1] for found in AMOUNT.finditer(text)}


@dataclass
class Marks:
    """The marks of a zone, each given once."""

    zone: str
    count: int = 0

    def word(self):
        """The next word."""
        self.count += 1
        return f"Kanari{self.zone}{self.count:03d}zq"

    def amount(self):
        """The next amount."""
        self.count += 1
        number = ZONES.index(self.zone) + 1
        return float(f"73{number}{self.count:03d}.3{number}")


@dataclass
class World:
    """The records of the world: ``records[model][zone]``, ``users[name]``; company-less ones are of the zone None."""

    env: object
    users: dict = field(default_factory=dict)
    companies: dict = field(default_factory=dict)
    identities: dict = field(default_factory=dict)  # name: (id of the user, ids of their companies)
    records: dict = field(default_factory=dict)
    marks: dict = field(default_factory=lambda: {zone: Marks(zone) for zone in ZONES})

    def keep(self, zone, records):
        """Note records as belonging to a zone."""
        of_model = self.records.setdefault(records._name, {})
        of_model[zone] = of_model.get(zone, records.browse()) | records
        return records

    def make(self, zone, model, **values):
        """Create a record of a zone, as the system."""
        return self.keep(zone, self.env[model].create(values))

    def of(self, model, zone):
        """The records of a model in a zone."""
        return self.records.get(model, {}).get(zone, self.env[model])

    def seen(self, model, name):
        """Records of a model that are for a user, given the access rights; a dialog is its author's."""
        if self.env[model]._transient:
            return self.everything(model).filtered(lambda dialog: dialog.create_uid.id == self.identities[name][0])
        return self.env[model].concat(*(self._few(model, zone) for zone in (*SEES[name], None)))

    def secret(self, model, name):
        """Records of a model that are not for a user."""
        if self.env[model]._transient:
            return self.everything(model) - self.seen(model, name)
        return self.env[model].concat(*(self._few(model, zone) for zone in ZONES if zone not in SEES[name]))

    def _few(self, model, zone):
        """The first record of a zone and the last ones: what somebody logged and what was captured."""
        records = self.of(model, zone)
        return records[:1] | records[-2:]

    def everything(self, model):
        """All records of a model in the world."""
        return self.env[model].concat(*self.records.get(model, {}).values())

    def leaks(self, name, text):
        """Zones in a text that are not for the user."""
        return sorted(zones_in(text) - set(SEES[name]))


def make(env, password=None):
    """The whole world, made as the system in the main company and in a second one."""
    env = env(context={**env.context, "tracking_disable": True, "mail_create_nosubscribe": True, "lang": "en_US"})
    world = World(env)
    first = env.company
    world.companies = {
        "alfa": first,
        "beta": env["res.company"].create({"name": "Beta", "currency_id": first.currency_id.id}),
    }
    env.user.company_ids |= world.companies["beta"]
    _make_users(world, password)
    for zone, user in (("own", "own"), ("bob", "bob"), ("beta", "foreign_own")):
        _make_documents(world, zone, world.users[user], company_of(world, zone))
    _make_private_meeting(world)
    env.cr.flush()
    _keep_captured(world)
    for zone in ("alfa", "beta"):
        _make_settings(world, zone, company_of(world, zone))
    _make_scores(world)
    _keep_common(world)
    for table in beside(env):
        getattr(table, "make_world", lambda _world: None)(world)
    env.cr.flush()
    return world


def company_of(world, zone):
    """The company a zone belongs to."""
    return world.companies["beta" if zone == "beta" else "alfa"]


def _make_users(world, password):
    env, values = world.env, []
    for name, (groups, abroad) in USERS.items():
        company = world.companies["beta" if abroad else "alfa"]
        names = [groups, *([] if name == "portal" else ["base.group_allow_export"])]
        values.append(
            {
                "name": name,
                "login": f"kanari_{name}",
                "email": f"{name}@kanari.example",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [Command.set([env.ref(group).id for group in names])],
                **({"password": password} if password else {}),
            }
        )
    # at once: each new user empties the caches
    world.users = dict(zip(USERS, env["res.users"].with_context(no_reset_password=True).create(values), strict=True))
    world.users["public"] = env.ref("base.public_user")
    world.identities = {name: (user.id, user.company_ids.ids) for name, user in world.users.items()}


def _make_documents(world, zone, user, company):
    """A lead, an order, entries, a message and an activity of one salesperson with a customer everybody knows."""
    marks, env = world.marks[zone], world.env
    shared = world.make(zone, "res.partner", name=f"Customer {zone}", email=f"{zone}@customer.example", is_company=True)
    # hidden by the host's own rule on the company of a contact, from who does not work there only
    named = marks.word() if zone == "beta" else f"Contact {zone}"
    world.make(zone, "res.partner", name=named, company_id=company.id, comment=named, parent_id=shared.id)
    lead = world.make(
        zone, "crm.lead", name=marks.word(), description=marks.word(), partner_id=shared.id, user_id=user.id,
        type="opportunity", company_id=company.id, expected_revenue=marks.amount(), team_id=False,
    )  # fmt: skip
    product = world.make(zone, "product.product", name=marks.word(), type="service", company_id=company.id)
    line = {"product_id": product.id, "price_unit": marks.amount(), "tax_ids": False, "name": marks.word()}
    order = world.make(
        zone, "sale.order", name=marks.word(), partner_id=shared.id, user_id=user.id, company_id=company.id,
        order_line=[Command.create(line)], client_order_ref=marks.word(), team_id=False,
    )  # fmt: skip
    order.with_user(user).sudo().action_confirm()
    lead.with_user(user).sudo().message_post(
        body=marks.word(), subject=marks.word(), message_type="comment", subtype_xmlid="mail.mt_comment",
        partner_ids=shared.ids,
    )  # fmt: skip
    lead.activity_schedule("mail.mail_activity_data_call", "2024-05-05", marks.word(), user_id=user.id)
    entries = {
        "channel_id": env.ref("crm_plus.channel_phone").id,
        "source_id": env.ref("crm_plus.source_manual").id,
        "user_id": user.id,
        "document_user_id": user.id,
        "company_id": company.id,
        "partner_id": shared.id,
        "date": "2019-03-07 05:43:21",
    }
    world.make(zone, "crm.interaction", **entries, name=marks.word(), note=marks.word(), lead_id=lead.id,
                 duration=3.25, amount=marks.amount(), currency_id=company.currency_id.id)  # fmt: skip
    world.make(zone, "crm.interaction", **entries, name=marks.word(), note=marks.word(),
                 external_ref=marks.word())  # fmt: skip
    _make_dialog(world, zone, user, "crm.interaction.log", partner_id=shared.id, name=marks.word(), note=marks.word(),
                 lead_id=lead.id)  # fmt: skip


def _make_dialog(world, zone, user, model, **values):
    """A dialog that somebody has opened."""
    dialog = world.env[model].with_user(user).with_context(active_ids=[]).create(values)
    world.keep(zone, dialog.with_env(world.env))


def _make_private_meeting(world):
    """What is private is told to who is in it: to others the timeline says when, not what."""
    bob = world.users["bob"]
    guests = bob.partner_id | world.of("res.partner", "bob")[0]
    for year in (2024, 2099):  # one that was, one that is planned
        world.make(
            "hidden", "calendar.event", name=world.marks["hidden"].word(), privacy="private", user_id=bob.id,
            start=f"{year}-05-06 10:00:00", stop=f"{year}-05-06 11:00:00", partner_ids=[Command.set(guests.ids)],
        )  # fmt: skip


def _keep_captured(world):
    """The interactions that came from documents of a zone belong to it."""
    entries = world.env["crm.interaction"]
    for zone in ("own", "bob", "beta"):
        user = world.users["foreign_own" if zone == "beta" else zone]
        world.keep(zone, entries.search([("document_user_id", "=", user.id), ("is_private", "=", False)]))


def _make_settings(world, zone, company):
    """What a company has of its own: rules, segments, tiers, models, profiles; read by its whole sales team."""
    _make_profiles(world, zone, company)
    _make_segments(world, zone, company)
    _make_tiers(world, zone, company)
    _make_models(world, zone, company)
    marks = world.marks[zone]
    group = world.make(zone, "crm.score.group", name=marks.word(), company_id=company.id, axis="fit", cap=20)
    world.make(zone, "crm.score.rule", name=marks.word(), company_id=company.id, state="active", kind="fit", points=7,
                 group_id=group.id, suggestion=marks.word(), domain="[('expected_revenue', '>', 1)]")  # fmt: skip
    world.make(zone, "crm.start.step", company_id=company.id, code="tiers")
    _make_dialogs(world, zone, company)


def _make_dialogs(world, zone, company):
    """What managers have open, and what whoever sees everything has logged."""
    marks, shared = world.marks[zone], world.of("res.partner", "beta" if zone == "beta" else "own")[:1]
    manager = world.users["foreign" if zone == "beta" else "manager"]
    by_hand = world.of("crm.segment", zone).filtered(lambda segment: segment.kind == "manual")
    _make_dialog(world, zone, manager, "crm.score.capacity", company_id=company.id)
    _make_dialog(world, zone, manager, "crm.score.training", cutoff="2024-05-05")
    _make_dialog(world, zone, manager, "crm.segment.by.hand", company_id=company.id, reason=marks.word(),
                 segment_id=by_hand.id)  # fmt: skip
    for user in (manager, *([] if zone == "beta" else [world.users["all"], world.users["service"]])):
        logged = {"partner_id": shared.id, "name": marks.word(), "note": marks.word()}
        _make_dialog(world, zone, user, "crm.interaction.log", **logged)
        entry = (
            world.env["crm.interaction"]
            .with_user(user)
            .with_company(company)
            .create({**logged, "channel_id": world.env.ref("crm_plus.channel_phone").id})
        )
        world.keep(zone, entry.with_env(world.env))


def _make_profiles(world, zone, company):
    marks = world.marks[zone]
    for owner in ("beta",) if zone == "beta" else ("own", "bob"):
        world.make(
            zone, "crm.customer.profile", partner_id=world.of("res.partner", owner)[0].id, company_id=company.id,
            revenue=marks.amount(), average_order=marks.amount(), order_count=3, recency_score=4, frequency_score=4,
            monetary_score=5, rfm="445", abc_class="A", clv=marks.amount(), churn_risk=42.5, p_alive=0.575,
            last_order_date="2024-02-03 04:05:06", first_order_date="2023-02-03 04:05:06",
        )  # fmt: skip
    product = world.make(zone, "product.product", name=marks.word(), type="service", company_id=company.id)
    other = world.make(zone, "product.product", name=marks.word(), type="service", company_id=company.id)
    world.make(zone, "crm.product.affinity", company_id=company.id, product_id=product.id,
                 related_product_id=other.id, together=5, support=0.2, confidence=0.5, lift=2.5)  # fmt: skip
    world.make(zone, "crm.customer.cohort", company_id=company.id, start="2024-01-01", months=1, month="2024-02-01",
                 size=9, active_count=4, retention=44.4)  # fmt: skip
    world.make(zone, "crm.kpi.day", company_id=company.id, date="2024-02-03", figure="revenue",
                 numerator=marks.amount())  # fmt: skip
    world.make(zone, "crm.kpi.target", company_id=company.id, date_from="2024-02-01", date_to="2024-02-29",
                 figure="revenue", amount=marks.amount())  # fmt: skip
    world.make(zone, "crm.customer.cluster", company_id=company.id, code=77, name=marks.word(), traits={}, rules=[],
                 center=[])  # fmt: skip


def _make_segments(world, zone, company):
    marks, profile = world.marks[zone], world.of("crm.customer.profile", zone)[0]
    kinds = {"domain": {"domain": "[('revenue', '>', 5)]"}, "manual": {}}
    for kind, values in kinds.items():
        family = world.make(zone, "crm.segment.family", name=marks.word(), kind=kind, company_id=company.id)
        segment = world.make(zone, "crm.segment", name=marks.word(), code=f"{zone}_{kind}", family_id=family.id,
                               description=marks.word(), **values)  # fmt: skip
        segment.state = "active"
    world.make(
        zone, "crm.segment.membership", profile_id=profile.id, partner_id=profile.partner_id.id, company_id=company.id,
        segment_id=segment.id, family_id=family.id, date_from="2024-05-05",
        reason={"outcome": "manual", "text": marks.word()},
    )  # fmt: skip
    rfm = world.make(zone, "crm.segment.family", name=marks.word(), kind="rfm", company_id=company.id)
    corner = world.make(zone, "crm.segment", name=marks.word(), code=f"{zone}_rfm", family_id=rfm.id)
    world.make(zone, "crm.segment.region", segment_id=corner.id, r_min=1, r_max=5, f_min=1, f_max=5, m_min=1, m_max=5)
    profile.segment_id = corner


def _make_tiers(world, zone, company):
    marks, profile = world.marks[zone], world.of("crm.customer.profile", zone)[0]
    given = {"outcome": "given", "text": marks.word()}
    tier = world.make(zone, "crm.tier", name=marks.word(), company_id=company.id, threshold=99999999,
                        benefits=marks.word())  # fmt: skip
    world.make(zone, "crm.tier.stay", profile_id=profile.id, partner_id=profile.partner_id.id, company_id=company.id,
                 tier_id=tier.id, date_from="2024-05-05", reason=given)  # fmt: skip
    world.make(zone, "crm.tier.override", partner_id=profile.partner_id.id, company_id=company.id, tier_id=tier.id,
                 reason=marks.word())  # fmt: skip
    profile.tier_id = tier


def _make_models(world, zone, company):
    marks = world.marks[zone]
    world.make(zone, "crm.score.model", company_id=company.id, version=901, state="retired", error=marks.word(),
                 trained_on="2024-05-05 05:05:05", features=[])  # fmt: skip
    world.make(zone, "crm.purchase.model", company_id=company.id, version=901, kind="bg_nbd", state="retired",
                 trained_on="2024-05-05 05:05:05", parameters={}, customers=5)  # fmt: skip


def _make_scores(world):
    """Scores and their history of each lead; what they are made of is in the lead's zone."""
    scores = world.env["crm.lead.score"]
    for zone in ("own", "bob", "beta"):
        lead = world.of("crm.lead", zone)
        found = scores.search([("lead_id", "in", lead.ids)]) or scores.create({"lead_id": lead.id, "lead_score": 12.5})
        world.keep(zone, found)
        world.make(zone, "crm.lead.score.history", lead_id=lead.id, date="2024-05-05", lead_score=12.5, lead_grade="B2")


def _keep_common(world):
    """What is the same for all companies: channels, sources, fields of predictions, jobs; and notes for jobs."""
    env = world.env
    for model in ("crm.interaction.channel", "crm.interaction.source", "crm.job", "crm.shipped.record"):
        world.keep(None, env[model].search([], limit=2))
    world.make(None, "crm.interaction.source.variant", source_id=env.ref("crm_plus.source_order").id,
                 domain="[('id', '>', 0)]", channel_id=env.ref("crm_plus.channel_phone").id)  # fmt: skip
    world.make(None, "crm.interaction.queue", source_id=env.ref("crm_plus.source_order").id, res_id=1)
    partner, lead = world.of("res.partner", "own")[0], world.of("crm.lead", "own")
    world.make(None, "crm.job.memory", job="kanari", res_model="res.company", res_id=0, noted={"x": 1})
    world.make(None, "crm.kpi.answer", user_id=env.uid, key="kanari", state="kanari", moment="2024-02-03 08:00:00",
               body='{"revenue": 1}')  # fmt: skip
    world.make(None, "crm.customer.queue", partner_id=partner.id)
    world.make(None, "crm.lead.landmark", lead_id=lead.id, age=0, said={"description": True})
    world.make(None, "crm.lead.score.queue", lead_id=lead.id, partner_id=False)
    world.make(None, "crm.customer.kept", partner_id=partner.id, company_id=env.ref("base.main_company").id, basis="x")
    feature = {"name": "country_id", "label": "Country", "origin": "lead", "kind": "category"}
    world.keep(None, env["crm.score.feature"].search([], limit=1) or env["crm.score.feature"].create(feature))
