from odoo import api, models
from odoo.tools import SQL

from ...engine.customer.rhythm import PRIOR_GAPS

OUTLOOK = (
    ("partner_id", "int4"), ("p_alive", "float8"), ("expected_orders", "float8"), ("clv", "float8"),
    ("cluster_id", "int4"),
)  # fmt: skip
PREDICTED = ("interval_days", "next_order_date", "p_alive", "churn_risk", "expected_orders", "clv", "cluster_id")


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    @api.model
    def _figures(self, company, scope):
        """Touched customers are predicted anew with the parameters in use; all of them by the training job."""
        columns, figures = super()._figures(company, scope)
        if scope.ids is None:
            return columns, figures
        self._forecast(company, scope)
        return (*columns, *PREDICTED), SQL(
            "SELECT f.*, %s FROM (%s) f LEFT JOIN (%s) o ON o.partner_id = f.partner_id",
            SQL(", ").join(SQL.identifier("o", name) for name in PREDICTED),
            figures,
            self._predicted_query(company),
        )

    @api.model
    def _predict(self, company, scope):
        """Bring the predictions of the customers of the scope up to date; how many rows changed.

        One statement reads, numpy computes, one statement writes what differs.
        """
        self._prepare(scope)
        self._forecast(company, scope)
        cr = self.env.cr
        cr.execute(
            SQL(
                """UPDATE crm_customer_profile p SET (%(columns)s) = ROW(%(new)s)
                     FROM crm_customer_profile known LEFT JOIN (%(predicted)s) f ON f.partner_id = known.partner_id
                    WHERE p.id = known.id AND known.company_id = %(company)s AND %(scope)s
                      AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
                columns=SQL(", ").join(map(SQL.identifier, PREDICTED)),
                new=SQL(", ").join(SQL.identifier("f", name) for name in PREDICTED),
                old=SQL(", ").join(SQL.identifier("p", name) for name in PREDICTED),
                predicted=self._predicted_query(company),
                company=company.id,
                scope=scope.on(SQL("known.partner_id")),
            )
        )
        changed = cr.rowcount
        cr.execute("DROP TABLE crm_plus_summary; DROP TABLE crm_plus_outlook")
        self.invalidate_model(PREDICTED, flush=False)
        return changed

    @api.model
    def _forecast(self, company, scope):
        """Make ``crm_plus_summary`` and, a row for each of its, ``crm_plus_outlook``."""
        self._summarize(company, scope, company._crm_plus_today())
        self._copy_in("crm_plus_outlook", OUTLOOK, self._outlook(company, self._read_summary()))
        self.env.cr.execute("ANALYZE crm_plus_summary; ANALYZE crm_plus_outlook")

    @api.model
    def _predicted_query(self, company):
        """SQL of (partner_id, columns `PREDICTED`) of every customer with an order up to today."""
        return SQL(
            """SELECT s.partner_id, round(rhythm.days::numeric, 2) AS interval_days,
                      s.last_day + round(rhythm.days)::int AS next_order_date,
                      round(o.p_alive, 4) AS p_alive, round(100 * (1 - o.p_alive), 1) AS churn_risk,
                      round(o.expected_orders, 2) AS expected_orders, round(o.clv, %(digits)s) AS clv, o.cluster_id
                 FROM crm_plus_summary s
                 JOIN (SELECT partner_id, NULLIF(p_alive, 'NaN')::numeric AS p_alive,
                              NULLIF(expected_orders, 'NaN')::numeric AS expected_orders,
                              NULLIF(clv, 'NaN')::numeric AS clv, NULLIF(cluster_id, 0) AS cluster_id
                         FROM crm_plus_outlook) o ON o.partner_id = s.partner_id,
                      LATERAL (SELECT %(interval)s AS days) rhythm""",
            digits=company.currency_id.decimal_places,
            interval=_interval(company),
        )

    @api.model
    def _outlook(self, company, summary):
        """The columns `OUTLOOK` for the rows of a summary, by the models the company has in use."""
        import numpy as np
        from threadpoolctl import threadpool_limits

        from ...engine.customer.bgnbd import PurchaseModel
        from ...engine.customer.clv import Horizon, outlook
        from ...engine.customer.gamma_gamma import ValueModel
        from ...engine.customer.purchase import PurchaseSummary

        n = len(summary["partner_id"])
        nothing = np.full(n, np.nan)
        result = {"partner_id": summary["partner_id"], "p_alive": nothing, "expected_orders": nothing, "clv": nothing}
        # On busy cores several threads wait for each other longer than one computes.
        with threadpool_limits(1):
            purchases, values = (
                self.env["crm.purchase.model"]._published(company, use) for use in ("purchases", "values")
            )
            if purchases and n:
                history = [summary[name] for name in ("partner_id", "frequency", "recency", "age", "value")]
                values = ValueModel.from_json(values.parameters) if values else None
                model = PurchaseModel.from_json(purchases.parameters)
                found = outlook(PurchaseSummary(*history), model, values, Horizon())
                result |= {"p_alive": found.p_alive, "expected_orders": found.orders}
                result["clv"] = nothing if values is None else found.lifetime_value
            result["cluster_id"] = self.env["crm.customer.cluster"]._assign(company, summary)
        return result


def _interval(company):
    """The interval in days of a row ``s`` of ``crm_plus_summary``: the SQL twin of ``engine.customer.rhythm``."""
    population = company.crm_plus_population_gap
    if not population:
        return SQL("s.gap")
    return SQL(
        "exp((s.frequency * ln(s.gap) + %(prior)s * ln(%(population)s::float8)) / (s.frequency + %(prior)s))",
        prior=PRIOR_GAPS,
        population=population,
    )
