from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmTier(models.Model):
    _inherit = "crm.tier"

    grade_id = fields.Many2one(
        "res.partner.grade", "Partner level", help="Assigned to customers of the tier who have no level yet."
    )

    @api.constrains("grade_id", "pricelist_id")
    def _check_one_pricelist(self):
        for tier in self:
            pricelist = tier.grade_id.default_pricelist_id
            if pricelist and tier.pricelist_id not in (pricelist, self.env["product.pricelist"]):
                raise ValidationError(
                    self.env._(
                        "%(tier)s: the level %(grade)s comes with the pricelist %(pricelist)s. Choose that pricelist "
                        "or none.",
                        tier=tier.name,
                        grade=tier.grade_id.name,
                        pricelist=pricelist.name,
                    )
                )
