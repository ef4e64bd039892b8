from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, fields
from odoo.addons.crm_plus_followup.services.followup.ahead import Ahead
from odoo.addons.crm_plus_followup.services.followup.limits import Limits
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestReach(FollowupCase):
    """What is done with customers where they are shown means those who are shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.customers(3)
        cls.segment = cls.env["crm.customer.profile"].search([("partner_id", "=", cls.first.id)]).segment_id
        cls.segment = cls.segment.with_company(cls.company)

    def opened(self, action):
        """The rule that the form of an action makes."""
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        return form.save()

    def test_a_segment_is_followed_up_as_it_counts(self):
        rule = self.opened(self.segment.with_user(self.chief).with_company(self.company).action_follow_up())
        audience = rule.audience_id
        self.assertEqual(audience.segment_id, self.segment)
        self.assertEqual(audience.member_count, self.segment.customer_count)
        self.assertEqual(rule.state, "draft")
        again = self.segment._reach_audience()
        self.assertEqual(again, audience, "a segment has one audience")

    def test_a_tier_is_one_too_and_its_audience_follows_it(self):
        tier = self.env["crm.tier"].create(
            {"name": "Gold", "company_id": self.company.id, "basis": "orders", "threshold": 1}
        )
        audience = tier._reach_audience()
        self.assertEqual(audience.member_count, 0)
        self.refresh()
        audience.invalidate_recordset()
        self.assertEqual((audience.member_count, tier.with_company(self.company).customer_count), (3, 3))

    def test_with_other_conditions_it_is_no_longer_the_segments(self):
        audience = self.segment._reach_audience()
        audience.with_user(self.chief).write({"domain": "[('order_count', '>', 5)]"})
        self.assertFalse(audience.segment_id)
        self.assertNotEqual(self.segment._reach_audience(), audience)

    def test_chosen_customers_or_else_all_that_the_list_shows(self):
        profiles = self.profile(self.first) | self.profile(self.second)
        asked = profiles.with_company(self.company).with_user(self.chief)
        chosen = self.env["crm.audience"].browse(asked.action_follow_up()["context"]["default_audience_id"])
        self.assertEqual(chosen._recipients(), self.first | self.second)
        shown = asked.browse().with_context(active_domain=[["partner_id", "=", self.third.id]])
        found = self.env["crm.audience"].browse(shown.action_follow_up()["context"]["default_audience_id"])
        self.assertEqual(found._recipients(), self.third)
        self.assertTrue(found.is_selection and not found.active)
        with self.assertRaises(UserError):
            asked.browse().action_follow_up()

    def test_one_page_says_how_many_they_are_and_whom_it_leaves_out(self):
        self.first.email = False
        self.env["mail.blacklist"]._add(self.second.email)
        mine = self.env["crm.customer.profile"].with_user(self.seller).with_company(self.company)
        shown = mine.with_context(active_domain=[["order_count", "=", 1]])
        audience = mine.env["crm.audience"].browse(shown.action_reach()["res_id"])
        self.assertEqual(audience.member_count, 3)
        self.assertEqual(audience.reach_note, "By email: 1 of 3\nno email address: 1\nopted out: 1")
        self.order(self.third)
        self.refresh()
        audience.invalidate_recordset()
        self.assertEqual(audience.member_count, 2, "all that a list shows are those whom it would show now")

    def test_the_context_of_whoever_asks_says_nothing_of_whom_a_segment_means(self):
        given = {
            "default_excluded_domain": repr([("revenue", ">", 0)]),
            "default_addressee": "all",
            "default_behavior_ids": [Command.create({"kind": "purchase", "done": "no", "days": 30})],
        }
        audience = self.segment.with_user(self.chief).with_context(**given)._reach_audience().sudo()
        self.assertEqual((audience.excluded_domain, audience.addressee), ("[]", "customer"))
        self.assertFalse(audience.behavior_ids)

    def test_chosen_customers_never_become_those_of_a_segment(self):
        profiles = self.profile(self.first).with_user(self.seller).with_company(self.company)
        given = {"default_segment_id": self.segment.id, "default_kind": "lead", "default_active": True}
        found = self.env["crm.audience"].browse(profiles.with_context(**given).action_reach()["res_id"])
        self.assertFalse(found.segment_id)
        self.assertEqual(found.kind, "customer")
        self.assertNotEqual(self.segment._reach_audience(), found)

    def test_own_salespeople_make_no_rules_and_export_what_they_see(self):
        seller = self.segment.with_user(self.seller).with_company(self.company)
        with self.assertRaises(AccessError):
            seller.action_follow_up()
        with self.assertRaises(AccessError):
            seller.action_price()
        exporting = self.env.ref("base.group_allow_export")
        self.seller.write({"group_ids": [Command.unlink(exporting.id)]})
        with self.assertRaises(AccessError):
            seller.action_export()
        self.seller.write({"group_ids": [Command.link(exporting.id)]})
        params = seller.action_export()["params"]
        visible = self.env["crm.customer.profile"].with_user(self.seller).search(
            [("segment_id", "=", self.segment.id), ("company_id", "=", self.company.id)]
        )  # fmt: skip
        self.assertEqual(set(params["ids"]), set(visible.ids))
        self.assertTrue(all(field["label"] for field in params["fields"]))

    def test_a_selection_that_nothing_uses_is_forgotten(self):
        audiences = self.env["crm.audience"]
        chosen = [("partner_id", "=", self.first.id)]
        left, used = (audiences._of_selection("Some", chosen) for _each in range(2))
        self.rule(audience=used)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_audience SET create_date = %s WHERE id = ANY(%s)",
            (fields.Datetime.now() - timedelta(days=40), (left | used).ids),
        )
        self.env.invalidate_all()
        audiences._gc_selections()
        self.assertFalse(left.exists())
        self.assertTrue(used.exists())

    def test_a_price_is_given_with_the_stay_and_taken_away_after_it(self):
        special, own = self.env["product.pricelist"].create([{"name": "Special"}, {"name": "Own"}])
        self.third.with_company(self.company).specific_property_product_pricelist = own
        audience = self.audience(domain=repr([("order_count", "=", 1)]))
        action = audience.action_price()
        self.assertEqual(action["context"]["default_step_ids"][0][2]["kind"], "price")
        rule = self.rule({"kind": "price", "pricelist_id": special.id}, audience=audience)
        self.follow(rule)

        def prices():
            partners = (self.first | self.second | self.third).with_company(self.company)
            partners.invalidate_recordset()
            return [partner.specific_property_product_pricelist for partner in partners]

        none = special.browse()
        self.assertEqual(prices(), [special, special, own])
        self.order(self.first)
        self.refresh()
        rule._evaluate()
        self.runs._withdraw_next(self.company)
        self.assertEqual(prices(), [none, special, own])
        told = self.events.search([("rule_id", "=", rule.id), ("kind", "=", "withdrawn")])
        self.assertEqual(told.partner_id, self.first)
        rule.action_draft()
        self.runs._withdraw_next(self.company)
        self.assertEqual(prices(), [none, none, own])

    def test_a_step_waits_until_a_date_of_the_rule_or_of_the_customer(self):
        today = self.company._crm_plus_today()
        tag = self.env["res.partner.category"].create({"name": "Later"})
        rule = self.rule(
            {"kind": "wait", "until_date": today + timedelta(days=3)},
            {"kind": "tag", "tag_id": tag.id},
        )
        self.follow(rule)
        runs = self.runs.search([("rule_id", "=", rule.id)])
        self.assertEqual(
            set(runs.mapped("date_next")), {self.company._crm_plus_start_of_day(today + timedelta(days=3))}
        )
        self.assertFalse(self.first.category_id)
        rule.step_ids[0].until_date = today
        self.let_pass(runs, 4)
        self.work()
        self.assertEqual(self.first.category_id, tag)
        with self.assertRaisesRegex(UserError, "Until the date in"):
            self.rule({"kind": "wait", "until_field": "order_count"})
        passed = self.rule({"kind": "wait", "until_field": "last_order_date"}, {"kind": "tag", "tag_id": tag.id})
        self.follow(passed)
        self.assertFalse(passed.open_count, "the day of the last order has been")

    def test_relative_dates_and_ages_are_conditions_of_audiences_and_branches(self):
        self.order(self.third)
        self.refresh()
        for condition in (
            [("last_order_date", "<", "today -30d")],
            [("last_order_date", "<", "-1m")],
            [("days_since_order", ">", 30)],
        ):
            with self.subTest(condition):
                audience = self.audience(domain=repr(condition))
                self.assertEqual(audience._recipients(), self.first | self.second)
                self.assertEqual(repr(condition), audience.domain)

    def test_who_opened_a_mailing_or_visited_a_page(self):
        source = self.env.ref("crm_plus.source_mailing_opened")
        self.heard(self.first, channel="email", direction="in", name="Spring news", source_id=source.id, days=5)
        self.heard(self.second, channel="email", direction="in", name="Autumn", source_id=source.id, days=5)
        line = {"kind": "open", "done": "yes", "days": 30, "text": "spring"}
        audience = self.audience(behavior_ids=[Command.create(line)])
        self.assertEqual(audience._recipients(), self.first)
        audience.behavior_ids.text = False
        self.assertEqual(audience._recipients(), self.first | self.second)
        audience.behavior_ids.kind = "visit"
        self.assertFalse(audience._recipients())
        audience.behavior_ids.done = "no"
        self.assertEqual(audience.member_count, 3)


@tagged("post_install", "-at_install")
class TestQuestions(FollowupCase):
    """What concerns many customers is asked about before it is saved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = cls.customers(2)

    def test_an_active_rule_asks_with_the_numbers_of_its_preview(self):
        nobody = self.audience(domain=repr([("order_count", ">", 7)]))
        rule = self.rule(audience=nobody)
        self.follow(rule)
        self.assertFalse(rule.save_question({"name": "Other"}))
        question = rule.with_user(self.chief).save_question({"audience_id": self.audience().id})
        self.assertIn("To be reached now: 2", question)
        self.assertIn(f"{self.seller.name}: 2", question)
        self.assertEqual(rule.audience_id, nobody, "nothing of it is saved")
        self.assertFalse(self.runs.search([("rule_id", "=", rule.id)]))
        rule.action_draft()
        self.assertFalse(rule.save_question({"audience_id": self.audience().id}))
        with self.assertRaises(AccessError):
            rule.with_user(self.seller).save_question({"silent_days": 3})

    def test_the_audience_of_an_active_rule_asks(self):
        audience = self.audience(domain=repr([("order_count", ">", 7)]))
        self.assertFalse(audience.save_question({"domain": "[]"}))
        self.rule(audience=audience)
        question = audience.with_user(self.chief).save_question({"domain": "[]"})
        self.assertIn("Win back", question)
        self.assertIn("Members so far: 0. With these changes: 2.", question)
        self.assertIn("7", audience.domain)


