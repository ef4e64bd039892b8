"""The models of a company's customers, fitted anew: what they are, and how well they would have forecast."""

import time
from dataclasses import asdict
from datetime import timedelta
from functools import partial

from ...engine.customer.abstention import CannotFit
from .documents import Documents
from .scope import Scope
from .summary import Summary

# Customers whose history the parameters are estimated from: more would only cost memory.
TRAINING_CUSTOMERS = 250_000
# The forecast is checked on the last quarter of the history, between four weeks and half a year of it.
CHECK_SHARE, CHECK_LEAST, CHECK_MOST = 4, 28, 182


class Training:
    """Fits the models of purchases, order values and clusters to a sample of the customers of a company.

    Every model is the kind and the values of its record: what it found, or the reason why it found nothing.
    """

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.profiles = env["crm.customer.profile"]
        self.today = company._crm_plus_today()

    def run(self):
        """``{"gap": the usual interval of all customers, "fitted": [(kind, values), ...]}``."""
        from threadpoolctl import threadpool_limits

        self.env.flush_all()
        count = self.profiles.search_count([("company_id", "=", self.company.id)])
        split = self._split()
        scope = Scope(every=-(-count // TRAINING_CUSTOMERS) or 1)
        scope.prepare(self.env.cr)
        past = Summary(Documents(self.env, self.company, scope), self.today, split)
        past.make()
        gap, summary = past.population_gap(), past.read()
        check = split and (split, past.orders_after())
        past.drop()
        # On busy cores several threads wait for each other longer than one computes.
        with threadpool_limits(1):
            fitted = [*self._fit_models(summary, check), ("clusters", self._fit_clusters(summary))]
        return {"gap": gap, "fitted": fitted}

    def _split(self):
        """The last day a model sees that is to be checked on the days after; None when the history is too short."""
        first = self.profiles.search(
            [("company_id", "=", self.company.id)], order="first_order_date", limit=1
        ).first_order_date
        span = (self.today - first.date()).days if first else 0
        days = min(span // CHECK_SHARE, CHECK_MOST)
        return self.today - timedelta(days=days) if days >= CHECK_LEAST else None

    def _fit_models(self, summary, check):
        """(kind, values of its record) of each model: the MBG/NBD, or when that abstains the BG/NBD as well; and the
        Gamma-Gamma.

        ``check`` is what `_check_forecast` takes, or None when the history is too short for it.
        """
        from ...engine.customer.bgnbd_fit import fit_purchases
        from ...engine.customer.gamma_gamma import fit_values

        history, models = (summary["frequency"], summary["recency"], summary["age"]), []
        for kind, at_start in (("mbg_nbd", True), ("bg_nbd", False)):
            fitted, values = _attempt(partial(fit_purchases, *history, dropout_at_start=at_start))
            if fitted and check:
                values |= self._check_forecast(summary, at_start, *check)
            models.append((kind, values))
            if fitted:
                break
        _fitted, values = _attempt(partial(fit_values, summary["frequency"], summary["value"]))
        return [*models, ("gamma_gamma", values)]

    def _fit_clusters(self, summary):
        """Values of the record of the clusters, found anew, those found last time going on under their codes."""
        from ...engine.customer.clusters import ClusterModel, fit_clusters

        clusters = self.env["crm.customer.cluster"]
        previous = (
            self.env["crm.purchase.model"]
            .search(
                [("company_id", "=", self.company.id), ("kind", "=", "clusters"), ("state", "!=", "abstained")], limit=1
            )
            .parameters
        )
        previous = ClusterModel.from_json(previous) if previous else None
        _fitted, values = _attempt(
            partial(fit_clusters, clusters._features(summary), clusters.FEATURES, previous=previous)
        )
        return {**values, "customers": len(summary["partner_id"])}

    def _check_forecast(self, summary, at_start, split, came_by_day):
        """What a model that saw the past only says of the orders after ``split``, beside those that came."""
        import numpy as np

        from ...engine.customer.bgnbd_fit import fit_purchases
        from ...engine.customer.forecast_check import forecast_by_history, forecast_course

        known = summary["past_frequency"] >= 0
        history = [summary[name][known] for name in ("past_frequency", "past_recency", "past_age")]
        came, repeated = summary["came"][known], summary["repeated"][known]
        try:
            past = fit_purchases(*history, dropout_at_start=at_start)
        except CannotFit:
            return {}
        days = (self.today - split).days
        forecast = past.expected_orders(days, *history)
        return {
            "check_from": split,
            "check_until": self.today,
            "forecast_orders": float(forecast.sum()),
            "actual_orders": int(came.sum()),
            "repeated_orders": int(repeated.sum()),
            "forecast_rmse": float(np.sqrt(((forecast - came) ** 2).mean())),
            "repeated_rmse": float(np.sqrt(((repeated - came) ** 2.0).mean())),
            "forecast_groups": list(map(asdict, forecast_by_history(history[0], forecast, came, repeated))),
            "forecast_course": list(
                map(asdict, forecast_course(past, history, came_by_day, int(repeated.sum()), days))
            ),
        }


def _attempt(fit):
    """The model that ``fit()`` gives, or None; and the values of its record."""
    start = time.monotonic()
    try:
        fitted = fit()
    except CannotFit as refusal:
        shortfall = {
            "reason": refusal.reason.value,
            "found": float(refusal.found),
            "needed": float(refusal.needed),
            "detail": refusal.detail,
        }
        return None, {"state": "abstained", "shortfall": shortfall}
    return fitted, {
        "state": "published",
        "parameters": fitted.to_json(),
        "log_likelihood": getattr(fitted, "log_likelihood", 0.0),
        "customers": getattr(fitted, "customers", 0),
        "seconds": time.monotonic() - start,
    }
