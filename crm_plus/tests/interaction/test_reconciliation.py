import contextlib
from unittest.mock import patch

import psycopg2
from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.crm_plus.models.interaction import crm_interaction_source
from odoo.addons.crm_plus.services.interaction.capture import check, session
from odoo.tests import tagged

from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestReconciliation(TimelineCase):
    def setUp(self):
        super().setUp()
        self.orders = self.env["sale.order"].browse()
        for _number in range(3):
            self.orders |= self.new_order()
        self.orders.action_confirm()
        self.commit()
        self.reconcile()

    def sql(self, query, *values):
        self.env.flush_all()
        self.env.cr.execute(query, values)
        self.env.invalidate_all()

    def test_a_clean_database_has_no_drift_and_nothing_is_written(self):
        self.env.flush_all()
        versions = "SELECT count(*), md5(string_agg(ctid::text || xmin::text, ',' ORDER BY id)) FROM crm_interaction"
        self.env.cr.execute(versions)
        before = self.env.cr.fetchall()
        self.assertEqual(self.reconcile(), {})
        self.env.cr.execute(versions)
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_rows_inserted_by_raw_sql_arrive(self):
        self.sql(
            """INSERT INTO sale_order
               SELECT (jsonb_populate_record(o, jsonb_build_object('id', nextval('sale_order_id_seq'), 'name', 'RAW1')
                      )).* FROM sale_order o WHERE id = %s""",
            self.orders[0].id,
        )
        self.assertEqual(self.reconcile("order"), {"order": (1, 0, 0)})
        raw = self.env["sale.order"].search([("name", "=", "RAW1")])
        self.assertEqual(self.of(raw, "order").partner_id, self.customer)
        self.assertEqual(self.reconcile("order"), {})

    def test_rows_deleted_by_raw_sql_leave(self):
        self.assertEqual(len(self.of(self.orders, "order")), 3)
        self.sql("DELETE FROM sale_order WHERE id = %s", self.orders[0].id)
        self.assertEqual(self.reconcile("order"), {"order": (0, 1, 0)})
        self.assertEqual(len(self.of(self.orders, "order")), 2)
        self.assertEqual(self.reconcile("order"), {})

    def test_rows_changed_by_raw_sql_are_corrected(self):
        self.sql("UPDATE sale_order SET name = 'CHANGED' WHERE id = %s", self.orders[0].id)
        self.sql("UPDATE sale_order SET state = 'cancel' WHERE id = %s", self.orders[1].id)
        self.sql("DELETE FROM crm_interaction WHERE res_id = %s", self.orders[2].id)
        self.assertEqual(self.reconcile("order"), {"order": (1, 1, 1)})
        self.assertEqual(self.of(self.orders[0], "order").name, "CHANGED")
        self.assertFalse(self.of(self.orders[1], "order"))
        self.assertTrue(self.of(self.orders[2], "order"))
        self.assertEqual(self.reconcile("order"), {})

    def test_id_ranges_are_complete_at_their_borders(self):
        source = self.source("order")
        self.sql("DELETE FROM crm_interaction WHERE res_id = ANY(%s) AND source_id = %s", self.orders.ids, source.id)
        self.env["crm.job.memory"]._note(source, "check", {"compared": ({"missing": 1}, min(self.orders.ids) - 1)})
        with patch.object(check, "STEP", 1):
            while source._compare_next() is False:
                pass
        self.assertEqual((source.drift_missing, source.drift_stale, source.drift_changed), (1 + 3, 0, 0))
        source._capture_queued()
        self.assertEqual(len(self.of(self.orders, "order")), 3)

    def test_the_scheduled_check_covers_every_source(self):
        self.env["crm.interaction.source"].search([]).write({"last_check": False, "backfill_done": True})
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_reconcile").method_direct_trigger()
        sources = self.env["crm.interaction.source"].search([("kind", "=", "records")])
        self.assertTrue(all(source.last_check for source in sources if source.state != "dormant"))

    def test_a_step_that_somebody_who_saves_disturbs_is_tried_again_and_no_source_is_called_broken(self):
        source = self.env.ref("crm_plus.source_order")
        for job, field in (("reconcile", "last_check"), ("backfill", "backfill_done")):
            source._restart_backfill()
            source.write({"last_check": False, "backfill_done": job == "reconcile"})
            self.env.cr.flush()
            disturbances = [psycopg2.errors.SerializationFailure("x"), psycopg2.errors.DeadlockDetected("y")]
            run = session.run_range

            def disturbed(cr, statement, low, high, run=run, left=disturbances):
                if left:
                    raise left.pop()
                return run(cr, statement, low, high)

            with (
                self.subTest(job=job),
                self.enter_registry_test_mode(),
                patch.object(session, "run_range", disturbed),
            ):
                self.env.ref(f"crm_plus.ir_cron_{job}").method_direct_trigger()
                self.env.invalidate_all()
                self.assertFalse(disturbances)
                self.assertFalse(any(self.env["crm.interaction.source"].search([]).mapped("last_error")))
                self.assertTrue(source[field])

    def test_a_killed_check_goes_on_where_it_was_and_tells_all_that_differed(self):
        source = self.source("order")
        source.write({"backfill_done": True, "last_check": False})
        self.sql("DELETE FROM crm_interaction WHERE res_id = ANY(%s) AND source_id = %s", self.orders.ids, source.id)
        run, ranges = session.run_range, []

        def killed_at_third(cr, text, low, high):
            ranges.append((low, high))
            if len(ranges) == 3:
                raise KeyboardInterrupt
            return run(cr, text, low, high)

        compiled = source._compiled_sources()[source.id]
        lowest, highest = check.span(self.env, compiled)
        step = (highest - lowest) // 4 + 1
        with patch.object(check, "STEP", step), patch.object(session, "run_range", killed_at_third):
            with contextlib.suppress(KeyboardInterrupt):
                while not source._reconcile_next(source):
                    self.commit()
            self.assertFalse(source.last_check, "not all is compared")
            while not source._reconcile_next(source):
                self.commit()
        self.assertEqual([low for low, _high in ranges], [lowest + step * turn for turn in (0, 1, 2, 2, 3)])
        self.assertEqual(ranges[-1][1], highest)
        self.assertTrue(source.last_check)
        self.assertEqual(source.drift_missing, 3)
        source._reconcile_next(source)
        self.assertEqual(len(self.of(self.orders, "order")), 0, "it only reads and queues")
        self.env["crm.interaction.source"]._capture_queued()
        self.assertEqual(len(self.of(self.orders, "order")), 3)

    def test_what_is_still_to_be_loaded_is_not_missing(self):
        source = self.source("order")
        self.sql("DELETE FROM crm_interaction WHERE res_id = ANY(%s) AND source_id = %s", self.orders.ids, source.id)
        source._restart_backfill()
        source.last_check = False
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_reconcile").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(source.last_check)
        queued = self.env["crm.interaction.queue"].search_count(
            [("source_id", "=", source.id), ("captured_by", "=", False), ("res_id", "in", self.orders.ids)]
        )
        self.assertFalse(queued)

    def test_nobody_waits_for_the_check_of_a_large_source(self):
        source = self.source("order")
        source.last_check = False
        self.env["ir.cron.trigger"].search([]).unlink()
        with patch.object(crm_interaction_source, "CHECKED_AT_ONCE", max(self.orders.ids) - 1):
            told = source.action_reconcile()
        self.assertFalse(source.last_check)
        self.assertEqual(told["tag"], "display_notification")
        triggers = self.env["ir.cron.trigger"].search([])
        self.assertEqual(triggers.cron_id, self.env.ref("crm_plus.ir_cron_reconcile"))
        self.assertFalse(source.action_reconcile())
        self.assertTrue(source.last_check)

    def test_history_that_is_kept_is_not_taken_away(self):
        self.source("order").keep = True
        self.sql("UPDATE sale_order SET state = 'cancel' WHERE id = %s", self.orders[0].id)
        self.sql("DELETE FROM sale_order WHERE id = %s", self.orders[1].id)
        self.assertEqual(self.reconcile("order"), {})
        self.assertEqual(len(self.of(self.orders, "order")), 3)


