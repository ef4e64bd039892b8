from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ...demo import story
from ...models.job.crm_sample_company import JOB
from .common import run_jobs_to_their_end


@tagged("post_install", "-at_install")
class TestSampleCompany(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run_jobs_to_their_end(cls)
        cls.company = cls.env["res.company"].create({"name": "Roasters Ltd"})
        cls.admin = new_test_user(
            cls.env, "sample_admin", "sales_team.group_sale_manager,base.group_system",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip
        cls.start = cls.env["crm.start.step"].with_user(cls.admin)
        cls.sample = cls.env["crm.sample.company"].with_company(cls.company)
        cls.cron = cls.env.ref(f"crm_plus.{JOB}")
        cls.module = cls.env.ref("base.module_crm_plus")
        # What the demo data of this database has planned is not this test's.
        cls.env["crm.job.memory"]._forget(cls.env["res.company"].search([]))

    def customers(self):
        return self.env["res.partner"].search([("company_id", "=", self.company.id), ("ref", "=like", "sample-%")])

    def run_job(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def test_it_is_planned_at_once_and_loaded_by_the_scheduled_action(self):
        self.assertEqual(self.start.start_list()["sample"]["state"], "offered")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)])
        self.start.load_sample()
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]), triggers + 1)
        self.assertFalse(self.customers())
        self.assertEqual(self.start.start_list()["sample"]["state"], "running")
        self.run_job()
        self.assertEqual(len(self.customers()), 300)
        self.assertEqual(self.start.start_list()["sample"]["state"], "done")
        orders = self.env["sale.order"].search([("company_id", "=", self.company.id), ("state", "=", "sale")])
        self.assertGreater(len(orders), 3000)
        self.assertEqual(len(set(orders.mapped("name"))), len(orders))
        if "margin" in orders:
            for order in orders[:50]:
                self.assertAlmostEqual(order.margin, order.amount_untaxed * (1 - story.COST), 1)
                self.assertAlmostEqual(order.margin, sum(order.order_line.mapped("margin")), 1)
        self.assertEqual(set(orders.team_id.mapped("name")), set(story.TEAMS))
        self.assertIn(story.CAMPAIGN, orders.campaign_id.mapped("name"))
        self.assertIn(
            story.CAMPAIGN,
            self.env["crm.lead"].search([("company_id", "=", self.company.id)]).campaign_id.mapped("name"),
        )
        self.run_job()
        self.start.load_sample()
        self.run_job()
        self.assertEqual(len(self.customers()), 300)

    def test_a_part_that_fails_says_why_and_is_loaded_later(self):
        self.sample._plan()

        def broken(env):
            raise ValueError("the mill is jammed")

        parts = (story.customers, broken)
        with patch.object(story, "PARTS", parts), mute_logger("odoo.addons.crm_plus.models.job.crm_job_mixin"):
            self.run_job()
        card = self.start.start_list()["sample"]
        self.assertEqual((card["state"], card["text"]), ("problem", "the mill is jammed"))
        self.assertEqual(len(self.customers()), 300)
        self.run_job()
        self.assertEqual(self.start.start_list()["sample"]["state"], "done")
        self.assertEqual(len(self.customers()), 300)

    def test_questions_and_ratings_are_there_when_their_app_is(self):
        if "project.task" not in self.env:
            self.skipTest("the app Project is not installed")
        self.sample._load(self.company)
        tasks = self.env["project.task"].search([("partner_id", "in", self.customers().ids)])
        ratings = self.env["rating.rating"].search([("res_model", "=", "project.task"), ("res_id", "in", tasks.ids)])
        self.assertEqual((len(tasks), len(ratings)), (24, 24))

    def test_beside_records_of_its_own_it_is_refused(self):
        self.module.demo = False
        self.env.cr.execute("UPDATE crm_lead SET company_id = %s WHERE company_id IS NULL", self.env.company.ids)
        self.assertEqual(self.start.start_list()["sample"]["state"], "offered")
        self.env["crm.lead"].create({"name": "A real one", "company_id": self.company.id})
        self.assertFalse(self.start.start_list()["sample"])
        with self.assertRaises(UserError):
            self.start.load_sample()
        self.module.demo = True
        self.start.load_sample()

    def test_only_administrators_are_asked(self):
        manager = new_test_user(self.env, "sample_manager", "sales_team.group_sale_manager")
        start = self.env["crm.start.step"].with_user(manager)
        self.assertFalse(start.start_list()["sample"])
        with self.assertRaises(AccessError):
            start.load_sample()

    def test_without_its_scheduled_action_the_button_says_so(self):
        self.cron.active = False
        with self.assertRaises(UserError):
            self.start.load_sample()


@tagged("post_install", "-at_install")
class TestStoryTour(HttpCase):
    def test_the_story_can_be_followed(self):
        company = self.env.company
        self.env["crm.sample.company"]._load(company)
        self.env["crm.customer.profile"]._refresh_company(company)
        self.env["crm.lead.score"]._refresh_many(company, SQL("TRUE"))
        new_test_user(self.env, "story.manager", "sales_team.group_sale_manager,base.group_system", name="Mina")
        self.start_tour("/odoo", "crm_plus_story", login="story.manager")
