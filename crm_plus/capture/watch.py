"""What a transaction must notice for the sources to be up to date: immutable, made once per registry."""

from dataclasses import dataclass, field

from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition

# Changing one of these records touches too many others, or happens all the time; reconciliation follows them.
UNWATCHED = frozenset({"res.partner", "res.users", "res.company", "res.currency", "mail.activity.type"})


@dataclass(frozen=True, slots=True)
class OwnWatch:
    """A source on the model itself.

    ``required`` are conditions a new record must meet, as (field name, allowed values): a new record that fails one
    cannot be in the timeline, so it is not even noted.
    """

    source_id: int
    fields: frozenset
    required: tuple = ()

    def may_match(self, stored):
        return all((stored.get(name) or False) in allowed for name, allowed in self.required)


@dataclass(frozen=True, slots=True)
class HopWatch:
    """A source on another table, whose many2one ``column`` leads to the model."""

    source_id: int
    table: str
    column: str
    fields: frozenset


@dataclass(frozen=True, slots=True)
class ModelWatch:
    """All that is watched on one model; ``document_fields`` decide who may see what is about its records."""

    own: tuple = ()
    hops: tuple = ()
    document_fields: frozenset = field(default_factory=frozenset)


def required_values(model, domain):
    """Conditions ``field in (constants)`` every record of ``domain`` meets, on plain columns a new record is given."""
    domain = Domain(domain).optimize(model)
    conditions = domain.children if isinstance(domain, DomainAnd) else (domain,)
    required = []
    for condition in conditions:
        if not isinstance(condition, DomainCondition) or condition.operator != "in":
            continue
        column = model._fields.get(condition.field_expr)
        if column is None or column.compute or column.related or not column.store or column.type not in PLAIN_TYPES:
            continue
        required.append((column.name, frozenset(condition.value)))
    return tuple(required)


PLAIN_TYPES = frozenset({"char", "selection", "boolean", "integer", "many2one"})


def build_watchlist(compiled_sources, document_paths):
    """``{model name: ModelWatch}`` for the compiled sources and the models documents may belong to."""
    own, hops, documents = {}, {}, {}
    for compiled in compiled_sources:
        own.setdefault(compiled.model_name, []).append(
            OwnWatch(compiled.source_id, compiled.own_fields, compiled.required)
        )
        for model_name, column, names in compiled.hops:
            if model_name not in UNWATCHED:
                hops.setdefault(model_name, []).append(HopWatch(compiled.source_id, compiled.table, column, names))
    for model_name, names in document_paths.items():
        if model_name not in UNWATCHED:
            documents[model_name] = frozenset(names)
    return {
        name: ModelWatch(tuple(own.get(name, ())), tuple(hops.get(name, ())), documents.get(name, frozenset()))
        for name in {*own, *hops, *documents}
    }
