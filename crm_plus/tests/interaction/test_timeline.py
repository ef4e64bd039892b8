from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestTimelinePage(TimelineCase):
    def page(self, scope, **options):
        self.commit()
        return self.env["crm.interaction"].timeline_page(scope, **options)

    def ids(self, partner, **options):
        return [row["id"] for row in self.page({"partner_id": partner.id}, **options)["rows"]]

    def all_pages(self, partner, limit):
        rows, before = [], None
        while True:
            page = self.page({"partner_id": partner.id}, before=before, limit=limit)
            rows += [row["id"] for row in page["rows"]]
            before = page["next"]
            if not before:
                return rows

    def test_a_company_shows_what_happened_with_its_contacts(self):
        with_ada, with_bob = self.log(partner_id=self.customer.id), self.log(partner_id=self.colleague.id)
        with_company = self.log(partner_id=self.company.id)
        self.assertEqual(set(self.ids(self.company)), set((with_ada | with_bob | with_company).ids))
        self.assertEqual(self.ids(self.customer), with_ada.ids)
        self.assertEqual(self.company.interaction_count, 3)

    def test_an_event_shared_by_contacts_is_shown_once(self):
        event = self.env["calendar.event"].create(
            {
                "name": "Together",
                "start": "2024-05-02 10:00:00",
                "stop": "2024-05-02 11:00:00",
                "partner_ids": [(6, 0, (self.customer | self.colleague).ids)],
            }
        )
        self.commit()
        self.assertEqual(len(self.of(event.attendee_ids, "meeting")), 2)
        self.assertEqual(len(self.ids(self.company)), 1)
        self.assertEqual(len(self.ids(self.customer)), 1)
        self.assertEqual(len(self.ids(self.colleague)), 1)
        summary = self.env["crm.interaction"].timeline_summary({"partner_id": self.company.id})
        self.assertEqual(summary["total"], 1)
        self.company.invalidate_recordset()
        self.assertEqual(self.company.interaction_count, 1)

    def test_paging_neither_loses_nor_repeats(self):
        for number in range(7):
            self.log(partner_id=self.customer.id, date=f"2024-05-0{1 + number // 3} 10:00:00")
            self.log(partner_id=self.colleague.id, date="2024-05-02 10:00:00")
        everything = self.ids(self.company, limit=200)
        self.assertEqual(len(everything), 14)
        for limit in (1, 2, 3, 5, 13, 14):
            self.assertEqual(self.all_pages(self.company, limit), everything, f"pages of {limit}")

    def test_paging_of_captured_moments_within_one_second(self):
        calls = [self.log(partner_id=self.customer.id) for _number in range(4)]
        for number, call in enumerate(calls):
            self.env.cr.execute(
                """UPDATE crm_interaction SET date = timestamp '2024-05-02 10:00:00' + %s * interval '1 microsecond'
                    WHERE id = %s""",
                [number // 2, call.id],
            )
        self.env.invalidate_all()
        self.assertEqual(self.all_pages(self.customer, 1), [call.id for call in reversed(calls)])

    def test_a_contact_that_moves_takes_its_history_along(self):
        call = self.log(partner_id=self.customer.id)
        other = self.env["res.partner"].create({"name": "Southwind", "is_company": True})
        self.assertIn(call.id, self.ids(self.company))
        self.customer.parent_id = other
        self.assertNotIn(call.id, self.ids(self.company))
        self.assertIn(call.id, self.ids(other))
        self.assertEqual(other.interaction_count, 1)

    def test_archived_contacts_keep_their_history(self):
        call = self.log(partner_id=self.customer.id)
        self.customer.action_archive()
        self.assertEqual(self.ids(self.customer), call.ids)
        self.assertEqual(self.ids(self.company), call.ids)
        self.assertEqual(self.reconcile(), {})

    def test_a_page_costs_few_queries(self):
        for _number in range(50):
            self.log(partner_id=self.customer.id, user_id=self.seller.id, note="Long talk")
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        self.commit()
        seller = self.env["crm.interaction"].with_user(self.seller)
        for scope in ({"partner_id": self.company.id}, {"lead_id": lead.id}):
            seller.timeline_page(scope)
            self.env.invalidate_all()
            count = self.env.cr.sql_log_count
            page = seller.timeline_page(scope)
            self.assertLessEqual(self.env.cr.sql_log_count - count, 8)
            self.assertTrue(page["rows"])

    def test_what_a_salesperson_may_not_see_is_a_number(self):
        self.new_order(user_id=self.other_seller.id).action_confirm()
        mine = self.new_order(user_id=self.seller.id)
        mine.action_confirm()
        self.commit()
        timeline = self.env["crm.interaction"].with_user(self.seller)
        rows = timeline.timeline_page({"partner_id": self.customer.id})["rows"]
        self.assertEqual([row["document"]["id"] for row in rows], mine.ids)
        self.assertEqual(timeline.timeline_summary({"partner_id": self.customer.id})["hidden"], 1)

    def test_a_document_of_an_app_that_is_gone_is_no_link(self):
        call = self.log(partner_id=self.customer.id)
        self.env.cr.execute(
            "UPDATE crm_interaction SET document_model = 'gone.model', document_id = 7 WHERE id = %s", [call.id]
        )
        self.env.invalidate_all()
        self.assertFalse(self.page({"partner_id": self.customer.id})["rows"][0]["document"])

    def test_who_is_no_salesperson_has_no_timeline(self):
        user = self._new_user("clerk", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["crm.interaction"].with_user(user).timeline_page({"partner_id": self.customer.id})
