"""What recorded figures come to in a period: one reading for the overview and for spreadsheets."""

from odoo.fields import Domain

from ...engine.kpi.figures import BY_CODE


def period_values(days, where, first=None, last=None):
    """``{code: value}`` of the rows of ``where``: stocks as they were on the last recorded day, the others over all
    days from ``first`` to ``last``, either of which may be open."""
    return period_figures(days, where, first, last)[0]


def period_figures(days, where, first=None, last=None):
    """`period_values`, and ``{code: day}``: that last day of each stock."""
    if first:
        where &= Domain("date", ">=", first)
    if last:
        where &= Domain("date", "<=", last)
    groups = days._read_group(where, ["figure"], ["value:sum", "date:max"])
    found = {code: value for code, value, _day in groups if value is not False}
    stocks = {code: day for code, _value, day in groups if BY_CODE[code].kind == "stock"}
    if stocks:
        latest = where & Domain("date", "in", list(set(stocks.values()))) & Domain("figure", "in", list(stocks))
        rows = days._read_group(latest, ["figure", "date:day"], ["value:sum"])
        found |= {code: value for code, day, value in rows if day == stocks[code]}
    return found, stocks
