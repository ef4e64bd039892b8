from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import ScoreCase

NAMES = (
    "fit_score", "engagement_score", "lead_score", "win_probability", "lead_grade", "attention_value", "is_hot",
    "hot_date",
)  # fmt: skip


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
            ("attention_value", ">", 49), ("attention_value", "<=", 50), ("attention_value", "=", 400),
            ("attention_value", "!=", 400), ("attention_value", "=", False), ("attention_value", "in", [0, 50]),
        ]  # fmt: skip
        for condition in conditions:
            with self.subTest(condition=condition):
                self.assertEqual(set(self.find(*condition)), set(self.leads.filtered_domain(Domain(*condition))))

    def test_searches_find_what_they_name(self):
        self.assertEqual(self.find("lead_score", ">=", 80), self.hot)
        self.assertEqual(self.find("lead_grade", "=", False), self.none)
        self.assertEqual(set(self.find("lead_score", "<", 10)), {self.none, self.cold})
        self.assertEqual(self.find("attention_value", ">", 50), self.hot)

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

    def test_the_value_of_a_lead_that_has_ended_is_certain(self):
        leads = self.hot + self.cold
        self.hot.action_set_won()
        self.cold.action_set_lost()
        self.assertEqual(leads.mapped("attention_value"), [1000, 0])
        groups = leads.with_context(active_test=False)._read_group(
            [("id", "in", leads.ids)], ["won_status"], ["attention_value:sum"]
        )
        self.assertEqual(dict(groups), {"won": 1000, "lost": 0})

    def test_without_a_prediction_a_score_stands_for_the_share_of_leads_that_are_won(self):
        company = self.env["res.company"].create({"name": "Company of many leads"})
        rows = [{"name": "Closed", "company_id": company.id} for _number in range(50)]
        closed = self.env["crm.lead"].create(rows)
        closed[:20].action_set_won()
        closed[20:].action_set_lost()
        low, high = self.env["crm.lead"].create(
            [
                {"name": "Open", "company_id": company.id, "expected_revenue": 1000, "priority": priority}
                for priority in ("1", "3")
            ]
        )
        self.Score._refresh_noted()
        self._set(low, 10, 0, 20, "D4", None)
        self._set(high, 50, 0, 60, "B4", None)
        company._crm_plus_weigh_points()
        self.env.invalidate_all()
        # 40 % of the leads are won, and 40 is the average score
        self.assertEqual((low + high).mapped("attention_value"), [200, 600])
        closed[:10].unlink()
        company._crm_plus_weigh_points()
        self.env.invalidate_all()
        self.assertEqual((low + high).mapped("attention_value"), [125, 375])
        found = self.leads.search([("company_id", "=", company.id), ("attention_value", ">", 125)])
        self.assertEqual(found, high)

    def test_leads_that_nobody_closes_are_not_won_either(self):
        company = self.env["res.company"].create({"name": "Closes little"})
        leads = self.env["crm.lead"].create([{"name": "A lead", "company_id": company.id} for _number in range(60)])
        leads[:20].action_set_won()
        leads[20:40].action_set_lost()
        self.Score._refresh_noted()
        for lead in leads[40:]:
            self._set(lead, 0, 50, 50, "D2", None)
        company._crm_plus_weigh_points()
        self.assertEqual(company.crm_plus_point_chance, 1, "half of those closed are won, and 50 is the average score")
        self.env.cr.execute("UPDATE crm_lead SET create_date = '2020-01-01' WHERE id = ANY(%s)", [leads[40:].ids])
        company._crm_plus_weigh_points()
        self.assertAlmostEqual(company.crm_plus_point_chance, 100 / 3 / 50, 4)

    def test_a_score_is_taken_for_a_percentage_until_leads_are_closed(self):
        self.assertEqual(self.env["res.company"].create({"name": "New"}).crm_plus_point_chance, 1)

    def test_a_list_may_sort_group_and_search_by_the_fields(self):
        described = self.leads.fields_get(NAMES)
        for name in described:
            for what in ("sortable", "groupable", "searchable", "exportable"):
                self.assertTrue(described[name][what], f"{name} {what}")

    def test_each_group_of_leads_finds_its_leads(self):
        domain = [("id", "in", self.leads.ids)]
        for name in (*NAMES[:-1], "hot_date:month"):
            groups = self.leads.formatted_read_group(domain, [name], ["__count"])
            with self.subTest(name=name):
                self.assertEqual(sum(group["__count"] for group in groups), 3)
                for group in groups:
                    count = self.leads.search_count([*domain, *group["__extra_domain"]])
                    self.assertEqual(count, group["__count"])

    def test_the_scores_of_a_column_are_averaged_and_its_values_added_up(self):
        aggregates = [f"{name}:avg" for name in NAMES[:4]] + ["attention_value:sum"]
        [found] = self.leads.formatted_read_group([("id", "in", self.leads.ids)], [], aggregates)
        self.assertEqual([round(found[name], 2) for name in aggregates], [33.42, 26.67, 30.04, 13.33, 450])

    def test_scores_can_be_exported(self):
        rows = self.hot.export_data([*NAMES])["datas"]
        self.assertEqual(rows, [[90.25, 80.0, 85.13, 40.0, "A1", 400.0, False, ""]])

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
