from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestCaptureMeetings(TimelineCase):
    def setUp(self):
        super().setUp()
        self.event = self.env["calendar.event"].create(
            {
                "name": "Fitting of the lamps",
                "start": "2024-05-02 10:00:00",
                "stop": "2024-05-02 11:30:00",
                "user_id": self.seller.id,
                "partner_ids": [(6, 0, [self.seller.partner_id.id, self.customer.id, self.colleague.id])],
            }
        )

    def rows(self):
        self.commit()
        return self.env["crm.interaction"].search(
            [("source_id.code", "=", "meeting"), ("document_id", "=", self.event.id)], order="partner_id"
        )

    def test_a_meeting_is_in_the_timeline_of_each_external_attendee(self):
        rows = self.rows()
        self.assertEqual(rows.partner_id, self.customer | self.colleague)
        self.assertEqual(set(rows.mapped("name")), {"Fitting of the lamps"})
        self.assertEqual(set(rows.mapped("duration")), {1.5})
        self.assertEqual(rows.user_id, self.seller)
        self.assertEqual(set(rows.mapped("document_model")), {"calendar.event"})

    def test_a_moved_meeting_moves(self):
        self.rows()
        self.event.write({"start": "2024-06-03 08:00:00", "stop": "2024-06-03 09:00:00", "name": "Second fitting"})
        rows = self.rows()
        self.assertEqual(len(rows), 2)
        self.assertEqual({str(date) for date in rows.mapped("date")}, {"2024-06-03 08:00:00"})
        self.assertEqual(set(rows.mapped("name")), {"Second fitting"})

    def test_a_cancelled_meeting_leaves(self):
        self.assertEqual(len(self.rows()), 2)
        self.event.action_archive()
        self.assertFalse(self.rows())

    def test_a_deleted_meeting_leaves(self):
        self.assertEqual(len(self.rows()), 2)
        self.event.unlink()
        self.assertFalse(self.rows())

    def test_who_declines_did_not_meet(self):
        self.rows()
        attendee = self.event.attendee_ids.filtered(lambda a: a.partner_id == self.colleague)
        attendee.do_decline()
        self.assertEqual(self.rows().partner_id, self.customer)
        attendee.do_accept()
        self.assertEqual(self.rows().partner_id, self.customer | self.colleague)

    def test_a_removed_attendee_leaves(self):
        self.rows()
        self.event.write({"partner_ids": [(3, self.colleague.id)]})
        self.assertEqual(self.rows().partner_id, self.customer)

    def test_a_private_meeting_is_masked(self):
        self.rows()
        self.event.with_user(self.seller).write({"privacy": "private"})
        rows = self.rows()
        self.assertEqual(len(rows), 2)
        self.assertEqual(set(rows.mapped("name")), {False})
        self.assertEqual(set(rows.mapped("is_private")), {True})

    def test_a_meeting_in_a_private_calendar_is_masked(self):
        self.seller.res_users_settings_id.calendar_default_privacy = "private"
        self.event.with_user(self.seller).write({"privacy": False, "name": "Doctor"})
        rows = self.rows()
        self.assertEqual(set(rows.mapped("name")), {False})

    def test_an_invitation_to_a_private_meeting_says_nothing_either(self):
        public = self.event.message_post(
            body="x", subject="Invitation: fitting", message_type="email", author_id=self.customer.id
        )
        self.assertEqual(self.of(public, "email_in").name, "Invitation: fitting")
        self.event.with_user(self.seller).write({"privacy": "private"})
        self.assertFalse(self.of(public, "email_in"))
        later = self.event.message_post(
            body="x", subject="Invitation: doctor", message_type="email", author_id=self.customer.id
        )
        self.assertFalse(self.of(later, "email_in"))


