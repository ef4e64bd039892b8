import json
from datetime import datetime, timedelta

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

DATE = "2026-01-05T10:00:00Z"
MEGABYTE = "x" * 2**20


@tagged("post_install", "-at_install")
class TestIngestHttp(HttpCase):
    """The API as other systems meet it: HTTP, a key, JSON."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "http_manager", "sales_team.group_sale_manager")
        cls.salesman = new_test_user(cls.env, "http_salesman", "sales_team.group_sale_salesman")
        cls.colleague = new_test_user(cls.env, "http_colleague", "sales_team.group_sale_salesman")
        cls.clerk = new_test_user(cls.env, "http_clerk", "base.group_user")
        cls.portal = new_test_user(cls.env, "http_portal", "base.group_portal")
        cls.customer = cls.env["res.partner"].create({"name": "HTTP customer", "email": "http@customer.example"})
        cls.other_company = cls.env["res.company"].create({"name": "Somebody else's"})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Secret lead", "partner_id": cls.customer.id, "user_id": cls.colleague.id, "type": "opportunity"}
        )
        cls.env.flush_all()
        cls.env.cr.precommit.run()
        cls.keys = {user: cls.key_of(user) for user in (cls.manager, cls.salesman, cls.clerk, cls.portal)}

    @classmethod
    def key_of(cls, user):
        keys = cls.env(user=user)["res.users.apikeys"].sudo()
        return keys._generate("rpc", "test", datetime.now() + timedelta(hours=12))

    def call(self, method, user=None, key=None, model="crm.interaction", **arguments):
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        if key or user:
            headers["Authorization"] = f"bearer {key or self.keys[user]}"
        return self.url_open(f"/json/2/{model}/{method}", data=json.dumps(arguments), headers=headers, timeout=120)

    def ingest(self, rows, user=None):
        response = self.call("ingest", user or self.manager, rows=rows)
        self.assertEqual(response.status_code, 200, response.text[:2000])
        return response.json()

    def row(self, ref="h-1", **values):
        return {"external_ref": ref, "date": DATE, "email": "http@customer.example", "summary": "Call", **values}

    def test_rows_land_once_and_tell_what_happened(self):
        rows = [
            self.row("h-1"),
            self.row("h-2"),
            self.row("h-2", summary="Last"),
            self.row("h-3", email="no@no.example"),
        ]
        self.assertEqual([r["status"] for r in self.ingest(rows)], ["created", "created", "updated", "error"])
        self.assertEqual([r["status"] for r in self.ingest(rows[:2])], ["unchanged", "updated"])
        found = self.env["crm.interaction"].search(
            [("partner_id", "=", self.customer.id), ("external_ref", "like", "h-")]
        )
        self.assertEqual(sorted(found.mapped("external_ref")), ["h-1", "h-2"])

    def test_ten_thousand_rows_land(self):
        rows = [self.row(f"bulk-{number}", amount=number) for number in range(10_000)]
        self.assertEqual({result["status"] for result in self.ingest(rows)}, {"created"})
        self.assertEqual({result["status"] for result in self.ingest(rows)}, {"unchanged"})

    def test_more_than_ten_thousand_rows_are_refused(self):
        with mute_logger("odoo.http"):
            response = self.call("ingest", self.manager, rows=[{}] * 10_001)
        self.assertEqual(response.status_code, 422)
        self.assertIn("10000", response.json()["message"])

    @mute_logger("odoo.http")
    def test_what_is_no_list_is_refused(self):
        for rows in ({}, "rows", 7, None, {"0": self.row()}):
            with self.subTest(rows=rows):
                response = self.call("ingest", self.manager, rows=rows)
                self.assertEqual(response.status_code, 422)
                self.assertTrue(response.json()["message"].startswith("rows: "))
        self.assertEqual(self.call("ingest", self.manager).status_code, 422)

    def test_hostile_rows_are_answered_by_their_field(self):
        hostile = [
            ("summary", self.row(summary=MEGABYTE)),
            ("note", self.row(note=MEGABYTE)),
            ("email", self.row(email=MEGABYTE)),
            ("external_ref", self.row(ref=MEGABYTE)),
            ("date", self.row(date=MEGABYTE)),
            ("user", self.row(user=MEGABYTE)),
            ("external_ref", self.row(ref={"a": ["b"]})),
            ("email", self.row(email=["http@customer.example"])),
            ("partner_id", self.row(partner_id="1 OR 1=1")),
            ("partner_id", self.row(partner_id=10**30)),
            ("partner_id", self.row(partner_id=2**31 - 1)),
            ("lead_id", self.row(lead_id=True)),
            ("company_id", self.row(company_id=self.other_company.id)),
            ("company_id", self.row(company_id={})),
            ("amount", self.row(amount="12")),
            ("amount", self.row(amount=float("nan"))),
            ("duration", self.row(duration=-1)),
            ("summary", self.row(summary="a\0b")),
            ("summary", self.row(summary="\ud800")),
            ("source", self.row(source="'; DROP TABLE crm_interaction; --")),
            ("channel", self.row(channel="<script>")),
            ("email", self.row(email="' OR 1=1 --@customer.example")),
            ("document_user_id", self.row(document_user_id=1)),
            ("is_private", self.row(is_private=False)),
            ("id", self.row(id=1)),
            ("row", None),
            ("row", [[[[]]]]),
            ("row", "row"),
        ]
        results = self.ingest([row for _field, row in hostile] + [self.row("good")])
        for (field, _row), result in zip(hostile, results[:-1], strict=True):
            with self.subTest(field=field, row=result["index"]):
                self.assertEqual((result["status"], result["field"]), ("error", field))
                self.assertTrue(result["error"].startswith(f"{field}: "))
                self.assertLess(len(result["error"]), 600)
        self.assertEqual(results[-1]["status"], "created")

    def test_markup_and_sql_stay_text(self):
        text = "<img src=x onerror=alert(1)> '; DROP TABLE crm_interaction; -- %s %(rows)s {} $1"
        (result,) = self.ingest([self.row(text, summary=text, note=text)])
        row = self.env["crm.interaction"].browse(result["id"])
        self.assertEqual((row.external_ref, row.name, row.note), (text, text, text))
        page = self.call("timeline_page", self.manager, scope={"partner_id": self.customer.id}).json()
        self.assertIn(text, [shown["name"] for shown in page["rows"]])

    @mute_logger("odoo.http")
    def test_only_who_may_log_may_send_in(self):
        for user in (self.clerk, self.portal):
            self.assertEqual(self.call("ingest", user, rows=[self.row()]).status_code, 403)
        self.assertEqual(self.call("ingest", key="not a key", rows=[self.row()]).status_code, 401)
        self.assertIn(self.call("ingest", rows=[self.row()]).status_code, (401, 403))
        self.assertFalse(self.env["crm.interaction"].search([("external_ref", "=", "h-1")]))

    @mute_logger("odoo.http")
    def test_the_api_shows_what_the_user_may_see(self):
        calls = (
            ("search_read", {"domain": [], "fields": ["name"]}),
            ("formatted_read_group", {"domain": [], "groupby": ["name"], "aggregates": ["__count"]}),
            ("name_search", {"name": "Secret"}),
            ("timeline_page", {"scope": {"partner_id": self.customer.id}}),
            ("timeline_summary", {"scope": {"partner_id": self.customer.id}}),
        )
        for method, arguments in calls:
            with self.subTest(method=method):
                response = self.call(method, self.salesman, **arguments)
                self.assertEqual(response.status_code, 200, response.text[:500])
                self.assertNotIn("Secret lead", response.text)
                for user in (self.clerk, self.portal):
                    self.assertEqual(self.call(method, user, **arguments).status_code, 403)
        response = self.call("search_read", self.manager, domain=[("name", "=", "Secret lead")], fields=["name"])
        self.assertIn("Secret lead", response.text)

    @mute_logger("odoo.http")
    def test_private_methods_and_forged_values_are_refused(self):
        for method in ("_ingest_known", "_follow_lead", "_timeline_domain", "_forget_cached"):
            self.assertEqual(self.call(method, self.manager).status_code, 403)
        values = {
            "partner_id": self.customer.id,
            "channel_id": self.env.ref("crm_plus.channel_phone").id,
            "name": "Forged",
        }
        for forged in (
            {"user_id": self.colleague.id},
            {"lead_id": self.lead.id},
            {"res_id": 1},
            {"document_user_id": self.salesman.id},
            {"is_private": True},
            {"source_id": self.env.ref("crm_plus.source_order").id},
            {"company_id": self.other_company.id},
        ):
            with self.subTest(forged):
                response = self.call("create", self.salesman, vals_list=[{**values, **forged}])
                self.assertEqual(response.status_code, 403, response.text[:500])
        self.assertEqual(self.call("create", self.salesman, vals_list=[values]).status_code, 200)
        rows = self.env["crm.interaction"].search([("name", "=", "Secret lead")])
        for method, arguments in (("write", {"vals": {"name": "x"}}), ("unlink", {}), ("read", {"fields": ["name"]})):
            response = self.call(method, self.salesman, ids=rows.ids, **arguments)
            self.assertEqual(response.status_code, 403)
            self.assertNotIn("Secret lead", response.text)

    @mute_logger("odoo.http")
    def test_hostile_timeline_requests_are_no_server_errors(self):
        scope = {"partner_id": self.customer.id}
        for arguments in (
            {"scope": "1"},
            {"scope": scope, "filters": {"date_from": "now()"}},
            {"scope": scope, "filters": [["id", ">", 0]]},
            {"scope": scope, "before": ["x", "y"]},
            {"scope": scope, "limit": "1; SELECT 1"},
        ):
            with self.subTest(arguments):
                self.assertEqual(self.call("timeline_page", self.salesman, **arguments).status_code, 422)
        scope = {"partner_id": 2**31 - 1}
        self.assertIn(self.call("timeline_page", self.salesman, scope=scope).status_code, (200, 403, 404))
