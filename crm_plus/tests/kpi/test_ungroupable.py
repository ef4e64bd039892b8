from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestUngroupable(TransactionCase):
    """What is not in the database cannot be grouped, and models of ours say so with a sentence."""

    def test_every_field_is_grouped_or_refused_with_a_sentence(self):
        asked = 0
        for name, model in sorted(self.env.registry.items()):
            if not model._original_module.startswith("crm_plus") or model._abstract:
                continue
            records = self.env[name]
            for field in records._fields.values():
                if not (field.store and field.column_type):
                    for aggregate in ("array_agg", "count_distinct"):
                        self.ask(records, [], f"{field.name}:{aggregate}")
                    granularity = ":month" if field.type in ("date", "datetime") else ""
                    self.ask(records, [field.name + granularity], "__count")
                    asked += 1
        self.assertGreater(asked, 100)

    def ask(self, records, groups, aggregate):
        with self.subTest(model=records._name, groups=groups, aggregate=aggregate):
            try:
                with self.env.cr.savepoint(flush=False):
                    records._read_group([("id", "=", 0)], groups, [aggregate])
            except UserError as refusal:
                self.assertTrue(str(refusal))

    def test_a_computed_value_of_a_day_is_named(self):
        with self.assertRaisesRegex(UserError, "“Unit” cannot be grouped"):
            self.env["crm.kpi.day"].formatted_read_group([], ["figure"], ["unit:array_agg"])
        with self.assertRaises(UserError):
            self.env["crm.kpi.day"].formatted_read_grouping_sets([], [["figure"], ["unit"]], ["__count"])
        fields = self.env["crm.kpi.day"].fields_get(["unit", "figure"], ["groupable"])
        self.assertEqual([fields[name]["groupable"] for name in ("unit", "figure")], [False, True])

    def test_models_of_the_host_and_other_mistakes_answer_as_before(self):
        for model, aggregate in (("res.partner", "has_message:array_agg"), ("crm.kpi.day", "numerator:most")):
            with self.subTest(model=model), self.assertRaises(ValueError):
                self.env[model]._read_group([], [], [aggregate])
