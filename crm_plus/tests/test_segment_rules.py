from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .segment_common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentRules(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.champions = cls.env.ref("crm_plus.crm_segment_champions")
        cls.loyal = cls.env.ref("crm_plus.crm_segment_loyal")
        cls.box = cls.champions.region_ids
        cls.other = cls.loyal.region_ids.filtered(lambda box: box.r_min == 4)

    def shrink(self):
        """The best customers need M = 5; what they give up belongs to the loyal ones."""
        return {
            "region_ids": [
                Command.update(self.box.id, {"m_min": 5}),
                Command.update(self.other.id, {"m_max": 4}),
            ]
        }

    def test_a_gap_is_refused_and_named(self):
        self.box.m_min = 5
        with self.assertRaisesRegex(ValidationError, "R=4 F=4 M=4 is in no segment"):
            self.check()

    def test_an_overlap_is_refused_and_named(self):
        self.box.m_min = 3
        with self.assertRaisesRegex(ValidationError, "R=5 F=5 M=3 is in several: Champions, Loyal"):
            self.check()

    def test_taking_a_segment_out_of_use_leaves_a_gap(self):
        self.champions.state = "archived"
        with self.assertRaisesRegex(ValidationError, "is in no segment"):
            self.check()

    def test_several_boxes_are_changed_by_one_save(self):
        self.family.write(self.shrink())
        self.check()
        self.assertEqual(self.box.m_min, 5)

    def test_the_form_of_the_family_says_what_a_change_does_before_it_is_saved(self):
        self.customer(days=1, count=10, amount=500)
        self.refresh()
        with Form(self.family, view="crm_plus.crm_segment_family_view_form") as form:
            self.assertEqual(form.preview, "No customer moves.")
            with form.region_ids.edit(self.family.region_ids.ids.index(self.box.id)) as line:
                line.m_min = 5
            self.assertIn("R=4 F=4 M=4 is in no segment", form.preview)
            with form.region_ids.edit(self.family.region_ids.ids.index(self.other.id)) as line:
                line.m_max = 4
            self.assertEqual(form.preview, "1 customers move: 1 Champions → Loyal.")
        self.check()

    def test_a_preview_tells_the_moves_and_writes_nothing(self):
        partner = self.customer(days=1, count=10, amount=500)
        self.refresh()
        preview = self.family.preview_changes(self.shrink())
        self.assertEqual(preview["count"], 1)
        self.assertEqual(
            preview["moves"],
            [{"from_id": self.champions.id, "from": "Champions", "to_id": self.loyal.id, "to": "Loyal", "count": 1}],
        )
        self.assertEqual(preview["text"], "1 customers move: 1 Champions → Loyal.")
        self.assertEqual((self.box.m_min, self.other.m_max, self.segment(partner)), (4, 3, "champions"))
        self.refresh()
        self.assertEqual(self.segment(partner), "champions")

    def test_a_preview_of_what_cannot_be_saved_says_why(self):
        with self.assertRaisesRegex(ValidationError, "is in no segment"):
            self.family.preview_changes({"region_ids": [Command.delete(self.box.id)]})
        self.assertTrue(self.box.exists())

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
