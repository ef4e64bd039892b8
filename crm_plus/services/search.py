"""Search methods of computed fields."""

from datetime import date
from functools import wraps
from math import ceil, floor

from odoo.exceptions import UserError
from odoo.fields import Domain

NUMBERS = ("integer", "float", "monetary")
ORDERED = (*NUMBERS, "date", "datetime", "char")
# The host asks with sets, and in the old way for what a method does not know.
AS_SETS = {"=": "in", "!=": "not in"}
# Stands for infinity: none of our figures is as large, and the database need not store it.
LARGEST = 1e15

# In a context: what a condition finds is not listed by its ids, however few they are, but looked up with the rest.
UNLISTED = "crm_plus_unlisted"


def search_method(method):
    """Make ``_search_<field>`` answer only who may read the field, and only about what can be compared with it.

    The host checks the groups of a field where a condition on it becomes SQL, which a condition with a search method
    never does: whoever may not read the field could find out its value by asking. Numbers arrive as numbers, False
    for none; whatever else is refused with a sentence that names the field.
    """
    name = method.__name__.removeprefix("_search_")

    @wraps(method)
    def search(self, operator, value):
        field = self._fields[name]
        self._check_field_access(field, "read")
        as_set = AS_SETS.get(operator)
        found = method(self, as_set or operator, _comparable(self, field, operator, [value] if as_set else value))
        if found is NotImplemented and as_set:
            raise _incomparable(self, field, value)
        return found

    return search


def column_search(method):
    """A `search_method` whose SQL depends on nothing but what is asked: no date of today, nothing that is looked up
    meanwhile, as long as the context has `UNLISTED`."""
    method = search_method(method)
    method.fixed = True
    return method


def is_column_search(model, field):
    """Whether conditions on a field are found by a `column_search`."""
    return isinstance(field.search, str) and getattr(getattr(type(model), field.search, None), "fixed", False)


def _comparable(model, field, operator, value):
    """The value as the method of the field is to get it."""
    if operator.startswith(("<", ">")):
        if field.type not in ORDERED or not isinstance(value, (str, int, float, date)):
            raise _incomparable(model, field, value)
        if field.type == "char":
            return str(value)
        return _number(model, field, value) if field.type in NUMBERS else value
    if field.type in NUMBERS and operator in ("in", "not in", *AS_SETS):
        return {_number(model, field, item) for item in value}
    return value


def _number(model, field, value):
    if value is None or value is False:
        return False
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise _incomparable(model, field, value)
    return max(-LARGEST, min(value, LARGEST))


def _incomparable(model, field, value):
    label = field.get_description(model.env, ["string"])["string"]
    return UserError(model.env._("%(field)s cannot be compared with “%(value)s”.", field=label, value=value))


# The comparisons of ordered values.
ORDERS = ("<", "<=", ">", ">=")


def compared(operator, value, at_least, unknown=Domain.FALSE):
    """The condition that a whole number, such as an age in days, compares like this.

    ``at_least(n)`` is the condition that it is n or more; ``unknown`` that there is none (False).
    """
    if operator == "in":
        return Domain.OR(unknown if n is False else at_least(ceil(n)) & ~at_least(floor(n) + 1) for n in value)
    if operator not in ORDERS:
        return NotImplemented
    reached = at_least(ceil(value) if operator in (">=", "<") else floor(value) + 1)
    return reached if operator.startswith(">") else ~reached
