from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .test_tier_rules import TierCase


@tagged("post_install", "-at_install")
class TestTierOverride(TierCase):
    """Manual tiers."""

    def test_a_tier_given_by_hand_lasts_until_its_end_and_then_has_its_grace(self):
        partner = self.customer(amount=10)
        override = self.env["crm.tier.override"].create(
            {"partner_id": partner.id, "tier_id": self.gold.id, "company_id": self.company.id, "reason": "founder",
             "date_to": fields.Date.today()}
        )  # fmt: skip
        self.refresh_touched()
        profile = self.profile(partner)
        self.assertEqual((profile.tier_id, profile.tier_override_id), (self.gold, override))
        self.assertEqual(profile.tier_stay_ids.reason_text, "manual: founder")
        self.pass_days(1)
        self.refresh()
        self.assertEqual(self.tier(partner), self.gold)
        self.assertTrue(self.profile(partner).tier_until)
        self.pass_days(30)
        self.refresh()
        self.assertFalse(self.tier(partner))

    def test_a_tier_can_be_given_before_the_first_order(self):
        self.refresh()
        partner = self.customer("Strategic")
        override = self.env["crm.tier.override"].create(
            {"partner_id": partner.id, "tier_id": self.gold.id, "company_id": self.company.id, "reason": "strategic"}
        )
        self.assertIn("takes effect within minutes", override.note)
        self.assertIn("Gold takes effect within minutes", self.profiles.glance_details(partner.id)["text"])
        self.refresh_touched()
        self.assertEqual(self.tier(partner), self.gold)
        self.assertEqual(self.env["res.partner"].search([("crm_tier_id", "=", self.gold.id)]), partner)
        partner.invalidate_recordset()
        details = self.profiles.glance_details(partner.id)
        self.assertEqual(details["state"], "empty")
        self.assertIn("Manual tier: Gold.", details["text"])
        self.assertEqual(self.profile(partner).order_count, 0)
        self.refresh()
        self.assertEqual(self.tier(partner), self.gold)
        self.order(partner, amount=10)
        self.refresh_touched()
        override.invalidate_recordset()
        self.assertEqual((self.tier(partner), self.profile(partner).order_count), (self.gold, 1))
        self.assertFalse(override.note)

    def test_a_tier_of_before_the_first_order_ends_with_its_grace_and_nothing_is_left(self):
        partner = self.customer("Strategic")
        self.env["crm.tier.override"].create(
            {"partner_id": partner.id, "tier_id": self.gold.id, "company_id": self.company.id, "reason": "strategic",
             "date_to": fields.Date.today()}
        )  # fmt: skip
        self.refresh_touched()
        self.pass_days(1)
        self.refresh()
        self.assertEqual((self.tier(partner), bool(self.profile(partner).tier_until)), (self.gold, True))
        self.pass_days(31)
        self.refresh()
        self.refresh()
        self.assertFalse(self.profile(partner))

    def test_who_was_chosen_before_the_first_order_counts_nowhere_as_a_customer(self):
        self.customer(amount=100)
        self.refresh()
        counted = self.profiles.with_company(self.company).segment_map()
        partner = self.customer("Strategic")
        self.env["crm.tier.override"].create(
            {"partner_id": partner.id, "tier_id": self.gold.id, "company_id": self.company.id, "reason": "strategic"}
        )
        self.refresh()
        self.assertTrue(self.profile(partner))
        self.assertEqual(self.profiles.with_company(self.company).segment_map()["cells"], counted["cells"])
        card = self.profiles.with_company(self.company).glance(partner.id)
        self.assertNotIn("worth", [figure["key"] for figure in card.get("figures", ()) if figure["value"]])

    def test_a_tier_that_nobody_is_named_for_yet_has_no_note(self):
        self.assertIs(self.env["crm.tier.override"].new({"tier_id": self.gold.id}).note, False)

    def test_a_tier_that_the_company_does_not_use_is_not_given_by_hand(self):
        partner = self.customer(amount=10)
        other = self.env["res.company"].create({"name": "Branch"})
        theirs = self.silver.copy({"company_id": other.id})
        shared = self.env.ref("crm_plus.crm_tier_gold")
        for tier in (theirs, shared):
            with self.assertRaisesRegex(
                ValidationError, "is not a tier of Segments Inc. Its tiers are: Silver and Gold"
            ):
                self.env["crm.tier.override"].create(
                    {"partner_id": partner.id, "tier_id": tier.id, "company_id": self.company.id, "reason": "x"}
                )

    def test_what_was_given_by_hand_of_a_tier_no_longer_in_use_holds_no_more(self):
        partner = self.customer(amount=10)
        given = [
            self.env["crm.tier.override"].create(
                {"partner_id": partner.id, "tier_id": tier.id, "company_id": self.company.id, "reason": "founder"}
            )
            for tier in (self.silver, self.gold)
        ]
        self.refresh()
        for tier, override in ((self.gold, given[1]), (self.silver, given[0])):
            self.assertEqual((self.tier(partner), self.profile(partner).tier_override_id), (tier, override))
            tier.active = False
            self.refresh()
        self.assertFalse(self.profile(partner).tier_override_id)

    def test_only_managers_give_tiers(self):
        partner = self.customer(amount=10)
        vals = {"partner_id": partner.id, "tier_id": self.gold.id, "company_id": self.company.id, "reason": "x"}
        seller = self.user("tier_seller", "sales_team.group_sale_salesman")
        manager = self.user("tier_manager", "sales_team.group_sale_manager")
        with self.assertRaises(AccessError):
            self.env["crm.tier.override"].with_user(seller).create(vals)
        override = self.env["crm.tier.override"].with_user(manager).create(vals)
        self.assertEqual(override.with_user(seller).reason, "x")
        with self.assertRaises(AccessError):
            override.with_user(seller).unlink()
