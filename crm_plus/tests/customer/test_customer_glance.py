from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..loyalty.common import SegmentCase


class GlanceCase(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.often = cls.customer("Often Inc", days=40, count=4, amount=200)
        cls.contact = cls.env["res.partner"].create({"name": "Carla", "parent_id": cls.often.id})
        cls.refresh()
        cls.seller = cls.user("glance_all", "sales_team.group_sale_salesman_all_leads")
        cls.own = cls.user("glance_own", "sales_team.group_sale_salesman")
        cls.today = cls.company._crm_plus_today()

    def card(self, partner=None, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.profiles.with_user(user or self.seller).glance((partner or self.often).id)

    def figure(self, key, **asked):
        return {figure["key"]: figure for figure in self.card(**asked)["figures"]}.get(key)


@tagged("post_install", "-at_install")
class TestCustomerGlance(GlanceCase):
    def test_a_card_explains_every_figure(self):
        card = self.card()
        self.assertEqual(card["state"], "ready")
        self.assertLessEqual({"worth", "segment", "rhythm", "contact", "step"}, {f["key"] for f in card["figures"]})
        for figure in [*card["figures"], card["action"]]:
            self.assertTrue(figure["why"] and all(figure["why"]), figure)

    def test_eight_queries_at_most(self):
        self.contact.activity_schedule("mail.mail_activity_data_todo", summary="Call", user_id=self.seller.id)
        self.env["crm.tier"].search([]).active = False
        self.env["crm.tier"].create({"name": "Gold", "company_id": self.company.id, "threshold": 9000, "sequence": 9})
        self.refresh()
        self.assertIn(" to Gold", self.figure("tier")["detail"])
        self.card()  # what the server keeps for everybody
        profiles = self.profiles.with_user(self.seller).with_context(lang="en_US")  # as every client says
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            profiles.glance(self.often.id)

    def test_a_contact_shows_its_company(self):
        card = self.card(self.contact)
        self.assertEqual(card["customer"], "Often Inc")
        self.assertEqual(card["customer_id"], self.often.id)

    def test_a_prospect_has_a_card_without_figures_of_orders(self):
        card = self.card(self.customer("Prospect"))
        self.assertEqual({figure["key"] for figure in card["figures"]} & {"worth", "tier", "risk"}, set())
        self.assertEqual(card["action"]["key"], "get_in_touch")

    def test_what_is_missing_to_the_next_tier_and_until_when(self):
        self.env["crm.tier"].search([]).active = False
        self.env["crm.tier"].create({"name": "Gold", "company_id": self.company.id, "threshold": 900, "sequence": 9})
        self.order(self.often, days=300, amount=50)
        self.refresh()
        figure = self.figure("tier")
        last = self.today - timedelta(days=300)
        self.assertIn(f"by {fields.Date.add(last, months=12)} to Gold", figure["detail"])
        self.assertIn("50", figure["detail"])
        self.assertEqual(figure["progress"], 94)
        self.assertEqual(self.card()["action"]["key"], "reach_tier")

    def test_open_money_is_that_of_the_invoices_which_the_user_may_open(self):
        accounts = self.env["account.chart.template"].with_company(self.company)
        accounts.try_loading("generic_coa", self.company, install_demo=False)
        late = self.today - timedelta(days=5)
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice", "partner_id": self.contact.id, "invoice_date": late,
                    "invoice_date_due": due, "invoice_user_id": user.id, "company_id": self.company.id,
                    "invoice_line_ids": [Command.create({"name": "Thing", "price_unit": amount, "tax_ids": False})],
                }
                for amount, due, user in ((100, late, self.seller), (30, self.today, self.own))
            ]
        )  # fmt: skip
        for invoice, due in zip(invoices, (late, self.today), strict=True):
            invoice.invoice_payment_term_id = False
            invoice.invoice_date_due = due
        invoices.action_post()
        for user, money, late_money in ((self.seller, "130.00", "100.00"), (self.own, "30.00", "")):
            figure = self.figure("money", user=user)
            self.assertIn(money, figure["value"])
            self.assertIn(late_money, figure["detail"])
            listed = self.env["account.move"].with_user(user).search(figure["opens"]["domain"])
            self.assertEqual(f"{sum(listed.mapped('amount_residual_signed')):.2f}", money)
        self.assertEqual(self.card()["action"]["key"], "settle_invoices")

    def test_last_contact_and_next_step_are_those_the_user_may_see(self):
        phone = self.env.ref("crm_plus.channel_phone")
        self.env["crm.interaction"].create(
            {
                "partner_id": self.contact.id, "company_id": self.company.id, "channel_id": phone.id, "name": "Call",
                "direction": "in", "user_id": self.seller.id, "document_user_id": self.seller.id,
                "date": fields.Datetime.now() - timedelta(days=2),
            }
        )  # fmt: skip
        lead = self.env["crm.lead"].create(
            {"name": "Deal", "partner_id": self.often.id, "user_id": self.seller.id, "company_id": self.company.id}
        )
        lead.activity_schedule("mail.mail_activity_data_todo", self.today, "Send the offer", user_id=self.seller.id)
        self.assertEqual(self.figure("contact")["value"], "2 days ago")
        self.assertEqual(self.figure("contact")["detail"], "Phone call, incoming")
        self.assertEqual(self.figure("step")["value"], "Send the offer")
        self.assertEqual(self.card()["action"]["key"], "do_planned")
        self.assertNotEqual(self.figure("contact", user=self.own)["value"], "2 days ago")
        self.assertEqual(self.figure("step", user=self.own)["value"], "None")

    def test_the_company_itself_and_colleagues_have_no_card(self):
        self.assertEqual(self.card(self.company.partner_id)["state"], "none")
        self.assertEqual(self.card(self.seller.partner_id)["state"], "none")

    def test_who_may_not_read_profiles_is_refused(self):
        clerk = new_test_user(self.env, "glance_clerk", "base.group_user", company_id=self.company.id,
                              company_ids=[Command.set(self.company.ids)])  # fmt: skip
        with self.assertRaises(AccessError):
            self.card(user=clerk)


