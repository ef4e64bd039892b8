from markupsafe import Markup
from odoo import api, models


class CrmFilledMixin(models.AbstractModel):
    """Records that a scheduled action makes: an empty list says when it runs next, and where to have it run now."""

    _name = "crm.filled.mixin"
    _description = "Filled by a scheduled action"
    _filled_by = None  # the name of its external ID, in whichever of the add-ons it is

    @api.model
    def get_empty_list_help(self, help_message):
        shown = super().get_empty_list_help(help_message)
        if not self.has_access("read"):
            return shown
        jobs = self.env["crm.job"]
        text = self.env._("Computed in the background: %s.", jobs._when(self._filled_by))
        link = Markup()
        # Actions are read with all rights, whoever opens them.
        if jobs.sudo(False).has_access("read"):
            link = Markup(' <a href="/odoo/action-crm_plus.crm_job_action">%s</a>') % self.env._("Run it now")
        return Markup("%s<p>%s%s</p>") % (Markup(shown or ""), text, link)
