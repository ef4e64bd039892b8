"""Days of a company whose figures are counted, and what each statement about them needs."""

from dataclasses import dataclass
from datetime import date, timedelta

from odoo.tools import SQL

from ..customer.documents import order_day


@dataclass(frozen=True, slots=True)
class Span:
    """The days ``first`` to ``last`` of a company, both included."""

    company: object
    first: date
    last: date

    @property
    def begins(self):
        """The moment in UTC at which the first day begins."""
        return self.company._crm_plus_start_of_day(self.first)

    @property
    def ends(self):
        """The moment in UTC at which the last day is over."""
        return self.company._crm_plus_start_of_day(self.last + timedelta(days=1))

    @property
    def before(self):
        """The day before the first: whatever happened earlier is counted there."""
        return self.first - timedelta(days=1)

    def during(self, moment):
        """SQL: whether a moment is within these days."""
        return SQL("%(moment)s >= %(begins)s AND %(moment)s < %(ends)s", moment=moment, begins=self.begins,
                   ends=self.ends)  # fmt: skip

    def day(self, moment):
        """SQL: the day of a moment where the company is."""
        return order_day(self.company, moment)


def figures(rows, *named):
    """A SELECT of (date, figure, segment_id, tier_id, team_id, channel_id, numerator, denominator).

    ``rows`` is SQL with a column ``day``; it may have those of the dimensions, ``named`` are (code, numerator,
    denominator or None): columns or expressions of it. ``dimensions`` that it lacks are given by the caller as NULL.
    """
    values = SQL(", ").join(
        SQL("(%s, (%s)::float8, (%s)::float8)", code, SQL(numerator), SQL(denominator or "NULL"))
        for code, numerator, denominator in named
    )
    return SQL(
        """SELECT r.day AS date, f.figure, r.segment_id, r.tier_id, r.team_id, r.channel_id, f.numerator, f.denominator
             FROM (%s) r CROSS JOIN LATERAL (VALUES %s) f (figure, numerator, denominator)""",
        rows,
        values,
    )
