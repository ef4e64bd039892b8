from odoo.tests import tagged

from ...services.followup import result
from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestFollowupResult(FollowupCase):
    """Who is held out, and what that tells."""

    def test_the_share_is_held_out_for_good_and_never_contacted(self):
        partners = self.customers(40)
        rule = self.rule(holdout_percent=25)
        self.follow(rule)
        members = self.env["crm.followup.member"].search([("rule_id", "=", rule.id)])
        held = members.filtered("held_out").partner_id
        self.assertEqual((len(members), len(held)), (40, 10))
        self.assertEqual(self.runs.search([("rule_id", "=", rule.id)]).partner_id, partners - held)
        self.assertFalse(self.activities(held))
        self.let_pass(self.runs.search([("rule_id", "=", rule.id)]), 40)
        rule.write({"trigger": "silent", "silent_days": 1})
        self.env["crm.interaction"].search([("partner_id", "in", partners.ids)]).sudo().unlink()
        self.follow(rule)
        self.assertEqual(members.filtered("held_out").partner_id, held)
        self.assertFalse(self.run_of(rule, held[0]))

    def test_the_share_holds_in_each_segment(self):
        partners = self.customers(40)
        for partner in partners[:20]:
            self.order(partner, amount=90000, count=2)
        self.refresh()
        rule = self.rule(holdout_percent=20)
        self.follow(rule)
        members = self.env["crm.followup.member"].search([("rule_id", "=", rule.id)])
        by_segment = members.grouped("segment_id")
        self.assertGreater(len(by_segment), 1)
        for group in by_segment.values():
            self.assertAlmostEqual(len(group.filtered("held_out")), len(group) * 0.2, delta=1)

    def test_the_result_counts_orders_and_revenue_after_being_reached(self):
        self.customers(100, days=1)
        rule = self.rule(holdout_percent=30)
        self.assertIn("too few", rule.result_text)
        self.follow(rule)
        members = self.env["crm.followup.member"].search([("rule_id", "=", rule.id)])
        self.env.cr.execute("UPDATE crm_followup_member SET date_assigned = date_assigned - interval '2 days'")
        reached = members.filtered(lambda member: not member.held_out).partner_id
        self.order(reached[0], amount=500)
        self.order(reached[1], amount=300)
        self.order(reached[1], days=400, amount=300)
        self.env.invalidate_all()
        found = result.arms(rule)
        # the orders of yesterday count for all of them
        self.assertEqual(found[False][:2], (70, 70))
        self.assertAlmostEqual(found[False][2], 70 * 100 + 800)
        self.assertEqual(found[True][:2], (30, 30))
        self.assertIn("Reached: 70", rule.result_text)
        self.assertIn("this may be chance", rule.result_text)
        rule = self.rule(name="Nobody held out")
        self.assertIn("Nobody is held out", rule.result_text)
