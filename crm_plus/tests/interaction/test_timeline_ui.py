from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from ..hoot import run_suite


@tagged("post_install", "-at_install")
class TestJavaScript(HttpCase):
    def test_the_javascript_suite_passes(self):
        run_suite(self, "@crm_plus")


@tagged("post_install", "-at_install")
class TestJavaScriptOnAPhone(TestJavaScript):
    browser_size = "375x667"
    touch_enabled = True

    def test_the_javascript_suite_passes(self):
        run_suite(self, "@crm_plus", "mobile")


@tagged("post_install", "-at_install")
class TestTimelineTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = new_test_user(
            cls.env, "ann.sales", "sales_team.group_sale_salesman,base.group_partner_manager", name="Ann"
        )
        cls.customer = cls.env["res.partner"].create({"name": "Miller's Mill"})

    def _log_entries(self, count):
        channels = [self.env.ref("crm_plus.channel_phone"), self.env.ref("crm_plus.channel_visit")]
        now = fields.Datetime.now()
        self.env["crm.interaction"].create(
            [
                {
                    "source_id": self.env.ref("crm_plus.source_manual").id,
                    "partner_id": self.customer.id,
                    "channel_id": channels[number % 2].id,
                    "user_id": self.ann.id,
                    "date": now - timedelta(days=count - number, hours=1),
                    "name": f"Entry {number} of {count}",
                }
                for number in range(1, count + 1)
            ]
        )

    def test_a_salesperson_reads_filters_logs_corrects_and_deletes(self):
        self._log_entries(60)
        self.start_tour(f"/odoo/res.partner/{self.customer.id}", "crm_plus_timeline", login="ann.sales")
        self.assertEqual(self.env["crm.interaction"].search_count([("partner_id", "=", self.customer.id)]), 60)

    def test_a_visit_logged_on_a_lead_plans_the_next_step(self):
        lead = self.env["crm.lead"].create(
            {"name": "New oven", "partner_id": self.customer.id, "user_id": self.ann.id, "type": "opportunity"}
        )
        self.start_tour(f"/odoo/crm.lead/{lead.id}", "crm_plus_log_on_lead", login="ann.sales")
        self.assertEqual(lead.activity_ids.summary, "Send the offer")
        visit = lead.interaction_ids.filtered("is_manual")
        self.assertEqual((visit.name, visit.partner_id), ("Saw the workshop", self.customer))

    def test_the_card_of_a_customer_appears_beside_their_name(self):
        lead = self.env["crm.lead"].create(
            {"name": "New oven", "partner_id": self.customer.id, "user_id": self.ann.id, "type": "opportunity"}
        )
        self.start_tour(f"/odoo/crm.lead/{lead.id}", "crm_plus_glance", login="ann.sales")
