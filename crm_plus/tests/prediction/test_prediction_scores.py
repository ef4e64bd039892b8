from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...services.prediction import columns, moments
from ...services.prediction.readings import Reading
from ...services.prediction.training import LeadRecord
from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestPredictions(PredictionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.closed = cls.leads.closed(500)
        cls.model = cls.models._train(cls.company)
        cls.open = cls.leads.open(30)

    def test_contributions_add_up_to_the_last_digit(self):
        self.scores._predict_leads(self.open.ids)
        for lead in self.open:
            told = lead.score_explanation["prediction"]
            self.assertEqual(told["intercept"] + sum(part[2] for part in told["parts"]), told["score"])

    def test_a_prediction_does_not_depend_on_the_others_scored_with_it(self):
        self.scores._predict_leads(self.open.ids)
        together = {lead: self.prediction(lead).win_probability for lead in self.open}
        self.scores.search([("lead_id", "in", self.open.ids)]).unlink()
        for lead in reversed(self.open):
            self.scores._predict_leads(lead.ids)
            self.assertEqual(self.prediction(lead).win_probability, together[lead])

    def test_predicting_again_writes_nothing(self):
        self.assertEqual(self.scores._predict_leads(self.open.ids), 30)
        self.assertEqual(self.scores._predict_leads(self.open.ids), 0)

    def test_a_better_source_raises_the_probability(self):
        lead = self.open[0]
        lead.source_id = self.leads.sources["Web"]
        self.scores._predict_leads(lead.ids)
        before = lead.win_probability
        lead.source_id = self.leads.sources["Fair"]
        self.scores._predict_leads(lead.ids)
        self.assertGreater(lead.win_probability, before + 20)

    def test_the_explanation_is_told_in_words(self):
        lead = self.open[0]
        lead.source_id = self.leads.sources["Fair"]
        self.scores._predict_leads(lead.ids)
        told = lead.explain_prediction()
        self.assertEqual(told["probability"], lead.win_probability)
        self.assertIn(("Source", "Fair of the test"), [(part["label"], part["value"]) for part in told["parts"]])
        self.assertEqual(told["intercept"] + sum(part["points"] for part in told["parts"]), told["score"])

    def test_a_closed_lead_keeps_its_last_prediction(self):
        lead = self.open[0]
        self.scores._predict_leads(lead.ids)
        last = lead.win_probability
        lead.action_set_lost()
        lead.source_id = self.leads.sources["Call"]
        self.scores._predict_leads(lead.ids)
        self.assertEqual(lead.win_probability, last)

    def test_the_probability_of_the_pipeline_is_left_alone(self):
        self.scores._predict_leads(self.open.ids)
        self.env.invalidate_all()
        self.assertEqual(set(self.open.mapped("probability")), {10.0})
        self.assertEqual(set(self.open.mapped("automated_probability")), {10.0})

    def test_a_field_that_has_gone_counts_as_empty(self):
        with patch.object(Reading, "can_be_read", lambda reading, _env: reading.name != "email_state"):
            self.assertEqual(self.scores._predict_leads(self.open.ids), 30)
        self.assertEqual(self.scores._predict_leads(self.open.ids), 30)

    def test_what_the_list_of_fields_says_later_changes_no_prediction(self):
        self.scores._predict_leads(self.open.ids)
        feature = self.env["crm.score.feature"].search([("name", "=", "source_id")])
        feature.write({"kind": "presence", "barred": True})
        self.assertEqual(self.scores._predict_leads(self.open.ids), 0)
        self.assertIn("source_id", self.scores._watched()["crm.lead"])

    def test_a_changed_lead_is_predicted_again_in_the_same_transaction(self):
        lead = self.open[0]
        lead.source_id = self.leads.sources["Web"]
        low = lead.win_probability
        lead.source_id = self.leads.sources["Fair"]
        self.assertGreater(lead.win_probability, low + 20)

    def test_a_new_lead_is_predicted_at_once(self):
        values = {"name": "New", "company_id": self.company.id, "team_id": self.leads.team.id}
        lead = self.env["crm.lead"].create(values)
        self.assertTrue(lead.win_probability)
        self.assertTrue(self.prediction(lead).prediction_explanation)

    def test_a_version_that_fails_shows_why_and_leaves_scores_saves_and_other_versions_alone(self):
        elsewhere = self.env["res.company"].create({"name": "Its version works"})
        works = self.model.copy({"company_id": elsewhere.id, "state": "published", "predictor": self.model.predictor})
        other = self.leads.open(1, company_id=elsewhere.id, team_id=None)
        lead = self.open[0]
        self.scores._predict_leads((lead + other).ids)
        self.assertTrue(lead.win_probability)
        kept = self.model.predictor
        self.model.predictor = {"format": 99}
        with self.assertLogs("odoo.addons.crm_plus.models.prediction.crm_score_model", "WARNING") as logs:
            lead.source_id = self.leads.sources["Fair"]
            self.assertTrue(lead.lead_grade)
        self.assertIn("format 99", logs.output[0])
        self.assertIn("format 99", self.model.error)
        self.assertFalse(lead.win_probability, "a stale percentage is worse than none")
        self.assertIn("is failing", lead.score_card()["missing_prediction"])
        other.source_id = self.leads.sources["Web"]
        lead.source_id = self.leads.sources["Call"]  # says nothing twice
        self.assertTrue(other.win_probability)
        self.assertFalse(works.error)
        self.model.predictor = kept
        self.scores._predict_leads(lead.ids)
        self.assertFalse(self.model.error)
        self.assertTrue(lead.win_probability)

    def test_all_open_leads_are_predicted_by_the_nightly_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_rescore").method_direct_trigger()
        self.assertEqual(self.scores.search_count([("prediction_model_id", "=", self.model.id)]), 30)
        self.assertFalse(self.scores.search_count([("lead_id", "in", self.closed.ids)]))

    def test_a_lead_of_another_company_is_not_predicted(self):
        other = self.env["res.company"].create({"name": "No prediction yet"})
        lead = self.leads.open(1, company_id=other.id, team_id=None)
        self.assertEqual(self.scores._predict_leads(lead.ids), 0)


@tagged("post_install", "-at_install")
class TestMoments(PredictionCase):
    """What a closed lead is seen as: what was known at a moment of its open life."""

    def as_of_now(self, lead_ids):
        return moments.open_leads(lead_ids, self.env.cr.now())

    def seen(self, lead, names, seen=None):
        self.env["crm.score.feature"]._find()
        readings = [found._reading() for found in self.env["crm.score.feature"].search([("name", "in", names)])]
        _ids, found = columns.fetch(self.env, self.company, readings, lead.ids, seen or self.landmarks(lead))
        return {name: values[0] for name, values in found.items()}

    def landmarks(self, leads):
        closed = LeadRecord(self.company).known(scope=SQL("l.id = ANY(%s)", leads.ids))
        return partial(moments.landmark_leads, ages=closed.ages)

    def test_leads_are_seen_at_landmarks_they_were_still_open_at(self):
        leads = self.leads.closed(200, days=21)
        age = [Reading("age", "numeric", "age")]
        _ids, found = columns.fetch(self.env, self.company, age, leads.ids, self.landmarks(leads))
        ages = found["age"].tolist()
        self.assertEqual(set(ages), {0, 1, 3, 7, 14})
        for age in set(ages):
            self.assertAlmostEqual(ages.count(age), 40, delta=3, msg="drawn evenly")

    def test_only_conversations_before_the_moment_count(self):
        lead = self.leads.closed(1, days=21)
        source = self.env["crm.interaction.source"].search([("kind", "=", "manual")], limit=1)
        channel = self.env["crm.interaction.channel"].search([("code", "=", "phone")])
        at = self.env.execute_query(SQL("SELECT l.seen_at FROM %s", self.landmarks(lead)(lead.ids)))[0][0]
        for hours in (-2, -1, 1, 2, 3):
            self.env["crm.interaction"].create(
                {
                    "lead_id": lead.id,
                    "source_id": source.id,
                    "channel_id": channel.id,
                    "direction": "in",
                    "date": at + timedelta(hours=hours),
                    "company_id": self.company.id,
                }
            )
        self.env.flush_all()
        found = self.seen(lead, ["interaction.phone.in", "interaction.days_since"])
        self.assertEqual(found["interaction.phone.in"], 2)
        self.assertEqual(found["interaction.days_since"], 0, "whole days")
        now = self.seen(lead, ["interaction.phone.in"], self.as_of_now)
        self.assertEqual(now["interaction.phone.in"], 5)

    def test_an_email_to_many_is_one_conversation(self):
        company = self.env["res.partner"].create({"name": "Many", "is_company": True})
        contacts = self.env["res.partner"].create([{"name": f"C{n}", "parent_id": company.id} for n in range(8)])
        outsider = self.env["res.partner"].create({"name": "Outsider"})
        lead = self.leads.open(1, partner_id=company.id)
        lead.message_post(
            body="Offer", message_type="comment", subtype_xmlid="mail.mt_comment",
            partner_ids=(contacts | outsider).ids,
        )  # fmt: skip
        self.env["mail.notification"].search([("mail_message_id.res_id", "=", lead.id)]).notification_status = "sent"
        self.env.cr.flush()
        self.assertEqual(self.env["crm.interaction"].search_count([("lead_id", "=", lead.id)]), 9)
        self.env.cr.execute("UPDATE crm_interaction SET date = date - interval '1 hour' WHERE lead_id = %s", [lead.id])
        self.assertEqual(self.seen(lead, ["interaction.email.out"], self.as_of_now)["interaction.email.out"], 1)

    def test_a_customer_created_later_is_not_known_yet(self):
        partner = self.env["res.partner"].create({"name": "Created at the end", "lang": "en_US", "is_company": True})
        lead = self.leads.closed(1, partner_id=partner.id)
        self.assertIsNone(self.seen(lead, ["partner_id.lang"])["partner_id.lang"])
        self.env.cr.execute("UPDATE res_partner SET create_date = %s WHERE id = %s", [datetime(2020, 1, 1), partner.id])
        self.assertEqual(self.seen(lead, ["partner_id.lang"])["partner_id.lang"], "en_US")

    def test_earlier_orders_and_leads_of_the_customer_count_but_not_those_of_this_lead(self):
        partner = self.env["res.partner"].create({"name": "Buys again"})
        self.env.cr.execute("UPDATE res_partner SET create_date = %s WHERE id = %s", [datetime(2020, 1, 1), partner.id])
        lead, before, after = self.leads.closed(3, partner_id=partner.id)
        for other, day in ((before, datetime(2023, 6, 1)), (after, datetime(2025, 6, 1))):
            self.env.cr.execute(
                "UPDATE crm_lead SET date_closed = %s, won_status = 'won' WHERE id = %s", [day, other.id]
            )
        order = {"partner_id": partner.id, "company_id": self.company.id, "state": "sale"}
        orders = self.env["sale.order"].create([order, order | {"opportunity_id": lead.id}, order])
        for sale, day in zip(orders, (datetime(2023, 1, 1), datetime(2023, 1, 1), datetime(2025, 1, 1)), strict=True):
            self.env.cr.execute(
                "UPDATE sale_order SET amount_untaxed = 70, date_order = %s WHERE id = %s", [day, sale.id]
            )
        found = self.seen(lead, [f"customer.{name}" for name in ("orders", "revenue", "won_leads", "lost_leads")])
        self.assertEqual(
            found,
            {"customer.orders": 1, "customer.revenue": 70, "customer.won_leads": 1, "customer.lost_leads": 0},
        )

    def test_what_the_customer_did_in_another_company_is_not_known_here(self):
        partner = self.env["res.partner"].create({"name": "Buys everywhere"})
        self.env.cr.execute("UPDATE res_partner SET create_date = %s WHERE id = %s", [datetime(2020, 1, 1), partner.id])
        other = self.env["res.company"].create({"name": "Elsewhere"})
        there = {"partner_id": partner.id, "company_id": other.id, "team_id": None, "date_closed": datetime(2023, 6, 1)}
        self.leads.closed(1, **there, won_status="won")
        self.leads.closed(1, **there, won_status="lost")
        lead = self.leads.closed(1, partner_id=partner.id)
        found = self.seen(lead, ["customer.won_leads", "customer.lost_leads"])
        self.assertEqual(found, {"customer.won_leads": 0, "customer.lost_leads": 0})

    def test_values_of_every_kind_are_read(self):
        tag = self.env["crm.tag"].create({"name": "Tag of the test"})
        self.leads.team.lead_properties_definition = [{"name": "budget", "type": "integer", "string": "Budget"}]
        lead = self.env["crm.lead"].create(
            {
                "name": "x",
                "company_id": self.company.id,
                "team_id": self.leads.team.id,
                "tag_ids": tag.ids,
                "priority": "2",
                "expected_revenue": 12.5,
                "description": "<p><br></p>",
                "contact_name": "Zoe",
                "lead_properties": {"budget": 300},
            }
        )
        self.env.flush_all()
        names = ["tag_ids", "priority", "expected_revenue", "description", "contact_name", "lead_properties.budget"]
        found = self.seen(lead, [*names, "source_id"], self.as_of_now)
        expected = [(tag.id,), "2", 12.5, False, True, 300.0]
        self.assertEqual(found, dict(zip(names, expected, strict=True)) | {"source_id": None})

    def test_spaces_around_a_text_do_not_count(self):
        leads = self.leads.open(3)
        leads[0].city, leads[1].city, leads[2].city = " Leeds", "Leeds  ", "  "
        self.env.flush_all()
        city = [Reading("city", "category", "lead")]
        _ids, found = columns.fetch(self.env, self.company, city, leads.ids, self.as_of_now)
        self.assertEqual([*found["city"]], ["Leeds", "Leeds", None])
