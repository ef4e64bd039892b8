"""What is likely to come of each customer, by the models the company has in use."""

from odoo.tools import SQL

from ...engine.customer.rhythm import (
    LONGEST,
    NORMAL_90,
    PRIOR_GAPS,
    PRIOR_SPREAD,
    SEASON,
    SEASON_SLACK,
    USUAL_SPREAD,
)  # fmt: skip
from ..arrays import copy_in
from .documents import Documents
from .summary import Summary, purchase_summary

OUTLOOK = (
    ("partner_id", "int4"), ("p_alive", "float8"), ("churn_risk", "float8"), ("expected_orders", "float8"),
    ("clv", "float8"), ("cluster_id", "int4"),
)  # fmt: skip
PREDICTED = (
    "interval_days", "next_order_date", "overdue_date", "p_alive", "churn_risk", "expected_orders", "clv", "cluster_id",
)  # fmt: skip


def predict(env, company, scope):
    """Bring the predictions of the customers of the scope up to date; how many rows changed.

    One statement reads, numpy computes, one statement writes what differs.
    """
    scope.prepare(env.cr)
    outlook = Outlook(Summary(Documents(env, company, scope), company._crm_plus_today()))
    outlook.make()
    env.cr.execute(
        SQL(
            """UPDATE crm_customer_profile p SET (%(columns)s) = ROW(%(new)s)
                 FROM crm_customer_profile known LEFT JOIN (%(predicted)s) f ON f.partner_id = known.partner_id
                WHERE p.id = known.id AND known.company_id = %(company)s AND %(scope)s
                  AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
            columns=SQL(", ").join(map(SQL.identifier, PREDICTED)),
            new=SQL(", ").join(SQL.identifier("f", name) for name in PREDICTED),
            old=SQL(", ").join(SQL.identifier("p", name) for name in PREDICTED),
            predicted=outlook.query(),
            company=company.id,
            scope=scope.on(SQL("known.partner_id")),
        )
    )
    changed = env.cr.rowcount
    outlook.drop()
    env["crm.customer.profile"].invalidate_model(PREDICTED, flush=False)
    return changed


class Outlook:
    """The columns `PREDICTED` of the customers of a summary."""

    def __init__(self, summary):
        self.env, self.company, self.summary = summary.env, summary.documents.company, summary

    def make(self):
        """Make the summary and, a row for each of its, ``crm_plus_outlook``."""
        self.summary.make()
        copy_in(self.env, "crm_plus_outlook", OUTLOOK, self._foretold(self.summary.read()))
        self.env.cr.execute("ANALYZE crm_plus_summary; ANALYZE crm_plus_outlook")

    def drop(self):
        self.summary.drop()
        self.env.cr.execute("DROP TABLE crm_plus_outlook")

    def query(self):
        """SQL of (partner_id, columns `PREDICTED`) of every customer with an order up to today."""
        return SQL(
            """SELECT s.partner_id, round(rhythm.days::numeric, 2) AS interval_days,
                      s.last_day + round(rhythm.days)::int AS next_order_date,
                      s.last_day + ceil(rhythm.patience)::int AS overdue_date,
                      round(o.p_alive, 4) AS p_alive, round(100 * o.churn_risk, 1) AS churn_risk,
                      round(o.expected_orders, 2) AS expected_orders,
                      round(o.clv * %(share)s, %(digits)s) AS clv, o.cluster_id
                 FROM crm_plus_summary s
                 JOIN (SELECT partner_id, NULLIF(p_alive, 'NaN')::numeric AS p_alive,
                              NULLIF(churn_risk, 'NaN')::numeric AS churn_risk,
                              NULLIF(expected_orders, 'NaN')::numeric AS expected_orders,
                              NULLIF(clv, 'NaN')::numeric AS clv, NULLIF(cluster_id, 0) AS cluster_id
                         FROM crm_plus_outlook) o ON o.partner_id = s.partner_id,
                      LATERAL (SELECT %(interval)s AS days, %(patience)s AS patience) rhythm""",
            digits=self.company.currency_id.decimal_places,
            share=SQL("s.margin_share") if self.company._crm_plus_by_margin() else SQL("1"),
            interval=self._interval(),
            patience=self._patience(),
        )

    def _interval(self):
        """The interval in days of a row ``s`` of ``crm_plus_summary``: the SQL twin of ``engine.customer.rhythm``."""
        population = self.company.crm_plus_population_gap
        if not population:
            return SQL("s.gap")
        return SQL(
            "exp((s.frequency * ln(s.gap) + %(prior)s * ln(%(population)s::float8)) / (s.frequency + %(prior)s))",
            prior=PRIOR_GAPS,
            population=population,
        )

    def _patience(self):
        """Days after which an order of a row ``s`` is overdue: the SQL twin of ``engine.customer.rhythm.patience``."""
        population = self.company.crm_plus_population_gap
        if not population:
            return SQL("NULL::float8")
        return SQL(
            """CASE WHEN s.gap IS NOT NULL THEN least(greatest(
                   exp((s.frequency * s.log_gap + %(prior)s * ln(%(population)s::float8)) / (s.frequency + %(prior)s)
                       + (%(normal)s + %(tail)s / (%(degrees)s + s.frequency - 1))
                         * sqrt((%(degrees)s * %(spread)s::float8 ^ 2 + (s.frequency - 1) * s.log_spread)
                                / (%(degrees)s + s.frequency - 1) * (1 + 1 / (s.frequency + %(prior)s)))),
                   CASE WHEN s.longest BETWEEN %(from)s AND %(to)s THEN %(slack)s * s.longest END), %(longest)s) END""",
            prior=PRIOR_GAPS,
            population=population,
            normal=NORMAL_90,
            tail=(NORMAL_90**3 + NORMAL_90) / 4,
            degrees=PRIOR_SPREAD,
            spread=self.company.crm_plus_population_spread or USUAL_SPREAD,
            slack=SEASON_SLACK,
            longest=LONGEST,
            **dict(zip(("from", "to"), SEASON, strict=True)),
        )

    def _foretold(self, summary):
        """The columns `OUTLOOK` for the rows of a summary."""
        import numpy as np
        from threadpoolctl import threadpool_limits

        from ...engine.customer.clv import Horizon, outlook
        from ...engine.customer.forecaster import Forecaster
        from ...engine.customer.value_contest import MODELS

        n = len(summary["partner_id"])
        nothing = np.full(n, np.nan)
        result = dict.fromkeys(("p_alive", "churn_risk", "expected_orders", "clv"), nothing)
        result["partner_id"] = summary["partner_id"]
        # On busy cores several threads wait for each other longer than one computes.
        with threadpool_limits(1):
            purchases, values = (
                self.env["crm.purchase.model"]._published(self.company, use) for use in ("purchases", "values")
            )
            if purchases and n:
                values = MODELS[values.kind].from_json(values.parameters) if values else None
                model = Forecaster.from_json(purchases.kind, purchases.parameters)
                summary_of_all, months = purchase_summary(summary), int(self.company.crm_plus_clv_months)
                found = outlook(summary_of_all, model, values, Horizon())
                result |= {"p_alive": found.p_alive, "churn_risk": found.churn_risk, "expected_orders": found.orders}
                if values is not None and months != Horizon().months:
                    found = outlook(summary_of_all, model, values, Horizon(months=months))
                result["clv"] = nothing if values is None else found.lifetime_value
            result["cluster_id"] = self.env["crm.customer.cluster"]._assign(self.company, summary)
        return result
