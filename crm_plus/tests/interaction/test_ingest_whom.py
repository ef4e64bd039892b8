"""Telephone exchanges and other systems write numbers and addresses in many ways."""

from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestIngestWhom(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        belgium, iran = cls.env.ref("base.be"), cls.env.ref("base.ir")
        cls.bram = Partner.create({"name": "Bram", "phone": "+32 470 11 22 33", "country_id": belgium.id})
        cls.iman = Partner.create({"name": "Iman", "phone": "+98 912 345 6789", "country_id": iran.id})
        cls.olga = Partner.create({"name": "Olga", "email": "Olga.One@Example.TEST"})

    def ingest(self, user=None, **values):
        row = {"external_ref": repr(values), "channel": "phone", "date": "2026-01-05T10:00:00Z", **values}
        [result] = self.env["crm.interaction"].with_user(user or self.env.user).ingest([row])
        return result, self.env["crm.interaction"].browse(result["id"] or [])

    def test_a_number_is_found_however_it_is_written(self):
        for partner, texts in {
            self.bram: (
                "+32470112233", "32470112233", "0032470112233", "0032 (0)470/11.22.33", "+32 (0)470 11 22 33",
                "tel:+32470112233", "sip:+32470112233@pbx.example", "+32-470-112233", "\uff0b３２４７０１１２２３３",
            ),
            self.iman: ("+989123456789", "۰۰۹۸۹۱۲۳۴۵۶۷۸۹", "+۹۸۹۱۲۳۴۵۶۷۸۹", "٠٠٩٨٩١٢٣٤٥٦٧٨٩"),
        }.items():  # fmt: skip
            for text in texts:
                with self.subTest(text):
                    self.assertEqual(self.ingest(phone=text)[1].partner_id, partner)

    def test_an_address_is_found_however_it_is_written(self):
        for text in (
            "olga.one@example.test", " OLGA.ONE@EXAMPLE.TEST ", "Olga One <olga.one@example.test>",
            "mailto:olga.one@example.test", "olga.one+crm@example.test",
        ):  # fmt: skip
            with self.subTest(text):
                self.assertEqual(self.ingest(email=text)[1].partner_id, self.olga)

    def test_an_address_with_a_tag_of_its_own_comes_first(self):
        tagged_ = self.env["res.partner"].create({"name": "Olga's list", "email": "olga.one+list@example.test"})
        self.assertEqual(self.ingest(email="olga.one+list@example.test")[1].partner_id, tagged_)

    def test_a_number_that_stands_on_one_open_lead_only_is_about_that_lead(self):
        lead = self.env["crm.lead"].create(
            {"name": "Barn door", "phone": "+32 479 31 32 33", "email_from": "lea@neu.example", "user_id": False}
        )
        self.env.flush_all()
        for key in ({"phone": "0032479313233"}, {"email": "lea@neu.example"}):
            with self.subTest(key):
                result, row = self.ingest(**key)
                self.assertEqual((result["status"], row.lead_id, row.partner_id), ("created", lead, lead.partner_id))
        second = lead.copy({"name": "Gate", "email_from": "lea@neu.example"})
        self.env.flush_all()
        result, _row = self.ingest(email="Lea <lea@neu.example>")
        self.assertEqual(result["status"], "error")
        for one in (lead, second):
            self.assertIn(str(one.id), result["error"])
        second.action_set_lost()
        self.env.flush_all()
        self.assertEqual(self.ingest(email="lea@NEU.example")[1].lead_id, lead)

    def test_a_lead_that_the_caller_may_not_see_is_unknown(self):
        ann, bob = (
            new_test_user(self.env, f"whom_{name}", "sales_team.group_sale_salesman") for name in ("ann", "bob")
        )
        self.env["crm.lead"].create({"name": "Of Bob", "email_from": "only@bob.example", "user_id": bob.id})
        self.env.flush_all()
        result, _row = self.ingest(ann, email="only@bob.example")
        self.assertEqual((result["status"], result["field"]), ("error", "email"))
        self.assertEqual(self.ingest(bob, email="only@bob.example")[0]["status"], "created")

    def test_our_own_address_is_refused(self):
        own = self.env.company.partner_id
        own.write({"email": "office@own.example", "phone": "+32 470 99 99 99"})
        self.env.flush_all()
        for key in ({"email": "office@own.example"}, {"phone": "+32470999999"}):
            with self.subTest(key):
                result, _row = self.ingest(**key)
                self.assertEqual(result["status"], "error")
                self.assertIn("own company", result["error"])

    def test_a_contact_is_found_by_what_its_own_field_says(self):
        Partner = self.env["res.partner"]
        belgium, britain = self.env.ref("base.be"), self.env.ref("base.uk")
        two = Partner.create({"name": "Two", "phone": "+32 2 290 34 90 / +32 470 99 88 77", "country_id": belgium.id})
        inland = Partner.create({"name": "Inland", "phone": "02 291 35 91 or 0471 12 34 56", "country_id": belgium.id})
        london = Partner.create({"name": "London", "phone": "020 7946 0958", "country_id": britain.id})
        odd = Partner.create({"name": "Odd", "phone": "(0)00-12 345 678 ext. 9"})
        persian = Partner.create(
            {"name": "Persian", "phone": "۰۲۱ ۸۸۷۷ ۶۶۵۵، ۰۹۱۲ ۱۱۱ ۲۲ ۳۳", "country_id": self.env.ref("base.ir").id}
        )
        self.env.flush_all()
        for partner, texts in {
            two: ("+3222903490", "+32470998877", "0032 470 99 88 77", two.phone),
            inland: ("+3222913591", "+32471123456", "0471/12.34.56"),
            london: (london.phone, "+442079460958", "02079460958"),
            odd: (odd.phone, "00012345678"),
            persian: ("+982188776655", "+989121112233", "۰۹۱۲۱۱۱۲۲۳۳"),
        }.items():
            for text in texts:
                with self.subTest(partner=partner.name, text=text):
                    self.assertEqual(self.ingest(phone=text)[1].partner_id, partner)
        for text in ("+32470998878", "0998877", "12345"):
            with self.subTest(text):
                self.assertEqual(self.ingest(phone=text)[0]["status"], "error")

    def test_a_second_address_and_one_with_a_tag_are_found(self):
        Partner = self.env["res.partner"]
        two = Partner.create({"name": "Two", "email": "Two <first@two.example>; Second@Two.example"})
        tagged_ = Partner.create({"name": "Tag", "email": "tag+shop@tag.example"})
        lead = self.env["crm.lead"].create({"name": "Lead", "email_from": "a@lead.example, b@lead.example"})
        self.env.flush_all()
        for text, partner in (
            ("first@two.example", two),
            ("second@two.example", two),
            ("tag@tag.example", tagged_),
            (two.email, two),
        ):
            with self.subTest(text):
                self.assertEqual(self.ingest(email=text)[1].partner_id, partner)
        self.assertEqual(self.ingest(email="b@lead.example")[1].lead_id, lead)
        self.assertEqual(self.ingest(email="cond@two.example")[0]["status"], "error")

    def test_our_own_second_number_is_refused_as_well(self):
        self.env.company.partner_id.write({"phone": "+32 470 99 99 99 / +32 470 99 99 98"})
        self.env.flush_all()
        self.assertIn("own company", self.ingest(phone="+32470999998")[0]["error"])

    def test_nobody_finds_a_number_of_a_contact_they_do_not_see(self):
        company = self.env["res.company"].create({"name": "Abroad"})
        self.env["res.partner"].create(
            {"name": "Theirs", "phone": "+32 470 55 44 33 / +32 470 55 44 34", "company_id": company.id}
        )
        self.env.flush_all()
        ann = new_test_user(self.env, "whom_own", "sales_team.group_sale_salesman")
        self.assertEqual(self.ingest(ann, phone="+32470554434")[0]["status"], "error")
