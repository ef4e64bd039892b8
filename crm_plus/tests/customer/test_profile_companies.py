from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..job.common import run_jobs_to_their_end
from .common import ProfileCase

STAYS = "crm.tier.stay", "crm.segment.membership"


@tagged("post_install", "-at_install")
class TestWhoAsks(ProfileCase):
    """Conditions of a segment mean the company whose customers they are, whichever company a job runs in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.other.partner_id.tz, cls.company.partner_id.tz = "Pacific/Honolulu", "Pacific/Kiritimati"

    def current(self, domain, customer):
        segment = {"name": "Found", "code": "found", "domain": domain, "state": "active"}
        family = self.env["crm.segment.family"].create(
            {"name": "By conditions", "company_id": self.company.id, "segment_ids": [Command.create(segment)]}
        )
        self.env.flush_all()
        elsewhere = self.Profile.with_context(allowed_company_ids=self.other.ids)
        self.assertTrue(elsewhere._refresh_company(self.company))
        return (
            self.env["crm.segment.membership"]
            .search([("family_id", "=", family.id), ("partner_id", "=", customer.id), ("date_to", "=", False)])
            .segment_id.code
        )

    def test_what_differs_from_company_to_company(self):
        customer = self.customer()
        customer.with_company(self.company).property_payment_term_id = self.env.ref(
            "account.account_payment_term_15days"
        )
        self.order(customer)
        self.refresh()
        self.assertEqual(self.current("[('partner_id.property_payment_term_id', '!=', False)]", customer), "found")

    def test_what_day_it_is(self):
        customer = self.customer()
        self.order(customer)
        self.refresh()
        yesterday = self.company._crm_plus_today() - timedelta(days=1)
        self.profile(customer).write({"next_order_date": yesterday, "overdue_date": yesterday})
        self.assertEqual(self.profile(customer).next_order_date, self.other._crm_plus_today())
        self.assertTrue(self.profile(customer).is_overdue)
        self.assertEqual(self.current("[('is_overdue', '=', True)]", customer), "found")


@tagged("post_install", "-at_install")
class TestCompanies(ProfileCase):
    """Two companies with currencies of their own and one customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run_jobs_to_their_end(cls)
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.other = cls.env["res.company"].create({"name": "Euro Ltd", "currency_id": euro.id})
        cls.env.user.company_ids |= cls.other
        rate = {"currency_id": euro.id, "name": "2020-01-01", "rate": 0.5}
        cls.env["res.currency.rate"].create({**rate, "company_id": cls.company.id})
        cls.both = cls.company | cls.other
        cls.buyer = cls.env["res.partner"].create({"name": "Buyer", "is_company": True})
        cls.tier = cls.env["crm.tier"].create(
            {"name": "Hundred", "threshold": 100, "sequence": -10, "company_id": False}
        )
        cls.env["crm.tier"].search([("id", "!=", cls.tier.id)]).active = False

    def order_in(self, company, amount, **values):
        """An order of a company, in its currency unless another is given."""
        order = (
            self.env["sale.order"]
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "partner_id": self.buyer.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "price_unit": amount, "tax_ids": False})
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        return order

    def refresh_both(self):
        self.env.flush_all()
        for company in self.both:
            self.assertTrue(self.Profile._refresh_company(company))

    def seen_by(self, user, *companies):
        """The customer as the user sees it while working for the companies, the first being the current one."""
        ids = [company.id for company in companies]
        return self.buyer.with_user(user).with_context(allowed_company_ids=ids)

    def test_each_company_counts_in_its_own_currency(self):
        self.order_in(self.company, 60)
        euro_prices = self.env["product.pricelist"].create({"name": "Euro", "currency_id": self.other.currency_id.id})
        self.order_in(self.company, 60, pricelist_id=euro_prices.id)
        self.order_in(self.other, 80)
        self.refresh_both()
        found = {profile.company_id: profile for profile in self.Profile.search([("partner_id", "=", self.buyer.id)])}
        self.assertEqual((found[self.company].revenue, found[self.other].revenue), (60 + 120, 80))
        self.assertEqual(found[self.other].currency_id, self.other.currency_id)
        self.assertEqual([found[company].tier_id for company in self.both], [self.tier, self.env["crm.tier"]])

    def test_a_user_of_two_companies_sees_the_numbers_of_the_current_one(self):
        for amount, company in ((150, self.company), (50, self.other)):
            self.order_in(company, amount)
        self.refresh_both()
        groups = "sales_team.group_sale_salesman_all_leads"
        user = new_test_user(self.env, "both_companies", groups, company_id=self.company.id, company_ids=self.both.ids)
        for current, other, revenue, tier in (
            (self.company, self.other, 150, self.tier),
            (self.other, self.company, 50, self.env["crm.tier"]),
        ):
            partner = self.seen_by(user, current, other)
            self.assertEqual((partner.crm_profile_id.revenue, partner.crm_tier_id.sudo()), (revenue, tier))
            details = partner.env["crm.customer.profile"].glance_details(partner.id)
            self.assertIn(f"{revenue}.00", str(details))
            found = partner.search([("crm_tier_id", "=", self.tier.id), ("id", "=", self.buyer.id)])
            self.assertEqual(bool(found), bool(tier))
            mapped = partner.env["crm.customer.profile"].segment_map()
            self.assertEqual(sum(cell["revenue"] for cell in mapped["cells"]), revenue)
            self.assertEqual(mapped["currency_id"], current.currency_id.id)

    def test_an_archived_company_is_left_alone_and_comes_back_up_to_date(self):
        self.order_in(self.other, 50)
        self.refresh_both()
        self.order_in(self.other, 70)
        self.other.active = False
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_refresh_profiles").method_direct_trigger()
        profile = self.Profile.search([("company_id", "=", self.other.id)])
        self.assertEqual(profile.revenue, 50)
        self.other.active = True
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_refresh_profiles").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(profile.revenue, 120)

    def bare_company(self):
        """One that no other app has made anything for, so that it can be deleted."""
        columns = [
            name for name, field in self.company._fields.items() if field.store and field.column_type and name != "id"
        ]
        partner = self.env["res.partner"].create({"name": "Short-lived Ltd"})
        values = {name: SQL.identifier(name) for name in columns}
        values |= {"name": SQL("'Short-lived Ltd'"), "partner_id": SQL("%s", partner.id)}
        self.env.flush_all()
        [[company_id]] = self.env.execute_query(
            SQL(
                "INSERT INTO res_company (%s) SELECT %s FROM res_company WHERE id = %s RETURNING id",
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(values.values()),
                self.company.id,
            )
        )
        return self.company.browse(company_id)

    def test_a_deleted_company_takes_all_that_is_its_own_along(self):
        company = self.bare_company()
        own, today = {"company_id": company.id}, company._crm_plus_today()
        tier = self.env["crm.tier"].create({"name": "Own", "threshold": 10, **own})
        segment = {"name": "All", "code": "all", "state": "active", "region_ids": [Command.create({})]}
        family = self.env["crm.segment.family"].create(
            {"name": "Own", "kind": "rfm", "segment_ids": [Command.create(segment)], **own}
        )
        customer = {"partner_id": self.buyer.id, "date_from": today, **own}
        place = {"tier_id": tier.id}, {"segment_id": family.segment_ids.id, "family_id": family.id}
        profile = self.Profile.create({"partner_id": self.buyer.id, **own})
        stays = [self.env[name].create({**customer, **at}) for name, at in zip(STAYS, place, strict=True)]
        override = self.env["crm.tier.override"].create(
            {"partner_id": self.buyer.id, "tier_id": tier.id, "reason": "friend", **own}
        )
        version = self.env["crm.score.model"].create({"version": 1, "state": "published", **own})
        activity = version.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)
        self.env.flush_all()
        company.unlink()
        for record in (tier, family, family.segment_ids, profile, override, version, activity, *stays):
            self.assertFalse(record.exists(), record)

    def test_nothing_of_ours_outlives_its_company_as_that_of_all_companies(self):
        """What has no company belongs to all of them."""
        ours = [model for model in self.env.values() if model._original_module == "crm_plus" and model._auto]
        fields_ = [model._fields["company_id"] for model in ours if "company_id" in model._fields]
        for field in fields_:
            if field.store and not field.related:
                self.assertEqual((field.model_name, field.ondelete), (field.model_name, "cascade"))
        self.assertGreater(len(fields_), 10)
