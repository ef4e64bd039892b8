import re
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestGlanceDetails(SegmentCase):
    """What the details of the card, the lists and the order form are told, by whom they are asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.often = cls.customer("Often Inc", days=3, count=12, amount=200)
        cls.once = cls.customer("Once Inc", days=300, amount=50)
        cls.contact = cls.env["res.partner"].create({"name": "Carla", "parent_id": cls.often.id})
        cls.refresh()
        cls.seller = cls.user("card_own", "sales_team.group_sale_salesman,base.group_partner_manager")
        cls.manager = cls.user("card_manager", "sales_team.group_sale_manager")

    def details(self, partner, user=None):
        return self.profiles.with_user(user or self.seller).glance_details(partner.id)

    def strip(self, partner, key):
        """The stays of the strip, oldest first."""
        rows = {row["key"]: row for row in self.details(partner)["history"]["rows"]}
        return rows[key]["stays"] if key in rows else []

    def figure(self, partner, key, user=None):
        card = self.profiles.with_user(user or self.seller).glance(partner.id)
        return {figure["key"]: figure for figure in card["figures"]}.get(key)

    # ------------------------------------------------------------------ details

    def test_the_details_explain_every_number(self):
        details = self.details(self.often)
        self.assertEqual(details["state"], "ready")
        self.assertEqual([score["key"] for score in details["scores"]], ["r", "f", "m"])
        explained = [*self.strip(self.often, "segment"), details["abc_class"], *details["scores"]]
        self.assertTrue(all(part["why"] and all(part["why"]) for part in explained))
        self.assertIn("Segments Inc", details["source"][0])

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
            self.strip(self.once, "segment")[-1]["why"],
        )
        self.age(self.once, 7)
        self.refresh()
        self.assertEqual(self.strip(self.once, "segment")[-1]["name"], "Champions")
        self.assertFalse([line for line in self.strip(self.once, "segment")[-1]["why"] if "moves there" in line])

    def test_a_contact_shows_the_figures_of_its_company(self):
        details = self.details(self.contact)
        self.assertEqual(details["profile_id"], self.profile(self.often).id)

    def test_the_months_add_up_to_the_revenue(self):
        months = self.details(self.often)["months"]
        self.assertEqual(len(months), 24)
        self.assertEqual(sum(month["amount"] for month in months), 2400)
        self.assertEqual(months[-1]["month"], str(self.company._crm_plus_today().replace(day=1)))

    def test_an_untrained_company_says_why_there_is_no_forecast(self):
        figure = self.figure(self.often, "risk")
        self.assertEqual(figure["value"], "Not known")
        self.assertEqual(self.details(self.often)["note"], "The models have not been trained yet.")

    def test_when_the_next_order_is_due(self):
        profile, today = self.profile(self.often), self.company._crm_plus_today()
        passed = today - timedelta(days=25)
        profile.sudo().write({"interval_days": 10, "next_order_date": passed, "overdue_date": passed})
        figure = self.figure(self.often, "rhythm")
        self.assertEqual(
            (figure["detail"], figure["level"]), (f"usually every 10 days · overdue since {passed}", "high")
        )
        self.assertIn(f"Nine in ten customers with such intervals would have ordered by {passed}.", figure["why"])
        day = today - timedelta(days=1)
        profile.sudo().write({"interval_days": 1.4, "next_order_date": day, "overdue_date": today})
        figure = self.figure(self.often, "rhythm")
        self.assertEqual((figure["detail"], figure["level"]), (f"usually every 1 day · due since {day}", "medium"))

    def test_days_are_sent_in_iso_form_for_the_calendar_of_the_user(self):
        for order in self.often.sale_order_ids:
            order.date_order -= timedelta(days=400)
        self.refresh()
        [moved] = [line for line in self.strip(self.often, "segment")[-1]["why"] if "no order since" in line]
        last = str(max(self.often.sale_order_ids.mapped("date_order")).date())
        self.assertIn(f"no order since {last}", moved)
        self.assertIn(f"Last order on {last}.", self.details(self.often)["scores"][0]["why"])

    def test_a_tier_tells_what_is_missing_for_the_next_one(self):
        self.env["crm.tier"].create(
            [
                {"name": "Blue", "company_id": self.company.id, "sequence": 1, "threshold": 1000},
                {"name": "Red", "company_id": self.company.id, "sequence": 2, "threshold": 4800},
            ]
        )
        self.refresh()
        figure = self.figure(self.often, "tier")
        self.assertEqual((figure["value"], figure["progress"]), ("Blue", 50))
        self.assertIn("2,400", figure["detail"])
        self.assertIn("to Red", figure["detail"])
        stay = self.strip(self.often, "tier")[-1]
        self.assertIn("4,800", stay["why"][-1])

    def test_the_strip_shows_past_stays_with_their_dates_and_marks_those_replayed(self):
        today, segment = self.company._crm_plus_today(), self.profile(self.once).segment_id
        first, then = today - timedelta(days=90), today - timedelta(days=30)
        lost = self.env["crm.segment"].search(
            [("family_id", "=", segment.family_id.id), ("id", "!=", segment.id)], limit=1
        )
        [stay] = self.profile(self.once).membership_ids
        stay.date_from = then
        stay.copy({"segment_id": lost.id, "date_from": first, "date_to": then, "replayed": True})
        self.env.invalidate_all()
        shown = self.strip(self.once, "segment")
        self.assertEqual(
            [(part["name"], part["from"], part["to"], part["replayed"]) for part in shown],
            [(lost.name, str(first), str(then), True), (segment.name, str(then), False, False)],
        )
        self.assertIn("Replayed", " ".join(shown[0]["why"]))
        history = self.details(self.once)["history"]
        self.assertEqual((history["from"], history["to"]), (str(first), str(today)))

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
        tier = self.strip(self.once, "tier")[-1]
        self.assertEqual(tier["name"], "Gold")
        self.assertNotIn("until", self.figure(self.once, "tier")["detail"])
        self.assertIn("Reason: manual: founder.", tier["why"])
        self.assertIn(f"Given by {self.manager.name} on {override.create_date.date()}.", tier["why"])
        self.assertIn("It is valid until it is removed.", tier["why"])
        override.date_to = day
        tier = self.strip(self.once, "tier")[-1]
        self.assertEqual(self.figure(self.once, "tier")["detail"], f"only until {day}")
        self.assertIn(f"It is valid until {day}. Then the grace period begins.", tier["why"])

    def test_one_order_has_no_rhythm_and_says_so(self):
        figure = self.figure(self.once, "rhythm")
        self.assertEqual(figure["detail"], "")
        self.assertIn("At least two order dates are needed to know the usual interval.", figure["why"])

    def test_one_order_is_one_order(self):
        words = {score["key"]: score["value"] for score in self.details(self.once)["scores"]}
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
        self.assertIn("1 order ", self.figure(self.once, "tier")["detail"])
        self.assertIn("to Two", self.figure(self.once, "tier")["detail"])
        self.assertIn("and 1 order in 1 month.", " ".join(self.strip(self.once, "tier")[-1]["why"]))

    def test_before_the_first_order_the_details_say_what_to_expect(self):
        details = self.details(self.customer("Nobody yet"))
        self.assertEqual(details["state"], "empty")
        self.assertIn("No orders yet", details["text"])

    def test_an_order_that_is_not_counted_yet_is_said_to_be_on_its_way(self):
        fresh = self.customer("Just now")
        quotation = self.order(fresh, days=1)
        self.assertIn("within minutes", self.details(fresh)["text"])
        self.refresh(fresh)
        self.env.invalidate_all()
        self.assertEqual(self.details(fresh)["state"], "ready")
        quotation._action_cancel()
        self.refresh(fresh)
        self.env.invalidate_all()
        self.assertIn("No orders yet", self.details(fresh)["text"])

    def test_an_order_worth_nothing_is_not_called_no_order(self):
        gift = self.customer("Gift")
        self.order(gift, days=1, amount=0)
        self.refresh(gift)
        self.env.invalidate_all()
        self.assertIn("No order with a positive amount", self.details(gift)["text"])

    def test_internal_users_and_companies_have_no_card(self):
        self.assertEqual(self.details(self.manager.partner_id), {"state": "none"})
        self.assertEqual(self.details(self.company.partner_id), {"state": "none"})

    def test_strangers_are_refused(self):
        portal = new_test_user(self.env, "card_portal", groups="base.group_portal")
        clerk = self.user("card_clerk", "base.group_user")
        for user in (portal, clerk, self.env.ref("base.public_user")):
            for method, arguments in (("glance_details", [self.often.id]), ("segment_map", []), ("pareto_curve", [])):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(self.profiles.with_user(user), method)(*arguments)

    def test_the_card_of_a_contact_one_may_not_read_is_refused(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.once.company_id = elsewhere
        with self.assertRaises(AccessError):
            self.details(self.once)

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
