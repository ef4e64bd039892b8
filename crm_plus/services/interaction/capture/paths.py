"""Dotted field paths of a source, as SQL over one query that carries the joins."""

from dataclasses import dataclass
from difflib import get_close_matches

from odoo.orm.fields import Field
from odoo.tools import SQL


class PathError(ValueError):
    """A path that cannot be read in SQL. ``setting`` names the field of the source, the message says what to do."""

    def __init__(self, setting, message):
        super().__init__(message)
        self.setting = setting


@dataclass(frozen=True, slots=True)
class Resolved:
    """One path: its SQL value, its last field, and the (model, field name) pairs it reads, first hop first."""

    sql: SQL
    field: Field
    reads: tuple[tuple[str, str], ...]


class PathResolver:
    """Resolves the paths of one source over one query; the same hop is joined once."""

    def __init__(self, model, query):
        self.model = model
        self.query = query

    def resolve(self, setting, path):
        """SQL of ``path`` (such as ``event_id.opportunity_id.user_id``). Raises `PathError`."""
        model, alias, reads = self.model, self.query.table, []
        *hops, last = path.strip().split(".")
        for hop in hops:
            field = self._field(setting, path, model, hop)
            if field.type != "many2one":
                raise PathError(
                    setting,
                    model.env._(
                        "“%(path)s”: %(name)s of %(model)s does not link to one record. Use a path of many2one fields.",
                        path=path,
                        name=hop,
                        model=model._name,
                    ),
                )
            reads.append((model._name, hop))
            model, alias = self._join(model, alias, field)
        field = self._field(setting, path, model, last)
        reads.append((model._name, last))
        return Resolved(model._field_to_sql(alias, last, self.query), field, tuple(reads))

    def exists(self, path):
        """Whether every field of ``path`` is there, and the last one can be read in SQL."""
        model, field = self.model, None
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                return False
            model = model.env[field.comodel_name] if field.comodel_name else None
        return _is_readable(field)

    def _join(self, model, alias, field):
        if field.related and not field.store:
            model, field, alias = model._traverse_related_sql(alias, field, self.query)
        return field.join(model, alias, self.query)

    def _field(self, setting, path, model, name):
        field = model._fields.get(name)
        if field is None:
            raise PathError(
                setting,
                model.env._(
                    "“%(path)s”: %(model)s has no field “%(name)s”. Correct the path or install the app that adds it.",
                    path=path,
                    name=name,
                    model=model._name,
                )
                + did_you_mean(model.env, name, model._fields),
            )
        if not _is_readable(field):
            raise PathError(
                setting,
                model.env._(
                    "“%(path)s”: “%(name)s” of %(model)s is not stored in a column. Choose a stored field.",
                    path=path,
                    name=name,
                    model=model._name,
                ),
            )
        return field


def did_you_mean(env, name, names, likeness=0.7):
    """A question to go with “there is no ...”, or nothing when nothing is like it."""
    near = get_close_matches(name, names, 1, likeness)
    return env._(" Did you mean “%(name)s”?", name=near[0]) if near else ""


def _is_readable(field):
    return bool((field.store and field.column_type) or field.related)
