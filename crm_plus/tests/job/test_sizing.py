from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ...services.job.sizing import BYTES_PER_INTERACTION, Need, Sizing


@tagged("post_install", "-at_install")
class TestSizing(TransactionCase):
    def test_what_there_is_is_estimated_without_counting_it(self):
        self.env["crm.lead"].create([{"name": f"Lead {number}"} for number in range(300)])
        self.env.flush_all()
        self.env.cr.execute("ANALYZE crm_lead")
        needs = Sizing(self.env).needs()
        count = self.env["crm.lead"].search_count([("won_status", "=", "pending")])
        self.assertAlmostEqual(needs["leads"].count, count, delta=count / 2)
        self.assertGreater(needs["history"].count, 0)
        self.assertEqual(needs["history"].size, needs["history"].count * BYTES_PER_INTERACTION)

    def test_it_is_said_in_words_in_the_settings(self):
        text = self.env["res.config.settings"].create({}).crm_plus_sizing_text
        self.assertIn("Documents and messages for the history: ", text)
        self.assertIn("less than a minute", text)

    def test_large_numbers_have_minutes_and_megabytes(self):
        sizing = Sizing(self.env)
        with self.patched(sizing):
            self.assertIn("history: 8,000,000 (14 minutes, 2,368 MB)", sizing.text())

    def test_one_is_one(self):
        sizing = Sizing(self.env)
        few = Need(1, 70.0, 1000)
        with patch.object(sizing, "needs", lambda: {"history": few, "customers": few, "leads": few}):
            text = sizing.text()
        self.assertNotRegex(text, r"\b1 (\w+ )?\w+s\b")
        self.assertIn("(2 minutes, 1 MB)", text)

    def patched(self, sizing):
        few = Need(10, 1.0, 1000)
        needs = {"history": Need(8_000_000, 832.0, 8_000_000 * BYTES_PER_INTERACTION), "customers": few, "leads": few}
        return patch.object(sizing, "needs", lambda: needs)
