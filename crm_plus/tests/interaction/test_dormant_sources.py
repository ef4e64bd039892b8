"""Sources of apps that need not be there: they wait without a word, and wake with their app."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestDormantSources(TimelineCase):
    def test_every_source_that_is_shipped_works_or_waits(self):
        sources = self.env["crm.interaction.source"].search([("kind", "=", "records")])
        self.assertGreaterEqual(len(sources), 28)
        for source in sources:
            with self.subTest(source=source.code):
                self.assertFalse(source.error)
                self.assertEqual(source.state, "ready" if source.model_name in self.env else "dormant")

    def test_a_waiting_source_makes_no_noise(self):
        source = self._dormant_source()
        self.assertEqual((source.state, source.error), ("dormant", False))
        with self.assertNoLogs("odoo.addons.crm_plus", "WARNING"):
            self.env.registry.clear_cache()
            self.assertNotIn(source.id, source._compiled_sources())
            source._reconcile()
            source.action_reconcile()
            self.assertNotIn(source, source._to_backfill())
            self.new_order().action_confirm()
            self.commit()
        self.assertFalse(source.backfill_done)

    def test_a_source_wakes_when_its_app_arrives_and_loads_its_history(self):
        source = self._dormant_source()
        order = self.new_order()
        order.action_confirm()
        self.commit()
        self.assertFalse(self.of(order, "waiting"))
        # The app arrives: its model is there, in a new registry.
        self.env.cr.execute("UPDATE crm_interaction_source SET model_name = 'sale.order' WHERE id = %s", [source.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        triggers = self.env["ir.cron.trigger"].search([])
        with patch.object(self.env.registry, "updated_modules", []):
            source._register_hook()
        self.assertEqual(self.env["ir.cron.trigger"].search([]), triggers, "a server that starts wakes nothing")
        with patch.object(self.env.registry, "updated_modules", ["waited_for"]):
            source._register_hook()
        triggered = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(triggered.cron_id, self.env.ref("crm_plus.ir_cron_backfill"))
        self.assertEqual(source.state, "ready")
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_backfill").method_direct_trigger()
        self.assertEqual(len(self.of(order, "waiting")), 1)
        source.invalidate_recordset()
        self.assertTrue(source.backfill_done)

    def _dormant_source(self):
        return self.env["crm.interaction.source"].create(
            {
                "name": "Waiting",
                "code": "waiting",
                "model_name": "not.installed",
                "domain": "[('state', '=', 'sale')]",
                "partner_path": "partner_id",
                "date_path": "date_order",
                "lead_path": "opportunity_id,not_there_yet_id.lead_id?",
                "channel_id": self.env.ref("crm_plus.channel_order").id,
            }
        )

    def test_a_misspelled_model_is_no_app_to_come(self):
        source = self._dormant_source()
        for name, meant in (("sale.oder", "sale.order"), ("res.partners", "res.partner"), ("crm.leed", "crm.lead")):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, f"“{name}”. Did you mean “{meant}”"):
                source.model_name = name

    def test_a_model_that_is_not_there_can_be_corrected_in_the_form(self):
        shipped = self.env["crm.interaction.source"].search([])
        shipped = shipped.filtered(lambda source: source.state == "dormant" and not source.variant_ids)[:1]
        for source in (self._dormant_source(), shipped):
            with Form(source) as form:
                form.model_name = "res.partner"
                form.domain = "[]"
                form.partner_path = "id"
                for path in self.env["crm.interaction.source"]._fields:
                    if path.endswith("_path") and path not in ("partner_path", "date_path"):
                        form[path] = False
                form.date_path = "create_dat"
                self.assertEqual(form.state, "broken")
                self.assertIn("Did you mean “create_date”?", form.error)
                form.date_path = "create_date"
                self.assertEqual(form.state, "ready")
                self.assertIn(self.env["res.partner"].search([], order="id desc", limit=1).name or "", form.preview)
            self.assertEqual(source.state, "ready")

    def test_a_new_source_says_what_is_wrong_and_shows_what_it_would_capture(self):
        order = self.new_order()
        with Form(self.env["crm.interaction.source"]) as form:
            form.name = "Quotations"
            form.channel_id = self.env.ref("crm_plus.channel_order")
            form.model_id = self.env["ir.model"]._get("sale.order")
            self.assertEqual(form.model_name, "sale.order")
            form.date_path = "date_orderd"
            self.assertIn("Did you mean “date_order”?", form.error)
            form.date_path = "date_order"
            form.partner_path = "partner_id"
            form.summary_path = "name"
            form.domain = "[('stat', '=', 'draft')]"
            self.assertIn("Did you mean “state”?", form.error)
            self.assertFalse(form.preview)
            form.domain = "[('state', '=', 'draft')]"
            self.assertFalse(form.error)
            self.assertIn(order.name, form.preview)
            self.assertRegex(form.preview, r"<td>\d{4}-\d\d-\d\d \d\d:\d\d</td>")  # the client has the calendar
            self.assertEqual(
                form.preview.count("<tr>"), 1 + min(5, self.env["sale.order"].search_count([("state", "=", "draft")]))
            )
        self.assertEqual(form.record.state, "ready")

    def test_the_preview_is_read_with_the_rights_of_who_looks(self):
        order = self.new_order()
        source = self.env.ref("crm_plus.source_order")
        source.domain = "[]"
        admin = self._new_user("settings", "base.group_system")
        self.assertNotIn(order.name, source.with_user(admin).preview)
        self.assertIn("access", source.with_user(admin).preview)

    def test_a_new_source_loads_its_history_at_once(self):
        triggers = self.env["ir.cron.trigger"].search([])
        self._dormant_source()
        triggered = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertIn(self.env.ref("crm_plus.ir_cron_backfill"), triggered.cron_id)
