import random

from odoo.tests import tagged
from odoo.tools import SQL

from ...services.customer import refresh
from ...services.trial import trial
from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileRefresh(ProfileCase):
    """A refresh writes what differs and nothing else, and some customers come out as all of them would."""

    def test_a_second_refresh_with_nothing_changed_writes_no_row(self):
        _partners, orders = self.random_orders(random.Random(1), 30)
        self.many_orders(orders)
        self.refresh()
        self.train()
        tables = "crm_customer_profile", "crm_customer_cohort"
        before = [self.row_versions(table) for table in tables]
        self.refresh()
        self.train()
        self.assertEqual([self.row_versions(table) for table in tables], before)
        self.assertEqual(len(before[0]), 30)

    def test_many_new_customers_come_in_steps_that_leave_what_one_would_have(self):
        _partners, orders = self.random_orders(random.Random(11), 30)
        self.many_orders(orders)
        self.company.crm_plus_profile_date = False
        self.patch(refresh, "LONG", 0)
        self.assertFalse(self.Profile._refresh_company(self.company, most=12))
        self.assertEqual(self.Profile.search_count([("company_id", "=", self.company.id)]), 12)
        self.assertFalse(self.company.crm_plus_profile_date, "it is not done")
        self.assertFalse(self.Profile._refresh_company(self.company, most=12))
        self.assertTrue(self.Profile._refresh_company(self.company, most=12))
        self.assertTrue(self.company.crm_plus_profile_date)
        tables = "crm_customer_profile", "crm_segment_membership", "crm_tier_stay"
        before = [self.row_versions(table) for table in tables]
        self.refresh()
        self.assertEqual([self.row_versions(table) for table in tables], before)
        self.assertEqual(len(before[0]), 30)

    def test_as_many_parts_are_written_in_a_step_as_there_is_time_for(self):
        _partners, orders = self.random_orders(random.Random(13), 30)
        self.many_orders(orders)
        self.company.crm_plus_profile_date = False
        with trial(self.env):
            self.refresh()
            wanted = self.places()
        self.assertTrue(self.Profile._refresh_company(self.company, most=7))
        self.assertEqual(self.places(), wanted)
        self.assertTrue(self.company.crm_plus_profile_date)

    def test_rules_that_move_everybody_move_them_in_steps_that_leave_what_one_would_have(self):
        _partners, orders = self.random_orders(random.Random(12), 30)
        self.many_orders(orders)
        self.refresh()
        self.company.write({"crm_plus_rfm_mode": "fixed", "crm_plus_recency_cuts": "1, 2, 3, 4"})
        self.env["crm.tier"].create({"name": "Anybody", "company_id": self.company.id, "threshold": 1})
        conditions = self.env["crm.segment.family"].create({"name": "Orders", "kind": "domain"})
        for name, state in (("Everybody", "active"), ("Everybody soon", "draft")):
            self.env["crm.segment"].create({"name": name, "family_id": conditions.id, "state": state})
        # A step writes figures, tiers and segments; whoever moves ends a stay and begins another.
        most, limits = 4, {"crm_customer_profile": 3, "crm_tier_stay": 2, "crm_segment_membership": 4}
        with trial(self.env):
            self.refresh()
            wanted = self.places()
        self.assertGreater(len(set(wanted) - set(self.places())), 60)
        self.patch(refresh, "LONG", 0)
        steps, done = 0, False
        while not done:
            before = {table: set(self.row_versions(table)) for table in limits}
            done = self.Profile._refresh_company(self.company, most=most)
            for table, limit in limits.items():
                self.assertLessEqual(len(set(self.row_versions(table)) - before[table]), limit * most, table)
            steps += 1
            self.assertLess(steps, 60)
        self.assertEqual(self.places(), wanted)

    def places(self):
        """Tiers and segments of all customers."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """SELECT partner_id, tier_id, segment_id, segment_score, rfm FROM crm_customer_profile
                    WHERE company_id = %(company)s
                    UNION ALL SELECT partner_id, tier_id, NULL, NULL, date_to::text FROM crm_tier_stay
                    WHERE company_id = %(company)s
                    UNION ALL SELECT partner_id, NULL, segment_id, score, concat(shadow, date_to)
                         FROM crm_segment_membership WHERE company_id = %(company)s ORDER BY 1, 2, 3, 4, 5""",
                company=self.company.id,
            )
        )

    def test_a_refresh_of_touched_customers_who_are_as_before_writes_no_row(self):
        partners, orders = self.random_orders(random.Random(2), 10)
        self.many_orders(orders)
        self.refresh()
        self.train()
        before = self.row_versions()
        self.env["crm.customer.queue"]._add(partners.ids)
        self.refresh_touched()
        self.assertEqual(self.row_versions(), before)

    def test_only_the_customer_who_changed_is_written(self):
        partners, orders = self.random_orders(random.Random(3), 10)
        self.many_orders(orders)
        self.refresh()
        before = set(self.row_versions())
        self.order(partners[4], 10, "2020-01-01 12:00:00")
        self.refresh_touched()
        self.assertEqual(len(set(self.row_versions()) - before), 1)

    def test_events_bring_a_customer_into_the_queue(self):
        customer = self.customer()
        order = self.order(customer, 100)
        self.refresh_touched()
        self.assertEqual(self.profile(customer).revenue, 100)
        order._action_cancel()
        self.refresh_touched()
        self.assertFalse(self.profile(customer))

    def test_another_tax_within_the_same_total_changes_the_revenue(self):
        group = self.env["account.tax.group"].create({"name": "Included", "company_id": self.company.id})
        tax = self.env["account.tax"].create(
            {"name": "Included", "amount": 25, "price_include_override": "tax_included", "tax_group_id": group.id,
             "company_id": self.company.id, "country_id": self.env.ref("base.us").id}
        )  # fmt: skip
        customer = self.customer()
        order = self.order(customer, 100)
        self.refresh_touched()
        order.order_line.tax_ids = tax
        self.assertEqual((order.amount_total, order.amount_untaxed), (100, 80))
        self.refresh_touched()
        self.assertEqual(self.profile(customer).revenue, 80)

    def test_a_contact_that_moves_takes_its_orders_along(self):
        first, second = self.customer("First"), self.customer("Second")
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": first.id})
        self.order(contact, 100)
        self.order(second, 30)
        self.refresh()
        self.assertEqual((self.profile(first).revenue, self.profile(second).revenue), (100, 30))
        contact.parent_id = second
        self.refresh_touched()
        self.assertFalse(self.profile(first))
        self.assertEqual(self.profile(second).revenue, 130)

    def test_a_contact_that_becomes_a_company_is_a_customer_of_its_own(self):
        parent = self.customer()
        contact = self.env["res.partner"].create({"name": "Branch", "parent_id": parent.id})
        below = self.env["res.partner"].create({"name": "Buyer", "parent_id": contact.id})
        self.order(below, 100)
        self.refresh()
        self.assertEqual(self.profile(parent).revenue, 100)
        contact.is_company = True
        self.refresh_touched()
        self.assertFalse(self.profile(parent))
        self.assertEqual(self.profile(contact).revenue, 100)

    def test_a_customer_that_becomes_a_contact_loses_its_profile(self):
        group, company = self.customer("Group"), self.env["res.partner"].create({"name": "Company"})
        self.order(company, 100)
        self.refresh()
        company.parent_id = group
        self.refresh_touched()
        self.assertEqual((self.profile(company).id, self.profile(group).revenue), (False, 100))

    def test_who_becomes_an_internal_user_is_no_customer_any_more(self):
        customer = self.env["res.partner"].create({"name": "Hired", "email": "hired@example.com"})
        self.order(customer)
        self.refresh()
        self.env["res.users"].create({"name": "Hired", "login": "profile_hired", "partner_id": customer.id})
        self.refresh_touched()
        self.assertFalse(self.profile(customer))

    def test_merged_customers_have_one_profile(self):
        kept, gone = self.customer("Kept"), self.customer("Gone")
        self.order(kept, 100, "2026-01-10 12:00:00")
        self.order(gone, 50, "2025-01-10 12:00:00")
        self.refresh()
        self.merge(gone, kept)
        self.refresh_touched()
        profile = self.profiles()
        self.assertEqual((profile.partner_id, profile.order_count, profile.revenue), (kept, 2, 150))
        self.assertEqual(str(profile.first_order_date), "2025-01-10 12:00:00")

    def test_the_profile_of_a_deleted_partner_goes_with_it(self):
        customer = self.customer()
        order = self.order(customer)
        self.refresh()
        order._action_cancel()
        order.unlink()
        customer.unlink()
        self.assertFalse(self.profiles())
        self.refresh_touched()

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
