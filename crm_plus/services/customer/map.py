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
        """``get_concentration`` of the profiles, and the curve: (% of the customers, best first; % of what they bring),
        ...; none of it but how many customers there are where amounts are not told."""
        from ...engine.customer.pareto import curve, gini, top_share

        classes, values = self._counts() if self.amount_note else self._classes()
        concentration = {
            "by": self.value,
            "classes": classes,
            "top_share": top_share(values, BEST_PERCENT),
            "gini": gini(values),
        }
        return concentration, curve(values)

    def _counts(self):
        """(a row for each ABC class, no values)."""
        query = self.profiles._search(self.mine).select(SQL("crm_customer_profile.abc_class"), SQL("count(*)"))
        found = self.env.execute_query(SQL("%s %s GROUP BY 1 ORDER BY 1", ADD_UP, query))
        return [_row(name, customers, False, None) for name, customers in found], []

    def _classes(self):
        """(a row for each ABC class, what each customer brings).

        All of them are read once, each class in one go, and sorted here: to sort and to number them in the database
        takes twice as long.
        """
        import numpy as np

        values = SQL("string_agg(float8send(COALESCE(%s, 0)::float8), ''::bytea)", self._value)
        query = self.profiles._search(self.mine).select(SQL("crm_customer_profile.abc_class"), values)
        found = self.env.execute_query(SQL("%s %s GROUP BY 1 ORDER BY 1", ADD_UP, query))
        brought = {name: np.frombuffer(numbers, ">f8").astype(float) for name, numbers in found}
        # Who gave back more than they bought takes nothing from the shares of others.
        gained = {name: float(np.maximum(each, 0).sum()) for name, each in brought.items()}
        total = sum(gained.values())
        rows = [
            # a sum of amounts has no more digits than that
            _row(name, len(each), round(float(each.sum()), 6), gained[name] / total if total else None)
            for name, each in brought.items()
        ]
        return rows, np.concatenate([*brought.values(), []])

    def pareto_curve(self):
        """The concentration and its curve: ``points`` of (% of the customers, % of what they bring), best first."""
        concentration, curve = self.concentration()
        points = [{"customers": customers, "revenue": revenue} for customers, revenue in curve]
        context = {"currency_id": self.company.currency_id.id, "amount_note": self.amount_note}
        return {**concentration, "points": points, **context}

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


def _row(name, customers, revenue, share):
    return {"class": name, "customers": customers, "revenue": revenue, "share": share}


def _fifth(count):
    """How many the best fifth of so many customers are, rounded up: that of one customer is this one."""
    return -(-count * BEST_PERCENT // 100)
