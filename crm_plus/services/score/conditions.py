"""Conditions of fit rules as SQL over the host's own compiled queries."""

import re
from ast import literal_eval
from dataclasses import dataclass

from odoo.fields import Domain
from odoo.orm.domains import DomainCondition
from odoo.tools import SQL

from ..search import UNLISTED, is_column_search

# Values of these types, or lists of them, mean the same at any time.
FIXED = (bool, int, float, str)
JOINED_BY_ID = re.compile(r'"\w+"( LEFT JOIN "\w+" AS "(\w+)" ON \("\w+"\."\w+" = "\2"\."id"\))*')


@dataclass(frozen=True, slots=True)
class Condition:
    """The records of a table for which ``holds`` is true among the rows of ``source``, a FROM clause.

    ``flat``: ``holds`` asks nothing but columns of these rows, so that conditions can be read together.
    """

    table: str
    source: SQL
    holds: SQL
    flat: bool

    @property
    def single(self) -> bool:
        """Whether there is one row a record: nothing is joined but records that have a given id."""
        return bool(JOINED_BY_ID.fullmatch(self.source.code))

    def ids(self) -> SQL:
        """Query of the ids of the records."""
        return SQL("SELECT %s FROM %s WHERE %s", SQL.identifier(self.table, "id"), self.source, self.holds)


def rule_domain(text):
    """The `Domain` written in ``text``. Raises ValueError when it is not one."""
    try:
        return Domain(literal_eval(text or "[]"))
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from error


def compiled(model, domain) -> Condition:
    """What the host's query for a domain looks for, with the rights of the model's user. Raises what search methods
    raise."""
    query = model.with_context(active_test=False, **{UNLISTED: True})._search(domain)
    source, holds = query.from_clause, query.where_clause or SQL("TRUE")
    return Condition(model._table, source, holds, "SELECT" not in f"{source.code} {holds.code}".upper())


def is_fixed(model, domain) -> bool:
    """Whether a domain always compiles to the same SQL: it compares columns, or what is searched like one, with values
    that stay as they are; neither dates nor anything else that is searched by methods."""
    return all(_is_fixed_condition(model, condition) for condition in domain.iter_conditions())


def _is_fixed_condition(model, condition):
    if not isinstance(condition, DomainCondition):
        return False
    *path, name = condition.field_expr.split(".")
    for hop in path:
        field = model._fields.get(hop)
        if field is None or field.type != "many2one" or not _is_fixed_column(field):
            return False
        model = model.env[field.comodel_name]
    field, values = model._fields.get(name), condition.value
    values = values if isinstance(values, (list, tuple, set, frozenset)) else (values,)
    kinds = (bool, int) if field is not None and field.relational else FIXED
    fixed = field is not None and (_is_fixed_column(field) or is_column_search(model, field))
    return fixed and all(isinstance(value, kinds) for value in values)


def _is_fixed_column(field):
    kept = field.store and field.column_type and not (field.company_dependent or field.translate)
    return bool(kept) and field.type not in ("date", "datetime", "json", "properties", "reference")
