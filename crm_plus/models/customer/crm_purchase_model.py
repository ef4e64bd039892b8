from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_amount

from ...engine.customer.abstention import Reason
from ...services.customer import words
from ...services.customer.estimate import EstimatedFloat
from ...services.customer.scope import Scope
from ...services.customer.training import Training
from ...services.loyalty.places import PART, refresh_places

YEAR = 364  # days that 12 months are checked over: whole weeks
PARAMETERS = ("p", "q", "v", "middle", "between", "within", "r", "alpha", "a", "b", "s", "beta")
# "Predicted up to customer" of a company whose models are fitted, but whose clusters have not been since; of one whose
# clusters have been, but whose cohorts have not been counted.
CLUSTERS, COHORTS = -3, -2
MOST_DAYS = 36_525  # a century: beyond, nobody leaves

# Models that say the same thing: one of them is in use.
USES = {
    **dict.fromkeys(("purchases", "nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "own_count"), "purchases"),
    **dict.fromkeys(("values", "gamma_gamma", "log_normal"), "values"),
    "clusters": "clusters",
}


class CrmPurchaseModel(models.Model):
    """One model fitted to the customers of one company, or the exact reason why it could not be."""

    _name = "crm.purchase.model"
    _inherit = ["crm.job.mixin", "crm.trained.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_train"
    _description = "Purchase model"
    _order = "version desc, id desc"
    _rec_name = "version"

    company_id = fields.Many2one(index=True)
    kind = fields.Selection(
        [
            ("mbg_nbd", "Purchases (MBG/NBD)"),
            ("bg_nbd", "Purchases (BG/NBD)"),
            ("pareto_nbd", "Purchases (Pareto/NBD)"),
            ("nbd", "Purchases (NBD)"),
            ("own_count", "Purchases (own history)"),
            ("purchases", "Purchases"),
            ("log_normal", "Order values (log-normal)"),
            ("gamma_gamma", "Order values (Gamma-Gamma)"),
            ("values", "Order values"),
            ("clusters", "Clusters (k-means)"),
        ],
        "Model",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("published", "In use"), ("retired", "Retired"), ("abstained", "No model")],
        required=True,
        readonly=True,
    )
    trained_on = fields.Datetime(required=True, default=fields.Datetime.now)
    parameters = fields.Json("Parameters (data)", readonly=True)
    log_likelihood = fields.Float(
        "Log-likelihood",
        readonly=True,
        aggregator=None,
        help="How well the trained model explains the orders it learned from. Higher is better; only"
        " comparable on the same data.",
    )
    customers = fields.Integer(
        "Customers in training",
        readonly=True,
        aggregator=None,
        help="Customers whose orders this version learned from.",
    )
    seconds = fields.Float(digits=(10, 2))

    contest = fields.Json(
        "Contest (data)", readonly=True, help="How each model forecast from earlier days, the best one first."
    )
    check_from = fields.Date("Forecast from", readonly=True, help="The model saw orders up to this date only.")
    check_until = fields.Date("Forecast until", readonly=True)
    forecast_orders = fields.Float("Orders forecast", readonly=True, aggregator=None)
    actual_orders = fields.Integer("Actual orders", readonly=True, aggregator=None)
    repeated_orders = fields.Integer(
        "Repeat of past orders",
        readonly=True,
        aggregator=None,
        help="Number of order days in the preceding period of the same length: what you would guess without a model.",
    )
    forecast_off = EstimatedFloat(
        "Forecast error (%)",
        compute="_compute_forecast_off",
        digits=(10, 1),
        help="Compared with the actual orders. Above 0: the forecast was too high.",
    )
    forecast_rmse = fields.Float(
        "Error per customer",
        readonly=True,
        digits=(10, 3),
        aggregator=None,
        help="Typical difference between predicted and actual orders of a customer in the months kept aside"
        " for the check.",
    )
    repeated_rmse = fields.Float(
        "Error per customer, repeat of past orders",
        readonly=True,
        digits=(10, 3),
        aggregator=None,
        help="The same error if one had just repeated each customer's past orders. The model is useful when"
        " its own error is lower.",
    )
    forecast_groups = fields.Json("Forecast and orders by earlier orders", readonly=True)
    forecast_course = fields.Json("Forecast and actual orders by week", readonly=True)

    shortfall_text = fields.Char("Why there is no model", compute="_compute_texts")
    findings = fields.Text("What it found", compute="_compute_texts")
    parameters_text = fields.Char("Parameters", compute="_compute_texts")
    contest_text = fields.Text("Why this model", compute="_compute_contest_text")
    check_text = fields.Char("Forecast check", compute="_compute_check_text")
    training_text = fields.Char("Training", compute="_compute_training_text")

    # Customers per step of the prediction.
    _prediction_step = 50_000

    _in_use_unique = models.UniqueIndex(
        "(company_id, (CASE WHEN kind IN ('gamma_gamma', 'log_normal', 'values') THEN 1"
        " WHEN kind = 'clusters' THEN 2 ELSE 0 END))"
        " WHERE state = 'published'"
    )

    @api.depends("forecast_orders", "actual_orders")
    def _compute_forecast_off(self):
        for model in self:
            actual = model.actual_orders
            model.forecast_off = 100 * (model.forecast_orders - actual) / actual if actual else False

    @api.depends("kind", "version")
    def _compute_display_name(self):
        names = dict(self._fields["kind"]._description_selection(self.env))
        for model in self:
            model.display_name = self.env._(
                "%(kind)s, version %(version)s", kind=names[model.kind], version=model.version
            )

    @api.depends("shortfall", "parameters", "kind")
    @api.depends_context("lang")
    def _compute_texts(self):
        for model in self:
            model.shortfall_text = model._shortfall() if model.shortfall else False
            found = model.parameters and not model.shortfall
            model.findings = "\n".join(model._findings()) if found else False
            model.parameters_text = model._parameters_text() if found else False

    @api.depends("forecast_orders", "actual_orders", "repeated_orders", "check_from", "check_until")
    @api.depends_context("lang")
    def _compute_check_text(self):
        for model in self.filtered("check_from"):
            model.check_text = model.env._(
                "Based on orders up to %(split)s only, it forecast %(forecast)s orders from those customers up to "
                "%(end)s. There were %(actual)s. Repeating past orders would have given %(repeated)s.",
                split=model.check_from,
                end=model.check_until,
                forecast=round(model.forecast_orders),
                actual=model.actual_orders,
                repeated=model.repeated_orders,
            )
        (self - self.filtered("check_from")).check_text = False

    @api.depends("contest")
    @api.depends_context("lang")
    def _compute_contest_text(self):
        for model in self:
            lines = model._value_contest_lines if USES.get(model.kind) == "values" else model._contest_lines
            model.contest_text = "\n".join(lines()) if model.contest else False

    def _compute_training_text(self):
        for model in self:
            # sudo: how far the training is, which is no secret of the company
            company = model.company_id.sudo()
            text = False
            if not company.crm_plus_trained_date:
                text = self.env._("A new training is waiting for its turn.")
            elif company.crm_plus_predicted_until:
                text = self.env._("Customers are being predicted with the models in use.")
            model.training_text = text

    def action_publish(self):
        """Use this version again; the customers are predicted anew by the scheduled action."""
        self._check_manager()
        self.ensure_one()
        if self.state == "abstained":
            raise UserError(self.env._("There is no model to use: %s", self.shortfall_text))
        self._retire(self.company_id, USES[self.kind])
        # sudo: a manager's decision, checked above; nothing else of a version can be changed
        self.sudo().state = "published"
        # sudo: nobody writes that by hand
        self.company_id.sudo().crm_plus_predicted_until = -1
        return self._run_soon(self.env._("This version is now in use. It will predict all customers within minutes."))

    def action_train(self):
        """Have the models of the current company trained and all customers predicted as soon as possible."""
        self._check_manager()
        self._note_training(self.env.company)
        return self._run_soon(
            self.env._("Training starts within a minute. Its results will then be at the top of the list.")
        )

    @api.model
    def _train_soon(self, company):
        self._note_training(company)
        self.env["crm.job"]._wake("ir_cron_train")

    @api.model
    def _note_training(self, company):
        # sudo: nobody writes that by hand
        company.sudo().write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})

    @api.model
    def _run_soon(self, message):
        """Wake the scheduled action, and tell the user what to expect."""
        self.env["crm.job"]._wake_for_user("ir_cron_train")
        return self._told(message, next={"type": "ir.actions.client", "tag": "soft_reload"})

    # ------------------------------------------------------------------ use

    @api.model
    def _published(self, company, use):
        """The record in use for "purchases", "values" or "clusters", if any."""
        # sudo: numbers about all customers together, for predictions that a user's own refresh may ask for
        return self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "published"),
                ("kind", "in", [kind for kind, its_use in USES.items() if its_use == use]),
            ]
        )

    @api.model
    def _retire(self, company, use):
        """Take what is in use out of use."""
        self._published(company, use).state = "retired"
        self.flush_model(["state"])

    @api.model
    def _abstention(self, company, use):
        """Why the company has no model for that use: a sentence, or False when it has one."""
        # sudo: a sentence about all customers together, for users who see profiles but not models
        latest = self.sudo().search(
            [("company_id", "=", company.id), ("kind", "in", [kind for kind, its in USES.items() if its == use])],
            limit=1,
        )
        if not latest:
            return self.env._("The models have not been trained yet.")
        return False if self._published(company, use) else latest.shortfall_text

    # ------------------------------------------------------------------ training

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
        """Do what comes next for the company: train models, then clusters, count cohorts, or predict some customers.
        True when all is done.

        ``fitted`` holds what was fitted: when another transaction is in the way of keeping it, it is kept in one that
        does nothing else, and not fitted again.
        """
        profiles = self.env["crm.customer.profile"].with_company(company)
        # The refresh holds the same lock, because both write the profiles of the company: later, then.
        if not profiles._lock_company(company):
            self.env["crm.job"]._wake("ir_cron_train", fields.Datetime.now() + timedelta(minutes=10))
            return True
        if company.crm_plus_predicted_until in (0, CLUSTERS):
            self._train(company, {} if fitted is None else fitted)
            return False
        if company.crm_plus_predicted_until == COHORTS:
            self.env["crm.customer.cohort"]._refresh(company)
            company.sudo().crm_plus_predicted_until = -1  # sudo: as above
            return False
        if company.crm_plus_predicted_until < 0:  # also when an earlier version is in use again
            self.env["crm.customer.cluster"]._show_those_in_use(company)
        after = max(company.crm_plus_predicted_until, 0)
        last = self._last_of_step(company, after)
        profiles._predict(company, Scope(first=after + 1, last=last or 2**31 - 1))
        if not last:
            # Tiers and segments that rest on predictions follow at once, within this job: no user waits for it.
            self.env["crm.tier"]._recompute_limits(company)
            if not refresh_places(profiles.env, company, most=PART):
                self.env["crm.job"]._wake("ir_cron_refresh_profiles")
        company.sudo().crm_plus_predicted_until = last or 0  # sudo: as above
        return not last

    @api.model
    def _train(self, company, fitted):
        """Fit the models or, once that is done, the clusters, and put them to use."""
        step = company.crm_plus_predicted_until
        if step not in fitted:
            fitted[step] = self._fit(company, step)
        self._keep(company, **fitted[step])
        # sudo: the add-on's own columns, which nobody writes by hand
        company.sudo().write(
            {
                "crm_plus_trained_date": company._crm_plus_today(),
                "crm_plus_predicted_until": COHORTS if step == CLUSTERS else CLUSTERS,
            }
        )

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
    def _fit(self, company, step):
        """What the models of the company, or its clusters, are when they are fitted anew: what `_keep` takes."""
        training = Training(self.env, company)
        return training.clusters() if step == CLUSTERS else training.models()

    @api.model
    def _keep(self, company, fitted, found):
        """Put the models ``fitted``, pairs (kind, values), to use; clusters belong to the version of the models that
        were fitted before. ``found`` are values of the company."""
        company.sudo().write(found)  # sudo: as above
        latest = self.search([("company_id", "=", company.id)], limit=1)
        version = latest.version + ("clusters" not in dict(fitted))
        for use in sorted({USES[kind] for kind, _values in fitted}):
            self._retire(company, use)
        for kind, values in fitted:
            self.create({**values, "company_id": company.id, "version": version, "kind": kind})
        self._show_trained(company)
        # Within this step: customers who are touched before the next one are put into these clusters.
        self.env["crm.customer.cluster"]._show_those_in_use(company)

    # ------------------------------------------------------------------ in words

    def _parameters_text(self):
        """The figures themselves, as the literature names them."""
        names = [name for name in PARAMETERS if name in self.parameters]
        if self.kind == "clusters" or not names:
            return False
        return ", ".join(f"{name} = {self.parameters[name]:.4g}" for name in names)

    def _findings(self):
        """What the parameters mean, a line each."""
        return {
            "gamma_gamma": self._gamma_gamma_findings,
            "log_normal": self._log_normal_findings,
            "clusters": self._cluster_findings,
        }.get(self.kind, self._purchase_findings)()

    def _purchase_findings(self):
        found = self.parameters
        if self.kind == "own_count":
            yield self.env._("The orders of a customer follow from how many there were, how regular, and how long ago.")
        else:
            days = words.days(self.env, round(found["alpha"] / found["r"]))
            yield self.env._("Active customers order every %s on average.", days)
        if self.kind == "nbd":
            yield self.env._("Hardly anybody leaves for good: who is silent orders rarely.")
        elif self.kind == "pareto_nbd":
            half = min(found["beta"] * (2 ** (1 / found["s"]) - 1), MOST_DAYS)
            yield self.env._("Half of the customers leave within %s.", words.days(self.env, round(half)))
        elif self.kind in ("bg_nbd", "mbg_nbd"):
            share = round(100 * found["a"] / (found["a"] + found["b"]))
            yield self.env._("After each order, %s%% of them become inactive on average.", share)
        if season := found.get("season"):
            quarters = ", ".join(self.env._("%s %%", round(100 * factor)) for factor in season)
            yield self.env._("With the season, the next four quarters bring of an even year's forecast: %s.", quarters)

    def _log_normal_findings(self):
        from ...engine.customer.log_normal import LogNormalModel

        model = LogNormalModel.from_json(self.parameters)
        mean = format_amount(self.env, model.population_mean, self.company_id.currency_id)
        yield self.env._("The average order value across all customers is %s.", mean)
        if not model.between:
            yield self.env._(
                "Customers do not differ in what their orders are worth: all are expected to pay the same."
            )
            return
        share = round(100 * model.between / (model.between + model.within))
        yield self.env._(
            "Of how much order values differ, %(share)s%% is between customers, the rest between the orders of one.",
            share=share,
        )

    def _gamma_gamma_findings(self):
        p, q, v, correlation = (self.parameters[name] for name in ("p", "q", "v", "correlation"))
        mean = format_amount(self.env, p * v / (q - 1), self.company_id.currency_id)
        yield self.env._("The average order value across all customers is %s.", mean)
        yield self.env._(
            "Customers who order more often do not spend more or less per order: the rank correlation is %s.",
            f"{correlation:.2f}",
        )

    def _cluster_findings(self):
        yield self.env._("%s clusters of customers who buy alike.", len(self.parameters["clusters"]))
        tried = ", ".join(f"{count}: {quality:.2f}" for count, quality in self.parameters["silhouettes"])
        yield self.env._("How well customers fit their cluster, from -1 to 1, by number of clusters: %s.", tried)

    def _contest_lines(self):
        """Why the winner won, how far it may be trusted, and how all others did."""
        contest, past = self.contest, self.contest["repeat"]["deviance"]
        winner, *others = contest["standings"]
        days = words.days(self.env, contest["days"])
        yield self.env._(
            "From %(count)s earlier days, each model forecast the next %(days)s, knowing nothing of them. The error of "
            "this one was %(share)s %% of that of repeating the past, its total off by %(off)s %% on average.",
            count=len(winner["tests"]),
            days=days,
            share=round(100 * winner["deviance"] / past) if past else 0,
            off=round(winner["off"], 1),
        )
        if others:
            yield self._runner_up_text(winner, others[0])
        yield self.env._(
            "What came was between %(low)s %% and %(high)s %% of what it had forecast.",
            low=round(100 * contest["low"]),
            high=round(100 * contest["high"]),
        )
        if contest["days"] < YEAR:
            yield self.env._("The history is too short to check 12 months: they are checked over %s.", days)
        shares = [f"{self._entrant_name(one)} {one['deviance'] / past:.3f}" for one in others if past]
        if shares:
            yield self.env._("The others, in parts of the error of repeating the past: %s.", ", ".join(shares))

    def _value_contest_lines(self):
        """Why this model of order values won, and how the others did."""
        contest = self.contest
        winner, *others = contest["standings"]
        pooled = contest["pooled"]["deviance"]
        names = {
            "log_normal": self.env._("log-normal"),
            "gamma_gamma": self.env._("Gamma-Gamma on repeat orders"),
            "gamma_gamma_first": self.env._("Gamma-Gamma on all orders"),
        }
        yield self.env._(
            "From %(count)s earlier days, each model told what the orders of the next %(days)s would be worth. The "
            "error of this one was %(share)s %% of that of the same average for everybody, its total off by %(off)s %% "
            "on average.",
            count=len(contest["origins"]),
            days=words.days(self.env, contest["days"]),
            share=round(100 * winner["deviance"] / pooled) if pooled else 0,
            off=round(winner["off"], 1),
        )
        if others and pooled:
            texts = [f"{names[one['entrant']]} {round(100 * one['deviance'] / pooled)} %" for one in others]
            yield self.env._("The others: %s.", ", ".join(texts))

    def _runner_up_text(self, winner, other):
        values = {"name": self._entrant_name(other), "off": round(other["off"], 1)}
        if other["deviance"] <= winner["deviance"]:
            return self.env._(
                "Second: %(name)s, as good for each customer, but with a total that was off by %(off)s %%.", **values
            )
        more = 100 * (other["deviance"] / winner["deviance"] - 1) if winner["deviance"] else 0
        return self.env._(
            "Second: %(name)s, with an error %(more)s %% larger and a total that was off by %(off)s %%.",
            more=round(more, 1),
            **values,
        )

    def _entrant_name(self, entrant):
        names = {
            "nbd": "NBD", "bg_nbd": "BG/NBD", "mbg_nbd": "MBG/NBD", "pareto_nbd": "Pareto/NBD",
            "own_count": self.env._("own history"),
        }  # fmt: skip
        name = names[entrant["kind"]]
        return self.env._("%s with the season", name) if entrant["season"] else name

    def _shortfall(self):
        """The sentence of ``engine.customer.abstention`` in the language of the user."""
        self.ensure_one()
        texts = {
            Reason.TOO_FEW_CUSTOMERS: self.env._(
                "Customers: %(found)s. At least %(needed)s are needed (%(shortfall)s more)."
            ),
            Reason.TOO_FEW_REPEATERS: self.env._(
                "Repeat customers: %(found)s. At least %(needed)s are needed (%(shortfall)s more)."
            ),
            Reason.TOO_SHORT_A_HISTORY: self.env._(
                "Days of orders: %(found)s. At least %(needed)s are needed (%(shortfall)s more)."
            ),
            Reason.NOTHING_BEATS_THE_PAST: self.env._(
                "No model forecast better than repeating the past would have: error %(found)s, not below %(needed)s"
            ),
            Reason.NO_CLEAR_GROUPS: self.env._(
                "No clear clusters: other samples of the customers would give others (agreement %(found)s, %(needed)s "
                "is needed)."
            ),
            Reason.ONE_GROUP: self.env._(
                "No clear clusters: the customers are one crowd (they fit their cluster by %(found)s, and by "
                "%(needed)s if there were none)."
            ),
            Reason.NOT_CONVERGED: self.env._("The parameter search did not converge (slope %(found)s)."),
            Reason.NO_INTERIOR_OPTIMUM: self._no_optimum_text(),
            Reason.VALUE_DEPENDS_ON_FREQUENCY: self.env._(
                "Order value depends on order frequency: the rank correlation is %(found)s, at most %(needed)s is "
                "allowed."
            ),
            Reason.INFINITE_MEAN_VALUE: self.env._(
                "Order values vary so much that they have no finite mean (q is %(found)s, must be above %(needed)s)."
            ),
        }
        values = self.shortfall
        found, needed = values["found"], values["needed"]
        numbers = {"found": f"{found:.3g}", "needed": f"{needed:.3g}", "shortfall": f"{abs(needed - found):.3g}"}
        if found == int(found) and needed == int(needed):
            numbers = {"found": int(found), "needed": int(needed), "shortfall": int(abs(needed - found))}
        return texts[Reason(values["reason"])] % {**numbers, "detail": values["detail"]}

    def _no_optimum_text(self):
        """What the data of each model lack when a parameter runs to its limit."""
        if self.kind == "gamma_gamma":
            return self.env._(
                "Order values are too similar to tell customers apart: parameter %(detail)s reaches its limit "
                "%(needed)s."
            )
        return self.env._(
            "The orders do not show how customers become inactive: parameter %(detail)s reaches its limit %(needed)s."
        )
