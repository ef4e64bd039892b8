from odoo import api, fields, models
from odoo.addons.crm_plus.services.customer.amounts import HIDDEN, READERS

from ...services.followup.personal import SENDER, Personal

# Placeholder of a letter: its text.
TEXTS = {
    "crm_text_segment": "segment", "crm_text_tier": "tier", "crm_text_next_tier": "next_tier",
    "crm_text_missing": "missing", "crm_text_tier_until": "until", "crm_text_products": "products",
    "crm_text_last_order": "last_order",
}  # fmt: skip


class ResPartner(models.Model):
    """What templates and mailings may say of the customer they go to, as text: empty where nothing is known."""

    _inherit = "res.partner"

    crm_text_segment = fields.Char("Letter: segment", compute="_compute_crm_texts", groups=READERS)
    crm_text_tier = fields.Char("Letter: tier", compute="_compute_crm_texts", groups=READERS)
    crm_text_next_tier = fields.Char("Letter: next tier", compute="_compute_crm_texts", groups=READERS)
    crm_text_missing = fields.Char(
        "Letter: missing for the next tier", compute="_compute_crm_texts", groups=READERS,
        help="Empty for senders who may not read amounts of the customer.",
    )  # fmt: skip
    crm_text_tier_until = fields.Char("Letter: tier until", compute="_compute_crm_texts", groups=READERS)
    crm_text_products = fields.Char("Letter: recommended products", compute="_compute_crm_texts", groups=READERS)
    crm_text_last_order = fields.Char("Letter: last order", compute="_compute_crm_texts", groups=READERS)

    @api.depends_context("company", "lang", "uid", SENDER, HIDDEN)
    def _compute_crm_texts(self):
        personal = Personal(self.env, self.env.company, self._origin)
        for partner in self:
            texts = personal.of(partner._origin) if partner._origin else {}
            for name, key in TEXTS.items():
                partner[name] = texts.get(key, False)
