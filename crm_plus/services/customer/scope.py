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

    def prepare(self, cr):
        """Settings of the planner that fit the work on these customers; they end with the transaction."""
        # It needs to know how many rows a temporary table has, not how their values are spread.
        cr.execute("SET LOCAL default_statistics_target = 10")
        if self.ids is None:
            # To sort the documents of a million customers is three times as fast as to look each up in a table of them
            # all, which no processor's cache holds; and the sort is shared by several processes.
            cr.execute("SET LOCAL work_mem = '256MB'; SET LOCAL enable_hashagg = off")
        else:
            # The documents of a few customers are found by the index.
            cr.execute("SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off")
