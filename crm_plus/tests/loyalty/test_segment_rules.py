from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentRules(SegmentCase):
    def test_a_code_is_proposed_from_the_name(self):
        family = self.env["crm.segment.family"].create({"name": "VIP", "kind": "manual"})
        names = ("Win back!", "Win back", "مشتری خوب", "!!!")
        segments = [self.env["crm.segment"].create({"name": name, "family_id": family.id}) for name in names]
        self.assertEqual([s.code for s in segments], ["win_back", "win_back_2", "مشتری_خوب", "segment"])
        segments[0].name = "Renamed"
        self.assertEqual(segments[0].code, "win_back")
        mine = self.env["crm.segment"].create({"name": "Mine", "code": "own", "family_id": family.id})
        self.assertEqual(mine.code, "own")
        self.assertEqual([mine.copy().code, mine.copy().code], ["own_2", "own_3"])

    def test_a_gap_is_refused_and_named(self):
        self.box.m_min = 5
        told = r"Change the score ranges of the segment group “Loyalty \(RFM\)”.*\nR=4 F=4 M=4 is in no segment"
        with self.assertRaisesRegex(ValidationError, told):
            self.check()

    def test_an_overlap_is_refused_and_named(self):
        self.box.m_min = 3
        with self.assertRaisesRegex(ValidationError, "R=5 F=5 M=3 is in several: Champions and Loyal\\."):
            self.check()

    def test_taking_a_segment_out_of_use_leaves_a_gap(self):
        self.champions.state = "archived"
        with self.assertRaisesRegex(ValidationError, "is in no segment"):
            self.check()

    def test_several_boxes_are_changed_by_one_save(self):
        self.family.write(self.shrink())
        self.check()
        self.assertEqual(self.box.m_min, 5)

    def test_changed_rules_do_not_wait_for_the_minimum_stay(self):
        self.company.crm_plus_minimum_stay = 30
        partner = self.customer(days=1, count=10, amount=500)
        self.refresh()
        self.family.write(self.shrink())
        self.refresh()
        self.assertEqual(self.segment(partner), "loyal")
        self.assertEqual(self.profile(partner).membership_ids[:1].reason_text, "the rules of the segments were changed")

    def test_ranges_outside_the_scores_are_refused(self):
        with self.assertRaisesRegex(Exception, "crm_segment_region_within_scores"):
            self.box.r_max = 6
            self.env.flush_all()

    def test_a_second_family_of_scores_needs_a_company_of_its_own(self):
        with self.assertRaises(ValidationError):
            self.env["crm.segment.family"].create({"name": "Again", "kind": "rfm"})

    def test_a_company_can_have_scores_of_its_own(self):
        partner = self.customer(days=1)
        self.refresh()
        own = self.env["crm.segment.family"].create(
            {
                "name": "Own",
                "kind": "rfm",
                "company_id": self.company.id,
                "segment_ids": [
                    Command.create(
                        {"name": "All", "code": "all", "state": "active", "region_ids": [Command.create({})]}
                    )
                ],
            }
        )
        self.check()
        self.refresh()
        self.assertEqual(self.profile(partner).segment_id, own.segment_ids)
        self.assertEqual(self.stays.search_count([("partner_id", "=", partner.id), ("date_to", "=", False)]), 1)

    def test_a_segment_with_history_is_archived_not_deleted(self):
        self.customer(days=1, count=12, amount=2000)
        self.refresh()
        with self.assertRaisesRegex(ValidationError, "Archive"):
            self.champions.unlink()

    def test_saving_rules_lets_the_next_refresh_come_soon(self):
        triggers = self.env["ir.cron.trigger"].search([])
        self.box.m_min = 5
        new = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(new.cron_id, self.env.ref("crm_plus.ir_cron_refresh_profiles"))

    def test_settings_that_stay_the_same_refresh_nobody(self):
        cron, triggers = self.env.ref("crm_plus.ir_cron_refresh_profiles"), self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        settings = self.env["res.config.settings"].with_context(default_company_id=self.company.id)
        settings.create(settings.default_get(list(settings._fields))).execute()
        self.assertFalse(triggers.search([("cron_id", "=", cron.id)]))
        settings.create({"company_id": self.company.id, "crm_plus_minimum_stay": 9}).execute()
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))
        self.assertEqual(self.company.crm_plus_minimum_stay, 9)

    def test_drafts_of_a_companys_own_scores_work_in_the_shadow_of_the_shared_ones(self):
        partner = self.customer(days=1)
        self.refresh()
        before = self.profile(partner).segment_id
        own = self.env["crm.segment.family"].create({"name": "Own", "kind": "rfm", "company_id": self.company.id})
        own.segment_ids = [Command.create({"name": "All", "code": "all", "region_ids": [Command.create({})]})]
        self.check()
        self.refresh()
        stays = self.profile(partner).membership_ids.filtered(lambda stay: not stay.date_to)
        self.assertEqual(self.profile(partner).segment_id, before)
        self.assertEqual({stay.segment_id: stay.shadow for stay in stays}, {before: False, own.segment_ids: True})
        own.segment_ids.state = "active"
        self.refresh()
        stays = self.profile(partner).membership_ids.filtered(lambda stay: not stay.date_to)
        self.assertEqual({stay.segment_id: stay.shadow for stay in stays}, {own.segment_ids: False})
        own.segment_ids.state = "draft"
        self.refresh()
        stays = self.profile(partner).membership_ids.filtered(lambda stay: not stay.date_to)
        self.assertEqual({stay.segment_id: stay.shadow for stay in stays}, {before: False, own.segment_ids: True})
