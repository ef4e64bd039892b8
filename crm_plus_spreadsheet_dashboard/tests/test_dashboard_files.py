"""The spreadsheets that ship name nothing that is not there, and add up nothing that does not."""

import json
import re

from odoo.addons.crm_plus.engine.kpi.figures import BY_CODE
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
)
from odoo.tests import TransactionCase, tagged

NAMED_FIGURE = re.compile(r'(?:ODOO\.CRM\.\w+(?:\.NAME)?\(|"figure",)"(\w+)"')


@tagged("post_install", "-at_install")
class TestDashboardFiles(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = [
            cls.env.ref(f"crm_plus_spreadsheet_dashboard.dashboard_{name}") for name in ("customers", "leads")
        ]
        cls.documents = [json.loads(record.spreadsheet_data) for record in cls.records]

    def sources(self):
        """(what reads figures, its domain, its groups, its matching of filters) of every document."""
        for document in self.documents:
            for pivot in document["pivots"].values():
                groups = [one["fieldName"] for one in pivot["rows"] + pivot["columns"]]
                yield document, pivot, pivot["domain"], groups, pivot["context"]
            for chart in odoo_charts(document):
                search = chart["searchParams"]
                yield document, chart, search["domain"], search["groupBy"], search["context"]

    def test_models_fields_and_menus_are_there(self):
        for document in self.documents:
            for model, fields in fields_in_spreadsheet(document).items():
                names = {name.split(":")[0] for name in fields}
                self.assertLessEqual(names, set(self.env[model]._fields))
            for menu in menus_xml_ids_in_spreadsheet(document):
                self.assertEqual(self.env.ref(menu)._name, "ir.ui.menu")

    def test_every_filter_narrows_a_field_of_its_kind(self):
        for document, source, *_rest in self.sources():
            filters = {one["id"]: one for one in document["globalFilters"]}
            for name, matching in source["fieldMatching"].items():
                field = self.env["crm.kpi.day"]._fields[matching["chain"]]
                self.assertEqual(field.type, matching["type"])
                self.assertTrue(field.store)
                if filters[name]["type"] == "relation":
                    self.assertEqual(field.comodel_name, filters[name]["modelName"])

    def test_no_sum_mixes_figures_or_breakdowns(self):
        for _document, _source, domain, groups, context in self.sources():
            conditions = {name: value for name, _operator, value in domain}
            figures = conditions["figure"]
            self.assertTrue(len(figures) == 1 or "figure" in groups)
            self.assertTrue("dimension" in conditions or context.get("crm_plus_whole_company"))

    def test_every_figure_is_one(self):
        named = set()
        for document in self.documents:
            for sheet in document["sheets"]:
                for formula in sheet["cells"].values():
                    named |= set(NAMED_FIGURE.findall(formula))
        for _document, _source, domain, *_rest in self.sources():
            named |= {code for name, _operator, value in domain if name == "figure" for code in value}
        self.assertGreater(len(named), 20)
        self.assertLessEqual(named, set(BY_CODE))

    def test_they_are_the_managers(self):
        manager = self.env.ref("crm_plus.group_crm_plus_manager")
        for record in self.records:
            self.assertTrue(record.is_published)
            self.assertEqual(record.group_ids, manager)
