from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TimelineCase

CAPTURE_LOG = "odoo.addons.crm_plus.services.interaction.capture.upkeep"
RECONCILE_LOG = "odoo.addons.crm_plus.models.interaction.crm_interaction_source"


@tagged("post_install", "-at_install")
class TestBrokenSource(TimelineCase):
    """However broken a source is, the order is confirmed, and the source says what is wrong."""

    def setUp(self):
        super().setUp()
        self.custom = self.env["crm.interaction.source"].create(
            {
                "name": "Custom",
                "code": "custom",
                "model_name": "sale.order",
                "domain": "[('state', '=', 'sale')]",
                "partner_path": "partner_id",
                "date_path": "date_order",
                "summary_path": "name",
                "channel_id": self.env.ref("crm_plus.channel_order").id,
            }
        )
        self.commit()

    def break_it(self, **values):
        """Behind the back of the checks, as an upgrade of another module would."""
        for name, value in values.items():
            self.env.cr.execute(f"UPDATE crm_interaction_source SET {name} = %s WHERE id = %s", [value, self.custom.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def confirm(self):
        order = self.new_order()
        order.action_confirm()
        self.commit()
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(self.of(order, "order")), 1, "the other sources go on")
        return order

    def assertMended(self, orders):
        self.custom.invalidate_recordset()
        self.assertEqual((self.custom.state, self.custom.error, self.custom.pending_count), ("ready", False, 0))
        self.assertEqual(len(self.of(orders, "custom")), len(orders))

    def test_a_bad_domain(self):
        self.break_it(domain="[('state', '=', 'sale'")
        order = self.confirm()
        self.assertEqual(self.custom.state, "broken")
        self.assertIn("[('state', '=', 'sale'", self.custom.error)
        self.custom.domain = "[('state', '=', 'sale')]"
        self.custom._reconcile()
        self.assertMended(order)

    def test_a_domain_on_a_field_that_is_not_there(self):
        self.break_it(domain="[('no_such_field', '=', 1)]")
        self.confirm()
        self.assertEqual(self.custom.state, "broken")
        self.assertIn("no_such_field", self.custom.error)

    def test_a_vanished_field(self):
        self.break_it(summary_path="x_vanished")
        order = self.confirm()
        self.assertEqual(self.custom.state, "broken")
        self.assertIn("x_vanished", self.custom.error)
        self.custom.summary_path = "name"
        self.custom._reconcile()
        self.assertMended(order)

    def test_sql_that_fails_when_it_runs(self):
        """An order's name is no number: PostgreSQL finds out with the first row."""
        self.break_it(amount_path="name")
        with self.assertLogs(CAPTURE_LOG, "WARNING") as logs:
            order = self.confirm()
        self.assertIn("numeric", logs.output[0])
        self.custom.invalidate_recordset()
        self.assertEqual((self.custom.state, self.custom.pending_count), ("broken", 1))
        self.assertIn("numeric", self.custom.error)
        with self.assertLogs(RECONCILE_LOG, "WARNING"):
            self.custom._reconcile()
        self.assertEqual(self.custom.state, "broken")
        self.custom.amount_path = "amount_total"
        self.custom._reconcile()
        self.assertMended(order)

    def test_sql_that_fails_does_not_stop_the_scheduled_actions(self):
        self.break_it(amount_path="name")
        self.custom._restart_backfill()
        with self.assertLogs(RECONCILE_LOG, "WARNING"), self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_backfill").method_direct_trigger()
        self.custom.invalidate_recordset()
        self.assertIn("numeric", self.custom.last_error)
        # the check finds that orders are missing, which their capture cannot mend
        with self.assertLogs(RECONCILE_LOG, "WARNING"), self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_reconcile").method_direct_trigger()
            self.env.ref("crm_plus.ir_cron_capture").method_direct_trigger()
        self.custom.invalidate_recordset()
        self.assertEqual(self.custom.state, "broken")
        self.assertIn("numeric", self.custom.error)
        self.assertTrue(self.source("order").last_check)

    def test_a_source_cannot_be_saved_broken(self):
        for values in (
            {"domain": "[('no_such_field', '=', 1)]"},
            {"domain": "nonsense("},
            {"partner_path": "no_such_field"},
            {"date_path": "name"},
            {"summary_path": "order_line.name"},
            {"model_name": False},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.custom.write(values)
