from odoo import models


class CrmSegment(models.Model):
    _inherit = "crm.segment"

    def action_make_audience(self):
        """A new audience of the customers in the segment, to be followed up."""
        self.ensure_one()
        self.check_access("read")
        self.env["crm.audience"].check_access("create")
        field = "segment_id" if self.kind == "rfm" else "other_segment_ids"
        company = self.company_id or self.env.company
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New audience"),
            "res_model": "crm.audience",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_name": self.name,
                "default_kind": "customer",
                "default_company_id": company.id,
                "default_domain": repr([(field, "in", self.ids)]),
            },
        }
