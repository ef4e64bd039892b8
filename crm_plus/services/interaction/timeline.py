"""A customer's or lead's timeline, as far as its reader may see: pages, and how much there is."""

from datetime import timedelta

import pytz
from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ...engine.interaction import timeline_request
from . import counts, timeline_sql
from .texts import Texts, open_meetings

DAY = timedelta(days=1)
PAGE_LIMIT = timeline_request.MOST_ROWS
STRIP_WEEKS = 53
SHOWN = (
    "channel_id", "direction", "name", "is_private", "lead_id", "amount", "currency_id", "duration", "outcome", "note",
)  # fmt: skip
READ = (
    "id", "date", "day", "source_id", "res_id", "partner_id", "user_id", "document_model", "document_id", "shared_ref",
    *SHOWN,
)  # fmt: skip


class Timeline:
    """The timeline of one scope, read with the rights of ``interactions.env``.

    :param interactions: the empty ``crm.interaction`` of the reader
    :param scope: ``{"partner_id": id}`` (with all contacts of a company) or ``{"lead_id": id}``
    :param filters: any of channel_ids, direction, partner_ids, user_ids, date_from, date_to, search

    Raises `UserError` for what makes no sense, `AccessError` for a scope that the reader may not read.
    """

    def __init__(self, interactions, scope, filters=None):
        self.interactions, self.env = interactions, interactions.env
        self.filters = self._checked(timeline_request.parse_filters, filters)
        self.column, self.ids = self._scope(scope)

    def page(self, before=None, limit=PAGE_LIMIT):
        """``{"rows", "next"}``, newest first: at most ``limit`` rows after the cursor ``before``."""
        limit = self._checked(timeline_request.parse_limit, limit, PAGE_LIMIT)
        before = self._checked(timeline_request.parse_cursor, before)
        rows = self.env.execute_query_dict(self.statement(before, limit + 1))
        page = {"rows": self._shown(timeline_sql.without_twins(rows[:limit])), "next": False}
        if len(rows) > limit:
            last = rows[limit - 1]
            page["next"] = [last["date"].isoformat(" ", "microseconds"), last["id"]]
        if before is None:
            page["channels"] = (
                self.env["crm.interaction.channel"]
                .with_context(active_test=False)
                .search_read([], ["code", "name", "icon", "color"])
            )
            page["can_log"] = self.interactions.has_access("create")
        return page

    def statement(self, before, limit):
        ids = self.ids
        if self.column == "partner_id" and "partner_ids" in self.filters:
            ids = [id_ for id_ in ids if id_ in self.filters["partner_ids"]]
        query = self.interactions._search(self.interactions._timeline_domain(self.filters))
        return timeline_sql.page(query, self.column, ids, before, limit, READ)

    def summary(self):
        """How much there is: total and hidden counts, events per week of the last year, channels, people, users."""
        mine = Domain(self.column, "in", self.ids)
        visible = mine & self.interactions._timeline_domain(self.filters)
        mondays = self._strip_weeks()
        weeks = (mondays, [day_start(self.env, monday) for monday in mondays])
        found = self.env.execute_query_dict(timeline_sql.summary(self.interactions._search(visible), weeks))
        # bucket 0 is what came before the strip
        week_counts = {row["key"] - 1: row["count"] for row in found if row["kind"] == "week"}
        return {
            "total": next(row["count"] for row in found if row["kind"] == "total"),
            "hidden": self._hidden_count(mine),
            "weeks": [
                {"start": fields.Date.to_string(monday), "count": week_counts.get(week, 0)}
                for week, monday in enumerate(mondays[:STRIP_WEEKS])
            ],
            "channels": [{"id": row["key"], "count": row["count"]} for row in found if row["kind"] == "channel"],
            "people": self._named_counts("res.partner", [row for row in found if row["kind"] == "partner"]),
            "users": self._named_counts("res.users", [row for row in found if row["kind"] == "user"]),
        }

    # ------------------------------------------------------------------ what is asked for

    def _checked(self, parse, *given):
        return checked(self.interactions, parse, *given)

    def _scope(self, scope):
        """(column, ids) of the scope; checks that the user may read the customer or lead and interactions at all."""
        self.interactions.browse().check_access("read")
        column, record_id = self._checked(timeline_request.parse_scope, scope)
        record = self.env[self.interactions._fields[column].comodel_name].browse(record_id)
        record.check_access("read")
        return counts.scope_ids(record)

    def _strip_weeks(self):
        """The Mondays of the strip, and the one after it."""
        today = fields.Date.context_today(self.interactions)
        monday = today - timedelta(days=today.weekday())
        return [monday + timedelta(weeks=week) for week in range(1 - STRIP_WEEKS, 2)]

    def _hidden_count(self, mine):
        """How many more there are in the user's companies that the user may not see; a number, never content."""
        mine &= counts.within_companies(self.env)
        # sudo: only counts, and only within the user's companies, so that nobody calls a customer a colleague has
        # just spoken to.
        return counts.seen(self.interactions.sudo(), mine) - counts.seen(self.interactions, mine)

    # ------------------------------------------------------------------ what is shown

    def _shown(self, rows):
        sources = self.env["crm.interaction.source"]._kinds()
        # the names of contacts and colleagues on rows the user has just been allowed to read
        named = timeline_sql.names(
            list({row["partner_id"] for row in rows} - {None}), list({row["user_id"] for row in rows} - {None})
        )
        names = {(kind, record_id): name for kind, record_id, name in self.env.execute_query(named)}
        manager = self.env.user.has_group("crm_plus.group_crm_plus_manager")
        titles, details = self._titles(rows), self._details(rows)
        shown = [name for name in SHOWN if self.interactions._has_field_access(self.interactions._fields[name], "read")]
        return [
            {
                "id": row["id"],
                "date": row["date"].isoformat(" ", "seconds"),
                "day": (row["day"] and row["day"].isoformat()) or False,
                "partner": (row["partner_id"] and [row["partner_id"], names["partner", row["partner_id"]]]) or False,
                "user": (row["user_id"] and [row["user_id"], names["user", row["user_id"]]]) or False,
                "event": self._event(sources[row["source_id"]].event, details.get(row["id"])),
                "document": self._document(row, sources[row["source_id"]].model_name),
                "can_edit": sources[row["source_id"]].kind == "manual" and (manager or row["user_id"] == self.env.uid),
                **{name: row[name] or False for name in shown},
                **({"name": titles[row["id"]]} if row["id"] in titles else {}),
            }
            for row in rows
        ]

    def _event(self, event, detail):
        return self.env._("%(event)s: %(detail)s", event=event, detail=detail) if event and detail else event or False

    def _details(self, rows):
        """``{row id: what is added to what happened}``, such as the reason of a loss, in the reader's language."""
        texts = Texts(self.interactions)
        detailed = [row["id"] for row in rows if texts.kinds[row["source_id"]].detail_path]
        return texts.details(self.interactions.browse(detailed)) if detailed else {}

    def _titles(self, rows):
        """``{row id: title}`` of the private meetings that the reader is in; nothing of others."""
        private = {
            row["id"]: row["document_id"]
            for row in rows
            if row["is_private"] and row["document_id"] and row["document_model"] == "calendar.event"
        }
        if not private:
            return {}
        events = open_meetings(self.env["calendar.event"].browse(set(private.values())).exists())
        names = {event.id: event.name for event in events._filtered_access("read")}
        return {row_id: names[id_] for row_id, id_ in private.items() if id_ in names}

    def _document(self, row, source_model):
        if row["document_model"] and row["document_id"]:
            model, document_id = row["document_model"], row["document_id"]
        else:
            model, document_id = source_model, row["res_id"]
        # its app may have been uninstalled, or be another department's
        is_open = document_id and model in self.env and self.env[model].has_access("read")
        return {"model": model, "id": document_id} if is_open else False

    def _named_counts(self, model, counts):
        # sudo: names of contacts and colleagues on rows the user has just been allowed to count.
        records = self.env[model].sudo().browse([row["key"] for row in counts if row["key"]])
        names = {record.id: record.display_name for record in records}
        return [
            {"id": row["key"], "name": names[row["key"]], "count": row["count"]}
            for row in counts
            if row["key"] in names
        ]


