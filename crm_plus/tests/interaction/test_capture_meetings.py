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
