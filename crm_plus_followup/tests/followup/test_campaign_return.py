from datetime import timedelta

from odoo import fields
from odoo.addons.crm_plus.tests.customer.test_profile_invoices import InvoiceCase
from odoo.addons.crm_plus_followup.models.followup.crm_campaign_return import ROWS, WINDOW
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestCampaignReturn(FollowupCase):
    """What campaigns and rules reached, brought and cost; each number opens the records it is made of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["crm.campaign.return"]
        cls.fair, cls.letter = (cls.env["utm.campaign"].create({"title": title}) for title in ("Fair 7", "Letter 7"))

    def lead(self, campaign, days, partner=None, **values):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "company_id": self.company.id, "campaign_id": campaign.id,
             "partner_id": partner.id if partner else False, **values}
        )  # fmt: skip
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=days), lead.id),
        )
        lead.invalidate_recordset()
        return lead

    def rows(self, **where):
        self.env.invalidate_all()
        return self.report.search([(name, "=", value) for name, value in where.items()])

    def sums(self, *names, days=None, **where):
        report = self.report.with_context(**{WINDOW: days}) if days else self.report
        domain = [(name, "=", value) for name, value in where.items()]
        [row] = report._read_group(domain, [], [f"{name}:sum" for name in names])
        return row

    def test_a_report_stores_no_limits_of_a_company_that_has_none(self):
        policies = self.env["crm.followup.policy"]
        policies.search([("company_id", "=", self.company.id)]).unlink()
        self.lead(self.fair, 20, self.customers(1, days=300))
        self.assertEqual(self.sums("reached", campaign_id=self.fair.id), (1,))
        self.assertFalse(policies.search([("company_id", "=", self.company.id)]), "it may be read in a read-only way")

    def test_what_a_client_says_of_rows_in_the_context_changes_no_number(self):
        self.lead(self.fair, 20, self.customers(1, days=10))
        names = ("reached", "orders", "cost")
        expected = self.sums(*names, campaign_id=self.fair.id)
        for nonsense in ("x", ["x"], [None], 5, {"a": 1}, [1.5], True):
            self.report = self.report.with_context(**{ROWS: nonsense})
            self.assertEqual(self.sums(*names, campaign_id=self.fair.id), expected)

    def test_campaigns_are_a_card_of_the_overview_that_agrees_with_its_rows(self):
        one, two = self.customers(2, days=300)
        self.lead(self.fair, 60, one)
        self.lead(self.letter, 20, one)
        self.lead(self.letter, 20, two)
        self.order(one, amount=500, days=10)
        self.env.flush_all()
        self.env.invalidate_all()
        day = self.company._crm_plus_today()
        chosen = {"date_from": str(day - timedelta(days=90)), "date_to": str(day)}
        days = self.env["crm.kpi.day"]
        self.assertIn("campaigns", days.overview_cards()["cards"])
        card = days.overview_card("campaigns", chosen)
        self.assertTrue(all(head["why"] for head in card["heads"]))
        rows = {row["label"]: row for row in card["rows"]}
        names = days._overview_reports()["campaigns"].measures
        for campaign, reached, revenue in ((self.fair, 1, 0), (self.letter, 2, 500)):
            row = rows[campaign.display_name]
            values = dict(zip(names, row["values"], strict=True))
            self.assertEqual((values["reached"], values["last_revenue"] or 0), (reached, revenue))
            window = days.action_open("campaigns", row["key"], chosen)
            self.assertEqual(days.action_open("campaigns", int(row["key"]), chosen)["domain"], window["domain"])
            listed = self.env[window["res_model"]].search(window["domain"])
            self.assertEqual(sum(listed.mapped("reached")), reached)
            self.assertEqual(sum(listed.mapped("last_revenue")), revenue)
        narrowed = days.overview_card("campaigns", {**chosen, "country_id": self.env.ref("base.be").id})
        self.assertEqual(narrowed["rows"], [])

    def test_the_card_of_campaigns_is_of_the_company_the_period_and_its_reader(self):
        one, two = self.customers(2, days=300)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.chief.company_ids |= other
        self.chief.group_ids |= self.env.ref("base.group_partner_manager")
        self.lead(self.fair, 90, one)
        self.lead(self.fair, 91, two)
        self.lead(self.fair, 1, two, company_id=other.id)
        for partner in (one, two):
            self.lead(self.letter, 5, partner)
        self.follow(self.rule())
        day = self.company._crm_plus_today()
        chosen = {"date_from": str(day - timedelta(days=90)), "date_to": str(day)}
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.rows(kind="rule"))
        both = {"allowed_company_ids": [self.company.id, other.id]}
        days = self.env["crm.kpi.day"].with_user(self.chief).with_context(**both)
        card = days.overview_card("campaigns", chosen)
        told = [(row["label"], row["values"][0]) for row in card["rows"]]
        self.assertEqual(told, [(self.letter.display_name, 2), (self.fair.display_name, 1)])
        names = days._overview_reports()["campaigns"].measures
        values = dict(zip(names, card["rows"][0]["values"], strict=True))
        self.assertIs(values["return_on_cost"], False, "nothing is known of what has cost nothing")
        nothing = days.action_open("campaigns", "0", chosen)
        self.assertFalse(days.env["crm.campaign.return"].search(nothing["domain"]))
        seller = days.with_user(self.seller).with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(seller.overview_card("campaigns", chosen)["rows"], [])
        with self.assertRaises(UserError):
            seller.action_open("campaigns", card["rows"][0]["key"], chosen)

    def test_first_touch_last_touch_and_all_that_came_after(self):
        one, two = self.customers(2, days=300)
        self.lead(self.fair, 60, one)
        self.lead(self.letter, 20, one)
        self.order(one, amount=500, days=10)
        self.order(one, amount=70, days=40)  # after the fair, before the letter
        self.lead(self.letter, 20, two)
        self.env.flush_all()
        fair = {"campaign_id": self.fair.id}
        letter = {"campaign_id": self.letter.id}
        names = ("reached", "orders", "revenue", "first_revenue", "last_revenue", "first_orders", "last_orders")
        self.assertEqual(self.sums(*names, **fair), (1, 2, 570, 570, 70, 2, 1))
        self.assertEqual(self.sums(*names, **letter), (2, 1, 500, 0, 500, 0, 1))
        # the fair is 50 days before the second order
        self.assertEqual(self.sums("orders", "first_revenue", days=30, **fair), (1, 70))
        self.assertEqual(self.sums("orders", "first_revenue", days=30, **letter), (1, 500))
        # each order counts once among the campaigns
        both = self.report._read_group([("kind", "=", "campaign")], [], ["first_revenue:sum", "last_revenue:sum"])
        self.assertEqual(both, [(570, 570)])

    def test_a_company_counts_once_and_leads_without_a_customer_count(self):
        [one] = self.customers(1)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": one.id})
        for partner in (one, contact, contact):
            self.lead(self.fair, 5, partner)
        self.lead(self.fair, 5).action_set_won()
        rows = self.rows(campaign_id=self.fair.id)
        self.assertEqual(sorted(rows.mapped("leads")), [1, 3])
        self.assertEqual((sum(rows.mapped("reached")), sum(rows.mapped("won"))), (2, 1))
        self.assertEqual(len(set(rows.ids)), 2)

    def test_a_rule_reaches_each_customer_once_and_its_activities_cost_hours(self):
        partners = self.customers(4)
        self.policy.write({"hour_cost": 40, "activity_hours": 0.5})
        tag = self.env["res.partner.category"].create({"name": "T"})
        rule = self.rule({"kind": "activity", "activity_type_id": self.call.id}, {"kind": "tag", "tag_id": tag.id})
        self.follow(rule)
        self.activities(partners)[:2].action_feedback()
        self.env["crm.campaign.cost"].create(
            {"name": "Gift", "company_id": self.company.id, "rule_id": rule.id, "amount": 60}
        )
        self.env.cr.execute("UPDATE crm_followup_event SET date = date - interval '1 hour'")
        self.order(partners[0], amount=300, days=0)
        self.heard(partners[1], "email", "in")
        rows = self.rows(rule_id=rule.id)
        self.assertEqual(rows.partner_id, partners)
        found = self.sums("reached", "orders", "last_revenue", "replied", "cost", rule_id=rule.id)
        self.assertEqual(found, (4, 1, 300, 1, 100))
        [(returned,)] = self.report._read_group([("rule_id", "=", rule.id)], [], ["return_on_cost:sum"])
        gained = sum(row.last_margin if row.last_margin is not False else row.last_revenue for row in rows)
        self.assertAlmostEqual(returned, 100 * (gained - 100) / 100)

    def test_a_cost_without_anybody_reached_is_not_lost(self):
        cost = {"name": "Stand", "company_id": self.company.id, "amount": 900}
        self.env["crm.campaign.cost"].create({**cost, "campaign_id": self.fair.id})
        self.assertEqual(self.sums("reached", "cost", campaign_id=self.fair.id), (0, 900))
        self.lead(self.fair, 5)
        self.lead(self.fair, 4)
        self.assertEqual(self.sums("reached", "cost", campaign_id=self.fair.id), (2, 900))
        for wrong in ({}, {"campaign_id": self.fair.id, "rule_id": self.rule().id}):
            with self.assertRaises(ValidationError):
                self.env["crm.campaign.cost"].create({**cost, **wrong})

    def test_the_uplift_is_what_those_reached_brought_more(self):
        partners = self.customers(120, days=300)
        rule = self.rule(holdout_percent=50)
        self.follow(rule)
        self.env.cr.execute("UPDATE crm_followup_member SET date_assigned = date_assigned - interval '9 days'")
        self.env.cr.execute("UPDATE crm_followup_event SET date = date - interval '9 days'")
        held = self.env["crm.followup.member"].search([("rule_id", "=", rule.id), ("held_out", "=", True)]).partner_id
        for partner in (partners - held)[:40]:
            self.order(partner, amount=100, days=3)
        for partner in held[:10]:
            self.order(partner, amount=100, days=3)
        self.assertEqual(self.sums("reached", "last_revenue", rule_id=rule.id), (60, 4000))
        self.assertAlmostEqual(self.sums("uplift_revenue", rule_id=rule.id)[0], 3000)

    def test_each_number_opens_what_it_is_made_of(self):
        one, two = self.customers(2, days=300)
        self.lead(self.fair, 200, one)
        self.lead(self.fair, 30, one)
        for days in (190, 80, 20):  # 80: in no window
            self.order(one, days=days)
        self.lead(self.fair, 30, two)
        for row in self.rows(campaign_id=self.fair.id):
            for number, action in (("orders", row.action_open_orders()), ("leads", row.action_open_leads())):
                found = self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])
                self.assertEqual(len(found), row[number], (row.partner_id.name, number))
        self.assertEqual(sum(self.rows(campaign_id=self.fair.id).mapped("orders")), 2)
        # a row of a group is a customer of the number above it
        self.assertEqual(
            self.report.search_count([("campaign_id", "=", self.fair.id)]),
            self.sums("reached", campaign_id=self.fair.id)[0],
        )

    def test_leads_beyond_the_window_count_nowhere(self):
        [one] = self.customers(1, days=300)
        rule = self.rule()
        self.follow(rule)
        self.env.cr.execute("UPDATE crm_followup_event SET date = date - interval '100 days'")
        other = self.env["utm.campaign"].create({"title": "Other 7"})
        for days in (110, 60, 2):  # before it, within 90 days after it, too late
            self.lead(other, days, one)
        [row] = self.rows(rule_id=rule.id)
        self.assertEqual(row.leads, 1)
        for days, count in ((90, 1), (30, 0), (365, 2)):
            self.env.invalidate_all()
            [row] = self.report.with_context(**{WINDOW: days}).search([("rule_id", "=", rule.id)])
            action = row.action_open_leads()
            found = self.env["crm.lead"].search_count(action["domain"])
            self.assertEqual((row.leads, found), (count, count), days)

    def test_managers_of_the_company_read_it(self):
        [one] = self.customers(1)
        self.lead(self.fair, 5, one)
        self.env.flush_all()
        with self.assertRaises(AccessError):
            self.report.with_user(self.seller).search([])
        chief = self.report.with_user(self.chief)
        self.assertEqual(len(chief.search([("campaign_id", "=", self.fair.id)])), 1)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids |= other
        elsewhere = self.report.with_context(allowed_company_ids=other.ids)
        self.assertFalse(elsewhere.search([("campaign_id", "=", self.fair.id)]))

    def test_companies_share_no_row_and_no_lead(self):
        [one] = self.customers(1)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids |= other
        both = self.company | other
        leads = self.lead(self.fair, 5, one) | self.lead(self.fair, 5, one, company_id=other.id)
        for company in both:
            values = {"name": "Stand", "company_id": company.id, "campaign_id": self.letter.id, "amount": company.id}
            self.env["crm.campaign.cost"].create(values)
        self.env.flush_all()
        report = self.report.with_context(allowed_company_ids=both.ids)
        for campaign in (self.fair, self.letter):
            rows = report.search([("campaign_id", "=", campaign.id)])
            self.assertEqual(len(set(rows.ids)), 2)
            self.assertEqual(rows.company_id, both)
        self.assertEqual({row.company_id.id: row.cost for row in rows}, {company.id: company.id for company in both})
        for row in report.search([("campaign_id", "=", self.fair.id)]):
            action = row.action_open_leads()
            found = self.env["crm.lead"].with_context(allowed_company_ids=both.ids).search(action["domain"])
            self.assertEqual(found, leads.filtered(lambda lead, row=row: lead.company_id == row.company_id))


@tagged("post_install", "-at_install")
class TestCampaignReturnCredits(InvoiceCase):
    """What was given back is taken off, on either basis of revenue."""

    def test_what_was_given_back_is_taken_off(self):
        report, today = self.env["crm.campaign.return"], fields.Date.today()
        campaign = self.env["utm.campaign"].create({"title": "Given back 7"})
        self.product_a.invoice_policy = "order"
        for basis in ("order", "invoice"):
            self.company.crm_plus_revenue_basis = basis
            customer = self.customer = self.customer.create({"name": basis, "is_company": True})
            lead = self.env["crm.lead"].create(
                {"name": "Lead", "company_id": self.company.id, "partner_id": customer.id, "campaign_id": campaign.id}
            )
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = create_date - interval '9 days' WHERE id = %s", (lead.id,)
            )
            for amount, is_returned in ((300, False), (100, True)):
                order = self.order(amount, day=fields.Datetime.now() - timedelta(days=5))
                invoice = order._create_invoices()
                invoice.invoice_date = today - timedelta(days=4)
                invoice.action_post()
                if is_returned:
                    note = invoice._reverse_moves([{"invoice_date": today - timedelta(days=3)}])
                    note.action_post()
            self.env.flush_all()
            self.env.invalidate_all()
            found = report.search([("partner_id", "=", customer.id), ("campaign_id", "=", campaign.id)])
            self.assertEqual((found.orders, found.revenue, found.last_revenue), (1, 300, 300), basis)
