"""What a transaction must notice for the sources to be up to date: immutable, made once per registry."""

from dataclasses import dataclass, field

from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition

# Changing one of these records touches too many others, or happens all the time; reconciliation follows them.
UNWATCHED = frozenset(
    {"res.partner", "res.users", "res.company", "res.currency", "mail.activity.type", "mailing.mailing"}
)


@dataclass(frozen=True, slots=True)
class OwnWatch:
    """A source on the model itself.

    ``required`` are conditions that all records of the source meet. A record that fails one cannot be in the timeline,
    so it is not even noted, unless what was just written may be why it fails: then it has to leave, if it is there.
    """

    source_id: int
    fields: frozenset
    required: tuple = ()

    def may_match(self, env, stored):
        """Whether a new record may be in the timeline."""
        return all(condition.is_met(env, stored) for condition in self.required)

    def touched(self, records, vals_list, created):
        """Of ``records``, whose columns ``vals_list`` were written, the ids of those whose interaction may be another,
        and of those that have to leave the timeline if they are in it."""
        if not self.required:
            return records._ids, ()
        changed, leaving = [], []
        for record_id, vals in zip(records._ids, vals_list, strict=True):
            unmet = [
                condition.name for condition in self.required if condition.is_known_unmet(records, record_id, vals)
            ]
            if not unmet:
                changed.append(record_id)
            # nothing of a record made in this transaction is in the timeline yet
            elif record_id not in created and vals.keys() >= set(unmet):
                leaving.append(record_id)
        return changed, leaving


UNKNOWN = object()
# Columns of these types say what was written; others hold it by language or company.
WRITTEN = (str, int, type(None))


@dataclass(frozen=True, slots=True)
class Required:
    """Field ``name`` of a record, or field ``of`` of the ``comodel`` record it links to, is one of ``allowed``."""

    name: str
    allowed: frozenset
    comodel: str = ""
    of: str = ""

    def is_met(self, env, stored):
        """By the values a new record is stored with. What is computed later is written later, and noted then."""
        value = stored.get(self.name) or False
        if self.comodel and value:
            # sudo: compared here, shown nowhere. Authors and recipients are in the cache when a message is made.
            value = env[self.comodel].sudo().browse(value)[self.of]
        return value in self.allowed

    def is_known_unmet(self, records, record_id, vals):
        """By the columns ``vals`` just written and what is in the cache, without a query."""
        value = vals[self.name] if self.name in vals else _cached(records, self.name, record_id)
        if self.name in vals and not isinstance(value, WRITTEN):
            return False
        if self.comodel and value and value is not UNKNOWN:
            value = _cached(records.env[self.comodel], self.of, value)
        return value is not UNKNOWN and (value or False) not in self.allowed


def _cached(model, name, record_id):
    return model._fields[name]._get_cache(model.env).get(record_id, UNKNOWN)


@dataclass(frozen=True, slots=True)
class HopWatch:
    """A source on another table, whose many2one ``column`` leads to the model."""

    source_id: int
    table: str
    column: str
    fields: frozenset

    def note(self, notes, ids):
        """Note records of the source."""
        notes.add(self.source_id, ids)


@dataclass(frozen=True, slots=True)
class DocumentHop:
    """Documents of model ``name``, whose many2one ``column`` leads to the model."""

    name: str
    table: str
    column: str
    fields: frozenset

    def note(self, notes, ids):
        """Note documents of the model."""
        notes.add_documents(self.name, ids)


@dataclass(frozen=True, slots=True)
class ModelWatch:
    """All that is watched on one model; ``document_fields`` decide who may see what is about its records."""

    own: tuple = ()
    hops: tuple = ()
    document_fields: frozenset = field(default_factory=frozenset)
    document_hops: tuple = ()


def required_values(model, domain):
    """The `Required` conditions every record of ``domain`` meets, on plain columns."""
    domain = Domain(domain).optimize(model)
    conditions = domain.children if isinstance(domain, DomainAnd) else (domain,)
    return tuple(filter(None, (_required(model, condition) for condition in conditions)))


def _required(model, condition):
    column = model._fields.get(condition.field_expr) if isinstance(condition, DomainCondition) else None
    if column is None or not _is_plain(column):
        return None
    if condition.operator == "in":
        # what is computed to be false is not written at all
        return (
            None if column.compute and False in condition.value else Required(column.name, frozenset(condition.value))
        )
    if condition.operator == "any" and isinstance(condition.value, Domain) and column.comodel_name in UNWATCHED:
        comodel = model.env[column.comodel_name]
        linked = condition.value.optimize(comodel)
        if isinstance(linked, DomainCondition) and linked.operator == "in":
            of = comodel._fields.get(linked.field_expr)
            if of is not None and _is_plain(of):
                return Required(column.name, frozenset(linked.value), comodel._name, of.name)
    return None


def _is_plain(field):
    return field.store and not field.related and field.type in PLAIN_TYPES


PLAIN_TYPES = frozenset({"char", "selection", "boolean", "integer", "many2one"})


def build_watchlist(env, compiled_sources, document_paths):
    """``{model name: ModelWatch}`` for the compiled sources and the models documents may belong to."""
    own, hops = {}, {}
    for compiled in compiled_sources:
        own.setdefault(compiled.model_name, []).append(
            OwnWatch(compiled.source_id, compiled.own_fields, compiled.required)
        )
        for model_name, column, names in compiled.hops:
            if model_name not in UNWATCHED:
                hops.setdefault(model_name, []).append(HopWatch(compiled.source_id, compiled.table, column, names))
    documents, document_hops = _watched_documents(env, document_paths)
    return {
        name: ModelWatch(
            tuple(own.get(name, ())),
            tuple(hops.get(name, ())),
            documents.get(name, frozenset()),
            tuple(document_hops.get(name, ())),
        )
        for name in {*own, *hops, *documents, *document_hops}
    }


def _watched_documents(env, document_paths):
    """(fields per document model, `DocumentHop` per model that decides which documents are shown)."""
    documents, hops = {}, {}
    for name, paths in document_paths.items():
        if name in UNWATCHED:
            continue
        conditions = Domain(paths.get("domain", Domain.TRUE)).iter_conditions()
        read = [path for what, path in paths.items() if what != "domain"] + [c.field_expr for c in conditions]
        model, names = env[name], set()
        for first, *further in (path.split(".") for path in read if path != "id"):
            names.add(first)
            if further:
                hop = DocumentHop(name, model._table, first, frozenset(further[:1]))
                hops.setdefault(model._fields[first].comodel_name, []).append(hop)
        documents[name] = frozenset(names)
    return documents, {name: found for name, found in hops.items() if name not in UNWATCHED}
