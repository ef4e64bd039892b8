from odoo.exceptions import AccessError, UserError

from .common import AccessCase

SECRET = "Secret"


class TestAccessRead(AccessCase):
    """Who sees which interaction, by every way to read one."""

    def test_the_secrets_are_in_the_timeline(self):
        names = set(self.secret_rows.mapped("name"))
        self.assertLessEqual({"Secret of Bob", "Secret order"}, names)

    def test_a_salesperson_sees_nothing_of_a_colleagues_documents(self):
        for name, read in self.ways_to_read(self.ann).items():
            with self.subTest(way=name):
                self.assertNotIn(SECRET, repr(read()))

    def test_a_salesperson_sees_their_own_documents(self):
        for name, read in self.ways_to_read(self.ann).items():
            if name not in ("timeline_page searching", "name_search"):
                with self.subTest(way=name):
                    self.assertIn("Open to Ann", repr(read()))

    def test_what_is_hidden_is_a_number(self):
        summary = self.interactions(self.ann).timeline_summary(self.scope())
        self.assertEqual(summary["hidden"], len(self.secret_rows))
        self.assertEqual(summary["total"], 1)
        self.assertNotIn(self.bob.name, repr(summary))

    def test_reading_a_colleagues_row_by_its_id_is_refused(self):
        for row in self.secret_rows:
            for read in (
                lambda row=row: row.with_user(self.ann).read(["name"]),
                lambda row=row: row.with_user(self.ann).export_data(["name"]),
                lambda row=row: row.with_user(self.ann).display_name,
                lambda row=row: row.with_user(self.ann).web_read({"name": {}}),
            ):
                row.invalidate_recordset()
                with self.assertRaises(AccessError):
                    read()

    def test_a_colleagues_lead_has_no_timeline(self):
        scope = {"lead_id": self.lead_of_bob.id}
        with self.assertRaises(AccessError):
            self.interactions(self.ann).timeline_page(scope)
        with self.assertRaises(AccessError):
            self.interactions(self.ann).timeline_summary(scope)

    def test_partners_cannot_be_searched_by_what_one_may_not_read(self):
        partners = self.env["res.partner"].with_user(self.ann)
        for domain in (
            [("interaction_ids.name", "=", "Secret of Bob")],
            [("interaction_ids", "any", [("name", "ilike", SECRET)])],
            [("interaction_ids.lead_id.name", "ilike", SECRET)],
            [("interaction_ids", "ilike", "Secret of Bob")],
        ):
            with self.subTest(domain=domain):
                self.assertFalse(partners.search(domain))
        self.assertEqual(partners.search([("interaction_ids.name", "=", "Open to Ann")]), self.customer)

    def test_rows_cannot_be_searched_by_a_lead_one_may_not_read(self):
        row = self.logged(self.ann, lead_id=self.lead_of_ann.id)
        row.sudo().write({"lead_id": self.lead_of_bob.id, "user_id": self.ann.id})
        found = self.interactions(self.ann).search([("lead_id.name", "ilike", SECRET)])
        self.assertFalse(found)

    def test_sorting_tells_no_values(self):
        partners = self.env["res.partner"].with_user(self.ann)
        for order in ("last_interaction_date desc", "silence_days"):
            self.assertIn(self.customer, partners.search([("id", "=", self.customer.id)], order=order))
        for order in ("last_interaction_date", "silence_days", "data_quality", "crm_profile_id"):
            with self.subTest(order), self.assertRaises(UserError):
                self.env["res.partner"].with_user(self.clerk).search([], order=order, limit=1)

    def test_all_documents_and_managers_see_everything_of_the_company(self):
        for user in (self.all, self.manager):
            for name, read in self.ways_to_read(user).items():
                with self.subTest(user=user.login, way=name):
                    self.assertIn("Secret of Bob", repr(read()))
            self.assertEqual(self.interactions(user).timeline_summary(self.scope())["hidden"], 0)

    def test_a_lead_that_changes_hands_takes_its_history_along(self):
        self.lead_of_bob.user_id = self.ann
        self.capture()
        self.assertIn("Secret of Bob", repr(self.interactions(self.ann).timeline_page(self.scope())))
        self.assertNotIn("Secret of Bob", repr(self.interactions(self.bob).timeline_page(self.scope())))

    def test_who_has_no_sales_rights_sees_nothing(self):
        for user in (self.clerk, self.portal, self.public):
            for name, read in self.ways_to_read(user).items():
                with self.subTest(user=user.login, way=name), self.assertRaises(UserError):
                    read()

    def test_who_has_no_sales_rights_is_offered_nothing_on_a_contact(self):
        offered = self.env["res.partner"].with_user(self.clerk).fields_get()
        for name in ("interaction_ids", "interaction_count", "last_interaction_date", "silence_days", "crm_profile_id"):
            self.assertIn(name, self.env["res.partner"].with_user(self.ann).fields_get())
            self.assertNotIn(name, offered)

    def test_payments_of_a_colleague_are_theirs(self):
        """Salespeople may not read payments at all: only who registered one sees it without “all documents”."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 99,
                "payment_type": "inbound",
                "partner_type": "customer",
                "journal_id": journal.id,
                "memo": "Secret payment",
            }
        )
        payment.action_post()
        payment.name = "Secret payment"
        self.capture()
        self.assertIn("Secret payment", repr(self.interactions(self.all).timeline_page(self.scope())))
        self.assertNotIn("Secret payment", repr(self.interactions(self.ann).timeline_page(self.scope())))


class TestAccessPrivateMeetings(AccessCase):
    def setUp(self):
        super().setUp()
        self.event = (
            self.env["calendar.event"]
            .with_user(self.bob)
            .create(
                {
                    "name": "Secret meeting",
                    "start": "2026-01-05 10:00:00",
                    "stop": "2026-01-05 11:00:00",
                    "partner_ids": [(6, 0, (self.customer + self.bob.partner_id).ids)],
                    "privacy": "private",
                }
            )
        )
        self.capture()

    def test_who_is_in_a_private_meeting_reads_its_title_in_the_timeline_alone(self):
        page = self.interactions(self.bob).timeline_page(self.scope())
        self.assertIn((True, "Secret meeting"), [(row["is_private"], row["name"]) for row in page["rows"]])
        self.event.partner_ids -= self.bob.partner_id
        self.event.sudo().user_id = self.ann
        self.capture()
        self.assertNotIn("Secret meeting", repr(self.interactions(self.bob).timeline_page(self.scope())))
        self.assertIn("Secret meeting", repr(self.interactions(self.ann).timeline_page(self.scope())))

    def test_private_meetings_are_masked_for_everyone_else(self):
        for user in (self.ann, self.bob, self.all, self.manager):
            for name, read in self.ways_to_read(user).items():
                if user == self.bob and name.startswith("timeline_page"):
                    continue  # it is his
                with self.subTest(user=user.login, way=name):
                    self.assertNotIn("Secret meeting", repr(read()))
        page = self.interactions(self.ann).timeline_page(self.scope())
        meetings = [row for row in page["rows"] if row["channel_id"] == self.env.ref("crm_plus.channel_meeting").id]
        self.assertEqual([(row["is_private"], row["name"]) for row in meetings], [(True, False)])

    def test_mails_about_a_private_meeting_tell_nothing_either(self):
        public = self.event.sudo().copy({"name": "Known meeting", "privacy": "public"})
        for event, subject in ((self.event.sudo(), "Secret agenda"), (public, "Known agenda")):
            event.message_post(
                body="hello", subject=subject, message_type="email", author_id=self.customer.id, partner_ids=[]
            )
        self.capture()
        page = repr(self.interactions(self.manager).timeline_page(self.scope()))
        self.assertIn("Known agenda", page)
        self.assertNotIn("Secret agenda", page)
