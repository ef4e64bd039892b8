from odoo.tests import tagged

from .test_tier_rules import TierCase


@tagged("post_install", "-at_install")
class TestTierBenefits(TierCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.silver_prices, cls.gold_prices, cls.own_prices = cls.env["product.pricelist"].create(
            [{"name": name, "company_id": cls.company.id} for name in ("Silver", "Gold", "Own")]
        )
        cls.tag = cls.env["res.partner.category"].create({"name": "Gold"})
        cls.silver.pricelist_id = cls.silver_prices
        cls.gold.write({"pricelist_id": cls.gold_prices.id, "tag_id": cls.tag.id})

    def prices(self, partner):
        return partner.with_company(self.company).specific_property_product_pricelist

    def test_the_benefits_of_each_tier_follow_one_another(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        self.assertEqual(self.prices(partner), self.silver_prices)
        self.order(partner, amount=500)
        self.refresh()
        self.act()
        self.assertEqual((self.prices(partner), partner.category_id), (self.gold_prices, self.tag))
        self.gold.grace_days = self.silver.grace_days = 0
        partner.sale_order_ids._action_cancel()
        self.order(partner, amount=1)
        self.refresh()
        self.act()
        self.assertFalse(self.prices(partner))
        self.assertFalse(partner.category_id)

    def test_a_pricelist_agreed_with_the_customer_is_never_touched(self):
        partner = self.customer(amount=500)
        partner.with_company(self.company).specific_property_product_pricelist = self.own_prices
        self.refresh()
        self.act()
        self.assertEqual(self.prices(partner), self.own_prices)
        self.order(partner, amount=500)
        self.refresh()
        self.act()
        self.assertEqual(self.prices(partner), self.own_prices)

    def test_a_pricelist_changed_by_a_person_meanwhile_stays(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        partner.with_company(self.company).specific_property_product_pricelist = self.own_prices
        self.silver.grace_days = 0
        partner.sale_order_ids._action_cancel()
        self.order(partner, amount=1)
        self.refresh()
        self.act()
        self.assertEqual(self.prices(partner), self.own_prices)

    def test_who_is_no_customer_any_more_loses_the_benefits(self):
        partner = self.customer(amount=1000)
        self.refresh()
        self.act()
        partner.sale_order_ids._action_cancel()
        self.refresh()
        self.act()
        self.assertFalse(self.prices(partner))
        self.assertFalse(partner.category_id)

    def test_the_scheduled_action_acts_once(self):
        partner = self.customer(amount=1000)
        self.refresh()
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_act_on_tiers").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.prices(partner), self.gold_prices)
        self.assertFalse(self.env["crm.tier.stay"].search([("enter_pending", "=", True)]))

    def test_who_is_in_a_tier_already_gets_what_it_is_given_later(self):
        self.silver.pricelist_id = False
        partner, agreed = self.customer(amount=500), self.customer(amount=500)
        agreed.with_company(self.company).specific_property_product_pricelist = self.own_prices
        self.refresh()
        self.act()
        self.assertFalse(self.prices(partner))
        self.silver.pricelist_id = self.silver_prices
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_act_on_tiers").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((self.prices(partner), self.prices(agreed)), (self.silver_prices, self.own_prices))

    def test_a_changed_pricelist_replaces_the_one_the_tier_gave_and_none_takes_it_away(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        self.silver.pricelist_id = self.gold_prices
        self.act()
        self.assertEqual(self.prices(partner), self.gold_prices)
        self.silver.pricelist_id = False
        self.act()
        self.assertFalse(self.prices(partner))

    def test_a_change_of_something_else_gives_nothing_again(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        partner.with_company(self.company).specific_property_product_pricelist = False
        self.silver.benefits = "Nice things"
        self.act()
        self.assertFalse(self.prices(partner))

    def test_the_pricelist_of_one_company_is_not_given_to_customers_of_another(self):
        self.env["crm.tier"].search([("company_id", "=", False)]).active = False
        partner = self.customer(amount=1000)
        other = self.second_company(partner, company_id=False, pricelist_id=self.gold_prices.id)
        self.act()
        stay = self.env["crm.tier.stay"].search([("company_id", "=", other.id), ("partner_id", "=", partner.id)])
        self.assertEqual(stay.tier_id.pricelist_id, self.gold_prices)
        self.assertFalse(stay.enter_pending)
        self.assertFalse(partner.with_company(other).specific_property_product_pricelist)
        stay.tier_id.pricelist_id = self.gold_prices.copy({"company_id": False})
        self.act()
        self.assertEqual(partner.with_company(other).specific_property_product_pricelist, stay.tier_id.pricelist_id)


@tagged("post_install", "-at_install")
class TestSegmentPrices(TierCase):
    """What a segment brings is given and withdrawn with the stay, as with a tier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment_prices, cls.tier_prices = cls.env["product.pricelist"].create(
            [{"name": name, "company_id": cls.company.id} for name in ("Guests", "Silver")]
        )
        family = cls.env["crm.segment.family"].create({"name": "Guests", "kind": "manual"})
        cls.vip = cls.env["crm.segment"].create(
            {"name": "VIP", "family_id": family.id, "state": "active", "pricelist_id": cls.segment_prices.id}
        )

    def act(self):
        result = super().act()
        self.stays._note_changes()
        self.stays.search(self.stays._pending_domain())._act()
        return result

    def prices(self, partner):
        return partner.with_company(self.company).specific_property_product_pricelist

    def test_it_comes_with_the_stay_and_goes_with_it(self):
        partner = self.customer(amount=1)
        self.refresh()
        self.vip._add_customers(self.profile(partner), "invited")
        self.act()
        self.assertEqual(self.prices(partner), self.segment_prices)
        self.vip.pricelist_id = self.tier_prices
        self.act()
        self.assertEqual(self.prices(partner), self.tier_prices, "who is in it gets what it brings now")
        self.vip._remove_customers(self.profile(partner), "gone")
        self.act()
        self.assertFalse(self.prices(partner))

    def test_the_tier_is_next_when_the_segment_brings_none_any_more(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.vip._add_customers(self.profile(partner), "invited")
        self.act()
        self.assertEqual(self.prices(partner), self.segment_prices)
        self.silver.pricelist_id = self.tier_prices
        self.act()
        self.assertEqual(self.prices(partner), self.segment_prices, "the first one stays")
        self.vip._remove_customers(self.profile(partner), "gone")
        self.act()
        self.assertEqual(self.prices(partner), self.tier_prices)

    def test_withdrawn_when_the_module_goes(self):
        partner = self.customer(amount=1)
        self.refresh()
        self.vip._add_customers(self.profile(partner), "invited")
        self.act()
        self.stays._withdraw_benefits()
        self.assertFalse(self.prices(partner))
