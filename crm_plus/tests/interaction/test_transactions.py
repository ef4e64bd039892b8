"""What is committed is in the timeline, what is rolled back is not: with real transactions."""

import contextlib
import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.addons.crm_plus.services.interaction.capture import notes, session
from odoo.addons.crm_plus.services.interaction.capture.upkeep import Upkeep
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from .common import TimelineCase

CAPTURE_LOG = "odoo.addons.crm_plus.services.interaction.capture.upkeep"


@tagged("post_install", "-at_install")
class TestSavepoints(TimelineCase):
    def test_what_a_savepoint_rolls_back_is_not_in_the_timeline(self):
        order = self.new_order()
        self.commit()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            order.action_confirm()
            self.assertTrue(self.of(order, "order"))
            raise ZeroDivisionError
        self.assertEqual(order.state, "draft")
        self.assertFalse(self.of(order, "order"))

    def test_what_was_done_before_a_failed_savepoint_stays(self):
        order = self.new_order()
        order.action_confirm()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            order._action_cancel()
            raise ZeroDivisionError
        self.assertEqual(len(self.of(order, "order")), 1)

    def test_a_record_that_never_reached_the_database_is_not_in_the_timeline(self):
        before = self.env["crm.interaction"].search_count([])
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.new_order().action_confirm()
            raise ZeroDivisionError
        self.commit()
        self.assertEqual(self.env["crm.interaction"].search_count([]), before)


@tagged("post_install", "-at_install")
class TestCost(TimelineCase):
    def test_the_capture_of_an_order_is_one_round_trip(self):
        for _warm_up in range(2):  # statements are prepared once per connection
            order = self.new_order()
            order.action_confirm()
            self.commit()
        older = self.new_order()
        self.commit()
        self.env.cr.precommit.data.clear()  # a transaction later
        for change, statements in (
            # once it is looked whether the draft was canceled before
            (lambda: older.write({"state": "sale"}), 2),
            (lambda: older.write({"amount_total": 7}), 1),
            (lambda: self.new_order(state="sale"), 1),
        ):
            change()
            self.env.flush_all()
            with self.assertQueryCount(statements, flush=False):
                self.env.cr.flush()
        self.assertEqual(len(self.of(older, "order")), 1)

    def test_the_capture_of_a_hundred_orders_is_one_round_trip(self):
        orders = self.env["sale.order"].create([{"partner_id": self.customer.id} for _number in range(100)])
        self.commit()
        orders.write({"state": "sale"})
        self.env.flush_all()
        with patch.object(session, "run_captures", side_effect=session.run_captures) as run:
            self.commit()
        self.assertEqual(run.call_count, 1)
        self.assertEqual(len(self.of(orders, "order")), 100)

    def test_a_confirmed_order_is_captured_as_such_and_not_looked_for_as_canceled(self):
        self.new_order().action_confirm()
        order = self.new_order()
        self.commit()
        with patch.object(session, "run_captures", side_effect=session.run_captures) as run:
            order.action_confirm()
            self.commit()
        [(_cr, captures)] = [call.args for call in run.call_args_list]
        self.assertEqual([ids for _statements, ids in captures], [order.ids])
        self.assertEqual(len(self.of(order, "order")), 1)

    def test_within_a_minute_a_save_is_one_round_trip(self):
        self.env["ir.config_parameter"].set_param("crm_plus.capture", "minute")
        order = self.new_order()
        self.commit()
        self.env["ir.config_parameter"].get_param("crm_plus.capture")
        order.write({"state": "sale"})
        self.env.flush_all()
        with self.assertQueryCount(1, flush=False):
            self.env.cr.precommit.run()
        self.assertIn(order.id, self.env["crm.interaction.queue"].search([]).mapped("res_id"))

    def test_an_order_that_is_canceled_and_confirmed_again_is_one_thing_at_a_time(self):
        order = self.new_order()
        order.action_confirm()
        codes = ("order", "order_canceled", "quotation_canceled")
        for change, expected in (
            (lambda: None, (1, 0, 0)),
            (order._action_cancel, (0, 1, 0)),
            (order.action_draft, (0, 0, 0)),
            (order._action_cancel, (0, 0, 1)),
            (order.action_draft, (0, 0, 0)),
            (order.action_confirm, (1, 0, 0)),
            # by a path that leaves the cache as it was
            (lambda: order._write({"state": "cancel"}), (0, 0, 1)),
            (lambda: order._write({"state": "sale"}), (1, 0, 0)),
        ):
            change()
            self.assertEqual(tuple(len(self.of(order, code)) for code in codes), expected)

    def test_nothing_is_looked_up_for_a_new_lead_about_which_nothing_was_logged(self):
        with patch.object(Upkeep, "dependents", side_effect=AssertionError("looked up")):
            lead = self.env["crm.lead"].create({"name": "New", "partner_id": self.customer.id})
            lead.user_id = False
            self.commit()
        self.assertEqual(len(self.of(lead, "lead_created")), 1)

    def test_what_is_logged_about_a_new_lead_follows_it_in_the_same_transaction(self):
        lead = self.env["crm.lead"].create({"name": "New", "user_id": False})
        values = {"lead_id": lead.id, "channel_id": self.env.ref("crm_plus.channel_phone").id, "name": "Call"}
        source = self.env["crm.interaction.source"].search([("kind", "=", "manual")], limit=1)
        call = self.env["crm.interaction"].create({**values, "source_id": source.id, "date": fields.Datetime.now()})
        lead.write({"user_id": self.env.user.id, "partner_id": self.customer.id})
        self.commit()
        self.env.invalidate_all()
        self.assertEqual((call.partner_id, call.document_user_id), (self.customer, self.env.user))

    def test_a_model_without_source_is_not_noted(self):
        self.commit()
        self.env["res.country"].create({"name": "Lampland", "code": "L9"})
        self.env.flush_all()
        self.assertNotIn(notes.NOTES, self.env.cr.precommit.data)


