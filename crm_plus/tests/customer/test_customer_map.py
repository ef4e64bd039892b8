from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from ..loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestCustomerMap(SegmentCase):
    """What the segment map tells: where customers are, how revenue is spread, who moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.often = cls.customer("Often Inc", days=3, count=12, amount=200)
        cls.once = cls.customer("Once Inc", days=300, amount=50)
        cls.refresh()
        cls.seller = cls.user("map_own", "sales_team.group_sale_salesman")

    def test_the_map_counts_every_customer_once(self):
        found = self.profiles.with_user(self.seller).segment_map()
        self.assertEqual(sum(cell["count"] for cell in found["cells"]), 2)
        self.assertEqual(sum(cell["revenue"] for cell in found["cells"]), 2450)
        self.assertEqual({cell["segment_id"] for cell in found["cells"]}, {row["id"] for row in found["segments"]})

    def test_the_map_of_another_company_is_empty(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env, "map_stranger", groups="sales_team.group_sale_manager",
            company_id=other.id, company_ids=[Command.set(other.ids)],
        )  # fmt: skip
        profiles = self.profiles.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertEqual(profiles.segment_map()["cells"], [])
        self.assertEqual(profiles.pareto_curve()["points"], [])
        self.assertEqual(profiles.glance_details(self.often.id)["state"], "empty")
        stays = self.stays.with_user(stranger).with_context(allowed_company_ids=other.ids)
        today = fields.Date.today()
        self.assertEqual(stays.movement(str(today), str(today))["flows"], [])

    def test_the_curve_begins_with_the_best(self):
        points = self.profiles.pareto_curve()["points"]
        self.assertEqual([(p["customers"], p["revenue"]) for p in points], [(50, 98.0), (100, 100.0)])

    # ------------------------------------------------------------------ movement

    def test_moves_are_counted_between_two_days(self):
        before = self.profile(self.often).segment_id
        self.age(self.often, 40)
        self.age(self.once, 40)
        self.order(self.customer("Fresh"), days=1)
        for order in self.env["sale.order"].search([("partner_id", "=", self.often.id)]):
            order.date_order -= timedelta(days=400)
        self.refresh()
        after = self.profile(self.often).segment_id
        today = self.company._crm_plus_today()
        found = self.stays.with_user(self.seller).movement(str(today - timedelta(days=30)), str(today))
        counts = {(flow["from_id"], flow["to_id"]): flow["count"] for flow in found["flows"]}
        stayed = self.profile(self.once).segment_id
        fresh = self.profiles.search([("partner_id.name", "=", "Fresh")]).segment_id
        self.assertNotEqual(before, after)
        self.assertEqual(counts, {(before.id, after.id): 1, (stayed.id, stayed.id): 1, (False, fresh.id): 1})
        self.assertEqual(found["since"], str(today - timedelta(days=40)))
        for flow in found["flows"]:
            self.assertEqual(self.opened(flow, str(today - timedelta(days=30)), str(today)), flow["count"], flow)

    def opened(self, flow, *days):
        """How many records the window of a flow shows to a salesperson."""
        action = self.stays.with_user(self.seller).action_moved("Moved", *days, flow["from_id"], flow["to_id"])
        return self.env[action["res_model"]].with_user(self.seller).search_count(action["domain"])

    def test_who_left_and_came_back_is_counted_with_those_who_stayed(self):
        segment = self.profile(self.often).segment_id
        self.age(self.once, 40)
        today = self.company._crm_plus_today()
        stay = self.stays.search([("partner_id", "=", self.often.id), ("family_id", "=", self.family.id)])
        self.stays.search([("partner_id", "=", self.once.id)]).segment_id = segment
        stay.date_from = today - timedelta(days=5)
        earlier = stay.copy({"date_from": today - timedelta(days=40), "date_to": today - timedelta(days=20)})
        flows = self.stays.movement(str(today - timedelta(days=30)), str(today))["flows"]
        self.assertEqual(flows, [{"from_id": segment.id, "to_id": segment.id, "count": 2}])
        earlier.date_to = today - timedelta(days=35)
        flows = self.stays.movement(str(today), str(today - timedelta(days=30)))["flows"]
        self.assertIn({"from_id": segment.id, "to_id": False, "count": 1}, flows)
        self.assertIn({"from_id": segment.id, "to_id": segment.id, "count": 1}, flows)

    def test_those_who_are_no_customers_any_more_are_opened_as_their_last_stays(self):
        before = self.profile(self.often).segment_id
        for partner in (self.often, self.once):
            self.age(partner, 40)
        self.env["sale.order"].search([("partner_id", "=", self.often.id)])._action_cancel()
        self.refresh()
        today = self.company._crm_plus_today()
        days = str(today - timedelta(days=30)), str(today)
        stays = self.stays.with_user(self.seller)
        self.assertIn({"from_id": before.id, "to_id": False, "count": 1}, stays.movement(*days)["flows"])
        action = stays.action_moved("Gone", *days, before.id, False)
        found = stays.search(action["domain"])
        self.assertEqual((action["display_name"], found.partner_id, found.segment_id), ("Gone", self.often, before))
        # Who was elsewhere, or is back, is not among them.
        stayed = self.profile(self.once).segment_id
        self.assertFalse(stays.search(stays.action_moved("Gone", *days, stayed.id, False)["domain"]))
        self.order(self.often)
        self.refresh()
        self.assertFalse(stays.search(stays.action_moved("Gone", *days, before.id, False)["domain"]))
