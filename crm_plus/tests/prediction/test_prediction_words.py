from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestWords(PredictionCase):
    """What was learned is told in the reader's language, in ranges people can remember."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fa_IR")
        cls.leads.team.lead_properties_definition = [
            {"name": "size", "type": "selection", "string": "Size", "selection": [["k1", "Small"], ["k2", "Large"]]},
            {"name": "needs", "type": "tags", "string": "Needs", "tags": [["t1", "Chairs", 1], ["t2", "Desks", 2]]},
        ]
        cls.belgium, cls.iran = cls.env.ref("base.be"), cls.env.ref("base.ir")
        closed = cls.leads.closed(500, days=30)
        for number, lead in enumerate(closed):
            lead.lead_properties = {"size": "k1" if number % 3 else "k2", "needs": ["t1"] if number % 2 else ["t2"]}
            lead.country_id = cls.belgium if number % 2 else cls.iran
            lead.expected_revenue = 137.77 * (number % 97 + 1)
        cls.env.flush_all()
        cls.model = cls.train(cls)
        cls.model._publish()

    def labels(self, feature, lang="en_US"):
        shapes = self.model.with_context(lang=lang).shapes
        return [part["label"] for shape in shapes if shape["feature"] == feature for part in shape["bins"]]

    def test_ages_are_told_in_whole_days(self):
        self.assertEqual(self.labels("age"), ["0", "1 to 2", "3 to 5", "6 to 10", "11 or more"])

    def test_amounts_are_told_in_round_numbers(self):
        for label in self.labels("expected_revenue"):
            self.assertNotIn(".", label)
        self.assertIn("or more", self.labels("age")[-1])
        self.assertRegex(self.labels("expected_revenue")[-1], r"^over 1\d,\d00$")

    def test_each_reader_reads_his_own_language(self):
        self.assertEqual(set(self.labels("country_id")), {self.belgium.name, self.iran.name})
        persian = {country.with_context(lang="fa_IR").name for country in self.belgium + self.iran}
        self.assertEqual(set(self.labels("country_id", "fa_IR")), persian)
        self.assertNotIn("over", self.labels("expected_revenue", "fa_IR")[-1])
        lead = self.leads.open(1, country_id=self.belgium.id)
        self.scores._predict_leads(lead.ids)
        explained = lead.with_context(lang="fa_IR").explain_prediction()["parts"]
        parts = {part["feature"]: part for part in explained}
        label = self.env["ir.model.fields"]._get("crm.lead", "country_id").with_context(lang="fa_IR").field_description
        self.assertEqual(parts["country_id"]["value"], self.belgium.with_context(lang="fa_IR").name)
        self.assertEqual(parts["country_id"]["label"], label)
        english, persian = (
            next(shape["label"] for shape in self.model.with_context(lang=lang).shapes if shape["feature"] == "age")
            for lang in ("en_US", "fa_IR")
        )
        self.assertEqual(english, "Days since the lead was created")
        self.assertNotEqual(persian, english)

    def test_values_of_properties_have_names(self):
        self.assertEqual(set(self.labels("lead_properties.size")), {"Small", "Large"})
        self.assertLessEqual(set(self.labels("lead_properties.needs")), {"Chairs", "Desks"})

    def test_a_property_goes_by_the_name_it_has_now(self):
        size, needs = self.leads.team.lead_properties_definition
        self.leads.team.lead_properties_definition = [size | {"string": "Size of the firm"}, needs]
        self.env.flush_all()
        self.env["crm.score.feature"].action_find()
        names = [shape["label"] for shape in self.model.shapes if shape["feature"] == "lead_properties.size"]
        self.assertEqual(names, ["Size of the firm"])

    def test_a_value_that_has_gone_is_said_to_be_deleted(self):
        self.leads.sources["Web"].unlink()
        self.env.registry.clear_cache()
        self.model.invalidate_recordset()
        self.assertIn("(deleted)", self.labels("source_id"))

    def test_what_never_happened_is_not_called_empty(self):
        self.leads.open(1)
        channel = self.env.ref("crm_plus.channel_phone").id
        source = self.env.ref("crm_plus.source_manual").id
        leads = self.env["crm.lead"].with_context(active_test=False)
        for lead in leads.search([("company_id", "=", self.company.id), ("won_status", "=", "won")]):
            self.env["crm.interaction"].create(
                {
                    "lead_id": lead.id,
                    "source_id": source,
                    "channel_id": channel,
                    "direction": "in",
                    "date": fields.Datetime.add(lead.create_date, hours=-1),
                    "company_id": self.company.id,
                }
            )
        self.model = self.train()
        self.assertIn("(never)", self.labels("interaction.days_since"))

    def test_a_score_stays_the_same_until_the_next_day_of_the_lead_begins(self):
        created = fields.Datetime.now() - timedelta(days=3, hours=2)
        lead = self.leads.open(1, created=created)
        self.scores._predict_leads(lead.ids)
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = create_date - interval '20 hours' WHERE id = %s", lead.ids
        )
        self.assertEqual(self.scores._predict_leads(lead.ids), 0)
