"""What the overview counts is what a person would count who goes through the records one by one.

The lists that rows open are asked by the same conditions as the rows: here nothing of these is used. Documents lie on
the edges of the period, in another company, in the archive, and with others.
"""

from collections import Counter
from datetime import datetime, time, timedelta

import pytz
from odoo import Command
from odoo.tests import tagged

from ...engine.kpi.cards import LATER
from .common import AgreementCase

ZONE = "America/New_York"
# What the card of products shows at most; here there are fewer.
SHOWN = 10


@tagged("post_install", "-at_install")
class TestKpiTruth(AgreementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = ZONE
        cls.today = cls.company._crm_plus_today()
        cls.yesterday = cls.today - timedelta(days=1)
        cls.first, cls.last = cls.today - timedelta(days=40), cls.yesterday
        cls.chosen = {"date_from": str(cls.first), "date_to": str(cls.last)}
        cls.other = cls.env["res.company"].create({"name": "Other", "currency_id": cls.company.currency_id.id})
        for user in cls.users.values():
            user.company_ids |= cls.other
        cls.both = {"allowed_company_ids": [cls.company.id, cls.other.id]}

    def edges(self):
        """The moments at which the first day begins and the last one is over, and those just outside."""
        zone = pytz.timezone(ZONE)

        def utc(day, at):
            return zone.localize(datetime.combine(day, at)).astimezone(pytz.UTC).replace(tzinfo=None)

        night, late = time(0, 0, 0), time(23, 59, 59)
        return [
            utc(self.first, night), utc(self.first - timedelta(days=1), late), utc(self.last, late),
            utc(self.last + timedelta(days=1), night),
        ]  # fmt: skip

    def is_within(self, moment):
        return (
            bool(moment) and self.first <= pytz.UTC.localize(moment).astimezone(pytz.timezone(ZONE)).date() <= self.last
        )

    def fill_edges(self):
        """Besides all that: leads, orders and talks at the edges, of both companies, archived, and of colleagues."""
        self.fill_all()
        self.env = self.env(context={**self.env.context, **self.both})
        partners = self.profiles().partner_id[:4]
        for company in (self.company, self.other):
            for number, partner in enumerate(partners):
                self.fill_edge(company, number, partner)
        self.order(self.customer("New"), 50, self.noon(3))
        self.env["crm.tier.override"].create(
            {
                "partner_id": self.customer("Chosen").id, "company_id": self.company.id, "reason": "strategic",
                "tier_id": self.env["crm.tier"]._tiers_of(self.company)[:1].id,
            }
        )  # fmt: skip
        self.env.cr.flush()  # the timeline has the documents, too
        leads = self.env["crm.lead"].with_context(active_test=False)
        self.grade(leads.search([("company_id", "in", (self.company | self.other).ids)]))
        for company in (self.company, self.other):
            self.env["crm.customer.profile"]._refresh_company(company)
        self.assertFalse(all(self.profiles().mapped("order_count")), "somebody was chosen before the first order")
        self.Day.search([("company_id", "=", self.company.id)]).unlink()
        self.replay()
        self.record()
        self.count(self.other)

    def fill_edge(self, company, number, partner):
        """At one of the edges: a lead that was won and one that was lost, what was ordered, quoted and talked."""
        moment, user = self.edges()[number], self.users["own" if number in (1, 2) else "all"]
        whose = {"company_id": company.id, "partner_id": partner.id, "user_id": user.id}
        of_team = {**whose, "team_id": self.team.id if company == self.company else False}
        won = self.env["crm.lead"].create({**of_team, "name": f"Edge {number}", "type": "opportunity"})
        lost = self.env["crm.lead"].create({**of_team, "name": f"Gone {number}"})
        won.action_set_won()
        lost.action_set_lost()
        order = {
            **of_team,
            "order_line": [Command.create({"product_id": self.product.id, "price_unit": 21, "tax_ids": False})],
        }
        # One lead of a salesperson has an order that is a colleague's.
        seller = self.users["all"] if number == 2 else user
        orders = self.env["sale.order"].with_company(company)
        orders = orders.create([{**order, "opportunity_id": won.id, "user_id": seller.id}, order, order])
        orders[:2].action_confirm()
        orders.date_order = moment
        channels = {code: self.env.ref(f"crm_plus.channel_{code}").id for code in ("phone", "note")}
        talk = {**whose, "name": "Edge", "document_user_id": user.id, "date": moment}
        self.env["crm.interaction"].sudo().create(
            [
                {**talk, "channel_id": channels[code], "direction": direction}
                for code, direction in (("phone", "in"), ("phone", "out"), ("note", "out"))
            ]
        )
        self.env.flush_all()
        for lead, closed in ((won, moment), (lost, self.edges()[number - 1])):
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s, date_closed = %s WHERE id = %s", [moment, closed, lead.id]
            )
        if company == self.other:
            # A quotation of one company on a lead of the other: no form makes it, imports may.
            leads = self.env["crm.lead"].with_context(active_test=False)
            mine = leads.search([("name", "=", lost.name), ("company_id", "=", self.company.id)])
            self.env.cr.execute("UPDATE sale_order SET opportunity_id = %s WHERE id = %s", [mine.id, orders[2].id])
        self.env.invalidate_all()

    # ------------------------------------------------------------------ one by one

    def seen(self, model, user):
        """All records of a model that a user may see, of the company."""
        self.env.flush_all()
        self.env.invalidate_all()
        records = self.env[model].with_user(self.users[user]).with_context(active_test=False, **self.both).search([])
        return records.sudo().filtered(lambda one: one.company_id == self.company)

    def profile(self, partner):
        return self.profile_of.get(partner.commercial_partner_id.id, self.Profile)

    def meets(self, narrowed, **values):
        return all(record_id in values[name].ids for name, record_id in narrowed.items())

    def of_customer(self, profile):
        """What the filters ask of a customer."""
        partner = profile.partner_id
        return {
            "segment_id": profile.segment_id, "tier_id": profile.tier_id, "user_id": partner.user_id,
            "team_id": partner.user_id.sale_team_id, "country_id": partner.country_id,
            "industry_id": partner.industry_id, "tag_id": partner.category_id,
        }  # fmt: skip

    def of_lead(self, lead):
        profile, partner = self.profile(lead.partner_id), lead.partner_id
        return {
            "segment_id": profile.segment_id, "tier_id": profile.tier_id, "user_id": lead.user_id,
            "team_id": lead.team_id, "country_id": lead.country_id, "industry_id": partner.industry_id,
            "tag_id": partner.category_id,
        }  # fmt: skip

    def of_talk(self, talk):
        customer = self.of_customer(self.profile(talk.partner_id))
        partner = talk.partner_id
        return customer | {
            "user_id": talk.user_id, "team_id": talk.team_id, "country_id": partner.country_id,
            "industry_id": partner.industry_id, "tag_id": partner.category_id,
        }  # fmt: skip

    def of_order(self, order):
        customer = self.of_customer(self.profile(order.partner_id))
        return customer | {"user_id": order.user_id, "team_id": order.team_id}

    def answer(self, user, method, *values):
        self.env.flush_all()
        self.env.invalidate_all()
        return getattr(self.Day.with_user(self.users[user]).with_context(**self.both), method)(*values)

    def test_what_is_counted_is_what_there_is(self):
        self.fill_edges()
        counted = Counter()
        own_team = {"team_id": self.users["own"].sale_team_id.id}
        for user in ("manager", "all", "own", "reader"):
            for narrowed in (*self.narrowings(), own_team):
                counted += self.one_by_one(user, narrowed)
        for check in ("customers", "leads", "talks", "orders"):
            self.assertGreater(min(counted[check, "manager"], counted[check, "own"]), 5, check)
        self.assertGreater(min(counted["customers", "reader"], counted["talks", "reader"]), 10)

    def one_by_one(self, user, narrowed):
        """Compare what the overview tells a user; how much there was."""
        self.profile_of = {one.partner_id.id: one for one in self.profiles()}
        board = self.answer(user, "overview", {**self.chosen, **narrowed})
        cards = {
            card: self.answer(user, "overview_card", card, {**self.chosen, **narrowed})
            for card in LATER
            if card != "effort"
        }
        checks = (self.customers, self.leads, self.talks, self.orders)
        return Counter({(check.__name__, user): check(user, narrowed, board, cards) for check in checks})

    def is_told(self, user, narrowed):
        """Whether figures are of what the filters leave now: those of days are of whoever was there then."""
        return user != "manager" or not narrowed or not set(narrowed) <= {"segment_id", "tier_id", "team_id"}

    def customers(self, user, narrowed, board, cards):
        left = [
            one for one in self.seen("crm.customer.profile", user)
            if one.order_count and self.meets(narrowed, **self.of_customer(one))
        ]  # fmt: skip
        about = (user, narrowed)
        found = {row["id"]: row["count"] for row in board["segments"]}
        self.assertEqual(found, dict(Counter(one.segment_id.id for one in left)), about)
        figures = {row["code"]: row["value"] for row in board["figures"]}
        ends = self.edges()[3]
        there = [one for one in left if one.first_order_date < ends]
        if self.is_told(user, narrowed):
            new = sum(self.is_within(one.first_order_date) for one in left)
            self.assertEqual((figures["customers"], figures["new_customers"]), (len(there), new), about)
        expected = sum(one.expected_orders or 0 for one in left)
        self.assertAlmostEqual(cards["forecast"]["expected"] or 0, expected, 4, about)
        return len(left)

    def leads(self, user, narrowed, board, cards):
        if user == "reader":
            self.assertFalse(
                board["funnel"] or board["grades"] or any(cards["ways"][way] for way in ("source", "team"))
            )
            return 0
        every = [one for one in self.seen("crm.lead", user) if self.meets(narrowed, **self.of_lead(one))]
        created = [one for one in every if self.is_within(one.create_date)]
        closed = [one for one in every if self.is_within(one.date_closed) and one.won_status in ("won", "lost")]
        orders = self.seen("sale.order", user)
        quoted = {lead: orders.filtered(lambda one, lead=lead: one.opportunity_id == lead) for lead in created}
        sold = {lead: found.filtered(lambda one: one.state == "sale") for lead, found in quoted.items()}
        found = {row["key"]: row["count"] for row in board["funnel"]}
        found.pop("visits", None)
        expected = {
            "leads": len(created),
            "qualified": sum(lead.type == "opportunity" or bool(quoted[lead]) for lead in created),
            "quoted": sum(bool(one) for one in quoted.values()),
            "ordered": sum(bool(one) for one in sold.values()),
            "again": sum(len(set(one.mapped("date_order"))) > 1 for one in sold.values()),
        }
        self.assertEqual(found, expected, (user, narrowed))
        for way, name in (("source", "source_id"), ("team", "team_id"), ("country", "country_id")):
            rows = {row["key"]: row["counts"][0] for row in cards["ways"][way]}
            ways = Counter(f"{way}_{lead[name].id or 0}" for lead in created)
            self.assertEqual(rows, dict(ways), (user, narrowed, way))
        grades = Counter((one.lead_grade[0], status) for one in closed for status in ("closed", one.won_status))
        told = {(row["grade"], name): row[name] for row in board["grades"] for name in ("closed", "won") if row[name]}
        lost = {key for key in grades if key[1] == "lost"}
        self.assertEqual(told, {key: grades[key] for key in grades.keys() - lost}, (user, narrowed))
        if self.is_told(user, narrowed):
            figures = {row["code"]: row["value"] for row in board["figures"]}
            self.assertEqual(figures["leads"], len(created))
            for code, status in (("won_leads", "won"), ("lost_leads", "lost")):
                self.assertEqual(figures[code], sum(one.won_status == status for one in closed), (user, narrowed))
        return len(created) + len(closed)

    def talks(self, user, narrowed, board, cards):
        contact = set(self.env["crm.interaction.channel"]._contact_ids())
        talks = [
            one for one in self.seen("crm.interaction", user)
            if self.is_within(one.date) and one.channel_id.id in contact and self.meets(narrowed, **self.of_talk(one))
        ]  # fmt: skip
        if set(narrowed) <= {"user_id", "team_id"}:
            # a message to several is one contact
            talks = list({one.shared_ref or one.id: one for one in talks}.values())
        expected = Counter((one.channel_id.id, one.direction) for one in talks)
        found = {(row["id"], way): row[way] for row in board["channels"] for way in ("in", "out", "none") if row[way]}
        self.assertEqual(found, dict(expected), (user, narrowed))
        asked = sum(row["asked"] for row in cards["answers"]["channels"])
        self.assertLessEqual(asked, sum(one.direction == "in" for one in talks), (user, narrowed))
        return len(talks)

    def orders(self, user, narrowed, board, cards):
        if user == "reader":
            self.assertFalse(cards["products"]["rows"])
            return 0
        orders = [
            one for one in self.seen("sale.order", user)
            if one.state == "sale" and self.is_within(one.date_order) and self.meets(narrowed, **self.of_order(one))
        ]  # fmt: skip
        sold = Counter()
        for order in orders:
            for line in order.order_line:
                segment = self.profile(order.partner_id).segment_id.id or 0
                sold[line.product_id.id, segment] += line.price_subtotal / (order.currency_rate or 1)
        self.assertLessEqual(len({product for product, _segment in sold}), SHOWN)
        segments = [one["id"] for one in cards["products"]["segments"]]
        for row in cards["products"]["rows"]:
            for segment, amount in zip(segments, row["cells"], strict=True):
                self.assertAlmostEqual(amount, sold.pop((row["id"], segment), 0), 2, (user, narrowed))
        self.assertFalse({key: amount for key, amount in sold.items() if amount > 0}, (user, narrowed))
        figures = {row["code"]: row["value"] for row in board["figures"]}
        revenue = sum(one.amount_untaxed / (one.currency_rate or 1) for one in orders)
        if self.is_told(user, narrowed):
            self.assertAlmostEqual(figures["revenue"], revenue, 2, (user, narrowed))
            self.assertEqual(figures["orders"], len(orders), (user, narrowed))
        return len(orders)
