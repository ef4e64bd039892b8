"""What the screens show as a workbook: the same numbers, with the same rights."""

import io
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import xlsxwriter
from odoo.fields import Date

from ...engine.kpi.figures import BY_CODE
from ..customer.map import CustomerMap
from .board import Board

WIDTH = 18
# Months of first orders that the table of the overview shows.
SHOWN_MONTHS = 12
# A text that begins like a formula must not become one.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# How numbers of a kind are written; those of money follow the currency, days are days.
FORMATS = {"count": "#,##0", "number": "#,##0.0", "hours": "#,##0.0", "points": "0.0", "percent": '0.0"%"',
           "day": "yyyy-mm-dd"}  # fmt: skip


class Sheet(NamedTuple):
    """A table: the ``kinds`` of its columns are "text", "money" or one of `FORMATS`; what has none is counted, and the
    last one goes on."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence]
    kinds: Sequence[str] = ("count",)

    def kind(self, column: int) -> str:
        return self.kinds[min(column, len(self.kinds) - 1)]


class Cell(NamedTuple):
    """A value of another kind than its column."""

    value: object
    kind: str


def workbook(sheets, currency=None, is_rtl=False):
    """The bytes of a workbook of `Sheet`; a value that is not known is an empty cell. With ``is_rtl`` the first column
    is on the right."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, OPTIONS) as book:
        head, formats = book.add_format({"bold": True}), _formats(book, currency)
        for table in sheets:
            sheet = book.add_worksheet(_title(table.title, book))
            if is_rtl:
                sheet.right_to_left()
            sheet.set_column(0, len(table.heads) - 1, WIDTH)
            sheet.write_row(0, 0, table.heads, head)
            sheet.freeze_panes(1, 0)
            for place, row in enumerate(table.rows, 1):
                for column, value in enumerate(row):
                    cell = value if isinstance(value, Cell) else Cell(value, table.kind(column))
                    _write(sheet, place, column, cell, formats)
    return output.getvalue()


def _write(sheet, row, column, cell, formats):
    if cell.value is None or cell.value is False:
        return
    if isinstance(cell.value, date):
        sheet.write_datetime(row, column, cell.value, formats["day"])
    else:
        sheet.write(row, column, cell.value, None if isinstance(cell.value, str) else formats.get(cell.kind))


def _formats(book, currency):
    return {
        kind: book.add_format({"num_format": written})
        for kind, written in {**FORMATS, "money": _money(currency)}.items()
    }


def _money(currency):
    """Amounts with the symbol where the currency has it."""
    if not currency:
        return "#,##0.00"
    number = f"#,##0.{'0' * currency.decimal_places}".removesuffix(".")
    symbol = '"{}"'.format(currency.symbol.replace('"', ""))
    return f"{symbol} {number}" if currency.position == "before" else f"{number} {symbol}"


def _title(title, book):
    """A name that a sheet may have: 31 characters, none of them special, given once."""
    plain = "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)[:28].strip() or "-"
    taken = {sheet.get_name().casefold() for sheet in book.worksheets()}
    return plain if plain.casefold() not in taken else f"{plain} {len(taken) + 1}"


