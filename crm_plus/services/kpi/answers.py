"""How long customers waited for an answer, by channel and by source: the definition is that of `Response`."""

from odoo.fields import Domain
from odoo.tools import SQL

from ..interaction.response import Response, median

INTERACTION = "crm.interaction"


class Answers:
    """Messages of a period that the user may see, and how soon each was answered; ``board`` narrows them."""

    def __init__(self, board):
        self.env, self.company, self.board = board.env, board.company, board

    def card(self):
        """``{"channels": [row], "sources": [row], "is_working_time"}``; a row is ``{"key", "label", "asked",
        "answered", "hours"}``: how many messages, how many of them have been answered, and the median of the hours."""
        if not self.env[INTERACTION].has_access("read"):
            return {"channels": [], "sources": [], "is_working_time": False}
        rows = self.env.execute_query(
            SQL(
                """SELECT channel_id, source_id, count(*), count(*) FILTER (WHERE state = 'answered'), %s
                     FROM (%s) message GROUP BY GROUPING SETS ((channel_id), (source_id)) ORDER BY 3 DESC, 1, 2""",
                median(SQL("hours")),
                self._messages(),
            )
        )
        return {
            "channels": self._named("crm.interaction.channel", "", [(row[0], *row[2:]) for row in rows if row[0]]),
            "sources": self._named("crm.interaction.source", "source_", [row[1:] for row in rows if row[1]]),
            "is_working_time": bool(self.company.sudo().resource_calendar_id),  # sudo: whether there is one
        }

    def _named(self, model, prefix, rows):
        names = {one.id: one.name for one in self.env[model].browse([row[0] for row in rows])}
        return [
            {
                "key": f"{prefix}{record_id}" if prefix else record_id,
                "label": names[record_id],
                "asked": asked,
                "answered": answered,
                "hours": False if hours is None else hours,
            }
            for record_id, asked, answered, hours in rows
        ]

    def opened(self, key):
        """(model, condition on the messages that a row counts), or None."""
        source = key.removeprefix("source_") if isinstance(key, str) and key.startswith("source_") else ""
        if source.isdecimal():
            column, record_id = SQL("source_id"), int(source)
        elif isinstance(key, int) and key:
            column, record_id = SQL("channel_id"), key
        else:
            return None
        ids = SQL("(SELECT id FROM (%s) message WHERE %s = %s)", self._messages(), column, record_id)
        return INTERACTION, self.board.interactions() & Domain("id", "in", ids)

    def _messages(self):
        """(id, channel_id, source_id, state, hours) of each message."""
        seen = self.env[INTERACTION]._search(self.board.interactions() & Domain("direction", "=", "in"))
        span = self.board.span
        return SQL(
            "SELECT m.id, m.channel_id, m.source_id, m.state, m.hours FROM (%s) m WHERE m.id IN %s",
            Response(self.env, self.company, span.begins, span.ends).query(),
            seen.subselect(),
        )
