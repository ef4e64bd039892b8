from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentBenefits(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls.env.ref("crm_plus.crm_segment_new")
        cls.tag = cls.env["res.partner.category"].create({"name": "Newcomer"})
        cls.new.tag_id = cls.tag

    def act(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_act_on_segments").method_direct_trigger()
        self.env.invalidate_all()

    def leave(self, partner):
        self.order(partner, count=5)
        self.refresh_touched()

    def test_the_tag_is_put_and_taken_away_again(self):
        partner, tagged_before = self.customer(days=1), self.customer(days=1)
        tagged_before.category_id = self.tag
        written = partner.write_date
        self.refresh()
        self.act()
        self.assertEqual(partner.category_id, self.tag)
        self.assertEqual(partner.write_date, written)
        self.leave(partner)
        self.leave(tagged_before)
        self.act()
        self.assertFalse(partner.category_id)
        self.assertEqual(tagged_before.category_id, self.tag)

    def test_what_a_person_takes_away_is_not_given_again(self):
        partner = self.customer(days=1)
        self.refresh()
        self.act()
        partner.category_id = False
        self.act()
        self.assertFalse(partner.category_id)

    def test_an_archived_customer_gets_nothing_before_coming_back(self):
        partner = self.customer(days=1)
        partner.active = False
        self.refresh()
        self.act()
        self.assertEqual(self.segment(partner), "new")
        self.assertFalse(partner.category_id)
        partner.active = True
        self.act()
        self.assertEqual(partner.category_id, self.tag)

    def test_an_archived_customer_loses_what_the_segment_gave(self):
        partner = self.customer(days=1)
        self.refresh()
        self.act()
        self.leave(partner)
        partner.active = False
        self.act()
        self.assertFalse(partner.category_id)

    def test_one_failing_customer_stops_nobody_and_is_not_tried_again(self):
        bad, good = self.customer("Bad", days=1), self.customer("Good", days=1)
        self.refresh()
        put = type(self.stays)._put_tag

        def fails(stays, tag):
            if bad in stays.partner_id:
                raise UserError("no way")
            return put(stays, tag)

        with patch.object(type(self.stays), "_put_tag", fails):
            self.act()
        self.assertEqual((good.category_id, bad.category_id), (self.tag, self.tag.browse()))
        self.assertIn("no way", self.new.error)
        self.assertIn("no way", self.profile(bad).membership_ids.error)
        self.assertFalse(self.stays.search([("enter_pending", "=", True)]))

    def test_a_stay_that_is_over_before_it_brought_anything_is_not_acted_upon(self):
        partner = self.customer(days=1)
        self.refresh()
        self.leave(partner)
        [stay] = self.stays.search([("partner_id", "=", partner.id), ("segment_id", "=", self.new.id)])
        self.assertFalse(stay.enter_pending or stay.leave_pending)
        self.act()
        self.assertFalse(partner.category_id)

    def test_a_draft_gives_nothing(self):
        trial = self.env["crm.segment.family"].create({"name": "Trial", "kind": "domain"})
        tag = self.env["res.partner.category"].create({"name": "Everybody"})
        trial.segment_ids = [Command.create({"name": "Everybody", "code": "everybody", "tag_id": tag.id})]
        partner = self.customer(days=1)
        self.refresh()
        self.assertIn(("Everybody", True), [(s.segment_id.name, s.shadow) for s in self.stays.search([])])
        self.act()
        self.assertEqual(partner.category_id, self.tag)
        partner.sale_order_ids._action_cancel()
        self.refresh()
        self.act()
        self.assertFalse(self.profile(partner))
        self.assertFalse(partner.category_id)
