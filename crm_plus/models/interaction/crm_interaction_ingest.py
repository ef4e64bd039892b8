from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.interaction import ingest_rows
from ...engine.interaction.ingest_rows import RowError
from .crm_interaction_ingest_lookup import as_json, identifiers

MAX_ROWS = 10_000
# What a row that is sent again may change; (source, external reference) is its key.
CHANGING = (
    "partner_id", "lead_id", "date", "channel_id", "direction", "user_id", "document_user_id", "company_id", "name",
    "note", "duration", "outcome", "amount", "currency_id",
)  # fmt: skip


class CrmInteraction(models.Model):
    _inherit = "crm.interaction"

    @api.model
    def ingest(self, rows):
        """Take interactions from another system: telephony, social networks, a shop.

        Good rows land, bad ones do not stop them. The same row again changes nothing:
        (source, external_ref) is its key.
        A constant number of queries, whatever the number of rows. See docs/api.md for the fields of a row.

        :param rows: list of at most 10,000 dicts
        :return: for each row, in order, ``{"index", "external_ref", "status", "id", "field", "error"}``, where status
            is created, updated, unchanged or error, and what does not apply is False
        """
        self.browse().check_access("create")
        if not isinstance(rows, list):
            raise UserError(self.env._("rows: send a list of objects, also for a single interaction."))
        if len(rows) > MAX_ROWS:
            raise UserError(
                self.env._(
                    "rows: there are %(given)s of them; send at most %(max)s at a time.", given=len(rows), max=MAX_ROWS
                )
            )
        checks = ingest_rows.checkers(
            now=fields.Datetime.now(), outcomes=tuple(self._fields["outcome"].get_values(self.env))
        )
        parsed = [ingest_rows.parse_row(row, now=fields.Datetime.now(), checks=checks) for row in rows]
        values = self._ingest_values(parsed)
        stored = self._ingest_store(list({_key(value): value for value in values if isinstance(value, dict)}.values()))
        return self._ingest_results(rows, values, stored)

    # ------------------------------------------------------------------ one statement

    def _ingest_store(self, values):
        """Insert or update ``values``, one of each key, in one statement.

        Whoever is not a manager changes only what was sent in for them: everything else with that key is left alone.

        :return: ``{key: (id, status)}``; no id: somebody else's
        """
        if not values:
            return {}
        self.flush_model()
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
                types=self._ingest_types(columns),
                columns=identifiers(columns),
                changing=identifiers(CHANGING),
                excluded=identifiers(CHANGING, "excluded"),
                old=identifiers(CHANGING, "crm_interaction"),
                allowed=self._ingest_may_change(),
            )
        )
        self._forget_cached()
        stored = {(source, ref): (id_, status) for source, ref, id_, status in rows}
        return stored | self._ingest_left_alone([value for value in values if _key(value) not in stored])

    def _ingest_left_alone(self, values):
        """What is there already and was not changed: it is the same, or somebody else's."""
        if not values:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT source_id, external_ref, id, %(allowed)s FROM crm_interaction
                     JOIN json_to_recordset(%(rows)s::json) AS r(source_id int4, external_ref varchar)
                    USING (source_id, external_ref)""",
                allowed=self._ingest_may_change(),
                rows=as_json([{name: value[name] for name in ("source_id", "external_ref")} for value in values]),
            )
        )
        return {(source, ref): (id_ if mine else False, "unchanged") for source, ref, id_, mine in rows}

    def _ingest_types(self, columns):
        return SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(self._fields[name].column_type[1])) for name in columns
        )

    def _ingest_may_change(self):
        """SQL: what the caller may send again: a manager all of the companies they are in, others what is theirs."""
        companies = SQL(
            "(crm_interaction.company_id IS NULL OR crm_interaction.company_id = ANY(%s))", self.env.companies.ids
        )
        if self._may_log_for_others():
            return companies
        return SQL("(%s AND crm_interaction.user_id IS NOT DISTINCT FROM %s)", companies, self.env.uid)

    # ------------------------------------------------------------------ what is answered

    def _ingest_results(self, rows, values, stored):
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
            error = self._refusal(value.field, value.reason, value.values)
            results.append(result | {"field": value.field, "error": error})
        return results


def _key(value):
    return value["source_id"], value["external_ref"]
