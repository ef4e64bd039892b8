from odoo import api, models

from ...services.customer.visit import Visit


class ReportCustomerVisit(models.AbstractModel):
    """One page about a customer, to be read before a visit; with the rights of who prints it."""

    _name = "report.crm_plus.report_customer_visit"
    _description = "Before the visit"

    @api.model
    def _get_report_values(self, docids, data=None):
        """What the template shows of each contact."""
        self.env["crm.customer.profile"].check_access("read")
        partners = self.env["res.partner"].browse(docids)
        partners.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            "docs": partners,
            "pages": [Visit(self.env, partner).parts() for partner in partners],
        }
