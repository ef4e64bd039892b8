from datetime import timedelta

from odoo.tests import tagged

from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileRevenue(ProfileCase):
    """Revenue from orders: what counts, for whom, and how much."""

    def test_orders_of_a_customer_and_its_contacts_add_up(self):
        customer = self.customer()
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": customer.id})
        self.order(customer, 100, "2026-01-10 12:00:00")
        self.order(contact, 50, "2026-02-10 12:00:00")
        self.refresh()
        profile = self.profiles()
        self.assertEqual(profile.partner_id, customer)
        self.assertEqual((profile.order_count, profile.revenue, profile.average_order), (2, 150, 75))
        self.assertEqual(str(profile.first_order_date), "2026-01-10 12:00:00")
        self.assertEqual(str(profile.last_order_date), "2026-02-10 12:00:00")

    def test_a_quotation_and_a_cancelled_order_are_no_revenue(self):
        customer = self.customer()
        self.order(customer, 100)
        self.order(customer, 70)._action_cancel()
        self.order(self.customer("Other"), 70)._action_cancel()
        self.env["sale.order"].create({"partner_id": customer.id, "company_id": self.company.id})
        self.refresh()
        self.assertEqual([(p.partner_id, p.order_count, p.revenue) for p in self.profiles()], [(customer, 1, 100)])

    def test_an_order_in_another_currency_counts_at_its_own_rate(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.5, "company_id": self.company.id},
                {"currency_id": euro.id, "name": "2026-02-01", "rate": 0.8, "company_id": self.company.id},
            ]
        )
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        customer = self.customer()
        self.order(customer, 100, "2026-01-15 12:00:00", pricelist_id=pricelist.id)
        self.order(customer, 100, "2026-02-15 12:00:00", pricelist_id=pricelist.id)
        self.refresh()
        self.assertEqual(self.profile(customer).revenue, 100 / 0.5 + 100 / 0.8)

    def test_a_free_order_is_no_order(self):
        customer = self.customer()
        self.order(customer, 100, "2026-01-10 12:00:00")
        self.order(customer, 0, "2026-03-10 12:00:00")
        self.order(self.customer("Only free"), 0)
        self.refresh()
        profile = self.profiles()
        self.assertEqual((profile.partner_id, profile.order_count), (customer, 1))
        self.assertEqual(str(profile.last_order_date), "2026-01-10 12:00:00")

    def test_a_back_dated_order_moves_the_first_order_and_not_the_last(self):
        customer = self.customer()
        self.order(customer, 100, "2026-01-10 12:00:00")
        self.refresh()
        self.order(customer, 10, "2019-05-01 08:00:00")
        self.refresh()
        profile = self.profile(customer)
        self.assertEqual(str(profile.first_order_date), "2019-05-01 08:00:00")
        self.assertEqual(str(profile.last_order_date), "2026-01-10 12:00:00")

    def test_an_archived_customer_keeps_its_profile(self):
        customer = self.customer()
        self.order(customer)
        customer.active = False
        self.refresh()
        self.assertEqual(self.profile(customer).order_count, 1)

    def test_internal_users_and_the_company_itself_are_no_customers(self):
        user = self.env["res.users"].create({"name": "Clerk", "login": "profile_clerk"})
        colleague = self.env["res.partner"].create({"name": "Desk", "parent_id": self.company.partner_id.id})
        for partner in (user.partner_id, self.company.partner_id, colleague):
            self.order(partner)
        self.refresh()
        self.assertFalse(self.profiles())

    def test_who_only_sells_to_us_is_no_customer(self):
        self.env["res.partner"].create({"name": "Vendor", "is_company": True, "supplier_rank": 5})
        self.refresh()
        self.assertFalse(self.profiles())

    def test_companies_do_not_share_orders(self):
        other = self.env["res.company"].create({"name": "Sister Ltd", "currency_id": self.company.currency_id.id})
        customer = self.customer()
        self.order(customer, 100)
        sister = self.order(customer, 900)
        self.env.cr.execute("UPDATE sale_order SET company_id = %s WHERE id = %s", [other.id, sister.id])
        self.env.invalidate_all()
        self.refresh()
        self.Profile._refresh_company(other)
        in_first = customer.with_context(allowed_company_ids=self.company.ids).crm_profile_id
        in_other = customer.with_context(allowed_company_ids=other.ids).crm_profile_id
        self.assertEqual((in_first.revenue, in_other.revenue), (100, 900))
        both = customer.with_context(allowed_company_ids=[other.id, self.company.id])
        self.assertEqual(both.crm_profile_id, in_other)

    def test_an_order_dated_after_today_counts_from_its_day_on(self):
        customer, early = self.customer(), self.customer("Early")
        self.order(customer, 100, day="2026-01-10 12:00:00")
        slip = self.order(customer, 70, day="2037-01-10 12:00:00")
        self.order(early, 50, day="2037-01-10 12:00:00")
        for refresh in (self.refresh, self.refresh_touched):
            refresh()
            profile = self.profile(customer)
            self.assertEqual((profile.order_count, profile.revenue), (1, 100))
            self.assertEqual(str(profile.last_order_date), "2026-01-10 12:00:00")
            self.assertFalse(self.profile(early))
        midnight = self.company._crm_plus_start_of_day(self.company._crm_plus_today() + timedelta(days=1))
        slip.date_order = midnight - timedelta(seconds=1)
        self.refresh()
        self.assertEqual(self.profile(customer).revenue, 170)
        slip.date_order = midnight
        self.refresh()
        self.assertEqual(self.profile(customer).revenue, 100)
