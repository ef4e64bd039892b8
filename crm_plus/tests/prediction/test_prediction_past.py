from datetime import datetime, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...services.prediction.stage import DAYS, STAGE
from ...services.prediction.training import LeadRecord
from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestPast(PredictionCase):
    """A closed lead is read as it was at the age at which it is seen, where that is known."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.begin = datetime.now().replace(microsecond=0) - timedelta(days=300)
        cls.lead = cls.leads.closed(1, start=cls.begin, days=100, date_last_stage_update=cls.begin)
        cls.env["crm.score.feature"]._find()

    def said(self, *names, age=30):
        """What the lead is read as at an age."""
        readings = [found._reading() for found in self.env["crm.score.feature"].search([("name", "in", names)])]
        record = LeadRecord(self.company)
        known = record.known(scope=SQL("l.id = ANY(%s)", self.lead.ids))
        known = type(known)(known.ids, known.created_on, known.known_on, known.won, (age,), known.stands_for)
        found = record.columns(readings, known, [0])
        values = [found[name][0] for name in names]
        return values[0] if len(values) == 1 else values

    def changed(self, name, old, *, day):
        """Have the host know that the field had another value until a day of the lead's life."""
        message = self.env["mail.message"].create({"model": "crm.lead", "res_id": self.lead.id, "body": "changed"})
        message.date = self.begin + timedelta(days=day)
        field = self.env["ir.model.fields"]._get("crm.lead", name)
        self.env["mail.tracking.value"].create({"field_id": field.id, "mail_message_id": message.id, **old})
        self.env.flush_all()

    def test_a_tracked_field_says_what_it_said_then(self):
        self.lead.write({"email_from": "late@example.com", "expected_revenue": 900})
        self.changed("email_from", {"old_value_char": ""}, day=60)
        self.changed("expected_revenue", {"old_value_float": 50}, day=50)
        self.changed("expected_revenue", {"old_value_float": 100}, day=70)
        self.assertEqual(self.said("email_from", "expected_revenue"), [False, 50])
        self.assertEqual(self.said("email_from", "expected_revenue", age=60), [True, 100])
        self.assertEqual(self.said("email_from", "expected_revenue", age=90), [True, 900])

    def test_a_lead_that_is_seen_several_times_is_read_as_of_each_age(self):
        self.lead.write({"expected_revenue": 900})
        self.changed("expected_revenue", {"old_value_float": 50}, day=20)
        reading = self.env["crm.score.feature"].search([("name", "=", "expected_revenue")])._reading()
        record = LeadRecord(self.company)
        every = record.known(scope=SQL("l.id = ANY(%s)", self.lead.ids)).every()
        self.assertEqual(len(set(every.seen_at)), len(every.ids))
        self.assertLess({1, 30}, set(every.seen_at))
        places = list(range(len(every.ids)))[::-1]
        found = record.columns([reading], every, places)["expected_revenue"]
        for place, revenue in zip(places, found, strict=True):
            self.assertEqual(revenue, 50 if every.seen_at[place] < 20 else 900)

    def test_the_host_tracks_what_is_read(self):
        """An own change of today, as the host notes it: all landmarks are before it."""
        lead = self.lead.with_context(tracking_disable=False, mail_notrack=False)
        lead.write({"phone": "+32 2 555 11 22"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertIs(self.said("phone"), False)

    def test_without_a_contact_then_nothing_is_known_of_one(self):
        customer = self.env["res.partner"].create({"name": "Found late", "lang": "en_US"})
        self.env.cr.execute("UPDATE res_partner SET create_date = '2000-01-01' WHERE id = %s", [customer.id])
        self.env.cr.execute("UPDATE crm_lead SET partner_id = %s WHERE id = %s", [customer.id, self.lead.id])
        self.env.invalidate_all()
        names = ("partner_id.lang", "customer.orders", "customer.days_since_order")
        lang, orders, _days = self.said(*names)
        self.assertEqual((lang, orders), ("en_US", 0))
        self.changed("partner_id", {"old_value_integer": 0}, day=60)
        lang, orders, _days = self.said(*names)
        self.assertEqual((lang, orders), (None, 0))

    def test_stage_and_time_in_stage_are_those_of_then(self):
        first, won = self.leads.first_stage, self.leads.won_stage
        middle = self.env["crm.stage"].create({"name": "Talking", "sequence": first.sequence + 1})
        self.lead.stage_id = won
        self.changed("stage_id", {"old_value_integer": first.id}, day=20)
        self.changed("stage_id", {"old_value_integer": middle.id}, day=90)
        self.env.cr.execute(
            "UPDATE crm_lead SET date_last_stage_update = %s WHERE id = %s",
            [self.begin + timedelta(days=90), self.lead.id],
        )
        self.assertEqual(self.said(STAGE, DAYS, age=7), [first.id, 7])
        self.assertEqual(self.said(STAGE, DAYS, age=30), [middle.id, 10])

    def test_a_stage_that_nobody_noted_is_unknown(self):
        self.env.cr.execute(
            "UPDATE crm_lead SET stage_id = %s, date_last_stage_update = %s WHERE id = %s",
            [self.leads.first_stage.id, self.begin + timedelta(days=100), self.lead.id],
        )
        stage, days = self.said(STAGE, DAYS)
        self.assertIsNone(stage)
        self.assertNotEqual(days, days, "not a number")

    def test_other_fields_are_kept_at_night_when_a_lead_reaches_a_landmark(self):
        lead = self.leads.open(1, created=datetime.now() - timedelta(days=30, hours=3), description="<p>known</p>")
        old = self.leads.open(1, created=datetime.now() - timedelta(days=50))
        landmarks = self.env["crm.lead.landmark"].sudo()
        landmarks._keep()
        landmarks._keep()
        kept = landmarks.search([("lead_id", "in", (lead + old).ids)])
        self.assertEqual((kept.lead_id, kept.age), (lead, 30))
        self.assertIs(kept.said["description"], True)
        self.assertNotIn("email_from", kept.said, "the host keeps that")

    def test_a_closed_lead_is_read_by_what_was_kept(self):
        self.env.cr.execute("UPDATE crm_lead SET description = '<p>in the end</p>' WHERE id = %s", [self.lead.id])
        self.env["crm.lead.landmark"].sudo().create(
            {"lead_id": self.lead.id, "age": 30, "said": {"description": False, "source_id": 7}}
        )
        self.env.flush_all()
        self.assertEqual(self.said("description", "source_id"), [False, 7])
        self.assertIs(self.said("description", age=60), True)

    def test_what_was_kept_goes_with_the_lead(self):
        landmark = (
            self.env["crm.lead.landmark"]
            .sudo()
            .create({"lead_id": self.lead.id, "age": 0, "said": {"description": True}})
        )
        self.lead.unlink()
        self.assertFalse(landmark.exists())
