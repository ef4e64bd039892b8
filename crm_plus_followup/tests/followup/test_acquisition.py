from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestAcquisition(FollowupCase):
    """What leads cost and bring: ratios of sums, each number made of the rows below it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["crm.acquisition"]
        cls.fair, cls.web = (cls.env["utm.source"].create({"name": name}) for name in ("Fair 8", "Web 8"))
        cls.campaign = cls.env["utm.campaign"].create({"title": "Spring 8"})

    def lead(self, source, days, won_after=None, partner=None, **values):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "company_id": self.company.id, "source_id": source.id,
             "partner_id": partner.id if partner else False, **values}
        )  # fmt: skip
        created = fields.Datetime.now() - timedelta(days=days)
        if won_after is not None:
            lead.action_set_won()
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", (created, lead.id))
        if won_after is not None:
            self.env.cr.execute(
                "UPDATE crm_lead SET date_closed = %s WHERE id = %s", (created + timedelta(days=won_after), lead.id)
            )
        self.env.invalidate_all()
        return lead

    def sums(self, source, *names):
        return self.report._read_group([("source_id", "=", source.id)], [], [f"{name}:sum" for name in names])[0]

    def partner(self):
        return self.env["res.partner"].create({"name": "Acquired", "is_company": True})

    def test_it_stores_no_limits_of_a_company_that_has_none(self):
        policies = self.env["crm.followup.policy"]
        policies.search([("company_id", "=", self.company.id)]).unlink()
        self.lead(self.fair, 20)
        self.assertEqual(self.sums(self.fair, "leads"), (1,))
        self.assertFalse(policies.search([("company_id", "=", self.company.id)]), "it may be read in a read-only way")

    def test_a_loss_pays_back_nothing(self):
        customer = self.partner()
        lead = self.lead(self.fair, 600, 5, customer)
        lead.campaign_id = self.campaign
        self.order(customer, days=590, amount=300)
        self.order(customer, days=400, amount=-900)
        self.refresh()
        self.env["crm.campaign.cost"].create(
            {"name": "Stand", "company_id": self.company.id, "campaign_id": self.campaign.id, "amount": 250}
        )
        customers, gain, months = self.sums(self.fair, "customers", "first_year_gain", "payback_months")
        self.assertEqual(customers, 1)
        self.assertLess(gain, 0)
        self.assertIs(months, False)

    def test_ratios_are_those_of_the_sums(self):
        for days, won_after in ((60, 10), (60, 30), (60, None)):
            self.lead(self.fair, days, won_after)
        self.lead(self.fair, 60).action_set_lost()
        self.lead(self.web, 60, 2)
        self.assertEqual(self.sums(self.fair, "leads", "closed", "won"), (4, 3, 2))
        share, days = self.sums(self.fair, "won_share", "days_to_win")
        self.assertAlmostEqual(share, 200 / 3)
        self.assertAlmostEqual(days, 20)
        both = [("source_id", "in", (self.fair | self.web).ids)]
        [(share, days)] = self.report._read_group(both, [], ["won_share:sum", "days_to_win:sum"])
        self.assertAlmostEqual(share, 75)
        self.assertAlmostEqual(days, 14)
        months = dict(self.report._read_group([*both, ("won", "=", 1)], ["months_to_win"], ["won:sum"]))
        self.assertEqual(months, {"00": 3})

    def test_months_until_won_are_named_and_in_their_order(self):
        for won_after in (1, 40, 70, 400, 1500):
            self.lead(self.fair, 1800, won_after)
        self.lead(self.fair, 60)
        mine = [("source_id", "=", self.fair.id)]
        groups = self.report._read_group(mine, ["months_to_win"], ["won:sum"], order="months_to_win")
        labels = dict(self.report.fields_get(["months_to_win"])["months_to_win"]["selection"])
        self.assertEqual(
            [(labels.get(months, "still open"), won) for months, won in groups],
            [("Within a month", 1), ("After 1 month", 1), ("After 2 months", 1), ("After 13 months", 1),
             ("After 24 months or more", 1), ("still open", 0)],
        )  # fmt: skip

    def test_a_customer_is_acquired_once_by_the_first_lead(self):
        one, two, three = self.partner(), self.partner(), self.partner()
        self.order(one, days=700, amount=1000)  # before the lead: no new customer
        self.lead(self.fair, 600, 5, one)
        self.lead(self.fair, 600, 5, two)
        self.lead(self.web, 500, 5, two)
        self.order(two, days=590, amount=300)
        self.order(two, days=300, amount=200)
        self.order(two, days=100, amount=900)  # after the first year
        self.lead(self.web, 50, None, three)
        self.refresh()
        self.env["crm.campaign.cost"].create(
            {"name": "Stand", "company_id": self.company.id, "campaign_id": self.campaign.id, "amount": 250}
        )
        self.report.search([("source_id", "=", self.fair.id)]).lead_id.campaign_id = self.campaign
        names = ("customers", "first_year_revenue", "cost", "cost_per_customer")
        self.assertEqual(self.sums(self.fair, *names), (1, 500, 250, 250))
        self.assertEqual(self.sums(self.web, "customers", "cost"), (0, 0))
        self.assertIs(self.sums(self.web, "payback_months")[0], False)
        [row] = self.report.search([("partner_id", "=", two.id), ("customers", "=", 1)])
        gain = row.first_year_gain
        self.assertAlmostEqual(self.sums(self.fair, "payback_months")[0], 12 * 250 / gain)
        profile = self.env["crm.customer.profile"].search(
            [("partner_id", "=", two.id), ("company_id", "=", self.company.id)]
        )
        self.assertAlmostEqual(row.lifetime_value, 1400 + (profile.clv or 0))

    def test_who_comes_and_orders_on_one_day_of_the_company_is_acquired(self):
        self.company.partner_id.tz = "Asia/Tehran"
        partner = self.partner()
        order = self.order(partner, days=50)
        lead = self.lead(self.fair, 50, 5, partner)
        self.env.flush_all()
        # 00:30 and 08:30 there, of 2 March
        self.env.cr.execute("UPDATE sale_order SET date_order = '2026-03-01 21:00:00' WHERE id = ANY(%s)", [order.ids])
        self.env.cr.execute("UPDATE crm_lead SET create_date = '2026-03-02 05:00:00' WHERE id = %s", [lead.id])
        self.env.invalidate_all()
        self.refresh()
        self.assertEqual(self.sums(self.fair, "leads", "customers"), (1, 1))

    def test_each_number_opens_the_leads_it_is_made_of(self):
        for won_after in (3, 4, None):
            self.lead(self.fair, 20, won_after)
        for field, count in (("won", 2), ("closed", 2), ("leads", 3)):
            rows = self.report.search([("source_id", "=", self.fair.id), (field, "=", 1)])
            self.assertEqual((len(rows), self.sums(self.fair, field)[0]), (count, count))
            self.assertEqual(rows.ids, rows.lead_id.ids)

    def test_managers_of_the_company_read_it(self):
        self.lead(self.fair, 20)
        with self.assertRaises(AccessError):
            self.report.with_user(self.seller).search([])
        chief = self.report.with_user(self.chief).search([("source_id", "=", self.fair.id)])
        self.assertEqual(len(chief), 1)
