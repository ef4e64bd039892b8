"""A day stays a day, and what is still to come is no history."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .common import TimelineCase

ZONES = ("Pacific/Auckland", "Pacific/Kiritimati", "Asia/Tehran", "UTC", "America/Los_Angeles", "Pacific/Honolulu")


class TestDays(TimelineCase):
    def timeline(self, zone=None, scope=None, **filters):
        rows = self.env["crm.interaction"].with_user(self.seller).with_context(tz=zone)
        return rows.timeline_page(scope or {"partner_id": self.customer.id}, filters)["rows"]

    def test_a_day_is_the_same_day_for_every_reader(self):
        fair = self.env["calendar.event"].create(
            {
                "name": "Fair",
                "allday": True,
                "start_date": "2026-11-08",
                "stop_date": "2026-11-08",
                "start": "2026-11-08",
                "stop": "2026-11-08",
                "partner_ids": [Command.set(self.customer.ids)],
            }
        )
        self.assertRecordValues(
            self.of(fair.attendee_ids, "meeting"),
            [{"day": fields.Date.to_date("2026-11-08"), "date": datetime(2026, 11, 8, 10)}],
        )
        for zone in ZONES:
            with self.subTest(zone):
                [row] = self.timeline(zone)
                self.assertEqual(row["day"], "2026-11-08")
                for day, found in (("2026-11-07", 0), ("2026-11-08", 1), ("2026-11-09", 0)):
                    self.assertEqual(len(self.timeline(zone, date_from=day, date_to=day)), found, day)
                summary = self.env["crm.interaction"].with_user(self.seller).with_context(tz=zone)
                weeks = summary.timeline_summary({"partner_id": self.customer.id})["weeks"]
                self.assertEqual([week["start"] for week in weeks if week["count"]], ["2026-11-02"])

    def test_a_moment_is_of_the_day_of_its_reader(self):
        self.log(partner_id=self.customer.id, date="2026-11-08 12:00:00")
        for zone, day in (("Pacific/Auckland", "2026-11-09"), ("Pacific/Honolulu", "2026-11-08")):
            [row] = self.timeline(zone, date_from=day, date_to=day)
            self.assertFalse(row["day"])

    def test_a_day_that_has_begun_is_not_later_than_now(self):
        today = fields.Date.today()
        [result] = self.env["crm.interaction"].ingest(
            [{"external_ref": "day", "partner_id": self.customer.id, "channel": "visit", "date": today.isoformat()}]
        )
        row = self.env["crm.interaction"].browse(result["id"])
        self.assertEqual((row.day, row.date), (today, datetime(today.year, today.month, today.day, 10)))
        self.assertLessEqual(self.customer.last_interaction_date, fields.Datetime.now())
        self.assertEqual((self.customer.silence_days, self.customer.interaction_count), (0, 1))
        self.assertTrue(self.env["res.partner"].search([("id", "=", self.customer.id), ("silence_days", "=", 0)]))
        [again] = self.env["crm.interaction"].ingest(
            [{"external_ref": "day", "partner_id": self.customer.id, "channel": "visit", "date": today.isoformat()}]
        )
        self.assertEqual(again["status"], "unchanged")

    def test_nobody_sets_the_day_of_an_entry(self):
        entry = self.log(partner_id=self.customer.id, user_id=self.seller.id)
        with self.assertRaisesRegex(AccessError, "read-only"):
            entry.with_user(self.seller).day = "2026-01-01"

    def test_a_message_dated_ahead_counts_from_the_day_it_was_received(self):
        lead = self.new_lead(partner_id=self.customer.id)
        values = {"model": "crm.lead", "res_id": lead.id, "message_type": "email", "author_id": self.customer.id}
        ahead, past = self.env["mail.message"].create(
            [{**values, "subject": day, "date": f"{day} 10:00:00"} for day in ("2037-05-05", "2024-05-05")]
        )
        self.assertRecordValues(self.of(past, "email_in"), [{"date": past.date}])
        self.assertRecordValues(self.of(ahead, "email_in"), [{"date": ahead.create_date}])


class TestPlanned(TimelineCase):
    def meeting(self, days, **values):
        start = fields.Datetime.now() + timedelta(days=days)
        return self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": self.seller.id,
                "partner_ids": [Command.set(self.customer.ids)],
            }
            | values
        )

    def planned(self, user=None, scope=None):
        rows = self.env["crm.interaction"].with_user(user or self.seller)
        return rows.timeline_planned(scope or {"partner_id": self.customer.id})

    def queued(self, source):
        return self.env["crm.interaction.queue"].search([("source_id", "=", source.id)])

    def test_what_is_still_to_come_is_no_history_until_it_has_come(self):
        self.env["crm.interaction.queue"].search([]).unlink()
        meeting = self.meeting(30)
        self.assertFalse(self.of(meeting.attendee_ids, "meeting"))
        self.assertFalse(self.customer.last_interaction_date)
        self.assertEqual(self.customer.interaction_count, 0)
        self.assertEqual(self.queued(self.source("meeting")).mapped("date"), [meeting.start])
        self.assertEqual(self.source("meeting").pending_count, 0)
        self.assertEqual(self.reconcile("meeting"), {})
        self.assertEqual([row["name"] for row in self.planned()["rows"]], ["Visit"])
        # held today instead
        start = fields.Datetime.now() - timedelta(hours=2)
        meeting.write({"start": start, "stop": start + timedelta(hours=1)})
        self.assertEqual(self.of(meeting.attendee_ids, "meeting").date, start)
        self.assertEqual(self.planned()["rows"], [])
        # and put off again
        meeting.write({"start": start + timedelta(days=9), "stop": start + timedelta(days=9, hours=1)})
        self.assertFalse(self.of(meeting.attendee_ids, "meeting"))

    def test_it_is_captured_when_it_has_come(self):
        meeting = self.meeting(30)
        self.commit()
        # time passes: for the database as for the record
        past = meeting.start - timedelta(days=31)
        self.env.flush_all()
        self.env.execute_query(SQL("UPDATE calendar_event SET start = %s WHERE id = %s RETURNING 1", past, meeting.id))
        self.env.execute_query(SQL("UPDATE crm_interaction_queue SET date = %s RETURNING 1", past))
        self.env.invalidate_all()
        self.assertFalse(self.of(meeting.attendee_ids, "meeting"))
        self.env["crm.interaction.source"]._capture_queued()
        self.assertEqual(self.of(meeting.attendee_ids, "meeting").date, past)

    def test_a_backfill_reads_what_has_come_and_notes_what_is_to_come(self):
        held, to_come = self.meeting(-3), self.meeting(3)
        self.commit()
        source = self.source("meeting")
        self.env["crm.interaction"].search([("source_id", "=", source.id)]).unlink()
        self.env["crm.interaction.queue"].search([]).unlink()
        source.write({"backfill_done": False, "backfill_next_id": 0, "backfill_total": 0})
        while not source._backfill_step():
            pass
        self.assertEqual(len(self.of(held.attendee_ids, "meeting")), 1)
        self.assertFalse(self.of(to_come.attendee_ids, "meeting"))
        self.assertEqual(
            self.queued(source).filtered(lambda row: row.res_id in to_come.attendee_ids.ids).date, to_come.start
        )

    def test_a_weekly_meeting_without_end_does_not_bury_the_history(self):
        call = self.log(partner_id=self.customer.id, date=fields.Datetime.now() - timedelta(hours=2))
        start = fields.Datetime.context_timestamp(self.env.user, fields.Datetime.now() - timedelta(days=15))
        self.meeting(
            -15, recurrency=True, rrule_type="weekly", interval=1, end_type="forever",
            **{start.strftime("%a").lower(): True},
        )  # fmt: skip
        self.commit()
        page = self.env["crm.interaction"].with_user(self.seller).timeline_page({"partner_id": self.customer.id})
        self.assertEqual(page["rows"][0]["id"], call.id)
        self.assertEqual(len(page["rows"]), 4)
        self.assertEqual(self.customer.interaction_count, 4)
        planned = self.planned()
        self.assertEqual(len(planned["rows"]), 5)
        self.assertGreater(planned["more"], 40)

    def test_what_is_planned_comes_soonest_first_with_open_activities(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        self.meeting(5, name="Later")
        self.meeting(1, name="Sooner", opportunity_id=lead.id)
        today = fields.Date.today()
        for days, about in ((3, self.customer), (-2, lead)):
            about.activity_schedule(
                "mail.mail_activity_data_todo", today + timedelta(days=days), summary=f"Due {days}",
                user_id=self.seller.id,
            )  # fmt: skip
        rows = self.planned()["rows"]
        self.assertEqual([row["name"] for row in rows], ["Due -2", "Sooner", "Due 3", "Later"])
        self.assertEqual([row["is_late"] for row in rows], [True, False, False, False])
        self.assertEqual(
            [row["name"] for row in self.planned(scope={"lead_id": lead.id})["rows"]], ["Due -2", "Sooner"]
        )

    def test_what_is_planned_is_read_with_the_rights_of_the_reader(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.other_seller.id)
        lead.activity_schedule("mail.mail_activity_data_todo", summary="Secret step", user_id=self.other_seller.id)
        self.meeting(2, name="Secret talk", privacy="private")
        self.assertNotIn("Secret step", repr(self.planned()))
        self.assertIn("Secret talk", repr(self.planned()), "who is in a private meeting reads its title")
        others = self.planned(self.other_seller)
        self.assertNotIn("Secret talk", repr(others))
        self.assertEqual([row["is_private"] for row in others["rows"]], [False, True])
        self.assertIn("Secret step", repr(others))
        for user in (self._new_user("clerk", "base.group_user"), self._new_user("portal", "base.group_portal")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.planned(user)

    def test_wrong_scopes_are_answered_in_words(self):
        for scope in (None, [], {}, "x", {"partner_id": "x"}, {"lead_id": 2**40}):
            with self.subTest(scope), self.assertRaises(UserError):
                self.planned(scope=scope or {"x": 1})

    def test_orders_dated_ahead_are_no_history_either(self):
        ahead = fields.Datetime.now() + timedelta(days=400)
        order = self.new_order()
        order.action_confirm()
        self.assertEqual(len(self.of(order, "order")), 1)
        order.date_order = ahead
        self.assertFalse(self.of(order, "order"))

    def test_a_clock_that_is_a_little_ahead_is_now(self):
        with freeze_time(datetime.now() + timedelta(minutes=2)):
            order = self.new_order(state="sale", date_order=fields.Datetime.now())
        self.assertEqual(len(self.of(order, "order")), 1)
