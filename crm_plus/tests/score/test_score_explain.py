from decimal import Decimal

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestExplainScore(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fit = cls.rule(name="Has a phone", points=20, domain="[('phone', '!=', False)]", suggestion="Ask for it")
        cls.calls = cls.rule(
            name="Calls", kind="engagement", points=12, half_life_days=10, cap=30, channel_ids=[(6, 0, cls.phone.ids)]
        )
        cls.mine = new_test_user(cls.env, "score_mine", groups="sales_team.group_sale_salesman")
        cls.colleague = new_test_user(cls.env, "score_colleague", groups="sales_team.group_sale_salesman")
        cls.everyone = new_test_user(cls.env, "score_all", groups="sales_team.group_sale_salesman_all_leads")
        cls.partner = cls.env["res.partner"].create({"name": "Customer"})
        cls.owned = cls.lead(partner_id=cls.partner.id, user_id=cls.mine.id)
        cls.visible = cls.event(0, partner_id=cls.partner.id, name="My call", user_id=cls.mine.id)
        cls.hidden = cls.event(
            10, partner_id=cls.partner.id, name="A secret", user_id=cls.colleague.id, document_user_id=cls.colleague.id
        )

    def engagement(self, user):
        return self.owned.with_user(user).explain_score()["engagement"]["lines"][0]

    def test_a_salesperson_sees_own_events_and_how_many_are_hidden(self):
        line = self.engagement(self.mine)
        self.assertEqual((line["name"], line["points"], line["count"], line["hidden"]), ("Calls", "18.00", 2, 1))
        self.assertEqual([(event["id"], event["points"]) for event in line["events"]], [(self.visible.id, "12.00")])
        self.assertNotIn("A secret", str(line))

    def test_who_sees_all_documents_sees_all_events_and_they_add_up(self):
        line = self.engagement(self.everyone)
        self.assertEqual(line["hidden"], 0)
        self.assertEqual(sum(Decimal(event["points"]) for event in line["events"]), Decimal(line["points"]))

    def opened(self, user):
        action = self.owned.with_user(user).action_score_events(self.calls.id)
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def test_the_events_behind_a_rule_are_opened_as_far_as_the_user_may_see_them(self):
        self.event(200, partner_id=self.partner.id, name="Too old")
        self.event(1, partner_id=self.partner.id, name="A meeting", channel_id=self.meeting.id)
        self.assertEqual(self.opened(self.mine), self.visible)
        self.assertEqual(self.opened(self.everyone), self.visible + self.hidden)
        with self.assertRaises(AccessError):
            self.opened(self.colleague)

    def test_an_event_of_several_contacts_is_opened_once(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.partner.id})
        shared = {"document_id": 77, "shared_ref": "calendar.event,77", "date": fields.Datetime.now(), "name": "Both"}
        twins = self.event(partner_id=self.partner.id, **shared) + self.event(partner_id=contact.id, **shared)
        self.assertEqual(len(self.opened(self.everyone) & twins), 1)
        line = self.engagement(self.everyone)
        self.assertEqual((line["count"], line["hidden"], len(line["events"])), (3, 0, 3))

    def test_the_day_on_which_a_period_ends_counts_as_in_the_score(self):
        self.calls.period_days = 10
        self.assertEqual(self.engagement(self.everyone)["count"], 2)
        self.assertEqual(self.opened(self.everyone), self.visible + self.hidden)
        self.calls.period_days = 9
        self.assertEqual(self.engagement(self.everyone)["count"], 1)
        self.assertEqual(self.opened(self.everyone), self.visible)

    def test_of_a_rule_that_counts_once_one_event_has_the_points(self):
        self.calls.once = True
        self.event(0, partner_id=self.partner.id, name="Another call today")
        line = self.engagement(self.everyone)
        self.assertEqual([event["points"] for event in line["events"]], ["12.00", "0.00", "0.00"])
        self.assertEqual(line["points"], "12.00")

    def test_a_closed_lead_is_explained_as_on_the_day_it_was_scored(self):
        self.assertEqual(self.engagement(self.everyone)["points"], "18.00")
        self.owned.action_set_won()
        self.env.flush_all()
        for table, column in (("crm_lead_score", "scored_on"), ("crm_interaction", "date")):
            table, column = SQL.identifier(table), SQL.identifier(column)
            self.env.cr.execute(SQL("UPDATE %s SET %s = %s - 200 * interval '1 day'", table, column, column))
        self.env.invalidate_all()
        self.event(0, partner_id=self.partner.id, name="Much later", user_id=self.mine.id)
        line = self.engagement(self.everyone)
        self.assertEqual((line["count"], line["hidden"]), (2, 0))
        self.assertEqual([event["points"] for event in line["events"]], ["12.00", "6.00"])
        self.assertEqual(self.opened(self.everyone), self.visible + self.hidden)
        self.assertEqual(self.owned.explain_score()["raises"], [])

    def test_a_closed_lead_that_was_scored_before_days_were_kept_is_explained_as_on_the_day_it_ended(self):
        self.engagement(self.everyone)
        self.owned.action_set_won()
        self.env.flush_all()
        for table, column in (("crm_lead", "date_closed"), ("crm_interaction", "date")):
            table, column = SQL.identifier(table), SQL.identifier(column)
            self.env.cr.execute(SQL("UPDATE %s SET %s = %s - 200 * interval '1 day'", table, column, column))
        self.env.cr.execute(SQL("UPDATE crm_lead_score SET scored_on = NULL"))
        self.env.invalidate_all()
        line = self.engagement(self.everyone)
        self.assertEqual([event["points"] for event in line["events"]], ["12.00", "6.00"])
        self.assertEqual(self.opened(self.everyone), self.visible + self.hidden)

    def test_a_lead_of_a_colleague_is_not_explained(self):
        with self.assertRaises(AccessError):
            self.owned.with_user(self.colleague).explain_score()

    def test_only_what_can_be_done_is_offered(self):
        self.rule(name="Big", points=90, domain="[('expected_revenue', '>', 1000000)]")
        raises = self.owned.with_user(self.mine).explain_score()["raises"]
        self.assertEqual(
            [(offer["name"], offer["suggestion"], offer["gain"]) for offer in raises],
            [("Has a phone", "Ask for it", "10.00")],
        )

    def test_what_no_app_of_the_company_brings_is_not_offered(self):
        """An event to invite to where there are no events."""
        channel = self.env["crm.interaction.channel"].create({"name": "Balloon flight", "code": "balloon_flight"})
        kind = {"kind": "engagement", "direction": "any", "suggestion": "Invite them"}
        rule = self.rule(name="Flew with us", points=40, channel_ids=channel.ids, **kind)
        self.assertNotIn(rule.id, [offer["id"] for offer in self.owned.explain_score()["raises"]])
        model = {"kind": "records", "model_name": "crm.lead", "partner_path": "partner_id", "date_path": "create_date"}
        self.env["crm.interaction.source"].create({"name": "Flights", "channel_id": channel.id, **model})
        self.assertIn(rule.id, [offer["id"] for offer in self.owned.explain_score()["raises"]])

    def test_what_is_earned_is_not_offered_again(self):
        self.owned.phone = "+32 2 555 11 22"
        names = [offer["name"] for offer in self.owned.explain_score()["raises"]]
        self.assertEqual(names, [])

    def test_the_end_of_silence_is_an_offer(self):
        silence = self.rule(
            kind="silence", name="Silent", points=-10, silence_days=5, direction="out", suggestion="Call"
        )
        self.env.flush_all()
        query = SQL("UPDATE crm_lead SET create_date = create_date - interval '9 days' WHERE id = %s", self.owned.id)
        self.env.cr.execute(query)
        offers = {offer["id"]: offer for offer in self.owned.explain_score()["raises"]}
        self.assertEqual((offers[silence.id]["gain"], offers[silence.id]["suggestion"]), ("5.00", "Call"))

    def test_its_course_is_told_oldest_first(self):
        self.env.cr.flush()
        history = self.owned.explain_score()["history"]
        self.assertEqual([row["lead_score"] for row in history], [self.owned.lead_score])

    def test_it_is_told_where_nothing_may_be_written(self):
        self.env.cr.flush()
        with self.enter_registry_test_mode(), self.registry.cursor(readonly=True) as cr:
            lead = self.owned.with_env(self.env(cr=cr))
            self.assertEqual(lead.explain_score()["score"], f"{self.owned.lead_score:.2f}")
