from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestBadRules(ScoreCase):
    def assertRefused(self, text, **values):
        with self.assertRaisesRegex(ValidationError, text):
            self.rule(**values)

    def test_an_unknown_field_is_refused_by_name(self):
        for model, domain in (
            ("Lead", "[('no_such', '=', 1)]"),
            ("Contact", "[('partner_id.parent_id.no_such', '=', 1)]"),
            ("Contact", "[('partner_id', 'any', [('no_such', '=', 1)])]"),
        ):
            with self.subTest(domain=domain):
                self.assertRefused(f"Condition: {model} has no field “no_such”", domain=domain)
        self.rule(domain="[('create_date.month_number', '=', 1), ('partner_id', 'in', [1, 2])]")

    def test_an_unknown_property_is_refused_by_name(self):
        team = self.env["crm.team"].create({"name": "Team with a property"})
        team.lead_properties_definition = [{"name": "budget", "string": "Budget", "type": "integer"}]
        self.rule(domain="[('lead_properties.budget', '>', 5)]")
        for domain in (
            "[('lead_properties.no_such', '>', 5)]",
            "[('partner_id.properties.no_such', '=', 1)]",
            "[('partner_id.opportunity_ids', 'any', [('lead_properties.no_such', '=', 1)])]",
        ):
            with self.subTest(domain=domain):
                self.assertRefused("Condition: .*no_such", domain=domain)

    def test_a_value_of_the_wrong_type_is_refused(self):
        self.assertRefused("Condition: ", domain="[('expected_revenue', '>', 'many')]")

    def test_what_is_no_condition_is_refused(self):
        self.assertRefused("Condition: .*not a condition", domain="[('name', '=', context_today())]")

    def test_a_condition_true_for_everything_is_refused(self):
        self.assertRefused("Condition: .*everything", domain="[]")

    def test_a_condition_on_scores_is_refused(self):
        self.assertRefused("Condition: .*lead_score", domain="[('lead_score', '>', 5)]")

    def test_nobody_asks_by_a_rule_what_one_may_not_read(self):
        manager = new_test_user(self.env, "asking_manager", groups="sales_team.group_sale_manager")
        rules = self.Rule.with_user(manager).with_context(default_company_id=self.company.id)
        rules.create({"name": "Open", "applies_on": "partner", "domain": "[('email', '!=', False)]"})
        with self.assertRaises(AccessError):
            rules.create({"name": "Hidden", "applies_on": "partner", "domain": "[('signup_type', '=', 'reset')]"})

    def test_absurd_points_are_refused(self):
        for points in (1000.01, 0.001, float("inf")):
            with self.subTest(points=points):
                self.assertRefused("Points: ", points=points)

    def test_a_limit_that_would_be_rounded_to_none_is_refused(self):
        self.assertRefused("Maximum points: ", kind="engagement", cap=0.001)
        rule = self.rule(kind="engagement", cap=0.01)
        for cap in (0.004, 1000.01, float("nan")):
            with self.subTest(cap=cap), self.assertRaisesRegex(ValidationError, "Maximum points: "):
                rule.write({"cap": cap})
            with self.subTest(cap=cap, of="preview"), self.assertRaisesRegex(ValidationError, "Maximum points: "):
                self.Rule.preview_rule({"cap": cap}, rule.id)
            with self.subTest(cap=cap, of="group"), self.assertRaisesRegex(ValidationError, "Maximum points: "):
                self.env["crm.score.group"].create({"name": "Talk", "cap": cap})

    def test_a_half_life_of_no_number_is_refused(self):
        self.assertRefused("Half-life", kind="engagement", half_life_days=float("nan"))

    def test_a_group_of_the_other_score_is_refused(self):
        group = self.env["crm.score.group"].create({"name": "Talk", "axis": "engagement"})
        self.assertRefused("Group: ", group_id=group.id)

    def test_a_group_with_rules_cannot_count_for_the_other_score(self):
        group = self.env["crm.score.group"].create({"name": "Talk", "axis": "fit"})
        self.rule(group_id=group.id)
        with self.assertRaisesRegex(ValidationError, "Group: "):
            group.axis = "engagement"

    def test_the_database_refuses_the_impossible(self):
        for values in (
            {"kind": "engagement", "half_life_days": 0},
            {"kind": "engagement", "half_life_days": 0.0001},
            {"kind": "engagement", "period_days": -1},
            {"kind": "engagement", "cap": -1},
            {"kind": "silence", "silence_days": 0},
            {"kind": "silence", "points": 5},
            {"points": 0},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
            ):
                self.rule(**values)

    def test_what_is_right_is_accepted(self):
        rule = self.rule(domain="[('create_date', '>', 'today -30d'), ('partner_id.category_id.name', 'ilike', 'vip')]")
        self.assertFalse(rule._domain_problem())


@tagged("post_install", "-at_install")
class TestGradeSettings(ScoreCase):
    def test_thresholds_must_fall(self):
        for text in ("25, 50, 75", "75, 50", "a, b, c", "75, 75, 25"):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, "Minimum fit"):
                self.company.crm_plus_fit_cuts = text
