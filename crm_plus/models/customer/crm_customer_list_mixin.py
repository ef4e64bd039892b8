from odoo import api, models
from odoo.tools import SQL

from ...services.customer.estimate import unknown_last

# There are few of each.
PLACES = {"crm.segment", "crm.tier", "crm.customer.cluster"}


class CrmCustomerListMixin(models.AbstractModel):
    """Lists and groups ordered by what is known of customers."""

    _name = "crm.customer.list.mixin"
    _description = "List with customer profile columns"

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        field = self._fields.get(field_name)
        if field and field.type == "many2one" and field.comodel_name in PLACES:
            return self._order_place_to_sql(alias, field_name, direction, nulls, query)
        return super()._order_field_to_sql(alias, field_name, direction, unknown_last(self, field_name, nulls), query)

    @api.model
    def _order_place_to_sql(self, alias, field_name, direction, nulls, query):
        """By the position among the few there are: a join would cost each of a million rows, and all processes but one.

        PostgreSQL does not group in parallel by columns it expects many combinations of, which those of joins are.
        """
        place = self._field_to_sql(alias, field_name, query)
        query._order_groupby.append(place)
        # sudo: nothing but their order is shown.
        places = self.env[self._fields[field_name].comodel_name].sudo().with_context(active_test=False).search([])
        return SQL("array_position(%s::int[], %s) %s %s", places.ids, place, direction, nulls)
