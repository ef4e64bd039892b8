from datetime import datetime
from unittest.mock import patch

import numpy as np
import psycopg2
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...engine.prediction.model import Scores
from ...services.prediction.store import PredictionStore
from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestPredictionFlow(PredictionCase):
    """What happens to leads keeps their prediction right."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads.closed(500)
        cls.model = cls.models._train(cls.company)
        cls.company.crm_plus_use_prediction = True

    def lead(self, **values):
        values = {"name": "A lead", "company_id": self.company.id, "team_id": self.leads.team.id} | values
        return self.env["crm.lead"].create(values)

    def assertPredicted(self, lead, model=None):
        """As the version says of the lead as it is, in the transaction that changes it, and as its probability."""
        shown, explained = lead.win_probability, lead.explain_prediction()
        self.scores._predict_leads(lead.ids)
        self.assertEqual(shown, self.prediction(lead).win_probability)
        self.assertEqual(explained["version"], (model or self.model).display_name)
        self.assertAlmostEqual(lead.probability, shown, delta=0.006)

    def test_merged_leads_have_the_prediction_of_what_they_are_together(self):
        known = self.lead(source_id=self.leads.sources["Web"].id, type="opportunity", probability=50)
        other = self.lead(phone="+32470123456", expected_revenue=800)
        before = known.win_probability
        merged = (known + other).merge_opportunity()
        self.assertEqual(merged.phone, "+32470123456")
        self.assertNotEqual(merged.win_probability, before)
        merged.probability = merged.automated_probability
        self.assertPredicted(merged)
        self.assertFalse(self.scores.search([("lead_id", "=", ((known + other) - merged).id)]))

    def test_a_converted_lead_keeps_its_prediction(self):
        lead = self.lead(type="lead", source_id=self.leads.sources["Fair"].id)
        before = lead.win_probability
        lead.convert_opportunity(self.env["res.partner"].create({"name": "Customer"}))
        self.assertPredicted(lead)
        self.assertAlmostEqual(lead.win_probability, before, delta=5)

    def test_a_lead_that_changes_its_team_is_predicted_by_the_version_of_that_team(self):
        team = self.env["crm.team"].create({"name": "With one of its own", "company_id": self.company.id})
        self.leads.closed(400, start=datetime(2025, 10, 1), team_id=team.id, flip=True)
        own = self.train(team=team)
        own._publish()
        lead = self.lead(source_id=self.leads.sources["Fair"].id)
        self.assertPredicted(lead)
        high = lead.win_probability
        lead.team_id = team
        self.assertPredicted(lead, own)
        self.assertLess(lead.win_probability, high - 20)

    def test_a_lead_whose_score_another_transaction_is_writing_is_predicted_by_the_scheduled_action(self):
        lead = self.lead(source_id=self.leads.sources["Web"].id)
        before = lead.win_probability
        lead.source_id = self.leads.sources["Fair"]
        locked = psycopg2.errors.LockNotAvailable("canceling statement due to lock timeout")
        with (
            patch.object(PredictionStore, "keep", side_effect=locked),
            mute_logger("odoo.addons.crm_plus.models.score.crm_lead_score"),
        ):
            self.env.cr.flush()
        self.assertEqual(lead.win_probability, before)
        self.assertFalse(self.model.error)
        self.assertIn(lead.id, self.env["crm.lead.score.queue"].search([]).mapped("lead_id"))
        while self.scores._refresh_queued():
            pass
        self.assertGreater(lead.win_probability, before)

    def test_a_reopened_lead_is_predicted_again(self):
        lead = self.lead(source_id=self.leads.sources["Fair"].id)
        high = lead.win_probability
        lead.action_set_lost()
        lead.source_id = self.leads.sources["Web"]
        self.assertEqual(lead.win_probability, high, "closed")
        lead.action_restore()
        self.assertLess(lead.win_probability, high - 20)
        self.assertPredicted(lead)

    def test_a_percentage_has_two_places(self):
        leads = self.leads.open(20)
        self.scores._predict_leads(leads.ids)
        found = leads.mapped("win_probability")
        self.assertEqual(found, [round(chance, 2) for chance in found])
        self.assertGreater(len(set(found)), 1)

    def test_an_open_lead_is_never_certain(self):
        def certain(_model, _columns):
            nothing = np.zeros((2, 1), dtype=np.int64)
            yield Scores(nothing[:, 0], np.array([0.0, 1.0]), nothing, 0), ["00", "00"]

        leads = self.leads.open(2)
        with patch("odoo.addons.crm_plus.engine.prediction.explain.compact", certain):
            self.scores._predict_leads(leads.ids)
        self.assertEqual([self.prediction(lead).win_probability for lead in leads], [0.01, 99.99])
