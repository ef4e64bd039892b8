"""What ships is the company's: deleted stays deleted, changed stays changed, and what nobody touched gets better."""

from lxml import etree
from odoo.addons.crm_plus.services.job import shipped
from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged

MODULES = (
    "crm_plus",
    "crm_plus_followup",
    "crm_plus_followup_loyalty",
    "crm_plus_loyalty",
    "crm_plus_mass_mailing",
    "crm_plus_mass_mailing_sms",
    "crm_plus_partnership",
    "crm_plus_pos",
    "crm_plus_sms",
    "crm_plus_spreadsheet_dashboard",
    "crm_plus_survey",
)


@tagged("post_install", "-at_install")
class TestShippedRecords(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Known = cls.env["crm.shipped.record"]
        cls.rule = cls.env.ref("crm_plus.score_rule_email")

    def bring(self):
        self.env.flush_all()
        self.Known._bring("crm_plus")

    def known(self, record):
        name = record.get_external_id()[record.id]
        return self.Known.search([("name", "=", name)])

    def shipped_before(self, record, field, text="another text"):
        """As if the last version had shipped what the field has now, by another text."""
        row = self.known(record)
        row.marks = {**row.marks, field: [shipped._mark(text.encode()), shipped.value_mark(record, field)]}

    def test_an_upgrade_brings_back_no_record_that_may_be_deleted(self):
        for module in MODULES:
            manifest = Manifest.for_addon(module)
            for name, element in shipped.elements(module, manifest["data"] if manifest else []).items():
                with self.subTest(record=name):
                    secures = element.get("model") == "ir.rule"
                    self.assertEqual(element.get("forcecreate"), None if secures else "0")

    def test_everything_that_shipped_is_known(self):
        names = {f"crm_plus.{name}" for name in ("score_rule_email", "source_order", "channel_email", "crm_tier_gold")}
        self.assertLessEqual(names, set(self.Known.search([]).mapped("name")))

    def test_what_was_deleted_stays_deleted(self):
        self.rule.unlink()
        self.bring()
        self.assertFalse(self.env.ref("crm_plus.score_rule_email", raise_if_not_found=False))

    def test_what_is_new_arrives(self):
        known = self.known(self.rule)
        values = self.rule.read(["name", "points", "domain", "state"], load=False)[0]
        self.rule.unlink()
        known.unlink()
        self.bring()
        rule = self.env.ref("crm_plus.score_rule_email")
        self.assertEqual(rule.read(["name", "points", "domain", "state"], load=False)[0], {**values, "id": rule.id})
        rule.unlink()
        self.bring()
        self.assertFalse(self.env.ref("crm_plus.score_rule_email", raise_if_not_found=False), "it is known by now")

    def test_what_was_changed_stays_changed_also_when_a_version_ships_something_else(self):
        self.shipped_before(self.rule, "points")
        self.rule.points = 33
        for _upgrade in range(2):
            self.bring()
            self.assertEqual(self.rule.points, 33)

    def test_what_nobody_changed_follows_the_version_field_by_field(self):
        self.rule.points = 7
        self.shipped_before(self.rule, "points")
        self.rule.name = "Their name"
        self.bring()
        self.assertEqual((self.rule.points, self.rule.name), (10, "Their name"))

    def test_lines_follow_as_a_whole_unless_one_was_changed(self):
        champions, loyal = self.env.ref("crm_plus.crm_segment_champions"), self.env.ref("crm_plus.crm_segment_loyal")
        for segment in (champions, loyal):
            segment.region_ids[0].m_min = 2
            self.shipped_before(segment, "region_ids")
        loyal.region_ids[0].m_min = 3
        self.bring()
        self.assertEqual(champions.region_ids.mapped("m_min"), [4])
        self.assertEqual(loyal.region_ids[0].m_min, 3)

    def test_a_source_that_follows_reads_its_history_again(self):
        source = self.env.ref("crm_plus.source_order")
        source.backfill_done = True
        source.domain = "[('state', '=', 'done')]"
        self.shipped_before(source, "domain")
        source.backfill_done = True
        self.bring()
        self.assertIn("sale", source.domain)
        self.assertFalse(source.backfill_done)

    def test_the_day_of_a_scheduled_action_passes_and_its_time_follows(self):
        cron = self.env.ref("crm_plus.ir_cron_rescore")
        cron.nextcall = "2031-05-06 01:02:00"
        self.shipped_before(cron, "nextcall")
        cron.nextcall = "2031-05-07 01:02:00"
        self.bring()
        self.assertEqual(cron.nextcall.strftime("%H:%M"), "03:20")

    def test_the_mark_of_a_text_is_that_of_its_content(self):
        one, same, other = (etree.fromstring(text) for text in ("<a b='1'/>", '<a   b="1"></a>', "<a b='2'/>"))
        self.assertEqual(shipped.text_mark(one), shipped.text_mark(same))
        self.assertNotEqual(shipped.text_mark(one), shipped.text_mark(other))
