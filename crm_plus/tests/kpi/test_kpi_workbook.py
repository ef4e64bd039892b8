"""Downloads hold what the screens show, for whoever may export."""

import io
from datetime import datetime, time

import openpyxl
from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...services.kpi.workbook import Cell, Sheet, workbook
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
        self.assertIn(("Customers", datetime.combine(self.yesterday, time()), 3), over_time)
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
        book = openpyxl.load_workbook(
            io.BytesIO(workbook([Sheet("A/B: [C]" * 9, ("a", "b"), rows), Sheet("", ("a",), [])]))
        )
        sheet = book.worksheets[0]
        self.assertLessEqual(len(sheet.title), 31)
        self.assertEqual([cell.value for cell in sheet["A"]], ["a", "=1+1", "@x", "https://example.com"])
        self.assertEqual(sheet["A2"].data_type, "s")

    def test_numbers_are_written_as_what_they_are(self):
        day = self.yesterday
        rows = [("Text", 5, 12.5, 0.25, day, Cell(61.25, "percent"))]
        kinds = ("text", "count", "money", "number", "day", "count")
        for currency, money in ((self.env.ref("base.USD"), '"$" #,##0.00'), (self.env.ref("base.EUR"), '#,##0.00 "€"'),
                                (self.env.ref("base.JPY"), None), (None, "#,##0.00")):  # fmt: skip
            book = workbook([Sheet("Sheet", list("abcdef"), rows, kinds)], currency)
            cells = list(openpyxl.load_workbook(io.BytesIO(book)).worksheets[0][2])
            formats = [cell.number_format for cell in cells]
            self.assertEqual(formats[1], "#,##0")
            if money:
                self.assertEqual(formats[2], money)
            else:
                self.assertNotIn(".", formats[2], "yen have no cents")
            self.assertEqual(formats[3:], ["#,##0.0", "yyyy-mm-dd", '0.0"%"'])
            self.assertEqual([cell.value for cell in cells[:4]], ["Text", 5, 12.5, 0.25])
            self.assertEqual(cells[4].value, datetime.combine(day, time()))

    def test_figures_are_written_in_their_units(self):
        self.order(self.customer(), 100, self.noon(1))
        self.record()
        self.authenticate("book_manager", "book_manager")
        overview = self.book(f"overview.xlsx?date_from={self.yesterday}&date_to={self.yesterday}")
        formats = {row[0].value: row[1].number_format for row in overview["Figures"].iter_rows(min_row=2)}
        self.assertEqual((formats["Customers"], formats["Repeat rate"]), ("#,##0", '0.0"%"'))
        self.assertIn("$", formats["Revenue"])

    def test_who_reads_from_right_to_left_has_the_first_column_on_the_right(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.env["res.users"].search([("login", "=", "book_manager")]).lang = "fa_IR"
        self.authenticate("book_manager", "book_manager")
        for path in ("segment_map.xlsx", f"overview.xlsx?{PERIOD}", "retention.xlsx", f"movement.xlsx?{PERIOD}"):
            for sheet in self.book(path).worksheets:
                self.assertTrue(sheet.sheet_view.rightToLeft, (path, sheet.title))