@tagged("post_install", "-at_install")
class TestNextDays(FollowupCase):
    """The next 30 days of a rule by simulation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.customers(3)

    def numbers(self, rule):
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            found = Ahead(rule.sudo().with_company(self.company)).numbers()
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return found

    def test_the_load_of_a_salesperson_is_spread_over_days(self):
        self.policy.capacity = 1
        found = self.numbers(self.rule())
        self.assertEqual((found["reached"], found["most"], found["waiting"]), (3, 1, 0))
        self.assertEqual(found["heads"], {self.seller.name: (3, 1)})
        self.assertEqual(dict(found["held"]), {f"{self.seller.name} has enough to do": 2})

    def test_who_falls_silent_within_the_next_days_is_among_them(self):
        self.heard(self.first, days=50)
        self.heard(self.second, days=5)
        phone = self.env.ref("crm_plus.channel_phone")
        rule = self.rule(trigger="silent", silent_days=60, channel_ids=[Command.set(phone.ids)])
        found = self.numbers(rule)
        self.assertEqual(found["reached"], 2, "the first one after 10 days, the third one at once")
        self.assertEqual(found["most"], 1)

    def test_contacts_of_the_last_days_hold_back_for_a_week(self):
        self.policy.cap_week = 1
        self.heard(self.first, days=1)
        found = self.numbers(self.rule())
        self.assertEqual((found["reached"], found["waiting"]), (3, 0))
        self.assertEqual(dict(found["held"]), {"contacted too often": 1})

    def test_days_off_bring_nothing(self):
        self.policy.working_days = True
        days_off = {self.company._crm_plus_today() + timedelta(days=ahead) for ahead in range(40)}
        with patch.object(Limits, "days_off", days_off):
            found = self.numbers(self.rule())
        self.assertEqual((found["reached"], found["waiting"]), (0, 3))

    def test_who_came_in_lately_stands_for_who_will(self):
        audience = self.audience(domain=repr([("order_count", ">", 1)]))
        rule = self.rule(audience=audience, include_present=False)
        self.follow(rule)
        self.order(self.first)
        self.refresh()
        rule._evaluate()
        self.env.flush_all()
        members = self.env["crm.followup.member"].search([("rule_id", "=", rule.id)])
        self.assertFalse(self.numbers(rule)["reached"], "whoever was there when it began is no newcomer")
        self.order(self.second)
        self.refresh()
        self.env.cr.execute(
            "UPDATE crm_followup_member SET date_since = date_since - interval '12 days' WHERE id = ANY(%s)",
            [members.ids],
        )
        self.env.invalidate_all()
        rule._evaluate()
        self.assertEqual(self.numbers(rule)["reached"], 1)

    def test_who_entered_a_segment_lately_stands_for_who_will(self):
        segment = self.profile(self.first).segment_id.with_company(self.company)
        rule = self.rule(audience=segment._reach_audience(), include_present=False)
        self.follow(rule)
        self.assertFalse(self.runs.search([("rule_id", "=", rule.id)]))
        stays = [("segment_id", "=", segment.id), ("company_id", "=", self.company.id), ("date_to", "=", False)]
        found = self.env["crm.segment.membership"].search(stays)
        self.env.cr.execute(
            "UPDATE crm_segment_membership SET date_from = date_from - 12 WHERE id = ANY(%s)", [found.ids]
        )
        self.env.invalidate_all()
        self.assertEqual(self.numbers(rule)["reached"], len(found))

    def test_the_preview_tells_it_and_leaves_nothing(self):
        rule = self.rule(state="draft")
        preview = self.env["crm.followup.preview"].with_user(self.chief).create({"rule_id": rule.id})
        self.assertIn("Reached: 3", preview.ahead)
        self.assertIn("3 activities", preview.ahead)
        self.assertFalse(self.env["crm.followup.member"].search([("rule_id", "=", rule.id)]))


@tagged("post_install", "-at_install")
class TestPersonalTexts(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [cls.first] = cls.customers(1)
        cls.stranger = cls.env["res.partner"].create({"name": "Stranger"})
        cls.silver, cls.gold = cls.env["crm.tier"].create(
            [
                {"name": name, "company_id": cls.company.id, "basis": "revenue", "threshold": limit, "sequence": place}
                for place, (name, limit) in enumerate((("Silver", 50), ("Gold", 1000)))
            ]
        )
        cls.refresh()

    def rendered(self, partner, text):
        return self.env["mail.template"]._render_template(text, "res.partner", partner.ids)[partner.id]

    def test_a_letter_says_what_is_known(self):
        self.env["crm.product.affinity"].search([]).unlink()
        names = ("segment", "tier", "next_tier", "missing", "last_order", "products")
        text = self.rendered(self.first, "|".join("{{ object.crm_text_" + name + " }}" for name in names))
        profile = self.profile(self.first)
        segment, tier, above, missing, last, products = text.split("|")
        self.assertEqual((segment, tier, above), (profile.segment_id.name, "Silver", "Gold"))
        self.assertIn("900", missing)
        self.assertTrue(last)
        self.assertFalse(products)

    def test_it_is_safe_when_nothing_is_known(self):
        self.assertEqual(self.rendered(self.stranger, "Hi {{object.crm_text_tier|||friend}}!"), "Hi friend!")
        self.assertEqual(self.rendered(self.stranger, "Hi{{ object.crm_text_missing }}!"), "Hi!")

    def test_contacts_say_what_their_company_is(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.first.id})
        self.assertEqual(contact.crm_text_tier, "Silver")

    def test_amounts_are_for_those_who_may_read_them(self):
        self.company.crm_plus_amounts = "managers"
        self.env.flush_all()
        self.assertTrue(self.first.with_user(self.chief).with_company(self.company).crm_text_missing)
        self.assertFalse(self.first.with_user(self.seller).with_company(self.company).crm_text_missing)
        self.assertEqual(self.first.with_user(self.seller).with_company(self.company).crm_text_tier, "Silver")

    def test_what_is_sent_later_says_what_its_sender_may_read(self):
        self.company.crm_plus_amounts = "managers"
        self.env.flush_all()
        clerk = self.user("followup_clerk", "base.group_user")
        for sender, told in ((self.chief, True), (self.seller, False), (clerk, False)):
            later = self.first.with_user(SUPERUSER_ID).with_company(self.company)
            self.assertIs(bool(later.with_context(crm_sender_id=sender.id).crm_text_missing), told, sender.name)
        forged = self.first.with_user(self.seller).with_company(self.company)
        self.assertFalse(forged.with_context(crm_sender_id=self.chief.id).crm_text_missing)
