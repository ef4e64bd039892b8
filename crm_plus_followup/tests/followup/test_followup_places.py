from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import format_date
from psycopg2 import IntegrityError

from .common import FollowupCase


class PlaceCase(FollowupCase):
    """Segments and tiers whose customers rules are for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        family = cls.env["crm.segment.family"].create({"name": "Buyers", "kind": "domain"})
        cls.segment = cls.env["crm.segment"].create(
            {"name": "Many", "family_id": family.id, "state": "active", "domain": "[('order_count', '>=', 2)]"}
        )
        cls.tier = cls.env["crm.tier"].create(
            {"name": "Gold", "company_id": cls.company.id, "threshold": 1000, "grace_days": 30}
        )

    @classmethod
    def of(cls, place):
        return cls.env["crm.audience"]._of_group(place, cls.company)

    @classmethod
    def action(cls, code, model="res.partner"):
        return cls.env["ir.actions.server"].create(
            {"name": "Act", "model_id": cls.env["ir.model"]._get_id(model), "state": "code", "code": code}
        )

    @classmethod
    def marking(cls, mark, model="res.partner"):
        """A step that writes a mark into the reference of the customer, and how often."""
        records = "records" if model == "res.partner" else "records.partner_id"
        action = cls.action(f"for r in {records}: r.write({{'ref': (r.ref or '') + '{mark}'}})", model)
        return {"kind": "action", "action_id": action.id}

    def enter(self, partner):
        self.order(partner)
        self.refresh()

    def leave(self, partner):
        partner.sale_order_ids.sorted("id")[-1:]._action_cancel()
        self.refresh()


@tagged("post_install", "-at_install")
class TestFollowupPlaces(PlaceCase):
    def test_who_leaves_is_reached_once_and_who_never_was_in_it_is_not(self):
        leaver, stayer, stranger = self.customers(3)
        self.enter(leaver)
        self.enter(stayer)
        rule = self.rule(self.marking("out"), audience=self.of(self.segment), trigger="leave", pause_days=0)
        self.follow(rule)
        self.assertFalse(self.runs.search([("rule_id", "=", rule.id)]))
        for turn in (1, 2):
            self.leave(leaver)
            self.follow(rule)
            self.follow(rule)
            self.assertEqual(leaver.ref, "out" * turn)
            self.enter(leaver)
            self.follow(rule)
        self.assertFalse(stayer.ref or stranger.ref)
        self.assertEqual(rule.reached_count, 2)

    def test_who_left_while_the_rule_was_a_draft_is_not_reached(self):
        [partner] = self.customers(1)
        self.enter(partner)
        rule = self.rule(self.marking("out"), audience=self.of(self.segment), trigger="leave")
        self.follow(rule)
        rule.action_draft()
        self.leave(partner)
        rule.action_activate()
        self.follow(rule)
        self.assertFalse(partner.ref)

    def test_who_is_back_stops_what_leaving_has_begun(self):
        [partner] = self.customers(1)
        self.enter(partner)
        rule = self.rule({"kind": "activity", "activity_type_id": self.call.id}, {"kind": "wait", "delay_days": 9},
                         audience=self.of(self.segment), trigger="leave", stop_order=False)  # fmt: skip
        self.follow(rule)
        self.leave(partner)
        self.follow(rule)
        run = self.run_of(rule, partner)
        self.assertEqual((run.state, len(self.activities(partner))), ("open", 1))
        self.enter(partner)
        self.follow(rule)
        self.assertEqual((run.state, run.reason), ("stopped", "back"))
        self.assertFalse(self.activities(partner))

    def test_a_pricelist_given_on_leaving_goes_when_they_are_back(self):
        [partner] = self.customers(1)
        self.enter(partner)
        prices = self.env["product.pricelist"].create({"name": "Come back", "company_id": self.company.id})
        step = {"kind": "price", "pricelist_id": prices.id}
        rule = self.rule(step, audience=self.of(self.segment), trigger="leave")
        self.follow(rule)
        self.leave(partner)
        self.follow(rule)
        here = partner.with_company(self.company)
        self.runs._withdraw_next(self.company)
        self.assertEqual(here.specific_property_product_pricelist, prices)
        self.enter(partner)
        self.follow(rule)
        self.runs._withdraw_next(self.company)
        self.assertFalse(here.specific_property_product_pricelist)

    def test_the_preview_counts_who_left_in_the_last_days(self):
        [partner, other] = self.customers(2)
        self.enter(partner)
        self.enter(other)
        self.leave(partner)
        for audience in (self.of(self.segment), self.audience(domain="[('order_count', '>=', 2)]")):
            step = {"kind": "activity", "activity_type_id": self.call.id}
            rule = self.rule(step, audience=audience, trigger="leave", state="draft")
            with self.subTest(audience.name):
                numbers = self.env["crm.followup.preview"].create({"rule_id": rule.id})
                self.assertEqual((numbers.present_count, numbers.reached_count), (1, 0))
                if audience.segment_id:
                    self.assertIn("Reached: 1", numbers.ahead)
                    rule.trigger = "enter"
                    numbers = self.env["crm.followup.preview"].create({"rule_id": rule.id})
                    self.assertIn("Reached: 2", numbers.ahead, "both came in of late")

    def test_when_the_grace_period_of_a_tier_begins(self):
        losing, keeping = self.customers(2)
        self.order(losing, amount=1000)
        self.order(keeping, amount=5000)
        self.refresh()
        rule = self.rule(audience=self.of(self.tier), trigger="grace", include_present=False)
        self.follow(rule)
        self.tier.threshold = 3000
        self.refresh()
        self.follow(rule)
        self.follow(rule)
        self.assertEqual(self.runs.search([("rule_id", "=", rule.id)]).partner_id, losing)
        until = self.profile(losing).tier_until
        self.assertTrue(until)
        self.assertIn(f"Gold only until {format_date(self.env, until)}", self.activities(losing).note)
        self.tier.threshold = 1000
        self.refresh()
        self.follow(rule)
        self.assertEqual(self.run_of(rule, losing).reason, "left", "it is earned again")
        with self.assertRaises(ValidationError):
            self.rule(audience=self.audience(kind="lead"), trigger="grace", name="Leads")

    def test_a_server_action_is_about_the_customer_or_the_profile(self):
        [partner] = self.customers(1)
        rule = self.rule(
            self.marking("in", "crm.customer.profile"), audience=self.of(self.segment), include_present=False
        )
        self.follow(rule)
        self.enter(partner)
        self.follow(rule)
        self.assertEqual(partner.ref, "in")
        lead_action = self.action("pass", "crm.lead")
        with self.assertRaises(ValidationError):
            self.rule({"kind": "action", "action_id": lead_action.id}, name="Wrong")

    def test_a_draft_segment_is_not_acted_upon_before_it_is_active(self):
        [partner] = self.customers(1)
        self.segment.action_draft()
        self.enter(partner)
        rule = self.rule(self.marking("in"), audience=self.of(self.segment), include_present=False)
        self.follow(rule)
        self.follow(rule)
        self.assertFalse(partner.ref)
        self.assertIn("Many", rule.rests_note)
        self.segment.action_activate()
        self.refresh()
        self.env.invalidate_all()
        self.follow(rule)
        self.assertEqual((partner.ref, rule.rests_note), ("in", False))

    def test_nobody_is_reached_as_having_left_a_segment_that_becomes_a_draft(self):
        [partner] = self.customers(1)
        self.enter(partner)
        rule = self.rule(self.marking("out"), audience=self.of(self.segment), trigger="leave", pause_days=0)
        self.follow(rule)
        self.segment.action_draft()
        self.refresh()
        self.follow(rule)
        self.follow(rule)
        self.assertFalse(partner.ref)
        self.segment.action_activate()
        self.refresh()
        self.env.invalidate_all()
        self.follow(rule)
        self.leave(partner)
        self.follow(rule)
        self.follow(rule)
        self.assertEqual(partner.ref, "out")

    def test_who_was_there_is_not_called_again_when_a_draft_segment_is_active_again(self):
        [partner] = self.customers(1)
        self.enter(partner)
        rule = self.rule(self.marking("in"), audience=self.of(self.segment), include_present=False)
        self.follow(rule)
        self.segment.action_draft()
        self.refresh()
        self.follow(rule)
        self.segment.action_activate()
        self.refresh()
        self.env.invalidate_all()
        self.follow(rule)
        self.follow(rule)
        self.assertFalse(partner.ref)

    def count_invoices_for_a_while(self):
        for basis in ("invoice", "order"):
            self.company.crm_plus_revenue_basis = basis
            self.env.flush_all()
            self.refresh()
            self.env.invalidate_all()
            self.follow()

    def test_a_stay_that_goes_on_calls_nobody_again(self):
        [partner] = self.customers(1)
        self.enter(partner)
        audience = self.of(self.segment)
        call = self.rule(audience=audience, pause_days=0, stop_leave=False, include_present=False)
        act = self.rule(self.marking("in"), audience=audience, pause_days=0, name="Act", include_present=False)
        self.follow()
        self.count_invoices_for_a_while()
        self.assertTrue(self.stays.search([("segment_id", "=", self.segment.id), ("resumed", "=", True)]))
        self.assertFalse(partner.ref or self.run_of(call, partner) or self.run_of(act, partner))

    def test_what_leaving_has_undone_is_done_over_when_the_stay_goes_on(self):
        [partner] = self.customers(1)
        self.enter(partner)
        audience = self.of(self.segment)
        call = self.rule(audience=audience, pause_days=0, include_present=False)
        self.rule(self.marking("in"), audience=audience, pause_days=0, name="In", include_present=False)
        self.rule(self.marking("out"), audience=audience, pause_days=0, name="Out", trigger="leave")
        self.follow()
        self.count_invoices_for_a_while()
        self.assertEqual(partner.ref, "outin")
        self.assertFalse(self.run_of(call, partner))

    def test_activities_tell_why_in_the_language_of_who_gets_them(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.seller.lang = "fa_IR"
        [partner] = self.customers(1)
        manual = self.env["crm.segment.family"].create({"name": "By hand", "kind": "manual"})
        guests = self.env["crm.segment"].create({"name": "Guests", "family_id": manual.id, "state": "active"})
        rule = self.rule(audience=self.of(guests), include_present=False, stop_leave=False)
        self.follow(rule)
        guests._add_customers(self.profile(partner), "met at the fair")
        self.follow(rule)
        note = self.activities(partner).note
        self.assertIn("met at the fair", note)
        self.assertNotIn("Last order", note)

    def test_without_a_salesperson_it_is_for_whoever_looks_after_the_segment(self):
        [partner] = self.customers(1, user_id=False)
        self.segment.user_id = self.seller
        rule = self.rule(audience=self.of(self.segment), include_present=False, user_id=False)
        self.follow(rule)
        self.enter(partner)
        self.follow(rule)
        self.assertEqual(self.activities(partner).user_id, self.seller)

    def test_activities_are_planned_whatever_the_limits_say_if_the_rule_wants_it_and_count(self):
        [partner] = self.customers(1)
        self.policy.write({"cap_week": 1, "capacity": 1})
        self.heard(partner)
        template = self.env["mail.template"].create(
            {"name": "Hi", "subject": "Hi", "body_html": "Hi", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        email = {"kind": "email", "template_id": template.id}
        rule = self.rule({"kind": "activity", "activity_type_id": self.call.id}, email, held_back="messages")
        other = self.rule(name="Other")
        self.follow()
        self.assertEqual(len(self.activities(partner)), 1)
        self.assertIn("contacted", self.run_of(rule, partner).note)
        self.assertIn("contacted", self.run_of(other, partner).note)
        numbers = self.env["crm.followup.preview"].create({"rule_id": self.rule(held_back="messages", name="3").id})
        self.assertFalse(numbers.held_back)

    def test_no_pause_is_for_what_is_entered_only(self):
        self.rule(pause_days=0)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.rule(trigger="silent", pause_days=0)

    def test_a_segment_and_a_tier_show_the_rules_that_follow_them(self):
        for place in (self.segment, self.tier):
            with self.subTest(place.name):
                mine = place.with_user(self.chief).with_company(self.company)
                rule = self.rule(audience=self.of(place), name=f"Greet {place.name}")
                self.assertEqual(mine.followup_rule_ids, rule)
                with Form(mine) as form:
                    form.color = 4
                seller = place.with_user(self.seller).get_views([(False, "form")])["models"][place._name]
                self.assertNotIn("followup_rule_ids", seller["fields"])
        preview = self.segment.with_user(self.chief).with_company(self.company).preview_changes({"state": "draft"})
        self.assertIn("Greet Many", preview["follows"])

    def test_the_preview_of_an_active_rule_looks_at_members_by_the_day_they_left(self):
        first, second = self.customers(2)
        audience = self.audience(domain="[('order_count', '>=', 2)]")
        self.enter(first)
        tell = {"kind": "activity", "activity_type_id": self.call.id}
        rule = self.rule(tell, audience=audience, trigger="leave", pause_days=0, stop_leave=False, stop_order=False)
        self.follow(rule)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_followup_member SET date_since = %s WHERE rule_id = %s",
            (fields.Datetime.now() - timedelta(days=90), rule.id),
        )
        self.enter(second)
        self.follow(rule)
        self.leave(second)
        self.follow(rule)
        self.assertFalse(self.run_of(rule, first))
        self.assertTrue(self.run_of(rule, second))
        self.assertIn("Reached: 1,", self.env["crm.followup.preview"].create({"rule_id": rule.id}).ahead)
