from odoo.addons.crm_plus.tests.loyalty.test_tier_rules import TierCase
from odoo.addons.crm_plus_partnership import uninstall_hook
from odoo.exceptions import ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTierGrade(TierCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prices, cls.own_prices = cls.env["product.pricelist"].create(
            [{"name": name, "company_id": cls.company.id} for name in ("Level", "Own")]
        )
        cls.grade = cls.env["res.partner.grade"].create({"name": "Partner", "default_pricelist_id": cls.prices.id})
        cls.silver.write({"grade_id": cls.grade.id, "grace_days": 0})

    def lose(self, partner):
        partner.sale_order_ids.filtered(lambda order: order.company_id == self.company)._action_cancel()
        self.order(partner, amount=1)
        self.refresh()
        self.act()

    def test_the_level_and_its_prices_come_and_go_with_the_tier(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        self.assertEqual(partner.grade_id, self.grade)
        self.assertEqual(partner.specific_property_product_pricelist, self.prices)
        self.lose(partner)
        self.assertFalse(partner.grade_id)
        self.assertFalse(partner.specific_property_product_pricelist)

    def test_levels_are_taken_back_when_the_bridge_is_uninstalled_alone_and_when_all_is(self):
        other = self.env["res.partner.grade"].create({"name": "Other"})
        for uninstall in (lambda: uninstall_hook(self.env), self.env["crm.tier.stay"]._withdraw_benefits):
            given, changed, own = (self.customer(amount=500) for _number in range(3))
            own.grade_id = other
            self.refresh()
            self.act()
            changed.grade_id = other
            self.assertEqual(given.specific_property_product_pricelist, self.prices)
            uninstall()
            self.assertEqual([given.grade_id, changed.grade_id, own.grade_id], [other.browse(), other, other])
            self.assertFalse((given | changed).specific_property_product_pricelist)

    def test_the_pricelist_of_the_tier_itself_stays_without_the_bridge(self):
        self.silver.pricelist_id = self.prices
        partner = self.customer(amount=500)
        self.silver.grade_id = False
        self.refresh()
        self.act()
        uninstall_hook(self.env)
        self.assertEqual(partner.specific_property_product_pricelist, self.prices)

    def test_a_pricelist_agreed_with_the_customer_goes_before_the_level(self):
        partner = self.customer(amount=500)
        partner.specific_property_product_pricelist = self.own_prices
        self.refresh()
        self.act()
        self.assertFalse(partner.grade_id)
        self.assertEqual(partner.specific_property_product_pricelist, self.own_prices)
        self.assertIn("pricelist of its own", self.profile(partner).tier_stay_ids.error)

    def test_a_level_given_by_a_person_stays(self):
        partner = self.customer(amount=500)
        other = self.env["res.partner.grade"].create({"name": "Other"})
        partner.grade_id = other
        self.refresh()
        self.act()
        self.lose(partner)
        self.assertEqual(partner.grade_id, other)

    def test_two_pricelists_in_one_tier_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "comes with the pricelist Level"):
            self.silver.pricelist_id = self.own_prices

    def test_a_level_that_another_company_owes_the_customer_too_is_kept_until_the_last_one_withdraws_it(self):
        self.grade.write({"default_pricelist_id": False, "company_id": False})
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        other = self.second_company(partner, grade_id=self.grade.id)
        self.act()
        self.lose(partner)
        self.assertEqual(partner.grade_id, self.grade)
        partner.sale_order_ids._action_cancel()
        self.profiles._refresh_company(other)
        self.act()
        self.assertFalse(partner.grade_id)

    def test_another_level_of_the_tier_replaces_the_first_with_its_prices(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        self.silver.grade_id = self.env["res.partner.grade"].create(
            {"name": "Best", "default_pricelist_id": self.own_prices.id}
        )
        self.act()
        self.assertEqual(partner.grade_id, self.silver.grade_id)
        self.assertEqual(partner.specific_property_product_pricelist, self.own_prices)
        self.silver.tag_id = self.env["res.partner.category"].create({"name": "Silver"})
        self.act()
        self.assertEqual(partner.specific_property_product_pricelist, self.own_prices)
