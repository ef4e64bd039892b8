from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestClusterTexts(TransactionCase):
    """Clusters in words, in any language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fa_IR")
        cls.cluster = cls.env["crm.customer.cluster"].create(
            {
                "company_id": cls.env["res.company"].create({"name": "Shop"}).id,
                "code": 1,
                "traits": [["days", -1], ["orders", 1], ["revenue", 1]],
                "rules": [{"purity": 0.97, "coverage": 0.1, "conditions": ["orders > 3", "days <= 77", "revenue > 9"]}],
            }
        )

    def test_three_traits_are_listed_as_the_language_does(self):
        self.assertEqual(self.cluster.display_name, "1: ordered recently, many orders, and high revenue")
        persian = self.cluster.with_context(lang="fa_IR")
        self.assertIn(" و ", persian.display_name)
        self.assertNotIn(",", persian.display_name + persian.description)

    def test_three_conditions_make_a_rule(self):
        self.assertRegex(
            self.cluster.description, "last order within 77 days, 4 orders or more, and revenue above .*9.*: 10%"
        )

    def test_the_typical_customer_of_today_and_yesterday(self):
        for days, text in ((0, "today"), (1, "yesterday"), (2, "2 days ago")):
            self.cluster.center = {"orders": 1, "revenue": 5, "days": days}
            self.assertRegex(self.cluster.typical, f"^1 order, .*, last order {text}$")
