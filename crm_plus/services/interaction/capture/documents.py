"""The documents interactions are about: which models they may belong to, and what they say of themselves."""

from odoo.fields import Domain
from odoo.tools import SQL

from .paths import PathError, PathResolver

# Fields that name the model of a record whose number stands beside them as a plain number.
MODEL_FIELDS = ("res_model", "model_name", "model")


class DocumentJoins:
    """Joins the documents of one source to its query. ``paths`` as `SourceCompiler` takes them."""

    def __init__(self, env, spec, resolver, reads, paths):
        self.env = env
        self.spec = spec
        self.resolver = resolver
        self.query = resolver.query
        self.reads = reads
        self.paths = paths
        self.joined = []
        # SQL of (document model, document id) that the record is about, if that is not the document to open
        self.about = None

    def document(self):
        """SQL of (document model, document id), and the joins on the models it may belong to."""
        if self.spec.about_path:
            self.about = self._document("about_path", self.spec.about_path)
        if not self.spec.document_path:
            return SQL("NULL::varchar"), SQL("NULL::int4")
        return self._document("document_path", self.spec.document_path)

    def _document(self, setting, path):
        if path == "id":
            name = self.resolver.model._name
            return SQL("%s::varchar", name), SQL("%s::int4", SQL.identifier(self.query.table, "id"))
        resolved = self.resolver.resolve(setting, path)
        self.reads.add(resolved.reads)
        if resolved.field.type == "many2one":
            self._add(resolved.field.comodel_name, resolved.sql, None)
            return SQL("%s::varchar", resolved.field.comodel_name), SQL("%s::int4", resolved.sql)
        model_field = self._model_field(resolved.field)
        if not model_field:
            raise PathError(
                setting,
                self.env._(
                    "“%(path)s” does not lead to a document. Choose a many2one or a reference field.", path=path
                ),
            )
        model_path = ".".join([*path.split(".")[:-1], model_field])
        model = self.resolver.resolve(setting, model_path)
        self.reads.add(model.reads)
        names = [name.strip() for name in (self.spec.document_models or "").split(",") if name.strip() in self.env]
        if not names:
            raise PathError(
                "document_models",
                self.env._("Name at least one installed model whose records are shown, such as crm.lead."),
            )
        # Only named models: a message on a document that salespeople may not read never gets here. A meeting is about
        # such a document, and then only says less.
        if setting == "document_path":
            self.query.add_where(SQL("%s IN %s", model.sql, tuple(names)))
        for name in names:
            self._add(name, resolved.sql, model.sql, is_whole=setting == "document_path")
        return SQL("%s::varchar", model.sql), SQL("%s::int4", resolved.sql)

    def _model_field(self, field):
        """The field that names the model of a reference; None when a field is none."""
        if field.type == "many2one_reference":
            return field.model_field
        beside = self.env[field.model_name]._fields
        return next((name for name in MODEL_FIELDS if name in beside), None) if field.type == "integer" else None

    def _add(self, name, id_sql, model_sql, is_whole=True):
        paths = self.paths.get(name)
        if paths is None:
            return
        is_model = SQL("%s = %s AND ", model_sql, name) if model_sql else SQL()
        alias = join_table(self.query, self.env[name]._table, f"crm_plus_doc{len(self.joined)}", id_sql, is_model)
        shown = None
        if model_sql and paths.get("domain"):
            shown = Domain(paths["domain"]).optimize_full(self.env[name])._to_sql(self.env[name], alias, self.query)
            if is_whole:
                self.query.add_where(SQL("(%s <> %s OR %s)", model_sql, name, shown))
        resolver = PathResolver(self.env[name], _Rooted(self.query, alias))
        self.joined.append((resolver, paths, None if is_whole else shown))

    def values(self, what):
        """SQL of the customer, owner, company or lead of the document, one for each model that has it."""
        found = []
        for resolver, paths, shown in self.joined:
            if paths.get(what):
                value = resolver.resolve("document_models", paths[what]).sql
                found.append(SQL("CASE WHEN %s THEN %s END", shown, value) if shown else value)
        return found


def join_table(query, table, alias, id_sql, extra=None):
    """LEFT JOIN ``table`` by id; its alias."""
    query.add_join("LEFT JOIN", alias, table, SQL("%s%s = %s", extra or SQL(), SQL.identifier(alias, "id"), id_sql))
    return alias


class _Rooted:
    """A query seen from one of its joined tables."""

    def __init__(self, query, table):
        self.table = table
        self.make_alias = query.make_alias
        self.add_join = query.add_join
