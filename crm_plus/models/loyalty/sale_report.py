from odoo import api, models
from odoo.tools import SQL


class SaleReport(models.Model):
    _name = "sale.report"
    _inherit = ["sale.report", "crm.customer.past.mixin"]

    @api.model
    def _document_day(self, alias):
        # sudo: time zones only.
        companies = self.env.companies.sudo()
        zones = [SQL("WHEN %s THEN %s", company.id, company._crm_plus_tz()) for company in companies]
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE CASE %s %s ELSE 'UTC' END)::date",
            SQL.identifier(alias, "date"),
            SQL.identifier(alias, "company_id"),
            SQL(" ").join(zones),
        )
