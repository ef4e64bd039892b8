from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval


@tagged("post_install", "-at_install")
class TestInteractionViews(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = new_test_user(cls.env, "ann.sales", "sales_team.group_sale_salesman")
        cls.clerk = new_test_user(cls.env, "cas.clerk", "base.group_user")

    def _arch(self, user, model, view_type):
        return etree.fromstring(self.env[model].with_user(user).get_view(view_type=view_type)["arch"])

    def test_every_filter_and_group_of_the_search_views_works(self):
        for model in ("crm.interaction", "res.partner"):
            Model = self.env[model].with_user(self.ann)
            arch = self._arch(self.ann, model, "search")
            for node in arch.iter("filter"):
                with self.subTest(model=model, filter=node.get("name")):
                    if domain := node.get("domain"):
                        Model.search_count(safe_eval(domain, {"uid": self.ann.id}))
                    group_by = safe_eval(node.get("context", "{}")).get("group_by")
                    if group_by and group_by != "properties":
                        Model.formatted_read_group([], [group_by], ["__count"], limit=5)

    def test_customers_sort_and_filter_by_silence(self):
        never, long_ago, recent = self.env["res.partner"].create(
            [{"name": name} for name in ("Never", "Long ago", "Recent")]
        )
        for partner, days in ((long_ago, 70), (recent, 10)):
            self.env["crm.interaction"].create(
                {
                    "partner_id": partner.id,
                    "channel_id": self.env.ref("crm_plus.channel_phone").id,
                    "source_id": self.env.ref("crm_plus.source_manual").id,
                    "date": fields.Datetime.now() - timedelta(days=days, hours=1),
                }
            )
        filters = {node.get("name"): node for node in self._arch(self.ann, "res.partner", "search").iter("filter")}
        three = self.env["res.partner"].with_user(self.ann).browse((never | long_ago | recent).ids)

        def found(name):
            return three.search([("id", "in", three.ids), *safe_eval(filters[name].get("domain"))])

        self.assertEqual(found("silent_60"), long_ago)
        self.assertFalse(found("silent_90"))
        self.assertEqual(found("never_contacted"), never)
        self.assertEqual(found("channel_phone"), long_ago | recent)
        newest_first = three.search([("id", "in", (long_ago | recent).ids)], order="last_interaction_date desc")
        self.assertEqual(newest_first, recent + long_ago)

    def test_an_employee_outside_sales_has_the_hosts_own_views(self):
        ours = (
            "interaction_count",
            "interaction_count_text",
            "last_interaction_date",
            "silence_days",
            "interaction_ids",
        )
        for view_type in ("form", "list", "kanban", "search"):
            with self.subTest(view_type=view_type):
                for user, expected in ((self.clerk, False), (self.ann, True)):
                    arch = self._arch(user, "res.partner", view_type)
                    names = {node.get("name") for node in arch.iter("field")}
                    self.assertEqual(not names.isdisjoint(ours), expected)
        self.assertFalse(self._arch(self.clerk, "res.partner", "form").xpath("//widget[@name='crm_timeline']"))
