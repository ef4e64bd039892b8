"""How long customers waited for an answer: from the first message of theirs that waits to the next contact of ours."""

from datetime import datetime, timedelta

import pytz
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.kpi.working_time import STEP, worked

# The working hours of so much time are looked at: who waits longer has waited until today.
LONGEST = timedelta(days=3700)
INTERACTION = "crm.interaction"


class Answers:
    """Incoming contacts of a period and their answers, as far as the user may see both; ``board`` narrows them."""

    def __init__(self, board):
        self.env, self.company, self.board = board.env, board.company, board

    def card(self):
        """``{"channels": [row], "sources": [row], "is_working_time"}``; a row is ``{"key", "label", "waited",
        "answered", "hours"}``: how many waited, how many of them have been answered, and the median."""
        if not self.env[INTERACTION].has_access("read"):
            return {"channels": [], "sources": [], "is_working_time": False}
        rows = self.env.execute_query(
            SQL(
                """SELECT channel_id, source_id, count(*), count(answered),
                          percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) FILTER (WHERE answered IS NOT NULL)
                     FROM (SELECT w.*, %s AS hours FROM (%s) w) waited
                    GROUP BY GROUPING SETS ((channel_id), (source_id)) ORDER BY 3 DESC, 1, 2""",
                self._hours(),
                self._waits(),
            )
        )
        channels = self._named("crm.interaction.channel", "", [row for row in rows if row[0]], 0)
        sources = self._named("crm.interaction.source", "source_", [row for row in rows if row[1]], 1)
        return {
            "channels": channels,
            "sources": sources,
            "is_working_time": bool(self.company.sudo().resource_calendar_id),  # sudo: whether there is one
        }

    def _named(self, model, prefix, rows, place):
        names = dict(self.env[model].browse([row[place] for row in rows]).mapped(lambda one: (one.id, one.name)))
        return [
            {
                "key": f"{prefix}{row[place]}" if prefix else row[place],
                "label": names[row[place]],
                "waited": row[2],
                "answered": row[3],
                "hours": False if row[4] is None else row[4],
            }
            for row in rows
        ]

    def opened(self, key):
        """(model, condition on the messages that a row counts), or None."""
        source = isinstance(key, str) and key.startswith("source_") and key.removeprefix("source_")
        if source and source.isdecimal():
            column, record_id = SQL("source_id"), int(source)
        elif isinstance(key, int) and key:
            column, record_id = SQL("channel_id"), key
        else:
            return None
        ids = SQL("(SELECT w.id FROM (%s) w WHERE w.%s = %s)", self._waits(), column, record_id)
        return INTERACTION, self.board.interactions() & Domain("id", "in", ids)

    def _waits(self):
        """(id, channel_id, source_id, asked, answered) of each message of the period that began to wait.

        One after which nobody answered goes on waiting: what comes in meanwhile begins nothing. Days without a time
        tell no hour.
        """
        board, model = self.board, self.env[INTERACTION]
        contact = Domain("channel_id", "in", model.env["crm.interaction.channel"]._contact_ids())
        mine = Domain("company_id", "=", self.company.id) & contact & Domain("direction", "in", ["in", "out"])
        seen = model._search(mine & Domain("date", ">=", board.span.begins))
        narrowed = model._search(board.interactions() & Domain("direction", "=", "in") & Domain("day", "=", False))
        return SQL(
            """SELECT t.id, t.channel_id, t.source_id, t.date AS asked, t.answered
                 FROM (SELECT s.*, lag(s.direction) OVER forward AS before,
                              min(s.date) FILTER (WHERE s.direction = 'out') OVER later AS answered
                         FROM (SELECT i.id, i.channel_id, i.source_id, i.date, i.direction,
                                      COALESCE(c.commercial_partner_id, -i.lead_id, -i.id) AS whom
                                 FROM %(seen)s i LEFT JOIN res_partner c ON c.id = i.partner_id) s
                       WINDOW forward AS (PARTITION BY s.whom ORDER BY s.date, s.id),
                              later AS (PARTITION BY s.whom ORDER BY s.date DESC, s.id DESC
                                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) t
                WHERE t.direction = 'in' AND t.before IS DISTINCT FROM 'in' AND t.id IN %(narrowed)s""",
            seen=seen.subselect(
                *(SQL.identifier(model._table, name) for name in (
                    "id", "channel_id", "source_id", "date", "direction", "partner_id", "lead_id",
                ))
            ),
            narrowed=narrowed.subselect(),
        )  # fmt: skip

    def _hours(self):
        """SQL: the working hours from ``asked`` to ``answered``, those of the company; all hours without a calendar."""
        # sudo: when the company works is no secret of its calendar.
        calendar = self.company.sudo().resource_calendar_id
        if not calendar:
            return SQL("EXTRACT(EPOCH FROM answered - asked)::float8 / 3600")
        begins, ends = self.board.span.begins, datetime.now().replace(microsecond=0) + timedelta(days=1)
        begins = max(begins, ends - LONGEST)
        found = calendar._work_intervals_batch(pytz.utc.localize(begins), pytz.utc.localize(ends))[False]
        times = [(start.astimezone(pytz.utc).replace(tzinfo=None), end.astimezone(pytz.utc).replace(tzinfo=None))
                 for start, end, _of in found]  # fmt: skip
        steps = worked(times, begins, ends)

        def upto(moment):
            return SQL(
                """(SELECT h.steps[p.whole + 1] + (COALESCE(h.steps[p.whole + 2], h.steps[p.whole + 1])
                           - h.steps[p.whole + 1]) * (p.place - p.whole)
                      FROM (SELECT place, floor(place)::int AS whole FROM (SELECT
                              least(greatest(EXTRACT(EPOCH FROM %s - %s)::float8 / %s, 0), %s) AS place) s) p)""",
                moment,
                begins,
                STEP.total_seconds(),
                len(steps) - 1,
            )

        return SQL(
            "(SELECT %s - %s FROM (SELECT %s::float8[] AS steps) h)", upto(SQL("answered")), upto(SQL("asked")), steps
        )
