import importlib.util
import random
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.misc import file_path

from ...engine.customer.abstention import Reason
from ...models.customer.crm_purchase_model import USES
from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestPurchaseModel(ProfileCase):
    """What managers see of the trained models and of the clusters, and what they may do with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager, cls.seller = (
            new_test_user(
                cls.env, login, groups, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
                context=cls.env.context,
            )
            for login, groups in (
                ("model_manager", "sales_team.group_sale_manager"),
                ("model_seller", "sales_team.group_sale_salesman"),
            )
        )  # fmt: skip
        cls.models = cls.env["crm.purchase.model"]

    def trained(self, customers=300):
        _partners, orders = self.model_orders(random.Random(12), customers)
        self.trained_on(orders)

    def trained_on(self, orders):
        self.many_orders(orders)
        self.refresh()
        self.train()

    def clustered(self):
        self.trained_on(self.orders_of_kinds(random.Random(12)))
        self.assertEqual(len(self.clusters()), 3)

    def model(self, kind, version=1):
        return self.models.search(
            [("company_id", "=", self.company.id), ("kind", "=", kind), ("version", "=", version)]
        ).with_user(self.manager)

    def purchases(self, version=1):
        found = self.models.search([("company_id", "=", self.company.id), ("version", "=", version)])
        return found.filtered(lambda model: USES[model.kind] == "purchases").with_user(self.manager)

    def clusters(self):
        return self.env["crm.customer.cluster"].with_user(self.manager).search([("company_id", "=", self.company.id)])

    def press(self, button, records):
        """The way the button of a list or a form calls the server."""
        return call_kw(records, button, [records.ids], {})

    # ------------------------------------------------------------------ models

    def test_a_model_says_in_words_what_it_found(self):
        self.trained()
        purchases = self.purchases()
        found = purchases.parameters
        days = round(found["alpha"] / found["r"])
        self.assertIn(f"order every {days} days on average", purchases.findings)
        self.assertIn(f"r = {found['r']:.4g}, alpha = ", purchases.parameters_text)
        winner = purchases.contest["standings"][0]
        self.assertIn(f"From {len(winner['tests'])} earlier days", purchases.contest_text)
        self.assertIn("% of that of repeating the past", purchases.contest_text)
        self.assertIn("Second: ", purchases.contest_text)
        self.assertIn("too short to check 12 months: they are checked over 182 days", purchases.contest_text)
        values = self.models._published(self.company, "values")
        self.assertIn("The average order value across all customers is", values.findings)
        self.assertIn("of that of the same average for everybody", values.contest_text)
        self.assertIn("The others: ", values.contest_text)
        self.assertFalse(any(model.shortfall_text for model in purchases | values))

    def test_a_model_that_abstains_says_why_and_shows_no_findings(self):
        self.order(self.customer())
        self.refresh()
        self.train()
        model = self.purchases()
        self.assertEqual(model.shortfall_text, "Customers: 1. At least 50 are needed (49 more).")
        self.assertFalse(model.findings or model.parameters_text or model.check_text)

    def test_orders_that_are_worth_the_same_are_called_that(self):
        shortfall = {"reason": "no_interior_optimum", "found": 9e5, "needed": 1e6, "detail": "p"}
        texts = {
            kind: self.env["crm.purchase.model"].new({"kind": kind, "shortfall": shortfall}).shortfall_text
            for kind in ("gamma_gamma", "mbg_nbd")
        }
        self.assertIn("too similar to tell customers apart", texts["gamma_gamma"])
        self.assertIn("do not show how customers become inactive", texts["mbg_nbd"])

    def test_every_reason_for_no_model_has_words(self):
        for reason in Reason:
            shortfall = {"reason": reason.value, "found": 1.5, "needed": 2.5, "detail": "p"}
            self.assertTrue(self.models.new({"kind": "mbg_nbd", "shortfall": shortfall}).shortfall_text, reason)

    def test_every_model_that_may_win_says_what_it_found(self):
        parameters = {
            "nbd": {"r": 1.0, "alpha": 90.0},
            "pareto_nbd": {"r": 1.0, "alpha": 90.0, "s": 1.0, "beta": 200.0},
            "own_count": {"base": {"r": 1.0, "alpha": 90.0}, "season": [1.5, 1.0, 0.5, 1.0]},
            "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.44, "correlation": 0.1},
            "log_normal": {"middle": 3.0, "between": 0.3, "within": 0.1},
        }
        company = {"company_id": self.company.id}
        explained = {
            kind: self.models.new({**company, "kind": kind, "parameters": values})
            for kind, values in parameters.items()
        }
        self.assertIn("order every 90 days on average.\nHardly anybody leaves", explained["nbd"].findings)
        self.assertIn("Half of the customers leave within 200 days", explained["pareto_nbd"].findings)
        self.assertIn("150 %, 100 %, 50 %, 100 %", explained["own_count"].findings)
        self.assertFalse(explained["own_count"].parameters_text)
        self.assertIn("35.22", explained["gamma_gamma"].findings)
        self.assertIn("75% is between customers", explained["log_normal"].findings)
        self.assertIn("s = 1, beta = 200", explained["pareto_nbd"].parameters_text)

    def test_the_runner_up_is_told_and_by_what_it_lost(self):
        def standing(kind, deviance, off, season=False):
            return {"kind": kind, "season": season, "deviance": deviance, "off": off, "tests": [{}, {}]}

        contest = {
            "days": 364, "low": 0.9, "high": 1.1, "repeat": standing("repeat", 2.0, 30.0),
            "standings": [standing("pareto_nbd", 1.0, 3.0), standing("mbg_nbd", 0.999, 9.0, True)],
        }  # fmt: skip
        model = self.models.new({"kind": "pareto_nbd", "contest": contest})
        self.assertIn("The error of this one was 50 % of that of repeating the past", model.contest_text)
        self.assertIn("Second: MBG/NBD with the season, as good for each customer", model.contest_text)
        self.assertIn("between 90 % and 110 %", model.contest_text)
        self.assertNotIn("too short", model.contest_text)
        contest["standings"][1]["deviance"] = 1.1
        model = self.models.new({"kind": "pareto_nbd", "contest": contest})
        self.assertIn("with an error 10.0 % larger and a total that was off by 9.0 %", model.contest_text)

    def test_the_check_compares_what_came_for_few_and_many_earlier_orders(self):
        self.trained()
        model = self.purchases()
        self.assertIn(f"There were {model.actual_orders}.", model.check_text)
        groups = model.forecast_groups
        self.assertEqual([group["orders"] for group in groups], sorted({group["orders"] for group in groups}))
        for name, total in (
            ("forecast", model.forecast_orders), ("came", model.actual_orders), ("repeated", model.repeated_orders),
        ):  # fmt: skip
            self.assertAlmostEqual(sum(group["customers"] * group[name] for group in groups), total, 6)

    def test_the_check_follows_the_orders_week_by_week(self):
        self.trained()
        model = self.purchases()
        course = model.forecast_course
        days = (model.check_until - model.check_from).days
        self.assertEqual([point["day"] for point in course], [*range(7, days, 7), days])
        for name, total in (
            ("forecast", model.forecast_orders), ("came", model.actual_orders), ("repeated", model.repeated_orders),
        ):  # fmt: skip
            self.assertAlmostEqual(course[-1][name], total, 6)
            self.assertEqual(sorted(point[name] for point in course), [point[name] for point in course])
        first = model.check_from + timedelta(days=7)
        buyers = [
            orders.mapped(lambda order: self.company._crm_plus_day(order.date_order))
            for orders in self.env["sale.order"].search([("company_id", "=", self.company.id), ("state", "=", "sale")])
            .grouped("partner_id").values()
        ]  # fmt: skip
        known = [set(days) for days in buyers if min(days) <= model.check_from]
        in_the_first_week = sum(model.check_from < day <= first for days in known for day in days)
        self.assertEqual(course[0]["came"], in_the_first_week)

    def test_a_manager_has_the_models_trained_and_is_told_what_to_expect(self):
        self.trained()
        cron = self.env.ref("crm_plus.ir_cron_train")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        answer = self.press("action_train", self.models.with_user(self.manager))
        self.assertIn("starts within a minute", answer["params"]["message"])
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), before + 1)
        self.assertIn(self.company, self.models._companies_due())
        self.assertEqual(self.purchases().training_text, "A new training is waiting for its turn.")
        self.assertFalse(self.models._step(self.company))
        self.assertEqual(self.purchases().state, "retired")
        self.assertIn("being predicted", self.purchases(2).training_text)
        self.assertFalse(self.models._step(self.company), "clusters are found in a step of their own")
        self.assertFalse(self.models._step(self.company), "cohorts are counted in a step of their own")
        self.assertTrue(self.models._step(self.company))
        self.env.invalidate_all()
        self.assertFalse(self.purchases(2).training_text)

    def test_after_the_upgrade_companies_are_trained_anew_and_keep_their_versions(self):
        self.trained()
        self.assertNotIn(self.company, self.models._companies_due())
        before = self.purchases().parameters
        path = file_path("crm_plus/migrations/19.0.2.0.0/post-20-purchases.py")
        spec = importlib.util.spec_from_file_location("purchases_upgrade", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertIn(self.company, self.models._companies_due())
        self.assertEqual((self.purchases().state, self.purchases().parameters), ("published", before))

    def test_a_training_that_nothing_would_do_is_refused(self):
        self.env.ref("crm_plus.ir_cron_train").active = False
        with self.assertRaisesRegex(UserError, "turn on the scheduled action"):
            self.press("action_train", self.models.with_user(self.manager))
        self.env.ref("crm_plus.ir_cron_train").unlink()
        with self.assertRaisesRegex(UserError, "crm_plus.ir_cron_train.* was deleted"):
            self.press("action_train", self.models.with_user(self.manager))

    def test_an_earlier_version_is_used_again_by_a_manager(self):
        self.trained()
        self.train()
        answer = self.press("action_publish", self.purchases())
        self.assertIn("in use", answer["params"]["message"])
        self.assertEqual((self.purchases().state, self.purchases(2).state), ("published", "retired"))

    def test_nobody_trains_or_changes_a_model_who_may_not(self):
        self.order(self.customer())
        self.refresh()
        self.train()
        model = self.purchases()
        for user, values in ((self.manager, {"parameters": {}}), (self.seller, {"state": "retired"})):
            with self.assertRaises(AccessError):
                model.with_user(user).write(values)
        for action in ("action_train", "action_publish"):
            with self.assertRaises(AccessError):
                self.press(action, model.with_user(self.seller))
        self.assertTrue(model.with_user(self.seller).shortfall_text)

    # ------------------------------------------------------------------ clusters

    def test_a_name_given_to_a_cluster_stays_over_trainings_while_its_figures_follow(self):
        self.clustered()
        groups = self.model("clusters")
        self.assertIn("3 clusters", groups.findings)
        self.assertFalse(groups.shortfall_text)
        cluster = self.clusters()[0]
        automatic = cluster.display_name
        with Form(cluster) as form:
            form.name = "Our regulars"
            form.color = 5
        self.assertEqual((cluster.display_name, cluster.automatic_name), ("Our regulars", automatic))
        before = cluster.sudo().center
        self.trained_on(self.orders_of_kinds(random.Random(13), 150))
        self.env.invalidate_all()
        self.assertEqual((cluster.name, cluster.color, cluster.active), ("Our regulars", 5, True))
        self.assertNotEqual(cluster.sudo().center, before)

    def test_a_cluster_shows_its_size_its_revenue_and_opens_its_customers(self):
        self.clustered()
        for cluster in self.clusters():
            action = self.press("action_open_customers", cluster)
            found = self.Profile.search(action["domain"])
            self.assertEqual(found, self.profiles().filtered(lambda p, mine=cluster: p.cluster_id.id == mine.id))
            self.assertEqual(cluster.size, len(found))
            self.assertAlmostEqual(cluster.revenue, sum(found.mapped("revenue")), 2)

    def test_the_typical_customer_of_a_cluster_lies_among_its_customers(self):
        self.clustered()
        for cluster in self.clusters():
            orders = self.profiles().filtered(lambda p, mine=cluster: p.cluster_id.id == mine.id).mapped("order_count")
            self.assertLessEqual(min(orders), cluster.sudo().center["orders"] + 1e-6)
            self.assertGreaterEqual(max(orders), cluster.sudo().center["orders"] - 1e-6)
            count = round(cluster.sudo().center["orders"])
            self.assertTrue(cluster.typical.startswith(f"{count} order{'s' if count > 1 else ''}, $"), cluster.typical)

    def rule(self, *conditions):
        cluster = self.env["crm.customer.cluster"].new({"company_id": self.company.id, "code": 1})
        text = cluster._rule_text({"conditions": conditions, "coverage": 0.25, "purity": 0.96})
        self.assertTrue(text.endswith(": 25% of all customers; 96% of them are in this cluster"), text)
        return text.split(":")[0]

    def test_rules_are_read_as_whole_days_and_orders_the_strictest_of_each_kind(self):
        self.assertEqual(
            self.rule("orders > 2.5", "days <= 91.5", "days <= 79", "orders > 5.5"),
            "last order within 79 days and 6 orders or more",
        )
        self.assertEqual(self.rule("days > 68.5"), "last order over 68 days ago")
        self.assertEqual(self.rule("days > 68.5", "days <= 91.5"), "last order 69 to 91 days ago")
        self.assertEqual(self.rule("days <= 1.5"), "last order within 1 day")
        self.assertEqual(self.rule("orders <= 1.5"), "1 order")
        self.assertEqual(self.rule("orders <= 2.5"), "at most 2 orders")
        self.assertEqual(self.rule("orders > 1.5", "orders <= 2.5"), "2 orders")
        self.assertEqual(self.rule("orders > 1.5", "orders <= 4.5"), "2 to 4 orders")
        self.assertIn("revenue above $", self.rule("revenue > 362.7"))
        self.assertIn("revenue up to $", self.rule("revenue <= 362.7"))
        self.assertIn("revenue from $", self.rule("revenue > 100", "revenue <= 362.7"))
        self.assertEqual(self.rule(), "any customer")

    def test_a_salesperson_reads_clusters_and_renames_none(self):
        self.clustered()
        cluster = self.clusters()[0].with_user(self.seller)
        self.assertTrue(cluster.display_name and cluster.description and cluster.size)
        with self.assertRaises(AccessError):
            cluster.name = "Mine"

    def test_models_and_clusters_of_another_company_are_not_seen(self):
        self.clustered()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env, "model_stranger", "sales_team.group_sale_manager", company_id=other.id,
            company_ids=[Command.set(other.ids)], context={**self.env.context, "allowed_company_ids": other.ids},
        )  # fmt: skip
        for model in ("crm.purchase.model", "crm.customer.cluster"):
            mine = [("company_id", "=", self.company.id)]
            self.assertTrue(self.env[model].with_user(self.manager).search(mine))
            theirs = self.env[model].with_user(stranger).with_context(allowed_company_ids=other.ids)
            self.assertFalse(theirs.search(mine))
