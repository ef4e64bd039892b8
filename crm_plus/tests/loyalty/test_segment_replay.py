from datetime import timedelta
from itertools import pairwise

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.tests import tagged

from ...services.loyalty.replay import MONTHS
from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentReplay(SegmentCase):
    """On the day of installation the past is there, from the orders of the time, and says that it was replayed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.champions.tag_id = cls.env["res.partner.category"].create({"name": "Best"})
        cls.best = cls.customer("Best", days=300, count=12, amount=2000)
        cls.order(cls.best, days=1)
        cls.new = cls.customer("New", days=1)

    def run_refresh(self):
        while not self.profiles._refresh_all_of(self.company):
            pass
        self.env.invalidate_all()

    def at(self, partner, days):
        return self.places(self.stays, partner, [days])[0].code

    def test_the_past_is_replayed_once_after_the_first_refresh(self):
        self.run_refresh()
        stays = self.stays.search([("partner_id", "=", self.best.id), ("replayed", "=", True)])
        self.assertTrue(stays)
        self.assertEqual(set(stays.mapped("reason_text")), {"replayed from the orders of the time"})
        self.assertEqual(self.at(self.best, 250), "champions")
        self.assertEqual(self.at(self.best, 32), "cannot_lose")
        self.assertEqual(self.at(self.best, 0), "champions")
        self.assertFalse(self.at(self.best, 340))
        self.assertEqual(self.stays.search_count([("partner_id", "=", self.new.id), ("replayed", "=", True)]), 0)
        count = self.stays.search_count([("company_id", "=", self.company.id)])
        self.run_refresh()
        self.assertEqual(self.stays.search_count([("company_id", "=", self.company.id)]), count)

    def test_each_month_is_a_step_of_its_own_and_what_was_stopped_goes_on(self):
        self.assertFalse(self.profiles._refresh_all_of(self.company))
        self.assertTrue(self.company.crm_plus_profile_date)
        for _month in range(MONTHS):
            self.assertFalse(self.company.crm_plus_replayed_date)
            self.assertFalse(self.profiles._refresh_all_of(self.company))
        self.assertFalse(self.profiles._refresh_all_of(self.company))
        self.assertTrue(self.company.crm_plus_replayed_date)
        self.assertTrue(self.profiles._refresh_all_of(self.company))
        self.assertEqual(self.at(self.best, 250), "champions")

    def test_stays_of_the_past_follow_one_another_and_do_nothing(self):
        self.run_refresh()
        stays = self.stays.search([("partner_id", "=", self.best.id), ("shadow", "=", False)], order="date_from, id")
        main = stays.filtered(lambda stay: stay.family_id.kind == "rfm")
        for stay, following in pairwise(main):
            self.assertEqual(stay.date_to, following.date_from)
            self.assertNotEqual((stay.segment_id, stay.replayed), (following.segment_id, following.replayed))
        self.assertFalse(main.filtered("replayed").filtered(lambda s: s.enter_pending or s.leave_pending))
        while self.stays._act_next():
            pass
        gave = main.filtered("added_tag_id")
        self.assertEqual((len(gave), gave.replayed, gave.date_to), (1, False, False))

    def test_movement_and_sales_are_told_by_the_segment_of_the_time(self):
        self.order(self.best, days=250, amount=7)
        self.run_refresh()
        before, now = (fields.Date.today() - timedelta(days=days) for days in (60, 0))
        flows = self.stays.movement(str(before), str(now))["flows"]
        self.assertIn(self.champions.id, [flow["to_id"] for flow in flows if flow["from_id"]])
        rows = self.env["sale.report"]._read_group(
            [("commercial_partner_id", "=", self.best.id), ("price_subtotal", "<", 100), ("price_subtotal", ">", 0)],
            ["crm_segment_id"], ["price_subtotal:sum"],
        )  # fmt: skip
        self.assertEqual({segment.code: total for segment, total in rows}.get("champions"), 7)

    def test_ranks_of_the_past_are_those_among_the_customers_of_then(self):
        self.company.crm_plus_rfm_mode = "quantile"
        for number in range(25):
            self.customer(f"Old {number}", days=400 + number, amount=10)
        self.run_refresh()
        recorded = self.stays.search([("company_id", "=", self.company.id), ("replayed", "=", True)])
        self.assertTrue(recorded)
        today = fields.Date.today().replace(day=1)
        newest = self.env["res.partner"].search([("name", "=", "Old 0")], limit=1)
        oldest = self.env["res.partner"].search([("name", "=", "Old 24")], limit=1)
        day = today - relativedelta(months=8)
        found = {
            partner: self.stays.search([("partner_id", "=", partner.id), ("at_date", "=", day)]).score // 100
            for partner in (newest, oldest)
        }
        self.assertEqual(found[oldest], 1)
        self.assertGreaterEqual(found[newest], 4)
