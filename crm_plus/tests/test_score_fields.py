from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .score_common import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreFields(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("none", "cold", "hot")
        cls.none, cls.cold, cls.hot = cls.env["crm.lead"].create(
            [{"name": f"score {name}", "type": "opportunity", "expected_revenue": 1000} for name in names]
        )
        cls.leads = cls.none + cls.cold + cls.hot
        cls.Score._refresh_noted()
        cls.Score.search([]).unlink()
        cls._set(cls.cold, 10, 0, 5, "D4", None)
        cls._set(cls.hot, 90.25, 80, 85.13, "A1", 40)

    @classmethod
    def _set(cls, lead, fit, engagement, score, grade, probability):
        cls.env.cr.execute(SQL("DELETE FROM crm_lead_score WHERE lead_id = %s", lead.id))
        cls.env.cr.execute(
            SQL(
                """INSERT INTO crm_lead_score (lead_id, fit_score, engagement_score, lead_score, lead_grade,
                                               win_probability, prediction_explanation)
                   VALUES (%s, %s, %s, %s, %s, %s, %s)""",
                lead.id, fit, engagement, score, grade, probability, None if probability is None else '{"sum": 1}',
            )
        )  # fmt: skip
        cls.env.invalidate_all()

    def find(self, *condition):
        return self.leads.search([("id", "in", self.leads.ids), condition])

    def test_a_lead_shows_the_scores_of_its_row(self):
        self.assertEqual(self.hot.fit_score, 90.25)
        self.assertEqual(self.hot.lead_grade, "A1")
        self.assertEqual(self.hot.score_explanation["score"], "85.13")
        self.assertEqual(self.none.lead_score, 0)
        self.assertFalse(self.none.score_explanation)

    def test_search_and_filter_agree_also_on_leads_without_a_row(self):
        conditions = [
            ("lead_score", ">=", 80), ("lead_score", "<", 10), ("lead_score", "<=", 5), ("lead_score", ">", 0),
            ("lead_score", "=", 0), ("lead_score", "!=", 0), ("fit_score", "=", 90.25), ("engagement_score", "=", 0),
            ("lead_grade", "=", "A1"), ("lead_grade", "!=", "A1"), ("lead_grade", "=", False),
            ("lead_grade", "!=", False), ("lead_grade", "like", "A"), ("lead_grade", "not like", "A"),
            ("lead_grade", "=like", "_1"), ("lead_grade", "in", ["A1", "D4"]), ("lead_grade", "in", ["A1", False]),
            ("win_probability", ">", 30), ("win_probability", "<", 30), ("win_probability", "=", False),
        ]  # fmt: skip
        for condition in conditions:
            with self.subTest(condition=condition):
                self.assertEqual(set(self.find(*condition)), set(self.leads.filtered_domain(Domain(*condition))))

    def test_searches_find_what_they_name(self):
        self.assertEqual(self.find("lead_score", ">=", 80), self.hot)
        self.assertEqual(self.find("lead_grade", "=", False), self.none)
        self.assertEqual(set(self.find("lead_score", "<", 10)), {self.none, self.cold})

    def test_leads_sort_and_group_by_score(self):
        domain = [("id", "in", self.leads.ids)]
        self.assertEqual(self.leads.search(domain, order="lead_score desc"), self.hot + self.cold + self.none)
        self.assertEqual(self.leads.search(domain, order="attention_value desc", limit=1), self.hot)
        groups = self.leads._read_group(domain, ["lead_grade"], ["lead_score:avg", "__count"])
        self.assertEqual(groups, [("A1", 85.13, 1), ("D4", 5.0, 1), (False, 0.0, 1)])

    def test_the_expected_value_uses_the_prediction_else_the_score(self):
        self.assertEqual(self.hot.attention_value, 400)
        self.assertEqual(self.cold.attention_value, 50)
        self.cold.expected_revenue = 200
        self.assertEqual(self.cold.attention_value, 10)

    def test_a_list_may_sort_and_group_by_the_fields(self):
        described = self.leads.fields_get(["lead_score", "lead_grade", "attention_value"])
        for name in described:
            self.assertTrue(described[name]["sortable"], name)
            self.assertTrue(described[name]["groupable"], name)

    def test_scores_can_be_exported(self):
        rows = self.hot.export_data(["lead_grade", "lead_score"])["datas"]
        self.assertEqual(rows, [["A1", 85.13]])

    def test_a_salesperson_reads_scores_of_own_leads_only(self):
        user = new_test_user(self.env, "score_own", groups="sales_team.group_sale_salesman")
        self.hot.user_id = user
        self.cold.user_id = self.env.ref("base.user_admin")
        scores = self.env["crm.lead.score"].with_user(user).search([("lead_id", "in", self.leads.ids)])
        self.assertEqual(scores.lead_id, self.hot)
        self.assertEqual(self.hot.with_user(user).lead_grade, "A1")

    def test_a_deleted_lead_takes_its_score_along(self):
        self.hot.unlink()
        self.env.cr.execute(
            "SELECT count(*) FROM crm_lead_score WHERE lead_grade = 'A1' AND lead_id = %s", [self.hot.id]
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))
