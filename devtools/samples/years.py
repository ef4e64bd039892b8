"""50,000 contacts and 100,000 orders over five years, to see what CRM Plus takes at such a size."""

from odoo import Command
from odoo.tools import SQL

from devtools.scripts.copies import LINE_AMOUNTS, QUIET, insert_copies, reserve_ids

CONTACTS, ORDERS, DAYS = 50_000, 100_000, 5 * 365


def load(env):
    """Copies of a contact and of a confirmed order that the ORM made. Some order much more often than others."""
    env = env(context={**env.context, **QUIET})
    if env["res.partner"].search_count([("ref", "=", "years")], limit=1):
        print("The years are loaded already.")
        return
    env.cr.execute("SELECT setseed(0.5)")
    first, count = _contacts(env)
    orders = _orders(env, first, count)
    env.ref("crm_plus.source_order")._reconcile()
    print(f"Years: {count:,} contacts, {orders:,} orders.")


def _contacts(env):
    """(id of the first, how many); the ids follow one another."""
    template = env["res.partner"].create(
        {"name": "Company 0", "ref": "years", "email": "0@example.com", "is_company": True}
    )
    first = reserve_ids(template, CONTACTS)[0]
    name = SQL("'Company ' || n")
    count = insert_copies(
        template,
        SQL("(SELECT n, %s + n AS id FROM generate_series(0, %s) AS n) r", first, CONTACTS - 1),
        id=SQL("r.id"),
        commercial_partner_id=SQL("r.id"),
        name=name,
        complete_name=name,
        email=SQL("n || '@example.com'"),
        email_normalized=SQL("n || '@example.com'"),
        create_date=SQL("now() AT TIME ZONE 'UTC' - random() * interval '%s days'", DAYS),
    )
    return first, count


def _orders(env, first, count):
    product = env["product.product"].create(
        {"name": "Something", "type": "service", "list_price": 100, "taxes_id": [Command.clear()]}
    )
    template = env["sale.order"].create(
        {"partner_id": first, "user_id": False, "order_line": [Command.create({"product_id": product.id})]}
    )
    template.action_confirm()
    # a fifth of the contacts never ordered
    buyer = SQL("%s + floor(power(random(), 2.5) * %s)::int", first, count * 4 // 5)
    rows = SQL(
        """(SELECT %s + n AS id, %s AS partner, now() AT TIME ZONE 'UTC' - random() * interval '%s days' AS moment,
                   round((20 + 400 * power(random(), 2))::numeric, 2) AS amount
              FROM generate_series(1, %s) AS n) r""",
        reserve_ids(template, ORDERS)[0] - 1,
        buyer,
        DAYS,
        ORDERS,
    )
    count = insert_copies(
        template,
        rows,
        id=SQL("r.id"),
        name=SQL("'Y' || r.id"),
        **dict.fromkeys(("date_order", "create_date"), SQL("r.moment")),
        **dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id"), SQL("r.partner")),
        **dict.fromkeys(("amount_untaxed", "amount_total"), SQL("r.amount")),
        **_margins(template),
    )
    copied = SQL("(SELECT id, partner_id, amount_untaxed AS amount FROM sale_order WHERE name = 'Y' || id) r")
    insert_copies(
        template.order_line,
        copied,
        order_id=SQL("r.id"),
        order_partner_id=SQL("r.partner_id"),
        **dict.fromkeys(LINE_AMOUNTS, SQL("r.amount")),
        **_margins(template.order_line),
    )
    return count


def _margins(record):
    """Where the host reckons with them, of orders and lines alike."""
    margins = {"margin": SQL("r.amount * 0.4"), "margin_percent": SQL("0.4"), "purchase_price": SQL("r.amount * 0.6")}
    stored = {name for name, field in record._fields.items() if field.store}
    return {name: value for name, value in margins.items() if name in stored}
