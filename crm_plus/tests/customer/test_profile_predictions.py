import random

from odoo.tests import tagged

from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfilePredictions(ProfileCase):
    """What the database holds is what the engine says when it is asked directly."""

    def engine_summary(self, orders):
        from ...engine.customer.purchase import summarize

        days = [moment.date() for _partner, moment, _amount in orders]
        return summarize(
            [partner for partner, _moment, _amount in orders],
            [day.toordinal() for day in days],
            [amount for _partner, _moment, amount in orders],
            self.company._crm_plus_today().toordinal(),
        )

    def test_predictions_are_those_of_the_engine(self):
        from ...engine.customer.bgnbd_fit import fit_purchases
        from ...engine.customer.clv import Horizon, outlook
        from ...engine.customer.gamma_gamma import fit_values

        _partners, orders = self.model_orders(random.Random(4), 400)
        self.many_orders(orders)
        self.refresh()
        self.train()
        summary = self.engine_summary(orders)
        purchases = fit_purchases(summary.frequency, summary.recency, summary.age)
        values = fit_values(summary.frequency, summary.value)
        expected = outlook(summary, purchases, values, Horizon())
        stored = self.snapshot(("p_alive", "churn_risk", "expected_orders", "clv"))
        self.assertEqual(len(stored), len(summary))
        for row, partner_id in enumerate(summary.customers.tolist()):
            p_alive, churn_risk, orders_ahead, clv = map(float, stored[partner_id])
            self.assertAlmostEqual(p_alive, expected.p_alive[row], 4)
            self.assertAlmostEqual(churn_risk, 100 * (1 - expected.p_alive[row]), 1)
            self.assertAlmostEqual(orders_ahead, expected.orders[row], 2)
            self.assertAlmostEqual(clv, expected.lifetime_value[row], 2)
        model = self.env["crm.purchase.model"]._published(self.company, "purchases")
        self.assertEqual((model.kind, model.customers), ("mbg_nbd", 400))
        self.assertAlmostEqual(model.log_likelihood, purchases.log_likelihood, 4)

    def test_tiers_and_segments_that_rest_on_predictions_follow_the_training(self):
        _partners, orders = self.model_orders(random.Random(4), 300)
        self.many_orders(orders)
        tier = self.env["crm.tier"].create(
            {"name": "Best", "company_id": self.company.id, "basis": "clv", "rule": "top", "top_percent": 10}
        )
        family = self.env["crm.segment.family"].create({"name": "Risk", "company_id": self.company.id})
        segment = self.env["crm.segment"].create(
            {"name": "In danger", "code": "danger", "family_id": family.id, "domain": "[('churn_risk', '>=', 50)]"}
        )
        segment.action_activate()
        self.refresh()
        self.assertFalse(tier.customer_count or segment.customer_count)
        self.train()
        best = self.profiles().filtered(lambda profile: profile.tier_id == tier)
        self.assertEqual(len(best), 30)
        self.assertGreaterEqual(min(best.mapped("clv")), max((self.profiles() - best).mapped("clv")))
        risky = self.profiles().filtered(lambda profile: profile.churn_risk >= 50)
        self.assertTrue(risky)
        self.assertEqual(segment.membership_ids.profile_id, risky)
        self.assertEqual(set(segment.membership_ids.mapped("date_to")), {False})
