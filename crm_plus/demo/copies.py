"""Many records by one statement: copies of one that the ORM made, with some columns of their own."""

from datetime import datetime
from typing import NamedTuple

from odoo.tools import SQL

# Nobody is told, nothing is tracked: as the host's own demo data.
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
LINE_AMOUNTS = (
    "price_unit", "technical_price_unit", "price_subtotal", "price_total", "price_reduce_taxexcl",
    "price_reduce_taxinc", "untaxed_amount_to_invoice",
)  # fmt: skip


class Purchase(NamedTuple):
    """A confirmed order of one line without tax."""

    partner_id: int
    moment: datetime
    amount: float | str
    line: str


def reserve_ids(model, count):
    """``count`` ids for new records."""
    sequence = f"{model._table}_id_seq"
    return [
        row[0]
        for row in model.env.execute_query(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", sequence, count))
    ]


def insert_copies(template, rows, **columns):
    """Insert a copy of the record ``template`` for each of ``rows``; how many there were.

    ``rows`` is the SQL of a FROM item, such as ``generate_series(1, 1000) AS n``; ``columns`` are the SQL values that
    differ, over the rows and the template's own row ``t``. All other columns are as in the template: the copies are as
    valid as a record the ORM made, as long as what is computed from the given columns is given too.
    """
    table = SQL.identifier(template._table)
    stored = [name for name, field in template._fields.items() if field.store and field.column_type and name != "id"]
    values = {name: SQL.identifier("t", name) for name in stored} | columns
    template.flush_recordset()
    template.env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s, %s t WHERE t.id = %s",
            table,
            SQL(", ").join(map(SQL.identifier, values)),
            SQL(", ").join(values.values()),
            rows,
            table,
            template.id,
        )
    )
    template.invalidate_model(flush=False)
    return template.env.cr.rowcount


def copy_orders(first, purchases, of_order=(), of_line=()):
    """Confirmed orders like ``first``, which has one line, one for each purchase.

    ``of_order`` and ``of_line`` are more columns, ``{field: SQL}`` over the row ``r`` (``id, partner, name, moment,
    amount, line``). The ids of the new orders.
    """
    sequence = first.env["ir.sequence"].search(
        [("code", "=", "sale.order"), ("company_id", "in", (first.company_id.id, False))], order="company_id", limit=1
    )
    ids = reserve_ids(first, len(purchases))
    rows = SQL(
        """unnest(%s::int[], %s::int[], %s, %s::timestamp[], %s::numeric[], %s)
           AS r(id, partner, name, moment, amount, line)""",
        ids,
        [purchase.partner_id for purchase in purchases],
        [sequence.next_by_id(purchase.moment.date()) for purchase in purchases],
        [purchase.moment for purchase in purchases],
        [purchase.amount for purchase in purchases],
        [purchase.line for purchase in purchases],
    )

    def of_row(names, column):
        return dict.fromkeys(names, SQL.identifier("r", column))

    def in_proportion(record, names, amount):
        # what an app adds that is as large a part of the amount as in the first order
        share = SQL("r.amount / NULLIF(%s, 0)", SQL.identifier("t", amount))
        return {name: SQL("%s * %s", SQL.identifier("t", name), share) for name in names if name in record._fields}

    insert_copies(
        first,
        rows,
        **of_row(("id",), "id"),
        **of_row(("name",), "name"),
        **of_row(("date_order", "create_date"), "moment"),
        **of_row(("partner_id", "partner_invoice_id", "partner_shipping_id"), "partner"),
        **of_row(("amount_untaxed", "amount_total"), "amount"),
        **in_proportion(first, ("margin",), "amount_untaxed"),
        **dict(of_order),
    )
    insert_copies(
        first.order_line,
        rows,
        **of_row(("order_id",), "id"),
        **of_row(("order_partner_id",), "partner"),
        **of_row(("name",), "line"),
        **of_row(LINE_AMOUNTS, "amount"),
        **in_proportion(first.order_line, ("margin", "purchase_price"), "price_subtotal"),
        **dict(of_line),
    )
    return ids
