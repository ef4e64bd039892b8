from datetime import datetime, timedelta

from odoo.tests import tagged

from ...engine.prediction import metrics
from ...engine.prediction.features import Feature
from ...engine.prediction.train import train
from .common import BEGIN, PredictionCase

FIELDS = {"source_id": "category", "email_state": "category", "expected_revenue": "numeric"}


@tagged("post_install", "-at_install")
class TestJudging(PredictionCase):
    """What a training says about itself is what happened on the later leads."""

    def keep_only(self, *names):
        self.env["crm.score.feature"]._find()
        self.env["crm.score.feature"].search([("name", "not in", names)]).barred = True

    def columns(self, leads):
        return {
            "source_id": leads.mapped(lambda lead: lead.source_id.id),
            "email_state": leads.mapped("email_state"),
            "expected_revenue": leads.mapped("expected_revenue"),
        }

    def outcomes(self, leads):
        return [lead.won_status == "won" for lead in leads]

    def test_the_track_record_is_that_of_the_engine_on_the_same_leads(self):
        closed = self.leads.closed(1000, start=BEGIN - timedelta(days=500))
        self.keep_only(*FIELDS)
        model = self.train()
        older, later = closed[:700], closed[700:]
        features = [Feature(name, kind) for name, kind in FIELDS.items()]
        chance = train(self.columns(older), self.outcomes(older), features).score(self.columns(later)).probability
        shown = metrics.evaluate(self.outcomes(later), chance)
        self.assertEqual((model.judged_won + model.judged_lost, model.judged_won), (shown.leads, shown.won))
        self.assertAlmostEqual(model.auc, shown.auc, delta=0.005)
        self.assertAlmostEqual(model.log_loss, shown.log_loss, delta=0.005)
        self.assertAlmostEqual(model.brier, shown.brier, delta=0.005)
        self.assertAlmostEqual(model.ece, shown.ece, delta=0.02)

    def test_leads_closed_after_the_cutoff_teach_nothing(self):
        """Outcomes are turned round after the cutoff: who learned from them would not be that wrong."""
        self.leads.closed(400)
        self.leads.closed(200, start=BEGIN + timedelta(days=500), flip=True)
        model = self.train(cutoff=BEGIN + timedelta(days=450))
        self.assertEqual(model.judged_won + model.judged_lost, 200)
        self.assertLess(model.auc, 0.35)
        self.assertEqual(model.state, "draft")
        self.assertGreater(model.log_loss, model.base_log_loss)

    def test_too_few_later_leads_are_told_exactly(self):
        self.leads.closed(300)
        late = {"start": BEGIN + timedelta(days=500)}
        self.leads.closed(3, won_status="won", active=True, **late)
        self.leads.closed(40, won_status="lost", active=False, **late)
        model = self.train(cutoff=BEGIN + timedelta(days=450))
        self.assertEqual(model.state, "abstained")
        self.assertRegex(model.shortfall_text, r"To be evaluated.*at least 10 won leads \(there are 3\)\.$")

    def test_a_field_that_tells_the_outcome_is_flagged_with_the_reason_and_not_used(self):
        closed = self.leads.closed(500)
        self.env.cr.execute(
            """UPDATE crm_lead SET city = CASE WHEN won_status = 'won' THEN 'Ghent' ELSE 'Liege' END
                WHERE id = ANY(%s)""",
            [closed.ids],
        )
        model = self.train()
        self.assertNotIn("city", model._feature_names())
        self.assertIn("City alone tells won from lost leads almost perfectly. Not used.", model.leak_text)
        self.assertLess(model.auc, 0.95)

    def test_a_field_filled_when_leads_are_closed_is_flagged_with_the_reason_and_not_used(self):
        closed = self.leads.closed(500)
        for days in range(50):
            self.leads.open(1, created=datetime.now() - timedelta(days=days))
        referred = [lead_id for lead_id in closed.ids if lead_id % 10 < 7]
        self.env.cr.execute("UPDATE crm_lead SET referred = 'by a friend' WHERE id = ANY(%s)", [referred])
        model = self.train()
        self.assertNotIn("referred", model._feature_names())
        self.assertRegex(model.leak_text, r"Referred By is filled in \d+ percentage points more often on closed leads")

    def test_a_list_imported_in_one_go_makes_no_field_suspicious(self):
        self.leads.closed(500)
        for days in range(40):
            self.leads.open(2, created=datetime.now() - timedelta(days=days))
        self.leads.open(1000, source_id=None, email_state=None, expected_revenue=0)
        model = self.train()
        self.assertFalse(model.leaks)
        self.assertLessEqual({"source_id", "email_state"}, set(model._feature_names()))

    def test_the_auc_has_an_interval_and_a_name(self):
        self.leads.closed(500)
        model = self.train()
        self.assertLess(model.auc_low, model.auc)
        self.assertLess(model.auc, model.auc_high)
        self.assertEqual(model.quality, "good")
        self.assertEqual(model.auc_text, f"{model.auc:.2f} ({model.auc_low:.2f} to {model.auc_high:.2f})")

    def test_where_the_newest_are_too_few_earlier_leads_are_judged_as_well(self):
        self.leads.closed(300, email_state=None, source_id=None)
        model = self.train()
        self.assertGreater(model.evaluation["parts"], 1)
        self.assertGreater(model.judged_won + model.judged_lost, 90)
        self.assertEqual(model.judged_won + model.judged_lost, model.evaluation["leads"])
        self.assertEqual(model.comparison["leads"], 90, "compared on the newest")

    def test_an_auc_that_may_be_any_is_no_verdict(self):
        model = self.env["crm.score.model"].new(
            {"auc": 0.8, "auc_low": 0.6, "auc_high": 1.0, "evaluation": {"leads": 9}}
        )
        self.assertEqual(model.quality, "unclear")
        model.update({"auc_low": 0.75, "auc_high": 0.85})
        self.assertEqual(model.quality, "good")
        self.assertEqual([self.quality(0.7), self.quality(0.6)], ["fair", "weak"])
        nothing = self.env["crm.score.model"].new({"state": "abstained"})
        self.assertFalse(nothing.quality or nothing.auc_text)

    def quality(self, auc):
        return self.env["crm.score.model"].new({"auc": auc, "evaluation": {"leads": 9}}).quality

    def test_newer_leads_count_more_where_that_predicts_better(self):
        """What won a year ago loses now."""
        self.leads.closed(450, flip=True)
        self.leads.closed(450, start=BEGIN + timedelta(days=450))
        model = self.train()
        self.assertEqual(model.half_life_days, 180)

    def test_every_lead_counts_the_same_where_nothing_changes(self):
        self.leads.closed(600)
        self.assertEqual(self.train().half_life_days, 0)

    def test_each_group_is_told_what_was_predicted_and_what_came(self):
        """The source says where somebody lives, so that a field that is not used is seen all the same."""
        self.env["crm.score.feature"]._find()
        self.env["crm.score.feature"].search([("name", "=", "country_id")]).barred = True
        places = {"Fair": self.env.ref("base.be"), "Web": self.env.ref("base.ir"), "Call": self.env.ref("base.fr")}
        leads = self.leads.closed(600)
        self.env.flush_all()
        for name, country in places.items():
            self.env.cr.execute(
                "UPDATE crm_lead SET country_id = %s WHERE source_id = %s AND id = ANY(%s)",
                [country.id, self.leads.sources[name].id, leads.ids],
            )
        model = self.train()
        self.assertNotIn("country_id", model._feature_names())
        groups = {group["level"]: group for group in model.by_group if group["feature"] == "country_id"}
        self.assertEqual(set(groups), {str(country.id) for country in places.values()})
        belgium, iran = groups[str(places["Fair"].id)], groups[str(places["Web"].id)]
        self.assertGreater(belgium["told"] - iran["told"], 0.4)
        self.assertAlmostEqual(belgium["told"], belgium["won"], delta=0.2)
        self.assertIn(f"Country: Belgium: {round(100 * belgium['told'])}% predicted", model.by_group_text)

    def test_a_group_for_which_it_is_wrong_is_pointed_out(self):
        self.env["crm.score.feature"]._find()
        group = {
            "feature": "country_id",
            "level": str(self.env.ref("base.be").id),
            "leads": 90,
            "told": 0.2,
            "won": 0.4,
        }
        model = self.env["crm.score.model"].new({"by_group": [group, {**group, "differ": True, "leads": 91}]})
        self.assertEqual(
            model.fairness_text,
            "Wrong for a group, by more than chance: Country: Belgium: 20% predicted, 40% won, of 91 leads.",
        )
