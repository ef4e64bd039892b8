from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..engine import timeline_request

PAGE_LIMIT = 200
HIDDEN_LIMIT = 1000
STRIP_WEEKS = 53
SHOWN = (
    "channel_id", "direction", "name", "is_private", "lead_id", "amount", "currency_id", "duration", "outcome", "note",
)  # fmt: skip


class CrmInteraction(models.Model):
    _inherit = "crm.interaction"

    @api.model
    @api.readonly
    def timeline_page(self, scope, filters=None, before=None, limit=40):
        """One page of a customer's or lead's timeline, newest first, as far as the user may see.

        One index range per contact of a company, whatever the number of its interactions; at most 8 queries.

        :param scope: ``{"partner_id": id}`` (with all contacts of a company) or ``{"lead_id": id}``
        :param filters: any of channel_ids, direction, partner_ids, user_ids, date_from, date_to, search
        :param before: the ``next`` of the previous page
        :return: ``{"rows": [...], "next": cursor or False}``, the first page also "channels" and "can_log"
        """
        limit, before, filters = self._timeline_request(limit, before, filters)
        column, ids = self._timeline_scope(scope)
        if column == "partner_id" and "partner_ids" in filters:
            ids = [id_ for id_ in ids if id_ in filters["partner_ids"]]
        query = self._search(self._timeline_domain(filters))
        rows = self.env.execute_query_dict(self._timeline_sql(query, column, ids, before, limit + 1))
        page = {"rows": [self._timeline_row(row) for row in rows[:limit]], "next": False}
        if len(rows) > limit:
            last = rows[limit - 1]
            page["next"] = [fields.Datetime.to_string(last["date"]) + f".{last['date'].microsecond:06d}", last["id"]]
        if before is None:
            page["channels"] = (
                self.env["crm.interaction.channel"]
                .with_context(active_test=False)
                .search_read([], ["code", "name", "icon", "color"])
            )
            page["can_log"] = self.has_access("create")
        return page

    @api.model
    @api.readonly
    def timeline_summary(self, scope, filters=None):
        """How much there is: total and hidden counts, events per week of the last year, channels, people, users.

        One pass over the index range of the customer; asked for after the first page is shown.
        """
        filters = self._timeline_request(filters=filters)[2]
        column, ids = self._timeline_scope(scope)
        mine = Domain(column, "in", ids)
        visible = mine & self._timeline_domain(filters)
        monday = fields.Date.context_today(self)
        monday -= timedelta(days=monday.weekday())
        first = monday - timedelta(weeks=STRIP_WEEKS - 1)
        query = self._search(visible)
        counts = self.env.execute_query_dict(self._summary_sql(query, first))
        week_counts = {row["key"]: row["count"] for row in counts if row["kind"] == "week"}
        total = next((row["count"] for row in counts if row["kind"] == "total"), 0)
        return {
            "total": total,
            "hidden": self._hidden_count(mine),
            "weeks": [
                {"start": fields.Date.to_string(first + timedelta(weeks=week)), "count": week_counts.get(week, 0)}
                for week in range(STRIP_WEEKS)
            ],
            "channels": [{"id": row["key"], "count": row["count"]} for row in counts if row["kind"] == "channel"],
            "people": self._named_counts("res.partner", [row for row in counts if row["kind"] == "partner"]),
            "users": self._named_counts("res.users", [row for row in counts if row["kind"] == "user"]),
        }

    # ------------------------------------------------------------------ what is asked for

    def _timeline_request(self, limit=PAGE_LIMIT, before=None, filters=None):
        """(limit, cursor, filters), checked; what is wrong is told by name."""
        try:
            return (
                timeline_request.parse_limit(limit, PAGE_LIMIT),
                timeline_request.parse_cursor(before),
                timeline_request.parse_filters(filters),
            )
        except timeline_request.RequestError as error:
            raise self._refused(error) from None

    def _refused(self, error):
        return UserError(self._refusal(error.field, error.reason, error.values))

    def _timeline_scope(self, scope):
        """(column, ids) of the scope; checks that the user may read the customer or lead and interactions at all."""
        self.browse().check_access("read")
        try:
            column, record_id = timeline_request.parse_scope(scope)
        except timeline_request.RequestError as error:
            raise self._refused(error) from None
        record = self.env[self._fields[column].comodel_name].browse(record_id)
        record.check_access("read")
        if column == "lead_id":
            return column, record.ids
        contacts = record.with_context(active_test=False).search(
            [("id", "child_of", record.id), ("id", "!=", record.id)]
        )
        return column, [record.id, *contacts.ids]

    @api.model
    def _timeline_domain(self, filters):
        domain = Domain.TRUE
        for name, column in (("channel_ids", "channel_id"), ("partner_ids", "partner_id"), ("user_ids", "user_id")):
            if name in filters:
                domain &= Domain(column, "in", filters[name])
        if "direction" in filters:
            domain &= Domain("direction", "=", filters["direction"])
        if "date_from" in filters:
            domain &= Domain("date", ">=", self._day_start(filters["date_from"]))
        if "date_to" in filters:
            domain &= Domain("date", "<", self._day_start(filters["date_to"], days=1))
        if "search" in filters:
            text = escape_psql(filters["search"])
            domain &= Domain.OR(Domain(name, "ilike", text) for name in ("name", "note", "partner_id.name"))
        return domain

    def _day_start(self, day, days=0):
        """UTC moment at which a day begins for the user."""
        midnight = fields.Datetime.to_datetime(day + timedelta(days=days))
        return self.env.tz.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------------ SQL

    def _timeline_sql(self, query, column, ids, before, limit):
        where = query.where_clause or SQL("TRUE")
        # An event shared by several contacts, such as a meeting or a mail to two of them, is one event: the last of
        # the rows the user sees stands for all.
        shown = SQL(
            """%(where)s AND NOT EXISTS (
                SELECT FROM (SELECT crm_interaction.* FROM %(tables)s WHERE %(where)s) twin
                 WHERE twin.document_id = crm_interaction.document_id AND twin.date = crm_interaction.date
                   AND twin.document_model = crm_interaction.document_model
                   AND twin.source_id = crm_interaction.source_id
                   AND twin.name IS NOT DISTINCT FROM crm_interaction.name
                   AND twin.id > crm_interaction.id AND twin.%(column)s = ANY(%(ids)s))""",
            where=where,
            tables=query.from_clause,
            column=SQL.identifier(column),
            ids=ids,
        )
        if before:
            shown = SQL(
                "%s AND (crm_interaction.date, crm_interaction.id) < (%s::timestamp, %s)",
                shown,
                before[0],
                before[1],
            )
        return SQL(
            """SELECT i.*, s.model_name AS source_model, s.kind AS source_kind, p.complete_name AS partner_name,
                      up.name AS user_name
                 FROM unnest(%(ids)s::int4[]) AS scope(id),
                      LATERAL (SELECT crm_interaction.* FROM %(tables)s
                                WHERE crm_interaction.%(column)s = scope.id AND %(where)s
                                ORDER BY crm_interaction.date DESC, crm_interaction.id DESC LIMIT %(limit)s) i
                 JOIN crm_interaction_source s ON s.id = i.source_id
                 LEFT JOIN res_partner p ON p.id = i.partner_id
                 LEFT JOIN res_users u ON u.id = i.user_id
                 LEFT JOIN res_partner up ON up.id = u.partner_id
                ORDER BY i.date DESC, i.id DESC LIMIT %(limit)s""",
            ids=ids,
            tables=query.from_clause,
            column=SQL.identifier(column),
            where=shown,
            limit=limit,
        )

    def _summary_sql(self, query, first):
        return SQL(
            """WITH event AS (
                    SELECT DISTINCT ON (source_id, document_model, document, date, name)
                           channel_id, partner_id, user_id, week
                      FROM (SELECT crm_interaction.channel_id, crm_interaction.partner_id, crm_interaction.user_id,
                                   crm_interaction.source_id, crm_interaction.document_model, crm_interaction.date,
                                   COALESCE(crm_interaction.document_id, -crm_interaction.id) AS document,
                                   crm_interaction.name,
                                   (crm_interaction.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date - %(first)s::date
                                   AS day
                              FROM %(tables)s WHERE %(where)s) i,
                           LATERAL (SELECT CASE WHEN day >= 0 THEN day / 7 END AS week) w)
               SELECT CASE WHEN GROUPING(channel_id) = 0 THEN 'channel' WHEN GROUPING(partner_id) = 0 THEN 'partner'
                           WHEN GROUPING(user_id) = 0 THEN 'user' WHEN GROUPING(week) = 0 THEN 'week'
                           ELSE 'total' END AS kind,
                      COALESCE(channel_id, partner_id, user_id, week) AS key,
                      count(*) AS count
                 FROM event
                GROUP BY GROUPING SETS ((channel_id), (partner_id), (user_id), (week), ())
                ORDER BY count DESC""",
            tables=query.from_clause,
            where=query.where_clause or SQL("TRUE"),
            tz=str(self.env.tz),
            first=first,
        )

    def _hidden_count(self, mine):
        """How many more there are in the user's companies that the user may not see; a number, never content."""
        companies = Domain("company_id", "in", [False, *self.env.companies.ids])
        # sudo: only counts, and only within the user's companies, so that nobody calls a customer a colleague has
        # just spoken to.
        return self.sudo().search_count(
            mine & companies & Domain("id", "not in", self._search(mine)), limit=HIDDEN_LIMIT
        )

    # ------------------------------------------------------------------ what is shown

    def _timeline_row(self, row):
        document = False
        if row["document_model"] and row["document_id"]:
            document = {"model": row["document_model"], "id": row["document_id"]}
        elif row["source_model"] and row["res_id"]:
            document = {"model": row["source_model"], "id": row["res_id"]}
        if document and document["model"] not in self.env:
            document = False  # its app has been uninstalled
        return {
            "id": row["id"],
            "date": fields.Datetime.to_string(row["date"]),
            "partner": (row["partner_id"] and [row["partner_id"], row["partner_name"]]) or False,
            "user": (row["user_id"] and [row["user_id"], row["user_name"]]) or False,
            "document": document,
            "can_edit": row["source_kind"] == "manual"
            and (row["user_id"] == self.env.uid or self.env.user.has_group("crm_plus.group_crm_plus_manager")),
            **{name: row[name] or False for name in SHOWN},
        }

    def _named_counts(self, model, counts):
        # sudo: names of contacts and colleagues on rows the user has just been allowed to count.
        records = self.env[model].sudo().browse([row["key"] for row in counts if row["key"]])
        names = {record.id: record.display_name for record in records}
        return [
            {"id": row["key"], "name": names[row["key"]], "count": row["count"]}
            for row in counts
            if row["key"] in names
        ]
