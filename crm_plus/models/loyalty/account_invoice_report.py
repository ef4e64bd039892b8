from odoo import api, models
from odoo.tools import SQL


class AccountInvoiceReport(models.Model):
    _name = "account.invoice.report"
    _inherit = ["account.invoice.report", "crm.customer.past.mixin"]

    @api.model
    def _document_day(self, alias):
        return SQL.identifier(alias, "invoice_date")
