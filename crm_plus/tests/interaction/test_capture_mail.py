from odoo.addons.crm_plus.services.interaction.capture.alternatives import condition_sql
from odoo.addons.crm_plus.services.interaction.capture.notes import NOTES
from odoo.addons.mail.tests.common import MailCommon
from odoo.fields import Domain
from odoo.tests import tagged

from .common import TimelineMixin

INCOMING = """Return-Path: <ada@northwind.example>
To: {to}
From: Ada <ada@northwind.example>
Subject: {subject}
Message-Id: <{message_id}>
In-Reply-To: <{reply_to}>
References: <{reply_to}>
Date: Thu, 02 May 2024 10:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

Yes please.
"""


@tagged("post_install", "-at_install")
class TestCaptureMail(TimelineMixin, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.customer = Partner.create({"name": "Ada", "email": "ada@northwind.example", "phone": "+32475000000"})
        cls.colleague = Partner.create({"name": "Bob", "email": "bob@northwind.example"})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Lamps", "partner_id": cls.customer.id, "user_id": cls.user_employee.id}
        )
        cls.lead.message_unsubscribe(partner_ids=cls.lead.message_partner_ids.ids)

    def test_a_sent_mail_is_in_the_timeline_of_each_external_recipient(self):
        recipients = self.customer | self.colleague | self.partner_employee
        with self.mock_mail_gateway(mail_unlink_sent=True):
            message = self.lead.message_post(
                body="Our offer",
                subject="Offer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=recipients.ids,
            )
        rows = self.of(message.notification_ids, "email_out")
        self.assertEqual(rows.partner_id, self.customer | self.colleague)
        self.assertEqual(set(rows.mapped("name")), {"Offer"})
        self.assertEqual(set(rows.mapped("direction")), {"out"})
        self.assertEqual(rows.lead_id, self.lead)
        self.assertEqual(rows.document_user_id, self.user_employee)
        self.assertFalse(self.of(message, "portal_in") | self.of(message, "email_in"))
        self.assertEqual(set(rows.mapped("user_id")), {message.create_uid})

    def test_a_mail_that_bounced_was_not_with_the_customer(self):
        with self.mock_mail_gateway():
            message = self.lead.message_post(
                body="x", subtype_xmlid="mail.mt_comment", message_type="comment", partner_ids=self.customer.ids
            )
        notification = message.notification_ids.filtered(lambda n: n.res_partner_id == self.customer)
        self.assertTrue(self.of(notification, "email_out"))
        notification.notification_status = "bounce"
        self.assertFalse(self.of(notification, "email_out"))

    def test_a_received_mail_is_in_the_timeline_of_its_author(self):
        with self.mock_mail_gateway():
            sent = self.lead.message_post(
                body="x", subtype_xmlid="mail.mt_comment", message_type="comment", partner_ids=self.customer.ids
            )
            self.env["mail.thread"].message_process(
                None,
                INCOMING.format(
                    to="catchall@test.mycompany.com",
                    subject="Re: Lamps",
                    message_id="a@x",
                    reply_to=sent.message_id[1:-1],
                ),
            )
        message = self.lead.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(len(message), 1)
        row = self.of(message, "email_in")
        self.assertEqual((row.partner_id, row.lead_id, row.name), (self.customer, self.lead, "Re: Lamps"))
        self.assertEqual((row.direction, row.channel_id.code), ("in", "email"))
        self.assertFalse(row.note, "no body is copied")

    def test_a_deleted_message_leaves_the_timeline(self):
        message = self.lead.message_post(body="x", message_type="email", author_id=self.customer.id)
        row = self.of(message, "email_in")
        self.assertTrue(row)
        message.unlink()
        self.commit()
        self.assertFalse(row.exists())

    def test_mails_about_other_documents_than_the_named_ones_never_get_in(self):
        channel = self.env["discuss.channel"].create({"name": "Salaries"})
        message = channel.message_post(body="x", message_type="email", author_id=self.customer.id)
        self.assertFalse(self.of(message, "email_in"))

    def test_mails_about_vendor_bills_never_get_in(self):
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.customer.id})
        invoice = self.env["account.move"].create({"move_type": "out_invoice", "partner_id": self.customer.id})
        for move, expected in ((bill, 0), (invoice, 1)):
            message = move.message_post(body="x", message_type="email", author_id=self.customer.id)
            self.assertEqual(len(self.of(message, "email_in")), expected)

    def test_notes_of_colleagues_cost_nothing(self):
        self.lead.name  # noqa: B018 in the cache, as on an open form
        self.commit()
        for values in (
            {"subtype_xmlid": "mail.mt_note", "message_type": "comment", "author_id": self.partner_employee.id},
            {"subtype_xmlid": "mail.mt_note", "message_type": "notification"},
        ):
            self.lead.message_post(body="Only for us", **values)
            self.env.flush_all()
            self.assertNotIn(NOTES, self.env.cr.precommit.data)

    def test_a_message_from_the_portal_is_in_the_timeline(self):
        message = self.lead.message_post(
            body="x", message_type="comment", subtype_xmlid="mail.mt_comment", author_id=self.customer.id
        )
        row = self.of(message, "portal_in")
        self.assertEqual((row.partner_id, row.direction), (self.customer, "in"))

    def test_a_done_activity_is_in_the_timeline_by_its_kind(self):
        for xmlid, channel in (
            ("mail.mail_activity_data_call", "phone"),
            ("mail.mail_activity_data_meeting", "meeting"),
            ("mail.mail_activity_data_todo", "activity"),
        ):
            activity = self.lead.activity_schedule(xmlid, summary="Talk lamps", user_id=self.user_employee.id)
            self.assertFalse(self.of(activity, "activity"), "not done yet")
            activity.action_feedback(feedback="Fine")
            row = self.of(activity, "activity")
            self.assertEqual((row.channel_id.code, row.name), (channel, "Talk lamps"))
            self.assertEqual((row.partner_id, row.user_id), (self.customer, self.user_employee))

    def test_a_cancelled_activity_never_happened(self):
        activity = self.lead.activity_schedule("mail.mail_activity_data_call", user_id=self.user_employee.id)
        ids = activity.ids
        activity.action_cancel()
        self.commit()
        self.assertFalse(
            self.env["crm.interaction"].search([("source_id.code", "=", "activity"), ("res_id", "in", ids)])
        )

    def test_a_rating_is_in_the_timeline_when_it_is_given(self):
        if "rating.rating" not in self.env:
            self.skipTest("the app that rates is not installed")
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
                "partner_id": self.customer.id,
                "rating": 5,
            }
        )
        self.assertFalse(self.of(rating, "rating"))
        rating.write({"consumed": True, "feedback": "Splendid lamps"})
        row = self.of(rating, "rating")
        self.assertEqual((row.name, row.partner_id, row.direction), ("Splendid lamps", self.customer, "in"))
        rating.consumed = False
        self.assertFalse(self.of(rating, "rating"))

    def test_a_sent_sms_is_in_the_timeline(self):
        if "sms.sms" not in self.env:
            self.skipTest("the app that sends SMS is not installed")
        message = self.lead.message_post(body="On our way", message_type="sms", subtype_xmlid="mail.mt_note")
        notification = self.env["mail.notification"].create(
            {
                "mail_message_id": message.id,
                "res_partner_id": self.customer.id,
                "notification_type": "sms",
                "notification_status": "ready",
                "sms_number": "+32475000000",
            }
        )
        self.assertFalse(self.of(notification, "sms_out"))
        notification.notification_status = "pending"
        row = self.of(notification, "sms_out")
        self.assertEqual((row.channel_id.code, row.partner_id, row.direction), ("sms", self.customer, "out"))
        notification.notification_status = "exception"
        self.assertFalse(self.of(notification, "sms_out"))

    def test_an_automatic_answer_is_shown_and_counts_as_none(self):
        subjects = (
            "Automatic reply: Offer", "AUTOMATIC REPLY: Offer", "Out of Office", "Automatische Antwort: Angebot",
            "Réponse automatique : Offre", "Automatisch antwoord: Offerte", "Respuesta automática: Oferta",
            "Автоматический ответ: Offer", "自动答复: Offer", "رد تلقائي: Offer", "پاسخ خودکار: Offer",
        )  # fmt: skip
        self.env["crm.score.rule"].search([]).unlink()
        self.env["crm.score.rule"].create(
            [
                {"name": "Mails", "kind": "engagement", "points": 7, "state": "active", "channel_ids": channels.ids}
                for channels in (self.env["crm.interaction.channel"], self.env.ref("crm_plus.channel_email"))
            ]
        )
        values = {"model": "crm.lead", "res_id": self.lead.id, "message_type": "email", "author_id": self.customer.id}
        answers = self.env["mail.message"].create([{**values, "subject": subject} for subject in subjects])
        rows = self.of(answers, "email_in")
        self.assertEqual(len(rows), len(subjects))
        self.assertEqual(rows.channel_id.code, "automatic")
        self.env["crm.lead.score"]._refresh_queued()
        self.assertEqual(self.lead.engagement_score, 0)
        real = self.env["mail.message"].create(
            [{**values, "subject": subject} for subject in ("Re: Offer", "Auto: Ersatzteile", "Automated lines", False)]
        )
        self.assertEqual(set(self.of(real, "email_in").channel_id.mapped("code")), {"email"})
        self.env["crm.lead.score"]._refresh_queued()
        self.assertGreater(self.lead.engagement_score, 0)

    def test_many_ways_to_begin_a_subject_are_one_comparison(self):
        source = self.env.ref("crm_plus.source_email_in")
        statements = self.env["crm.interaction.source"]._compiled_sources()[source.id].statements
        for text in (statements.capture, statements.backfill, statements.drift):
            self.assertNotIn("ILIKE", text)
            self.assertEqual(text.count("LIKE ANY"), 1)  # the direction is the same whatever the subject

    def test_one_comparison_finds_what_the_host_would_find(self):
        messages = self.env["mail.message"]
        subjects = (
            "Automatic reply",
            "AUTOMATIC: x",
            "100 % off",
            "100 per cent",
            "Élan",
            "elan",
            "a_b",
            "axb",
            "",
            False,
        )
        made = messages.create([{"subject": subject} for subject in subjects])
        ways = ("automatic%", "100 \\%%", "Éla_", "a\\_b", "", "nothing%")
        for count in range(1, len(ways) + 1):
            alternatives = [Domain("subject", "=ilike", way) for way in ways[:count]]
            domain = Domain.OR([*alternatives, Domain("message_type", "=", "sms")])
            query = messages._search([("id", "in", made.ids)])
            query.add_where(condition_sql(domain.optimize_full(messages), messages, query))
            self.assertEqual(set(query), set(messages.search([("id", "in", made.ids)]).filtered_domain(domain).ids))
            self.assertEqual(set(query), set(messages.search(Domain("id", "in", made.ids) & domain).ids))

    def test_headers_say_that_a_machine_has_written(self):
        with self.mock_mail_gateway():
            sent = self.lead.message_post(
                body="x", subtype_xmlid="mail.mt_comment", message_type="comment", partner_ids=self.customer.ids
            )
            for number, header in enumerate(
                ("Auto-Submitted: auto-replied", "X-Autoreply: yes", "Auto-Submitted: no", "Precedence: list")
            ):
                mail = INCOMING.format(
                    to="catchall@test.mycompany.com", subject="Re: Lamps", message_id=f"h{number}@x",
                    reply_to=sent.message_id[1:-1],
                )  # fmt: skip
                self.env["mail.thread"].message_process(None, f"{header}\n{mail}")
        messages = self.lead.message_ids.filtered(lambda m: m.message_type == "email").sorted("id")
        self.assertEqual(messages.mapped("crm_is_automatic"), [True, True, False, False])
        codes = [self.of(message, "email_in").channel_id.code for message in messages]
        self.assertEqual(codes, ["automatic", "automatic", "email", "email"])

    def test_our_own_absence_is_automatic_as_well(self):
        message = self.lead.message_post(body="Away", message_type="out_of_office", partner_ids=self.customer.ids)
        notification = message.notification_ids.filtered(lambda n: n.res_partner_id == self.customer)
        notification.notification_status = "sent"
        self.assertEqual(self.of(notification, "email_out").channel_id.code, "automatic")

    def test_a_message_deleted_in_the_portal_does_not_keep_its_subject(self):
        message = self.lead.message_post(
            body="Please", subject="My secret", message_type="comment", subtype_xmlid="mail.mt_comment",
            author_id=self.customer.id,
        )  # fmt: skip
        self.assertEqual(self.of(message, "portal_in").name, "My secret")
        self.lead._message_update_content(message, body="", attachment_ids=[], strict=False)
        self.env.flush_all()
        self.env.cr.execute("SELECT body FROM mail_message WHERE id = %s", [message.id])
        self.assertIn(self.env.cr.fetchone()[0], ("", '<span class="o-mail-Message-edited"></span>'))
        self.assertFalse(self.of(message, "portal_in"))

    def test_a_message_that_is_a_file_is_a_message(self):
        file = self.env["ir.attachment"].create({"name": "plan.txt", "raw": b"1"})
        message = self.lead.message_post(
            body="", message_type="comment", subtype_xmlid="mail.mt_comment", author_id=self.customer.id,
            attachment_ids=file.ids,
        )  # fmt: skip
        self.assertTrue(self.of(message, "portal_in"))

    def test_a_lead_by_mail_begins_with_engagement(self):
        with self.mock_mail_gateway():
            lead = self.env["crm.lead"].browse(
                self.env["mail.thread"].message_process(
                    "crm.lead",
                    INCOMING.format(
                        to="x@y.example", subject="Ten lamps", message_id="new@x", reply_to="none@x"
                    ).replace("Date: Thu, 02 May 2024 10:00:00 +0000\n", ""),
                )
            )
        message = lead.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(self.of(message, "email_in").lead_id, lead)
        self.env["crm.lead.score"]._refresh_queued()
        self.assertGreater(lead.engagement_score, 0)
