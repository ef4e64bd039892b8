import time
from collections import defaultdict
from dataclasses import asdict
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.customer.abstention import CannotFit
from ...services.customer.scope import Scope
from .crm_purchase_model import USES

# Customers whose history the parameters are estimated from: more would only cost memory.
TRAINING_CUSTOMERS = 250_000
# The forecast is checked on the last quarter of the history, between four weeks and half a year of it.
CHECK_SHARE, CHECK_LEAST, CHECK_MOST = 4, 28, 182


class CrmPurchaseModel(models.Model):
    _inherit = "crm.purchase.model"

    # Customers per step of the prediction.
    _prediction_step = 200_000

    @api.model
    def _cron_train(self):
        """Train the models of each company that is due, then predict its customers; a commit after every step.

        A run that was cut short goes on where it stopped: the company remembers the last customer predicted.
        """
        fitted = defaultdict(dict)
        self._in_steps(self._companies_due(), lambda company: self._step(company, fitted[company.id]))

    @api.model
    def _companies_due(self):
        yesterday = fields.Date.today() - timedelta(days=1)
        companies = self.env["res.company"].search([], order="id")
        due = companies.filtered(
            lambda company: (
                company.crm_plus_predicted_until
                or not company.crm_plus_trained_date
                or company.crm_plus_trained_date < yesterday
            )
        )
        return due.sorted(lambda company: company.crm_plus_trained_date or fields.Date.to_date("1900-01-01"))

    @api.model
    def _step(self, company, fitted=None):
        """Do what comes next for the company: train, or predict some customers. True when all is done.

        ``fitted`` holds what was fitted: when another transaction is in the way of keeping it, it is kept in one that
        does nothing else, and not fitted again.
        """
        profiles = self.env["crm.customer.profile"].with_company(company)
        # The refresh holds the same lock, because both write the profiles of the company: later, then.
        if not profiles._lock_company(company):
            self.env["crm.job"]._wake("ir_cron_train", fields.Datetime.now() + timedelta(minutes=10))
            return True
        if not company.crm_plus_predicted_until:
            fitted = {} if fitted is None else fitted
            if not fitted:
                fitted.update(self._fit(company))
            self._keep(company, **fitted)
            company.sudo().write(  # sudo: columns of ours that nobody writes by hand
                {"crm_plus_trained_date": company._crm_plus_today(), "crm_plus_predicted_until": -1}
            )
            return False
        if company.crm_plus_predicted_until < 0:  # also when an earlier version is in use again
            self.env["crm.customer.cluster"]._show_those_in_use(company)
        after = max(company.crm_plus_predicted_until, 0)
        last = self._last_of_step(company, after)
        profiles._predict(company, Scope(first=after + 1, last=last or 2**31 - 1))
        if not last:
            # Tiers and segments that rest on predictions follow at once, within this job: no user waits for it.
            self.env["crm.tier"]._recompute_limits(company)
            profiles._refresh_places(company)
        company.sudo().crm_plus_predicted_until = last or 0  # sudo: as above
        return not last

    @api.model
    def _last_of_step(self, company, after):
        """The last customer of the step that begins after the customer ``after``; None when it is the last step."""
        self.env["crm.customer.profile"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id FROM crm_customer_profile WHERE company_id = %s AND partner_id > %s
                    ORDER BY partner_id OFFSET %s LIMIT 1""",
                company.id,
                after,
                self._prediction_step - 1,
            )
        )
        return rows[0][0] if rows else None

    @api.model
    def _fit(self, company):
        """What all models of the company are when they are fitted anew: what `_keep` takes."""
        from threadpoolctl import threadpool_limits

        profiles = self.env["crm.customer.profile"]
        self.env.flush_all()
        today = company._crm_plus_today()
        count = profiles.search_count([("company_id", "=", company.id)])
        split = self._split(company, today)
        scope = Scope(every=-(-count // TRAINING_CUSTOMERS) or 1)
        profiles._prepare(scope)
        profiles._summarize(company, scope, today, split)
        gap = self._population_gap()
        summary = profiles._read_summary()
        check = split and (split, today, profiles._orders_after(company, scope, split, today))
        self.env.cr.execute("DROP TABLE crm_plus_summary")
        # On busy cores several threads wait for each other longer than one computes.
        with threadpool_limits(1):
            fitted = [*self._fit_models(summary, check), ("clusters", self._fit_clusters(company, summary))]
        return {"gap": gap, "fitted": fitted}

    @api.model
    def _keep(self, company, gap, fitted):
        """Put the models ``fitted``, pairs (kind, values), to use."""
        company.sudo().crm_plus_population_gap = gap  # sudo: as above
        latest = self.search([("company_id", "=", company.id)], limit=1)
        for use in sorted({USES[kind] for kind, _values in fitted}):
            self._retire(company, use)
        for kind, values in fitted:
            self.create({**values, "company_id": company.id, "version": latest.version + 1, "kind": kind})
        # Within this step: customers who are touched before the next one are put into these clusters.
        self.env["crm.customer.cluster"]._show_those_in_use(company)
        self.env["crm.customer.cohort"]._refresh(company)

    @api.model
    def _split(self, company, today):
        """The last day a model sees that is to be checked on the days after; None when the history is too short."""
        first = (
            self.env["crm.customer.profile"]
            .search([("company_id", "=", company.id)], order="first_order_date", limit=1)
            .first_order_date
        )
        span = (today - first.date()).days if first else 0
        days = min(span // CHECK_SHARE, CHECK_MOST)
        return today - timedelta(days=days) if days >= CHECK_LEAST else None

    @api.model
    def _population_gap(self):
        """The median of the customers' median gaps: the SQL twin of ``engine.customer.rhythm.population_interval``."""
        rows = self.env.execute_query(
            SQL("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FROM crm_plus_summary")
        )
        return rows[0][0]

    @api.model
    def _fit_models(self, summary, check):
        """(kind, values of its record) of each model: the MBG/NBD, or when that abstains the BG/NBD as well; and the
        Gamma-Gamma.

        ``check`` is what `_check_forecast` takes, or None when the history is too short for it.
        """
        from ...engine.customer.bgnbd_fit import fit_purchases
        from ...engine.customer.gamma_gamma import fit_values

        history, models = (summary["frequency"], summary["recency"], summary["age"]), []
        for kind, at_start in (("mbg_nbd", True), ("bg_nbd", False)):
            fitted, values = self._attempt(partial(fit_purchases, *history, dropout_at_start=at_start))
            if fitted and check:
                values |= self._check_forecast(summary, at_start, *check)
            models.append((kind, values))
            if fitted:
                break
        _fitted, values = self._attempt(partial(fit_values, summary["frequency"], summary["value"]))
        return [*models, ("gamma_gamma", values)]

    @api.model
    def _fit_clusters(self, company, summary):
        """Values of the record of the clusters, found anew, those found last time going on under their codes."""
        from ...engine.customer.clusters import ClusterModel, fit_clusters

        clusters = self.env["crm.customer.cluster"]
        previous = self.search(
            [("company_id", "=", company.id), ("kind", "=", "clusters"), ("state", "!=", "abstained")], limit=1
        ).parameters
        previous = ClusterModel.from_json(previous) if previous else None
        _fitted, values = self._attempt(
            partial(fit_clusters, clusters._features(summary), clusters.FEATURES, previous=previous)
        )
        return {**values, "customers": len(summary["partner_id"])}

    @api.model
    def _attempt(self, fit):
        """The model that ``fit()`` gives, or None; and the values of its record."""
        start = time.monotonic()
        try:
            fitted = fit()
        except CannotFit as refusal:
            abstention = {
                "reason": refusal.reason.value,
                "found": float(refusal.found),
                "needed": float(refusal.needed),
                "detail": refusal.detail,
            }
            return None, {"state": "abstained", "abstention": abstention}
        return fitted, {
            "state": "published",
            "parameters": fitted.to_json(),
            "log_likelihood": getattr(fitted, "log_likelihood", 0.0),
            "customers": getattr(fitted, "customers", 0),
            "duration": time.monotonic() - start,
        }

    @api.model
    def _check_forecast(self, summary, at_start, split, today, came_by_day):
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
        days = (today - split).days
        forecast = past.expected_orders(days, *history)
        return {
            "check_from": split,
            "check_until": today,
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
