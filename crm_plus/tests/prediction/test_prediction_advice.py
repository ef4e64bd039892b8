import random
from datetime import timedelta
from math import exp

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from psycopg2.extras import Json

from .common import BEGIN, PredictionCase

BUDGET = {"name": "budget", "type": "integer", "string": "Budget"}


@tagged("post_install", "-at_install")
class TestAdvice(PredictionCase):
    """What a salesperson can do to make winning more likely, by the prediction's own account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env.ref("crm_plus.source_manual")
        cls.phone = cls.env.ref("crm_plus.channel_phone")
        cls.leads.team.lead_properties_definition = [BUDGET]
        dice = random.Random(5)
        for number in range(500):
            phone, called, budget, iran, good = (dice.random() < 0.5 for _feature in range(5))
            won = dice.random() < 1 / (
                1 + exp(2.8 - 1.6 * phone - 1.4 * called - 0.8 * budget - 0.9 * iran - 1.2 * good)
            )
            lead = cls.leads.closed(
                1,
                start=BEGIN + timedelta(days=number),
                won_status="won" if won else "lost",
                active=won,
                email_state="correct" if good else "incorrect",
                phone="+32 2 555 11 22" if phone else None,
                lead_properties=Json({"budget": 100 + number % 7} if budget else {}),
                country_id=cls.env.ref("base.ir" if iran else "base.be").id,
            )
            if called:
                cls.call(lead, lead.create_date)
        cls.env.flush_all()
        cls.model = cls.train(cls)
        cls.model._publish()
        cls.lead = cls.leads.open(1)
        cls.predict()

    @classmethod
    def call(cls, lead, before=None):
        cls.env["crm.interaction"].create(
            {
                "lead_id": lead.id,
                "source_id": cls.source.id,
                "channel_id": cls.phone.id,
                "direction": "out",
                "date": fields.Datetime.add(before or fields.Datetime.now(), hours=-1),
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def predict(cls):
        cls.env.flush_all()
        cls.scores._predict_leads(cls.lead.ids)
        return cls.lead.win_probability

    def raises(self, lead=None):
        return {offer["key"]: offer for offer in (lead or self.lead).explain_prediction()["raises"]}

    def test_filling_in_the_phone_number_is_worth_what_it_was_said_to_be(self):
        before, offer = self.predict(), self.raises()["phone"]
        self.assertEqual(offer["text"], "Fill in: Phone")
        self.assertGreater(offer["gain"], 3)
        self.lead.phone = "+32 2 555 11 22"
        self.assertAlmostEqual(self.predict() - before, offer["gain"], delta=1)
        self.assertNotIn("phone", self.raises())

    def test_a_first_call_is_worth_what_it_was_said_to_be(self):
        before, offer = self.predict(), self.raises()["interaction.phone.out"]
        self.assertEqual(offer["text"], "Get in touch: Phone call")
        self.assertGreater(offer["gain"], 3)
        self.call(self.lead)
        self.assertAlmostEqual(self.predict() - before, offer["gain"], delta=1)

    def test_only_one_way_to_get_in_touch_is_advised(self):
        contacts = [key for key in self.raises() if key == "contact" or key.startswith("interaction.")]
        self.assertEqual(len(contacts), 1)

    def test_the_best_comes_first(self):
        gains = [offer["gain"] for offer in self.lead.explain_prediction()["raises"]]
        self.assertEqual(gains, sorted(gains, reverse=True))
        self.assertGreater(len(gains), 2)

    def test_a_property_is_advised_where_the_team_asks_for_it(self):
        self.assertEqual(self.raises()["lead_properties.budget"]["text"], "Fill in: Budget")
        self.lead.team_id = self.env["crm.team"].create({"name": "Another", "company_id": self.company.id})
        self.assertNotIn("lead_properties.budget", self.raises())

    def test_who_somebody_is_and_how_old_a_lead_is_are_no_advice(self):
        self.assertIn("country_id", self.model._feature_names())
        self.env["crm.score.feature"].search([("name", "=", "country_id")]).advised = True
        self.assertNotIn("country_id", self.raises())
        age = self.env["crm.score.feature"].search([("name", "=", "age")])
        with self.assertRaisesRegex(ValidationError, "Days since the lead was created"):
            age.advised = True

    def test_what_is_barred_or_not_advised_is_not_told(self):
        feature = self.env["crm.score.feature"].search([("name", "=", "phone")])
        feature.advised = False
        self.assertNotIn("phone", self.raises())
        feature.write({"advised": True, "barred": True})
        self.assertNotIn("phone", self.raises())

    def test_a_wrong_value_is_to_be_corrected(self):
        self.lead.email_from = "ann at firm"
        self.assertEqual(self.lead.email_state, "incorrect")
        self.predict()
        self.assertEqual(self.raises()["email_from"]["text"], "Correct: Email")

    def test_a_salesperson_is_advised_as_the_manager_is(self):
        ours = {"company_ids": self.company.ids, "company_id": self.company.id}
        ann = new_test_user(self.env, "ann.advice", "sales_team.group_sale_salesman", **ours)
        self.lead.user_id = ann
        expected = self.raises()
        self.assertEqual(self.raises(self.lead.with_user(ann).with_company(self.company)), expected)

    def test_a_closed_lead_needs_no_advice(self):
        self.lead.action_set_lost()
        explained = self.lead.explain_prediction()
        self.assertTrue(explained["parts"])
        self.assertFalse(explained["raises"])
