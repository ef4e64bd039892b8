"""One source becomes SQL: where its records come from, what they say, and what must be watched."""

import ast
from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

from .paths import PathError, PathResolver
from .statements import COLUMNS, Statements
from .watch import required_values

# A day without a time is noon, so that it is the same day in most time zones.
NOON = SQL("interval '12 hours'")
SUMMARY_LENGTH = 160


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """The settings of one source, as plain values."""

    id: int
    model_name: str
    domain: str = "[]"
    partner_path: str = ""
    date_path: str = ""
    duration_path: str = ""
    summary_path: str = ""
    user_path: str = ""
    owner_path: str = ""
    company_path: str = ""
    lead_path: str = ""
    amount_path: str = ""
    currency_path: str = ""
    document_path: str = ""
    document_models: str = ""
    occurrence_path: str = ""
    private_domain: str = ""
    channel_id: int = 0
    direction: str = "none"
    keep: bool = False
    feeds_profile: bool = False
    variants: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledSource:
    """A source ready to run: its statements, and which fields of which models change them."""

    source_id: int
    model_name: str
    table: str
    statements: Statements
    own_fields: frozenset
    required: tuple
    hops: tuple[tuple[str, str, frozenset], ...]


def parse_domain(env, setting, text):
    """The domain written in ``text``; only literals. Raises `PathError` that names the setting."""
    try:
        value = ast.literal_eval(text or "[]")
        return Domain(value)
    except (ValueError, SyntaxError, TypeError) as error:
        raise PathError(
            setting,
            env._(
                "“%(text)s” is not a domain: %(error)s. Write a list such as [('state', '=', 'sale')].",
                text=text,
                error=error,
            ),
        ) from error


