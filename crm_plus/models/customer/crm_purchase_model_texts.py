from odoo import api, fields, models
from odoo.tools.misc import format_amount

from ...engine.customer.abstention import Reason
from ...services.customer import words


class CrmPurchaseModel(models.Model):
    """A model in words: what it found, why it is none, whether it is being trained."""

    _inherit = "crm.purchase.model"

    reason = fields.Char("Why there is no model", compute="_compute_texts")
    findings = fields.Text("What it found", compute="_compute_texts")
    parameters_text = fields.Char("Parameters", compute="_compute_texts")
    check_text = fields.Char("Forecast check", compute="_compute_check_text")
    training_text = fields.Char("Training", compute="_compute_training_text")

    @api.depends("abstention", "parameters", "kind")
    @api.depends_context("lang")
    def _compute_texts(self):
        for model in self:
            model.reason = model._reason() if model.abstention else False
            found = model.parameters and not model.abstention
            model.findings = "\n".join(model._findings()) if found else False
            model.parameters_text = model._parameters_text() if found else False

    @api.depends("forecast_orders", "actual_orders", "repeated_orders", "check_from", "check_until")
    @api.depends_context("lang")
    def _compute_check_text(self):
        for model in self.filtered("check_from"):
            model.check_text = model.env._(
                "Having seen the orders up to %(split)s only, it forecast %(forecast)s orders of those customers up to "
                "%(end)s; %(actual)s came. A repeat of the past would have been %(repeated)s.",
                split=model.check_from,
                end=model.check_until,
                forecast=round(model.forecast_orders),
                actual=model.actual_orders,
                repeated=model.repeated_orders,
            )
        (self - self.filtered("check_from")).check_text = False

    def _compute_training_text(self):
        for model in self:
            # sudo: how far the training is, which is no secret of the company
            company = model.company_id.sudo()
            text = False
            if not company.crm_plus_trained_date:
                text = self.env._("A new training is waiting for its turn.")
            elif company.crm_plus_predicted_until:
                text = self.env._("The customers are being predicted with the models in use.")
            model.training_text = text

    def _parameters_text(self):
        """The figures themselves, as the literature names them."""
        names = {"gamma_gamma": ("p", "q", "v")}.get(self.kind, ("r", "alpha", "a", "b"))
        if self.kind == "clusters":
            return False
        return ", ".join(f"{name} = {self.parameters[name]:.4g}" for name in names)

    def _findings(self):
        """What the parameters mean, a line each."""
        return {"gamma_gamma": self._value_findings, "clusters": self._cluster_findings}.get(
            self.kind, self._purchase_findings
        )()

    def _purchase_findings(self):
        r, alpha, a, b = (self.parameters[name] for name in ("r", "alpha", "a", "b"))
        yield self.env._("Active customers order every %s on average.", words.days(self.env, round(alpha / r)))
        yield self.env._("After each order %s %% of them drop out on average.", round(100 * a / (a + b)))

    def _value_findings(self):
        p, q, v, correlation = (self.parameters[name] for name in ("p", "q", "v", "correlation"))
        mean = format_amount(self.env, p * v / (q - 1), self.company_id.currency_id)
        yield self.env._("An order is worth %s on average over all customers.", mean)
        yield self.env._(
            "Who orders more often does not order for more or less: the rank correlation is %s.", f"{correlation:.2f}"
        )

    def _cluster_findings(self):
        yield self.env._("%s groups of customers who buy alike.", len(self.parameters["clusters"]))
        tried = ", ".join(f"{count}: {quality:.2f}" for count, quality in self.parameters["silhouettes"])
        yield self.env._("How well customers fit their group, from -1 to 1, by the number of groups: %s.", tried)

    def _reason(self):
        """The sentence of ``engine.customer.abstention`` in the language of the user."""
        self.ensure_one()
        texts = {
            Reason.TOO_FEW_CUSTOMERS: self.env._("Customers: %(found)s; %(needed)s are needed (%(shortfall)s more)"),
            Reason.TOO_FEW_REPEATERS: self.env._(
                "Customers who ordered again: %(found)s; %(needed)s are needed (%(shortfall)s more)"
            ),
            Reason.NOT_CONVERGED: self.env._("The search for the parameters did not end (slope %(found)s)"),
            Reason.NO_INTERIOR_OPTIMUM: self._no_optimum_text(),
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

    def _no_optimum_text(self):
        """What the data of each model lack when a parameter runs to its limit."""
        if self.kind == "gamma_gamma":
            return self.env._(
                "The orders are worth too much the same to tell what customers are worth:"
                " parameter %(detail)s runs to its limit %(needed)s"
            )
        return self.env._(
            "The orders do not say how customers drop out: parameter %(detail)s runs to its limit %(needed)s"
        )
