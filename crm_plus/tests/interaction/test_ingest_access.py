from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError

from .ingest_common import IngestCase


class TestIngestAccess(IngestCase):
    def test_who_may_not_log_may_not_send_in(self):
        for user in (self.clerk, self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.ingest(self.row(), by=user)

    def test_a_salespersons_key_sends_in_what_they_did_themselves(self):
        self.assertEqual(self.one(by=self.ann).user_id, self.ann)
        (result,) = self.ingest(self.row("2", user="access_ann"), by=self.ann)
        self.assertEqual(result["status"], "created")
        (result,) = self.ingest(self.row("3", user="access_bob"), by=self.ann)
        self.assertEqual((result["status"], result["field"]), ("error", "user"))

    def test_a_managers_key_says_who_did_it_or_nobody(self):
        self.assertFalse(self.one().user_id)
        (result,) = self.ingest(self.row("2", user=self.bob.id))
        self.assertEqual(self.env["crm.interaction"].browse(result["id"]).user_id, self.bob)

    def test_what_somebody_else_sent_in_is_not_overwritten(self):
        row = self.one(by=self.bob, summary="Of Bob")
        (result,) = self.ingest(self.row(summary="Hijacked"), by=self.ann)
        self.assertEqual((result["status"], result["field"], result["id"]), ("error", "external_ref", False))
        self.assertEqual(row.name, "Of Bob")
        (result,) = self.ingest(self.row(summary="Of Bob"), by=self.ann)
        self.assertEqual((result["status"], result["id"]), ("error", False))
        (result,) = self.ingest(self.row(summary="By the manager"))
        self.assertEqual((result["status"], result["id"]), ("updated", row.id))

    def test_what_another_company_sent_in_is_not_overwritten(self):
        row = self.one(summary="Ours")
        (result,) = self.ingest(self.row(summary="Hijacked"), by=self.stranger)
        self.assertEqual((result["status"], result["field"]), ("error", "external_ref"))
        self.assertEqual(row.name, "Ours")

    def test_what_one_may_not_read_is_unknown(self):
        hidden = self.env["res.partner"].create(
            {"name": "Hidden", "email": "hidden@customer.example", "company_id": self.other_company.id}
        )
        hidden.phone = "+32470123499"
        for values in ({"partner_id": hidden.id}, {"email": hidden.email}, {"email": None, "phone": hidden.phone}):
            with self.subTest(values):
                (result,) = self.ingest(self.row(**values), by=self.ann)
                self.assertEqual((result["status"], result["id"]), ("error", False))
                self.assertNotIn("Hidden", result["error"])
        (result,) = self.ingest(self.row(lead_id=self.lead_of_bob.id), by=self.ann)
        self.assertEqual((result["status"], result["field"]), ("error", "lead_id"))

    def test_another_company_is_refused(self):
        self.assertRefused("company_id", "not one of your companies", company_id=self.other_company.id)
        self.assertEqual(
            self.one(by=self.stranger, email=None, partner_id=self.customer.id).company_id, self.other_company
        )

    def test_a_lead_decides_about_the_company(self):
        both = self.new_user(
            "ingest_both",
            "sales_team.group_sale_manager",
            company_ids=[(6, 0, (self.company + self.other_company).ids)],
        )
        (result,) = self.ingest(self.row(lead_id=self.lead_of_ann.id, company_id=self.other_company.id), by=both)
        self.assertEqual((result["status"], result["field"]), ("error", "company_id"))
        (result,) = self.ingest(self.row(company_id=self.other_company.id), by=both)
        self.assertEqual(result["status"], "created")

    def test_what_was_sent_in_is_not_edited_by_hand(self):
        row = self.one(by=self.ann)
        for user in (self.ann, self.manager):
            self.assertFalse(row.with_user(user).can_edit)
            with self.assertRaises(AccessError):
                row.with_user(user).name = "Changed"

    def test_the_future_is_refused_by_the_servers_clock(self):
        far = fields.Datetime.to_string(fields.Datetime.now() + timedelta(days=2))
        self.assertRefused("date", "in the future", date=far)