@tagged("post_install", "-at_install")
class TestNearMoves(GlanceCase):
    def near(self):
        mine = [("company_id", "=", self.company.id)]
        found = self.profiles.search([*mine, ("is_almost_moved", "=", True)])
        computed = self.profiles.search(mine).filtered("is_almost_moved")
        self.assertEqual(found, computed, "the filter and the card say the same")
        others = self.profiles.search([*mine, ("is_almost_moved", "=", False)])
        self.assertEqual(found | others, self.profiles.search(mine))
        return found.partner_id

    def test_the_days_before_recency_falls_and_the_order_before_frequency_rises(self):
        # fixed limits: 30, 90, 180, 365 days; 2, 3, 5, 10 orders
        self.company.write({"crm_plus_recency_cuts": "30, 90, 180, 365", "crm_plus_frequency_cuts": "2, 3, 5, 10"})
        soon = self.customer("Soon", days=85, count=2)  # recency 4 falls to 3 after 90 days
        later = self.customer("Later", days=75, count=2)
        fourth = self.customer("Fourth order", days=10, count=4, amount=10)  # one more makes five
        self.refresh()
        self.assertIn(soon, self.near())
        self.assertNotIn(later, self.near())
        self.assertIn(fourth, self.near())
        self.assertIn("Without an order, “Needs attention”", self.profile(soon).near_moves)
        self.assertIn("With one more order, “", self.profile(fourth).near_moves)

    def test_a_tier_that_ends_and_one_that_an_order_reaches(self):
        self.env["crm.tier"].search([]).active = False
        gold = self.env["crm.tier"].create(
            {"name": "Gold", "company_id": self.company.id, "threshold": 1000, "sequence": 9}
        )
        far = self.customer("Far", days=75, count=2, amount=100)
        near = self.customer("Near", days=75, count=2, amount=480)
        self.refresh()
        self.assertIn(near, self.near())
        self.assertNotIn(far, self.near())
        self.assertIn("One more usual order reaches Gold.", self.profile(near).near_moves)
        ends = self.profile(far)
        ends.write({"tier_id": gold.id, "tier_until": self.today + timedelta(days=9)})
        self.assertIn(far, self.near())
        ends.tier_until = self.today + timedelta(days=11)
        self.assertNotIn(far, self.near())

    def test_filter_and_card_agree_in_a_crowd_by_rank(self):
        self.company.crm_plus_rfm_mode = "quantile"
        for number in range(25):
            self.customer(f"Crowd {number}", days=number * 13, count=1 + number % 6, amount=10 + number)
        self.refresh()
        self.assertTrue(self.near())
