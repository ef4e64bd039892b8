"""The return of the effort: what was recorded since the installation beside what was replayed of the year before."""

from odoo.fields import Domain

from ...engine.kpi.effort import comparison, return_of_effort
from ...engine.kpi.figures import BY_CODE, change
from .explanation import Explanation

DAY = "crm.kpi.day"
# Figures that are compared: what flows is a month's, the others are means of the days or ratios of sums.
COMPARED = (
    "revenue", "margin", "orders", "average_order", "active_customers", "new_customers", "lost_customers",
    "won_back_customers", "contacts_out",
)  # fmt: skip
# Known at the ends of months only.
MONTHLY = ("retention", "revenue_retention")
# Figures that no setting of what counts as revenue changes.
NOT_OF_REVENUE = ("contacts_out",)
# Figures of each segment: of its customers then, wherever they went since.
OF_SEGMENTS = ("customers", "revenue", "margin", "contacts_out", *MONTHLY)


class Effort:
    """The comparison of the company of ``board``: for managers, as all figures of days are; filters narrow nothing."""

    def __init__(self, board):
        self.env, self.company = board.env, board.company
        self.days = self.env[DAY]
        self.mine = Domain("company_id", "=", self.company.id)
        self.explained = Explanation(self.env, board.request, is_live=False).meaning()

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
            **self._return(then, now),
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
        value = self._customer_values(period == found.then, Domain("dimension", "=", "company")).get(False)
        return {} if value is None else {"value": value}

    def _customer_values(self, is_first, places):
        """``{segment id: lifetime value of a customer}`` on the first or the last day on which any was recorded.

        By the customers of the same count, who stand below those contacted: the size of a segment is that of its stays
        on the day, and whoever has moved in the night is valued where they are since.
        """
        recorded = self.mine & Domain("figure", "in", ("customer_equity", "contacted")) & places
        known = recorded & Domain("figure", "=", "customer_equity")
        day = self.days.search(known, order="date" if is_first else "date desc", limit=1).date
        if not day:
            return {}
        groups = self.days._read_group(
            recorded & Domain("date", "=", day), ["segment_id", "figure"], ["numerator:sum", "denominator:sum"]
        )
        found = {}
        for segment, code, numerator, denominator in groups:
            found.setdefault(segment.id, {})[code] = numerator if code == "customer_equity" else denominator
        return {
            segment_id: sums["customer_equity"] / sums["contacted"]
            for segment_id, sums in found.items()
            if sums.get("contacted") and "customer_equity" in sums
        }

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
            "why": " ".join(filter(None, (self._why(code), self._why_counted_differently(code)))),
        }

    def _why(self, code):
        return self.explained.get(code) or self.env._("What a customer is expected to bring, on average.")

    def _why_counted_differently(self, code):
        """That then and now are not of the same documents, where what counts as revenue was changed since."""
        changed = code not in NOT_OF_REVENUE and self.company.crm_plus_basis_date
        return changed and self.env._(
            "Since %s other documents count as revenue: the days before were counted by the former setting.", changed
        )

    def _return(self, then, now):
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

    # ------------------------------------------------------------------ by segment

    def _segments(self, found):
        """``[{"id", "name", "then", "now", "gain", "cost", "return"}]``: ``then`` and ``now`` are customers,
        retention, lifetime value, and revenue and cost a month; False where nothing is known."""
        then, now = (self._of_segments(period, found) for period in (found.then, found.now))
        rows = []
        for segment in self.env["crm.segment"].browse({*then, *now}).exists().sorted():
            before, since = then.get(segment.id, {}), now.get(segment.id, {})
            found_return = self._return(before, since)
            rows.append(
                {
                    "id": segment.id,
                    "name": segment.name,
                    "then": self._of_segment(before),
                    "now": self._of_segment(since),
                    **{name: found_return[name] for name in ("gain", "cost", "return")},
                }
            )
        return rows

    def _of_segments(self, period, found):
        """``{segment id: {figure: value}}`` of a period, flows a month; ``value`` is a customer's lifetime value."""
        places = self._days_of_segments() & Domain("date", ">=", period[0]) & Domain("date", "<=", period[1])
        sums = {}
        for segment, code, value in self.days._read_group(places, ["segment_id", "figure"], ["value:sum"]):
            if value is not False:
                is_flow = BY_CODE[code].kind == "flow"
                sums.setdefault(segment.id, {})[code] = value / found.months if is_flow else value
        values = self._customer_values(period == found.then, Domain("dimension", "=", "segment"))
        for segment_id, value in values.items():
            sums.setdefault(segment_id, {})["value"] = value
        return sums

    def _days_of_segments(self):
        return self.mine & Domain("segment_id", "!=", False) & Domain("figure", "in", OF_SEGMENTS)

    def _of_segment(self, sums):
        customers, revenue = sums.get("customers", False), sums.get("revenue", False)
        contacts, cost = sums.get("contacts_out", False), self.company.crm_plus_contact_cost
        return {
            "customers": customers,
            "revenue": revenue,
            "each": revenue / customers if customers and revenue is not False else False,
            "retention": sums.get("retention", False),
            "revenue_retention": sums.get("revenue_retention", False),
            "value": sums.get("value", False),
            "cost": cost * contacts if cost and contacts is not False else False,
        }

    # ------------------------------------------------------------------ what a row opens

    def opened(self, key):
        """(model, condition on the recorded days that a row compares, a segment's by its id), or None."""
        found = self._comparison() if self.days.has_access("read") else None
        if not found:
            return None
        if isinstance(key, int) and key:
            compared = self._days_of_segments() & Domain("segment_id", "=", key)
        else:
            code = "customer_equity" if key == "value" else key
            if code not in BY_CODE:
                return None
            compared = self.mine & Domain("dimension", "=", "company") & Domain("figure", "=", code)
        then, now = (
            Domain("date", ">=", first) & Domain("date", "<=", last) for first, last in (found.then, found.now)
        )
        return DAY, compared & (then | now)
