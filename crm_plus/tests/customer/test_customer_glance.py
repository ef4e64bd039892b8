import re
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...services.customer.tickets import Tickets
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

    def card(self, partner=None, user=None, day=False):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.profiles.with_user(user or self.seller).glance((partner or self.often).id, day and str(day))

    def called(self, days, direction="in", code="email", user=None, partner=None):
        """An interaction so many days ago."""
        user = user or self.seller
        return self.env["crm.interaction"].create(
            {
                "partner_id": (partner or self.contact).id, "company_id": self.company.id, "name": "Hello",
                "channel_id": self.env.ref(f"crm_plus.channel_{code}").id, "direction": direction, "user_id": user.id,
                "document_user_id": user.id, "date": fields.Datetime.now() - timedelta(days=days),
            }
        )  # fmt: skip

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

    def test_every_figure_says_as_of_when_it_is(self):
        self.called(5)
        refreshed = self.company._crm_plus_day(self.company.crm_plus_profile_date)
        for day, stored, counted in (
            (False, f"As of {refreshed}, and of each order since.", "As of now."),
            (self.today - timedelta(days=3), *[f"As of {self.today - timedelta(days=3)}."] * 2),
        ):
            last = {figure["key"]: figure["why"][-1] for figure in self.card(day=day)["figures"]}
            for keys, said in ((("worth", "segment", "rhythm"), stored), (("mood", "contact", "step"), counted)):
                self.assertEqual({key: last[key] for key in keys}, dict.fromkeys(keys, said))

    def test_the_next_action_opens_what_it_is_about(self):
        self.called(2)
        self.assertEqual(self.card()["action"]["key"], "answer")
        self.assertEqual(self.card()["action"]["opens"], self.figure("mood")["opens"])
        lead = self.env["crm.lead"].create(
            {"name": "Deal", "partner_id": self.often.id, "user_id": self.seller.id, "company_id": self.company.id}
        )
        lead.activity_schedule("mail.mail_activity_data_todo", self.today, "Send the offer", user_id=self.seller.id)
        action = self.card()["action"]
        self.assertEqual(action["key"], "do_planned")
        self.assertEqual(
            action["opens"], {"res_model": "crm.lead", "domain": [("id", "=", lead.id)], "name": "Send the offer"}
        )

    def test_eight_queries_at_most(self):
        self.contact.activity_schedule("mail.mail_activity_data_todo", summary="Call", user_id=self.seller.id)
        self.env["crm.tier"].search([]).active = False
        self.env["crm.tier"].create({"name": "Gold", "company_id": self.company.id, "threshold": 9000, "sequence": 9})
        self.refresh()
        self.assertIn(" to Gold", self.figure("tier")["detail"])
        self.called(2)
        override = {"partner_id": self.often.id, "tier_id": self.profile(self.often).next_tier_id.id, "reason": "x"}
        prospect = self.customer("Prospect")
        self.count_queries(self.often, prospect)
        self.env["crm.tier.override"].create({**override, "company_id": self.company.id})
        self.refresh()
        self.count_queries(self.often)

    def count_queries(self, *partners):
        """Eight at most, today and as of a past day."""
        profiles = self.profiles.with_user(self.seller).with_context(lang="en_US")  # as every client says
        for partner in partners:
            for day in (False, str(self.today - timedelta(days=50))):
                profiles.glance(partner.id, day)  # what the server keeps for everybody
                self.env.flush_all()
                self.env.invalidate_all()
                with self.subTest(partner.name, day=day), self.assertQueryCount(8):
                    profiles.glance(partner.id, day)

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
        self.assertIn("one more order of $", figure["detail"])
        self.assertIn(f"50.00 by {fields.Date.add(last, months=12)} reaches Gold", figure["detail"])
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

    def test_a_message_waits_until_somebody_answers_even_if_one_may_not_see_who(self):
        self.assertIsNone(self.figure("mood"))
        self.called(5)
        self.called(3)
        waiting = self.today - timedelta(days=5)
        self.assertIn(str(waiting), self.figure("mood")["detail"])
        self.assertEqual(self.card()["action"]["key"], "answer")
        listed = self.env["crm.interaction"].with_user(self.seller).search(self.figure("mood")["opens"]["domain"])
        self.assertEqual(len(listed), 2)
        self.assertIsNone(self.figure("mood", user=self.own), "those of others one may not see")
        mine = self.called(4, user=self.own)
        self.assertIn(str(self.today - timedelta(days=4)), self.figure("mood", user=self.own)["detail"])
        self.called(1, "out", "phone")
        self.assertIsNone(self.figure("mood", user=self.own))
        self.assertIsNone(self.figure("mood"))
        self.assertIsNotNone(self.figure("mood", day=self.today - timedelta(days=2)), "nobody had answered then")
        mine.unlink()

    def test_only_messages_of_the_last_months_wait(self):
        self.called(91)
        self.called(5, code="phone")
        self.assertIsNone(self.figure("mood"))

    def test_the_last_rating_is_their_mood(self):
        if "rating.rating" not in self.env:
            self.skipTest("without the host's app for ratings")
        for days, value in ((9, 5), (2, 1)):
            rating = self.env["rating.rating"].create(
                {
                    "partner_id": self.contact.id, "rating": value, "consumed": True, "res_id": self.contact.id,
                    "res_model_id": self.env.ref("base.model_res_partner").id,
                }
            )  # fmt: skip
            rating.rated_on = fields.Datetime.now() - timedelta(days=days)
        figure = self.figure("mood")
        self.assertEqual((figure["value"], figure["level"]), ("Rated 1 of 5", "high"))
        figure = self.figure("mood", day=self.today - timedelta(days=5))
        self.assertEqual((figure["value"], figure["level"]), ("Rated 5 of 5", "low"))

    def task(self, **values):
        if "project.task" not in self.env:
            self.skipTest("without the host's app for projects")
        project = self.env["project.project"].create({"name": "Service", "privacy_visibility": "employees"})
        return self.env["project.task"].create(
            {"name": "Lamp is dark", "project_id": project.id, "partner_id": self.contact.id, **values}
        )

    def test_what_they_have_asked_for_and_is_not_done(self):
        task = self.task()
        self.env["project.task"].create({"name": "Part of it", "parent_id": task.id, "project_id": task.project_id.id,
                                         "partner_id": self.contact.id})  # fmt: skip
        figure = self.figure("mood")
        self.assertEqual((figure["value"], figure["level"]), ("1 open task", "medium"))
        listed = self.env["project.task"].with_user(self.seller).search(figure["opens"]["domain"])
        self.assertEqual(listed, task)
        self.called(3)
        figure = self.figure("mood")
        self.assertEqual(figure["value"], "Waiting for an answer")
        self.assertIn("1 open task", figure["detail"])
        self.called(1, "out", "phone")
        task.state = "1_done"
        self.assertIsNone(self.figure("mood"))
        self.env.flush_all()
        self.cr.execute(
            "UPDATE project_task SET create_date = create_date - interval '9 days' WHERE id = %s", [task.id]
        )
        then = self.figure("mood", day=self.today - timedelta(days=1))
        self.assertIn("1 open task", f"{then['value']} {then['detail']}", "it was closed today")
        later = fields.Datetime.now()
        listed = (
            self.env["project.task"]
            .with_user(self.seller)
            .search(
                [("id", "=", task.id), *Tickets(self.env, self.often, fields.Datetime.add(later, hours=1)).domain()]
            )
        )
        self.assertFalse(listed)
        self.assertIsNone(self.figure("mood", day=self.today - timedelta(days=12)))

    def test_tasks_of_others_are_not_told(self):
        task = self.task()
        task.project_id.privacy_visibility = "followers"
        self.assertIsNone(self.figure("mood"))

    def test_who_they_are(self):
        self.often.write({"city": "Berlin", "country_id": self.env.ref("base.de").id, "user_id": self.seller.id})
        who = self.card()["who"]
        self.assertIn("Berlin, Germany", who)
        self.assertIn(f"salesperson: {self.seller.name}", who)
        first = self.company._crm_plus_day(self.profile(self.often).first_order_date)
        self.assertIn(f"customer since {first}", who)

    def test_worth_has_margin_and_lifetime_value(self):
        profile = self.profile(self.often).sudo()
        profile.write({"margin": 123, "clv": 456, "p_alive": 0.9, "expected_orders": 2, "churn_risk": 10})
        figure = self.figure("worth")
        for text in ("4 orders", "margin $", "123.00", "lifetime value $", "456.00"):
            self.assertIn(text, figure["detail"])

    def test_what_is_near_is_on_the_card(self):
        self.profile(self.often).sudo().tier_id = self.env.ref("crm_plus.crm_tier_gold")
        self.profile(self.often).sudo().tier_until = self.today + timedelta(days=3)
        self.assertTrue(self.figure("tier")["near"])
        self.assertIn("Gold ends on", self.profile(self.often).with_user(self.seller).near_moves)
        self.profile(self.often).sudo().tier_until = self.today + timedelta(days=30)
        self.assertFalse(self.figure("tier")["near"])
        self.company.write({"crm_plus_recency_cuts": "30, 90, 180, 365", "crm_plus_frequency_cuts": "2, 3, 5, 10"})
        soon = self.customer("Soon", days=85, count=2)  # recency 4 falls to 3 after 90 days
        self.refresh()
        [line] = self.card(soon)["near"]
        self.assertIn("Without an order, “Needs attention”", line)

    def test_badges_open_the_contacts_of_the_segment(self):
        opens = self.figure("segment")["opens"]
        found = self.env[opens["res_model"]].with_user(self.seller).search(opens["domain"])
        self.assertIn(self.often, found)
        self.assertEqual(found.crm_segment_id.ids, self.profile(self.often).segment_id.ids)

    def test_no_number_is_on_the_card_twice(self):
        self.called(2)
        profile = self.profile(self.often).sudo()
        profile.write({"margin": 123, "clv": 456, "p_alive": 0.9, "expected_orders": 2, "churn_risk": 61})
        texts = [f"{figure['value']} {figure['detail']}" for figure in self.card()["figures"]]
        numbers = [number for text in texts for number in re.findall(r"[\d.,-]*\d", text)]
        self.assertEqual(sorted(set(numbers)), sorted(numbers), texts)

    def test_the_company_itself_and_colleagues_have_no_card(self):
        self.assertEqual(self.card(self.company.partner_id)["state"], "none")
        self.assertEqual(self.card(self.seller.partner_id)["state"], "none")

    def test_who_may_not_read_profiles_is_refused(self):
        clerk = new_test_user(self.env, "glance_clerk", "base.group_user", company_id=self.company.id,
                              company_ids=[Command.set(self.company.ids)])  # fmt: skip
        with self.assertRaises(AccessError):
            self.card(user=clerk)


