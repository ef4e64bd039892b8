from odoo.exceptions import UserError

from ..access.common import AccessCase


class TestTimelineRequests(AccessCase):
    def test_hostile_requests_are_answered_by_what_is_wrong(self):
        rows = self.interactions(self.ann)
        for field, arguments in (
            ("scope", ({"partner_id": False},)),
            ("partner_id", ({"partner_id": "1 OR 1=1"},)),
            ("lead_id", ({"lead_id": 2**31},)),
            ("channel_ids", (self.scope(), {"channel_ids": ["1); DROP TABLE res_partner; --"]})),
            ("user_ids", (self.scope(), {"user_ids": [10**30]})),
            ("direction", (self.scope(), {"direction": "in' OR '1'='1"})),
            ("date_from", (self.scope(), {"date_from": "9999-12-31"})),
            ("search", (self.scope(), {"search": "x" * 1_000_000})),
            ("id", (self.scope(), {"id": 1})),
            ("before", (self.scope(), {}, ["now()", 1])),
            ("limit", (self.scope(), {}, None, "all")),
        ):
            with self.subTest(field=field), self.assertRaisesRegex(UserError, f"^{field}: "):
                rows.timeline_page(*arguments)

    def test_the_summary_refuses_the_same(self):
        with self.assertRaisesRegex(UserError, "^direction: "):
            self.interactions(self.ann).timeline_summary(self.scope(), {"direction": "up"})

    def test_a_search_is_only_a_text(self):
        for text in ("100%", "a_b", "O'Hara", "\\", "x%) OR (1=1", "%s", "%(ids)s"):
            with self.subTest(text):
                self.logged(self.ann, name="before 100 a-b after")
                row = self.logged(self.ann, name=f"before {text} after")
                page = self.interactions(self.ann).timeline_page(self.scope(), {"search": f"before {text} after"})
                self.assertEqual([found["id"] for found in page["rows"]], row.ids)

    def test_a_filter_by_person_finds_what_a_colleague_took_part_in_too(self):
        company = self.env["res.partner"].create({"name": "Company", "is_company": True})
        first, second = self.env["res.partner"].create(
            [{"name": name, "parent_id": company.id, "email": f"{name}@c.example"} for name in ("first", "second")]
        )
        event = {
            "source_id": self.env.ref("crm_plus.source_meeting").id,
            "channel_id": self.channel.id,
            "date": "2024-05-02 10:00:00",
            "document_model": "calendar.event",
            "document_id": 1,
            "shared_ref": "calendar.event,1",
        }
        self.env["crm.interaction"].create(
            [{**event, "partner_id": person.id, "res_id": person.id} for person in first + second]
        )
        rows = self.interactions(self.ann)
        self.assertEqual(len(rows.timeline_page({"partner_id": company.id})["rows"]), 1)
        for person in first + second:
            page = rows.timeline_page({"partner_id": company.id}, {"partner_ids": person.ids})
            self.assertEqual([row["partner"][0] for row in page["rows"]], person.ids)
        self.assertFalse(rows.timeline_page({"partner_id": company.id}, {"partner_ids": self.customer.ids})["rows"])

    def test_pages_follow_each_other(self):
        for number in range(5):
            self.logged(self.ann, name=f"call {number}")
        rows, before, seen = self.interactions(self.ann), None, []
        while before is not False:
            page = rows.timeline_page(self.scope(), {}, before, 2)
            seen += [row["id"] for row in page["rows"]]
            before = page["next"]
        self.assertEqual(len(seen), 6)
        self.assertEqual(len(set(seen)), 6)
