"""Who reads amounts of customers: the setting of the company decides, whichever way somebody asks."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools.json import json_default

from ..customer.common import ProfileCase

# Amounts of each customer that are in no other number.
OF_ANN, OF_BOB = 7311.31, 7422.42
AMOUNTS = ("revenue", "average_order", "recent_revenue", "clv")
SALES = "sales_team.group_sale_"


@tagged("post_install", "-at_install")
class TestAccessAmounts(ProfileCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "ann": cls.new_user("ann", f"{SALES}salesman"),
            "bob": cls.new_user("bob", f"{SALES}salesman"),
            "all": cls.new_user("all", f"{SALES}salesman_all_leads"),
            "manager": cls.new_user("manager", f"{SALES}manager"),
            "reader": cls.new_user("reader", "crm_plus.group_crm_plus_reader"),
            "service": cls.new_user("service", "crm_plus.group_crm_plus_service"),
        }
        cls.tier = cls.env["crm.tier"].create(
            {"name": "Club", "company_id": cls.company.id, "basis": "revenue", "threshold": 9000}
        )
        cls.segment = cls.env.ref("crm_plus.crm_segment_champions")
        cls.customers = {
            "ann": cls.of("ann", OF_ANN),
            "bob": cls.of("bob", OF_BOB),
        }

    @classmethod
    def new_user(cls, name, group):
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": name,
                    "login": f"amounts_{name}",
                    "company_id": cls.company.id,
                    "company_ids": [(6, 0, cls.company.ids)],
                    "group_ids": [(6, 0, [cls.env.ref(group).id, cls.env.ref("base.group_allow_export").id])],
                }
            )
        )

    @classmethod
    def of(cls, name, amount):
        """A customer of a salesperson, with a profile, stays that tell the amount, and an interaction of it."""
        partner = cls.env["res.partner"].create({"name": f"Customer of {name}", "user_id": cls.users[name].id})
        profile = cls.env["crm.customer.profile"].create(
            {
                "partner_id": partner.id, "company_id": cls.company.id, "order_count": 3, "recency_score": 4,
                "frequency_score": 4, "monetary_score": 5, "rfm": "445", "abc_class": "A", "churn_risk": 40,
                "p_alive": 0.6, "expected_orders": 2, "last_order_date": "2026-01-03 04:05:06",
                "first_order_date": "2025-02-03 04:05:06", "recent_order_count": 3, "tier_id": False,
                **dict.fromkeys(AMOUNTS, amount),
            }
        )  # fmt: skip
        reason = {"orders": 3, "months": 12, "revenue": amount, "last": "2026-01-03", "outcome": "moved",
                  "old_score": 444, "score": 445}  # fmt: skip
        shared = {"profile_id": profile.id, "partner_id": partner.id, "company_id": cls.company.id,
                  "date_from": "2026-01-05", "reason": reason}  # fmt: skip
        cls.env["crm.tier.stay"].create({**shared, "tier_id": cls.tier.id})
        family = cls.segment.family_id
        cls.env["crm.segment.membership"].create(
            {**shared, "segment_id": cls.segment.id, "family_id": family.id, "score": 445}
        )
        profile.segment_id = cls.segment
        cls.env["crm.interaction"].create(
            {
                "partner_id": partner.id, "company_id": cls.company.id, "name": "Bought", "amount": amount,
                "channel_id": cls.env.ref("crm_plus.channel_phone").id, "user_id": cls.users[name].id,
                "document_user_id": cls.users[name].id, "currency_id": cls.company.currency_id.id,
            }
        )  # fmt: skip
        return partner

    def as_user(self, name, model):
        context = {"allowed_company_ids": self.company.ids, "lang": "en_US", "tz": "UTC"}
        return self.env[model].with_env(self.env(user=self.users[name].id, su=False, context=context))

    def asked(self, name):
        """``{way: function}``: every way by which an amount of a customer reaches a user."""
        profiles = self.as_user(name, "crm.customer.profile")
        mine = [("company_id", "=", self.company.id)]
        partners = self.as_user(name, "res.partner")
        ids = [partner.id for partner in self.customers.values()]
        ways = {
            "read": lambda: profiles.search(mine).read(AMOUNTS),
            "read after the system": lambda: (profiles.sudo().search(mine).mapped("revenue"), None)[1]
            or profiles.search(mine).read(AMOUNTS),
            "web_search_read": lambda: profiles.web_search_read(mine, {field: {} for field in AMOUNTS}),
            "export_data": lambda: profiles.search(mine).export_data(list(AMOUNTS)),
            "export of the contact": lambda: partners.browse(ids).export_data(
                ["lifetime_value", *(f"crm_profile_id/{field}" for field in AMOUNTS)]
            ),
            "grouped": lambda: profiles.formatted_read_group(
                mine, ["partner_id"], [f"{field}:{how}" for field in AMOUNTS for how in ("sum", "max", "array_agg")]
            ),
            "sum_currency": lambda: profiles.formatted_read_group(mine, ["partner_id"], ["revenue:sum_currency"]),
            "grouped by amount": lambda: profiles.formatted_read_group(mine, ["partner_id"], ["clv:avg"]),
            "glance": lambda: [profiles.glance(partner_id) for partner_id in ids],
            "glance_details": lambda: [profiles.glance_details(partner_id) for partner_id in ids],
            "contact": lambda: partners.browse(ids).read(["lifetime_value"]),
            "contact grouped": lambda: partners._read_group(
                [("id", "in", ids)], ["id"], ["lifetime_value:array_agg"]
            ),
            "stays in tiers": lambda: self.as_user(name, "crm.tier.stay").search_read(mine, ["reason_text"]),
            "stays in segments": lambda: self.as_user(name, "crm.segment.membership").search_read(
                mine, ["reason_text"]
            ),
        }  # fmt: skip
        return ways

    def shown(self, name):
        """``{way: customers whose amount is in the answer}``."""
        found = {}
        for way, ask in self.asked(name).items():
            self.env.invalidate_all()
            text = json.dumps(ask(), default=json_default, ensure_ascii=False).replace(",", "")
            found[way] = {who for who, amount in (("ann", OF_ANN), ("bob", OF_BOB)) if str(amount) in text}
        return found

    def check(self, name, expected):
        for way, found in self.shown(name).items():
            self.assertEqual(found, expected, f"{name} by {way}")

    def found(self, name, domain):
        """The customers that a user finds by a condition on an amount."""
        self.env.invalidate_all()
        profiles = self.as_user(name, "crm.customer.profile").search(
            [("company_id", "=", self.company.id), *domain], order="id"
        )
        return [who for who, partner in self.customers.items() if partner in profiles.partner_id.sudo(False)]

    def test_by_default_everybody_in_sales_reads_amounts_and_readers_do_not(self):
        for name in ("ann", "bob", "all", "manager"):
            self.check(name, {"ann", "bob"})
        for name in ("reader", "service"):
            self.check(name, set())
            self.assertEqual(self.found(name, [("revenue", ">", 1)]), [])

    def test_own_customers_only(self):
        self.company.crm_plus_amounts = "own"
        self.check("ann", {"ann"})
        self.check("bob", {"bob"})
        self.check("all", {"ann", "bob"})
        self.check("manager", {"ann", "bob"})
        self.assertEqual(self.found("ann", [("revenue", ">", 1)]), ["ann"])
        self.assertEqual(self.found("ann", [("revenue", "=", OF_BOB)]), [])
        profiles = self.as_user("ann", "crm.customer.profile")
        [[average]] = profiles._read_group([("company_id", "=", self.company.id)], [], ["average_order:avg"])
        self.assertAlmostEqual(float(average), float(OF_ANN) / 3, msg="orders that are not hers are in neither sum")

    def test_managers_only(self):
        self.company.crm_plus_amounts = "managers"
        for name in ("ann", "bob", "all", "reader"):
            self.check(name, set())
        self.check("manager", {"ann", "bob"})
        self.assertEqual(self.found("all", [("clv", ">", 1)]), [])
        self.assertEqual(self.found("all", [("clv", "=", False)]), ["ann", "bob"])

    def test_neither_order_nor_threshold_nor_group_tells_who_is_bigger(self):
        self.company.crm_plus_amounts = "managers"
        profiles = self.as_user("ann", "crm.customer.profile")
        mine = [("company_id", "=", self.company.id)]
        names = [profile.partner_id.name for profile in profiles.search(mine, order="revenue desc, id")]
        self.assertEqual(names, ["Customer of ann", "Customer of bob"], "else the bigger one comes first")
        having = profiles._read_group(mine, ["partner_id"], ["revenue:sum"], [("revenue:sum", ">", 1)])
        self.assertEqual(having, [])
        partners = self.as_user("ann", "res.partner")
        ids = [partner.id for partner in self.customers.values()]
        self.assertFalse(partners.search([("id", "in", ids), ("lifetime_value", ">", 1)]))
        ordered = partners.search([("id", "in", ids)], order="lifetime_value desc, id")
        self.assertEqual(ordered.ids, ids)

    def test_another_company_has_a_setting_of_its_own(self):
        other = self.env["res.company"].create({"name": "Elsewhere", "crm_plus_amounts": "managers"})
        self.check("ann", {"ann", "bob"})
        self.users["ann"].company_ids |= other
        profile = self.env["crm.customer.profile"].create(
            {"partner_id": self.customers["ann"].id, "company_id": other.id, "revenue": 5}
        )
        theirs = self.as_user("ann", "crm.customer.profile").with_context(
            allowed_company_ids=[self.company.id, other.id]
        )
        self.assertIs(theirs.browse(profile.id).revenue, False)
        self.assertEqual(theirs.search_count([("revenue", ">", 1)]), 2)

    def test_the_setting_for_readers_shows_amounts_of_customers_and_interactions(self):
        entries = [("partner_id", "in", [partner.id for partner in self.customers.values()])]
        rows = self.as_user("service", "crm.interaction")
        self.assertNotIn("amount", rows.fields_get())
        with self.assertRaises(AccessError):
            rows.search_read(entries, ["amount"])
        page = rows.timeline_page({"partner_id": self.customers["bob"].id}, {})
        self.assertEqual([row["name"] for row in page["rows"]], ["Bought"])
        self.assertNotIn("amount", page["rows"][0])
        self.env["res.config.settings"].create({"group_crm_plus_amounts": True}).execute()
        self.check("service", {"ann", "bob"})
        page = rows.timeline_page({"partner_id": self.customers["bob"].id}, {})
        self.assertEqual(page["rows"][0]["amount"], OF_BOB)

    def test_a_masked_figure_says_so(self):
        self.company.crm_plus_amounts = "own"
        profiles = self.as_user("ann", "crm.customer.profile")
        note = "Amounts are shown for customers whose salesperson you are."
        details = profiles.glance_details(self.customers["bob"].id)
        self.assertEqual((details["amount_note"], details["months"]), (note, []))
        for day in (False, "2026-02-01"):
            worth = next(f for f in profiles.glance(self.customers["bob"].id, day)["figures"] if f["key"] == "worth")
            self.assertEqual((worth["value"], worth["why"][0]), ("Not shown", note))
        self.assertIn(note, next(score for score in details["scores"] if score["key"] == "m")["why"])
        self.assertFalse(profiles.glance_details(self.customers["ann"].id)["amount_note"])
        self.assertEqual(
            dict(profiles._read_group([("company_id", "=", self.company.id)], ["partner_id"], ["id:recordset"])).keys(),
            {partner.with_env(profiles.env) for partner in self.customers.values()},
        )
        notes = {profile.partner_id.name: profile.amount_note for profile in profiles.search([])}
        self.assertEqual(notes, {"Customer of ann": False, "Customer of bob": note})
        self.assertEqual(profiles.segment_map()["amount_note"], note)
        self.assertEqual({cell["revenue"] for cell in profiles.segment_map()["cells"]}, {False})
        curve = profiles.pareto_curve()
        self.assertEqual((curve["amount_note"], curve["points"], curve["top_share"]), (note, [], None))
        self.assertEqual({row["revenue"] for row in curve["classes"]}, {False})
        theirs = self.as_user("ann", "res.partner").browse(self.customers["bob"].id)
        self.assertEqual((theirs.lifetime_value, theirs.crm_amount_note), (False, note))

    def test_what_is_missing_for_a_tier_tells_no_amount(self):
        profiles = self.as_user("ann", "crm.customer.profile").search([])
        tiers = self.env["crm.tier"]._tiers_of(self.company)
        self.assertIn(self.tier, tiers)
        self.assertTrue(any(profile.next_tier_missing for profile in profiles))
        self.company.crm_plus_amounts = "managers"
        self.assertFalse(any(profile.next_tier_missing or profile.next_tier_progress for profile in profiles))

    def test_a_limit_that_was_found_in_the_data_is_an_amount(self):
        self.tier.write({"rule": "top", "top_percent": 5})
        self.company.crm_plus_tier_cuts = {str(self.tier.id): OF_BOB}

        def limit(name):
            self.env.invalidate_all()
            tier = self.as_user(name, "crm.tier").browse(self.tier.id)
            return tier.limit, tier.limit_note

        self.assertEqual(limit("ann"), (OF_BOB, False))
        self.assertEqual(limit("reader"), (0, "Amounts are not shown to readers."))
        self.company.crm_plus_amounts = "managers"
        self.assertEqual(limit("manager"), (OF_BOB, False))
        self.assertEqual(limit("all"), (0, "Amounts are shown to sales managers only."))
        for field in ("crm_plus_tier_cuts", "crm_plus_rfm_cuts"):
            with self.assertRaises(AccessError):
                self.as_user("all", "res.company").browse(self.company.id).read([field])
        self.tier.basis = "orders"
        self.assertEqual(limit("reader"), (OF_BOB, False), "a number of orders is no amount")

    def test_the_data_behind_reasons_and_clusters_is_for_nobody(self):
        for model, field in (
            ("crm.tier.stay", "reason"),
            ("crm.segment.membership", "reason"),
            ("crm.customer.cluster", "center"),
            ("crm.customer.cluster", "rules"),
        ):
            for name in ("ann", "manager"):
                rows = self.as_user(name, model)
                self.assertNotIn(field, rows.fields_get())
                with self.assertRaises(UserError):
                    rows.search_read([], [field])

    def test_clusters_tell_no_typical_revenue(self):
        cluster = self.env["crm.customer.cluster"].create(
            {
                "company_id": self.company.id, "code": 1, "traits": [],
                "center": {"orders": 3, "revenue": 7533, "days": 9},
                "rules": [{"conditions": ["revenue > 7533"], "coverage": 0.5, "purity": 0.9}],
            }
        )  # fmt: skip

        def texts(name):
            theirs = self.as_user(name, "crm.customer.cluster").browse(cluster.id)
            return str(theirs.read(["typical", "description"])).replace(",", "")

        self.assertIn("7533", texts("ann"))
        self.company.crm_plus_amounts = "managers"
        self.assertIn("7533", texts("manager"))
        self.assertNotIn("7533", texts("ann"))

    def test_what_a_prediction_read_of_the_revenue_is_not_shown(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.customers["bob"].id, "user_id": self.users["ann"].id,
             "company_id": self.company.id, "type": "opportunity"}
        )  # fmt: skip
        score = self.env["crm.lead.score"].new({"lead_id": lead.id})

        def hidden(name):
            return score.with_env(self.as_user(name, "crm.lead").env)._hidden_amounts()

        self.assertEqual(hidden("ann"), set())
        self.company.crm_plus_amounts = "own"
        self.assertEqual(hidden("ann"), {"customer.revenue"})
        self.assertEqual(hidden("manager"), set())

    def test_service_logs_an_interaction_and_changes_its_own_only(self):
        self.company.crm_plus_amounts = "sales"
        dialog = Form(
            self.as_user("service", "crm.interaction.log").with_context(
                active_model="res.partner", active_ids=self.customers["bob"].ids
            )
        )
        dialog.name = "Complaint settled"
        dialog.save().action_log()
        rows = self.as_user("service", "crm.interaction")
        logged = rows.search([("name", "=", "Complaint settled")])
        self.assertEqual(logged.user_id, self.users["service"])
        logged.name = "Complaint settled on the phone"
        with self.assertRaises(AccessError):
            rows.search([("name", "=", "Bought")], limit=1).write({"name": "Changed"})
        with self.assertRaises(AccessError):
            self.as_user("reader", "crm.interaction").browse(logged.id).write({"name": "Changed"})
