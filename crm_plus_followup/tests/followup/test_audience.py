from datetime import date
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestAudience(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.customers(3, days=1)
        cls.order(cls.third, days=400)
        cls.refresh()

    def members(self, audience):
        model, domain = audience._asked_for()
        return model.sudo().search(domain)

    def test_customers_by_conditions_and_except_some(self):
        audience = self.audience(domain=repr([("order_count", ">=", 1)]))
        self.assertEqual(audience.member_count, 3)
        audience.excluded_domain = repr([("order_count", ">", 1)])
        self.assertEqual(self.members(audience).partner_id, self.first | self.second)
        self.assertEqual(audience.member_count, 2)

    def test_ages_of_orders_and_of_being_overdue_are_conditions(self):
        profiles = self.env["crm.customer.profile"]
        mine = [("company_id", "=", self.company.id)]
        for profile in profiles.search(mine):
            for name in ("days_since_order", "overdue_days", "next_tier_missing"):
                value = profile[name]
                for operator, holds in (("=", True), (">=", True), ("<=", True), (">", False), ("<", False)):
                    with self.subTest(field=name, operator=operator):
                        found = profiles.search([*mine, (name, operator, value)])
                        self.assertEqual(profile in found, holds)
        self.assertEqual(profiles.search_count([*mine, ("days_since_order", "<", 5)]), 3)

    def test_who_was_silent_on_a_channel(self):
        self.heard(self.first, days=10)
        self.heard(self.second, days=200)
        self.heard(self.third, channel="email", days=3)
        phone = self.env.ref("crm_plus.channel_phone")
        line = {"kind": "contact", "done": "no", "days": 90, "channel_ids": [Command.set(phone.ids)]}
        audience = self.audience(behavior_ids=[Command.create(line)])
        self.assertEqual(self.members(audience).partner_id, self.second | self.third)
        audience.behavior_ids.done = "yes"
        self.assertEqual(self.members(audience).partner_id, self.first)

    def test_who_bought_a_product_of_a_category_in_a_period(self):
        category = self.env["product.category"].create({"name": "Machines"})
        machine = self.env["product.product"].create({"name": "Machine", "categ_id": category.id, "type": "service"})
        order = self.env["sale.order"].create(
            {"partner_id": self.second.id, "company_id": self.company.id,
             "order_line": [Command.create({"product_id": machine.id, "price_unit": 7, "tax_ids": False})]}
        )  # fmt: skip
        order.action_confirm()
        line = {"kind": "purchase", "done": "yes", "days": 30, "category_ids": [Command.set(category.ids)]}
        audience = self.audience(behavior_ids=[Command.create(line)])
        self.assertEqual(self.members(audience).partner_id, self.second)
        audience.behavior_ids.done = "no"
        self.assertEqual(self.members(audience).partner_id, self.first | self.third)
        audience.kind = "contact"
        audience.domain = repr([("name", "=like", "Customer _")])
        audience.behavior_ids.done = "yes"
        self.assertEqual(self.members(audience), self.second)

    def test_leads_and_the_contacts_to_write_to(self):
        lead = self.env["crm.lead"].create(
            {"name": "Wants more", "type": "opportunity", "partner_id": self.first.id, "company_id": self.company.id}
        )
        self.heard(self.first, days=2)
        line = {"kind": "contact", "done": "yes", "days": 30}
        audience = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]), behavior_ids=[Command.create(line)])
        self.assertEqual(self.members(audience), lead)
        clerk, billing = self.env["res.partner"].create(
            [{"name": "Clerk", "parent_id": self.first.id, "type": "contact"},
             {"name": "Billing", "parent_id": self.first.id, "type": "invoice"}]
        )  # fmt: skip
        self.order(clerk, days=0)
        found = {}
        for whom in ("customer", "orderer", "invoice", "all"):
            audience.addressee = whom
            found[whom] = audience._addressees(self.first)
        self.assertEqual(found["customer"], self.first)
        self.assertEqual(found["orderer"], clerk)
        self.assertEqual(found["invoice"], billing)
        self.assertEqual(found["all"], self.first | clerk | billing)
        audience.addressee = "invoice"
        self.assertEqual(audience._addressees(self.second), self.second)

    def test_the_count_follows_while_it_is_edited(self):
        with Form(self.env["crm.audience"]) as form:
            form.name = "Live"
            self.assertEqual(form.member_count, 3)
            self.assertIn("Customer", form.examples)
            form.domain = repr([("order_count", ">", 1)])
            self.assertEqual(form.member_count, 1)

    def test_archived_customers_and_other_companies_are_nobody(self):
        audience = self.audience()
        self.second.active = False
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["crm.customer.profile"].create({"partner_id": self.first.id, "company_id": other.id})
        self.assertEqual(self.members(audience).partner_id, self.first | self.third)
        self.assertEqual(self.members(audience).company_id, self.company)

    def test_conditions_that_cannot_be_read_are_refused_with_a_sentence(self):
        for domain in ("[('nowhere', '=', 1)]", "[(", "7"):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.audience(domain=domain)

    def test_conditions_find_what_their_author_may_read(self):
        manager = self.chief
        foreign = self.env["crm.lead"].create({"name": "Of somebody", "user_id": self.env.user.id, "company_id": False})
        theirs = self.env["crm.audience"].with_user(self.env.user)
        audience = theirs.create(
            {"name": "Leads", "kind": "lead", "company_id": self.company.id, "domain": repr([("id", "=", foreign.id)])}
        )
        self.assertEqual(audience.definer_id, self.env.user)
        self.assertEqual(audience.with_user(manager).member_count, 1)
        behavior = (
            self.env["crm.audience.behavior"]
            .with_user(manager)
            .create({"audience_id": audience.id, "kind": "contact", "done": "no", "days": 5})
        )
        self.assertEqual(audience.definer_id, manager)
        self.assertTrue(behavior)
        with self.assertRaises(AccessError):
            audience.with_user(self.seller).name = "Mine"

    def test_relative_dates_move_with_the_day(self):
        audience = self.audience(domain=repr([("last_order_date", "<", "today -30d")]))
        self.assertEqual(audience.member_count, 0)
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET last_order_date = %s WHERE partner_id = %s",
            (fields.Datetime.subtract(fields.Datetime.now(), days=31), self.first.id),
        )
        self.env.invalidate_all()
        self.assertEqual(self.members(audience).partner_id, self.first)

    def test_looking_at_it_stores_no_limits_of_the_company(self):
        policies, audience = self.env["crm.followup.policy"], self.audience()
        rule = self.rule(state="draft", audience=audience)
        policies.search([("company_id", "=", self.company.id)]).unlink()
        self.assertIn("By email", audience.reach_note)
        self.assertTrue(rule.result_text)
        self.assertFalse(policies.search([("company_id", "=", self.company.id)]), "it may be read in a read-only way")

    def test_who_has_a_birthday_in_the_next_days(self):
        born = {date(1980, 2, 29): 0, date(1990, 3, 3): 1, date(2001, 1, 1): 2, date(1975, 12, 31): 3}
        partners = self.customers(5)
        for day, place in born.items():
            self.env.cr.execute(
                "UPDATE res_partner SET create_date = %s WHERE id = %s", (f"{day} 12:00:00", partners[place].id)
            )
        self.env.cr.execute("UPDATE res_partner SET create_date = NULL WHERE id = %s", (partners[4].id,))
        self.env.invalidate_all()
        mine = [("id", "in", partners.ids)]
        contacts = self.audience(kind="contact", domain=repr(mine))
        customers = self.audience(domain=repr([("partner_id", "in", partners.ids)]))

        def found(audience, today, days, done, path):
            audience.behavior_ids = [
                Command.clear(),
                Command.create({"kind": "date", "done": done, "days": days, "date_field": path}),
            ]
            with patch.object(type(self.company), "_crm_plus_today", lambda _company: today):
                self.env.flush_all()
                rows = self.env.execute_query(audience._members_sql())
            return {partners.ids.index(row[0]) for row in rows}

        for today, days, expected in (
            (date(2027, 2, 27), 1, {0}),  # no leap year: on the 28th
            (date(2028, 2, 27), 1, set()),
            (date(2028, 2, 28), 1, {0}),
            (date(2027, 2, 26), 5, {0, 1}),
            (date(2026, 12, 30), 2, {2, 3}),
            (date(2026, 7, 1), 400, {0, 1, 2, 3}),
        ):
            with self.subTest(today=today, days=days):
                self.assertEqual(found(contacts, today, days, "yes", "create_date"), expected)
                self.assertEqual(found(contacts, today, days, "no", "create_date"), {0, 1, 2, 3, 4} - expected)
                self.assertEqual(found(customers, today, days, "yes", "partner_id.create_date"), expected)
                self.assertEqual(
                    found(customers, today, days, "no", "partner_id.create_date"), {0, 1, 2, 3, 4} - expected
                )

    def test_a_yearly_date_is_one_that_its_author_may_read(self):
        audience = self.audience()
        for path in (
            "partner_id.name",
            "partner_id.nothing",
            "partner_id.name.create_date",
            "nothing",
            False,
            "partner_id",
        ):
            with self.subTest(path), self.assertRaisesRegex(ValidationError, "Yearly date"), self.cr.savepoint():
                audience.behavior_ids = [Command.create({"kind": "date", "date_field": path})]
        secret = self.env["res.partner"]._fields["create_date"]
        with (
            patch.object(secret, "groups", "base.group_system"),
            self.assertRaisesRegex(AccessError, "has no access to"),
            self.cr.savepoint(),
        ):
            audience.with_user(self.chief).behavior_ids = [
                Command.create({"kind": "date", "date_field": "partner_id.create_date"})
            ]
