"""Whatever a client sends to a public method is answered, or refused with a sentence; never with a traceback."""

from odoo.exceptions import UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common import ScoreCase

# Values of every type JSON has, too large and too deep ones.
ODD = (
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    "",
    "x",
    "[",
    "[('id', '>', 0)]",
    [],
    [[]],
    [1, "x"],
    {},
    {"x": 1},
    "\x00",
    "9" * 400,
)


@tagged("post_install", "-at_install")
class TestRequests(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "score_requests", groups="sales_team.group_sale_manager")
        cls.mine = cls.lead(user_id=cls.manager.id)
        cls.fit = cls.rule(points=5)

    def ask(self, model, method, *arguments, **named):
        """A call over the API as the manager: an answer, or a `UserError` with a sentence."""
        try:
            with self.env.cr.savepoint():
                return call_kw(self.env[model].with_user(self.manager), method, arguments, named)
        except UserError as error:
            self.assertGreater(len(str(error)), 10)
            return None

    def test_the_preview_of_a_rule(self):
        for odd in ODD:
            with self.subTest(values=odd):
                self.ask("crm.score.rule", "preview_rule", odd)
                self.ask("crm.score.rule", "preview_rule", {}, odd)
        for name in self.Rule._fields:
            for odd in ODD:
                with self.subTest(field=name, value=odd):
                    self.ask("crm.score.rule", "preview_rule", {"name": "x", "domain": "[('id', '>', 0)]", name: odd})

    def test_conditions(self):
        for domain in (
            "[('id', '=', 'x')]", "[('create_date', '>', 5)]", "[('create_date', '>', 'x')]", "[('priority', '>', [])]",
            "[('tag_ids', 'any', 5)]", "[('partner_id', 'any', [('x', '=', 1)])]", "[('name', '=like', 5)]", "['&']",
            "[('partner_id.name.x', '=', 1)]", "[('expected_revenue', '>', 'x')]", "[('id', 'child_of', 'x')]", "7",
            "[('lead_properties.x', '=', 1)]", "[(1, '=', 1), (0, '=', 1)]", "[('id', '>', 1e400)]", "[()]", "None",
            "[('email_from', 'ilike', '\\x00')]", "[('id', 'in', [10**30])]", "[('country_id', '=', {})]", "{}",
            "[('id', '>', 99999999999999999999)]", "[('create_date', '>', '9999999-01-01')]", "[('id', '?', 1)]",
        ):  # fmt: skip
            with self.subTest(domain=domain):
                self.ask("crm.score.rule", "preview_rule", {"name": "x", "domain": domain})
                self.ask("crm.score.rule", "create", [{"name": "x", "domain": domain}])

    def test_points_that_are_no_numbers(self):
        for odd in ("x", [1], {"x": 1}, "nan", "inf", 10**400):
            for model, name in (("crm.score.rule", "points"), ("crm.score.rule", "cap"), ("crm.score.group", "cap")):
                with self.subTest(model=model, field=name, value=odd), self.assertRaises(ValidationError):
                    self.env[model].with_user(self.manager).create({"name": "x", name: odd})

    def test_the_events_behind_a_rule(self):
        for odd in ODD:
            with self.subTest(rule=odd):
                self.assertIsNone(self.ask("crm.lead", "action_score_events", self.mine.ids, odd))
        self.assertIsNone(self.ask("crm.lead", "action_score_events", self.mine.ids, self.fit.id), "it has no events")

    def test_a_training(self):
        for odd in ODD:
            with self.subTest(cutoff=odd):
                self.ask("crm.score.model", "action_train", [], odd)

    def test_methods_of_one_lead_asked_of_none_or_of_many(self):
        for ids in ([], self.mine.ids * 2, [self.mine.id, self.lead().id], [0], [10**9]):
            for method in ("score_card", "explain_score", "explain_prediction"):
                with self.subTest(method=method, ids=ids):
                    self.ask("crm.lead", method, ids)
            with self.subTest(method="action_score_events", ids=ids):
                self.ask("crm.lead", "action_score_events", ids, self.fit.id)
