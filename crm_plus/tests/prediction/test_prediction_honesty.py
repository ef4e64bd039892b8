from datetime import datetime, timedelta

from odoo.tests import tagged

from ...services.prediction.training import LeadRecord
from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestHonesty(PredictionCase):
    """A world in which no field tells anything, losses are quick and wins are slow: 30 % of the leads are won."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads.world(6000, 1500)
        cls.model = cls.models._train(cls.company)
        cls.model._publish()

    def predicted(self, leads):
        self.scores._predict_leads(leads.ids)
        found = [self.prediction(lead).win_probability for lead in leads]
        return sum(found) / len(found)

    def test_a_fresh_lead_has_the_chance_of_all_leads(self):
        fresh = self.leads.open(40, created=datetime.now() - timedelta(hours=2))
        self.assertAlmostEqual(self.predicted(fresh), 30, delta=5)

    def test_the_open_leads_get_what_becomes_of_them(self):
        futures = self.leads.world(2000, 200)
        leads = self.env["crm.lead"].union(*futures)
        share = 100 * sum(futures.values()) / len(futures)
        self.assertGreater(share, 65, "those still open are mostly slow wins")
        self.assertAlmostEqual(self.predicted(leads), share, delta=6)

    def test_the_track_record_claims_no_more_than_age_can_tell(self):
        """0.69 is the AUC of the true chances, over all landmarks (tests/engine/prediction/test_lead_landmarks.py)."""
        self.assertAlmostEqual(self.model.auc, 0.69, delta=0.04)
        self.assertLess(self.model.ece, 0.06)

    def test_what_does_not_change_is_no_drift(self):
        self.model.judged_to -= timedelta(days=75)
        self.model._check_drift()
        self.assertGreater(self.model.drift["leads"], 100)
        self.assertEqual(self.model.drift_level, "stable")
        self.assertIn("are similar to those it learned from", self.model.drift_text)

    def test_the_last_write_of_a_lead_does_not_close_it(self):
        lead = self.leads.closed(1, days=5, date_closed=None, date_last_stage_update=datetime(2024, 1, 6))
        closed = LeadRecord(self.company).known()
        self.assertEqual(closed.known_on[closed.ids.index(lead.id)], datetime(2024, 1, 6))


@tagged("post_install", "-at_install")
class TestHorizon(PredictionCase):
    """Some lost leads are never closed, and some leads are put in as closed."""

    def predicted(self, leads):
        self.scores._predict_leads(leads.ids)
        found = [self.prediction(lead).win_probability for lead in leads]
        return sum(found) / len(found)

    def test_open_leads_that_nobody_closes_are_not_told_that_they_will_be_won(self):
        futures = self.leads.world(4000, 1500, never=0.3)
        version = self.train()
        version._publish()
        self.assertEqual(version.horizon_days, 365, "nearly all wins came within it")
        share = 100 * sum(futures.values()) / len(futures)
        self.assertLess(share, 15)
        self.assertAlmostEqual(self.predicted(self.env["crm.lead"].union(*futures)), share, delta=5)
        fresh = self.leads.open(20, created=datetime.now() - timedelta(hours=2))
        self.assertAlmostEqual(self.predicted(fresh), 30, delta=5)
        self.assertEqual(fresh[0].explain_prediction()["days"], 365)

    def test_wins_that_are_put_in_as_closed_make_no_fresh_lead_likelier(self):
        self.leads.world(3000, 1500)
        self.leads.closed(600, days=0, won_status="won", active=True)
        self.train()._publish()
        fresh = self.leads.open(20, created=datetime.now() - timedelta(hours=2))
        self.assertAlmostEqual(self.predicted(fresh), 30, delta=5)

    def test_a_version_without_a_horizon_is_checked_on_closed_leads_as_ever(self):
        self.leads.closed(500)
        version = self.train()
        self.env.cr.execute("UPDATE crm_score_model SET horizon_days = 0 WHERE id = %s", [version.id])
        version.invalidate_recordset()
        self.leads.open(100, created=datetime(2024, 1, 1))
        self.leads.closed(60, start=datetime(2026, 1, 1))
        version._check_drift()
        self.assertEqual(version.drift["leads"], 60)
        lead = self.leads.open(1)
        self.assertGreater(self.predicted(lead), 0)
        self.assertEqual(lead.explain_prediction()["days"], 0)
