from odoo import models
from odoo.addons.crm_plus_followup.services.followup.personal import names_amounts


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def action_send_sms(self, res_ids=None):
        for mailing in self:
            super(MailingMailing, mailing._crm_as_sent()).action_send_sms(res_ids)
        return True

    def _send_sms_get_composer_values(self, res_ids):
        """An SMS that names amounts leaves no copy on the customers, which everybody who may see them reads."""
        values = super()._send_sms_get_composer_values(res_ids)
        if names_amounts(self.env, self.body_plaintext):
            values["mass_keep_log"] = False
        return values
