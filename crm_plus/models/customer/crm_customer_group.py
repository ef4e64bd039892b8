from odoo import api, fields, models
from odoo.tools import SQL


class CrmCustomerProfile(models.Model):
    """Customers added up, as grouped lists, pivots and graphs ask for it: with each amount they want its currencies.

    The currency is that of the company. The host finds it by two joins and a sort of all rows; here the companies of
    each currency are told apart, which leaves sums that PostgreSQL computes in parallel.
    """

    _inherit = "crm.customer.profile"

    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")
        if aggregate_spec == "currency_id:array_agg_distinct":
            return self._currencies_to_sql(query)
        if function == "sum_currency" and self._fields[name].type == "monetary":
            return self._converted_sum_to_sql(name, query)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _companies_by_currency(self):
        """``[(currency, ids of the companies that have it)]``."""
        # sudo: only which companies have a currency in common; the rows are those that the user may see.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        return sorted(companies._read_group([], ["currency_id"], ["id:array_agg"]), key=lambda group: group[0].id)

    def _currencies_to_sql(self, query):
        company = self._field_to_sql(self._table, "company_id", query)
        present = [
            SQL("CASE WHEN bool_or(%s = ANY(%s)) THEN %s END", company, company_ids, currency.id)
            for currency, company_ids in self._companies_by_currency()
        ]
        return SQL("array_remove(ARRAY[%s]::int[], NULL)", SQL(", ").join(present))

    def _converted_sum_to_sql(self, name, query):
        """The sum of the amounts, each divided by the rate of its currency today."""
        amount, company = (self._field_to_sql(self._table, field, query) for field in (name, "company_id"))
        groups = self._companies_by_currency()
        rates = (
            self.env["res.currency"]
            .union(*(currency for currency, _ids in groups))
            ._get_rates(self.env.company, fields.Date.context_today(self))
        )
        if len(groups) == 1:
            return SQL("SUM(%s) / %s", amount, rates[groups[0][0].id])
        return SQL(" + ").join(
            SQL("COALESCE(SUM(%s) FILTER (WHERE %s = ANY(%s)), 0) / %s", amount, company, ids, rates[currency.id])
            for currency, ids in groups
        )
