from odoo import api, fields, models
from odoo.tools import ormcache

GROUP = "crm_plus.group_crm_plus_user"


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_plus_use_prediction = fields.Boolean(
        "Use CRM Plus predictions as automated probability",
        help="Leads without a CRM Plus prediction keep Odoo's probability. Probabilities set manually are kept.",
        groups=GROUP,
    )
    # The first lead whose automated probability is still to be recomputed; 0 when none is.
    crm_plus_recompute_from = fields.Integer(
        "Probabilities to recompute", compute="_compute_remembered", job="recompute", groups=GROUP
    )
    crm_plus_train_requested = fields.Boolean(
        "Training requested", compute="_compute_remembered", job="train_predictions", groups=GROUP
    )
    crm_plus_train_until = fields.Date(
        "Train on leads closed until", compute="_compute_remembered", job="train_predictions", groups=GROUP
    )
    crm_plus_trained_on = fields.Datetime(
        "Predictions trained", compute="_compute_remembered", job="train_predictions", groups=GROUP
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()
        return companies

    def write(self, vals):
        if "crm_plus_use_prediction" not in vals:
            return super().write(vals)
        changed = self.filtered(
            lambda company: company.crm_plus_use_prediction != bool(vals["crm_plus_use_prediction"])
        )
        result = super().write(vals)
        self.env.registry.clear_cache()
        changed._crm_plus_recompute_probabilities()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_predictions(self):
        """As those of a sales team."""
        # sudo: versions are written by nobody; who may delete the company deletes what is its own.
        self.env["crm.score.model"].sudo().search([("company_id", "in", self.ids)])._discard()

    def _crm_plus_recompute_probabilities(self, at=None):
        """Have the automated probabilities of predicted leads recomputed, soon or ``at`` a moment."""
        if self:
            # sudo: notes what the change of the setting means.
            self.sudo().crm_plus_recompute_from = 1
            self.env["crm.job"]._wake("ir_cron_recompute_probabilities", at)

    @api.model
    @ormcache()
    def _crm_plus_predicting(self):
        """Ids of the companies that use our prediction as the automated probability."""
        # sudo: a setting, read while any user saves a lead.
        return frozenset(self.sudo().search([("crm_plus_use_prediction", "=", True)]).ids)

    @api.model
    @ormcache()
    def _crm_plus_first_id(self):
        """The company that leads of no company belong to."""
        # sudo: an id only.
        return self.sudo().search([("active", "=", True)], order="id", limit=1).id