@tagged("post_install", "-at_install")
class TestMeetingsAboutADocument(TimelineCase):
    """A meeting belongs to the document it is about, whoever was invited, as activities do."""

    def meeting(self, name="Visit", document=None, **values):
        if document:
            values |= {"res_model_id": self.env["ir.model"]._get_id(document._name), "res_id": document.id}
        values.setdefault("partner_ids", [(6, 0, self.seller.partner_id.ids)])
        start = datetime.now().replace(microsecond=0) - timedelta(days=2)
        times = {"start": start, "stop": start + timedelta(hours=1)}
        return self.env["calendar.event"].create({"name": name, "user_id": self.seller.id, **times, **values})

    def rows(self, **scope):
        self.commit()
        return self.env["crm.interaction"].timeline_page(scope)["rows"]

    def test_a_meeting_on_a_lead_without_a_contact_is_on_the_lead(self):
        lead = self.new_lead(user_id=self.seller.id, email_from="ida@nordby.example")
        event = self.meeting(opportunity_id=lead.id)
        row = self.of(event, "meeting_document")
        self.assertEqual((row.lead_id, row.partner_id.id, row.document_user_id), (lead, False, self.seller))
        self.assertIn("Visit", [found["name"] for found in self.rows(lead_id=lead.id)])
        lead.partner_id = self.customer
        self.assertEqual(self.of(event, "meeting_document").partner_id, self.customer)
        event.action_archive()
        self.assertFalse(self.of(event, "meeting_document"))

    def test_a_meeting_tied_by_its_document_alone_is_on_it(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        order = self.new_order(user_id=self.seller.id)
        for document, lead_of in ((lead, lead), (order, self.env["crm.lead"]), (self.customer, self.env["crm.lead"])):
            row = self.of(self.meeting(document=document), "meeting_document")
            self.assertEqual((row.partner_id, row.lead_id), (self.customer, lead_of), document)
        self.assertEqual(row.document_user_id.id, False)

    def test_invited_or_not_it_is_one_meeting_with_the_customer(self):
        lead = self.new_lead(partner_id=self.company.id, user_id=self.seller.id)
        outsider = self.env["res.partner"].create({"name": "Olaf", "email": "olaf@outside.example"})
        for guests in (self.company, self.customer, outsider, outsider | self.customer):
            event = self.meeting(document=lead, opportunity_id=lead.id, partner_ids=[(6, 0, guests.ids)])
            for scope in ({"lead_id": lead.id}, {"partner_id": self.company.id}):
                names = [row["name"] for row in self.rows(**scope) if row["document"]["id"] == event.id]
                self.assertEqual(len(names), 1, (guests.mapped("name"), scope))
            row = next(row for row in self.rows(lead_id=lead.id) if row["document"]["id"] == event.id)
            self.assertNotEqual(row["partner"][0], outsider.id, "the lead's customer comes first")
            self.assertEqual(row["document"]["model"], "calendar.event")
            event.unlink()

    def test_it_counts_once_in_the_score(self):
        lead = self.new_lead(partner_id=self.company.id, user_id=self.seller.id)
        alone = self.new_lead(user_id=self.seller.id)
        outsider = self.env["res.partner"].create({"name": "Olaf", "email": "olaf@outside.example"})
        self.env["crm.score.rule"].search([]).unlink()
        channel = self.env.ref("crm_plus.channel_meeting")
        rule = {"name": "Met", "kind": "engagement", "points": 7, "state": "active", "channel_ids": channel.ids}
        self.env["crm.score.rule"].create(rule)
        self.meeting(opportunity_id=alone.id)
        self.meeting(document=lead, opportunity_id=lead.id, partner_ids=[(6, 0, (self.customer | outsider).ids)])
        self.commit()
        self.env["crm.lead.score"]._refresh_queued()
        counts = []
        for one in (lead, alone):
            lines = one.explain_score()["engagement"]["lines"]
            counts += [(line["count"], len(line["events"])) for line in lines if line["name"] == "Met"]
        self.assertEqual(counts, [(1, 1), (1, 1)])

    def test_who_joins_or_leaves_later_changes_whose_entry_it_is(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        event = self.meeting(document=lead, opportunity_id=lead.id)
        self.assertEqual(self.of(event, "meeting_document").partner_id, self.customer)
        # in another transaction
        self.env.cr.execute("UPDATE calendar_event SET write_date = '2020-01-01' WHERE id = %s", [event.id])
        self.env.invalidate_all()
        event.partner_ids |= self.customer
        self.assertFalse(self.of(event, "meeting_document"))
        self.assertTrue(self.of(event.attendee_ids, "meeting"))
        self.env.cr.execute("UPDATE calendar_event SET write_date = '2020-01-01' WHERE id = %s", [event.id])
        self.env.invalidate_all()
        event.partner_ids -= self.customer
        self.assertEqual(self.of(event, "meeting_document").partner_id, self.customer)

    def test_a_private_one_is_masked(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        row = self.of(self.meeting(opportunity_id=lead.id, privacy="private"), "meeting_document")
        self.assertEqual((row.name, row.is_private), (False, True))

    def test_an_activity_with_a_meeting_is_that_meeting(self):
        lead = self.new_lead(user_id=self.seller.id)
        event = self.meeting(document=lead, opportunity_id=lead.id)
        activity = lead.activity_schedule("mail.mail_activity_data_meeting", user_id=self.seller.id)
        activity.calendar_event_id = event
        activity.action_feedback("was good")
        self.assertEqual([row["name"] for row in self.rows(lead_id=lead.id) if row["event"] == "Meeting"], ["Visit"])

    def test_a_meeting_about_nobody_is_no_interaction(self):
        self.assertFalse(self.of(self.meeting(), "meeting_document"))
        self.assertFalse(self.of(self.meeting(document=self.seller), "meeting_document"))

    def test_reconciliation_agrees(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        self.meeting(document=lead, opportunity_id=lead.id)
        self.meeting(document=lead, opportunity_id=lead.id, partner_ids=[(6, 0, self.customer.ids)])
        self.assertEqual(self.reconcile("meeting", "meeting_document"), {})
