from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...services.customer.estimate import EstimatedFloat

# Models that say the same thing: one of them is in use.
USES = {"mbg_nbd": "purchases", "bg_nbd": "purchases", "gamma_gamma": "values", "clusters": "clusters"}


class CrmPurchaseModel(models.Model):
    """One model fitted to the customers of one company, or the exact reason why it could not be."""

    _name = "crm.purchase.model"
    _inherit = ["crm.job.mixin"]
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
    parameters = fields.Json("Parameters (data)", readonly=True)
    log_likelihood = fields.Float("Log-likelihood", readonly=True, aggregator=None)
    customers = fields.Integer("Customers used", readonly=True, aggregator=None)
    duration = fields.Float("Seconds", readonly=True, digits=(10, 2), aggregator=None)
    abstention = fields.Json(readonly=True)

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
    forecast_off = EstimatedFloat(
        "Forecast off by (%)",
        compute="_compute_forecast_off",
        digits=(10, 1),
        help="Of the orders that came; more than 0: too many were forecast.",
    )
    forecast_rmse = fields.Float("Error per customer", readonly=True, digits=(10, 3), aggregator=None)
    repeated_rmse = fields.Float(
        "Error per customer, repeat of the past", readonly=True, digits=(10, 3), aggregator=None
    )
    forecast_groups = fields.Json("Forecast and orders by earlier orders", readonly=True)
    forecast_course = fields.Json("Forecast and orders week by week", readonly=True)

    _in_use_unique = models.UniqueIndex(
        "(company_id, (CASE kind WHEN 'gamma_gamma' THEN 1 WHEN 'clusters' THEN 2 ELSE 0 END))"
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

    def action_publish(self):
        """Use this version again; the customers are predicted anew by the scheduled action."""
        self._check_manager()
        self.ensure_one()
        if self.state == "abstained":
            raise UserError(self.env._("There is nothing to use: %s", self.reason))
        self._retire(self.company_id, USES[self.kind])
        # sudo: a manager's decision, checked above; nothing else of a version can be changed
        self.sudo().state = "published"
        # sudo: nobody writes that by hand
        self.company_id.sudo().crm_plus_predicted_until = -1
        return self._run_soon(self.env._("This version is in use. All customers are predicted by it within minutes."))

    def action_train(self):
        """Have the models of the current company trained and all customers predicted as soon as possible."""
        self._check_manager()
        # sudo: as above
        self.env.company.sudo().write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})
        return self._run_soon(
            self.env._("The training begins within a minute. Its results are then at the top of the list.")
        )

    @api.model
    def _run_soon(self, message):
        """Wake the scheduled action, and tell the user what to expect."""
        cron = self.env.ref("crm_plus.ir_cron_train").sudo()  # sudo: has it run sooner, changes nothing of it
        if not cron.active:
            raise UserError(
                self.env._(
                    "Ask an administrator to turn on the scheduled action “%s”: it does the training.", cron.name
                )
            )
        cron._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message, "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }

    @api.model
    def _check_manager(self):
        if not self.env.user.has_group("crm_plus.group_crm_plus_manager"):
            raise AccessError(self.env._("Only managers of CRM Plus may train and choose models of purchases."))
        self.check_access("read")

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
