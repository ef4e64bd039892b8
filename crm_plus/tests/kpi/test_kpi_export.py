"""A workbook holds what its reader's overview shows, card by card, and no amount that they may not read."""

import io
from collections import Counter
from datetime import datetime

import openpyxl
from odoo.tests import freeze_time, tagged

from ...engine.kpi.board_request import board_request
from ...services.kpi.workbook import SHOWN_MONTHS, Sheets, workbook
from .common import AgreementCase

# Amounts below this may be a number of customers, of days or of percents as well.
LEAST = 1000.01


@tagged("post_install", "-at_install")
class TestKpiExport(AgreementCase):
    def book(self, user, narrowed=None):
        """The sheets of the overview as a user downloads them, {title: rows}; nothing is hidden in the file."""
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=self.users[user])
        request = board_request({**self.chosen, **(narrowed or {})})
        book = openpyxl.load_workbook(io.BytesIO(workbook(Sheets(env).overview(request))))
        for sheet in book.worksheets:
            self.assertEqual(sheet.sheet_state, "visible")
            self.assertFalse([one for one in sheet.column_dimensions.values() if one.hidden], sheet.title)
            self.assertFalse([one for one in sheet.row_dimensions.values() if one.hidden], sheet.title)
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                self.assertFalse(cell.comment or cell.hyperlink, (sheet.title, cell.coordinate))
                self.assertNotEqual(cell.data_type, "f", (sheet.title, cell.coordinate))
        self.assertFalse(book.defined_names)
        return {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book.worksheets}

    def card(self, user, name, narrowed):
        return self.Day.with_user(self.users[user]).overview_card(name, {**self.chosen, **narrowed})

    def same(self, sheet, expected, about):
        """A sheet has these rows; what is not known is an empty cell."""

        def plain(rows):
            return Counter(
                tuple(
                    None if value is False or value is None or value == ""
                    else round(value, 4) if isinstance(value, int | float) else value
                    for value in row
                )
                for row in rows
            )  # fmt: skip

        width = max((len(row) for row in sheet), default=0)
        self.assertEqual(plain(sheet), plain([*row, *[None] * (width - len(row))] for row in expected), about)

    # ------------------------------------------------------------------ card by card

    def test_each_sheet_is_the_card_of_its_reader(self):
        self.fill_all()
        self.env["crm.customer.cohort"]._refresh(self.company)
        country, own = {"country_id": self.country.id}, {"user_id": self.users["own"].id}
        for user in self.users:
            for narrowed in ({}, country, own) if user in ("manager", "own") else ({}, country):
                with self.subTest(user=user, narrowed=narrowed):
                    self.follow_book(user, narrowed)

    def follow_book(self, user, narrowed):
        # a message that waits has waited a little longer each time it is asked
        with freeze_time(datetime.now()):
            self.follow_sheets(user, narrowed)

    def follow_sheets(self, user, narrowed):
        book, board = self.book(user, narrowed), self.board(user, **narrowed)
        self.same(
            book["Figures"],
            [[one[name] for name in ("label", "value", "before", "change", "target")] for one in board["figures"]],
            "figures",
        )
        self.same(
            book["Segments"],
            [[one[name] for name in ("name", "count", "before", "revenue")] for one in board["segments"]],
            "segments",
        )
        self.same(
            book["From lead to second order"],
            [[one[name] for name in ("label", "count", "share", "days")] for one in board["funnel"]],
            "funnel",
        )
        self.same(book["Channels"], [[one["name"], one["out"], one["in"]] for one in board["channels"]], "channels")
        self.same(
            book["Grades"],
            [[one[name] for name in ("grade", "closed", "won", "rate")] for one in board["grades"]],
            "grades",
        )
        products = self.card(user, "products", narrowed)["rows"]
        self.same(book["Products by segment"], [[one["name"], one["revenue"], *one["cells"]] for one in products], "")
        answers = self.card(user, "answers", narrowed)
        self.same(
            book["Response time"],
            [
                [one[name] for name in ("label", "asked", "answered", "hours")]
                for one in answers["channels"] + answers["sources"]
            ],
            "answers",
        )
        ways = self.card(user, "ways", narrowed)
        self.same(
            book["Ways of leads"],
            [
                [label, row["label"], *row["counts"], row["days"]]
                for name, label in (("source", "Source"), ("team", "Sales team"), ("country", "Country"))
                for row in ways[name]
            ],
            "ways",
        )
        self.customers_of(user, narrowed, book)

    def customers_of(self, user, narrowed, book):
        env = self.env(user=self.users[user])
        cohorts = env["crm.customer.cohort"].get_retention(SHOWN_MONTHS, narrowed)["cohorts"]
        begun = [(datetime.fromisoformat(one["start"]), one["size"], one) for one in cohorts]
        self.same(book["Retention"], [[start, size, *one["active"]] for start, size, one in begun], "retention")
        brought = [[start, size, *one["revenue"]] for start, size, one in begun if one["revenue"]]
        self.same(book["Retention of revenue"], brought, "retention of revenue")
        points = env["crm.customer.profile"].pareto_curve(narrowed)["points"]
        self.same(book["Concentration"], [[one["customers"], one["revenue"]] for one in points], "concentration")

    # ------------------------------------------------------------------ what is not there

    def amounts(self):
        """Every amount of the company that could stand in a cell: of documents, of customers, and their sums."""
        profiles, orders = self.profiles(), self.env["sale.order"].search([("company_id", "=", self.company.id)])
        found = [*orders.mapped("amount_untaxed")]
        for name in ("revenue", "recent_revenue", "clv", "average_order"):
            values = [value for value in profiles.mapped(name) if value]
            found += [*values, sum(values)]
            for segment in profiles.segment_id:
                found.append(sum(profiles.filtered(lambda one, s=segment: one.segment_id == s).mapped(name)))
        self.env["crm.customer.cohort"].invalidate_model()
        found += self.env["crm.customer.cohort"].search([("company_id", "=", self.company.id)]).mapped("revenue")
        found += self.Day.search(
            [("company_id", "=", self.company.id), ("figure", "in", ("revenue", "customer_equity", "revenue_at_risk"))]
        ).mapped("numerator")
        return {round(value, 2) for value in found if abs(value) >= LEAST}

    def told(self, book):
        return {
            round(value, 2)
            for rows in book.values()
            for row in rows
            for value in row
            if isinstance(value, int | float) and abs(value) >= LEAST
        }

    def test_amounts_that_one_may_not_read_are_in_no_cell(self):
        self.fill_all()
        for number, profile in enumerate(self.profiles()[:12]):
            day = self.noon(4 + 9 * number)
            self.order(profile.partner_id, 7013.37 + 1000 * number, day, user_id=self.users["all"].id)
        self.refresh()
        self.env["crm.customer.cohort"]._refresh(self.company)
        self.record()
        amounts = self.amounts()
        self.assertGreater(len(amounts), 30)
        narrowings = ({}, {"country_id": self.country.id})
        self.assertTrue(amounts & self.told(self.book("manager")), "what is looked for could be found")
        for user in ("reader", "service"):
            for narrowed in narrowings:
                book = self.book(user, narrowed)
                self.assertFalse(self.told(book), (user, narrowed, "an amount of any kind"))
                self.nothing_of_amounts(book)
        self.company.crm_plus_amounts = "managers"
        sellers = {user: [self.book(user, narrowed) for narrowed in narrowings] for user in ("own", "all")}
        for book in sellers["own"]:
            self.nothing_of_amounts(book)
            self.assertFalse(amounts & self.told(book), "only sums of own documents")
        for book in sellers["all"]:
            self.nothing_of_amounts(book)
        self.company.crm_plus_amounts = "own"
        mine = self.profiles().filtered(lambda one: one.partner_id.user_id == self.users["own"])
        book = self.book("own")
        theirs = {round(one.revenue, 2) for one in self.profiles() - mine if abs(one.revenue) >= LEAST}
        self.assertTrue(theirs)
        self.assertFalse(theirs & self.told(book))
        self.assertFalse(book["Concentration"] or book["Retention of revenue"])

    def nothing_of_amounts(self, book):
        self.assertFalse(book["Concentration"] or book["Retention of revenue"])
        self.assertEqual({row[3] for row in book["Segments"]}, {None})
        self.assertFalse({"Revenue at risk", "Customer equity"} & {row[0] for row in book["Figures"]})
        self.assertFalse(book["Return of the effort"] or book["Figures over time"])

    def test_what_others_documents_tell_is_not_in_it(self):
        self.fill_all()
        books = {user: self.book(user) for user in ("own", "all", "reader")}
        figures = {user: {row[0]: row[1] for row in book["Figures"]} for user, book in books.items()}
        for label in ("New leads", "Orders", "Revenue"):
            self.assertLess(figures["own"][label], figures["all"][label])
            self.assertNotIn(label, figures["reader"])
        for title in ("From lead to second order", "Ways of leads", "Grades", "Products by segment"):
            self.assertFalse(books["reader"][title], title)
