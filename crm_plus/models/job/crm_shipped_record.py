from odoo import api, fields, models
from odoo.modules.module import Manifest

from ...services.job.shipped import Shipped


class CrmShippedRecord(models.Model):
    """A record that came with CRM Plus, whatever has become of it: an upgrade neither brings back what was deleted nor
    writes over what was changed."""

    _name = "crm.shipped.record"
    _description = "Record that came with CRM Plus"

    name = fields.Char("External ID", required=True, readonly=True)
    marks = fields.Json(readonly=True)

    _name_unique = models.Constraint("UNIQUE (name)", "This record is already known.")

    @api.model
    def _bring(self, module):
        """Bring the records that ``module`` ships up to its version; called by its last data file."""
        known = self.search([("name", "=like", f"{module.replace('_', chr(92) + '_')}.%")])
        before = {row.name: row.marks for row in known}
        now = Shipped(self.env, module, Manifest.for_addon(module)["data"], before).bring()
        for row in known:
            if now.get(row.name, row.marks) != row.marks:
                row.marks = now[row.name]
        self.create([{"name": name, "marks": marks} for name, marks in now.items() if name not in before])
