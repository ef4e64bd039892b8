"""The models of a company's customers, fitted anew: what they are, and how well they would have forecast."""

import time

from ...engine.customer.abstention import CannotFit
from .documents import Documents
from .purchase_contest import best_purchases, number, told_values
from .scope import Scope
from .summary import Summary, purchase_summary, read_order_days

# Customers whose history the parameters are estimated from: more would only cost memory.
TRAINING_CUSTOMERS = 100_000
# Customers among whom the models compete: more would only take longer.
CONTEST_CUSTOMERS = 20_000


class Training:
    """Fits the models of purchases, order values and clusters to a sample of the customers of a company.

    Every model is the kind and the values of its record: what it found, or the reason why it found nothing.
    """

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.profiles = env["crm.customer.profile"]
        self.today = company._crm_plus_today()

    def models(self):
        """``{"fitted": [(kind, values), ...], "found": the usual interval of all and the spread of its logarithm}``, of
        purchases and of order values."""
        from threadpoolctl import threadpool_limits

        past = self._past()
        gap, spread, summary = past.population_gap(), past.population_spread(), past.read()
        past.drop()
        competing = Documents(self.env, self.company, self._sample(CONTEST_CUSTOMERS))
        days = read_order_days(competing, self.today)
        # On busy cores several threads wait for each other longer than one computes.
        with threadpool_limits(1):
            fitted = [self._fit_purchases(summary, days), self._fit_values(summary, days)]
        found = {"crm_plus_population_gap": gap, "crm_plus_population_spread": spread or 0}
        return {"fitted": fitted, "found": found}

    def clusters(self):
        """The same of the clusters, which take as long as the models together."""
        from threadpoolctl import threadpool_limits

        past = self._past()
        summary = past.read()
        past.drop()
        with threadpool_limits(1):
            return {"fitted": [("clusters", self._fit_clusters(summary))], "found": {}}

    def _past(self):
        """The summary, made, of the customers to learn from."""
        self.env.flush_all()
        scope = self._sample(TRAINING_CUSTOMERS)
        scope.prepare(self.env.cr)
        past = Summary(Documents(self.env, self.company, scope), self.today)
        past.make()
        return past

    def _sample(self, size):
        count = self.profiles.search_count([("company_id", "=", self.company.id)])
        return Scope(every=-(-count // size) or 1)

    def _fit_purchases(self, summary, days):
        """(kind, values of its record) of the model of purchases: whichever forecasts best, or none."""
        from ...engine.customer.order_log import OrderLog

        history = summary["frequency"], summary["recency"], summary["age"]
        log = OrderLog.of(days["partner_id"], days["day"])
        values = _attempt(lambda: best_purchases(log, history, self.today))
        return values.pop("kind", "purchases"), values

    def _fit_values(self, summary, days):
        """(kind, values of its record) of the model of order values: whichever tells best what they are worth."""
        from ...engine.customer.value_contest import best_values

        def fit():
            log = days["partner_id"], days["day"], days["amount"]
            model, verdict = best_values(*log, number(self.today), purchase_summary(summary))
            return model, {"contest": told_values(verdict)}

        values = _attempt(fit)
        return values.pop("kind", "values"), values

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
        features = clusters._features(summary)
        values = _attempt(lambda: (fit_clusters(features, clusters.FEATURES, previous=previous), {}))
        return {**values, "customers": len(summary["partner_id"])}


def _attempt(fit):
    """Values of the record of the model that ``fit()`` gives, with others that it gives; or why there is none."""
    start = time.monotonic()
    try:
        fitted, others = fit()
    except CannotFit as refusal:
        shortfall = {
            "reason": refusal.reason.value,
            "found": float(refusal.found),
            "needed": float(refusal.needed),
            "detail": refusal.detail,
        }
        return {"state": "abstained", "shortfall": shortfall}
    return {
        **({"kind": fitted.kind} if hasattr(fitted, "kind") else {}),
        "state": "published",
        "parameters": fitted.to_json(),
        "log_likelihood": getattr(fitted, "log_likelihood", 0.0),
        "customers": getattr(fitted, "customers", 0),
        "seconds": time.monotonic() - start,
        **others,
    }
