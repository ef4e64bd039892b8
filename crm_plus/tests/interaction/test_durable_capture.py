"""Nothing is lost and nobody waits: captures beside scheduled actions, in real transactions."""

from unittest.mock import patch

import psycopg2
from odoo import SUPERUSER_ID, fields
from odoo.addons.crm_plus.services.interaction.capture import notes
from odoo.fields import Domain
from odoo.modules.registry import Registry
from odoo.tests import get_db_name, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..job.common import ConcurrencyCase

CAPTURE_LOG = "odoo.addons.crm_plus.services.interaction.capture.upkeep"


@tagged("post_install", "-at_install", "crm_plus_concurrency")
class TestDurableCapture(ConcurrencyCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.empty_queue)
        with self.transaction(commit=True) as env:
            self.customer_id = self.partner_ids[0]
            self.draft_id = self.order(env, self.customer_id, confirm=False).id
            self.source_id = env.ref("crm_plus.source_order").id
            self.capture_all(env)

    def empty_queue(self):
        with self.transaction(commit=True) as env:
            env["crm.interaction.queue"].search([]).unlink()

    def capture_all(self, env):
        """What the scheduled action does when it is woken."""
        env["crm.interaction.source"]._cron_capture()

    def confirm(self, env, order_id=None):
        env["sale.order"].browse(order_id or self.draft_id).action_confirm()

    def captured(self, env, order_id=None):
        """How many interactions there are of an order."""
        of_order = [("source_id", "=", self.source_id), ("res_id", "=", order_id or self.draft_id)]
        return env["crm.interaction"].search_count(of_order)

    def queued(self, env):
        """How many records wait to be captured; what is still to come, as demo meetings are, does not."""
        due = Domain("date", "<=", fields.Datetime.now()) | Domain("error", "!=", False)
        return env["crm.interaction.queue"].search_count(Domain("captured_by", "=", False) & due)

    def forget_interaction(self, env, order_id):
        """As an order imported by SQL: nothing has captured it."""
        env.flush_all()
        env.cr.execute(
            SQL("DELETE FROM crm_interaction WHERE res_id = %s AND source_id = %s", order_id, self.source_id)
        )

    def triggers(self, env):
        """How often the scheduled action has been woken."""
        return env["ir.cron.trigger"].search_count([("cron_id", "=", env.ref("crm_plus.ir_cron_capture").id)])

    def assert_captured_beside(self, job):
        """An order that is confirmed while ``job(source)`` has not committed yet is in the timeline at once."""
        with self.transaction() as working:
            job(working["crm.interaction.source"].browse(self.source_id))
            working.flush_all()
            with self.transaction(commit=True) as env:
                self.confirm(env)
            with self.transaction() as env:
                self.assertEqual((self.captured(env), self.queued(env)), (1, 0))
            working.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction() as env:
            self.assertEqual(self.captured(env), 1)

    def test_an_order_confirmed_while_its_source_is_checked(self):
        def check(source):
            source._reconcile_next(source)
            self.assertTrue(source.last_check)

        self.assert_captured_beside(check)

    def test_an_order_confirmed_while_what_differs_is_mended(self):
        with self.transaction(commit=True) as env:
            env["crm.interaction.source"].browse(self.source_id)._reconcile()
            self.forget_interaction(env, env["sale.order"].search([("partner_id", "=", self.partner_ids[1])]).id)

        def mend(source):
            source._reconcile()
            self.assertEqual(source.drift_missing, 1)

        self.assert_captured_beside(mend)

    def test_an_order_confirmed_while_its_history_is_loaded(self):
        with self.transaction(commit=True) as env:
            env["crm.interaction.source"].browse(self.source_id)._restart_backfill()
        self.assert_captured_beside(lambda source: source._backfill_next(source))

    def test_no_job_locks_a_source(self):
        for method in ("_reconcile_next", "_backfill_next"):
            with self.subTest(method=method), self.transaction() as working:
                source = working["crm.interaction.source"].browse(self.source_id)
                getattr(source, method)(source)
                working.flush_all()
                with self.transaction() as env:
                    env.cr.execute(
                        SQL("SELECT id FROM crm_interaction_source WHERE id = %s FOR UPDATE NOWAIT", self.source_id)
                    )
                    self.assertTrue(env.cr.fetchall())

    def disturb(self, env, amount):
        """Write the order's interaction, as whoever captures the same order does."""
        env.cr.execute(
            SQL(
                "UPDATE crm_interaction SET amount = %s WHERE source_id = %s AND res_id = %s",
                amount,
                self.source_id,
                self.draft_id,
            )
        )

    def test_what_another_transaction_captures_just_now_is_captured_a_moment_later(self):
        with self.transaction(commit=True) as env:
            self.confirm(env)
            woken = self.triggers(env)
        with self.transaction() as other:
            self.disturb(other, 1)
            with self.transaction(commit=True) as env:
                env["sale.order"].browse(self.draft_id).order_line.price_unit = 555
            with self.transaction() as env:
                self.assertEqual((self.queued(env), self.triggers(env)), (1, woken + 1))
            other.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            row = env["crm.interaction"].search([("source_id", "=", self.source_id), ("res_id", "=", self.draft_id)])
            self.assertEqual((row.amount, self.queued(env)), (555, 0))

    def test_when_even_the_queue_refuses_it_is_queued_after_the_commit(self):
        with self.transaction(commit=True) as env:
            self.confirm(env)
        queue = Registry(get_db_name())["crm.interaction.queue"]
        add, refusals = queue._add, []

        def refuse_once(records, *arguments):
            if not refusals:
                refusals.append(arguments)
                records.env.cr.execute("SELECT 1 / 0", log_exceptions=False)
            return add(records, *arguments)

        with self.transaction() as other:
            self.disturb(other, 1)
            with (
                patch.object(queue, "_add", refuse_once),
                self.assertLogs(CAPTURE_LOG, "WARNING") as logs,
                self.transaction(commit=True) as env,
            ):
                env["sale.order"].browse(self.draft_id).order_line.price_unit = 777
                env.flush_all()
            self.assertIn("after the commit", logs.output[0])
            with self.transaction() as env:
                self.assertEqual((env["sale.order"].browse(self.draft_id).amount_total, self.queued(env)), (777, 1))

    def test_a_lead_is_saved_while_what_was_logged_about_it_is_written(self):
        with self.transaction(commit=True) as env:
            lead = self.make(env, "crm.lead", {"name": "Concurrent lead", "user_id": False})
            logged = env["crm.interaction"].create(
                {"lead_id": lead.id, "name": "Asked", "channel_id": env.ref("crm_plus.channel_phone").id}
            )
        with self.transaction() as other:
            other.cr.execute(SQL("UPDATE crm_interaction SET name = 'Asked again' WHERE id = %s", logged.id))
            with self.transaction(commit=True) as env:
                env["crm.lead"].browse(lead.id).user_id = 2
            other.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            row = env["crm.interaction"].browse(logged.id)
            self.assertEqual((row.document_user_id.id, row.name), (2, "Asked again"))
            row.unlink()

    def test_an_order_cancelled_by_who_cannot_see_its_interaction_leaves_the_timeline(self):
        """The order is confirmed and only queued; the scheduled action captures it after the canceling transaction has
        begun, which therefore has no interaction to take away."""
        with self.transaction(commit=True) as env:
            self.confirm(env)
            env.flush_all()
            env.cr.flush()
            self.forget_interaction(env, self.draft_id)
            env["crm.interaction.queue"]._add({self.source_id: [self.draft_id]})
        with self.transaction() as canceling:
            order = canceling["sale.order"].browse(self.draft_id)
            self.assertEqual(order.state, "sale")
            with self.transaction(commit=True) as env:
                self.capture_all(env)
                self.assertEqual((self.captured(env), self.queued(env)), (1, 0))
            order._action_cancel()
            canceling.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual(self.captured(env), 0)
            self.assertFalse(env["crm.interaction.queue"].search_count([("res_id", "=", self.draft_id)]))

    def test_what_a_killed_session_was_capturing_is_captured_by_the_next(self):
        with self.transaction(commit=True) as env:
            self.confirm(env)
            env.cr.flush()
            self.forget_interaction(env, self.draft_id)
            env["crm.interaction.queue"]._add({self.source_id: [self.draft_id]})
        with self.assertRaises(psycopg2.Error), mute_logger("odoo.sql_db"), self.transaction() as killed:
            self.assertTrue(killed["crm.interaction.source"]._capture_next())
            with self.transaction() as env:
                env.cr.execute(SQL("SELECT pg_terminate_backend(%s)", killed.cr.connection.get_backend_pid()))
            killed.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.assertEqual((self.captured(env), self.queued(env)), (0, 1))
            self.capture_all(env)
            self.assertEqual((self.captured(env), self.queued(env)), (1, 0))

    def test_with_the_history_within_a_minute_users_only_note_what_to_look_at(self):
        with self.transaction(commit=True) as env:
            lead = self.make(env, "crm.lead", {"name": "Concurrent lead", "user_id": False})
            logged = env["crm.interaction"].create(
                {"lead_id": lead.id, "name": "Asked", "channel_id": env.ref("crm_plus.channel_phone").id}
            )
            env["res.config.settings"].create({"crm_plus_capture": "minute"}).execute()
        self.addCleanup(self.capture_at_once)
        with self.transaction(commit=True) as env:
            self.confirm(env)
            env["crm.lead"].browse(lead.id).user_id = 2
            env.flush_all()
            with patch("odoo.addons.crm_plus.services.interaction.capture.session.run_captures") as run:
                env.cr.flush()
            self.assertFalse(run.called)
        with self.transaction(commit=True) as env:
            self.assertEqual((self.captured(env), env["crm.interaction"].browse(logged.id).document_user_id.id), (0, 0))
            self.assertEqual(env.ref("crm_plus.ir_cron_capture").interval_number, 1)
            self.capture_all(env)
            row = env["crm.interaction"].browse(logged.id)
            self.assertEqual((self.captured(env), row.document_user_id.id, self.queued(env)), (1, 2, 0))
            row.unlink()

    def capture_at_once(self):
        with self.transaction(commit=True) as env:
            env["res.config.settings"].create({"crm_plus_capture": "now"}).execute()
            self.assertEqual(env.ref("crm_plus.ir_cron_capture").interval_number, 5)

    def test_an_event_written_twice_is_followed_by_one_query(self):
        with self.transaction(commit=True) as env:
            event = self.make(
                env,
                "calendar.event",
                {"name": "Concurrent", "start": "2024-05-02 10:00:00", "stop": "2024-05-02 11:00:00",
                 "partner_ids": [(6, 0, [self.customer_id])]},
            )  # fmt: skip
        with (
            self.transaction(commit=True) as env,
            patch(
                "odoo.addons.crm_plus.services.interaction.capture.notes._follow_hops",
                side_effect=notes._follow_hops,
            ) as follow,
        ):
            for name in ("First", "Second"):
                env["calendar.event"].browse(event.id).name = name
                env.flush_all()
            self.assertFalse(follow.called)
            env.cr.flush()
            self.assertEqual(follow.call_count, 1)
            rows = env["crm.interaction"].search([("partner_id", "=", self.customer_id), ("name", "=", "Second")])
            self.assertTrue(rows)

    def test_what_a_source_cannot_capture_is_tried_again(self):
        with self.transaction(commit=True) as env:
            env["crm.interaction.queue"]._add({self.source_id: [self.draft_id]})
            self.confirm(env)
            env.cr.flush()
            self.forget_interaction(env, self.draft_id)
        sources = Registry(get_db_name())["crm.interaction.source"]
        with (
            patch.object(sources, "_capture_ids", lambda *_arguments: "it is broken"),
            self.transaction(commit=True) as env,
        ):
            self.capture_all(env)
            source = env["crm.interaction.source"].browse(self.source_id)
            self.assertEqual((source.state, source.error), ("broken", "it is broken"))
            self.assertGreaterEqual(self.queued(env), 1)
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual(self.captured(env), 0, "not before its time")
            env["crm.interaction.source"].browse(self.source_id)._retry_capture()
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual((self.captured(env), self.queued(env)), (1, 0))

    def test_what_a_transaction_may_wait_is_what_it_was_after_a_capture(self):
        with self.transaction() as env:
            env.cr.execute("SET LOCAL lock_timeout = '1234ms'")
            self.confirm(env)
            env.cr.flush()
            self.assertEqual(env.execute_query(SQL("SHOW lock_timeout")), [("1234ms",)])

    def test_a_job_that_meets_a_user_tries_again(self):
        """The order's interaction is written by a user who commits after the job has looked."""
        with self.transaction(commit=True) as env:
            self.confirm(env)
            env.cr.flush()
            self.disturb(env, 5)
            env["crm.interaction.queue"]._add({self.source_id: [self.draft_id]})
        take, disturbances = Registry(get_db_name())["crm.interaction.queue"]._take, []

        def take_then_disturb(queue, limit):
            taken = take(queue, limit)
            if not disturbances:
                disturbances.append(True)
                with self.transaction(commit=True) as env:
                    self.disturb(env, 6)
            return taken

        with (
            patch.object(Registry(get_db_name())["crm.interaction.queue"], "_take", take_then_disturb),
            self.transaction(commit=True) as env,
        ):
            self.capture_all(env)
            row = env["crm.interaction"].search([("source_id", "=", self.source_id), ("res_id", "=", self.draft_id)])
            self.assertEqual((row.amount, self.queued(env)), (100, 0))
        self.assertTrue(disturbances)

    # ------------------------------------------------------------------ snapshots that are older than what they meet

    def new_lead(self, env):
        """A lead of the first customer, in the timeline."""
        values = {"name": "Concurrent lead", "partner_id": self.customer_id, "user_id": False}
        lead = self.make(env, "crm.lead", values)
        env.flush_all()
        env.cr.flush()
        return lead.id

    def customers_shown(self, env, code, record_ids):
        """Of whom the timeline says these records of a source are."""
        rows = env["crm.interaction"].search(
            [("source_id", "=", env.ref(f"crm_plus.source_{code}").id), ("res_id", "in", record_ids)]
        )
        return rows.partner_id.ids

    def begin(self, env):
        """From here on the transaction sees nothing of what others commit."""
        env.cr.execute("SELECT 1 FROM crm_lead LIMIT 1")

    def load(self, env, code):
        """Read the history of a source again."""
        source = env.ref(f"crm_plus.source_{code}")
        source._backfill_next(source)
        env.flush_all()

    def restart(self, code):
        with self.transaction(commit=True) as env:
            env.ref(f"crm_plus.source_{code}")._restart_backfill()

    def test_a_lead_that_gets_another_customer_while_its_history_is_loaded(self):
        """The loading transaction still sees the customer of before, whose interaction is gone already."""
        with self.transaction(commit=True) as env:
            lead_id = self.new_lead(env)
        self.restart("lead_created")
        with self.transaction() as loading:
            self.begin(loading)
            with self.transaction(commit=True) as env:
                env["crm.lead"].browse(lead_id).partner_id = self.partner_ids[1]
            self.load(loading, "lead_created")
            loading.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual(self.customers_shown(env, "lead_created", [lead_id]), [self.partner_ids[1]])
            self.assertFalse(env["crm.interaction.queue"].search_count([("last_id", "!=", False)]))

    def test_an_order_that_is_cancelled_while_its_history_is_loaded(self):
        with self.transaction(commit=True) as env:
            self.confirm(env)
        self.restart("order")
        with self.transaction() as loading:
            self.begin(loading)
            with self.transaction(commit=True) as env:
                env["sale.order"].browse(self.draft_id)._action_cancel()
            self.load(loading, "order")
            loading.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual(self.captured(env), 0)

    def test_an_order_cancelled_by_who_cannot_see_that_its_history_was_loaded(self):
        with self.transaction(commit=True) as env:
            self.confirm(env)
            env.flush_all()
            env.cr.flush()
            self.forget_interaction(env, self.draft_id)
        self.restart("order")
        with self.transaction() as canceling:
            self.begin(canceling)
            with self.transaction(commit=True) as env:
                self.load(env, "order")
            with self.transaction(commit=True) as env:
                self.capture_all(env)
                self.assertEqual(self.captured(env), 1)
            canceling["sale.order"].browse(self.draft_id)._action_cancel()
            canceling.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual(self.captured(env), 0)
            self.assertFalse(env["crm.interaction.queue"].search_count([("last_id", "!=", False)]))

    def test_an_activity_that_is_done_while_its_lead_gets_another_customer(self):
        """Neither of the two transactions sees the other, and nothing that both write tells them."""
        with self.transaction(commit=True) as env:
            lead_id = self.new_lead(env)
            call = "mail.mail_activity_data_call"
            activity_id = env["crm.lead"].browse(lead_id).activity_schedule(call, user_id=SUPERUSER_ID).id
        with self.transaction() as working:
            self.begin(working)
            with self.transaction(commit=True) as env:
                env["crm.lead"].browse(lead_id).partner_id = self.partner_ids[1]
            working["mail.activity"].browse(activity_id).action_feedback(feedback="Fine")
            working.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual(self.customers_shown(env, "activity", [activity_id]), [self.partner_ids[1]])
            about = [("document_model", "=", "crm.lead"), ("res_id", "=", lead_id)]
            self.assertFalse(env["crm.interaction.queue"].search_count(about))

    def test_who_makes_a_lead_queues_nothing(self):
        with self.transaction(commit=True) as env:
            env["crm.interaction.queue"].search([]).unlink()
        with self.transaction(commit=True) as env:
            lead_id = self.new_lead(env)
            env["crm.lead"].browse(lead_id).name = "Renamed"
            env.flush_all()
            env.cr.flush()
            self.assertFalse(env["crm.interaction.queue"].search([]))

    def test_a_meeting_about_an_order_follows_who_is_responsible_for_it(self):
        """It opens the meeting, so that nothing in the timeline names the order."""
        with self.transaction(commit=True) as env:
            seller = new_test_user(env, f"concurrent_{self.company_id}", "sales_team.group_sale_salesman")
            self.made.setdefault("res.users", []).append(seller.id)
            times = {"start": "2024-05-02 10:00:00", "stop": "2024-05-02 11:00:00"}
            about = {"res_model_id": env["ir.model"]._get_id("sale.order"), "res_id": self.draft_id}
            event = self.make(env, "calendar.event", {"name": "Visit", "partner_ids": [(5,)], **times, **about})
        with self.transaction(commit=True) as env:
            source = env.ref("crm_plus.source_meeting_document")
            row = env["crm.interaction"].search([("source_id", "=", source.id), ("res_id", "=", event.id)])
            self.assertEqual(row.partner_id.id, self.customer_id)
            env["sale.order"].browse(self.draft_id).write({"user_id": seller.id, "partner_id": self.partner_ids[1]})
        with self.transaction(commit=True) as env:
            self.capture_all(env)
            self.assertEqual(self.customers_shown(env, "meeting_document", [event.id]), [self.partner_ids[1]])
            row = env["crm.interaction"].search([("source_id", "=", source.id), ("res_id", "=", event.id)])
            self.assertEqual(row.document_user_id.id, seller.id)
