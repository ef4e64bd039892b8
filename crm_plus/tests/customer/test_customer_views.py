from lxml import etree
from odoo.tests import Form, tagged

from ..loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestCustomerViews(SegmentCase):
    """The screens of segments and tiers open for those whose menus lead there, with no more rights than they need."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best = cls.customer("Best", days=1, count=12, amount=2000)
        cls.refresh()
        cls.manager = cls.user("view_manager", "sales_team.group_sale_manager")
        cls.seller = cls.user("view_seller", "sales_team.group_sale_salesman")

    def test_a_manager_opens_and_changes_what_the_menus_lead_to(self):
        tier = self.profile(self.best).tier_id
        for record in (self.champions, self.family, tier):
            with self.subTest(record._name), Form(record.with_user(self.manager)) as form:
                form.name = "Renamed"
            self.assertEqual(record.name, "Renamed")
        with Form(
            self.env["crm.tier.override"].with_user(self.manager), "crm_plus.crm_tier_override_view_list"
        ) as form:
            form.partner_id, form.tier_id, form.reason = self.best, tier, "Promised"

    def test_a_salesperson_opens_the_lists_of_customers_and_moves(self):
        for model in ("crm.customer.profile", "crm.segment.membership", "crm.tier.stay", "crm.segment", "crm.tier"):
            with self.subTest(model):
                records = self.env[model].with_user(self.seller)
                names = records.get_views([(False, "list"), (False, "search")])["models"][model]["fields"]
                self.assertTrue(records.search([], limit=1).web_read({name: {} for name in names}))

    def test_records_opened_from_a_row_can_be_stepped_through(self):
        """Of rows about customers, such as stays, the pager of the customer steps through those of the list."""
        views = self.env["ir.model.data"].search([("model", "=", "ir.ui.view"), ("module", "=like", "crm_plus%")])
        alone = []
        for view in self.env["ir.ui.view"].browse(views.mapped("res_id")):
            arch = etree.fromstring(view.arch)
            opens = arch.get("action") in ("action_open_customer", "action_open") and arch.tag in ("list", "kanban")
            is_about = opens and not {"partner_id", "lead_id"}.isdisjoint(self.env[view.model]._fields)
            if is_about and not (arch.get("js_class") or "").startswith("crm_stepping_"):
                alone.append(view.name)
        self.assertFalse(alone)
