import base64

from markupsafe import Markup
from odoo.exceptions import UserError, ValidationError

from ..access.common import AccessCase


class TestTimelineTexts(AccessCase):
    """What was said is read from the documents, with the rights of whoever unfolds it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.new_lead(cls.ann, "Lead of Ann")
        cls.his = cls.new_lead(cls.bob, "Lead of Bob")

    def rows(self, record, code):
        self.capture()
        return self.env["crm.interaction"].search([("source_id.code", "=", code), ("res_id", "in", record.ids)])

    def mail(self, lead, body, **values):
        message = lead.message_post(body=body, message_type="email", author_id=self.customer.id, **values)
        return self.rows(message, "email_in")

    def preview(self, user, rows):
        return {found["id"]: found for found in self.interactions(user).timeline_previews(rows.ids)}

    def test_a_mail_unfolds_to_its_text(self):
        row = self.mail(self.mine, Markup("<p>Too dear.</p><p>Call <b>me</b>.</p>"), subject="Re: Lamps")
        found = self.preview(self.ann, row)[row.id]
        self.assertEqual((found["preview"], found["more"]), ("Too dear.", True))
        whole = self.interactions(self.ann).timeline_text(row.id)
        self.assertEqual((whole["html"], whole["text"]), ("<p>Too dear.</p><p>Call <b>me</b>.</p>", False))
        self.assertFalse(row.note, "nothing is copied")

    def test_what_is_quoted_is_no_preview_and_scripts_are_gone(self):
        row = self.mail(self.mine, "x")
        message = self.env["mail.message"].browse(row.res_id)
        self.env.cr.execute(
            "UPDATE mail_message SET body = %s WHERE id = %s",
            [
                '<script>alert(1)</script><blockquote data-o-mail-quote="1">Would you?</blockquote>'
                '<p onclick="steal()">Yes</p><a href="javascript:steal()">x</a>',
                message.id,
            ],
        )
        self.env.invalidate_all()
        self.assertEqual(self.preview(self.ann, row)[row.id]["preview"], "Yes")
        html = self.interactions(self.ann).timeline_text(row.id)["html"]
        self.assertIn("Would you?", html)
        for bad in ("script", "onclick", "javascript"):
            self.assertNotIn(bad, html)

    def test_a_call_that_is_done_shows_its_feedback(self):
        activity = self.mine.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id, note="<p>Ask</p>")
        activity.action_feedback(feedback="Wants ten\nby May")
        row = self.rows(activity, "activity")
        self.assertEqual(self.preview(self.ann, row)[row.id]["preview"], "Wants ten")
        self.assertEqual(self.interactions(self.ann).timeline_text(row.id)["text"], "Wants ten\nby May")
        silent = self.mine.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id, note="<p>Ask</p>")
        silent.action_feedback()
        row = self.rows(silent, "activity")
        self.assertEqual(self.preview(self.ann, row)[row.id]["preview"], "Ask")

    def test_a_mail_to_a_customer_shows_its_text_and_its_files(self):
        file = self.env["ir.attachment"].create(
            {"name": "offer.txt", "datas": base64.b64encode(b"1"), "res_model": "crm.lead", "res_id": self.mine.id}
        )
        message = self.mine.message_post(
            body="Our offer", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids,
            attachment_ids=file.ids,
        )  # fmt: skip
        notification = message.notification_ids.filtered(lambda n: n.res_partner_id == self.customer)
        notification.notification_status = "sent"
        row = self.rows(notification, "email_out")
        self.assertEqual(self.preview(self.ann, row)[row.id]["attachments"], 1)
        whole = self.interactions(self.ann).timeline_text(row.id)
        self.assertIn("Our offer", whole["html"])
        self.assertEqual([found["name"] for found in whole["attachments"]], ["offer.txt"])

    def test_nobody_reads_what_its_document_hides(self):
        secret = self.mail(self.his, "Secret words")
        # whoever may see the row need not be allowed to read the message: its lead became a colleague's
        self.env.cr.execute("UPDATE crm_interaction SET document_user_id = NULL WHERE id = %s", [secret.id])
        self.env.invalidate_all()
        self.assertTrue(self.interactions(self.ann).search([("id", "=", secret.id)]))
        self.assertEqual(self.preview(self.ann, secret), {})
        self.assertEqual(
            self.interactions(self.ann).timeline_text(secret.id), {"text": "", "html": False, "attachments": []}
        )
        self.assertEqual(self.preview(self.bob, secret)[secret.id]["preview"], "Secret words")

    def test_nobody_reads_a_row_they_do_not_see(self):
        secret = self.mail(self.his, "Secret words")
        self.assertEqual(self.preview(self.ann, secret), {})
        self.assertFalse(self.interactions(self.ann).timeline_text(secret.id)["html"])

    def test_a_private_meeting_is_described_to_who_is_in_it(self):
        event = self.env["calendar.event"].create(
            {
                "name": "Doctor", "description": "<p>Secret agenda</p>", "privacy": "private", "user_id": self.bob.id,
                "start": "2024-05-02 10:00:00", "stop": "2024-05-02 11:00:00",
                "partner_ids": [(6, 0, (self.customer + self.bob.partner_id).ids)],
            }
        )  # fmt: skip
        row = self.rows(event.attendee_ids, "meeting")
        self.assertEqual(self.preview(self.bob, row)[row.id]["preview"], "Secret agenda")
        for user in (self.ann, self.all, self.manager):
            self.assertEqual(self.preview(user, row), {})
            self.assertFalse(self.interactions(user).timeline_text(row.id)["html"])

    def test_what_is_gone_has_no_text(self):
        row = self.mail(self.mine, "Hello")
        self.env.cr.execute("DELETE FROM mail_message WHERE id = %s", [row.res_id])
        self.env.invalidate_all()
        self.assertEqual(self.preview(self.ann, row), {})
        self.assertFalse(self.interactions(self.ann).timeline_text(row.id)["html"])

    def test_a_page_of_previews_costs_as_many_queries_as_two(self):
        many = self.env["crm.interaction"]
        for number in range(12):
            many |= self.mail(self.mine, f"Mail {number}")
        counts = []
        for rows in (many[:2], many):
            self.preview(self.ann, rows)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.preview(self.ann, rows)), len(rows))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_what_a_request_gets_wrong_is_named(self):
        for ids in ("1", [True], [2**40], ["x"]):
            with self.assertRaisesRegex(UserError, "^row_ids: "):
                self.interactions(self.ann).timeline_previews(ids)

    def test_a_path_that_leads_to_no_text_is_refused_by_name(self):
        source = self.env.ref("crm_plus.source_order")
        for setting, path in (("text_path", "partner_id"), ("text_path", "nothing"), ("text_path", "order_line.name"),
                              ("attachments_path", "name"), ("attachments_path", "order_line")):  # fmt: skip
            label = source._fields[setting].string
            with self.subTest(path), self.assertRaisesRegex(ValidationError, f"{label}: .*{path}"):
                source.write({"text_path": False, "attachments_path": False, setting: path})
        source.write({"text_path": "note,nothing?", "attachments_path": ""})