class SourceCompiler:
    """Compiles one `SourceSpec`. ``document_paths`` says, per model a document may belong to, where its customer,
    responsible, company and lead are: ``{"sale.order": {"partner": "partner_id", "owner": "user_id", ...}}``, and by
    ``domain`` which of its records may be spoken of at all."""

    def __init__(self, env, spec, document_paths):
        self.spec = spec
        # Compiled as superuser: who may read the captured row is decided by the record rules of crm.interaction.
        self.env = env(su=True)
        self.model = self.env[spec.model_name].with_context(active_test=False, lang=None)
        self.document_paths = document_paths
        self.reads = []
        self.domain = parse_domain(env, "domain", spec.domain)
        self.query = self._search("domain", self.domain)
        self.resolver = PathResolver(self.model, self.query)
        self.documents = []

    def compile(self):
        """The `CompiledSource`. Raises `PathError` for the first setting that cannot be used."""
        columns = self._columns()
        statements = Statements.build(self.env.cr, self.spec, self.query, [columns[name] for name in COLUMNS])
        own, hops = self._watched()
        return CompiledSource(
            source_id=self.spec.id,
            model_name=self.model._name,
            table=self.model._table,
            statements=statements,
            own_fields=own,
            required=required_values(self.model, self.domain),
            hops=hops,
        )

    # ------------------------------------------------------------------ values

    def _columns(self):
        document_model, document_id = self._document()
        lead = self._coalesce([self._path("lead_path"), *self._of_documents("lead")], "int4")
        lead_alias = self._join_table("crm_lead", "crm_plus_lead", lead)
        private = self._condition("private_domain", self.spec.private_domain, default=SQL("FALSE"))
        channel, direction = self._channel_and_direction()
        of_lead = lambda column: SQL.identifier(lead_alias, column)  # noqa: E731
        return {
            "source_id": SQL("%s::int4", self.spec.id),
            "res_id": SQL.identifier(self.query.table, "id"),
            "occurrence": SQL("COALESCE(%s, 0)::int4", self._path("occurrence_path")),
            "partner_id": self._coalesce(
                [self._path("partner_path"), *self._of_documents("partner"), of_lead("partner_id")], "int4"
            ),
            "lead_id": of_lead("id"),
            "date": self._date(),
            "channel_id": channel,
            "direction": direction,
            "user_id": self._path("user_path", "int4"),
            "document_user_id": self._coalesce(
                [self._path("owner_path"), *self._of_documents("owner"), of_lead("user_id")], "int4"
            ),
            "company_id": self._coalesce(
                [self._path("company_path"), *self._of_documents("company"), of_lead("company_id")], "int4"
            ),
            "name": SQL("CASE WHEN %s THEN NULL ELSE %s END", private, self._summary()),
            "amount": self._path("amount_path", "numeric"),
            "currency_id": self._path("currency_path", "int4"),
            "duration": self._path("duration_path", "float8"),
            "is_private": SQL("COALESCE(%s, FALSE)", private),
            "document_model": document_model,
            "document_id": document_id,
        }

    def _resolve_all(self, setting):
        """What the comma separated paths of a setting lead to. A path that ends in “?” is left out while the app that
        adds its field is not installed."""
        found = []
        for path in filter(None, map(str.strip, getattr(self.spec, setting).split(","))):
            if path.endswith("?") and not self.resolver.exists(path[:-1]):
                continue
            resolved = self.resolver.resolve(setting, path.rstrip("?"))
            self.reads.append(resolved.reads)
            found.append(resolved)
        return found

    def _path(self, setting, cast=None):
        values = [resolved.sql for resolved in self._resolve_all(setting)]
        if not values:
            return SQL("NULL::%s", SQL(cast)) if cast else SQL("NULL")
        value = values[0] if len(values) == 1 else SQL("COALESCE(%s)", SQL(", ").join(values))
        return SQL("%s::%s", value, SQL(cast)) if cast else value

    def _coalesce(self, values, cast):
        given = [value for value in values if value.code != "NULL"]
        if not given:
            return SQL("NULL::%s", SQL(cast))
        return SQL("COALESCE(%s)::%s", SQL(", ").join(given), SQL(cast))

    def _date(self):
        if not self.spec.date_path:
            raise PathError("date_path", self.env._("An interaction needs a date. Fill in the path of a date field."))
        values = []
        for resolved in self._resolve_all("date_path"):
            if resolved.field.type not in ("date", "datetime"):
                raise PathError(
                    "date_path",
                    self.env._(
                        "“%(field)s” is not a date. Choose a date or a date and time.", field=resolved.field.name
                    ),
                )
            noon = resolved.field.type == "date"
            values.append(SQL("(%s + %s)", resolved.sql, NOON) if noon else resolved.sql)
        return SQL("COALESCE(%s)::timestamp", SQL(", ").join(values))

    def _summary(self):
        values = [SQL("NULLIF(%s::text, '')", resolved.sql) for resolved in self._resolve_all("summary_path")]
        if not values:
            return SQL("NULL::varchar")
        return SQL("left(COALESCE(%s), %s)::varchar", SQL(", ").join(values), SUMMARY_LENGTH)

    def _channel_and_direction(self):
        channel, direction = [], []
        for text, channel_id, way in self.spec.variants:
            condition = self._condition("variant_ids", text, default=SQL("TRUE"))
            channel.append(SQL("WHEN %s THEN %s", condition, channel_id))
            direction.append(SQL("WHEN %s THEN %s", condition, way))
        if not channel:
            return SQL("%s::int4", self.spec.channel_id), SQL("%s::varchar", self.spec.direction)
        case = "(CASE %s ELSE %s END)"
        return (
            SQL(case + "::int4", SQL(" ").join(channel), self.spec.channel_id),
            SQL(case + "::varchar", SQL(" ").join(direction), self.spec.direction),
        )

    # ------------------------------------------------------------------ documents

    def _document(self):
        """SQL of (document model, document id), and the joins on the models it may belong to."""
        path = self.spec.document_path
        if not path:
            return SQL("NULL::varchar"), SQL("NULL::int4")
        resolved = self.resolver.resolve("document_path", path)
        self.reads.append(resolved.reads)
        if resolved.field.type == "many2one":
            self._add_document(resolved.field.comodel_name, resolved.sql, None)
            return SQL("%s::varchar", resolved.field.comodel_name), SQL("%s::int4", resolved.sql)
        if resolved.field.type != "many2one_reference":
            raise PathError(
                "document_path",
                self.env._(
                    "“%(path)s” does not lead to a document. Choose a many2one or a reference field.", path=path
                ),
            )
        model_path = ".".join([*path.split(".")[:-1], resolved.field.model_field])
        model = self.resolver.resolve("document_path", model_path)
        self.reads.append(model.reads)
        names = [name.strip() for name in (self.spec.document_models or "").split(",") if name.strip() in self.env]
        if not names:
            raise PathError(
                "document_models",
                self.env._("Name at least one installed model whose records are shown, such as crm.lead."),
            )
        # Only named models: a message on a document that salespeople may not read never gets here.
        self.query.add_where(SQL("%s IN %s", model.sql, tuple(names)))
        for name in names:
            self._add_document(name, resolved.sql, model.sql)
        return SQL("%s::varchar", model.sql), SQL("%s::int4", resolved.sql)

    def _add_document(self, name, id_sql, model_sql):
        paths = self.document_paths.get(name)
        if paths is None:
            return
        is_model = SQL("%s = %s AND ", model_sql, name) if model_sql else SQL()
        alias = self._join_table(self.env[name]._table, f"crm_plus_doc{len(self.documents)}", id_sql, is_model)
        self.documents.append((PathResolver(self.env[name], _Rooted(self.query, alias)), paths))
        if model_sql and paths.get("domain"):
            shown = Domain(paths["domain"]).optimize_full(self.env[name])._to_sql(self.env[name], alias, self.query)
            self.query.add_where(SQL("(%s <> %s OR %s)", model_sql, name, shown))

    def _of_documents(self, what):
        return [
            resolver.resolve("document_models", paths[what]).sql
            for resolver, paths in self.documents
            if paths.get(what)
        ]

    # ------------------------------------------------------------------ joins, conditions

    def _join_table(self, table, alias, id_sql, extra=None):
        condition = SQL("%s%s = %s", extra or SQL(), SQL.identifier(alias, "id"), id_sql)
        self.query.add_join("LEFT JOIN", alias, table, condition)
        return alias

    def _search(self, setting, domain):
        try:
            domain.validate(self.model)
            self._note_domain(domain)
            return self.model._search(domain, bypass_access=True, active_test=False)
        except (ValueError, TypeError, KeyError) as error:
            raise PathError(
                setting,
                self.env._("The domain does not fit %(model)s: %(error)s", model=self.model._name, error=error),
            ) from error

    def _condition(self, setting, text, default):
        """SQL of a further domain, over the same joins."""
        if not text or text.strip() in ("[]", "False"):
            return default
        domain = parse_domain(self.env, setting, text)
        try:
            domain.validate(self.model)
            self._note_domain(domain)
            return domain.optimize_full(self.model)._to_sql(self.model, self.query.table, self.query)
        except (ValueError, TypeError, KeyError) as error:
            raise PathError(
                setting,
                self.env._("The domain does not fit %(model)s: %(error)s", model=self.model._name, error=error),
            ) from error

    # ------------------------------------------------------------------ watching

    def _note_domain(self, domain):
        for condition in domain.iter_conditions():
            reads, model = [], self.model
            for name in condition.field_expr.split("."):
                field = model._fields.get(name) if model is not None else None
                if field is None:
                    break
                reads.append((model._name, name))
                model = self.env[field.comodel_name] if field.comodel_name else None
            self.reads.append(tuple(reads))

    def _watched(self):
        """(fields of the model itself, ((comodel, column, fields), ...)) from all that was read."""
        own, hops = set(), {}
        for reads in map(self._expand, self.reads):
            for position, (_model_name, name) in enumerate(reads[:2]):
                if position == 0:
                    own.add(name)
                elif self.model._fields[reads[0][1]].type == "many2one" and self.model._fields[reads[0][1]].store:
                    hops.setdefault((reads[1][0], reads[0][1]), set()).add(name)
        own.discard("id")
        return frozenset(own), tuple((name, column, frozenset(names)) for (name, column), names in hops.items())

    def _expand(self, reads):
        """A related field that is not stored changes when what it is related to changes."""
        if not reads:
            return reads
        field = self.model._fields[reads[0][1]]
        if field.store or not field.related:
            return reads
        model, chain = self.model, []
        for name in field.related.split("."):
            chain.append((model._name, name))
            comodel = model._fields[name].comodel_name
            model = self.env[comodel] if comodel else None
        return (*chain, *reads[1:])


class _Rooted:
    """A query seen from one of its joined tables."""

    def __init__(self, query, table):
        self.table = table
        self.make_alias = query.make_alias
        self.add_join = query.add_join
