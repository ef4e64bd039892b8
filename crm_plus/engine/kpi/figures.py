"""The headline figures of a company and how they add up.

A figure of a day is a numerator and, where it is a ratio, a denominator; never the ratio itself, so that months, teams
and companies add up right: the average order of a quarter is its revenue divided by its orders.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# A customer is active for so many days after an order.
ACTIVE_DAYS = 365
# A customer has been contacted when it happened in the last days.
CONTACT_DAYS = 90
# Percent of churn risk from which the revenue of a customer is at risk.
AT_RISK = 50
# Months that are replayed from documents at the beginning.
REPLAYED_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure.

    ``kind`` says how days add up: what flows is added, a stock is the mean of its days, a ratio is the sum of its
    numerators divided by that of its denominators. ``unit`` is "count", "money", "percent", "points" (of a hundred,
    which may be negative) or "hours". More of it is better (1), less of it (-1), or neither (0): ``better``.

    >>> Figure("win_rate", "ratio", "percent").value([(1, 2), (2, 2)])
    75.0
    """

    code: str
    kind: str
    unit: str = "count"
    better: int = 1

    def value(self, days: Iterable[tuple[float, float | None]]) -> float | None:
        """What these (numerator, denominator), a pair for each day, come to; None when there is nothing to say.

        >>> Figure("customers", "stock").value([(10, None), (20, None)])
        15.0
        >>> Figure("orders", "flow").value([]), Figure("win_rate", "ratio").value([(0, 0)])
        (None, None)
        """
        days = list(days)
        if not days:
            return None
        total = sum(numerator for numerator, _denominator in days)
        if self.kind == "flow":
            return total
        parts = len(days) if self.kind == "stock" else sum(denominator or 0 for _numerator, denominator in days)
        return self.factor * total / parts if parts else None

    @property
    def factor(self) -> int:
        """What a quotient is multiplied by."""
        return 100 if self.unit in ("percent", "points") else 1


FIGURES = (
    Figure("customers", "stock"),
    Figure("active_customers", "stock"),
    Figure("new_customers", "flow"),
    Figure("lost_customers", "flow", better=-1),
    Figure("won_back_customers", "flow"),
    Figure("retention", "ratio", "percent"),
    Figure("revenue_retention", "ratio", "percent"),
    Figure("gross_revenue_retention", "ratio", "percent"),
    Figure("repeat_rate", "ratio", "percent"),
    Figure("revenue", "flow", "money"),
    Figure("orders", "flow"),
    Figure("average_order", "ratio", "money"),
    Figure("margin", "flow", "money"),
    Figure("margin_rate", "ratio", "percent"),
    Figure("revenue_at_risk", "stock", "money", better=-1),
    Figure("customer_equity", "stock", "money"),
    Figure("leads", "flow"),
    Figure("hot_leads", "stock"),
    Figure("leads_a", "stock"),
    Figure("leads_b", "stock", better=0),
    Figure("leads_c", "stock", better=0),
    Figure("leads_d", "stock", better=0),
    Figure("won_leads", "flow"),
    Figure("lost_leads", "flow", better=-1),
    Figure("win_rate", "ratio", "percent"),
    Figure("response_time", "ratio", "hours", better=-1),
    Figure("contacts_out", "flow"),
    Figure("contacts_in", "flow"),
    Figure("contacted", "ratio", "percent"),
    Figure("activities_done", "flow"),
    Figure("activities_overdue", "stock", better=-1),
    Figure("data_quality", "ratio", "percent"),
    Figure("opt_outs", "stock", better=-1),
    Figure("satisfaction", "ratio", "percent"),
    Figure("nps", "ratio", "points"),
    Figure("detractors", "ratio", "percent", better=-1),
)
BY_CODE = {figure.code: figure for figure in FIGURES}
# What cannot be known of past days: it is recorded from the installation on.
SINCE_RECORDED = frozenset(
    {
        "revenue_at_risk",
        "customer_equity",
        "hot_leads",
        "leads_a",
        "leads_b",
        "leads_c",
        "leads_d",
        "contacted",
        "activities_overdue",
        "data_quality",
        "opt_outs",
    }
)


def codes(kind: str) -> tuple[str, ...]:
    """The figures whose days add up like that.

    >>> "customers" in codes("stock"), "revenue" in codes("stock")
    (True, False)
    """
    return tuple(figure.code for figure in FIGURES if figure.kind == kind)


def change(now: float | None, before: float | None) -> float | None:
    """The change in percent of what was before; None where there is none to speak of.

    >>> change(110, 100), change(5, 0), change(None, 3)
    (10.0, None, None)
    """
    if now is None or not before:
        return None
    return 100 * (now - before) / abs(before)