@tagged("post_install", "-at_install")
class TestBackfill(TimelineCase):
    def setUp(self):
        super().setUp()
        self.orders = self.env["sale.order"].create(
            [{"partner_id": self.customer.id, "state": "sale"} for _number in range(10)]
        )
        self.commit()
        self.env.cr.execute("DELETE FROM crm_interaction")
        self.env["crm.interaction"].invalidate_model()
        sources = self.env["crm.interaction.source"].search([("kind", "=", "records")])
        sources.backfill_done = True
        self.order_source = self.source("order")
        self.order_source._restart_backfill()

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_backfill").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_killed_backfill_goes_on_where_it_was_and_ends_complete(self):
        run, calls = session.run_range, []

        def killed_at_third(cr, text, low, high):
            calls.append((low, high))
            if len(calls) == 3:
                raise KeyboardInterrupt
            return run(cr, text, low, high)

        highest = max(self.orders.ids)
        step = patch.object(type(self.order_source)._backfill_step, "__defaults__", (4,))
        committed = patch.object(IrCron, "_commit_progress", self._commit_in_savepoint)
        with step, committed:
            # not assertRaises(), which would undo the committed steps as well
            with (
                patch.object(session, "run_range", killed_at_third),
                contextlib.suppress(KeyboardInterrupt),
                self.env.cr.savepoint() as self.transaction,
            ):
                self.env["crm.interaction.source"]._cron_backfill()
            self.env.invalidate_all()
            self.assertEqual(len(calls), 3)
            self.assertEqual(calls[0], (highest - 3, highest))
            self.assertFalse(self.order_source.backfill_done)
            self.assertEqual(self.order_source.backfill_next_id, highest - 8, "two steps were committed")
            self.assertGreater(self.order_source.backfill_progress, 0)
            self.assertEqual(len(self.of(self.orders, "order")), 8)
        self.run_cron()
        self.assertTrue(self.order_source.backfill_done)
        self.assertEqual(self.order_source.backfill_progress, 100)
        self.assertEqual(len(self.of(self.orders, "order")), 10)
        self.assertEqual(self.reconcile("order"), {})

    def _commit_in_savepoint(self, *_args, **_kwargs):
        """A commit as far as a later rollback is concerned: a new savepoint takes the place of the old one."""
        self.env.flush_all()
        self.env.cr.execute(f'RELEASE SAVEPOINT "{self.transaction.name}"; SAVEPOINT "{self.transaction.name}"')
        return float("inf")

    def test_newer_records_are_captured_while_the_history_is_loading(self):
        order = self.new_order()
        order.action_confirm()
        self.commit()
        self.run_cron()
        self.assertEqual(len(self.of(order, "order")), 1)
        self.assertEqual(self.reconcile("order"), {})

    def test_changed_settings_load_the_history_again(self):
        self.run_cron()
        self.order_source.domain = "[('state', '=', 'sale'), ('amount_total', '>', 1000)]"
        self.assertFalse(self.order_source.backfill_done)
        small = self.env["sale.order"].search_count([("state", "=", "sale"), ("amount_total", "<=", 1000)])
        self.assertEqual(self.reconcile("order"), {"order": (0, small, 0)})

    def test_the_settings_page_shows_the_progress(self):
        settings = self.env["res.config.settings"].create({})
        self.assertLess(settings.crm_plus_backfill_progress, 100)
        self.run_cron()
        settings.invalidate_recordset()
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.crm_plus_backfill_progress, 100)
