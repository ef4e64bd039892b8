import random

from odoo.tests import tagged

from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileFields(ProfileCase):
    """What the partner and the order show of the profile, and how complete a partner is."""

    def predicted(self):
        partners, orders = self.model_orders(random.Random(8), 300)
        self.many_orders(orders)
        self.refresh()
        self.train()
        return partners

    def test_partner_and_order_show_the_prediction_and_are_found_by_it(self):
        partners = self.predicted()
        profile = self.profiles().sorted("churn_risk")[-1]
        customer = profile.partner_id
        self.assertEqual((customer.churn_risk, customer.lifetime_value), (profile.churn_risk, profile.clv))
        risky = partners.search([("churn_risk", ">=", profile.churn_risk), ("id", "in", partners.ids)])
        self.assertIn(customer, risky)
        self.assertEqual(risky, self.profiles().filtered(lambda p: p.churn_risk >= profile.churn_risk).partner_id)
        valued = partners.search([("lifetime_value", ">", 0), ("id", "in", partners.ids)])
        self.assertEqual(set(valued.ids), set(self.profiles().filtered(lambda p: p.clv > 0).partner_id.ids))
        order = self.env["sale.order"].search([("partner_id", "=", customer.id)], limit=1)
        self.assertEqual(order.churn_risk, profile.churn_risk)
        self.assertIn(order, order.search([("churn_risk", ">=", profile.churn_risk)]))
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": customer.id})
        self.assertEqual(contact.churn_risk, profile.churn_risk)

    def test_the_risk_in_words_follows_the_percentage_and_finds_the_same_customers(self):
        self.predicted()
        profiles = self.profiles()
        for level in ("low", "medium", "high", "lost"):
            found = self.Profile.search([("company_id", "=", self.company.id), ("churn_level", "=", level)])
            self.assertEqual(found, profiles.filtered(lambda profile, level=level: profile.churn_level == level))
        self.assertTrue(all(profiles.mapped("churn_level")))
        self.assertFalse(profiles.search([("churn_level", "=", False), ("company_id", "=", self.company.id)]))

    def test_clusters_are_the_same_groups_after_the_next_training(self):
        self.many_orders(self.orders_of_kinds(random.Random(8)))
        self.refresh()
        self.train()
        clusters = self.env["crm.customer.cluster"].search([("company_id", "=", self.company.id)])
        self.assertGreaterEqual(len(clusters), 3)
        self.assertEqual(sum(clusters.mapped("size")), len(self.profiles()))
        self.assertTrue(all(clusters.mapped("display_name")))
        self.assertTrue(any(clusters.mapped("description")))
        clusters[0].name = "Our own name"
        before = {profile: profile.cluster_id for profile in self.profiles()}
        self.train()
        self.assertEqual(self.env["crm.customer.cluster"].search([("company_id", "=", self.company.id)]), clusters)
        self.assertEqual({profile: profile.cluster_id for profile in self.profiles()}, before)
        self.assertEqual(clusters[0].display_name, "Our own name")

    def test_training_survives_being_cut_short(self):
        _partners, orders = self.model_orders(random.Random(9), 200)
        self.many_orders(orders)
        self.refresh()
        Model = self.env["crm.purchase.model"]
        self.patch(type(Model), "_prediction_step", 60)
        self.assertEqual(Model._companies_due() & self.company, self.company)
        steps = 0
        while not Model._step(self.company):
            self.env.flush_all()
            steps += 1
            self.assertIn(self.company, Model._companies_due())
            predicted = self.profiles().filtered("p_alive")
            self.assertEqual(len(predicted), 60 * max(steps - 3, 0))
        # the training, clusters, cohorts, then 60, 60 and 60 customers; the step that returns True has the last 20
        self.assertEqual(steps, 6)
        self.assertNotIn(self.company, Model._companies_due())
        self.assertEqual(len(self.profiles().filtered("p_alive")), 200)

    def test_training_that_meets_a_refresh_comes_back_soon(self):
        Model = self.env["crm.purchase.model"]
        self.patch(type(self.Profile), "_lock_company", lambda profiles, company: False)
        mine = [("cron_id", "=", self.env.ref("crm_plus.ir_cron_train").id)]
        before = self.env["ir.cron.trigger"].search(mine)
        self.assertTrue(Model._step(self.company))
        self.assertEqual(len(self.env["ir.cron.trigger"].search(mine) - before), 1)
        self.assertFalse(Model.search([("company_id", "=", self.company.id)]))

    def test_data_quality_in_python_is_that_in_sql(self):
        tag = self.env["res.partner.category"].create({"name": "Tag"})
        us = self.env.ref("base.us").id
        full = {
            "email": "a@example.com",
            "phone": "+1 212-555-0123",
            "street": "Main",
            "city": "Town",
            "country_id": us,
        }
        partners = self.env["res.partner"].create(
            [
                {"name": "Nothing"},
                {"name": "Person", **full, "category_id": tag.ids},
                {"name": "Company", **full, "category_id": tag.ids, "is_company": True},
                {"name": "All", **full, "category_id": tag.ids, "is_company": True, "vat": "12345"},
                {"name": "Bad", "email": "no address", "phone": "12", "country_id": us, "street": "Main"},
            ]
        )
        self.assertEqual(partners.mapped("data_quality"), [0, 100, 83, 100, 20])
        self.assertEqual(partners[2].data_quality_note, "Missing: tax ID")
        for limit in (0, 20, 21, 83, 84, 100):
            found = partners.search([("data_quality", ">=", limit), ("id", "in", partners.ids)])
            self.assertEqual(
                found, partners.filtered(lambda p, limit=limit: p.data_quality >= limit).sorted("complete_name")
            )
        self.assertEqual(
            partners.search([("id", "in", partners.ids)], order="data_quality, id").mapped("data_quality"),
            [0, 20, 83, 100, 100],
        )
