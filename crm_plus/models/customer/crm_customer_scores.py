from datetime import datetime

from odoo import api, models
from odoo.tools import SQL

from ...engine.customer.rfm import REPEATED

# The rule of ``engine.customer.rfm``: the score of a value of doubled mid-rank k among n; the least value of each.
QUANTILE_SCORE = SQL("CASE WHEN k < n THEN 5 * k / (2 * n) + 1 ELSE (5 * k + 2 * n - 1) / (2 * n) END")
QUANTILE_CUTS = SQL(", ").join(SQL("min(value) FILTER (WHERE score >= %s)::text", score) for score in (2, 3, 4, 5))

# So many times the customers that limits were found in are customers of another kind of company.
GROWN = 1.5

# What is dated earlier is a slip of the keyboard; it counts, as of this moment: neither calendars nor Python's time
# zones go back for ever.
EARLIEST = datetime(1900, 1, 2)


class CrmCustomerProfile(models.Model):
    """Scores and classes of all customers: where one ends and the next begins, and the SQL that compares with that."""

    _inherit = "crm.customer.profile"

    def _recompute_cuts(self, company):
        """Cut-points of the scores and of the ABC classes from all customers.

        They stay until the next full refresh, so that a customer refreshed in between is scored like all the others.
        """
        cuts = {}
        cuts["monetary"], cuts["abc"] = self._revenue_cuts()
        if company.crm_plus_rfm_mode == "quantile":
            cuts["recency"] = self._quantile_cuts(self._order_day(company, SQL("last")))
            cuts["frequency"] = self._frequency_cuts()
            cuts.update(self._population(company))
        if cuts != company.crm_plus_rfm_cuts:
            # sudo: the limits that the refresh has found
            company.sudo().crm_plus_rfm_cuts = cuts

    def _population(self, company):
        """``customers`` and the day ``since`` which the limits have been those of about as many customers."""
        [[customers]] = self.env.execute_query(SQL("SELECT count(*)::int FROM crm_plus_fresh"))
        known = company._crm_plus_known_customers()
        if known and customers < GROWN * known:
            return {name: company.crm_plus_rfm_cuts[name] for name in ("customers", "since")}
        return {"customers": customers, "since": company._crm_plus_today().isoformat()}

    def _quantile_cuts(self, value):
        """The SQL twin of ``engine.customer.rfm.quantile_cuts``: four texts, None where nobody scores that high."""
        rows = self.env.execute_query(
            SQL(
                """WITH v AS (SELECT %(value)s AS value, count(*)::int AS c FROM crm_plus_fresh GROUP BY 1),
                        r AS (SELECT value, 2 * sum(c) OVER (ORDER BY value) - c AS k, sum(c) OVER () AS n FROM v)
                   SELECT %(cuts)s FROM (SELECT value, %(score)s AS score FROM r) s""",
                value=value,
                score=QUANTILE_SCORE,
                cuts=QUANTILE_CUTS,
            )
        )
        return list(rows[0])

    def _frequency_cuts(self):
        """The SQL twin of ``engine.customer.rfm.frequency_cuts``: who ordered once scores 1."""
        return [cut and str(max(int(cut), REPEATED)) for cut in self._quantile_cuts(SQL("orders"))]

    def _revenue_cuts(self):
        """`_quantile_cuts` of the revenue, and the least revenue of class B and of class A: one sort for both.

        The SQL twin of ``engine.customer.pareto.abc_classes``: who has more than a customer brings less than 80 % of
        the total if that customer and those with as much or less bring more than 20 %.
        """
        rows = self.env.execute_query(
            SQL(
                """WITH v AS (SELECT revenue AS value, count(*)::int AS c, sum(greatest(revenue, 0)) AS mass
                                FROM crm_plus_fresh GROUP BY revenue),
                        r AS (SELECT value, 2 * sum(c) OVER w - c AS k, sum(c) OVER () AS n, sum(mass) OVER w AS upto,
                                     sum(mass) OVER () AS total FROM v WINDOW w AS (ORDER BY value))
                   SELECT %(cuts)s, min(value) FILTER (WHERE value > 0 AND 100 * upto > 5 * total)::text,
                          min(value) FILTER (WHERE value > 0 AND 100 * upto > 20 * total)::text
                     FROM (SELECT value, upto, total, %(score)s AS score FROM r) s""",
                score=QUANTILE_SCORE,
                cuts=QUANTILE_CUTS,
            )
        )
        return list(rows[0][:4]), list(rows[0][4:])

    @api.model
    def _order_day(self, company, value):
        """The day of a moment in the time zone of the company; of one before `EARLIEST`, the day of that."""
        return SQL(
            "(greatest(%s, %s) AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", value, EARLIEST, company._crm_plus_tz()
        )

    @api.model
    def _score(self, company, name, value, cast):
        """SQL of a score 1 to 5; the SQL twin of ``engine.customer.rfm.value_score``."""
        cuts = company._crm_plus_cuts()[name]
        return SQL("(1 + width_bucket(%s, %s::%s[]))", value, [str(cut) for cut in cuts], SQL(cast))

    @api.model
    def _abc_class(self, company, value):
        """SQL of the ABC class; whoever brings nothing is in C."""
        cut_b, cut_a = company._crm_plus_cuts()["abc"]
        return SQL(
            "CASE WHEN %(v)s >= %(a)s THEN 'A' WHEN %(v)s >= %(b)s THEN 'B' ELSE 'C' END", v=value, a=cut_a, b=cut_b
        )
