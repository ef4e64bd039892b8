from odoo import Command
from odoo.tests import tagged

from .test_tier_rules import TierCase


@tagged("post_install", "-at_install")
class TestStayTags(TierCase):
    """Tags that segments and tiers put on their customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Gold"})
        cls.gold.write({"tag_id": cls.tag.id, "grace_days": 0})
        cls.silver.grace_days = 0

    def loaded(self):
        """Who is known to have the tag, without asking the database."""
        return self.tag._fields["partner_ids"]._get_cache(self.env).get(self.tag.id)

    def act_on_segments(self):
        self.stays._note_changes()
        self.stays.search(self.stays._pending_domain())._act()

    def lose(self, partner):
        partner.sale_order_ids.filtered(lambda order: order.company_id == self.company)._action_cancel()
        self.order(partner, amount=1)
        self.refresh()

    def test_putting_and_removing_a_tag_does_not_read_who_else_has_it(self):
        self.env["res.partner"].create([{"name": "Other", "category_id": self.tag.ids} for _number in range(3)])
        partner = self.customer(amount=1000)
        self.refresh()
        self.env.invalidate_all()
        self.act()
        self.assertIsNone(self.loaded())
        self.assertEqual(partner.category_id, self.tag)
        self.lose(partner)
        self.env.invalidate_all()
        self.act()
        self.assertIsNone(self.loaded())
        self.assertFalse(partner.category_id)
        self.assertEqual(len(self.tag.partner_ids), 3)

    def test_a_tag_put_or_removed_is_seen_at_once_by_what_depends_on_it(self):
        partner = self.customer(amount=1000)
        before = partner.category_id, self.tag.partner_ids
        self.refresh()
        self.act()
        self.assertEqual((partner.category_id, self.tag.partner_ids), (self.tag, partner), before)

    def test_a_tag_that_another_company_owes_the_customer_too_is_not_removed(self):
        partner = self.customer(amount=1000)
        self.refresh()
        self.act()
        other = self.second_company(partner, tag_id=self.tag.id)
        self.act()
        here = self.profile(partner).tier_stay_ids
        self.lose(partner)
        self.act()
        self.assertTrue(here.date_to)
        self.assertEqual(partner.category_id, self.tag)
        partner.sale_order_ids._action_cancel()
        self.profiles._refresh_company(other)
        self.act()
        self.assertFalse(partner.category_id)

    def test_a_tag_of_a_segment_and_a_tier_goes_with_the_last_of_them(self):
        family = self.env["crm.segment.family"].create({"name": "Buyers", "kind": "domain"})
        family.segment_ids = [
            Command.create({"name": "All", "code": "all", "state": "active", "tag_id": self.tag.id, "domain": "[]"})
        ]
        partner = self.customer(amount=1000)
        self.refresh()
        self.act()
        self.act_on_segments()
        self.lose(partner)
        self.act()
        self.assertEqual(partner.category_id, self.tag)
        partner.sale_order_ids._action_cancel()
        self.refresh()
        self.act_on_segments()
        self.assertFalse(partner.category_id)

    def test_who_is_in_a_segment_already_gets_a_tag_it_is_given_later(self):
        new = self.env.ref("crm_plus.crm_segment_new")
        partner, tagged_before = self.customer(days=1), self.customer(days=1)
        tagged_before.category_id = self.tag
        self.refresh()
        self.act_on_segments()
        new.tag_id = self.tag
        self.assertTrue(new.benefits_changed)
        self.act_on_segments()
        self.assertEqual(partner.category_id, self.tag)
        self.assertFalse(new.benefits_changed)
        new.tag_id = self.env["res.partner.category"].create({"name": "Newcomer"})
        self.act_on_segments()
        self.assertEqual(partner.category_id, new.tag_id)
        self.assertEqual(tagged_before.category_id, self.tag | new.tag_id)
        new.tag_id = False
        self.act_on_segments()
        self.assertEqual((partner.category_id, tagged_before.category_id), (self.tag.browse(), self.tag))

    def test_a_changed_tag_of_a_draft_is_put_on_nobody(self):
        family = self.env["crm.segment.family"].create({"name": "Buyers", "kind": "domain"})
        family.segment_ids = [Command.create({"name": "All", "code": "all", "domain": "[]"})]
        partner = self.customer(amount=1000)
        self.refresh()
        family.segment_ids.tag_id = self.tag
        self.act_on_segments()
        self.assertFalse(partner.category_id)
        self.assertFalse(self.stays.search(self.stays._pending_domain()))