@tagged("post_install", "-at_install")
class TestRealTransactions(BaseCase):
    """On committed data, which each test removes."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.cursor() as env:
            self.partner_id = env["res.partner"].create({"name": "Committed", "email": "committed@x.example"}).id
        self.addCleanup(self._clean)

    def cursor(self):
        return _Transaction(self.registry)

    def _clean(self):
        with self.cursor() as env:
            partner = env["res.partner"].browse(self.partner_id)
            orders = env["sale.order"].search([("partner_id", "=", partner.id)])
            orders.write({"state": "cancel"})
            orders.unlink()
            env["calendar.event"].search([("partner_ids", "in", partner.ids)]).unlink()
            env["crm.interaction.queue"].search([]).unlink()
            env["crm.interaction"].search([("partner_id", "=", partner.id)]).unlink()
            partner.unlink()

    def codes(self):
        with self.cursor() as env:
            return [row.source_id.code for row in env["crm.interaction"].search([("partner_id", "=", self.partner_id)])]

    def test_a_committed_order_is_in_the_timeline_and_a_rolled_back_one_is_not(self):
        with self.cursor() as env:
            env["sale.order"].create({"partner_id": self.partner_id, "state": "sale"})
            env.flush_all()
            env.cr.rollback()
        self.assertEqual(self.codes(), [])
        with self.cursor() as env:
            env["sale.order"].create({"partner_id": self.partner_id, "state": "sale"})
        self.assertEqual(self.codes(), ["order"])
        with self.cursor() as env:
            env["sale.order"].search([("partner_id", "=", self.partner_id)]).write({"state": "cancel"})
            env.cr.flush()
            env.cr.rollback()
        self.assertEqual(self.codes(), ["order"])

    def test_each_commit_of_one_cursor_captures_what_it_commits(self):
        with self.cursor() as env:
            for expected in (1, 2, 3):
                env["sale.order"].create({"partner_id": self.partner_id, "state": "sale"})
                env.cr.commit()
                self.assertEqual(len(self.codes()), expected)

    def test_two_transactions_at_once_on_one_customer_are_both_captured(self):
        with self.cursor() as first, self.cursor() as second:
            first["sale.order"].create({"partner_id": self.partner_id, "state": "sale"})
            second["sale.order"].create({"partner_id": self.partner_id, "state": "sale"})
            first.cr.flush()
            second.cr.flush()
        self.assertEqual(self.codes(), ["order", "order"])

    def test_many_users_at_once_on_one_customer(self):
        barrier, errors = threading.Barrier(4), []

        def confirm(order):
            try:
                barrier.wait(10)
                order.state = "sale"
                # the cursor is its own
                order.env.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
            except Exception as error:  # whatever it is, a user would have seen it
                errors.append(error)

        with contextlib.ExitStack() as stack:
            # Made here: the runner of the host holds the lock that new environments need.
            envs = [stack.enter_context(self.cursor()) for _number in range(4)]
            orders = [env["sale.order"].create({"partner_id": self.partner_id}) for env in envs]
            for env in envs:
                env.flush_all()
            threads = [threading.Thread(target=confirm, args=(order,)) for order in orders]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
        self.assertEqual(errors, [])
        self.assertEqual(self.codes(), ["order"] * 4)

    def test_two_transactions_that_capture_the_same_record_do_not_fail(self):
        """The later one cannot see what the earlier one has just captured: its records are captured again."""
        with self.cursor() as env:
            event = env["calendar.event"].create(
                {
                    "name": "Before",
                    "start": "2024-05-02 10:00:00",
                    "stop": "2024-05-02 11:00:00",
                    "partner_ids": [(6, 0, [self.partner_id])],
                }
            )
            attendee = event.attendee_ids
        with self.cursor() as first, self.cursor() as second:
            second["calendar.attendee"].browse(attendee.id).state  # noqa: B018 its snapshot is from now
            first["calendar.event"].browse(event.id).write({"name": "After"})
            first.cr.commit()
            second["calendar.attendee"].browse(attendee.id).write({"state": "accepted"})
            with self.assertNoLogs(CAPTURE_LOG, "WARNING"):
                second.cr.commit()
        self.assertEqual(self.codes(), ["meeting"])
        with self.cursor() as env:
            source = env.ref("crm_plus.source_meeting")
            self.assertEqual((source.state, source.pending_count), ("ready", 1))
            env["crm.interaction.source"]._capture_queued()
            env.invalidate_all()
            self.assertEqual(source.pending_count, 0)
            row = env["crm.interaction"].search([("partner_id", "=", self.partner_id)])
            self.assertEqual(row.name, "After")


class _Transaction:
    """An environment of its own, committed at the end."""

    def __init__(self, registry):
        self.registry = registry

    def __enter__(self):
        self.cr = self.registry.cursor()
        return api.Environment(self.cr, SUPERUSER_ID, {"tracking_disable": True, "no_mail_to_attendees": True})

    def __exit__(self, kind, *_error):
        try:
            if kind is None:
                # the cursor is its own
                self.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        finally:
            self.cr.close()
