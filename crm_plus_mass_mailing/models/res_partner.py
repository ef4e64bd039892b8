from odoo import fields, models
from odoo.addons.crm_plus.services.customer.amounts import READERS

GROUPS = f"{READERS},mass_mailing.group_mass_mailing_user"


class ResPartner(models.Model):
    """Mailings name segment, tier and the like of whom they go to: marketing people send them."""

    _inherit = "res.partner"

    crm_text_segment = fields.Char("Letter: segment", groups=GROUPS)
    crm_text_tier = fields.Char("Letter: tier", groups=GROUPS)
    crm_text_next_tier = fields.Char("Letter: next tier", groups=GROUPS)
    crm_text_missing = fields.Char("Letter: missing for the next tier", groups=GROUPS)
    crm_text_tier_until = fields.Char("Letter: tier until", groups=GROUPS)
    crm_text_products = fields.Char("Letter: recommended products", groups=GROUPS)
    crm_text_last_order = fields.Char("Letter: last order", groups=GROUPS)
