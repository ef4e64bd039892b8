import random
from datetime import datetime, timedelta

from odoo.tests import tagged

from ...services.customer.purchase_contest import best_purchases, number
from ...services.customer.scope import Scope
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
        from ...engine.customer.clv import Horizon, outlook
        from ...engine.customer.order_log import OrderLog
        from ...engine.customer.value_contest import best_values

        _partners, orders = self.model_orders(random.Random(4), 400)
        self.many_orders(orders)
        self.refresh()
        self.train()
        summary = self.engine_summary(orders)
        log = OrderLog.of([partner for partner, _moment, _amount in orders], [number(m.date()) for _p, m, _a in orders])
        history = summary.frequency, summary.recency, summary.age
        purchases, values_of_record = best_purchases(log, history, self.company._crm_plus_today())
        rows = [(partner, number(moment.date()), amount) for partner, moment, amount in orders]
        today = self.company._crm_plus_today()
        values, _verdict = best_values(*zip(*rows, strict=True), number(today), summary)
        expected = outlook(summary, purchases, values, Horizon())
        stored = self.snapshot(("p_alive", "churn_risk", "expected_orders", "clv"))
        self.assertEqual(len(stored), len(summary))
        for row, partner_id in enumerate(summary.customers.tolist()):
            p_alive, churn_risk, orders_ahead, clv = map(float, stored[partner_id])
            self.assertAlmostEqual(p_alive, expected.p_alive[row], 4)
            self.assertAlmostEqual(churn_risk, 100 * expected.churn_risk[row], 1)
            self.assertAlmostEqual(orders_ahead, expected.orders[row], 2)
            self.assertAlmostEqual(clv, expected.lifetime_value[row], 2)
        model = self.env["crm.purchase.model"]._published(self.company, "purchases")
        self.assertEqual((model.kind, model.customers), (purchases.kind, 400))
        self.assertAlmostEqual(model.log_likelihood, purchases.log_likelihood, 4)
        self.assertEqual(model.actual_orders, values_of_record["actual_orders"])
        self.assertEqual(model.contest["standings"][0]["kind"], purchases.kind)
        self.company.crm_plus_clv_months = "36"
        self.Profile._predict(self.company, Scope())
        expected = outlook(summary, purchases, values, Horizon(months=36))
        longer = self.snapshot(("expected_orders", "clv"))
        for row, partner_id in enumerate(summary.customers.tolist()):
            self.assertEqual(longer[partner_id][0], stored[partner_id][2])
            self.assertAlmostEqual(float(longer[partner_id][1]), expected.lifetime_value[row], 2)
        self.assertEqual(self.Profile.fields_get(["clv"])["clv"]["string"], "Lifetime value (36 months)")

    def test_parameters_of_before_the_contest_say_what_they_said(self):
        from ...engine.customer.bgnbd import PurchaseModel

        _partners, orders = self.model_orders(random.Random(4), 60)
        self.many_orders(orders)
        self.refresh()
        old = {"r": 0.5, "alpha": 60.0, "a": 0.8, "b": 2.5, "dropout_at_start": True}
        old |= {"log_likelihood": -9.0, "customers": 60}
        self.env["crm.purchase.model"].create(
            {"company_id": self.company.id, "version": 1, "kind": "mbg_nbd", "state": "published", "parameters": old}
        )
        self.Profile._predict(self.company, Scope())
        summary, model = self.engine_summary(orders), PurchaseModel(**old)
        history = summary.frequency, summary.recency, summary.age
        alive, ahead = model.p_alive(*history), model.expected_orders(365.25, *history)
        stored = self.snapshot(("p_alive", "churn_risk", "expected_orders"))
        for row, partner_id in enumerate(summary.customers.tolist()):
            p_alive, churn_risk, orders_ahead = map(float, stored[partner_id])
            self.assertAlmostEqual(p_alive, alive[row], 4)
            self.assertAlmostEqual(churn_risk, 100 * (1 - alive[row]), delta=0.051)
            self.assertAlmostEqual(orders_ahead, ahead[row], delta=0.0051)

    def test_loyal_customers_are_predicted_and_their_risk_is_told(self):
        """Where hardly anybody leaves, the models of leaving have no maximum; there is a forecast all the same."""
        chance = random.Random(8)
        partners = self.env["res.partner"].create([{"name": f"Loyal {n}", "is_company": True} for n in range(120)])
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        orders = []
        for partner in partners:
            rate, moment = chance.gammavariate(1.6, 1 / 100), today - timedelta(days=chance.uniform(300, 1100))
            while moment < today:
                orders.append((partner.id, moment.replace(microsecond=0), 50))
                moment += timedelta(days=chance.expovariate(rate) + 0.01)
        self.many_orders(orders)
        self.refresh()
        self.train()
        self.assertEqual(self.env["crm.purchase.model"]._published(self.company, "purchases").state, "published")
        risks = [float(risk) for (risk,) in self.snapshot(("churn_risk",)).values()]
        self.assertEqual(len(risks), 120)
        self.assertGreater(max(risks), min(risks))
        self.assertGreater(min(risks), 0)

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
