"""The return of the effort: what was recorded since the installation beside what was replayed of the year before."""

from odoo.fields import Domain

from ...engine.kpi.effort import comparison, return_of_effort
from ...engine.kpi.figures import BY_CODE, change

DAY = "crm.kpi.day"
# Figures that are compared: what flows is a month's, the others are means of the days or ratios of sums.
COMPARED = (
    "revenue", "margin", "orders", "average_order", "active_customers", "new_customers", "lost_customers",
    "won_back_customers", "contacts_out",
)  # fmt: skip
# Known at the ends of months only.
MONTHLY = ("retention", "revenue_retention")


class Effort:
    """The comparison of the company of ``board``: for managers, as all figures of days are; filters narrow nothing."""

    def __init__(self, board):
        self.env, self.company = board.env, board.company
        self.days = self.env[DAY]
        self.mine = Domain("company_id", "=", self.company.id)

    def card(self):
        """``{"periods", "rows", "segments", "gain", "cost", "return", "basis", "contact_cost"}``; without rows it is
        too early. A row is ``{"code", "label", "unit", "then", "now", "change", "better"}``."""
        empty = {"periods": False, "rows": [], "segments": [], "gain": False, "cost": False, "return": False}
        found = self._comparison() if self.days.has_access("read") else None
        if not found:
            return empty
        then, now = (self._values(found, period) for period in (found.then, found.now))
        labels = dict(self.days._fields["figure"]._description_selection(self.env))
        labels["value"] = self.env._("Lifetime value of a customer")
        rows = [
            self._row(code, labels[code], then.get(code), now.get(code))
            for code in (*COMPARED[:5], "value", *MONTHLY, *COMPARED[5:])
            if code in now
        ]
        return {
            "periods": [[str(day) for day in period] for period in (found.then, found.now)],
            "rows": rows,
            "segments": self._segments(found),
            **self._return(then, now, found.months),
        }

    def _comparison(self):
        recorded = self.mine & Domain("figure", "=", "customers") & Domain("dimension", "=", "company")
        [(first, last)] = self.days._read_group(recorded & Domain("replayed", "=", False), [], ["date:min", "date:max"])
        found = comparison(first, last) if first else None
        there = found and self.days.search_count(recorded & Domain("date", "=", found.then[0]), limit=1)
        return found if there else None

    def _values(self, found, period):
        """``{code: value}`` of a period, flows a month; ``value`` is the lifetime value of a customer."""
        first, last = period
        within = self.mine & Domain("date", ">=", first) & Domain("date", "<=", last)
        of_company = within & Domain("dimension", "=", "company")
        groups = self.days._read_group(
            of_company & Domain("figure", "in", (*COMPARED, *MONTHLY)), ["figure"], ["value:sum"]
        )
        values = {
            code: value / found.months if BY_CODE[code].kind == "flow" else value
            for code, value in groups
            if value is not False
        }
        return values | self._customer_value(period, found)

    def _customer_value(self, period, found):
        """Of lifetime values nothing is known of before: the first that were recorded stand for then."""
        figures = Domain("figure", "in", ("customer_equity", "customers")) & Domain("dimension", "=", "company")
        recorded = self.mine & figures & Domain("replayed", "=", False)
        known = recorded & Domain("figure", "=", "customer_equity")
        order = "date" if period == found.then else "date desc"
        day = self.days.search(known, order=order, limit=1).date
        both = (
            dict(self.days._read_group(recorded & Domain("date", "=", day), ["figure"], ["value:sum"])) if day else {}
        )
        if not both.get("customers") or "customer_equity" not in both:
            return {}
        return {"value": both["customer_equity"] / both["customers"]}

    def _row(self, code, label, then, now):
        figure = BY_CODE.get(code)
        return {
            "code": code,
            "label": label,
            "unit": figure.unit if figure else "money",
            "better": figure.better if figure else 1,
            "then": then if then is not None else False,
            "now": now,
            "change": change(now, then),
        }

    def _return(self, then, now, months):
        """Gain and cost of a month, and what comes of it: of margins where they are known, else of revenue."""
        basis = "margin" if "margin" in now and "margin" in then else "revenue"
        each = self.company.crm_plus_contact_cost
        known = basis in now and basis in then
        gain = now[basis] - then[basis] if known else None
        more = now.get("contacts_out", 0) - then.get("contacts_out", 0)
        cost = each * more if each else None
        found = return_of_effort(gain, cost)
        return {
            "basis": basis,
            "contact_cost": each,
            "gain": gain if gain is not None else False,
            "cost": cost if cost is not None else False,
            "return": found if found is not None else False,
        }

    def _segments(self, found):
        """Customers, revenue a month and revenue a customer and month of each segment, then and now."""
        sums = [self._of_segments(period, found.months) for period in (found.then, found.now)]
        rows = []
        for segment in self.env["crm.segment"].browse({one for side in sums for one in side}).exists().sorted():
            then, now = (side.get(segment.id, {}) for side in sums)
            rows.append({"id": segment.id, "name": segment.name, "then": _of_customer(then), "now": _of_customer(now)})
        return rows

    def _of_segments(self, period, months):
        within = self.mine & Domain("date", ">=", period[0]) & Domain("date", "<=", period[1])
        places = within & Domain("segment_id", "!=", False) & Domain("figure", "in", ("customers", "revenue"))
        found = {}
        for segment, code, value in self.days._read_group(places, ["segment_id", "figure"], ["value:sum"]):
            found.setdefault(segment.id, {})[code] = value / months if code == "revenue" else value
        return found

    def opened(self, key):
        """(model, condition on the recorded days that a row compares), or None."""
        found = self._comparison() if self.days.has_access("read") else None
        code = "customer_equity" if key == "value" else key
        if not found or code not in BY_CODE:
            return None
        then, now = (
            Domain("date", ">=", first) & Domain("date", "<=", last) for first, last in (found.then, found.now)
        )
        return DAY, self.mine & Domain("dimension", "=", "company") & Domain("figure", "=", code) & (then | now)


def _of_customer(sums):
    """A segment's figures with its revenue a customer; False where nothing is known."""
    customers, revenue = sums.get("customers", False), sums.get("revenue", False)
    each = revenue / customers if customers and revenue is not False else False
    return {"customers": customers, "revenue": revenue, "each": each}
