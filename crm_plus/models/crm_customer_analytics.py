from odoo import api, models
from odoo.tools import SQL


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    @api.model
    @api.readonly
    def get_concentration(self):
        """How the revenue of the current company is spread over its customers.

        ``{"classes": [{"class": "A", "customers": 20, "revenue": 800.0}, ...], "top_share": 0.8, "gini": 0.7}``: the
        share of revenue that the best 20 % of the customers bring, and the Gini coefficient; None without revenue.
        """
        classes = self._read_group(
            self._of_current_company(), ["abc_class"], ["__count", "revenue:sum"], order="abc_class"
        )
        top_share, gini = self._concentration()
        return {
            "classes": [
                {"class": name, "customers": customers, "revenue": revenue} for name, customers, revenue in classes
            ],
            "top_share": top_share,
            "gini": gini,
        }

    @api.model
    def _of_current_company(self):
        return [("company_id", "=", self.env.company.id)]

    @api.model
    def _concentration(self):
        """The SQL twin of ``engine.pareto.top_share`` and ``gini`` over the customers the user may see."""
        profiles = self._search(self._of_current_company())
        rows = self.env.execute_query(
            SQL(
                """WITH customers AS (SELECT greatest(revenue, 0) AS revenue, row_number() OVER (ORDER BY revenue) AS i,
                                             count(*) OVER () AS n
                                        FROM crm_customer_profile WHERE id IN %s)
                   SELECT (sum(revenue) FILTER (WHERE i > n - div(n * 20 + 99, 100)) / NULLIF(sum(revenue), 0))::float8,
                          (2 * sum(i * revenue) / NULLIF(max(n) * sum(revenue), 0) - (max(n) + 1.0) / max(n))::float8
                     FROM customers""",
                profiles.subselect(),
            )
        )
        return rows[0]

    @api.model
    def _repeat_rate(self):
        """Percentage of customers who ordered on more than one day: the SQL twin of ``engine.cohorts.repeat_rate``."""
        company = self.env.company
        rows = self.env.execute_query(
            SQL(
                """SELECT round(100.0 * count(*) FILTER (WHERE %(first)s <> %(last)s) / NULLIF(count(*), 0), 1)::float8
                     FROM crm_customer_profile WHERE id IN %(profiles)s""",
                first=self._order_day(company, SQL("first_order_date")),
                last=self._order_day(company, SQL("last_order_date")),
                profiles=self._search(self._of_current_company()).subselect(),
            )
        )
        return rows[0][0]
