"""Downloads hold what the screens show, for whoever may export."""

import io

import openpyxl
from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...services.kpi.workbook import workbook
from .test_kpi_day import KpiCase

PERIOD = "date_from=2026-01-01&date_to=2026-03-31"


@tagged("post_install", "-at_install")
class TestKpiWorkbook(KpiCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, groups in (
            ("book_manager", "sales_team.group_sale_manager,base.group_allow_export"),
            ("book_seller", "sales_team.group_sale_salesman"),
            ("book_clerk", "base.group_user,base.group_allow_export"),
        ):
            new_test_user(cls.env, name, groups, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])

    def get(self, path):
        return self.url_open(f"/crm_plus/{path}")

    def book(self, path):
        answer = self.get(path)
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        return openpyxl.load_workbook(io.BytesIO(answer.content))

    def test_each_screen_has_its_workbook(self):
        for number in range(3):
            self.order(self.customer(f"Customer {number}"), 100, self.noon(1 + number))
        self.record()
        self.authenticate("book_manager", "book_manager")
        period = f"date_from={self.yesterday}&date_to={self.yesterday}"
        overview = self.book(f"overview.xlsx?{period}")
        further = self.Day._overview_reports()
        self.assertEqual(len(overview.sheetnames), 16 + len(further), "each card, and each chart of it")
        over_time = [row[:3] for row in overview["Figures over time"].iter_rows(min_row=2, values_only=True)]
        self.assertIn(("Customers", str(self.yesterday), 3), over_time)
        self.assertIn("Orders expected", overview.sheetnames)
        products = [row[:2] for row in overview["Products by segment"].iter_rows(min_row=2, values_only=True)]
        self.assertEqual(products, [("Advice", 100)])
        figures = {row[0]: row[1] for row in overview["Figures"].iter_rows(min_row=2, values_only=True)}
        self.assertEqual((figures["Customers"], figures["Revenue"]), (3, 100))
        counted = [row[3] for row in self.book("segment_map.xlsx").worksheets[0].iter_rows(min_row=2, values_only=True)]
        self.assertEqual(sum(counted), 3)
        self.book("retention.xlsx?months=24")
        moved = self.book(f"movement.xlsx?{period}").worksheets[0]
        self.assertEqual([cell.value for cell in moved[1]], ["From", "To", "Customers"])

    @mute_logger("odoo.http")
    def test_who_may_not_export_or_not_read_is_refused_and_so_is_nonsense(self):
        for login, refused in (("book_seller", 403), ("book_clerk", 403)):
            self.authenticate(login, login)
            self.assertEqual(self.get("segment_map.xlsx").status_code, refused, login)
        self.authenticate("book_manager", "book_manager")
        other = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self.get(f"segment_map.xlsx?company_id={other.id}").status_code, 403)
        for path in ("overview.xlsx", "overview.xlsx?date_from=x&date_to=y", f"overview.xlsx?{PERIOD}&team_id=x",
                     "retention.xlsx?months=x", "movement.xlsx"):  # fmt: skip
            self.assertGreaterEqual(self.get(path).status_code, 400, path)

    def test_texts_are_no_formulas_and_titles_are_names_of_sheets(self):
        rows = [("=1+1", 2.5), ("@x", None), ("https://example.com", False)]
        book = openpyxl.load_workbook(io.BytesIO(workbook([("A/B: [C]" * 9, ("a", "b"), rows), ("", ("a",), [])])))
        sheet = book.worksheets[0]
        self.assertLessEqual(len(sheet.title), 31)
        self.assertEqual([cell.value for cell in sheet["A"]], ["a", "=1+1", "@x", "https://example.com"])
        self.assertEqual(sheet["A2"].data_type, "s")
