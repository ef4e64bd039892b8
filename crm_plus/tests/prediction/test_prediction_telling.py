from datetime import datetime

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestTelling(PredictionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager, cls.elsewhere, cls.seller = (
            new_test_user(
                cls.env,
                f"told_{name}",
                groups=f"sales_team.{group}",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            for name, group, company in (
                ("manager", "group_sale_manager", cls.company),
                ("elsewhere", "group_sale_manager", cls.env.ref("base.main_company")),
                ("seller", "group_sale_salesman", cls.company),
            )
        )
        cls.leads.closed(500)

    def activities(self, user=None):
        domain = [("res_model", "=", "crm.score.model"), ("user_id", "=", (user or self.manager).id)]
        return self.env["mail.activity"].search(domain)

    def worse(self):
        """A version whose fields tell nothing, which is not published by itself."""
        features = self.env["crm.score.feature"]
        features.search([("origin", "=", "lead"), ("name", "!=", "expected_revenue")]).barred = True
        return self.train()

    def test_a_version_that_waits_for_a_decision_is_told_to_the_managers_of_its_company(self):
        self.train()
        self.assertFalse(self.activities(), "not published automatically")
        worse = self.worse()
        self.assertEqual(self.activities().res_id, worse.id)
        self.assertIn(f"version {worse.version}", self.activities().summary)
        self.assertIn(worse.comparison_text, self.activities().note)
        self.assertFalse(self.activities(self.elsewhere) + self.activities(self.seller))

    def test_only_the_newest_one_waits_and_a_decision_settles_it(self):
        self.train()
        self.worse()
        newest = self.worse()
        self.assertEqual(self.activities().res_id, newest.id)
        newest.with_user(self.manager).action_publish_anyway()
        self.assertFalse(self.activities())

    def test_a_deleted_team_takes_its_versions_what_was_told_of_them_and_what_they_predicted_along(self):
        team = self.env["crm.team"].create({"name": "For a year", "company_id": self.company.id})
        self.leads.closed(500, team_id=team.id)
        [lead] = self.leads.open(1, team_id=team.id)
        features = self.env["crm.score.feature"]
        used = self.train(team=team)
        self.scores._refresh_many(self.company, SQL("TRUE"))
        self.assertEqual(self.prediction(lead)._version(), used)
        features.search([("origin", "=", "lead"), ("name", "!=", "expected_revenue")]).barred = True
        waiting = self.train(team=team)
        self.assertEqual((used.state, waiting.state, self.activities().res_id), ("published", "draft", waiting.id))
        team.unlink()
        self.assertFalse((used + waiting).exists())
        self.assertFalse(self.activities())
        self.assertFalse(self.prediction(lead).prediction_explanation)
        self.assertTrue(lead.exists())

    def test_the_manager_who_was_told_may_mark_it_as_done(self):
        self.train()
        self.worse()
        self.activities().with_user(self.manager).action_feedback("We keep the old one")
        self.assertFalse(self.activities())

    def test_a_version_up_to_a_chosen_day_is_no_news(self):
        self.train(cutoff=datetime(2025, 1, 1))
        self.assertFalse(self.activities())

    def test_who_put_it_to_use_is_kept(self):
        model = self.train()
        self.env.cr.flush()
        model.with_user(self.manager).action_retire()
        self.env.cr.flush()
        tracked = model.message_ids.filtered("tracking_value_ids")[:1]
        self.assertEqual(tracked.author_id, self.manager.partner_id)
        self.assertEqual(tracked.tracking_value_ids.new_value_char, "Retired")

    def test_drift_that_grows_is_told_once_and_taken_back_when_it_is_gone(self):
        model = self.train()
        model._check_drift()
        self.assertFalse(self.activities())
        strange = self.leads.closed(300, start=datetime(2026, 1, 1), source_id=self.leads.sources["Fair"].id)
        model._check_drift()
        self.assertEqual((model.drift_level, self.activities().res_id), ("large", model.id))
        self.assertIn("Large", self.activities().summary)
        self.assertIn("Source", self.activities().note)
        model._check_drift()
        self.assertEqual(len(self.activities()), 1)
        self.activities().with_user(self.manager).action_feedback("Seen")
        model._check_drift()
        self.assertFalse(self.activities(), "as large as it was")
        strange.unlink()
        self.leads.closed(100, start=datetime(2026, 1, 1))
        model._check_drift()
        self.assertEqual(model.drift_level, "stable")
        self.leads.closed(300, start=datetime(2026, 1, 1), source_id=self.leads.sources["Fair"].id)
        model._check_drift()
        self.assertEqual(len(self.activities()), 1)
        model.action_retire()
        self.assertFalse(self.activities())
