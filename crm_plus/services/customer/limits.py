"""Scores and classes of all customers: where one ends and the next begins, and the SQL that compares with that."""

from datetime import timedelta

from odoo.tools import SQL

from ...engine.customer.rfm import ENOUGH, FEW_ORDERS, REPEATED, few_ages, few_revenues
from . import words
from .documents import order_day

# The rule of ``engine.customer.rfm``: the score of a value of doubled mid-rank k among n; the least value of each.
QUANTILE_SCORE = SQL("CASE WHEN k < n THEN 5 * k / (2 * n) + 1 ELSE (5 * k + 2 * n - 1) / (2 * n) END")
QUANTILE_CUTS = SQL(", ").join(SQL("min(value) FILTER (WHERE score >= %s)::text", score) for score in (2, 3, 4, 5))

# A limit of recency that nobody reaches.
NEVER = "infinity"
# So many times the customers that limits were found in are customers of another kind of company.
GROWN = 1.5


def score(company, name, value, cast, cuts=None):
    """SQL of a score 1 to 5; the SQL twin of ``engine.customer.rfm.value_score``. ``cuts``: other limits than those in
    use."""
    cuts = (cuts or company._crm_plus_cuts())[name]
    return SQL("(1 + width_bucket(%s, %s::%s[]))", value, [str(cut) for cut in cuts], SQL(cast))


def abc_class(company, value):
    """SQL of the ABC class; whoever brings nothing is in C."""
    cut_b, cut_a = company._crm_plus_cuts()["abc"]
    return SQL("CASE WHEN %(v)s >= %(a)s THEN 'A' WHEN %(v)s >= %(b)s THEN 'B' ELSE 'C' END", v=value, a=cut_a, b=cut_b)


def few_text(env, company):
    """That there are too few customers for ranks, and where the limits of their scores come from; empty where there are
    enough."""
    few = company._crm_plus_few()
    if not few:
        return ""
    customers, interval = words.customers(env, few), company._crm_plus_found("crm_plus_rfm_cuts").get("interval")
    if not interval:
        return env._("%s are too few for equal groups. The limits are fixed.", customers)
    return env._(
        "%(customers)s are too few for equal groups. The limits follow the usual interval of %(days)s.",
        customers=customers,
        days=words.days(env, interval),
    )


