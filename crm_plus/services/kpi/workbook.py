"""What the screens show as a workbook: the same numbers, with the same rights."""

import io

import xlsxwriter

from ..customer.map import CustomerMap
from .board import Board

NUMBER, WIDTH = "#,##0.##", 18
# Months of first orders that the table of the overview shows.
SHOWN_MONTHS = 12
# A text that begins like a formula must not become one.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook(sheets):
    """The bytes of a workbook of ``[(title, heads, rows)]``; a value that is not known is an empty cell."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, OPTIONS) as book:
        head, number = book.add_format({"bold": True}), book.add_format({"num_format": NUMBER})
        for title, heads, rows in sheets:
            sheet = book.add_worksheet(_title(title, book))
            sheet.set_column(0, len(heads) - 1, WIDTH)
            sheet.write_row(0, 0, heads, head)
            sheet.freeze_panes(1, 0)
            for place, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    if value is not None and value is not False:
                        sheet.write(place, column, value, None if isinstance(value, str) else number)
    return output.getvalue()


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
            (row["label"], row["value"], row["before"], row["change"], row["target"]) for row in parts["figures"]
        ]
        segments = [(row["name"], row["count"], row["before"], row["revenue"]) for row in parts["segments"]]
        funnel = [(row["label"], row["count"], row["share"], row["days"]) for row in parts["funnel"]]
        channels = [(row["name"], row["out"], row["in"]) for row in parts["channels"]]
        grades = [(row["grade"], row["closed"], row["won"], row["rate"]) for row in parts["grades"]]
        return [
            (
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
            (
                self.env._("Segments"),
                (self.env._("Segment"), self.env._("Customers"), self.env._("On the first day"), self.env._("Revenue")),
                segments,
            ),
            (
                self.env._("From lead to second order"),
                (self.env._("Step"), self.env._("Leads"), self.env._("Share (%)"), self.env._("Days")),
                funnel,
            ),
            self._ways(board.card("ways")),
            (self.env._("Channels"), (self.env._("Channel"), self.env._("Outgoing"), self.env._("Incoming")), channels),
            (
                self.env._("Grades"),
                (self.env._("Grade"), self.env._("Closed"), self.env._("Won"), self.env._("Win rate (%)")),
                grades,
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
        return self.env._("Ways of leads"), heads, rows

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
        return self.env._("Response time"), heads, rows

    def _products(self, card):
        heads = [self.env._("Product"), self.env._("Revenue")]
        heads += [segment["name"] for segment in card["segments"]]
        return (
            self.env._("Products by segment"),
            heads,
            [(row["name"], row["revenue"], *row["cells"]) for row in card["rows"]],
        )

    def _report(self, label, card):
        heads = [self.env._("Group")] + [head["label"] for head in card["heads"]]
        return label, heads, [(row["label"], *row["values"]) for row in card["rows"]]

    def _effort(self, card):
        heads = (
            self.env._("Figure"),
            self.env._("Before the installation"),
            self.env._("Since"),
            self.env._("Change (%)"),
        )
        rows = [(row["label"], row["then"], row["now"], row["change"]) for row in card["rows"]]
        return self.env._("Return of the effort"), heads, rows

    def _effort_by_segment(self, card):
        labels = {
            "customers": self.env._("Customers"),
            "retention": self.env._("Retention (%)"),
            "revenue_retention": self.env._("Revenue retention (%)"),
            "revenue": self.env._("Revenue a month"),
            "each": self.env._("Revenue a customer and month"),
            "value": self.env._("Lifetime value"),
            "cost": self.env._("Cost of contacts"),
        }
        heads = [self.env._("Segment")]
        for label in labels.values():
            heads += [self.env._("%s, before", label), self.env._("%s, since", label)]
        rows = [
            (row["name"], *(row[side][name] for name in labels for side in ("then", "now")), row["return"])
            for row in card["segments"]
        ]
        return self.env._("Effort by segment"), [*heads, self.env._("Return (%)")], rows

    def _forecast(self, card):
        heads = (self.env._("Orders expected"), self.env._("At least"), self.env._("At most"), self.env._("Customers"))
        rows = [] if card["expected"] is False else [(card["expected"], card["low"], card["high"], card["customers"])]
        return self.env._("Orders expected"), heads, rows

    def _forecast_course(self, card):
        heads = (
            self.env._("Days later"),
            self.env._("Forecast"),
            self.env._("Actual"),
            self.env._("Repeat of past orders"),
        )
        rows = [(row["day"], row["forecast"], row["came"], row["repeated"]) for row in card["course"]]
        return self.env._("Forecast checked"), heads, rows

    def _concentration(self, narrowed):
        found = CustomerMap(self.env["crm.customer.profile"], narrowed).pareto_curve()
        heads = (self.env._("Best customers (%)"), self.env._("What they bring (%)"))
        return (
            self.env._("Concentration"),
            heads,
            [(point["customers"], point["revenue"]) for point in found["points"]],
        )

    def _course(self, board):
        """Every figure day by day."""
        labels = dict(self.env["crm.kpi.day"]._fields["figure"]._description_selection(self.env))
        heads = (self.env._("Figure"), self.env._("From"), self.env._("Value"), self.env._("Origin"))
        origins = {True: self.env._("counted from documents"), False: self.env._("recorded")}
        rows = [
            (labels[code], str(day), value, origins[bool(replayed)]) for code, day, value, replayed in board.courses()
        ]
        return self.env._("Figures over time"), heads, rows

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
        return [(self.env._("Segment map"), heads, rows)]

    def retention(self, months, narrowed=None):
        """The customers of each month of first orders who ordered again, month by month."""
        cohorts = self.env["crm.customer.cohort"].get_retention(months, narrowed)["cohorts"]
        longest = max((len(cohort["active"]) for cohort in cohorts), default=0)
        heads = (self.env._("First order in"), self.env._("Customers"), *map(str, range(longest)))
        rows = [(cohort["start"], cohort["size"], *cohort["active"]) for cohort in cohorts]
        brought = [(cohort["start"], cohort["size"], *cohort["revenue"]) for cohort in cohorts if cohort["revenue"]]
        return [(self.env._("Retention"), heads, rows), (self.env._("Retention of revenue"), heads, brought)]

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
        return [(self.env._("Segment changes"), (self.env._("From"), self.env._("To"), self.env._("Customers")), rows)]
