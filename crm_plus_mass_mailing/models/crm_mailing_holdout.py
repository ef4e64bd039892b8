from odoo import api, fields, models


class CrmMailingHoldout(models.Model):
    """One customer to whom a mailing was to go: who got it, and who did not, for comparison. Nobody reads it: the
    mailing tells what became of all of them."""

    _name = "crm.mailing.holdout"
    _inherit = ["crm.holdout.mixin"]
    _description = "Hold-out of a mailing"
    _rec_name = "partner_id"
    _order = "id"
    _log_access = False
    _apart = "mailing_id"

    mailing_id = fields.Many2one("mailing.mailing", required=True, readonly=True, ondelete="cascade")

    _customer_unique = models.UniqueIndex("(mailing_id, partner_id)")

    @api.model
    def _known(self, mailing):
        """Ids of the customers whom the mailing holds out so far."""
        return set(self.search([("mailing_id", "=", mailing.id), ("held_out", "=", True)]).partner_id.ids)