def checked(interactions, parse, *given):
    """What ``parse`` makes of what a client has sent; what is wrong is answered by name."""
    try:
        return parse(*given)
    except timeline_request.RequestError as error:
        raise UserError(interactions._refusal(error.field, error.reason, error.values)) from None


def domain_of(env, filters):
    """The domain of checked filters."""
    domain = Domain.TRUE
    for name, column in (("channel_ids", "channel_id"), ("partner_ids", "partner_id"), ("user_ids", "user_id")):
        if name in filters:
            domain &= Domain(column, "in", filters[name])
    if "direction" in filters:
        domain &= Domain("direction", "=", filters["direction"])
    if "date_from" in filters:
        domain &= _moments_or_days(">=", day_start(env, filters["date_from"]), filters["date_from"])
    if "date_to" in filters:
        domain &= _moments_or_days("<", day_start(env, filters["date_to"], days=1), filters["date_to"] + DAY)
    if "search" in filters:
        text = escape_psql(filters["search"])
        domain &= Domain.OR(Domain(name, "ilike", text) for name in ("name", "note", "partner_id.name"))
    return domain


def _moments_or_days(operator, moment, day):
    """Moments in the reader's time zone; days as they are, whatever that zone is."""
    # the first condition is the one that the index knows
    near = Domain("date", operator, moment - DAY if operator == ">=" else moment + DAY)
    moments = Domain("day", "=", False) & Domain("date", operator, moment)
    return near & (moments | (Domain("day", "!=", False) & Domain("day", operator, day)))


def day_start(env, day, days=0):
    """UTC moment at which a day begins for the user."""
    midnight = fields.Datetime.to_datetime(day + timedelta(days=days))
    return env.tz.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)
