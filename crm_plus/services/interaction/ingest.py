"""Rows of other systems, from what was sent to what is stored, in one statement for all of them."""

import json

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.interaction import ingest_rows
from ...engine.interaction.ingest_rows import RowError
from .capture import notes
from .ingest_lookup import Lookup

MAX_ROWS = 10_000
# What a row that is sent again may change; (source, external reference) is its key.
CHANGING = (
    "partner_id", "lead_id", "date", "day", "channel_id", "direction", "user_id", "document_user_id", "company_id",
    "name", "note", "duration", "outcome", "amount", "currency_id",
)  # fmt: skip


class Ingest:
    """One call of the API; ``interactions`` is the empty ``crm.interaction`` of the caller."""

    def __init__(self, interactions):
        self.interactions, self.env = interactions, interactions.env

    def run(self, rows):
        """Store the good ones of ``rows``; what became of each, in order. Raises `UserError` when there are no rows."""
        if not isinstance(rows, list):
            raise UserError(self.env._("rows: send a list of objects, even for a single interaction."))
        if len(rows) > MAX_ROWS:
            raise UserError(
                self.env._(
                    "rows: %(given)s rows were sent; send at most %(max)s at a time.", given=len(rows), max=MAX_ROWS
                )
            )
        checks = ingest_rows.checkers(
            now=fields.Datetime.now(), outcomes=tuple(self.interactions._fields["outcome"].get_values(self.env))
        )
        parsed = [ingest_rows.parse_row(row, now=fields.Datetime.now(), checks=checks) for row in rows]
        values = Lookup(self.interactions).values(parsed)
        stored = self._store(list({_key(value): value for value in values if isinstance(value, dict)}.values()))
        return self._results(rows, values, stored)

    # ------------------------------------------------------------------ one statement

    def _store(self, values):
        """Insert or update ``values``, one of each key, in one statement.

        Whoever is not a manager changes only what was sent in for them: everything else with that key is left alone.

        :return: ``{key: (id, status)}``; no id: somebody else's
        """
        if not values:
            return {}
        self.interactions.flush_model()
        notes.note_logged(self.env.cr)
        columns = ("source_id", "external_ref", *CHANGING)
        rows = self.env.execute_query(
            SQL(
                """WITH sent AS (SELECT * FROM json_to_recordset(%(rows)s::json) AS r(%(types)s)),
                        put AS (INSERT INTO crm_interaction (%(columns)s, occurrence, is_private)
                                SELECT %(columns)s, 0, FALSE FROM sent ORDER BY source_id, external_ref
                                ON CONFLICT (source_id, external_ref) WHERE external_ref IS NOT NULL
                                DO UPDATE SET (%(changing)s) = ROW(%(excluded)s)
                                 WHERE (%(old)s) IS DISTINCT FROM (%(excluded)s) AND %(allowed)s
                                RETURNING id, source_id, external_ref, xmax = 0 AS created)
                   SELECT source_id, external_ref, id, CASE WHEN created THEN 'created' ELSE 'updated' END FROM put""",
                rows=as_json(values),
                types=self._types(columns),
                columns=identifiers(columns),
                changing=identifiers(CHANGING),
                excluded=identifiers(CHANGING, "excluded"),
                old=identifiers(CHANGING, "crm_interaction"),
                allowed=self._may_change(),
            )
        )
        self.interactions._forget_cached()
        stored = {(source, ref): (id_, status) for source, ref, id_, status in rows}
        return stored | self._left_alone([value for value in values if _key(value) not in stored])

    def _left_alone(self, values):
        """What is there already and was not changed: it is the same, or somebody else's."""
        if not values:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT source_id, external_ref, id, %(allowed)s FROM crm_interaction
                     JOIN json_to_recordset(%(rows)s::json) AS r(source_id int4, external_ref varchar)
                    USING (source_id, external_ref)""",
                allowed=self._may_change(),
                rows=as_json([{name: value[name] for name in ("source_id", "external_ref")} for value in values]),
            )
        )
        return {(source, ref): (id_ if mine else False, "unchanged") for source, ref, id_, mine in rows}

    def _types(self, columns):
        return SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(self.interactions._fields[name].column_type[1])) for name in columns
        )

    def _may_change(self):
        """SQL: what the caller may send again: a manager all of the companies they are in, others what is theirs."""
        companies = SQL(
            "(crm_interaction.company_id IS NULL OR crm_interaction.company_id = ANY(%s))", self.env.companies.ids
        )
        if self.interactions._may_log_for_others():
            return companies
        return SQL("(%s AND crm_interaction.user_id IS NOT DISTINCT FROM %s)", companies, self.env.uid)

    # ------------------------------------------------------------------ what is answered

    def _results(self, rows, values, stored):
        seen = {}
        results = []
        for index, (row, value) in enumerate(zip(rows, values, strict=True)):
            result = {
                "index": index,
                "external_ref": False,
                "status": "error",
                "id": False,
                "field": False,
                "error": False,
            }
            if isinstance(row, dict) and isinstance(row.get("external_ref"), str):
                result["external_ref"] = row["external_ref"][:255]
            if isinstance(value, dict):
                key = _key(value)
                id_, status = stored.get(key, (False, "error"))
                # Of rows with the same key in one call the last one counts, as if they had been sent one by one.
                if key in seen:
                    status = "unchanged" if seen[key] == value else "updated"
                seen[key] = value
                if id_:
                    results.append(result | {"external_ref": key[1], "status": status, "id": id_})
                    continue
                value = RowError("external_ref", "not_yours")
            error = self.interactions._refusal(value.field, value.reason, value.values)
            results.append(result | {"field": value.field, "error": error})
        return results


def _key(value):
    return value["source_id"], value["external_ref"]


def as_json(rows):
    """Rows as one SQL parameter; plain ASCII, so that no encoding matters."""
    return json.dumps(rows)


def identifiers(names, table=None):
    """Column names, of a table when one is given, for an SQL list."""
    return SQL(", ").join(SQL.identifier(table, name) if table else SQL.identifier(name) for name in names)