class Limits:
    """The limits of a company's scores and classes, found in the figures of the table ``fresh``."""

    def __init__(self, env, company, fresh, today=None):
        self.env, self.company, self.fresh = env, company, fresh
        self.today = today or company._crm_plus_today()

    def find(self):
        """Cut-points of the scores and of the ABC classes from all customers.

        They stay until the next full refresh, so that a customer refreshed in between is scored like all the others.
        """
        cuts = {}
        cuts["monetary"], cuts["abc"] = self._value_cuts(SQL("revenue"))
        if self.company._crm_plus_by_margin():
            cuts["abc"] = self._value_cuts(SQL("margin"))[1]
        if self.company.crm_plus_rfm_mode == "quantile":
            customers, few = self._customers()
            cuts.update(self._few(customers) if few else self._ranks())
            cuts.update(self._population(customers, few))
        if cuts != self.company._crm_plus_found("crm_plus_rfm_cuts"):
            # sudo: the limits that the refresh has found
            self.company.sudo().crm_plus_rfm_cuts = cuts

    def then(self):
        """The limits, as `_crm_plus_cuts` of the company has them, that the figures would have had on the day."""
        if self.company.crm_plus_rfm_mode == "fixed":
            return self.company._crm_plus_fixed_limits(self.today)
        customers, few = self._customers()
        cuts = {"monetary": self._value_cuts(SQL("revenue"))[0]} | (self._few(customers) if few else self._ranks())
        return self.company._crm_plus_rank_limits(cuts)

    def _customers(self):
        """The number of customers, and whether they are too few for ranks."""
        [[customers]] = self.env.execute_query(SQL("SELECT count(*)::int FROM %s", self.fresh))
        return customers, 0 < customers < ENOUGH

    def _ranks(self):
        """Recency, frequency and revenue by rank; revenue once more if it is that of a period."""
        cuts = {
            "recency": self._quantile_cuts(order_day(self.company, SQL("last"))),
            "frequency": self._frequency_cuts(),
        }
        if self.company._crm_plus_window_since():
            cuts["monetary"] = self._quantile_cuts(SQL("window_revenue"))
        return cuts

    def _few(self, customers):
        """Limits of so few ``customers`` that a rank says nothing: from their own usual interval and order."""
        [[interval, order]] = self.env.execute_query(
            SQL(
                """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY
                              CASE WHEN orders > 1 AND days > 0 THEN days / (orders - 1)::float8 END),
                          COALESCE(sum(revenue) / NULLIF(sum(orders), 0), 0)::float8
                     FROM (SELECT orders, revenue, (%s - %s)::float8 AS days FROM %s) history""",
                order_day(self.company, SQL("last")),
                order_day(self.company, SQL("first")),
                self.fresh,
            )
        )
        ages = few_ages(interval)
        return {
            "recency": [(self.today - timedelta(days=age)).isoformat() for age in reversed(ages)],
            "frequency": [str(orders) for orders in FEW_ORDERS],
            "monetary": [str(round(cut, 2)) for cut in few_revenues(max(order, 0.01))],
            "few": customers,
            "interval": interval and round(interval),
        }

    def _population(self, customers, few):
        """``customers`` and the day ``since`` which the limits have been those of about as many customers."""
        known, found = self.company._crm_plus_known_customers(), self.company._crm_plus_found("crm_plus_rfm_cuts")
        if known and customers < GROWN * known and few == bool(found.get("few")):
            return {name: found[name] for name in ("customers", "since")}
        return {"customers": customers, "since": self.company._crm_plus_today().isoformat()}

    def _quantile_cuts(self, value):
        """The SQL twin of ``engine.customer.rfm.quantile_cuts``: four texts, None where nobody scores that high."""
        rows = self.env.execute_query(
            SQL(
                """WITH v AS (SELECT %(value)s AS value, count(*)::int AS c FROM %(fresh)s GROUP BY 1),
                        r AS (SELECT value, 2 * sum(c) OVER (ORDER BY value) - c AS k, sum(c) OVER () AS n FROM v)
                   SELECT %(cuts)s FROM (SELECT value, %(score)s AS score FROM r) s""",
                value=value,
                fresh=self.fresh,
                score=QUANTILE_SCORE,
                cuts=QUANTILE_CUTS,
            )
        )
        return list(rows[0])

    def _frequency_cuts(self):
        """The SQL twin of ``engine.customer.rfm.frequency_cuts``: who ordered once scores 1."""
        return [cut and str(max(int(cut), REPEATED)) for cut in self._quantile_cuts(SQL("window_orders"))]

    def _value_cuts(self, value):
        """`_quantile_cuts` of a revenue, or a margin, and the least value of class B and of class A: one sort for both.

        The SQL twin of ``engine.customer.pareto.abc_classes``: who has more than a customer brings less than 80 % of
        the total if that customer and those with as much or less bring more than 20 %.
        """
        rows = self.env.execute_query(
            SQL(
                """WITH v AS (SELECT %(value)s AS value, count(*)::int AS c, sum(greatest(%(value)s, 0)) AS mass
                                FROM %(fresh)s GROUP BY %(value)s),
                        r AS (SELECT value, 2 * sum(c) OVER w - c AS k, sum(c) OVER () AS n, sum(mass) OVER w AS upto,
                                     sum(mass) OVER () AS total FROM v WINDOW w AS (ORDER BY value))
                   SELECT %(cuts)s, min(value) FILTER (WHERE value > 0 AND 100 * upto > 5 * total)::text,
                          min(value) FILTER (WHERE value > 0 AND 100 * upto > 20 * total)::text
                     FROM (SELECT value, upto, total, %(score)s AS score FROM r) s""",
                value=value,
                fresh=self.fresh,
                score=QUANTILE_SCORE,
                cuts=QUANTILE_CUTS,
            )
        )
        return list(rows[0][:4]), list(rows[0][4:])
