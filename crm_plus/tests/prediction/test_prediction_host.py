from unittest.mock import patch

from odoo.tests import Form, new_test_user, tagged

from ...models.prediction import crm_lead
from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestAutomatedProbability(PredictionCase):
    """Our prediction as the host's automated probability, for companies that want it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads.closed(500)
        cls.model = cls.models._train(cls.company)
        cls.automatic, cls.manual = cls.leads.open(2, expected_revenue=1000)
        cls.manual.probability = 33
        cls.company.crm_plus_use_prediction = True

    def predict(self):
        self.scores._predict_leads((self.automatic + self.manual).ids)

    def test_the_automated_probability_follows_ours(self):
        self.predict()
        self.assertEqual(self.automatic.automated_probability, self.automatic.win_probability)
        self.assertEqual(self.automatic.probability, self.automatic.automated_probability)

    def test_a_form_that_was_just_saved_shows_ours(self):
        values = {"name": "New", "company_id": self.company.id, "team_id": self.leads.team.id}
        [shown] = self.env["crm.lead"].web_save(values, {"probability": {}, "prorated_revenue": {}})
        lead = self.env["crm.lead"].browse(shown["id"])
        self.assertAlmostEqual(shown["probability"], lead.win_probability, delta=0.006)
        values = {"source_id": self.leads.sources["Fair"].id, "expected_revenue": 500}
        [changed] = lead.web_save(values, {"probability": {}, "prorated_revenue": {}})
        self.assertGreater(changed["probability"], shown["probability"] + 10)
        self.assertAlmostEqual(changed["prorated_revenue"], 5 * changed["probability"], places=2)

    def test_a_probability_set_by_hand_stays(self):
        self.predict()
        self.assertEqual(self.manual.probability, 33)
        self.assertAlmostEqual(self.manual.automated_probability, self.manual.win_probability, delta=0.006)

    def test_the_prorated_revenue_is_right(self):
        self.predict()
        self.env.cr.execute("SELECT prorated_revenue, probability FROM crm_lead WHERE id = %s", [self.automatic.id])
        prorated, probability = self.env.cr.fetchone()
        self.assertAlmostEqual(float(prorated), 10 * probability, places=2)

    def test_moving_to_another_stage_keeps_it_and_winning_makes_it_certain(self):
        self.predict()
        ours = self.automatic.automated_probability
        other = self.env["crm.stage"].create({"name": "In between", "sequence": 2})
        self.automatic.stage_id = other
        self.assertEqual(self.automatic.automated_probability, ours)
        self.automatic.action_set_won()
        self.assertEqual(self.automatic.automated_probability, 100)

    def test_a_lost_lead_that_is_restored_has_it_again(self):
        self.predict()
        ours = self.automatic.automated_probability
        self.automatic.action_set_lost()
        self.assertEqual(self.automatic.automated_probability, 0)
        self.automatic.action_restore()
        self.assertEqual(self.automatic.probability, ours)

    def test_the_nightly_job_of_the_host_keeps_it_and_the_prorated_revenue(self):
        self.predict()
        ours = self.automatic.automated_probability
        self.env["crm.lead"]._cron_update_automated_probabilities()
        self.assertEqual(self.automatic.automated_probability, ours)
        self.assertAlmostEqual(self.automatic.prorated_revenue, 10 * ours, places=2)

    def test_tracked_changes_are_noted(self):
        field = self.env["crm.lead"]._fields["probability"]
        field.tracking = True
        self.addCleanup(delattr, field, "tracking")
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        self.predict()
        self.env.flush_all()
        self.env.cr.flush()
        values = self.automatic.message_ids.sudo().tracking_value_ids
        self.assertIn("probability", values.field_id.mapped("name"))

    def test_automation_rules_on_the_probability_fire(self):
        if "base.automation" not in self.env:
            self.skipTest("Automation Rules are not installed")
        model = self.env["ir.model"]._get("crm.lead")
        rule = self.env["base.automation"].create(
            {
                "name": "Probability of the test",
                "model_id": model.id,
                "trigger": "on_create_or_write",
                "trigger_field_ids": [(6, 0, self.env["ir.model.fields"]._get("crm.lead", "probability").ids)],
            }
        )
        note = "record.write({'description': 'at %.2f' % record.probability})"
        rule.action_server_ids = self.env["ir.actions.server"].create(
            {"name": "Note it", "model_id": model.id, "state": "code", "code": note, "base_automation_id": rule.id}
        )
        self.predict()
        self.assertIn(f"at {self.automatic.probability:.2f}", self.automatic.description)
        self.assertFalse(self.manual.description, "the one set by hand has not changed")

    def test_the_tooltip_of_the_host_shows_ours(self):
        self.predict()
        data = self.automatic.prepare_pls_tooltip_data()
        self.assertEqual(data["probability"], self.automatic.automated_probability)
        self.assertIn("source_id", [item["field"] for item in data["low_3_data"] + data["top_3_data"]])

    def test_a_lead_without_a_prediction_keeps_the_probability_of_the_host(self):
        self.env["crm.lead"]._cron_update_automated_probabilities()
        before = self.automatic.automated_probability
        self.automatic._compute_probabilities()
        self.assertEqual(self.automatic.automated_probability, before)
        self.assertFalse(self.automatic.win_probability)

    def use_prediction(self, value):
        """Change the setting, and what the scheduled action does then."""
        self.company.crm_plus_use_prediction = value
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_recompute_probabilities").method_direct_trigger()
        self.env.invalidate_all()

    def host_probability(self, lead):
        """What the host itself computes."""
        return lead._pls_get_naive_bayes_probabilities()[0][lead.id]

    def test_turned_off_the_host_recomputes_and_turned_on_ours_is_back(self):
        self.predict()
        ours = self.automatic.automated_probability
        self.use_prediction(False)
        theirs = self.host_probability(self.automatic)
        self.assertNotAlmostEqual(theirs, ours)
        self.assertEqual(self.automatic.automated_probability, theirs)
        self.assertEqual(self.automatic.probability, theirs)
        self.assertEqual(self.manual.probability, 33)
        self.assertEqual(self.manual.automated_probability, self.host_probability(self.manual))
        self.use_prediction(True)
        self.assertEqual(self.automatic.automated_probability, ours)
        self.assertEqual(self.manual.probability, 33)

    def test_the_recomputation_goes_on_where_it_was_stopped(self):
        self.predict()
        self.company.crm_plus_use_prediction = False
        first, second = sorted((self.automatic + self.manual).ids)
        Lead = self.env["crm.lead"]
        self.assertFalse(Lead._recompute_step(self.company, step=1))
        self.assertEqual(self.company.crm_plus_recompute_from, first + 1)
        self.assertFalse(Lead._recompute_step(self.company, step=1))
        self.assertEqual(self.company.crm_plus_recompute_from, second + 1)
        self.assertTrue(Lead._recompute_step(self.company, step=1))
        self.assertFalse(self.company.crm_plus_recompute_from)

    def test_the_probabilities_of_many_leads_are_written_after_their_scores_in_steps_of_their_own(self):
        """Who saves one of these leads while all are scored would wait until the transaction ends."""
        leads = self.automatic + self.leads.open(4)
        self.company.crm_plus_recompute_from = 0
        before = {lead: lead.automated_probability for lead in leads}
        steps = []
        with (
            patch.object(crm_lead, "ALIGN_STEP", 2),
            patch.object(self.registry["ir.cron"], "_commit_progress", return_value=1) as commit,
        ):
            commit.side_effect = lambda *_args, **_values: steps.append(self.ours(leads)) or 1
            self.scores._in_steps(self.company, lambda company: self.scores._rescore_step(company, step=100))
        self.assertEqual(steps[1], 0, "scored, and no lead written")
        self.assertEqual(steps[-1], len(leads))
        self.assertFalse(self.company.crm_plus_recompute_from or self.company.crm_plus_score_next_id)
        self.assertNotEqual({lead: lead.automated_probability for lead in leads}, before)
        self.assertEqual(self.manual.probability, 33)

    def ours(self, leads):
        """How many of these leads have our prediction as their automated probability."""
        leads.invalidate_recordset()
        return sum(bool(lead.win_probability) and lead.automated_probability == lead.win_probability for lead in leads)

    def test_what_the_setting_asks_for_does_not_replace_the_scoring(self):
        self.company.crm_plus_recompute_from = 1
        while not self.scores._rescore_step(self.company):
            pass
        self.assertEqual(self.ours(self.automatic), 1)
        self.assertFalse(self.company.crm_plus_recompute_from)

    def test_saving_the_same_setting_recomputes_nothing(self):
        self.company.crm_plus_recompute_from = 0
        self.company.crm_plus_use_prediction = True
        self.assertFalse(self.company.crm_plus_recompute_from)

    def test_a_retired_version_leaves_its_leads_to_the_host(self):
        self.predict()
        self.model.action_retire()
        self.predict()
        self.assertEqual(self.automatic.automated_probability, self.host_probability(self.automatic))
        self.assertEqual(self.automatic.probability, self.automatic.automated_probability)

    def test_it_is_off_by_default(self):
        self.assertFalse(self.env["res.company"].create({"name": "Another"}).crm_plus_use_prediction)

    def test_a_salesperson_edits_a_lead_as_ever(self):
        self.predict()
        ann = new_test_user(
            self.env,
            "ann.host",
            "sales_team.group_sale_salesman",
            company_ids=self.company.ids,
            company_id=self.company.id,
        )
        self.automatic.user_id = ann
        ours = self.automatic.automated_probability
        with Form(self.automatic.with_user(ann).with_company(self.company)) as form:
            form.name = "Renamed"
        self.assertEqual(self.automatic.automated_probability, ours)
