from odoo import models


class CrmAudience(models.Model):
    _inherit = "crm.audience"

    def _is_used(self):
        mine = [("crm_audience_id", "in", self.ids)]
        models_ = (self.env[name].with_context(active_test=False) for name in ("mailing.mailing", "mailing.list"))
        return super()._is_used() or any(model.search_count(mine, limit=1) for model in models_)
