"""What a customer waits for: open tickets of the helpdesk or, where there is none, open tasks of projects."""

from odoo.fields import Domain
from odoo.tools import SQL

from . import words

# The models that keep such requests, the first that is installed, and the fields that may say when one was closed.
CLOSED = {"helpdesk.ticket": ("close_date", "closed_date"), "project.task": ("date_last_stage_update",)}
TASKS = "project.task"


class Tickets:
    """The open requests of a customer in the current company at a moment, as far as the user may read them; none
    where no app keeps any."""

    def __init__(self, env, customer, end=None):
        self.env, self.customer, self.end = env, customer, end
        self.name = next(filter(self._is_kept, CLOSED), None)

    def domain(self):
        """The condition on what is open; at the ``end`` of a past day, what had been opened and was closed later."""
        theirs = Domain("partner_id.commercial_partner_id", "=", self.customer.id)
        theirs &= Domain("company_id", "in", [self.env.company.id, False])
        if self.name == TASKS:
            theirs &= Domain("parent_id", "=", False)
        if not self.end:
            return theirs & self._is_open()
        end = str(self.end)
        closed_later = ~self._is_open() & Domain(self._closed()[0], ">=", end)
        return theirs & Domain("create_date", "<", end) & (self._is_open() | closed_later)

    def query(self):
        """SELECT of their number; None where the user may read none."""
        if not self.name or not self.env[self.name].has_access("read"):
            return None
        return self.env[self.name]._search(self.domain()).select(SQL("count(*) AS count"))

    def text(self, count):
        """Their number with what it counts."""
        return (words.tasks if self.name == TASKS else words.tickets)(self.env, count)

    def _is_kept(self, name):
        return name in self.env and "partner_id" in self.env[name]._fields and bool(self._closed(name))

    def _closed(self, name=None):
        """The fields that say when one was closed, the best one first."""
        fields_of = self.env[name or self.name]._fields
        return [field for field in CLOSED[name or self.name] if field in fields_of]

    def _is_open(self):
        return Domain("is_closed" if self.name == TASKS else self._closed()[0], "=", False)
