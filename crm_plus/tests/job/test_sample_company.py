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

    # ------------------------------------------------------------------ away again

    def counts(self):
        """How many records the company has of each kind that the sample makes, and of those that follow from them."""
        names = ("res.partner", "sale.order", "crm.lead", "crm.team", "product.template", "crm.customer.profile",
                 "crm.interaction", "crm.segment.membership")  # fmt: skip
        inside = [("company_id", "=", self.company.id)]
        return {name: self.env[name].with_context(active_test=False).search_count(inside) for name in names}

    def test_what_it_made_goes_again_once_somebody_has_been_asked(self):
        before, campaigns = self.counts(), self.env["utm.campaign"].search_count([])
        other = self.env["res.company"].create({"name": "Other Roasters"})
        for company in (self.company, other):
            self.sample._load(company)
        self.env["crm.customer.profile"]._refresh_company(self.company)
        learned = self.env["crm.purchase.model"].create(
            {"company_id": self.company.id, "kind": "bg_nbd", "state": "published", "version": 1}
        )
        question = self.start.sample_removal()
        self.assertFalse(question["staying"])
        for kind, count in (("res.partner", 300), ("crm.lead", 169), ("crm.team", 2), ("product.template", 1)):
            self.assertIn(f"{self.env['ir.model']._get(kind).name}: {count}", question["going"])
        self.assertTrue(self.start.start_list()["sample"]["removable"])
        self.start.remove_sample()
        self.assertEqual(self.start.start_list()["sample"]["state"], "running")
        self.assertEqual(len(self.customers()), 300)
        self.run_job()
        self.assertEqual(self.counts(), before)
        self.assertEqual(self.env["utm.campaign"].search_count([]), campaigns + 1, "the other company has its own")
        self.assertEqual(learned.state, "retired")
        theirs = self.env["res.partner"].search_count([("company_id", "=", other.id), ("ref", "=like", "sample-%")])
        self.assertEqual(theirs, 300)
        card = self.start.start_list()["sample"]
        self.assertEqual((card["state"], card["removable"]), ("offered", False))
        with self.assertRaises(UserError):
            self.start.remove_sample()

    def test_what_a_loyalty_program_gave_by_itself_is_no_use_and_goes_too(self):
        if "sale.order.coupon.points" not in self.env:
            self.skipTest("Loyalty programs for sales are not installed")
        program = self.env["loyalty.program"].create(
            {
                "name": "Beans", "program_type": "loyalty", "company_id": self.company.id, "trigger": "auto",
                "applies_on": "both", "rule_ids": [(0, 0, {"reward_point_mode": "money"})],
            }
        )  # fmt: skip
        self.sample._load(self.company)
        self.assertTrue(self.env["sale.order.coupon.points"].search([("coupon_id.program_id", "=", program.id)]))
        self.assertFalse(self.start.sample_removal()["staying"])
        self.start.remove_sample()
        self.run_job()
        self.assertFalse(self.customers())
        self.assertFalse(program.with_context(active_test=False).coupon_ids)

    def use_some(self, aurora, changed, visited, plain, merged):
        """What people do with some of its customers; (records that have to stay, records of theirs)."""
        people = self.env(user=self.admin.id, su=True)["res.partner"].with_company(self.company).env
        order = people["sale.order"].create({"partner_id": aurora.id, "company_id": self.company.id})
        people["res.partner"].browse(changed.id).phone = "+32 2 111 11 11"
        lead = people["crm.lead"].search([("company_id", "=", self.company.id), ("name", "=", "Two new houses")])
        lead.message_post(body="They call on Monday", message_type="comment")
        logged = people["crm.interaction"].create(
            {
                "partner_id": visited.id,
                "name": "Seen at the fair",
                "direction": "in",
                "company_id": self.company.id,
                "channel_id": self.env.ref("crm_plus.channel_visit").id,
            }
        )
        sold = people["sale.order"].search([("partner_id", "=", plain.id)], limit=1)
        sold.order_line.name = "Beans, ground"
        own = people["res.partner"].create({"name": "A customer of ours"})
        people["base.partner.merge.automatic.wizard"]._merge([own.id, merged.id], own)
        kept = [aurora, changed, visited, plain, lead, sold, lead.team_id, sold.order_line.product_id.product_tmpl_id]
        return kept, [order, logged, own]

    def test_what_people_have_used_since_stays_and_is_named_and_is_theirs(self):
        self.sample._load(self.company)
        customers = self.customers().sorted("id")[:5]
        taken_over = self.env["sale.order"].search([("partner_id", "=", customers[4].id)])
        kept, theirs = self.use_some(*customers)
        staying = self.start.sample_removal()["staying"]
        for record in kept:
            self.assertIn(record.display_name, staying)
        self.start.remove_sample()
        self.run_job()
        for record in (*kept, *theirs):
            self.assertTrue(record.exists(), record)
        self.assertFalse(taken_over.exists(), "orders of the sample, of a customer who was merged into one of theirs")
        self.assertEqual(theirs[0].partner_id, customers[0])
        # the one that was merged has left its reference to theirs
        staying = customers[:4] + theirs[2]
        self.assertEqual(set(self.customers()), set(staying))
        interactions = self.env["crm.interaction"].search([("partner_id", "=", customers[2].id)])
        self.assertEqual(interactions.mapped("name"), ["Seen at the fair"])
        card = self.start.start_list()["sample"]
        self.assertEqual(card["state"], "removed")
        self.assertIn(customers[1].display_name, card["text"])
        # What has stayed is the company's own now: the sample does not come across it again.
        self.sample._load(self.company)
        self.assertEqual(len(self.customers()), 305)
        self.start.remove_sample()
        self.run_job()
        self.assertEqual(set(self.customers()), set(staying))

    def test_only_administrators_are_asked(self):
        manager = new_test_user(self.env, "sample_manager", "sales_team.group_sale_manager")
        start = self.env["crm.start.step"].with_user(manager)
        self.assertFalse(start.start_list()["sample"])
        for method in (start.load_sample, start.sample_removal, start.remove_sample):
            with self.assertRaises(AccessError):
                method()

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
