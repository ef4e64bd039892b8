from odoo import api, models
from odoo.tools import SQL


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    @api.model
    @api.readonly
    def get_concentration(self):
        """How the revenue of the current company is spread over its customers.

        ``{"classes": [{"class": "A", "customers": 20, "revenue": 800.0, "share": 0.8}, ...], "top_share": 0.8, "gini":
        0.7}``: the share of revenue that the best 20 % of the customers bring, and the Gini coefficient; None without
        revenue. Who gave back more than they bought takes nothing from the shares of others.
        """
        return self._concentration()[0]

    @api.model
    def _of_current_company(self):
        return [("company_id", "=", self.env.company.id)]

    @api.model
    def _concentration(self):
        """`get_concentration`, and the curve: [(% of the customers, best first; % of the revenue or None)]."""
        mine = self._of_current_company()
        classes = self._read_group(mine, ["abc_class"], ["__count", "revenue:sum"], order="abc_class")
        brought = dict(self._read_group([*mine, ("revenue", ">", 0)], ["abc_class"], ["revenue:sum"]))
        total = sum(brought.values())
        count = sum(customers for _name, customers, _revenue in classes)
        rows = self._revenue_curve(count) if count else []
        concentration = {
            "classes": [
                {
                    "class": name,
                    "customers": customers,
                    "revenue": revenue,
                    "share": brought.get(name, 0) / total if total else None,
                }
                for name, customers, revenue in classes
            ],
            "top_share": rows[0][2] if rows else None,
            "gini": rows[0][3] if rows else None,
        }
        return concentration, [row[:2] for row in rows]

    @api.model
    def _revenue_curve(self, count):
        """(% of the customers, % of the revenue, share of the best fifth, Gini coefficient), the last two in each row.

        The SQL twin of ``engine.customer.pareto.top_share`` and ``gini`` over the ``count`` customers the user may
        see: one pass in the order of the index, best first, a part of a percent at a time.
        """
        ranked = self._search(self._of_current_company()).select(
            SQL("greatest(revenue, 0) AS revenue, row_number() OVER (ORDER BY revenue DESC, id DESC) AS i")
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

    @api.model
    def _repeat_rate(self):
        """% of customers with orders on several days: the SQL twin of ``engine.customer.cohorts.repeat_rate``."""
        rate = SQL(
            "round(100.0 * count(*) FILTER (WHERE %(first)s <> %(last)s) / NULLIF(count(*), 0), 1)::float8",
            first=self._order_day(self.env.company, SQL("first_order_date")),
            last=self._order_day(self.env.company, SQL("last_order_date")),
        )
        return self.env.execute_query(self._search(self._of_current_company()).select(rate))[0][0]
