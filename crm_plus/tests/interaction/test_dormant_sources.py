"""Sources of apps that need not be there: they wait without a word, and wake with their app."""

from unittest.mock import patch

from odoo.tests import tagged

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
