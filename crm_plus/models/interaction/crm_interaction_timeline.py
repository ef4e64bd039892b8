from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ...engine.interaction import timeline_request
from . import timeline_sql

PAGE_LIMIT = 200
HIDDEN_LIMIT = 1000
STRIP_WEEKS = 53
SHOWN = (
    "channel_id", "direction", "name", "is_private", "lead_id", "amount", "currency_id", "duration", "outcome", "note",
)  # fmt: skip
READ = ("id", "date", "source_id", "res_id", "partner_id", "user_id", "document_model", "document_id", *SHOWN)


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
        rows = self.env.execute_query_dict(timeline_sql.page(query, column, ids, before, limit + 1, READ))
        page = {"rows": self._timeline_rows(timeline_sql.without_twins(rows[:limit])), "next": False}
        if len(rows) > limit:
            last = rows[limit - 1]
            page["next"] = [last["date"].isoformat(" ", "microseconds"), last["id"]]
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
        mondays = self._strip_weeks()
        weeks = [self._day_start(monday) for monday in mondays]
        counts = self.env.execute_query_dict(
            timeline_sql.summary(self._search(visible), weeks, shared=column == "lead_id" or len(ids) > 1)
        )
        # bucket 0 is what came before the strip
        week_counts = {row["key"] - 1: row["count"] for row in counts if row["kind"] == "week"}
        return {
            "total": next(row["count"] for row in counts if row["kind"] == "total"),
            "hidden": self._hidden_count(mine),
            "weeks": [
                {"start": fields.Date.to_string(monday), "count": week_counts.get(week, 0)}
                for week, monday in enumerate(mondays[:STRIP_WEEKS])
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
            [("commercial_partner_id", "=", record.id), ("id", "!=", record.id)]
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

    def _strip_weeks(self):
        """The Mondays of the strip, and the one after it."""
        today = fields.Date.context_today(self)
        monday = today - timedelta(days=today.weekday())
        return [monday + timedelta(weeks=week) for week in range(1 - STRIP_WEEKS, 2)]

    def _day_start(self, day, days=0):
        """UTC moment at which a day begins for the user."""
        midnight = fields.Datetime.to_datetime(day + timedelta(days=days))
        return self.env.tz.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

    def _hidden_count(self, mine):
        """How many more there are in the user's companies that the user may not see; a number, never content."""
        companies = Domain("company_id", "in", [False, *self.env.companies.ids])
        # sudo: only counts, and only within the user's companies, so that nobody calls a customer a colleague has
        # just spoken to.
        hidden = self.sudo().search_count(mine & companies) - self.search_count(mine & companies)
        return min(hidden, HIDDEN_LIMIT)

    # ------------------------------------------------------------------ what is shown

    def _timeline_rows(self, rows):
        sources = self.env["crm.interaction.source"]._kinds()
        # the names of contacts and colleagues on rows the user has just been allowed to read
        named = timeline_sql.names(
            list({row["partner_id"] for row in rows} - {None}), list({row["user_id"] for row in rows} - {None})
        )
        names = {(kind, record_id): name for kind, record_id, name in self.env.execute_query(named)}
        manager = self.env.user.has_group("crm_plus.group_crm_plus_manager")
        return [
            {
                "id": row["id"],
                "date": row["date"].isoformat(" ", "seconds"),
                "partner": (row["partner_id"] and [row["partner_id"], names["partner", row["partner_id"]]]) or False,
                "user": (row["user_id"] and [row["user_id"], names["user", row["user_id"]]]) or False,
                "document": self._shown_document(row, sources[row["source_id"]].model_name),
                "can_edit": sources[row["source_id"]].kind == "manual" and (manager or row["user_id"] == self.env.uid),
                **{name: row[name] or False for name in SHOWN},
            }
            for row in rows
        ]

    def _shown_document(self, row, source_model):
        if row["document_model"] and row["document_id"]:
            model, document_id = row["document_model"], row["document_id"]
        else:
            model, document_id = source_model, row["res_id"]
        # its app may have been uninstalled
        return {"model": model, "id": document_id} if document_id and model in self.env else False

    def _named_counts(self, model, counts):
        # sudo: names of contacts and colleagues on rows the user has just been allowed to count.
        records = self.env[model].sudo().browse([row["key"] for row in counts if row["key"]])
        names = {record.id: record.display_name for record in records}
        return [
            {"id": row["key"], "name": names[row["key"]], "count": row["count"]}
            for row in counts
            if row["key"] in names
        ]
