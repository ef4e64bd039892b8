"""How soon messages of customers are answered: by hand, and in random conversations beside a plain count."""

from datetime import datetime, timedelta
from random import Random
from unittest.mock import patch

import pytz
from odoo import fields
from odoo.addons.crm_plus.engine.interaction.working_time import clock, worked_between
from odoo.addons.crm_plus.services.interaction.response import Response
from odoo.tests import tagged

from ..customer.common import ProfileCase

# A Friday, 20:00 UTC.
NOW = datetime(2026, 6, 12, 20, 0)
DAYS = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestResponse(ProfileCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(fields.Datetime, "now", lambda: NOW))
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Office", "company_id": cls.company.id, "tz": "UTC"}
        )
        cls.calendar.attendance_ids.unlink()
        cls.calendar.attendance_ids = [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": start, "hour_to": end, "day_period": period})
            for day in range(5)
            for start, end, period in ((8, 12, "morning"), (13, 17, "afternoon"))
        ]
        cls.company.resource_calendar_id = cls.calendar
        cls.ann, cls.bob = (
            cls.env["res.users"].create({"name": name, "login": f"response_{name}", "company_id": cls.company.id,
                                         "company_ids": cls.company.ids})
            for name in ("ann", "bob")
        )  # fmt: skip
        cls.one, cls.two = cls.env["res.partner"].create(
            [{"name": name, "is_company": True, "user_id": cls.ann.id} for name in ("One", "Two")]
        )

    def heard(self, partner, moment, direction="in", channel="email", user=None, **values):
        return self.env["crm.interaction"].create(
            {"partner_id": partner.id, "company_id": self.company.id, "date": moment, "direction": direction,
             "channel_id": self.env.ref(f"crm_plus.channel_{channel}").id, "user_id": (user or self.ann).id,
             "name": "Heard", **values}
        )  # fmt: skip

    def response(self, days=30):
        return Response(self.env, self.company, NOW - days * DAYS)

    def rows(self, days=30):
        return self.env.execute_query_dict(self.response(days).query())

    def test_hours_are_worked_and_those_so_far_count(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.one.id})
        # Friday 16:00, again on Saturday; answered by phone on Monday 9:00: 1 + 1 hours
        self.heard(self.one, datetime(2026, 6, 5, 16))
        self.heard(contact, datetime(2026, 6, 6, 10), channel="chat")
        self.heard(contact, datetime(2026, 6, 8, 9), "out", "phone", self.bob)
        # Friday 15:00, still waiting at 20:00: 2 hours
        self.heard(self.two, datetime(2026, 6, 12, 15), channel="sms")
        [answered, waiting] = sorted(self.rows(), key=lambda row: row["date"])
        self.assertEqual((answered["state"], answered["hours"], answered["user_id"]), ("answered", 2, self.bob.id))
        self.assertEqual((waiting["state"], waiting["hours"], waiting["user_id"]), ("waiting", 2, self.ann.id))
        [total] = self.response().summary()
        self.assertEqual((total["asked"], total["answered"], total["waiting"]), (2, 1, 1))
        self.assertEqual((total["median"], total["worst"]), (2, 2))
        found = {row["key"]: row["asked"] for row in self.response().summary("channel_id")}
        self.assertEqual(found, {self.env.ref(f"crm_plus.channel_{code}").id: 1 for code in ("email", "sms")})
        self.assertEqual({row["key"] for row in self.response().summary("user_id")}, {self.ann.id, self.bob.id})

    def test_a_day_off_is_not_worked(self):
        self.env["resource.calendar.leaves"].create(
            {"name": "Holiday", "company_id": self.company.id, "calendar_id": self.calendar.id,
             "date_from": datetime(2026, 6, 9, 0), "date_to": datetime(2026, 6, 9, 23)}
        )  # fmt: skip
        self.heard(self.one, datetime(2026, 6, 8, 16))
        self.heard(self.one, datetime(2026, 6, 10, 9), "out")
        self.assertEqual(self.rows()[0]["hours"], 2)

    def test_what_is_no_message_and_what_is_no_answer(self):
        self.heard(self.one, NOW - 3 * DAYS, channel="phone")
        self.heard(self.one, NOW - 3 * DAYS, channel="order")
        self.assertFalse(self.rows())
        message = self.heard(self.one, NOW - 2 * DAYS)
        for channel in ("mailing", "automatic", "note"):
            self.heard(self.one, NOW - DAYS, "out", channel)
        self.assertEqual([(row["id"], row["state"]) for row in self.rows()], [(message.id, "waiting")])

    def test_what_nobody_answered_in_a_month_needed_no_answer(self):
        self.heard(self.one, NOW - 50 * DAYS)
        self.heard(self.two, NOW - 50 * DAYS)
        self.heard(self.two, NOW - 2 * DAYS, "out")
        self.assertEqual([(row["state"], row["hours"]) for row in self.rows(60)], [("none", None)] * 2)
        self.assertEqual(self.response(60).summary()[0]["median"], None)
        self.assertEqual(self.response(60).summary()[0]["asked"], 2)

    def test_a_company_sees_its_own_messages(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.heard(self.one, NOW - DAYS, company_id=other.id)
        # of no company: that of whoever is responsible
        own = self.heard(self.two, NOW - DAYS, company_id=False)
        self.assertEqual([row["id"] for row in self.rows()], [own.id])
        found = Response(self.env, other, NOW - 5 * DAYS).summary()
        self.assertEqual(found[0]["asked"], 1)

    def test_without_a_calendar_every_hour_counts(self):
        self.company.resource_calendar_id = False
        self.heard(self.one, datetime(2026, 6, 6, 10))
        self.heard(self.one, datetime(2026, 6, 7, 10), "out")
        self.assertEqual(self.rows()[0]["hours"], 24)

    def test_random_conversations_are_as_counted_one_by_one(self):
        rng, partners = Random(8), self.one | self.two
        for _ in range(120):
            moment = NOW - timedelta(minutes=rng.randrange(1, 25 * 1440))
            self.heard(rng.choice(partners), moment, rng.choice(["in", "out"]))
        start, end = (pytz.utc.localize(moment) for moment in (NOW - 40 * DAYS, NOW))
        columns = clock([
            tuple(moment.astimezone(pytz.utc).replace(tzinfo=None) for moment in interval[:2])
            for interval in self.calendar._work_intervals_batch(start, end)[False]
        ])  # fmt: skip
        expected = {}
        for partner in partners:
            waiting = None
            for event in self.env["crm.interaction"].search([("partner_id", "=", partner.id)], order="date, id"):
                if event.direction == "in":
                    waiting = waiting or event
                elif waiting:
                    expected[waiting.id] = worked_between(columns, waiting.date, event.date)
                    waiting = None
            if waiting:
                expected[waiting.id] = worked_between(columns, waiting.date, NOW)
        found = {row["id"]: row["hours"] for row in self.rows()}
        self.assertEqual(found.keys(), expected.keys())
        for key, hours in expected.items():
            self.assertAlmostEqual(found[key], hours)
