import psycopg2
from odoo import api, models
from odoo.exceptions import UserError

from ...engine.checks import identifiers, named_values
from ...services.arguments import argument
from ...services.plain_errors import plain
from ...services.sql import ADD_UP
from ...services.trial import trial

# What the host raises for values that no form sends.
UNREADABLE = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError, psycopg2.DataError)


class CrmPreviewMixin(models.AbstractModel):
    """Segments, their families and tiers: what a form of them would do to the customers, before it is saved."""

    _name = "crm.preview.mixin"
    _description = "Rule that assigns customers"
    # The fields, and the lines, that decide who is where: `decides` in the description of a field tells the client.
    _deciding = frozenset()
    _lines = ()

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        described = super().fields_get(allfields, attributes)
        if attributes is None or "decides" in attributes:
            for name in self._deciding & described.keys():
                described[name]["decides"] = True
        return described

    def _decided_by(self, vals):
        """Whether customers may have another place once these values are written; lines see to it themselves."""
        return not vals.keys().isdisjoint(self._deciding - set(self._lines))

    @api.model
    def _get_view_field_attributes(self):
        return [*super()._get_view_field_attributes(), "decides"]

    def preview_changes(self, vals):
        """What the next refresh of the current company would move if this record were written, or made, like that.

        Everything is done as by a real save and undone before the answer: it is the save that is previewed, and no row
        stays written.

        :param vals: values to write on this record, or to create one with when there is none
        :return: ``{"customers": 2357, "moves": [{"from_id", "from", "from_color", "to_id", "to", "to_color", "until",
            "count"}, ...]}``: most customers first; an id is False for nowhere; ``until`` is the last day of grace of
            customers who begin to lose their place. ``moves`` is False when the company uses other segments or tiers.
        :raise ValidationError: if it could not be saved, with the same message
        """
        self.check_access("write" if self else "create")
        vals = argument(self.env, "vals", vals, named_values)
        if len(self) > 1:
            raise UserError(self.env._("Preview one change at a time."))
        return self._previewed(lambda: self._preview_written(vals))

    def preview_order(self, order):
        """The same of another order: that of the records with these ids, of which this one was moved."""
        if len(self) != 1:
            raise UserError(self.env._("Preview one change at a time."))
        self.check_access("write")
        records = self.browse(argument(self.env, "order", order, identifiers)).exists()
        (self | records).check_access("write")
        return self._previewed(lambda: self._preview_ordered(records))

    def _previewed(self, written):
        """What the next refresh would move after ``written``, which gives the record in question; then it is undone."""
        company = self.env.company
        try:
            with trial(self.env):
                record = written()
                self.env.flush_all()
                self.env.cr.execute(ADD_UP)
                # sudo: a number only.
                profiles = self.env["crm.customer.profile"].sudo()
                return {
                    "customers": profiles.search_count([("company_id", "=", company.id)]),
                    "moves": record._preview_moves(company) if record._applies_to(company) else False,
                }
        except UNREADABLE as error:
            raise UserError(self.env._("These values cannot be saved: %s", plain(self.env, error))) from error

    def _preview_ordered(self, records):
        for number, record in enumerate(records):
            record.sequence = number
        return self

    def _preview_written(self, vals):
        if not self:
            return self.create(vals)
        self.write(vals)
        return self

    def _applies_to(self, company):
        """Whether customers of the company are assigned by this record."""
        raise NotImplementedError

    def _preview_moves(self, company):
        """The moves of the next refresh of the company, counted, most customers first."""
        raise NotImplementedError

    @api.model
    def _name_moves(self, places, rows):
        """Rows of (old id, new id, until, count) with the names and colors of their places."""
        # sudo: names of segments and tiers of the company, to who may change them.
        known = {place.id: place for place in places.sudo().browse({i for row in rows for i in row[:2] if i})}
        nowhere = self.env._("none")
        return [
            {
                "from_id": old or False,
                "from": known[old].name if old else nowhere,
                "from_color": known[old].color if old else 0,
                "to_id": new or False,
                "to": known[new].name if new else nowhere,
                "to_color": known[new].color if new else 0,
                "until": until and str(until),
                "count": count,
            }
            for old, new, until, count in rows
        ]
