"""One source becomes SQL: where its records come from, what they say, and what must be watched."""

from contextlib import contextmanager

from odoo.tools import SQL

from ....engine.interaction.days import CLOCK_SKEW, HOUR
from .alternatives import condition_sql
from .documents import DocumentJoins, join_table
from .paths import PathError, PathResolver, did_you_mean
from .reads import Reads
from .spec import CompiledSource, parse_domain
from .statements import COLUMNS, Statements
from .watch import required_values

# The moment that stands for a day without a time.
OF_DAY = SQL(f"interval '{HOUR} hours'")
SUMMARY_LENGTH = 160


class SourceCompiler:
    """Compiles one `SourceSpec`. ``document_paths`` says, per model a document may belong to, where its customer,
    responsible, company and lead are: ``{"sale.order": {"partner": "partner_id", "owner": "user_id", ...}}``, and by
    ``domain`` which of its records may be spoken of at all."""

    def __init__(self, env, spec, document_paths, queues=()):
        self.spec = spec
        self.queues = queues
        # Compiled as superuser: who may read the captured row is decided by the record rules of crm.interaction.
        self.env = env(su=True)
        self.model = self.env[spec.model_name].with_context(active_test=False, lang=None)
        self.reads = Reads(self.model)
        self.domain = parse_domain(env, "domain", spec.domain)
        self.query = self._search("domain", self.domain)
        self.resolver = PathResolver(self.model, self.query)
        self.documents = DocumentJoins(self.env, spec, self.resolver, self.reads, document_paths)

    def compile(self):
        """The `CompiledSource`. Raises `PathError` for the first setting that cannot be used."""
        columns = self._columns()
        values = [columns[name] for name in COLUMNS]
        about = self.documents.about
        statements = Statements.build(self.env.cr, self.spec, self.query, values, self.queues, about)
        own, hops = self.reads.watched()
        if self.spec.feeds_profile:
            own |= self.env["crm.customer.profile"]._document_fields().get(self.model._name, frozenset())
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
        document_model, document_id = self.documents.document()
        lead = self._coalesce([self._path("lead_path"), *self.documents.values("lead")], "int4")
        lead_alias = join_table(self.query, "crm_lead", "crm_plus_lead", lead)
        private = self._condition("private_domain", self.spec.private_domain, default=SQL("FALSE"))
        channel, direction = self._channel_and_direction()
        date, day = self._date_and_day()
        partner = self._coalesce(
            [self._path("partner_path"), *self.documents.values("partner"), SQL.identifier(lead_alias, "partner_id")],
            "int4",
        )
        self._leave_apart(partner)

        def of_lead(column):
            return SQL.identifier(lead_alias, column)

        return {
            "source_id": SQL("%s::int4", self.spec.id),
            "res_id": SQL.identifier(self.query.table, "id"),
            "occurrence": SQL("COALESCE(%s, 0)::int4", self._path("occurrence_path")),
            "partner_id": partner,
            "lead_id": of_lead("id"),
            "date": date,
            "day": day,
            "channel_id": channel,
            "direction": direction,
            "user_id": self._path("user_path", "int4"),
            "document_user_id": self._coalesce(
                [self._path("owner_path"), *self.documents.values("owner"), of_lead("user_id")], "int4"
            ),
            "company_id": self._coalesce(
                [self._path("company_path"), *self.documents.values("company"), of_lead("company_id")], "int4"
            ),
            "name": SQL("CASE WHEN %s THEN NULL ELSE %s END", private, self._summary()),
            "amount": self._path("amount_path", "numeric"),
            "currency_id": self._path("currency_path", "int4"),
            "duration": self._path("duration_path", "float8"),
            "is_private": SQL("COALESCE(%s, FALSE)", private),
            "document_model": document_model,
            "document_id": document_id,
            "shared_ref": self._shared(),
        }

    def _shared(self):
        """SQL of what rows of one event have in common: the record that several contacts share, by its name."""
        if not self.spec.shared_path:
            return SQL("NULL::varchar")
        if self.spec.shared_path == "id":
            name, value = self.model._name, SQL.identifier(self.query.table, "id")
        else:
            resolved = self.resolver.resolve("shared_path", self.spec.shared_path)
            self.reads.add(resolved.reads)
            name, value = resolved.field.comodel_name, resolved.sql
            if resolved.field.type != "many2one":
                raise PathError(
                    "shared_path",
                    self.env._("“%(path)s” does not link to one record.", path=self.spec.shared_path),
                )
        return SQL("(%s || %s)::varchar", f"{name},", value)

    def _leave_apart(self, partner):
        """Leave out the records whose customer has an interaction of its own, by a line of the record."""
        if not self.spec.apart_path:
            return
        lines, _dot, name = self.spec.apart_path.partition(".")
        field = self.model._fields.get(lines)
        contact = self.env[field.comodel_name]._fields.get(name) if field and field.type == "one2many" else None
        if contact is None or not contact.store or contact.comodel_name != "res.partner":
            raise PathError(
                "apart_path",
                self.env._(
                    "“%(path)s” does not lead to the contacts of lines, as attendee_ids.partner_id does.",
                    path=self.spec.apart_path,
                ),
            )
        # a record is written when its lines are
        self.reads.add(((self.model._name, "write_date"),))
        self.query.add_where(
            SQL(
                "NOT EXISTS (SELECT FROM %s apart WHERE apart.%s = %s AND apart.%s = %s)",
                SQL.identifier(self.env[field.comodel_name]._table),
                SQL.identifier(field.inverse_name),
                SQL.identifier(self.query.table, "id"),
                SQL.identifier(name),
                partner,
            )
        )

    def _resolve_all(self, setting):
        """What the comma separated paths of a setting lead to. A path that ends in “?” is left out while the app that
        adds its field is not installed."""
        found = []
        for path in filter(None, map(str.strip, getattr(self.spec, setting).split(","))):
            if path.endswith("?") and not self.resolver.exists(path[:-1]):
                continue
            resolved = self.resolver.resolve(setting, path.rstrip("?"))
            self.reads.add(resolved.reads)
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

    def _date_and_day(self):
        """SQL of the moment, and of the day of what is known to the day only; of several paths the first that is set.
        A moment that lies after the other one that the source names is that one."""
        if not self.spec.date_path:
            raise PathError("date_path", self.env._("An interaction needs a date. Enter the path of a date field."))
        dates, days = [], []
        for resolved in self._resolve_dates("date_path"):
            is_day = resolved.field.type == "date"
            dates.append(SQL("(%s + %s)", resolved.sql, OF_DAY) if is_day else resolved.sql)
            days.append(SQL("WHEN %s IS NOT NULL THEN %s", resolved.sql, resolved.sql if is_day else SQL("NULL::date")))
        date = SQL("COALESCE(%s)::timestamp", SQL(", ").join(dates))
        latest = [resolved.sql for resolved in self._resolve_dates("latest_path")]
        if latest:
            latest = SQL("COALESCE(%s)", SQL(", ").join(latest))
            # a message is dated a moment after the transaction that writes it has begun
            late = SQL("%s > %s + %s", date, latest, CLOCK_SKEW)
            date = SQL("(CASE WHEN %s THEN %s ELSE %s END)::timestamp", late, latest, date)
        return date, SQL("(CASE %s END)::date", SQL(" ").join(days))

    def _resolve_dates(self, setting):
        found = self._resolve_all(setting)
        for resolved in found:
            if resolved.field.type not in ("date", "datetime"):
                raise PathError(
                    setting,
                    self.env._(
                        "“%(field)s” is not a date. Choose a date or a date and time.", field=resolved.field.name
                    ),
                )
        return found

    def _summary(self):
        values = [SQL("NULLIF(%s::text, '')", resolved.sql) for resolved in self._resolve_all("summary_path")]
        if not values:
            return SQL("NULL::varchar")
        return SQL("left(COALESCE(%s), %s)::varchar", SQL(", ").join(values), SUMMARY_LENGTH)

    def _channel_and_direction(self):
        channels, ways = [], []
        for text, channel_id, way in self.spec.variants:
            condition = self._condition("variant_ids", text, default=SQL("TRUE"))
            channels.append((condition, channel_id))
            ways.append((condition, way))
        return _choice(channels, self.spec.channel_id, "int4"), _choice(ways, self.spec.direction, "varchar")

    # ------------------------------------------------------------------ conditions

    def _search(self, setting, domain):
        with self._fitting(setting, domain):
            domain.validate(self.model)
            self.reads.add_domain(domain)
            return self.model._search(domain, bypass_access=True, active_test=False)

    def _condition(self, setting, text, default):
        """SQL of a further domain, over the same joins."""
        if not text or text.strip() in ("[]", "False"):
            return default
        domain = parse_domain(self.env, setting, text)
        with self._fitting(setting, domain):
            domain.validate(self.model)
            self.reads.add_domain(domain)
            return condition_sql(domain.optimize_full(self.model), self.model, self.query)

    @contextmanager
    def _fitting(self, setting, domain):
        try:
            yield
        except (ValueError, TypeError, KeyError) as error:
            names = [condition.field_expr.split(".")[0] for condition in domain.iter_conditions()]
            unknown = [name for name in names if name not in self.model._fields]
            raise PathError(
                setting,
                self.env._("The domain does not match %(model)s: %(error)s", model=self.model._name, error=error)
                + (did_you_mean(self.env, unknown[0], self.model._fields) if unknown else ""),
            ) from error


def _choice(branches, default, cast):
    """SQL of the value of the first (condition, value) that holds; nothing is asked where all values are the same."""
    if all(value == default for _condition, value in branches):
        return SQL("%s::%s", default, SQL(cast))
    cases = SQL(" ").join(SQL("WHEN %s THEN %s", *branch) for branch in branches)
    return SQL("(CASE %s ELSE %s END)::%s", cases, default, SQL(cast))
