from odoo import models


class CrmReachMixin(models.AbstractModel):
    _inherit = "crm.reach.mixin"

    def action_sms(self):
        """A new SMS mailing to them."""
        return self._new_mailing("sms", self.env.ref("mass_mailing_sms.mailing_mailing_view_form_sms").id)
