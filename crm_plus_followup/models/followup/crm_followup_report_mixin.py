from odoo import models
from odoo.addons.crm_plus.services.customer import amounts
from odoo.addons.crm_plus.services.customer.estimate import CustomerAmount
from odoo.addons.crm_plus.services.sql import ADD_UP
from odoo.tools import SQL


class CrmFollowupReportMixin(models.AbstractModel):
    """A report of the companies that are chosen, made when it is read: each gives its rows by `_company_query`."""

    _name = "crm.followup.report.mixin"
    _description = "Report of companies"

    @property
    def _table_query(self):
        # sudo: figures are made of all records; who may read which rows follows from the rules of the report
        rows = self.sudo()
        self.env.cr.execute(ADD_UP)
        queries = [SQL("(%s)", rows._company_query(company)) for company in self.env.companies.sudo()]
        return SQL(" UNION ALL ").join(queries)

    def _company_query(self, company):
        """SELECT of the rows of a company."""
        raise NotImplementedError

    def exists(self):
        """A row of a company that is not chosen is not there: it is refused like one that may not be read."""
        return self

    def _field_to_sql(self, alias, field_expr, query=None):
        """Amounts of customers as far as the user reads them."""
        column = super()._field_to_sql(alias, field_expr, query)
        if not isinstance(self._fields.get(field_expr), CustomerAmount):
            return column
        readable = amounts.readable_sql(self.env, alias)
        return SQL("CASE WHEN %s THEN %s END", readable, column) if readable else column
