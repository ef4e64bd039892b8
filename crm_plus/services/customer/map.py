"""All customers of the current company at a glance, as far as the user may see them."""

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..sql import ADD_UP
from . import amounts
from .documents import on_two_days
from .limits import few_text
from .narrowing import customers_left, customers_window

# What the table of the concentration has a row for, and the customers of its headline.
CLASSES, BEST = ("A", "B", "C"), "best"
BEST_PERCENT = 20
DATES = ("first_order_date", "last_order_date")


class CustomerMap:
    """Figures over the profiles of the current company that ``narrowed``, ``{filter: record id}``, leaves;
    ``profiles`` is their model, with the user's rights."""

    def __init__(self, profiles, narrowed=None):
        self.env, self.profiles = profiles.env, profiles
        self.company = profiles.env.company
        self.mine = customers_left(self.company, narrowed or {})
        # What makes one customer worth more than another here.
        self.value = "margin" if self.company._crm_plus_by_margin() else "revenue"
        # Sums of a part of the customers would tell nothing of the whole: then there are none.
        self.amount_note = amounts.note(self.env, self.company)

    def segments(self):
        """Customers and revenue by scores and segment, in one grouping: see ``segment_map`` of the profiles."""
        groups = self.profiles._read_group(
            self.mine,
            ["recency_score", "frequency_score", "segment_id"],
            ["__count", "revenue:sum"],
        )
        segments = self.env["crm.segment"].union(*(segment for _r, _f, segment, *_figures in groups))
        return {
            "currency_id": self.company.currency_id.id,
            "amount_note": self.amount_note,
            "few_note": few_text(self.env, self.company),
            "cells": [
                {"r": r, "f": f, "segment_id": segment.id, "count": count, "revenue": self._shown(revenue)}
                for r, f, segment, count, revenue in groups
            ],
            "segments": segments.sorted().read(["name", "color", "description"]),
        }

    def _shown(self, amount):
        return False if self.amount_note else amount

    def concentration(self):
        """``get_concentration`` of the profiles, and the curve: (% of the customers, best first; % of what they bring
        or None), ..."""
        classes = self._classes()
        brought = {} if self.amount_note else {name: gained for name, _count, _value, gained in classes}
        total = sum(brought.values())
        count = sum(customers for _name, customers, _value, _gained in classes)
        rows = self._curve(count) if count and not self.amount_note else []
        concentration = {
            "by": self.value,
            "classes": [
                {
                    "class": name,
                    "customers": customers,
                    "revenue": self._shown(revenue),
                    "share": brought.get(name, 0) / total if total else None,
                }
                for name, customers, revenue, _gained in classes
            ],
            "top_share": rows[0][2] if rows else None,
            "gini": rows[0][3] if rows else None,
        }
        return concentration, [row[:2] for row in rows]

    def _classes(self):
        """(ABC class, customers, what they bring, without those who gave back more than they bought)."""
        return self.env.execute_query(
            SQL(
                "%s %s GROUP BY 1 ORDER BY 1",
                ADD_UP,
                self.profiles._search(self.mine).select(
                    SQL(
                        """crm_customer_profile.abc_class, count(*), COALESCE(sum(%(value)s), 0),
                           COALESCE(sum(%(value)s) FILTER (WHERE %(value)s > 0), 0)""",
                        value=self._value,
                    )
                ),
            )
        )

    def pareto_curve(self):
        """The concentration and its curve: ``points`` of (% of the customers, % of what they bring), best first."""
        concentration, curve = self.concentration()
        points = [{"customers": customers, "revenue": revenue} for customers, revenue in curve if revenue is not None]
        context = {"currency_id": self.company.currency_id.id, "amount_note": self.amount_note}
        return {**concentration, "points": points, **context}

    def _curve(self, count):
        """(% of the customers, % of what they bring, share of the best fifth, Gini coefficient), the last two in each
        row.

        The SQL twin of ``engine.customer.pareto.top_share`` and ``gini`` over the ``count`` customers the user may
        see: one pass, best first, a part of a percent at a time. It sorts plain numbers, which takes a third of what
        looking up each customer in the order of the index does.
        """
        values = self.profiles._search(self.mine).select(SQL("greatest(%s, 0)::float8 AS revenue", self._value))
        return self.env.execute_query(
            SQL(
                """WITH parts AS (SELECT (100 * i + %(n)s - 1) / %(n)s AS part, sum(revenue) AS revenue,
                                         sum(revenue) FILTER (WHERE i <= %(best)s) AS best,
                                         sum(i * revenue) AS weighted
                                    FROM (SELECT revenue, row_number() OVER (ORDER BY revenue DESC) AS i
                                            FROM (%(values)s) v) ranked
                                   GROUP BY 1)
                   SELECT part::int,
                          round((100 * sum(revenue) OVER (ORDER BY part)
                                 / NULLIF(sum(revenue) OVER (), 0))::numeric, 1)::float8,
                          sum(best) OVER () / NULLIF(sum(revenue) OVER (), 0),
                          (%(n)s + 1.0) / %(n)s - 2 * sum(weighted) OVER () / NULLIF(%(n)s * sum(revenue) OVER (), 0)
                     FROM parts ORDER BY part""",
                n=count,
                best=_fifth(count),
                values=values,
            )
        )

    def window(self, key):
        """The window of the customers of an ABC class, or of the best fifth: they are told by their amounts."""
        if key in CLASSES:
            return customers_window(self.env._("ABC class %s", key), self.mine & Domain("abc_class", "=", key))
        if self.amount_note:
            raise AccessError(self.amount_note)
        return customers_window(self.env._("The best 20% of customers"), self.mine & self._best())

    def _best(self):
        """The condition of those in the best fifth: of customers who bring the same, the first ones."""
        count = self.profiles.search_count(self.mine)
        if not count:
            return Domain.FALSE
        order = SQL("COALESCE(%s, 0) DESC, crm_customer_profile.id", self._value)
        query = self.profiles._search(self.mine)
        query.order, query.limit, query.offset = order, 1, _fifth(count) - 1
        [[last_id, least]] = self.env.execute_query(
            query.select(SQL("crm_customer_profile.id"), SQL("COALESCE(%s, 0)::float8", self._value))
        )
        if least > 0:
            same = Domain(self.value, "=", least) & Domain("id", "<=", last_id)
            return Domain(self.value, ">", least) | same
        # Who brings nothing, or less, is found by no such condition: the unknown is among them.
        query.limit, query.offset = _fifth(count), None
        return Domain("id", "in", [row[0] for row in self.env.execute_query(query.select())])

    @property
    def _value(self):
        return SQL.identifier(self.profiles._table, self.value)

    def repeat_rate(self):
        """% of customers with orders on several days: the SQL twin of ``engine.customer.cohorts.repeat_rate``."""
        rate = SQL(
            "round(100.0 * count(*) FILTER (WHERE %s) / NULLIF(count(*), 0), 1)::float8",
            on_two_days(self.company, *(SQL.identifier(self.profiles._table, name) for name in DATES)),
        )
        return self.env.execute_query(SQL("%s %s", ADD_UP, self.profiles._search(self.mine).select(rate)))[0][0]


def _fifth(count):
    """How many the best fifth of so many customers are, rounded up: that of one customer is this one."""
    return -(-count * BEST_PERCENT // 100)