class Sheets:
    """The sheets of each screen."""

    def __init__(self, env):
        self.env = env

    def overview(self, request):
        """The parts of the overview."""
        board = Board(self.env, request)
        parts = board.parts()
        figures = [
            (
                row["label"],
                *(Cell(row[name], row["unit"]) for name in ("value", "before")),
                Cell(row["change"], "points" if row["unit"] == "points" else "percent"),
                Cell(row["target"], row["unit"]),
            )
            for row in parts["figures"]
        ]
        segments = [(row["name"], row["count"], row["before"], row["revenue"]) for row in parts["segments"]]
        funnel = [(row["label"], row["count"], row["share"], row["days"]) for row in parts["funnel"]]
        channels = [(row["name"], row["out"], row["in"]) for row in parts["channels"]]
        grades = [(row["grade"], row["closed"], row["won"], row["rate"]) for row in parts["grades"]]
        return [
            Sheet(
                self.env._("Figures"),
                (
                    self.env._("Figure"),
                    self.env._("Value"),
                    self.env._("Period before"),
                    self.env._("Change (%)"),
                    self.env._("Target"),
                ),
                figures,
            ),
            Sheet(
                self.env._("Segments"),
                (self.env._("Segment"), self.env._("Customers"), self.env._("On the first day"), self.env._("Revenue")),
                segments,
                ("text", "count", "count", "money"),
            ),
            Sheet(
                self.env._("From lead to second order"),
                (self.env._("Step"), self.env._("Leads"), self.env._("Share (%)"), self.env._("Days")),
                funnel,
                ("text", "count", "percent", "number"),
            ),
            self._ways(board.card("ways")),
            Sheet(
                self.env._("Channels"),
                (self.env._("Channel"), self.env._("Outgoing"), self.env._("Incoming")),
                channels,
            ),
            Sheet(
                self.env._("Grades"),
                (self.env._("Grade"), self.env._("Closed"), self.env._("Won"), self.env._("Win rate (%)")),
                grades,
                ("text", "count", "count", "percent"),
            ),
            self._answers(board.card("answers")),
            self._products(board.card("products")),
            self._forecast(board.card("forecast")),
            self._forecast_course(board.card("forecast")),
            *self.retention(SHOWN_MONTHS, request.narrowed),
            self._concentration(request.narrowed),
            *(self._report(report.label, board.card(name)) for name, report in board.reports.items()),
            self._effort(effort := board.card("effort")),
            self._effort_by_segment(effort),
            self._course(board),
        ]

    def _ways(self, card):
        heads = (
            self.env._("By"),
            self.env._("Way"),
            self.env._("Leads"),
            self.env._("Opportunities"),
            self.env._("Leads with a quotation"),
            self.env._("Leads with an order"),
            self.env._("Leads with a second order"),
            self.env._("Days to the order"),
        )
        kinds = {
            "source": self.env._("Source"),
            "team": self.env._("Sales team"),
            "country": self.env._("Country"),
        }
        rows = [
            (label, row["label"], *row["counts"], row["days"]) for name, label in kinds.items() for row in card[name]
        ]
        return Sheet(self.env._("Ways of leads"), heads, rows, ("text", *["count"] * 6, "number"))

    def _answers(self, card):
        heads = (
            self.env._("Channel or source"),
            self.env._("Messages"),
            self.env._("Answered"),
            self.env._("Median (hours)"),
        )
        rows = [
            (row["label"], row["asked"], row["answered"], row["hours"]) for row in card["channels"] + card["sources"]
        ]
        return Sheet(self.env._("Response time"), heads, rows, ("text", "count", "count", "hours"))

    def _products(self, card):
        heads = [self.env._("Product"), self.env._("Revenue")]
        heads += [segment["name"] for segment in card["segments"]]
        rows = [(row["name"], row["revenue"], *row["cells"]) for row in card["rows"]]
        return Sheet(self.env._("Products by segment"), heads, rows, ("text", "money"))

    def _report(self, label, card):
        heads = [self.env._("Group")] + [head["label"] for head in card["heads"]]
        kinds = ("text", *(head["unit"] for head in card["heads"]))
        return Sheet(label, heads, [(row["label"], *row["values"]) for row in card["rows"]], kinds)

    def _effort(self, card):
        heads = (
            self.env._("Figure"),
            self.env._("Before the installation"),
            self.env._("Since"),
            self.env._("Change (%)"),
        )
        rows = [
            (row["label"], Cell(row["then"], row["unit"]), Cell(row["now"], row["unit"]), row["change"])
            for row in card["rows"]
        ]
        return Sheet(self.env._("Return of the effort"), heads, rows, ("text", "number", "number", "percent"))

    def _effort_by_segment(self, card):
        labels = {
            "customers": (self.env._("Customers"), "number"),
            "retention": (self.env._("Retention (%)"), "percent"),
            "revenue_retention": (self.env._("Revenue retention (%)"), "percent"),
            "revenue": (self.env._("Revenue a month"), "money"),
            "each": (self.env._("Revenue a customer and month"), "money"),
            "value": (self.env._("Lifetime value"), "money"),
            "cost": (self.env._("Cost of contacts"), "money"),
        }
        heads, kinds = [self.env._("Segment")], ["text"]
        for label, kind in labels.values():
            heads += [self.env._("%s, before", label), self.env._("%s, since", label)]
            kinds += [kind, kind]
        rows = [
            (row["name"], *(row[side][name] for name in labels for side in ("then", "now")), row["return"])
            for row in card["segments"]
        ]
        heads.append(self.env._("Return (%)"))
        return Sheet(self.env._("Effort by segment"), heads, rows, (*kinds, "percent"))

    def _forecast(self, card):
        heads = (self.env._("Orders expected"), self.env._("At least"), self.env._("At most"), self.env._("Customers"))
        rows = [] if card["expected"] is False else [(card["expected"], card["low"], card["high"], card["customers"])]
        return Sheet(self.env._("Orders expected"), heads, rows, ("number", "number", "number", "count"))

    def _forecast_course(self, card):
        heads = (
            self.env._("Days later"),
            self.env._("Forecast"),
            self.env._("Actual"),
            self.env._("Repeat of past orders"),
        )
        rows = [(row["day"], row["forecast"], row["came"], row["repeated"]) for row in card["course"]]
        return Sheet(self.env._("Forecast checked"), heads, rows, ("count", "number"))

    def _concentration(self, narrowed):
        found = CustomerMap(self.env["crm.customer.profile"], narrowed).pareto_curve()
        heads = (self.env._("Best customers (%)"), self.env._("What they bring (%)"))
        rows = [(point["customers"], point["revenue"]) for point in found["points"]]
        return Sheet(self.env._("Concentration"), heads, rows, ("percent",))

    def _course(self, board):
        """Every figure day by day."""
        labels = dict(self.env["crm.kpi.day"]._fields["figure"]._description_selection(self.env))
        heads = (self.env._("Figure"), self.env._("From"), self.env._("Value"), self.env._("Origin"))
        origins = {True: self.env._("counted from documents"), False: self.env._("recorded")}
        rows = [
            (labels[code], day, Cell(value, BY_CODE[code].unit), origins[bool(replayed)])
            for code, day, value, replayed in board.courses()
        ]
        return Sheet(self.env._("Figures over time"), heads, rows)

    def segment_map(self):
        """Customers and revenue by scores and segment."""
        found = CustomerMap(self.env["crm.customer.profile"]).segments()
        names = {segment["id"]: segment["name"] for segment in found["segments"]}
        rows = [
            (
                cell["r"],
                cell["f"],
                names.get(cell["segment_id"], self.env._("No segment")),
                cell["count"],
                cell["revenue"],
            )
            for cell in found["cells"]
        ]
        heads = (
            self.env._("Recency"),
            self.env._("Frequency"),
            self.env._("Segment"),
            self.env._("Customers"),
            self.env._("Revenue"),
        )
        return [Sheet(self.env._("Segment map"), heads, rows, ("count", "count", "text", "count", "money"))]

    def retention(self, months, narrowed=None):
        """The customers of each month of first orders who ordered again, month by month."""
        cohorts = self.env["crm.customer.cohort"].get_retention(months, narrowed, again=True)["cohorts"]
        longest = max((len(cohort["active"]) for cohort in cohorts), default=0)
        heads = (self.env._("First order in"), self.env._("Customers"), *map(str, range(longest)))
        begun = [(Date.to_date(cohort["start"]), cohort["size"]) for cohort in cohorts]
        rows = [(*begins, *cohort["active"]) for begins, cohort in zip(begun, cohorts, strict=True)]
        brought = [
            (*begins, *cohort["revenue"]) for begins, cohort in zip(begun, cohorts, strict=True) if cohort["revenue"]
        ]
        return [
            Sheet(self.env._("Retention"), heads, rows, ("day", "count")),
            Sheet(self.env._("Retention of revenue"), heads, brought, ("day", "count", "money")),
        ]

    def movement(self, date_from, date_to):
        """Who went from which segment to which."""
        found = self.env["crm.segment.membership"].movement(date_from, date_to)
        names = {segment["id"]: segment["name"] for segment in found["segments"]}
        rows = [
            (
                names.get(flow["from_id"], self.env._("Not a customer yet")),
                names.get(flow["to_id"], self.env._("No longer a customer")),
                flow["count"],
            )
            for flow in found["flows"]
        ]
        heads = (self.env._("From"), self.env._("To"), self.env._("Customers"))
        return [Sheet(self.env._("Segment changes"), heads, rows)]
