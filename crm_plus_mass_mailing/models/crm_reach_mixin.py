from odoo import models


class CrmReachMixin(models.AbstractModel):
    _inherit = "crm.reach.mixin"

    def action_mail(self):
        """A new mailing to them."""
        return self._new_mailing("mail", False)

    def _new_mailing(self, mailing_type, view_id):
        self.env["mailing.mailing"].check_access("create")
        audience = self._reach_audience()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New mailing"),
            "res_model": "mailing.mailing",
            "view_mode": "form",
            "views": [(view_id, "form")],
            "context": {
                "default_crm_audience_id": audience.id,
                "default_mailing_type": mailing_type,
                "default_subject": audience.name if mailing_type == "sms" else False,
            },
        }

    def action_add_to_mailing_list(self):
        """A new mailing list that follows them."""
        self.env["mailing.list"].check_access("create")
        audience = self._reach_audience()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New mailing list"),
            "res_model": "mailing.list",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_name": audience.name, "default_crm_audience_id": audience.id},
        }
