from odoo import api, fields, models
from odoo.tools import ormcache

GROUP = "crm_plus.group_crm_plus_user"


class ResCompany(models.Model):
    _inherit = "res.company"

    crm_plus_use_prediction = fields.Boolean(
        "Use our prediction as the automated probability",
        help="Leads without a prediction of CRM Plus keep the host's probability. Probabilities set by hand stay.",
        groups=GROUP,
    )
    crm_plus_train_requested = fields.Boolean("Training asked for", copy=False, groups=GROUP)
    crm_plus_trained_on = fields.Datetime("Predictions trained", readonly=True, copy=False, groups=GROUP)

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if "crm_plus_use_prediction" in vals:
            self.env.registry.clear_cache()
            self.env["crm.lead.score"]._rescore_soon()
        return result

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
        return self.sudo().with_context(active_test=False).search([], order="id", limit=1).id
