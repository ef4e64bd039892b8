from odoo.tests import tagged

from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestCounts(TimelineCase):
    """The button, the timeline and the list say the same number."""

    def setUp(self):
        super().setUp()
        self.lead = self.new_lead(partner_id=self.company.id, user_id=self.seller.id)

    def numbers(self, record, user=None):
        """{what: number} of a lead or contact, as its user sees them."""
        self.commit()
        self.env.invalidate_all()
        record = record.with_user(user or self.env.user)
        interactions = self.env["crm.interaction"].with_user(user or self.env.user)
        scope = {"lead_id" if record._name == "crm.lead" else "partner_id": record.id}
        summary = interactions.timeline_summary(scope)
        action = record.action_open_interactions()
        by = "event_lead_id" if record._name == "crm.lead" else "event_partner_id"
        self.assertIn(by, action["domain"])
        return {
            "button": record.interaction_count,
            "text": record.interaction_count_text,
            "timeline": summary["total"] + summary["hidden"],
            "page": len(interactions.timeline_page(scope, limit=200)["rows"]),
            "list": interactions.search_count([(by, "=", record.id)]),
        }

    def mail(self, record, recipients, subject="Offer"):
        message = record.message_post(
            body="x", subject=subject, message_type="comment", subtype_xmlid="mail.mt_comment",
            partner_ids=recipients.ids,
        )  # fmt: skip
        message.notification_ids.filtered(lambda n: n.notification_type == "email").notification_status = "sent"
        return message

    def test_one_mail_to_many_is_one(self):
        outsider = self.env["res.partner"].create({"name": "Olaf", "email": "olaf@outside.example"})
        before = {record: self.numbers(record) for record in (self.company, self.lead, self.customer)}
        message = self.mail(self.lead, self.customer | self.colleague | outsider)
        self.assertEqual(len(self.of(message.notification_ids, "email_out")), 3)
        for record in (self.company, self.lead, self.customer):
            found = self.numbers(record)
            self.assertEqual(len(set(map(str, found.values()))), 1, found)
            self.assertEqual(found["button"], before[record]["button"] + 1)
        rows = self.env["crm.interaction"].timeline_page({"lead_id": self.lead.id})["rows"]
        whom = [row["partner"][0] for row in rows if row["event"] == "Email sent"]
        self.assertEqual(len(whom), 1)
        self.assertIn(whom[0], (self.customer | self.colleague).ids, "the lead's customer comes first")

    def test_two_mails_of_one_second_are_two(self):
        before = self.numbers(self.company)["button"]
        messages = [self.mail(self.lead, self.customer | self.colleague) for _number in range(2)]
        for message in messages:
            message.date = "2024-05-02 10:00:00"
        found = self.numbers(self.company)
        self.assertEqual(set(map(str, found.values())), {str(before + 2)})
        self.assertEqual(self.numbers(self.lead)["page"], self.numbers(self.lead)["button"])

    def test_what_rights_hide_is_told_as_of_how_many(self):
        for seller, number in ((self.seller, 2), (self.other_seller, 3)):
            for _each in range(number):
                self.new_order(self.company, user_id=seller.id).action_confirm()
        total = self.numbers(self.company)["button"]
        found = self.numbers(self.company, self.other_seller)
        self.assertEqual(found["button"], total)
        self.assertEqual(found["timeline"], total)
        self.assertEqual(found["page"], found["list"])
        self.assertLess(found["list"], total)
        self.assertEqual(found["text"], f"{found['list']} of {total}")
        name = self.company.with_user(self.other_seller).action_open_interactions()["name"]
        self.assertEqual(name, f"Interactions ({found['text']})")
        self.assertEqual(self.numbers(self.company)["text"], str(total))

    def test_a_merge_of_contacts_counts_a_mail_to_both_once(self):
        self.mail(self.lead, self.customer | self.colleague)
        before = self.numbers(self.company)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | self.colleague).ids, self.customer)
        after = self.numbers(self.company)
        self.assertEqual(after, before)
        found = self.numbers(self.customer)
        self.assertEqual(len(set(map(str, found.values()))), 1, found)

    def test_status_changes_of_our_own_records_are_left_out_of_the_report_until_asked_for(self):
        action = self.env.ref("crm_plus.crm_interaction_action")
        self.assertIn("'search_default_contact': 1", action.context)
        self.lead.action_set_lost()
        order = self.new_order(self.company)
        order.action_confirm()
        order._action_cancel()
        self.commit()
        rows = self.env["crm.interaction"].search(
            [("event_partner_id", "=", self.company.id), ("channel_id.is_contact", "=", False)]
        )
        self.assertEqual(set(rows.mapped("event")), {"Lead created", "Lost", "Order canceled"})
