from datetime import timedelta

from odoo import Command, fields
from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation


@tagged("post_install", "-at_install")
class TestFollowupLoyalty(FollowupCase):
    """Points and coupons as a step of a rule: each customer once, and what is taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.customers(3)
        cls.club = cls.program("loyalty", portal_point_name="Stars")
        cls.coupons = cls.program("coupons", portal_point_name="Coupons")
        cls.cards = cls.env["loyalty.card"].with_context(active_test=False)

    @classmethod
    def program(cls, kind, **values):
        when = {"loyalty": "both"}.get(kind, "current")
        program = cls.env["loyalty.program"].create(
            {"name": f"Our {kind}", "program_type": kind, "applies_on": when, **values}
        )
        program.communication_plan_ids.unlink()
        return program

    def step(self, program=None, **values):
        return {"kind": "loyalty", "loyalty_program_id": (program or self.club).id, "loyalty_points": 20, **values}

    def told(self, rule, partner):
        return self.events.search([("rule_id", "=", rule.id), ("partner_id", "=", partner.id)], order="id")

    def with_mail(self, program, trigger="create", **values):
        template = self.env["mail.template"].create(
            {"name": "Yours", "model_id": self.env["ir.model"]._get_id("loyalty.card"), "subject": "Yours",
             "body_html": "<p>{{ object.code }}</p>", "partner_to": "{{ object.partner_id.id }}",
             "email_from": "shop@followup.example"}
        )  # fmt: skip
        program.communication_plan_ids = [
            Command.create({"trigger": trigger, "mail_template_id": template.id, **values})
        ]

    def card_of(self, partner, program=None):
        return self.cards.search([("partner_id", "=", partner.id), ("program_id", "=", (program or self.club).id)])

    def mails(self, *partners):
        cards = self.cards.search([("partner_id", "in", [partner.id for partner in partners])])
        return self.env["mail.mail"].search([("model", "=", "loyalty.card"), ("res_id", "in", cards.ids)])

    def test_points_go_to_the_card_there_is_or_to_a_new_one(self):
        known = self.cards.create({"program_id": self.club.id, "partner_id": self.first.id, "points": 5})
        rule = self.rule(self.step())
        self.follow(rule)
        self.assertEqual((self.card_of(self.first), known.points), (known, 25))
        self.assertEqual(self.card_of(self.second).points, 20)
        history = known.history_ids
        self.assertEqual((history.issued, history.used, history.description), (20, 0, "Win back"))
        event = self.told(rule, self.first)
        self.assertEqual((event.kind, event.given_card_id), ("loyalty", known))
        self.assertEqual(event.summary, "Win back: 20 Stars of Our loyalty")
        note = self.first.message_ids.filtered(lambda message: "20 Stars" in (message.body or ""))
        self.assertEqual(len(note), 1, "salespeople see it on the customer")
        self.assertEqual(self.run_of(rule, self.first).state, "done")

    def test_a_customer_gets_it_once_however_often_the_rule_begins(self):
        once = self.rule(self.step(), trigger="silent", silent_days=1, pause_days=1)
        again = self.rule(self.step(self.coupons, loyalty_again=True), trigger="silent", silent_days=1, pause_days=1)
        for _time in range(2):
            self.follow()
            self.let_pass(self.runs.search([("rule_id", "in", (once | again).ids)]), 2)
        self.assertEqual(len(self.runs.search([("rule_id", "=", once.id), ("partner_id", "=", self.first.id)])), 2)
        self.assertEqual(self.card_of(self.first).points, 20)
        self.assertIn("has got it already", self.told(once, self.first)[-1:].summary)
        self.assertEqual(len(self.card_of(self.first, self.coupons)), 2)

    def test_two_leads_of_one_customer_bring_one_coupon(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.first.id})
        leads = self.env["crm.lead"].create(
            [
                {"name": "Lead", "company_id": self.company.id, "partner_id": partner.id}
                for partner in (self.first, contact, self.env["res.partner"])
            ]
        )
        audience = self.audience(kind="lead", domain=repr([("id", "in", leads.ids)]))
        rule = self.rule(self.step(self.coupons), audience=audience)
        self.follow(rule)
        self.assertEqual(len(self.card_of(self.first, self.coupons)), 1)
        told = self.events.search([("rule_id", "=", rule.id)])
        self.assertEqual(sorted(told.mapped("kind")), ["loyalty", "skipped", "skipped"])
        self.assertIn("no customer yet", str(told.mapped("summary")))

    def test_a_coupon_is_valid_for_so_many_days_and_its_email_is_queued(self):
        self.with_mail(self.coupons)
        self.env["mail.blacklist"]._add(self.second.email)
        self.third.email = False
        rule = self.rule(self.step(self.coupons, loyalty_days=30), stop_optout=False)
        self.follow(rule)
        coupon = self.card_of(self.first, self.coupons)
        today = self.company._crm_plus_today()
        self.assertEqual((coupon.points, coupon.expiration_date), (20, today + timedelta(days=30)))
        self.assertEqual(coupon.history_ids.issued, 20)
        self.assertEqual(self.mails(self.first).state, "outgoing")
        self.assertEqual(self.told(rule, self.first).mapped("kind"), ["loyalty", "email"])
        for partner in (self.second, self.third):
            self.assertEqual(len(self.card_of(partner, self.coupons)), 1, "the coupon is theirs all the same")
            self.assertFalse(self.mails(partner))

    def test_what_the_program_sends_is_a_contact_within_the_limits(self):
        self.with_mail(self.coupons)
        self.policy.cap_week = 1
        self.follow(self.rule(self.step(self.coupons)))
        self.assertEqual(len(self.mails(self.first)), 1)
        other = self.rule(self.step(self.coupons), name="Other")
        silent = self.rule(self.step(self.coupons, loyalty_mail=False), name="Silent")
        self.follow(other | silent)
        self.assertIn("contacted 1 times", self.run_of(other, self.first).note)
        self.assertEqual(self.run_of(silent, self.first).state, "done", "nobody is told: no limit holds it back")
        self.assertEqual(len(self.mails(self.first)), 1)

    def test_quiet_hours_hold_back_what_is_sent_at_once(self):
        self.with_mail(self.coupons)
        hour = fields.Datetime.now().hour
        self.policy.write({"quiet_from": hour, "quiet_to": (hour + 2) % 24})
        (self.first | self.second | self.third).tz = "UTC"
        rule = self.rule(self.step(self.coupons))
        self.follow(rule)
        self.assertFalse(self.card_of(self.first, self.coupons))
        self.assertTrue(self.run_of(rule, self.first).note)

    def test_a_milestone_of_points_is_written_about(self):
        self.with_mail(self.club, "points_reach", points=15)
        self.follow(self.rule(self.step()))
        self.assertEqual(len(self.mails(self.first)), 1)

    def test_who_is_held_out_and_a_test_run_get_nothing(self):
        everybody = self.first | self.second | self.third | self.customers(7)
        self.follow(self.rule(self.step(), state="shadow"))
        self.assertFalse(self.cards.search([("partner_id", "in", everybody.ids)]))
        self.follow(self.rule(self.step(), holdout_percent=50))
        self.assertEqual(len(self.cards.search([("partner_id", "in", everybody.ids)])), 5)

    def test_a_suspended_card_and_a_program_that_is_over(self):
        self.cards.create({"program_id": self.club.id, "partner_id": self.first.id, "active": False})
        rule = self.rule(self.step())
        self.follow(rule)
        self.assertFalse(self.card_of(self.first).points)
        self.assertIn("suspended", self.told(rule, self.first).summary)
        self.coupons.date_to = self.company._crm_plus_today() - timedelta(days=1)
        late = self.rule(self.step(self.coupons))
        self.follow(late)
        run = self.run_of(late, self.first)
        self.assertEqual(run.state, "failed")
        self.assertIn("is over", run.error)
        self.coupons.date_to = False
        run.with_user(self.chief).action_retry()
        self.work()
        self.assertEqual(len(self.card_of(self.first, self.coupons)), 1)

    def test_a_manager_takes_back_what_is_not_used(self):
        rules = self.rule(self.step()) | self.rule(self.step(self.coupons))
        self.follow()
        card, coupon = self.card_of(self.first), self.card_of(self.first, self.coupons)
        card.points -= 15
        runs = self.runs.search([("rule_id", "in", rules.ids), ("partner_id", "=", self.first.id)])
        self.assertEqual(runs.mapped("has_given"), [True, True])
        with self.assertRaises(AccessError):
            runs.with_user(self.seller).action_take_back()
        runs.with_user(self.chief).action_take_back()
        self.assertEqual((card.points, card.active), (0, True))
        self.assertEqual(sum(card.history_ids.mapped("issued")), 15, "what was used stays given")
        self.assertEqual((coupon.points, coupon.active), (0, False))
        self.assertEqual(self.told(rules[0], self.first)[-1:].kind, "withdrawn")
        self.assertEqual(runs.mapped("has_given"), [False, False])
        runs.with_user(self.chief).action_take_back()
        self.assertEqual(len(card.history_ids), 2, "once")
        self.assertEqual(self.card_of(self.second).points, 20, "others keep theirs")

    def test_what_came_to_the_card_later_is_not_taken_back(self):
        known = self.cards.create({"program_id": self.club.id, "partner_id": self.first.id, "points": 5})
        rules = self.rule(self.step()) | self.rule(self.step(loyalty_points=4), name="Second")
        for rule in rules:
            self.follow(rule)
        self.move(known, -25)
        self.assertEqual(known.points, 4)
        self.move(known, 30)
        for rule, left in zip(rules, (34, 30), strict=True):
            self.run_of(rule, self.first).with_user(self.chief).action_take_back()
            self.assertEqual(known.points, left)

    def test_the_gifts_of_two_rules_are_taken_back_in_any_order(self):
        rules = self.rule(self.step()) | self.rule(self.step(loyalty_points=4), name="Second")
        for rule in rules:
            self.follow(rule)
        for rule, left in ((rules[1], 20), (rules[0], 0)):
            self.run_of(rule, self.first).with_user(self.chief).action_take_back()
            self.assertEqual(self.card_of(self.first).points, left)

    def move(self, card, points):
        """What an order does with a card."""
        self.env["loyalty.history"].create(
            {"card_id": card.id, "description": "Order", "issued": max(points, 0), "used": max(-points, 0)}
        )
        card.points += points

    def test_whoever_has_left_gets_nothing(self):
        self.first.child_ids = [Command.create({"name": "Contact", "email": "contact@followup.example"})]
        contact, others = self.first.child_ids, self.second
        self.first.active = False
        audience = self.audience(kind="contact", domain=repr([("id", "in", (contact | others).ids)]))
        rules = self.rule(self.step(), audience=audience) | self.rule(self.step(self.coupons), audience=audience)
        self.follow(rules)
        for rule in rules:
            self.assertEqual(self.run_of(rule, contact).state, "done")
            self.assertIn("archived", self.told(rule, contact).summary)
            self.assertEqual(self.told(rule, others).kind, "loyalty")
        self.assertFalse(self.cards.search([("partner_id", "=", self.first.id)]))

    def test_a_program_that_went_to_another_company_gives_nothing(self):
        rule = self.rule(self.step())
        self.club.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.follow(rule)
        self.assertFalse(self.card_of(self.first))
        self.assertEqual(self.run_of(rule, self.first).state, "failed")
        self.assertIn("same company", self.run_of(rule, self.first).error)

    def test_who_got_it_is_who_has_the_card(self):
        lead = self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, "partner_id": self.first.id})
        audience = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        rule = self.rule(
            self.step(self.coupons), audience=audience, trigger="silent", silent_days=1, pause_days=1, stop_closed=False
        )
        for partner in (self.first, self.second, self.first):
            lead.partner_id = partner
            self.follow(rule)
            self.let_pass(self.runs.search([("rule_id", "=", rule.id)]), 2)
        self.assertEqual([len(self.card_of(one, self.coupons)) for one in (self.first, self.second)], [1, 1])
        self.card_of(self.first, self.coupons).unlink()
        self.follow(rule)
        self.assertFalse(self.card_of(self.first, self.coupons), "a card that was deleted was given all the same")

    def test_emails_with_a_document_go_in_small_transactions(self):
        self.with_mail(self.coupons)
        template = self.coupons.communication_plan_ids.mail_template_id
        template.report_template_ids = self.env.ref("loyalty.report_loyalty_card")
        self.customers(30)
        rule = self.rule(self.step(self.coupons))
        rule._evaluate()
        rule._work_next(self.company)
        given = self.cards.search_count([("program_id", "=", self.coupons.id)])
        self.assertLess(given, 30)
        self.assertTrue(given)
        self.work()
        self.assertEqual(self.cards.search_count([("program_id", "=", self.coupons.id)]), 33)

    def test_many_cost_as_many_statements_as_few(self):
        rules = self.rule(self.step()) | self.rule(self.step(self.coupons))
        counts = []
        for more in (2, 20):
            self.customers(more)
            for rule in rules:
                rule._evaluate()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.work()
            counts.append(self.cr.sql_log_count - before)
        self.assertLess(counts[1] - counts[0], 18, counts)

    def test_a_step_needs_a_program_of_its_company_that_gives_something(self):
        with self.assertRaisesRegex(ValidationError, "Loyalty program"):
            self.rule({"kind": "loyalty"})
        with self.assertRaisesRegex(ValidationError, "same company"):
            other = self.env["res.company"].create({"name": "Elsewhere"})
            self.rule(self.step(self.program("loyalty", company_id=other.id)))
        with self.assertRaisesRegex(ValidationError, "cards or coupons"):
            self.rule(self.step(self.program("promotion")))
        for wrong in ({"loyalty_points": 0}, {"loyalty_days": -1}):
            with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.rule(self.step(**wrong))

    def test_managers_write_such_a_rule(self):
        rule = self.rule(self.step()).with_user(self.chief)
        self.assertEqual(rule.step_ids.name, "Points or coupon: 20 Stars of Our loyalty")
        self.assertTrue(rule.copy())

    def test_the_step_goes_with_its_app(self):
        self.assert_goes_with_its_app(self.step())