@tagged("post_install", "-at_install")
class TestGlanceOfThen(GlanceCase):
    """The card as of a past day: what was known, and what is not."""

    def then(self, days, key, **asked):
        return self.figure(key, day=self.today - timedelta(days=days), **asked)

    def test_orders_of_later_are_not_known(self):
        orders = self.often.sale_order_ids.sorted("date_order")
        moments = [fields.Datetime.now() - timedelta(days=days) for days in (200, 170, 140, 20)]
        for order, moment in zip(orders, moments, strict=True):
            order.date_order = moment
        self.refresh()
        self.assertIn("800.00", self.figure("worth")["value"])
        worth = self.then(100, "worth")
        self.assertIn("600.00", worth["value"])
        self.assertEqual(worth["detail"], "3 orders")
        self.often.write({"city": "Berlin", "user_id": self.seller.id})
        card = self.card(day=self.today - timedelta(days=100))
        self.assertEqual(card["who"], f"customer since {self.today - timedelta(days=200)}")
        self.assertIn("who looked after them", card["note"])
        listed = self.env["sale.order"].with_user(self.seller).search(worth["opens"]["domain"])
        self.assertEqual(listed, orders[:3])
        rhythm = self.then(100, "rhythm")
        self.assertEqual(rhythm["value"], "40 days ago")
        self.assertEqual(rhythm["detail"], f"due since {self.today - timedelta(days=110)}")
        none = self.then(300, "rhythm")
        self.assertEqual((none["value"], none["why"][0]), ("None", "No order up to that day."))

    def test_places_are_those_of_the_stays(self):
        profile = self.profile(self.often)
        [stay] = profile.membership_ids.filtered(lambda s: s.family_id.kind == "rfm")
        other = self.env["crm.segment"].search(
            [("family_id", "=", stay.family_id.id), ("id", "!=", stay.segment_id.id)], limit=1
        )
        first, then = self.today - timedelta(days=90), self.today - timedelta(days=30)
        stay.date_from = then
        stay.copy({"segment_id": other.id, "date_from": first, "date_to": then, "replayed": True})
        figure = self.then(60, "segment")
        self.assertEqual((figure["value"], figure["detail"]), (other.name, "replayed"))
        self.assertEqual(self.then(30, "segment")["value"], stay.segment_id.name)
        self.assertEqual(self.then(91, "segment")["value"], "Not known")
        gold = self.env.ref("crm_plus.crm_tier_gold")
        self.env["crm.tier.stay"].search([("partner_id", "=", self.often.id)]).unlink()
        self.env["crm.tier.stay"].create(
            {
                "profile_id": profile.id, "partner_id": self.often.id, "company_id": self.company.id,
                "tier_id": gold.id, "date_from": first, "date_to": then,
            }
        )  # fmt: skip
        self.assertEqual(self.then(40, "tier")["value"], "Gold")
        self.assertEqual(self.then(30, "tier")["value"], "Not known")

    def test_contacts_and_activities_of_then(self):
        other = self.customer("Other")
        self.called(50, "out", "phone", partner=other)
        self.called(2, "out", "phone", partner=other)
        self.assertEqual(self.then(40, "contact", partner=other)["value"], "10 days ago")
        self.assertEqual(self.then(60, "contact", partner=other)["value"], "None")
        activity = self.contact.activity_schedule(
            "mail.mail_activity_data_todo", self.today, "Call", user_id=self.seller.id
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_activity SET create_date = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=30), activity.id),
        )
        activity.action_done()
        self.assertEqual(self.figure("step")["value"], "None")
        self.assertEqual(self.then(10, "step")["value"], "Call")
        self.assertEqual(self.then(40, "step")["value"], "None")

    def test_what_is_not_recorded_says_so(self):
        card = self.card(day=self.today - timedelta(days=10))
        self.assertEqual(card["day"], str(self.today - timedelta(days=10)))
        self.assertIn("not known", card["note"])
        self.assertFalse(card["action"] or card["near"])
        risk = self.then(10, "risk")
        self.assertEqual((risk["value"], risk["level"]), ("Not known", "unknown"))
        for figure in card["figures"]:
            self.assertTrue(figure["why"] and all(figure["why"]), figure)

    def test_today_and_later_are_today(self):
        self.assertEqual(self.card(day=self.today), self.card())
        self.assertEqual(self.card(day=self.today + timedelta(days=9)), self.card())

    def test_a_day_that_is_none_is_refused(self):
        with self.assertRaises(UserError):
            self.profiles.with_user(self.seller).glance(self.often.id, "yesterday")

    def test_invoices_were_open_until_they_were_paid(self):
        accounts = self.env["account.chart.template"].with_company(self.company)
        accounts.try_loading("generic_coa", self.company, install_demo=False)
        billed, paid = self.today - timedelta(days=60), self.today - timedelta(days=20)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice", "partner_id": self.contact.id, "invoice_date": billed,
                "invoice_user_id": self.seller.id, "company_id": self.company.id,
                "invoice_line_ids": [Command.create({"name": "Thing", "price_unit": 100, "tax_ids": False})],
            }
        )  # fmt: skip
        invoice.invoice_payment_term_id = False
        invoice.invoice_date_due = billed + timedelta(days=10)
        invoice.action_post()
        payment = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        payment.create({"payment_date": paid, "amount": 70})._create_payments()
        for days, value, detail in (
            (70, "0.00", ""),
            (55, "100.00", "first due"),
            (45, "100.00", "overdue"),
            (10, "30.00", "overdue"),
        ):
            with self.subTest(days=days):
                figure = self.then(days, "money")
                self.assertIn(value, figure["value"])
                self.assertIn(detail, figure["detail"])
        self.assertIn("0.00", self.then(45, "money", user=self.own)["value"])
        self.assertIn("30.00", self.figure("money")["value"])

    def test_any_day_can_be_asked_for(self):
        for day in ("0001-01-01", "1900-01-01", self.today + timedelta(days=9), "9999-12-31"):
            with self.subTest(day=day):
                self.assertEqual(self.card(day=day)["state"], "ready")


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
