from datetime import datetime

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ...engine.prediction.model import ScoreModel
from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestTraining(PredictionCase):
    def test_it_learns_from_older_leads_and_is_judged_on_newer_ones(self):
        self.leads.closed(500)
        model = self.train()
        self.assertEqual(model.state, "published")
        self.assertLess(model.trained_to, model.judged_to)
        self.assertEqual(model.train_won + model.train_lost, 350)
        self.assertEqual(model.judged_won + model.judged_lost, 150)
        self.assertGreater(model.auc, 0.7)
        self.assertLess(model.log_loss, model.base_log_loss)
        self.assertEqual(sum(part["leads"] for part in model.evaluation["reliability"]), 150)

    def test_what_it_learnt_is_readable(self):
        self.leads.closed(500)
        model = self.train()
        shape = next(shape for shape in model.shapes if shape["feature"] == "source_id")
        points = {part["label"]: part["points"] for part in shape["bins"]}
        self.assertGreater(points["Fair of the test"], 500_000)
        self.assertLess(points["Web of the test"], -500_000)

    def test_with_too_few_won_leads_it_says_the_exact_shortfall(self):
        self.leads.closed(100, won_status="lost", active=False)
        self.leads.closed(40, won_status="won", active=True, start=datetime(2023, 1, 1))
        model = self.train()
        self.assertEqual(model.state, "abstained")
        self.assertIn("at least 50 won leads (there are 40)", model.shortfall_text)
        self.assertFalse(model.predictor)
        for action in (model.action_publish, model.action_publish_anyway, model.action_restore):
            with self.assertRaisesRegex(UserError, "there are 40"):
                action()
        with self.assertRaisesRegex(UserError, "published version"):
            model.action_retire()
        self.assertEqual(model.state, "abstained")

    def test_no_leads_at_all_abstain_and_a_second_try_adds_no_record(self):
        model = self.train()
        self.assertIn("at least 50 won leads (there are 0)", model.shortfall_text)
        self.assertEqual(self.train(), model)

    def test_leads_closed_at_one_moment_cannot_be_judged(self):
        self.leads.closed(300, date_closed=datetime(2024, 5, 1))
        self.assertIn("same time", self.train().shortfall_text)

    def test_what_tells_the_outcome_is_left_out(self):
        self.leads.closed(500)
        model = self.train()
        used = {feature["name"] for feature in model.features}
        self.assertIn("source_id", used)
        outcome = {"stage_id", "probability", "won_status", "date_closed", "lost_reason_id", "active", "day_close"}
        outcome |= {"date_last_stage_update", "prorated_revenue", "automated_probability", "date_deadline"}
        self.assertFalse(used & outcome)
        reasons = {f.name: f.reason for f in self.env["crm.score.feature"].search([("name", "in", list(outcome))])}
        self.assertEqual(reasons["prorated_revenue"], "outcome", "computed from the probability")
        self.assertEqual(reasons["day_close"], "outcome", "computed from the closing date")

    def test_what_only_promising_leads_become_is_left_out(self):
        """Unqualified leads are never won, qualified ones often: a new lead has the chance of all."""
        closed = self.leads.closed(1200)
        for lead in closed:
            qualified = lead.won_status == "won" or self.leads.random.random() < 0.3
            values = ("opportunity", "2") if qualified else ("lead", "0")
            self.env.cr.execute("UPDATE crm_lead SET type = %s, priority = %s WHERE id = %s", [*values, lead.id])
        model = self.train()
        self.assertEqual(self.env["crm.score.feature"].search([("name", "=", "type")]).reason, "work")
        self.assertFalse({"type", "priority"} & set(model._feature_names()))
        self.assertRegex(model.leak_text, r"of lost leads have a value of Priority that no won lead has. Not used")

    def test_what_the_host_looks_up_for_open_leads_is_left_out(self):
        """Whether a lead was looked up tells that it was open when the scheduled action ran."""
        looked_up = {"iap_enrich_done", "reveal_id"} & set(self.env["crm.lead"]._fields)
        self.env["crm.score.feature"]._find()
        found = self.env["crm.score.feature"].search([("name", "in", list(looked_up))])
        self.assertEqual({feature.name: feature.reason for feature in found}, dict.fromkeys(looked_up, "work"))

    def test_a_barred_field_is_not_used(self):
        self.leads.closed(500)
        self.env["crm.score.feature"]._find()
        self.env["crm.score.feature"].search([("name", "=", "source_id")]).barred = True
        model = self.train()
        self.assertNotIn("source_id", model._feature_names())
        self.assertIn("email_state", model._feature_names())

    def test_a_field_filled_with_the_outcome_is_flagged_and_not_used_unless_trusted(self):
        closed = self.leads.closed(500)
        filled = closed.filtered(lambda lead: lead.won_status == "won" and lead.id % 10 < 7)
        self.env.cr.execute("UPDATE crm_lead SET referred = 'told later' WHERE id = ANY(%s)", [filled.ids])
        model = self.train()
        self.assertNotIn("referred", model._feature_names())
        self.assertIn("more often on won leads", model.leak_text)
        self.env["crm.score.feature"].search([("name", "=", "referred")]).trusted = True
        again = self.train()
        self.assertIn("referred", again._feature_names())
        self.assertIn("marked as known before the outcome", again.leak_text)

    def test_a_version_that_rests_on_country_carries_a_note(self):
        closed = self.leads.closed(500)
        belgium, france = self.env.ref("base.be"), self.env.ref("base.fr")
        chance = self.leads.random
        for lead in closed:
            right = chance.random() < 0.8
            country = belgium if (lead.won_status == "won") == right else france
            self.env.cr.execute("UPDATE crm_lead SET country_id = %s WHERE id = %s", [country.id, lead.id])
        self.assertRegex(self.train().fairness_text, r"who a person is.*Country \(\d+%\)")

    def newcomer(self, **options):
        """The chance of a lead whose source came up only among the newest, and was mostly won."""
        self.leads.closed(500)
        podcast = self.env["utm.source"].create({"name": "Podcast of the test"})
        newest = self.leads.closed(200, start=datetime(2025, 6, 1), source_id=podcast.id)
        won = newest.filtered(lambda lead: self.leads.random.random() < 0.8)
        self.env.cr.execute("UPDATE crm_lead SET won_status = 'won', active = TRUE WHERE id = ANY(%s)", [won.ids])
        model = self.train(**options)
        self.assertTrue(model.predictor)
        model._publish()
        lead = self.leads.open(1, source_id=podcast.id, email_state="incorrect")
        self.scores._predict_leads(lead.ids)
        return model, lead.win_probability

    def test_what_predicts_has_learnt_from_the_newest_leads_too(self):
        model, chance = self.newcomer()
        self.assertGreater(chance, 75)
        self.assertLess(model.trained_to, model.judged_to)
        judged = ScoreModel.from_json(model.judged_predictor)
        self.assertEqual(judged.training.won + judged.training.lost, model.train_won + model.train_lost)

    def test_with_a_day_given_nothing_is_learnt_from_what_came_later(self):
        model, chance = self.newcomer(cutoff=datetime(2025, 5, 20))
        self.assertLess(chance, 60)
        self.assertFalse(model.judged_predictor)

    def test_leads_that_were_created_at_no_time_stop_no_training_and_are_predicted(self):
        """As an import past the host leaves them."""
        closed, opened = self.leads.closed(300), self.leads.open(2)
        undated = closed[7] + opened[0]
        self.env.cr.execute("UPDATE crm_lead SET create_date = NULL WHERE id = ANY(%s)", [undated.ids])
        self.env.invalidate_all()
        model = self.train()
        self.assertEqual(model.state, "published")
        self.assertEqual(model.train_won + model.train_lost + model.judged_won + model.judged_lost, 299)
        model._check_drift()
        self.scores._refresh_many(self.company, SQL("TRUE"))
        self.assertTrue(all(self.prediction(lead).prediction_explanation for lead in opened))

    def test_training_twice_gives_the_same_version(self):
        self.leads.closed(400)
        first, second = self.train(), self.train()
        self.assertEqual(ScoreModel.from_json(first.predictor), ScoreModel.from_json(second.predictor))
        self.assertEqual((first.version, second.version), (1, 2))

    def test_the_only_team_is_predicted_by_the_version_of_the_company(self):
        self.leads.closed(600)
        self.leads.closed(60, team_id=None)
        found = self.models._train_company(self.company)
        self.assertFalse(found.team_id)
        self.assertEqual(len(found), 1)
        found.copy({"team_id": self.leads.team.id, "state": "published", "predictor": found.predictor})
        found = self.models._train_company(self.company)
        self.assertEqual(found.team_id, self.leads.team, "one that is in use does not grow stale")

    def test_a_team_with_enough_leads_has_a_version_of_its_own(self):
        self.leads.closed(600)
        self.leads.closed(90, team_id=None)
        found = self.models._train_company(self.company)
        self.assertEqual(found.mapped("team_id"), self.leads.team)
        self.assertEqual(len(found), 2)
