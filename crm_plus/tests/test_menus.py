from collections import Counter

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestMenus(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        menus = cls.env["ir.ui.menu"].with_context(**{"ir.ui.menu.full_list": True}, active_test=False)
        cls.app = menus.search([("id", "child_of", cls.env.ref("crm.crm_menu_root").id)])
        cls.ours = cls.app.filtered(lambda menu: menu.get_external_id()[menu.id].startswith("crm_plus."))

    def test_a_name_leads_to_one_place(self):
        named = Counter(self.app.mapped(lambda menu: menu.name.casefold()))
        self.assertFalse([menu.complete_name for menu in self.ours if named[menu.name.casefold()] > 1])

    def test_configuration_comes_in_four_groups_in_steps_of_ten(self):
        groups = self.env.ref("crm_plus.crm_plus_menu_config").child_id
        self.assertEqual(
            groups.mapped("name"), ["History", "Scores and predictions", "Customers and segments", "System"]
        )
        for menus in (groups, *(group.child_id for group in groups)):
            self.assertTrue(menus)
            self.assertEqual(menus.mapped("sequence"), [10 * (place + 1) for place in range(len(menus))])
        self.assertFalse(any(menu.action for menu in groups))
        self.assertTrue(all(menu.action for menu in groups.child_id))
