from odoo import fields
from odoo.tools import SQL

from .amounts import HIDDEN


class _Estimate:
    """A number that may be unknown: then it is False and shown as nothing, while zero is a number like any other.

    The host's numbers read as zero when they are not set, in lists as in conditions. ``("clv", "=", False)`` finds the
    unknown ones only, and an inequality finds none of them.
    """

    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if _is_unknown(value) else super().convert_to_column(value, record, values, validate)

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        return None if _is_unknown(value) else super().convert_to_column_insert(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if _is_unknown(value) else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if _is_unknown(value) else value

    def convert_to_export(self, value, record):
        return "" if _is_unknown(value) else value


class EstimatedFloat(_Estimate, fields.Float):
    pass


class EstimatedMonetary(_Estimate, fields.Monetary):
    pass


class CustomerAmount(EstimatedMonetary):
    """An amount of a customer that not everybody may read (`amounts.py`): then it is unknown to them. What one user has
    read is not what another, or the system, reads in the same transaction."""

    _depends_context = ("uid", HIDDEN)


def unknown_last(model, field_expr, nulls):
    """Where an order by this field puts the unknown: behind the numbers, whichever way they go."""
    return SQL("NULLS LAST") if isinstance(model._fields.get(field_expr), _Estimate) and not nulls else nulls


def _is_unknown(value):
    return value is None or value is False
