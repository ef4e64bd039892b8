from odoo.addons.crm_plus.tests.loyalty.test_tier_rules import TierCase
from odoo.addons.crm_plus_loyalty import uninstall_hook
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTierCard(TierCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls.env["loyalty.program"].create(
            {"name": "Club", "program_type": "loyalty", "company_id": cls.company.id}
        )
        cls.silver.loyalty_program_id = cls.gold.loyalty_program_id = cls.program
        cls.silver.grace_days = cls.gold.grace_days = 0

    def cards(self, partner):
        return self.env["loyalty.card"].search([("partner_id", "=", partner.id)])

    def lose(self, partner):
        partner.sale_order_ids.filtered(lambda order: order.company_id == self.company)._action_cancel()
        self.order(partner, amount=1)
        self.refresh()
        self.act()

    def test_a_card_comes_with_the_tier_rests_without_it_and_keeps_its_points(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        card = self.cards(partner)
        self.assertEqual(card.program_id, self.program)
        card.points = 70
        self.order(partner, amount=500)
        self.refresh()
        self.act()
        self.assertEqual(self.cards(partner), card)
        self.lose(partner)
        self.assertFalse(self.cards(partner))
        self.order(partner, amount=500)
        self.refresh()
        self.act()
        self.assertEqual(self.cards(partner), card)
        self.assertEqual(card.points, 70)

    def test_cards_rest_when_the_bridge_is_uninstalled_alone_and_when_all_is(self):
        for uninstall in (lambda: uninstall_hook(self.env), self.env["crm.tier.stay"]._withdraw_benefits):
            given, own = self.customer(amount=500), self.customer(amount=500)
            before = self.env["loyalty.card"].create({"program_id": self.program.id, "partner_id": own.id})
            self.refresh()
            self.act()
            card = self.cards(given)
            card.points = 70
            uninstall()
            self.assertFalse(self.cards(given))
            self.assertEqual((card.active, card.points), (False, 70))
            self.assertEqual(self.cards(own), before)
            self.assertFalse(self.env["crm.tier.stay"].search([("added_card_id", "!=", False)]))

    def test_a_card_the_customer_had_before_stays(self):
        partner = self.customer(amount=500)
        card = self.env["loyalty.card"].create({"program_id": self.program.id, "partner_id": partner.id})
        self.refresh()
        self.act()
        self.lose(partner)
        self.assertEqual(self.cards(partner), card)

    def test_a_card_that_another_company_owes_the_customer_too_is_kept_until_the_last_one_withdraws_it(self):
        self.program.company_id = False
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        card = self.cards(partner)
        other = self.second_company(partner, loyalty_program_id=self.program.id)
        self.act()
        self.lose(partner)
        self.assertEqual(self.cards(partner), card)
        partner.sale_order_ids._action_cancel()
        self.profiles._refresh_company(other)
        self.act()
        self.assertFalse(self.cards(partner))

    def test_another_program_of_the_tier_replaces_the_card(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.act()
        self.silver.loyalty_program_id = self.env["loyalty.program"].create(
            {"name": "New club", "program_type": "loyalty", "company_id": self.company.id}
        )
        self.act()
        self.assertEqual(self.cards(partner).program_id, self.silver.loyalty_program_id)
        self.silver.loyalty_program_id = False
        self.act()
        self.assertFalse(self.cards(partner))

    def test_a_segment_opens_a_program_too_and_who_has_it_by_the_tier_keeps_it(self):
        family = self.env["crm.segment.family"].create({"name": "Guests", "kind": "manual"})
        vip = self.env["crm.segment"].create(
            {"name": "VIP", "family_id": family.id, "state": "active", "loyalty_program_id": self.program.id}
        )
        partner = self.customer(amount=1)
        self.refresh()

        def act():
            self.stays.search(self.stays._pending_domain())._act()
            self.act()

        vip._add_customers(self.profile(partner), "invited")
        act()
        card = self.cards(partner)
        self.assertEqual(card.program_id, self.program)
        self.order(partner, amount=500)
        self.refresh()
        act()
        vip._remove_customers(self.profile(partner), "gone")
        act()
        self.assertEqual(self.cards(partner), card)
        self.lose(partner)
        self.assertFalse(self.cards(partner))
