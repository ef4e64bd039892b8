from itertools import pairwise

from odoo import Command, fields
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentMerge(SegmentCase):
    def merge(self, *partners):
        """Merge into the last one."""
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([partner.id for partner in partners], partners[-1])
        self.env.invalidate_all()

    def stays_of(self, partner):
        return self.stays.search([("partner_id", "=", partner.id)], order="date_from, id")

    def assertNoOverlap(self, partner):
        stays = self.stays_of(partner)
        for one, two in pairwise(stays):
            self.assertTrue(one.date_to and one.date_to <= two.date_from, (one.date_from, one.date_to, two.date_from))

    def test_the_remaining_customer_keeps_its_segment_and_history(self):
        best, new = self.customer(days=1, count=12, amount=2000), self.customer(days=1)
        self.refresh()
        self.age(best, 90)
        self.age(new, 30)
        kept = self.profile(new)
        self.merge(best, new)
        self.assertEqual(self.profile(new), kept)
        self.assertFalse(self.profiles.search([("partner_id", "=", best.id)]))
        self.assertNoOverlap(new)
        self.assertEqual(self.stays_of(new).segment_id.mapped("code"), ["champions", "new"])
        self.assertEqual(self.stays_of(new).profile_id, kept)
        self.assertEqual(kept.segment_id.code, "new")
        self.refresh_touched()
        self.assertEqual(self.segment(new), "champions")
        self.assertNoOverlap(new)

    def test_a_profile_moves_when_the_remaining_partner_has_none(self):
        best, empty = self.customer(days=1, count=12, amount=2000), self.customer()
        self.refresh()
        profile, stay = self.profile(best), self.profile(best).membership_ids
        self.merge(best, empty)
        self.assertEqual(self.profile(empty), profile)
        self.assertEqual(stay.partner_id, empty)
        self.assertFalse(stay.date_to)

    def test_three_customers_become_one_without_overlap(self):
        partners = [self.customer(name=str(days), days=days, count=3) for days in (1, 50, 400)]
        self.refresh()
        for number, partner in enumerate(partners):
            self.age(partner, 10 * number + 5)
        self.merge(*partners)
        self.assertNoOverlap(partners[-1])
        self.assertEqual(len(self.profile(partners[-1])), 1)

    def test_customers_who_came_to_the_companys_own_segments_on_different_days_become_one_without_overlap(self):
        one, two = self.customer(days=1), self.customer(days=1)
        self.refresh()
        for partner in (one, two):
            self.age(partner, 30)
        own = self.env["crm.segment.family"].create({"name": "Own", "kind": "rfm", "company_id": self.company.id})
        everybody = {f"{score}_{end}": limit for score in "rfm" for end, limit in (("min", 1), ("max", 5))}
        self.env["crm.segment"].create(
            {
                "name": "Everybody",
                "code": "everybody",
                "family_id": own.id,
                "state": "active",
                "region_ids": [Command.create(everybody)],
            }
        )
        self.refresh()
        self.age(two, 10)
        self.merge(one, two)
        self.assertEqual(self.stays_of(two).segment_id.mapped("code"), ["new", "everybody"])
        self.assertNoOverlap(two)

    def test_a_tier_is_kept_by_who_has_none(self):
        self.env["crm.tier"].create({"name": "Own", "company_id": self.company.id, "threshold": 500, "grace_days": 30})
        best, new = self.customer(days=1, amount=900), self.customer(days=1)
        self.refresh()
        stay = self.profile(best).tier_stay_ids
        self.assertFalse(self.profile(new).tier_id)
        self.merge(best, new)
        profile = self.profile(new)
        self.assertEqual((profile.tier_id.name, profile.tier_since), ("Own", fields.Date.today()))
        self.assertEqual(profile.tier_stay_ids, stay)
        self.refresh_touched()
        self.assertEqual((profile.tier_id.name, profile.tier_stay_ids), ("Own", stay))

    def test_who_was_a_customer_before_takes_over_the_stays_of_today(self):
        """The remaining partner has a past of its own, which ended long ago."""
        old, best = self.customer(days=500), self.customer(days=1, count=12, amount=2000)
        self.refresh()
        self.age(old, 300)
        old.sale_order_ids._action_cancel()
        self.refresh()
        self.age(best, 400)
        self.env.cr.execute(
            "UPDATE crm_segment_membership SET date_to = date_from + 100 WHERE partner_id = %s", [old.id]
        )
        self.env.invalidate_all()
        self.assertFalse(self.profile(old))
        self.merge(best, old)
        profile = self.profile(old)
        self.assertEqual((profile.segment_id.code, self.stays_of(old).profile_id), ("champions", profile))
        self.assertNoOverlap(old)
        found = [segment.code for segment in self.places(self.stays, old, (401, 400, 250, 150, 0))]
        self.assertEqual(found, [False, "champions", "lost", "champions", "champions"])
        self.refresh_touched()
        self.assertEqual(self.segment(old), "champions")
        self.assertEqual(len(self.stays_of(old)), 3)

    def test_a_company_that_loses_a_contact_loses_its_orders(self):
        company, other = self.customer(days=1), self.customer(days=1)
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": company.id})
        self.order(contact, days=2)
        self.refresh()
        self.merge(contact, other)
        self.refresh_touched()
        self.assertEqual((self.profile(company).order_count, self.profile(other).order_count), (1, 2))

    def test_a_tier_given_by_hand_survives(self):
        one, two = self.customer(days=1), self.customer(days=1)
        gold = self.env.ref("crm_plus.crm_tier_gold")
        self.env["crm.tier.override"].create(
            {"partner_id": one.id, "company_id": self.company.id, "tier_id": gold.id, "reason": "friend"}
        )
        self.refresh()
        self.merge(one, two)
        self.refresh()
        self.assertEqual(self.profile(two).tier_id, gold)

    def test_a_tag_put_for_the_merged_one_is_taken_away(self):
        tag = self.env["res.partner.category"].create({"name": "Best"})
        self.env.ref("crm_plus.crm_segment_champions").tag_id = tag
        best, new = self.customer(days=1, count=12, amount=2000), self.customer(days=500)
        self.refresh()
        self.stays.search([("enter_pending", "=", True)])._act()
        self.assertEqual(best.category_id, tag)
        self.age(new, 10)
        self.merge(best, new)
        self.assertEqual(new.category_id, tag)
        self.stays.search([("leave_pending", "=", True)])._act()
        self.assertFalse(new.category_id)

    def test_a_contact_that_becomes_part_of_a_company_stops_being_a_customer_and_keeps_its_past(self):
        person, company = self.customer(days=1), self.customer(days=400)
        self.refresh()
        person.write({"is_company": False, "parent_id": company.id})
        self.refresh_touched()
        self.assertFalse(self.profile(person))
        self.assertTrue(self.stays_of(person).date_to)
        self.assertEqual(self.profile(company).order_count, 2)
        self.assertEqual(self.segment(company), "potential_loyalist")
        self.assertEqual(self.stays_of(company)[-1].date_from, fields.Date.today())

    def test_an_archived_customer_stays_in_its_segment_and_comes_back_in_it(self):
        partner = self.customer(days=1)
        self.refresh()
        for active in (False, True):
            partner.active = active
            self.refresh_touched()
            self.assertEqual(self.segment(partner), "new")
        self.assertEqual(len(self.stays_of(partner)), 1)
