from datetime import timedelta
from itertools import product

from odoo.tests import tagged

from ...engine.loyalty.segments import STANDARD_REGIONS, check_cover
from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestStandardSegments(SegmentCase):
    def test_the_shipped_segments_are_those_of_the_engine(self):
        ranges = [f"{axis}_{end}" for axis, end in product("rfm", ("min", "max"))]
        shipped = {(b.segment_id.code, b.segment_id.name, *(b[n] for n in ranges)) for b in self.family.region_ids}
        self.assertEqual(shipped, {(r.code, r.name, *(getattr(r, n) for n in ranges)) for r in STANDARD_REGIONS})
        self.assertTrue(check_cover(self.family._regions()))

    def test_a_customer_is_in_the_segment_of_its_scores_at_once(self):
        best = self.customer(days=1, count=12, amount=2000)
        new = self.customer(days=1)
        gone = self.customer(days=500)
        self.refresh()
        self.assertEqual([self.segment(p) for p in (best, new, gone)], ["champions", "new", "lost"])
        stay = self.profile(best).membership_ids
        self.assertEqual(stay.segment_id.code, "champions")
        self.assertEqual(stay.reason_text, "first classified")
        self.assertEqual(stay.score, 555)

    def test_a_move_ends_one_stay_and_begins_the_next_and_says_why(self):
        partner = self.customer(days=1, count=12, amount=2000)
        self.refresh()
        self.age(partner, 100)
        partner.sale_order_ids.date_order = "2020-05-12 10:00:00"
        self.refresh(partner)
        self.assertEqual(self.segment(partner), "cannot_lose")
        now, before = self.profile(partner).membership_ids
        self.assertEqual(before.date_to, now.date_from)
        self.assertEqual(now.previous_segment_id, before.segment_id)
        self.assertEqual(now.reason_text, "recency 5 → 1: no order since 2020-05-12")

    def test_a_move_opens_its_customer(self):
        partner = self.customer(days=1)
        self.refresh()
        action = self.profile(partner).membership_ids.action_open_customer()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", partner.id))

    def test_a_company_whose_clock_is_set_back_a_day_is_refreshed_all_the_same(self):
        """As when its time zone is corrected, here by exactly 24 hours: stays began tomorrow."""
        self.company.partner_id.tz = "Pacific/Kiritimati"
        partner = self.customer(days=1, count=12, amount=2000)
        self.refresh()
        self.company.partner_id.tz = "Pacific/Honolulu"
        partner.sale_order_ids._action_cancel()
        self.refresh()
        stay = self.stays.search([("partner_id", "=", partner.id)])
        self.assertEqual((stay.date_from, stay.date_to), (self.company._crm_plus_today() + timedelta(days=1),) * 2)
        self.assertFalse(self.env["crm.tier.stay"].search([("partner_id", "=", partner.id), ("date_to", "=", False)]))

    def test_a_quiet_refresh_writes_nothing(self):
        partners = [self.customer(days=days, count=days % 3 + 1) for days in (1, 40, 400)]
        self.refresh()

        def versions():
            self.env.cr.execute("""SELECT 'p', id, xmin, ctid FROM crm_customer_profile UNION ALL
                                   SELECT 's', id, xmin, ctid FROM crm_segment_membership UNION ALL
                                   SELECT 't', id, xmin, ctid FROM crm_tier_stay ORDER BY 1, 2""")
            return self.env.cr.fetchall()

        before = versions()
        self.assertTrue(before)
        self.refresh()
        self.refresh(self.env["res.partner"].union(*partners))
        self.assertEqual(versions(), before)

    def test_who_is_no_customer_any_more_leaves(self):
        partner = self.customer(days=1)
        self.refresh()
        partner.sale_order_ids._action_cancel()
        self.refresh()
        self.assertFalse(self.profile(partner))
        stay = self.stays.search([("partner_id", "=", partner.id)])
        self.assertTrue(stay.date_to)
        self.assertFalse(stay.profile_id)

    def test_the_number_of_statements_does_not_depend_on_the_customers(self):
        def statements():
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.refresh()
            return self.env.cr.sql_log_count - start

        costs = []
        for count in (3, 15, 60):
            for number in range(count):
                self.customer(days=40 * number, count=number % 4 + 1, amount=10 * count + number)
            costs.append(statements())
        # The first refresh has nobody to move; both others move, update and add customers.
        self.assertLessEqual(costs[2], costs[1])
