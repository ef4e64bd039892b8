from odoo import models


class CrmAudience(models.Model):
    _inherit = "crm.audience"

    def _if_readable(self):
        """This audience, or none for those who may not read it: it is that of another company."""
        return self if self._origin.has_access("read") else self.browse()

    def _check_chosen(self):
        """Refuse audiences that whoever chooses them may not read; constraints are asked with all rights."""
        if self:
            self.check_access("read")

    def _is_used(self):
        mine = [("crm_audience_id", "in", self.ids)]
        models_ = (self.env[name].with_context(active_test=False) for name in ("mailing.mailing", "mailing.list"))
        return super()._is_used() or any(model.search_count(mine, limit=1) for model in models_)
