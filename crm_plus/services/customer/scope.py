"""Which customers a statement is about."""

from dataclasses import dataclass

from odoo.tools import SQL


@dataclass(frozen=True, slots=True)
class Scope:
    """Some of the customers (commercial partners): those of ``ids``; those from ``first`` to ``last``; or a sample of
    one in ``every``. Without any of these, all.

    >>> Scope(first=1, last=9).on(SQL("p.id")).code
    'p.id BETWEEN %s AND %s'
    """

    ids: tuple[int, ...] | None = None
    first: int | None = None
    last: int | None = None
    every: int = 1

    def on(self, column):
        """SQL: whether the customer in ``column`` is one of them."""
        if self.ids is not None:
            return SQL("%s = ANY(%s)", column, list(self.ids))
        if self.last is not None:
            return SQL("%s BETWEEN %s AND %s", column, self.first, self.last)
        if self.every > 1:
            # By a hash: imports that make a company and its contact in turn give all customers ids of one parity.
            return SQL("mod(hashint4(%s)::bigint + 2147483648, %s) = 0", column, self.every)
        return SQL("TRUE")

    def documents(self):
        """SQL on ``partner_id`` of a document: whether its partner is part of one of them."""
        if self == Scope():
            return SQL("TRUE")
        return SQL("partner_id IN (SELECT id FROM res_partner WHERE %s)", self.on(SQL("commercial_partner_id")))
