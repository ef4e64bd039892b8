from odoo.tests import tagged

from ...services.followup import result
from ...services.followup.company_holdout import CompanyHoldout
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
        self.follow(rule)
        members = self.env["crm.followup.member"].search([("rule_id", "=", rule.id)])
        self.env.cr.execute("UPDATE crm_followup_member SET date_assigned = date_assigned - interval '2 days'")
        reached = members.filtered(lambda member: not member.held_out).partner_id
        self.order(reached[0], amount=500)
        self.order(reached[1], amount=300)
        self.order(reached[1], days=400, amount=300)
        self.env.invalidate_all()
        found = result.of_rule(rule)
        # the orders of yesterday count for all of them
        self.assertEqual((found.reached.size, found.reached.ordered), (70, 70))
        self.assertAlmostEqual(found.reached.revenue, 70 * 100 + 800)
        self.assertEqual((found.held_out.size, found.held_out.ordered), (30, 30))
        self.assertIn("Reached: 70", rule.result_text)
        self.assertIn("Ordered: 100.0% of those reached, 100.0% of those held out.", rule.result_text)
        rule = self.rule(name="Nobody held out")
        self.assertIn("Nobody is held out", rule.result_text)

    def test_every_outcome_counts_within_the_window(self):
        partners = self.customers(60, days=30)
        rule = self.rule(holdout_percent=50, window_days=10)
        self.follow(rule)
        self.env.cr.execute("UPDATE crm_followup_member SET date_assigned = date_assigned - interval '20 days'")
        self.env.invalidate_all()
        members = self.env["crm.followup.member"].search([("rule_id", "=", rule.id)])
        reached, held = (members.filtered(lambda m, out=out: m.held_out == out).partner_id for out in (False, True))
        for partner in reached[:18]:
            self.order(partner, amount=200, days=15)
        for partner in reached[18:25]:
            self.order(partner, amount=200, days=5)  # too late
        self.order(held[0], amount=50, days=15)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": held[1].id})
        self.heard(contact, "email", "in", days=15)
        self.heard(held[2], "email", "in", days=5)
        self.heard(held[3], "email", "out", days=15)
        found = result.of_rule(rule)
        self.assertEqual((found.reached.size, found.reached.ordered, found.reached.revenue), (30, 18, 3600))
        self.assertEqual((found.held_out.ordered, found.held_out.revenue, found.held_out.replied), (1, 50, 1))
        self.assertEqual((found.reached.before, found.reached.again), (30, 18))
        self.assertEqual(found.reached.revenue_squares, 18 * 200**2)
        lines = rule.result_text.splitlines()
        ordered = next(line for line in lines if line.startswith("Ordered:"))
        self.assertIn("60.0% of those reached, 3.3% of those held out", ordered)
        self.assertNotIn("chance", ordered)
        replied = next(line for line in lines if line.startswith("Replied:"))
        self.assertIn("too little to say anything", replied)
        self.assertEqual(partners, reached | held)

    def test_margins_count_where_the_host_knows_them(self):
        if "margin" not in self.env["sale.order"]._fields:
            self.skipTest("sale_margin is not installed")
        self.customers(40)
        self.product.standard_price = 60
        rule = self.rule(holdout_percent=50)
        self.follow(rule)
        self.env.cr.execute("UPDATE crm_followup_member SET date_assigned = date_assigned - interval '5 days'")
        self.env.invalidate_all()
        members = self.env["crm.followup.member"].search([("rule_id", "=", rule.id), ("held_out", "=", False)])
        self.order(members[0].partner_id, amount=100, days=2)
        found = result.of_rule(rule)
        self.assertEqual((found.reached.margin, found.held_out.margin), (40, 0))
        self.assertIn("Margin per customer", rule.result_text)

    def test_what_can_be_seen_is_said_beforehand(self):
        self.customers(200)
        rule = self.rule(holdout_percent=20, state="draft")
        self.assertIn("With 200 customers, of whom 40 are held out", rule.result_text)
        self.policy.holdout_percent = 20
        self.assertIn("With 200 customers, of whom 40 are held out", self.policy.result_text)
        self.policy.holdout_percent = 0
        self.assertIn("Nobody is held out", self.policy.result_text)

    def test_who_is_held_out_by_the_company_is_contacted_by_no_rule(self):
        partners = self.customers(40)
        self.policy.holdout_percent = 25
        first, second = self.rule(), self.rule(name="Another", holdout_percent=10)
        self.follow()
        holdout = self.env["crm.followup.holdout"].search([("company_id", "=", self.company.id)])
        held = holdout.filtered("held_out").partner_id
        self.assertEqual((holdout.partner_id, len(held)), (partners, 10))
        self.assertFalse(self.activities(held))
        self.assertFalse(self.runs.search([("partner_id", "in", held.ids)]))
        self.assertEqual(self.runs.search([("rule_id", "=", first.id)]).partner_id, partners - held)
        # the rule's own comparison is of those whom the company does not hold out
        members = self.env["crm.followup.member"].search([("rule_id", "=", second.id), ("date_assigned", "!=", False)])
        self.assertEqual(members.partner_id, partners - held)
        self.assertIn("Reached: 30. Held out: 10.", self.policy.result_text)
        # who is new is assigned with the same share, and who was assigned stays
        more = self.customers(20)
        self.follow()
        again = self.env["crm.followup.holdout"].search([("company_id", "=", self.company.id)]).filtered("held_out")
        self.assertEqual(again.partner_id & partners, held)
        self.assertEqual(len(again.partner_id & more), 5)
        self.policy.holdout_percent = 0
        self.assertFalse(CompanyHoldout(self.env, self.company).held_out(partners.ids))

    def test_a_company_holds_out_leads_of_its_customers(self):
        partners = self.customers(20)
        leads = self.env["crm.lead"].create(
            [
                {"name": "Lead", "company_id": self.company.id, "partner_id": partner.id, "user_id": self.seller.id}
                for partner in partners
            ]
        )
        alone = self.env["crm.lead"].create({"name": "Nobody's", "company_id": self.company.id})
        self.policy.holdout_percent = 50
        rule = self.rule(audience=self.audience(name="Leads", kind="lead"))
        self.follow(rule)
        held = self.env["crm.followup.holdout"].search([("held_out", "=", True)]).partner_id & partners
        self.assertEqual(len(held), 10)
        reached = self.runs.search([("rule_id", "=", rule.id)]).lead_id & (leads | alone)
        self.assertEqual(reached, leads.filtered(lambda lead: lead.partner_id not in held) | alone)

    def test_a_salesperson_is_not_told_who_is_held_out(self):
        """Neither by a model nor by a field of what they may read; what they see of both is the same."""
        partners = self.customers(20)
        self.policy.holdout_percent = 50
        audience = self.audience()
        self.rule(audience=audience, holdout_percent=10)
        self.follow()
        holdout = CompanyHoldout(self.env, self.company)
        held = self.env["res.partner"].browse(holdout.known(partners.ids))
        self.assertEqual(len(held), 10)
        env = self.env(user=self.seller)
        for model in ("crm.followup.holdout", "crm.followup.member", "crm.followup.run", "crm.followup.event",
                      "crm.followup.rule", "crm.followup.policy"):  # fmt: skip
            self.assertFalse(env[model].has_access("read"), model)
        kept = {"crm.followup.holdout", "crm.followup.member"}
        for model in self.env.registry.models.values():
            for name, field in model._fields.items():
                if field.comodel_name in kept:
                    self.fail(f"{model._name}.{name} leads to who is held out")
        both = partners.with_env(env)
        names = [name for name in both.fields_get() if "holdout" in name or "held_out" in name]
        self.assertFalse(names)
        self.assertEqual(audience.with_env(env).member_count, 20)
        found = env["crm.followup.today"].search([("partner_id", "in", partners.ids), ("kind", "=", "overdue")])
        overdue = (
            self.env["crm.customer.profile"]
            .search([("partner_id", "in", partners.ids), ("overdue_date", "!=", False)])
            .partner_id
        )
        self.assertLessEqual(found.partner_id, overdue)

    def test_two_customers_who_become_one_stay_assigned(self):
        one, other, third = self.customers(3)
        self.policy.holdout_percent = 50
        holdout = self.env["crm.followup.holdout"]
        CompanyHoldout(self.env, self.company).held_out({one.id, other.id})
        before = holdout.search([("partner_id", "=", other.id)]).held_out
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((one | other).ids, other, extra_checks=False)
        self.assertEqual(holdout.search([("partner_id", "in", (one | other).ids)]).mapped("held_out"), [before])
        wizard._merge((third | other).ids, third, extra_checks=False)
        self.assertEqual(holdout.search([("partner_id", "=", third.id)]).mapped("held_out"), [before])
