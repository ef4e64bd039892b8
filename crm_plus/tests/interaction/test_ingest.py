from odoo import fields
from odoo.exceptions import UserError

from .ingest_common import IngestCase


class TestIngest(IngestCase):
    def test_a_row_becomes_an_interaction(self):
        row = self.one(
            channel="phone", direction="out", user="access_bob", note="a\nb", duration=0.5, outcome="answered",
            amount=12.5, currency="USD", company_id=self.company.id,
        )  # fmt: skip
        self.assertRecordValues(
            row,
            [
                {
                    "partner_id": self.customer.id, "date": fields.Datetime.to_datetime("2026-01-05 08:00:00"),
                    "channel_id": self.channel.id, "direction": "out", "user_id": self.bob.id, "name": "Call",
                    "note": "a\nb", "duration": 0.5, "outcome": "answered", "amount": 12.5,
                    "currency_id": self.env.ref("base.USD").id, "company_id": self.company.id,
                    "source_id": self.source.id, "external_ref": "call-1", "res_id": 0, "is_private": False,
                }
            ],
        )  # fmt: skip
        page = self.interactions(self.ann).timeline_page(self.scope())
        self.assertIn(row.id, [shown["id"] for shown in page["rows"]])

    def test_what_is_not_said_is_the_sources_and_the_callers(self):
        row = self.one(amount=5)
        self.assertEqual((row.channel_id, row.direction), (self.source.channel_id, self.source.direction))
        self.assertEqual((row.company_id, row.currency_id), (self.company, self.company.currency_id))

    def test_the_same_row_again_changes_nothing(self):
        first = self.one()
        (again,) = self.ingest(self.row())
        self.assertEqual((again["status"], again["id"]), ("unchanged", first.id))
        (changed,) = self.ingest(self.row(summary="Another call"))
        self.assertEqual((changed["status"], changed["id"], first.name), ("updated", first.id, "Another call"))

    def test_a_field_that_is_left_out_is_emptied(self):
        row = self.one(note="note")
        self.one()
        self.assertFalse(row.note)

    def test_the_same_row_twice_in_one_call_lands_once(self):
        results = self.ingest(self.row(), self.row(), self.row(summary="Last"), self.row("other"))
        self.assertEqual([result["status"] for result in results], ["created", "unchanged", "updated", "created"])
        self.assertEqual(len({result["id"] for result in results}), 2)
        self.assertEqual(self.env["crm.interaction"].browse(results[0]["id"]).name, "Last")

    def test_good_rows_land_and_bad_ones_say_why(self):
        results = self.ingest(self.row("a"), self.row("b", email="nobody@nowhere.example"), self.row("c"), "junk")
        self.assertEqual([result["status"] for result in results], ["created", "error", "created", "error"])
        self.assertEqual([result["index"] for result in results], [0, 1, 2, 3])
        self.assertEqual([result["external_ref"] for result in results], ["a", "b", "c", False])

    def test_two_sources_may_use_the_same_reference(self):
        self.source.copy({"name": "Shop", "code": "shop"})
        first, second = self.ingest(self.row(), self.row(source="shop"))
        self.assertEqual((first["status"], second["status"]), ("created", "created"))
        self.assertNotEqual(first["id"], second["id"])

    def test_only_sources_for_what_is_sent_in_take_rows(self):
        self.assertRefused("source", "There is no source", source="order")
        self.assertRefused("source", source="manual")
        self.assertRefused("source", source="nope")

    def test_unknown_names_are_told(self):
        self.assertRefused("channel", "phone", channel="pigeon")
        self.assertRefused("user", user="nobody")
        self.assertRefused("user", user=self.portal.id)
        self.assertRefused("currency", currency="XXY")
        self.assertRefused("lead_id", lead_id=2**31 - 1)
        self.assertRefused("partner_id", partner_id=2**31 - 1, email=None)
        self.assertRefused("email", "Create the contact", email="nobody@nowhere.example")
        self.assertRefused("phone", phone="+32 470 99 99 98", email=None)
        self.assertRefused("phone", phone="not a number", email=None)

    def test_customers_are_found_by_id_email_and_phone(self):
        self.customer.write({"phone": "0470 12 34 56", "country_id": self.env.ref("base.be").id})
        for number, values in enumerate(
            (
                {"partner_id": self.customer.id, "email": "nobody@nowhere.example"},
                {"email": " Access Customer <ACCESS@customer.EXAMPLE>"},
                {"email": None, "phone": "+32470123456"},
                {"email": None, "phone": "0470/12.34.56"},
                {"email": "nobody@nowhere.example", "phone": "0032 470 12 34 56"},
            )
        ):
            with self.subTest(values):
                self.assertEqual(self.one(ref=f"ref-{number}", **values).partner_id, self.customer)

    def test_of_several_contacts_the_row_meets_the_same_one_each_time(self):
        email = "shared@customer.example"
        contacts = self.env["res.partner"].create(
            [
                {"name": "Of another company", "email": email, "company_id": self.other_company.id},
                {"name": "Archived", "email": email, "company_id": self.company.id, "active": False},
                {"name": "Shared", "email": email},
                {"name": "Ours", "email": email, "company_id": self.company.id},
            ]
        )
        self.assertEqual(self.one(email=email).partner_id, contacts[3])
        contacts[3].email = False
        self.assertEqual(self.one(email=email, ref="2").partner_id, contacts[2])
        contacts[2].copy({"email": email})
        self.assertEqual(self.one(email=email, ref="3").partner_id, contacts[2])

    def test_a_customer_comes_before_a_colleague(self):
        colleague = self.ann.partner_id
        colleague.email = "both@customer.example"
        self.assertEqual(self.one(email="both@customer.example").partner_id, colleague)
        customer = self.env["res.partner"].create({"name": "Customer", "email": "both@customer.example"})
        self.assertEqual(self.one(email="both@customer.example").partner_id, customer)

    def test_a_row_about_a_lead_is_as_visible_as_the_lead(self):
        row = self.one(email=None, lead_id=self.lead_of_bob.id, summary="Secret call")
        self.assertEqual((row.partner_id, row.document_user_id), (self.customer, self.bob))
        self.assertNotIn("Secret call", repr(self.interactions(self.ann).timeline_page(self.scope())))
        self.lead_of_bob.user_id = self.ann
        self.capture()
        self.assertIn("Secret call", repr(self.interactions(self.ann).timeline_page(self.scope())))
        (again,) = self.ingest(self.row(email=None, lead_id=self.lead_of_bob.id, summary="Secret call"))
        self.assertEqual(again["status"], "unchanged")

    def test_a_lead_without_a_customer_has_a_history_too(self):
        lead = self.new_lead(self.ann, "Nobody yet", partner_id=False)
        row = self.one(lead_id=lead.id, email="nobody@nowhere.example")
        self.assertFalse(row.partner_id)
        lead.partner_id = self.customer
        self.capture()
        self.assertEqual(row.partner_id, self.customer)

    def test_limits_of_a_call(self):
        for rows in (None, {}, {"external_ref": "x"}, "rows", 7, True):
            with self.subTest(rows=rows), self.assertRaisesRegex(UserError, "^rows: "):
                self.interactions(self.manager).ingest(rows)
        with self.assertRaisesRegex(UserError, "10000"):
            self.interactions(self.manager).ingest([{}] * 10_001)
        self.assertEqual(self.ingest(), [])

    def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(self):
        self.env["res.partner"].create([{"name": str(n), "email": f"p{n}@customer.example"} for n in range(60)])
        self.env.flush_all()

        def queries(count, prefix):
            rows = [
                self.row(
                    f"{prefix}{n}", email=f"p{n % 60}@customer.example", phone=f"+32470{n:06}", user=self.bob.login,
                    lead_id=self.lead_of_ann.id, currency="EUR", amount=n, company_id=self.company.id,
                )
                for n in range(count)
            ]  # fmt: skip
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            results = self.ingest(*rows)
            self.assertEqual({result["status"] for result in results}, {"created"})
            return self.cr.sql_log_count - before

        queries(1, "warm")
        few = queries(2, "few")
        self.assertEqual(queries(1000, "many"), few)
        self.assertLess(few, 25)
