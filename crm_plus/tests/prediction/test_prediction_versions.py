from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestVersions(PredictionCase):
    def test_a_version_that_is_not_worse_replaces_the_current_one(self):
        self.leads.closed(500)
        first = self.train()
        second = self.train()
        self.assertEqual((first.state, second.state), ("retired", "published"))
        self.assertEqual(second.compared_with_id, first)
        self.assertIn("Not worse than", second.comparison_text)

    def test_it_is_compared_on_leads_that_neither_version_has_learnt_from(self):
        self.leads.closed(800)
        current = self.train(cutoff=datetime(2024, 1, 11) + timedelta(days=649))
        current._publish()
        new = self.train(cutoff=datetime(2024, 1, 11) + timedelta(days=399))
        self.assertEqual((new.judged_won + new.judged_lost, new.comparison["leads"]), (400, 150))
        self.assertEqual(new.compared_with_id, current)

    def test_a_team_whose_leads_the_version_of_the_company_knows_waits_for_a_manager(self):
        self.leads.closed(600)
        other = self.env["crm.team"].create({"name": "Sells now", "company_id": self.company.id})
        self.leads.closed(260, start=datetime(2025, 10, 1), team_id=other.id)
        company = self.train()
        company._publish()
        model = self.train(team=self.leads.team)
        self.assertEqual((model.state, model.publishable, model.compared_with_id.id), ("draft", False, False))
        self.assertIn("Better than the average", model.comparison_text)
        self.assertIn("has learned from nearly all of these leads", model.comparison_text)
        with self.assertRaisesRegex(UserError, "nearly all.*Confirm"):
            model.action_publish()

    def worse(self):
        """A good version, and one that learned from leads whose outcomes were turned round."""
        self.leads.closed(500)
        good = self.train()
        self.env["crm.score.feature"].search(
            [("origin", "=", "lead"), ("name", "!=", "expected_revenue")]
        ).barred = True
        return good, self.train()

    def test_a_worse_version_is_published_only_with_a_confirmation(self):
        good, worse = self.worse()
        self.assertEqual((good.state, worse.state), ("published", "draft"))
        self.assertIn("orse than", worse.comparison_text)
        with self.assertRaisesRegex(UserError, "Confirm"):
            worse.action_publish()
        worse.action_publish_anyway()
        self.assertEqual((good.state, worse.state), ("retired", "published"))

    def test_any_version_can_be_restored(self):
        good, worse = self.worse()
        worse.action_publish_anyway()
        lead = self.leads.open(1)
        self.scores._predict_leads(lead.ids)
        self.assertEqual(self.prediction(lead)._version(), worse)
        good.action_restore()
        self.scores._predict_leads(lead.ids)
        self.assertEqual(self.prediction(lead)._version(), good)

    def test_a_prediction_whose_version_has_vanished_from_the_database_is_not_explained(self):
        good, _worse = self.worse()
        lead = self.leads.open(1)
        self.scores._predict_leads(lead.ids)
        self.assertEqual(lead.explain_prediction()["version"], good.display_name)
        self.prediction(lead).prediction_model_id = max(self.models.search([]).ids) + 1
        self.assertIs(lead.explain_prediction(), False)
        self.assertIsNone(lead.score_explanation["prediction"])

    def test_without_a_signal_nothing_is_published(self):
        self.leads.closed(400)
        self.env["crm.score.feature"]._find()
        self.env["crm.score.feature"].search([("name", "!=", "expected_revenue")]).barred = True
        model = self.train()
        self.assertEqual(model.state, "draft")
        self.assertIn("the average", model.comparison_text)

    def test_the_version_in_use_is_not_deleted(self):
        self.leads.closed(400)
        model = self.train()
        with self.assertRaisesRegex(UserError, f"{model.display_name}.* is in use.*retire"):
            model.unlink()

    def test_a_deleted_version_takes_its_predictions_along_also_from_closed_leads(self):
        self.leads.closed(400)
        open_lead, closed_lead = self.leads.open(2)
        model = self.train()
        self.scores._predict_leads((open_lead + closed_lead).ids)
        closed_lead.action_set_lost()
        model.action_retire()
        model.unlink()
        for lead in (open_lead, closed_lead):
            self.assertFalse(lead.win_probability)
            self.assertFalse(lead.score_card()["prediction"])

    def test_a_version_of_another_release_is_replaced_by_the_next_training(self):
        self.leads.closed(500)
        lead, old = self.leads.open(1), self.train()
        self.scores._predict_leads(lead.ids)
        self.assertTrue(lead.explain_prediction())
        old.predictor = {**old.predictor, "format": 99}
        self.assertFalse(lead.explain_prediction(), "what nothing can explain is not shown")
        self.assertFalse(old.shapes)
        old.action_check_drift()
        self.assertFalse(old.drift_date)
        new = self.train()
        self.assertEqual((old.state, new.state), ("retired", "published"))
        self.assertFalse(new.compared_with_id)
        with self.assertRaisesRegex(UserError, "another release"):
            old.action_restore()

    def test_what_it_was_compared_with_is_told_after_that_was_deleted(self):
        self.leads.closed(500)
        first, second = self.train(), self.train()
        first.unlink()
        self.assertIn("than version 1, which has been deleted", second.comparison_text)

    def test_a_retired_version_takes_its_predictions_along(self):
        self.leads.closed(400)
        lead = self.leads.open(1)
        model = self.train()
        self.scores._predict_leads(lead.ids)
        self.assertTrue(lead.win_probability)
        model.action_retire()
        self.scores._predict_leads(lead.ids)
        self.assertFalse(self.prediction(lead).prediction_explanation)

    def test_drift_is_noticed_and_told(self):
        self.leads.closed(500)
        model = self.train()
        model._check_drift()
        self.assertFalse(model.drift_level)
        self.assertIn("Only 0 leads", model.drift_text)
        self.leads.closed(100, start=datetime(2026, 1, 1))
        self.leads.open(100, source_id=self.leads.sources["Fair"].id)
        model._check_drift()
        self.assertEqual(model.drift_level, "stable", "open leads are younger: they are another matter")
        self.leads.closed(300, start=datetime(2026, 1, 1), source_id=self.leads.sources["Fair"].id)
        model._check_drift()
        self.assertEqual(model.drift_level, "large")
        self.assertIn("400 leads closed since it was evaluated differ", model.drift_text)
        self.assertIn("Source", model.drift_text)

    def test_probabilities_are_checked_on_the_leads_that_are_the_versions_to_predict(self):
        self.leads.closed(500)
        model = self.train()
        model._publish()
        ours = self.env["crm.team"].create({"name": "With a version of its own", "company_id": self.company.id})
        self.leads.closed(300, start=datetime(2026, 1, 1), team_id=ours.id, flip=True)
        self.leads.closed(60, start=datetime(2026, 1, 1))
        model._check_drift()
        self.assertEqual(model.drift["calibration"]["leads"], 360)
        model.copy({"team_id": ours.id, "state": "published", "predictor": model.predictor})
        model._check_drift()
        self.assertEqual(model.drift["calibration"]["leads"], 60)
        self.assertFalse(model.drift["calibration"]["drifted"])

    def test_probabilities_that_stop_coming_true_are_noticed(self):
        self.leads.closed(500)
        model = self.train()
        self.leads.closed(200, start=datetime(2026, 1, 1), flip=True)
        model._check_drift()
        self.assertTrue(model.drift["calibration"]["drifted"])
        self.assertRegex(model.drift_text, r"\d+% were won and \d+% were predicted")

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_train_predictions").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_monthly_job_trains_who_is_due_and_who_asked(self):
        other = self.env["res.company"].create({"name": "Trained last week", "crm_plus_trained_on": datetime.now()})
        self.run_cron()
        self.assertTrue(self.company.crm_plus_trained_on)
        self.assertFalse(self.models.search([("company_id", "=", other.id)]))
        other.crm_plus_train_requested = True
        self.run_cron()
        self.assertEqual(self.models.search([("company_id", "=", other.id)]).state, "abstained")
        self.assertFalse(other.crm_plus_train_requested)

    def test_the_training_of_a_company_that_fails_says_so_and_does_not_stop_the_others(self):
        other = self.env["res.company"].create({"name": "Another one"})
        companies = self.company + other
        companies.crm_plus_train_requested = True
        learn = type(self.models)._learn_version

        def failing(models, company, team=None, cutoff=None):
            if company == self.company:
                models.env.cr.execute("SELECT 1 / 0")
            return learn(models, company, team, cutoff)

        with (
            patch.object(type(self.models), "_learn_version", failing),
            self.assertLogs("odoo.addons.crm_plus.models.prediction.crm_score_model", "WARNING"),
            mute_logger("odoo.sql_db"),
        ):
            self.run_cron()
        failed, fine = (self.models.search([("company_id", "=", company.id)]) for company in companies)
        self.assertEqual(failed.state, "abstained")
        self.assertIn("Training failed: division by zero", failed.shortfall_text)
        self.assertIn("at least 50 won leads", fine.shortfall_text)
        self.assertFalse(any(companies.mapped("crm_plus_train_requested")))
        self.assertTrue(all(companies.mapped("crm_plus_trained_on")))

    def test_a_check_of_drift_that_fails_says_so(self):
        self.leads.closed(500)
        model = self.train()
        model._publish()
        with (
            patch.object(type(self.models), "_check_drift", side_effect=ValueError("no such column")),
            mute_logger("odoo.addons.crm_plus.models.job.crm_job_mixin"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("crm_plus.ir_cron_check_drift").method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn("no such column", model.drift_text)
