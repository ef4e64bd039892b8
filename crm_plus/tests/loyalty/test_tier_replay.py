from itertools import pairwise

from dateutil.relativedelta import relativedelta
from odoo import Command, fields
from odoo.tests import tagged

from ...services.loyalty.replay import MONTHS, Past
from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestTierReplay(SegmentCase):
    """Which tiers customers would have had in the past is there on the day of installation, and says what it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiers = cls.env["crm.tier"].create(
            [
                {"name": name, "company_id": cls.company.id, "threshold": threshold, "sequence": sequence}
                for sequence, (name, threshold) in enumerate((("Silver", 500), ("Gold", 2000)))
            ]
        )
        cls.silver, cls.gold = cls.tiers
        cls.tag = cls.env["res.partner.category"].create({"name": "Golden"})
        cls.gold.tag_id = cls.tag
        cls.month = cls.company._crm_plus_today().replace(day=1)
        cls.tier_stays = cls.env["crm.tier.stay"]

    def order_on(self, partner, day, amount):
        order = self.order(partner, amount=amount)
        order.date_order = fields.Datetime.to_datetime(day) + relativedelta(hours=12)

    def run_refresh(self):
        while not self.profiles._refresh_all_of(self.company):
            pass
        self.env.invalidate_all()

    def at(self, partner, day):
        return self.tier_stays.search([("partner_id", "=", partner.id), ("at_date", "=", day)]).tier_id

    def of(self, partner, **more):
        domain = [("partner_id", "=", partner.id), *((name, "=", value) for name, value in more.items())]
        return self.tier_stays.search(domain, order="date_from, id")

    def test_months_that_were_recorded_are_not_replayed(self):
        """As after an upgrade of a database that has recorded tiers for months."""
        rose = self.customer("Rose")
        self.order_on(rose, self.month - relativedelta(months=10, days=-3), 600)
        self.run_refresh()
        self.env.flush_all()
        mine = [self.company.id]
        self.env.cr.execute("DELETE FROM crm_tier_stay WHERE replayed AND company_id = %s", mine)
        self.env.cr.execute("UPDATE crm_tier_stay SET date_from = date_from - 100 WHERE company_id = %s", mine)
        self.env.invalidate_all()
        for month in range(MONTHS):
            past = Past(self.env, self.company, month)
            past.make()
            self.tier_stays._replay(past)
            past.drop()
        replayed, recorded = self.of(rose)
        self.assertEqual((replayed.replayed, recorded.replayed), (True, False))
        self.assertEqual(replayed.date_to, recorded.date_from)

    def test_tiers_of_the_past_are_replayed_month_by_month(self):
        rose, gone = self.customer("Rose"), self.customer("Gone")
        self.order_on(rose, self.month - relativedelta(months=10, days=-3), 600)
        self.order_on(rose, self.month - relativedelta(months=4, days=-3), 1500)
        self.order_on(gone, self.month - relativedelta(months=20, days=-3), 700)
        self.run_refresh()
        for months, tier in ((10, None), (9, self.silver), (4, self.silver), (3, self.gold), (1, self.gold)):
            with self.subTest(months=months):
                day = self.month - relativedelta(months=months)
                self.assertEqual(self.at(rose, day), tier or self.env["crm.tier"])
        self.assertEqual(self.at(rose, self.company._crm_plus_today()), self.gold)
        # the tier period is over after 12 months: nobody waited for a grace period
        ended = self.of(gone)
        self.assertEqual(ended.mapped("tier_id"), self.silver)
        self.assertEqual(ended.date_to, self.month - relativedelta(months=7))
        replayed = self.of(rose, replayed=True)
        self.assertEqual(set(replayed.mapped("reason_text")), {"replayed from the orders of the time"})
        self.assertEqual(replayed.previous_tier_id, self.silver)

    def test_replayed_stays_follow_one_another_and_bring_nothing(self):
        rose = self.customer("Rose")
        self.order_on(rose, self.month - relativedelta(months=10), 600)
        self.order_on(rose, self.month - relativedelta(months=4), 1500)
        gone = self.customer("Gone")
        self.order_on(gone, self.month - relativedelta(months=20), 3000)
        self.run_refresh()
        for stay, following in pairwise(self.of(rose)):
            self.assertEqual(stay.date_to, following.date_from)
        self.assertEqual([stay.replayed for stay in self.of(rose)], [True, True, False])
        self.assertFalse(self.of(rose, replayed=True).filtered(lambda s: s.enter_pending or s.leave_pending))
        while self.tier_stays._act_next():
            pass
        self.assertEqual((rose.category_id, gone.category_id.ids), (self.tag, []))
        count = self.tier_stays.search_count([("company_id", "=", self.company.id)])
        self.run_refresh()
        self.assertEqual(self.tier_stays.search_count([("company_id", "=", self.company.id)]), count)

    def test_the_best_are_those_among_the_customers_of_then(self):
        self.tiers.write({"active": False})
        best = self.env["crm.tier"].create(
            {"name": "Best", "company_id": self.company.id, "rule": "top", "top_percent": 40}
        )
        old, new = self.customer("Old"), self.customer("New")
        self.order_on(old, self.month - relativedelta(months=8), 100)
        self.order_on(new, self.month - relativedelta(months=4), 900)
        self.run_refresh()
        self.assertEqual(self.at(old, self.month - relativedelta(months=6)), best)
        self.assertFalse(self.at(old, self.month - relativedelta(months=2)))
        self.assertEqual(self.at(new, self.month - relativedelta(months=2)), best)

    def test_orders_and_margins_are_measured_and_forecasts_are_not(self):
        often = self.env["crm.tier"].create(
            {"name": "Often", "company_id": self.company.id, "basis": "orders", "threshold": 3, "sequence": 7}
        )
        self.env["crm.tier"].create(
            {"name": "Future", "company_id": self.company.id, "basis": "clv", "threshold": 1, "sequence": 9}
        )
        partner = self.customer("Often")
        for _number in range(3):
            self.order_on(partner, self.month - relativedelta(months=3), 1)
        knows_margin = "margin" in self.env["sale.order"]._fields
        if knows_margin:
            dear = self.env["crm.tier"].create(
                {"name": "Dear", "company_id": self.company.id, "basis": "margin", "threshold": 20, "sequence": 8}
            )
            self.product.standard_price = 60
            other = self.customer("Other")
            self.order_on(other, self.month - relativedelta(months=3), 90)
        self.run_refresh()
        day = self.month - relativedelta(months=1)
        self.assertEqual(self.at(partner, day), often)
        if knows_margin:
            self.assertEqual(self.at(other, day), dear)

    def test_sales_are_told_by_the_tier_of_the_time(self):
        rose = self.customer("Rose")
        self.order_on(rose, self.month - relativedelta(months=10), 600)
        self.order_on(rose, self.month - relativedelta(months=5, days=-10), 7)
        self.run_refresh()
        rows = self.env["sale.report"]._read_group(
            [("commercial_partner_id", "=", rose.id)], ["crm_tier_id"], ["price_subtotal:sum"]
        )
        self.assertEqual({tier.name: total for tier, total in rows}, {False: 600, "Silver": 7})

    def test_a_shared_contact_counts_for_its_company(self):
        company = self.customer("Company")
        person = self.env["res.partner"].create({"name": "Person", "parent_id": company.id})
        order = self.env["sale.order"].create(
            {
                "partner_id": person.id, "company_id": self.company.id,
                "order_line": [Command.create({"product_id": self.product.id, "price_unit": 800, "tax_ids": False})],
            }
        )  # fmt: skip
        order.action_confirm()
        order.date_order = fields.Datetime.to_datetime(self.month - relativedelta(months=3))
        self.run_refresh()
        self.assertEqual(self.at(company, self.month - relativedelta(months=1)), self.silver)
