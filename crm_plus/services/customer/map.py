"""All customers of the current company at a glance, as far as the user may see them."""

from odoo.tools import SQL

from . import amounts
from .documents import order_day
from .limits import few_text


class CustomerMap:
    """Figures over the profiles of the current company; ``profiles`` is their model, with the user's rights."""

    def __init__(self, profiles):
        self.env, self.profiles = profiles.env, profiles
        self.company = profiles.env.company
        # Who was chosen by hand before the first order is not on it.
        self.mine = [("company_id", "=", self.company.id), ("order_count", ">", 0)]
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
        mine, total_of = self.mine, f"{self.value}:sum"
        classes = self.profiles._read_group(mine, ["abc_class"], ["__count", total_of], order="abc_class")
        brought = dict(self.profiles._read_group([*mine, (self.value, ">", 0)], ["abc_class"], [total_of]))
        brought = {} if self.amount_note else brought
        total = sum(brought.values())
        count = sum(customers for _name, customers, _revenue in classes)
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
                for name, customers, revenue in classes
            ],
            "top_share": rows[0][2] if rows else None,
            "gini": rows[0][3] if rows else None,
        }
        return concentration, [row[:2] for row in rows]

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
        see: one pass in the order of the index, best first, a part of a percent at a time.
        """
        ranked = self.profiles._search(self.mine).select(
            SQL(
                "greatest(%(value)s, 0) AS revenue, row_number() OVER (ORDER BY %(value)s DESC %(last)s, id DESC) AS i",
                value=SQL.identifier(self.value),
                # revenue is never empty, and as it is the index has it
                last=SQL("NULLS LAST") if self.value == "margin" else SQL(),
            )
        )
        return self.env.execute_query(
            SQL(
                """WITH parts AS (SELECT (100 * i + %(n)s - 1) / %(n)s AS part, sum(revenue) AS revenue,
                                         sum(revenue) FILTER (WHERE i <= div(%(n)s * 20 + 99, 100)) AS best,
                                         sum(i * revenue) AS weighted
                                    FROM (%(ranked)s) ranked GROUP BY 1)
                   SELECT part::int,
                          round(100 * sum(revenue) OVER (ORDER BY part) / NULLIF(sum(revenue) OVER (), 0), 1)::float8,
                          (sum(best) OVER () / NULLIF(sum(revenue) OVER (), 0))::float8,
                          ((%(n)s + 1.0) / %(n)s
                           - 2 * sum(weighted) OVER () / NULLIF(%(n)s * sum(revenue) OVER (), 0))::float8
                     FROM parts ORDER BY part""",
                n=count,
                ranked=ranked,
            )
        )

    def repeat_rate(self):
        """% of customers with orders on several days: the SQL twin of ``engine.customer.cohorts.repeat_rate``."""
        rate = SQL(
            "round(100.0 * count(*) FILTER (WHERE %(first)s <> %(last)s) / NULLIF(count(*), 0), 1)::float8",
            first=order_day(self.company, SQL("first_order_date")),
            last=order_day(self.company, SQL("last_order_date")),
        )
        return self.env.execute_query(self.profiles._search(self.mine).select(rate))[0][0]
