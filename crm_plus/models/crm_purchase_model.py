from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.abstention import Reason

# Models that say the same thing: one of them is in use.
USES = {"mbg_nbd": "purchases", "bg_nbd": "purchases", "gamma_gamma": "values", "clusters": "clusters"}


class CrmPurchaseModel(models.Model):
    """One model fitted to the customers of one company, or the exact reason why it could not be."""

    _name = "crm.purchase.model"
    _description = "Model of purchases"
    _order = "version desc, id desc"
    _rec_name = "version"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade", index=True)
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    kind = fields.Selection(
        [
            ("mbg_nbd", "Purchases (MBG/NBD)"),
            ("bg_nbd", "Purchases (BG/NBD)"),
            ("gamma_gamma", "Order values (Gamma-Gamma)"),
            ("clusters", "Clusters (k-means)"),
        ],
        "Model",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("published", "In use"), ("replaced", "Replaced"), ("abstained", "No model")], required=True, readonly=True
    )
    date = fields.Datetime("Trained on", required=True, readonly=True, default=fields.Datetime.now)
    parameters = fields.Json(readonly=True)
    log_likelihood = fields.Float("Log-likelihood", readonly=True, aggregator=None)
    customers = fields.Integer("Customers used", readonly=True, aggregator=None)
    duration = fields.Float("Seconds", readonly=True, aggregator=None)
    abstention = fields.Json(readonly=True)
    reason = fields.Char("Why there is no model", compute="_compute_reason")

    check_from = fields.Date("Forecast from", readonly=True, help="The model saw orders up to this day only.")
    check_until = fields.Date("Forecast until", readonly=True)
    forecast_orders = fields.Float("Orders forecast", readonly=True, aggregator=None)
    actual_orders = fields.Integer("Orders that came", readonly=True, aggregator=None)
    repeated_orders = fields.Integer(
        "Repeat of the past",
        readonly=True,
        aggregator=None,
        help="Order days in the equally long time before: what one would have guessed without a model.",
    )
    forecast_off = fields.Float("Forecast off by (%)", compute="_compute_forecast_off")
    forecast_rmse = fields.Float("Error per customer", readonly=True, aggregator=None)
    repeated_rmse = fields.Float("Error per customer, repeat of the past", readonly=True, aggregator=None)

    _in_use_unique = models.UniqueIndex(
        "(company_id, (CASE kind WHEN 'gamma_gamma' THEN 1 WHEN 'clusters' THEN 2 ELSE 0 END))"
        " WHERE state = 'published'"
    )

    @api.depends("forecast_orders", "actual_orders")
    def _compute_forecast_off(self):
        for model in self:
            actual = model.actual_orders
            model.forecast_off = 100 * (model.forecast_orders - actual) / actual if actual else 0.0

    @api.depends("abstention")
    @api.depends_context("lang")
    def _compute_reason(self):
        for model in self:
            model.reason = model._reason() if model.abstention else False

    @api.depends("kind", "version")
    def _compute_display_name(self):
        names = dict(self._fields["kind"]._description_selection(self.env))
        for model in self:
            model.display_name = self.env._(
                "%(kind)s, version %(version)s", kind=names[model.kind], version=model.version
            )

    def action_publish(self):
        """Use this version again; the customers are predicted anew by the scheduled action."""
        self.check_access("write")
        self.ensure_one()
        if self.state == "abstained":
            raise UserError(self.env._("There is nothing to use: %s", self.reason))
        self._retire(self.company_id, USES[self.kind])
        self.state = "published"
        # sudo: a manager of these models need not be allowed to write companies or scheduled actions
        self.company_id.sudo().crm_plus_predicted_until = -1
        self.env.ref("crm_plus.ir_cron_train").sudo()._trigger()

    @api.model
    def action_train(self):
        """Have the models of the current company trained and all customers predicted as soon as possible."""
        self.check_access("write")
        # sudo: as above
        self.env.company.sudo().write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})
        self.env.ref("crm_plus.ir_cron_train").sudo()._trigger()

    def _reason(self):
        """The sentence of ``engine.abstention`` in the language of the user."""
        self.ensure_one()
        texts = {
            Reason.TOO_FEW_CUSTOMERS: self.env._("%(found)s customers; %(needed)s are needed (%(shortfall)s more)"),
            Reason.TOO_FEW_REPEATERS: self.env._(
                "%(found)s customers who ordered again; %(needed)s are needed (%(shortfall)s more)"
            ),
            Reason.NOT_CONVERGED: self.env._("The search for the parameters did not end (slope %(found)s)"),
            Reason.NO_INTERIOR_OPTIMUM: self.env._(
                "The orders do not say how customers drop out: parameter %(detail)s runs to its limit %(needed)s"
            ),
            Reason.VALUE_DEPENDS_ON_FREQUENCY: self.env._(
                "Order value depends on order frequency: rank correlation %(found)s, at most %(needed)s is allowed"
            ),
            Reason.INFINITE_MEAN_VALUE: self.env._(
                "Order values scatter so much that they have no finite mean (q is %(found)s, not above %(needed)s)"
            ),
        }
        values = self.abstention
        found, needed = values["found"], values["needed"]
        numbers = {"found": f"{found:.3g}", "needed": f"{needed:.3g}", "shortfall": f"{abs(needed - found):.3g}"}
        if found == int(found) and needed == int(needed):
            numbers = {"found": int(found), "needed": int(needed), "shortfall": int(abs(needed - found))}
        return texts[Reason(values["reason"])] % {**numbers, "detail": values["detail"]}

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
        self._published(company, use).state = "replaced"
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
        return False if self._published(company, use) else latest.reason
