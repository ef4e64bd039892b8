import random
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged, users

from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileAbstention(ProfileCase):
    """No number without the history for it, and the reason in its place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "sales_team.group_sale_salesman"
        new_test_user(cls.env, "profile_seller", groups, company_id=cls.company.id, company_ids=cls.company.ids)

    def models_by_kind(self):
        found = self.env["crm.purchase.model"].search([("company_id", "=", self.company.id)])
        newest = found.filtered(lambda model: model.version == found[:1].version)
        return {model.kind: model for model in newest}

    def test_before_any_training_the_reason_says_so(self):
        self.order(self.customer())
        self.refresh()
        profile = self.profiles()
        self.assertFalse(profile.churn_level)
        self.assertEqual(profile.prediction_note, "The models have not been trained yet.")

    def test_too_few_customers_get_no_number_and_the_shortfall(self):
        _partners, orders = self.model_orders(random.Random(1), 12)
        self.many_orders(orders)
        self.refresh()
        self.train()
        self.assertEqual(
            set(self.snapshot(("p_alive", "churn_risk", "expected_orders", "clv")).values()), {(None,) * 4}
        )
        models = self.models_by_kind()
        self.assertEqual(set(models), {"purchases", "values", "clusters"})
        self.assertEqual({model.state for model in models.values()}, {"abstained"})
        self.assertEqual(models["purchases"].shortfall_text, "Customers: 12. At least 50 are needed (38 more).")
        self.assertEqual(self.profiles()[0].prediction_note, models["purchases"].shortfall_text)
        self.assertTrue(any(self.profiles().mapped("interval_days")))

    @users("profile_seller")
    def test_a_salesperson_is_told_the_reason(self):
        self.order(self.customer().sudo().with_env(self.env(user=1)))
        self.refresh()
        profile = self.profiles().with_user(self.env.ref("base.user_admin")).with_user(self.env.uid)
        self.assertTrue(profile.prediction_note)

    def test_value_that_depends_on_frequency_has_a_model_that_does_not_mind(self):
        partners, orders = self.model_orders(random.Random(6), 300)
        count = {partner.id: 0 for partner in partners}
        for partner_id, _moment, _amount in orders:
            count[partner_id] += 1
        self.many_orders([(partner_id, moment, 10 * count[partner_id] ** 2) for partner_id, moment, _amount in orders])
        self.refresh()
        self.train()
        model = self.models_by_kind()["log_normal"]
        self.assertEqual(model.state, "published")
        self.assertTrue(all(clv > 0 for (clv,) in self.snapshot(("clv",)).values()))

    def test_numbers_go_when_the_next_training_abstains(self):
        _partners, orders = self.model_orders(random.Random(2), 300)
        self.many_orders(orders)
        self.refresh()
        self.train()
        self.assertTrue(all(row[0] is not None for row in self.snapshot(("p_alive",)).values()))
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'cancel' WHERE company_id = %s AND id %% 10 > 0", [self.company.id]
        )
        self.env.invalidate_all()
        self.refresh()
        self.train()
        self.assertEqual(set(self.snapshot(("p_alive", "clv")).values()), {(None, None)})
        self.assertFalse(self.env["crm.purchase.model"]._published(self.company, "purchases"))

    def test_an_older_version_can_be_used_again(self):
        _partners, orders = self.model_orders(random.Random(3), 300)
        self.many_orders(orders)
        self.refresh()
        self.train()
        first = self.env["crm.purchase.model"]._published(self.company, "purchases")
        before = self.snapshot()
        self.many_orders([(partner_id, moment, amount) for partner_id, moment, amount in orders[::7]])
        self.train()
        second = self.env["crm.purchase.model"]._published(self.company, "purchases")
        self.assertEqual((second.version, first.state), (first.version + 1, "retired"))
        first.action_publish()
        self.assertEqual((first.state, second.state), ("published", "retired"))
        while not self.env["crm.purchase.model"]._step(self.company):
            self.env.flush_all()
        self.assertEqual(len(self.snapshot()), len(before))
        self.assertEqual(self.company.crm_plus_predicted_until, 0)

    def test_what_abstained_cannot_be_used(self):
        self.order(self.customer())
        self.refresh()
        self.train()
        with self.assertRaises(UserError):
            self.models_by_kind()["purchases"].action_publish()

    def test_the_forecast_is_checked_on_orders_the_model_has_not_seen(self):
        _partners, orders = self.model_orders(random.Random(5), 400)
        self.many_orders(orders)
        self.refresh()
        self.train()
        model = self.env["crm.purchase.model"]._published(self.company, "purchases")
        self.assertEqual(model.check_until, self.company._crm_plus_today())
        self.assertEqual((model.check_until - model.check_from).days, 182)  # of about 700 days of history
        self.assertEqual(model.contest["days"], 182)
        came = {(p, m.date()) for p, m, _a in orders if m.date() > model.check_from}
        known = {p for p, m, _a in orders if m.date() <= model.check_from}
        self.assertEqual(model.actual_orders, len([p for p, _day in came if p in known]))
        self.assertLess(abs(model.forecast_off), 40)
        self.assertLess(model.forecast_rmse, model.repeated_rmse)

    def test_too_short_a_history_is_told(self):
        partners, _orders = self.model_orders(random.Random(5), 60)
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        days = [
            (partner.id, today - timedelta(days=80 - n % 70), 9) for n, partner in enumerate([*partners, *partners])
        ]
        self.many_orders(days)
        self.refresh()
        self.train()
        self.assertEqual(
            self.models_by_kind()["purchases"].shortfall_text, "Days of orders: 80. At least 90 are needed (10 more)."
        )
