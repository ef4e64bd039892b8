from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .score_common import ScoreCase


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

    def test_a_lead_of_a_colleague_is_not_explained(self):
        with self.assertRaises(AccessError):
            self.owned.with_user(self.colleague).explain_score()

    def test_what_would_raise_it_names_what_to_do_first(self):
        self.rule(name="Big", points=90, domain="[('expected_revenue', '>', 1000000)]")
        raises = self.owned.with_user(self.mine).explain_score()["raises"]
        self.assertEqual(
            [(offer["name"], offer["suggestion"], offer["gain"]) for offer in raises],
            [("Has a phone", "Ask for it", "10.00"), ("Big", False, "45.00"), ("Calls", False, "6.00")],
        )

    def test_what_is_earned_is_not_offered_again(self):
        self.owned.phone = "+32 2 555 11 22"
        names = [offer["name"] for offer in self.owned.explain_score()["raises"]]
        self.assertEqual(names, ["Calls"])

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
