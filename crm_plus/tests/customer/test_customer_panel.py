import re
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...services.customer.panel import LoyaltyPanel
from ..loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestCustomerPanel(SegmentCase):
    """What the panel, the lists and the order form are told, by whom they are asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.often = cls.customer("Often Inc", days=3, count=12, amount=200)
        cls.once = cls.customer("Once Inc", days=300, amount=50)
        cls.contact = cls.env["res.partner"].create({"name": "Carla", "parent_id": cls.often.id})
        cls.refresh()
        cls.seller = cls.user("panel_own", "sales_team.group_sale_salesman,base.group_partner_manager")
        cls.manager = cls.user("panel_manager", "sales_team.group_sale_manager")

    def panel(self, partner, user=None):
        return self.profiles.with_user(user or self.seller).loyalty_panel(partner.id)

    # ------------------------------------------------------------------ panel

    def test_the_panel_explains_every_number(self):
        panel = self.panel(self.often)
        self.assertEqual(panel["state"], "ready")
        self.assertEqual(panel["segment"]["name"], self.profile(self.often).segment_id.name)
        self.assertEqual([score["key"] for score in panel["scores"]], ["r", "f", "m"])
        explained = [panel["segment"], panel["abc_class"], *panel["scores"], *panel["figures"]]
        self.assertTrue(all(part["why"] and all(part["why"]) for part in explained))
        self.assertIn("Segments Inc", panel["source"][0])

    def test_patience_is_named_with_its_end(self):
        self.company.crm_plus_minimum_stay = 7
        before = self.profile(self.once).segment_id
        self.order(self.once, days=1, amount=900, count=12)
        self.refresh()
        profile = self.profile(self.once)
        self.assertEqual(profile.segment_id, before)
        until = self.company._crm_plus_today() + timedelta(days=7)
        self.assertIn(
            f"Today's scores belong to “Champions”. The customer moves there on {until} at the earliest.",
            self.panel(self.once)["segment"]["why"],
        )
        self.age(self.once, 7)
        self.refresh()
        self.assertEqual(self.panel(self.once)["segment"]["name"], "Champions")
        self.assertFalse([line for line in self.panel(self.once)["segment"]["why"] if "moves there" in line])

    def test_a_contact_shows_the_figures_of_its_company(self):
        panel = self.panel(self.contact)
        self.assertEqual(panel["profile_id"], self.profile(self.often).id)
        self.assertEqual(panel["customer"], "Often Inc")

    def test_the_months_add_up_to_the_revenue(self):
        months = self.panel(self.often)["months"]
        self.assertEqual(len(months), 24)
        self.assertEqual(sum(month["amount"] for month in months), 2400)
        self.assertEqual(months[-1]["month"], str(self.company._crm_plus_today().replace(day=1)))

    def test_an_untrained_company_says_why_there_is_no_forecast(self):
        figures = {figure["key"]: figure for figure in self.panel(self.often)["figures"]}
        self.assertEqual(figures["risk"]["value"], "–")
        self.assertEqual(figures["risk"]["why"], ["The models have not been trained yet."])

    def test_the_next_order_is_in_words(self):
        profile = self.profile(self.often)
        today = self.company._crm_plus_today()
        passed = today - timedelta(days=25)
        profile.sudo().write({"interval_days": 10, "next_order_date": passed, "overdue_date": passed})
        figure = LoyaltyPanel(profile)._next_order_figure()
        self.assertEqual((figure["detail"], figure["level"]), ("25 days overdue", "high"))
        self.assertIn(f"would have ordered by {passed}", figure["why"][-1])
        profile.sudo().write(
            {"interval_days": 1.4, "next_order_date": today - timedelta(days=1), "overdue_date": today}
        )
        figure = LoyaltyPanel(profile)._next_order_figure()
        self.assertEqual((figure["detail"], figure["level"]), ("due since 1 day", "medium"))
        self.assertIn("The usual interval is one day", figure["why"][0])
        profile.sudo().next_order_date = today + timedelta(days=1)
        self.assertEqual(LoyaltyPanel(profile)._next_order_figure()["detail"], "tomorrow")

    def test_days_are_sent_in_iso_form_for_the_calendar_of_the_user(self):
        profile = self.profile(self.often)
        today = self.company._crm_plus_today()
        profile.sudo().write({"interval_days": 10, "next_order_date": today})
        for order in self.often.sale_order_ids:
            order.date_order -= timedelta(days=400)
        self.refresh()
        panel = self.panel(self.often)
        self.assertEqual(panel["figures"][-1]["value"], str(profile.next_order_date))
        [moved] = [line for line in panel["segment"]["why"] if "no order since" in line]
        last = str(max(self.often.sale_order_ids.mapped("date_order")).date())
        self.assertIn(f"no order since {last}", moved)
        self.assertIn(f"Last order on {last}.", panel["scores"][0]["why"])

    def test_a_tier_tells_what_is_missing_for_the_next_one(self):
        self.env["crm.tier"].create(
            [
                {"name": "Blue", "company_id": self.company.id, "sequence": 1, "threshold": 1000},
                {"name": "Red", "company_id": self.company.id, "sequence": 2, "threshold": 4800},
            ]
        )
        self.refresh()
        tier = self.panel(self.often)["tier"]
        self.assertEqual((tier["name"], tier["next"]["name"], tier["next"]["progress"]), ("Blue", "Red", 50))
        self.assertIn("2,400", tier["next"]["text"])

    def test_a_tier_given_by_hand_says_who_gave_it_and_until_when(self):
        gold = self.env.ref("crm_plus.crm_tier_gold")
        day = self.company._crm_plus_today() + timedelta(days=9)
        override = (
            self.env["crm.tier.override"]
            .with_user(self.manager)
            .create(
                {"partner_id": self.once.id, "tier_id": gold.id, "company_id": self.company.id, "reason": "founder"}
            )
        )
        self.refresh_touched()
        tier = self.panel(self.once)["tier"]
        self.assertEqual((tier["name"], tier["until"]), ("Gold", False))
        self.assertIn("Reason: manual: founder.", tier["why"])
        self.assertIn(f"Given by {self.manager.name} on {override.create_date.date()}.", tier["why"])
        self.assertIn("It is valid until it is removed.", tier["why"])
        override.date_to = day
        tier = self.panel(self.once)["tier"]
        self.assertEqual(tier["until"], f"Only until {day}")
        self.assertIn(f"It is valid until {day}. Then the grace period begins.", tier["why"])

    def test_one_order_has_no_rhythm_and_says_so(self):
        figures = {figure["key"]: figure for figure in self.panel(self.once)["figures"]}
        self.assertEqual(figures["next"]["value"], "–")
        self.assertIn("At least two order dates are needed", figures["next"]["why"][0])

    def test_one_order_is_one_order(self):
        words = {score["key"]: score["value"] for score in self.panel(self.once)["scores"]}
        self.assertEqual(words["f"], "1 order")
        self.env["crm.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "sequence": n, "threshold": n, "basis": "orders"}
                for n, name in enumerate(("One", "Two"), start=1)
            ]
        )
        self.company.crm_plus_tier_months = 1
        self.once.sale_order_ids.date_order = fields.Datetime.now()
        self.refresh()
        tier = self.panel(self.once)["tier"]
        self.assertEqual(tier["next"]["text"], "1 order to Two")
        self.assertIn("and 1 order in 1 month.", " ".join(tier["why"]))

    def test_before_the_first_order_the_panel_says_what_to_expect(self):
        panel = self.panel(self.customer("Nobody yet"))
        self.assertEqual(panel["state"], "empty")
        self.assertIn("No orders yet", panel["text"])

    def test_an_order_that_is_not_counted_yet_is_said_to_be_on_its_way(self):
        fresh = self.customer("Just now")
        quotation = self.order(fresh, days=1)
        self.assertIn("within minutes", self.panel(fresh)["text"])
        self.refresh(fresh)
        self.env.invalidate_all()
        self.assertEqual(self.panel(fresh)["state"], "ready")
        quotation._action_cancel()
        self.refresh(fresh)
        self.env.invalidate_all()
        self.assertIn("No orders yet", self.panel(fresh)["text"])

    def test_an_order_worth_nothing_is_not_called_no_order(self):
        gift = self.customer("Gift")
        self.order(gift, days=1, amount=0)
        self.refresh(gift)
        self.env.invalidate_all()
        self.assertIn("No order with a positive amount", self.panel(gift)["text"])

    def test_internal_users_and_companies_have_no_panel(self):
        self.assertEqual(self.panel(self.manager.partner_id), {"state": "none"})
        self.assertEqual(self.panel(self.company.partner_id), {"state": "none"})

    def test_strangers_are_refused(self):
        portal = new_test_user(self.env, "panel_portal", groups="base.group_portal")
        clerk = self.user("panel_clerk", "base.group_user")
        for user in (portal, clerk, self.env.ref("base.public_user")):
            for method, arguments in (("loyalty_panel", [self.often.id]), ("segment_map", []), ("pareto_curve", [])):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(self.profiles.with_user(user), method)(*arguments)

    def test_the_panel_of_a_contact_one_may_not_read_is_refused(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.once.company_id = elsewhere
        with self.assertRaises(AccessError):
            self.panel(self.once)

    # ------------------------------------------------------------------ views

    def test_customers_are_grouped_by_risk_as_they_are_filtered(self):
        profile = self.profile(self.often)
        profile.write({"churn_risk": 55, "p_alive": 0.45})
        groups = dict(self.profiles._read_group([("company_id", "=", self.company.id)], ["churn_level"], ["__count"]))
        self.assertEqual(groups, {"high": 1, False: 1})
        self.assertEqual(self.profiles.search([("churn_level", "=", "high")]), profile)

    def test_all_groupings_of_the_search_view_work(self):
        arch = self.env.ref("crm_plus.crm_customer_profile_view_search").arch
        names = re.findall(r"'group_by': '([\w:]+)'", arch)
        self.assertIn("other_segment_ids", names)
        for name in names:
            with self.subTest(name):
                self.profiles.with_user(self.seller).formatted_read_group([], [name], ["__count", "revenue:sum"])

    def test_a_row_opens_the_customer(self):
        action = self.profile(self.often).with_user(self.seller).action_open_customer()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.often.id))

    # ------------------------------------------------------------------ suggestions

    def test_suggested_products_become_lines_once(self):
        lamp = self.env["product.product"].create({"name": "Lamp", "list_price": 7})
        retired = self.env["product.product"].create({"name": "Retired", "sale_ok": False})
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create({"partner_id": self.often.id, "order_line": [Command.create({"product_id": self.product.id})]})
        )
        order.add_suggested_products([lamp.id, retired.id, self.product.id])
        self.assertEqual(order.order_line.product_id, self.product | lamp)
        self.assertEqual(order.order_line.filtered(lambda line: line.product_id == lamp).price_unit, 7)
        order.action_confirm()
        with self.assertRaises(UserError):
            order.add_suggested_products([retired.id])
