"""The database of `benchmarks/profiles.py`: customers and confirmed orders of five years.

At scale 1: a million customers and ten million orders. Customers begin, order and drop out at times of their own, some
order much more often than others, every tenth is a company whose orders two contacts place.
"""

from odoo.tools import SQL

from devtools.scripts.copies import insert_copies, reserve_ids

CUSTOMERS, ORDERS_EACH = 1_000_000, 10
MARK = "crm_plus.bench_profiles"


def ensure(env, scale):
    """Make the data once; the number of customers."""
    count = int(CUSTOMERS * scale)
    done = env["ir.config_parameter"].get_param(MARK)
    if done and int(done) != count:
        raise SystemExit(f"The database holds {done} customers: add --fresh to make it anew.")
    if not done:
        env.cr.execute("SELECT setseed(0.42)")
        _orders(env, _customers(env, count), count * ORDERS_EACH)
        env["ir.config_parameter"].set_param(MARK, count)
        env.cr.commit()
        vacuum(env, "res_partner", "sale_order")
    return count


def _customers(env, count):
    """The id of the first customer; the others follow."""
    template = env["res.partner"].create({"name": "Customer 0", "ref": "bench", "email": "customer0@example.com"})
    first = reserve_ids(template, count)[0]
    parent = SQL("CASE WHEN n %% 10 IN (1, 2) THEN %s + n - n %% 10 END", first)
    insert_copies(
        template,
        SQL("(SELECT n, %s + n AS id, %s AS parent FROM generate_series(0, %s) AS n) r", first, parent, count - 1),
        id=SQL("r.id"),
        parent_id=SQL("r.parent"),
        commercial_partner_id=SQL("COALESCE(r.parent, r.id)"),
        is_company=SQL("n %% 10 = 0"),
        **dict.fromkeys(("name", "complete_name"), SQL("'Customer ' || n")),
        **dict.fromkeys(("email", "email_normalized"), SQL("'customer' || n || '@example.com'")),
    )
    return first, count


def _orders(env, customers, count):
    first = customers[0]
    order = env["sale.order"].create({"partner_id": first})
    order.state = "sale"
    order.flush_recordset()
    _events(env, customers, count)
    definitions = without_checks(env, "sale_order")
    insert_copies(
        order,
        SQL("(SELECT *, row_number() OVER () AS n FROM bench_event ORDER BY moment) r"),
        name=SQL("'B' || n"),
        **dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id"), SQL("r.partner")),
        **dict.fromkeys(("date_order", "create_date"), SQL("r.moment")),
        **dict.fromkeys(("amount_untaxed", "amount_total"), SQL("r.amount")),
        access_token=SQL("NULL"),
    )
    order.state = "cancel"
    for definition in definitions:
        env.cr.execute(definition)


def _events(env, customers, count):
    """Table ``bench_event`` (partner, moment, amount): rates and lifetimes scatter as the purchase models assume."""
    first, customer_count = customers
    env.cr.execute(
        SQL(
            """CREATE TEMPORARY TABLE bench_habit ON COMMIT DROP AS
               SELECT partner, born, rate, worth, least(1 - born, 0.5 * ((1 - fate) ^ (-1 / 1.5) - 1)) AS span
                 FROM (SELECT %s + n AS partner, random() AS born, random() AS fate, -ln(1 - random()) AS rate,
                              15 + 60 * -ln(1 - random()) AS worth
                         FROM generate_series(0, %s) AS n) customer""",
            first,
            customer_count - 1,
        )
    )
    env.cr.execute(
        SQL(
            """CREATE TEMPORARY TABLE bench_event ON COMMIT DROP AS
               SELECT partner, round((worth * (0.5 + random()))::numeric, 2) AS amount,
                      date_trunc('second', now() AT TIME ZONE 'UTC' - interval '5 years' * (
                          1 - born - CASE WHEN turn > 0 THEN span * random() ELSE 0 END)) AS moment
                 FROM bench_habit, generate_series(0, floor(rate * span * (
                          SELECT %s / sum(rate * span) FROM bench_habit) + random())::int) AS turn""",
            count - customer_count,
        )
    )


def without_checks(env, table):
    """Drop what ten million single insertions would make slow, indexes and references; the statements that make them
    again."""
    keys = env.execute_query(
        SQL(
            """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
                WHERE contype = 'f' AND conrelid = %s::regclass""",
            table,
        )
    )
    for name, _definition in keys:
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name)))
    rows = env.execute_query(
        SQL(
            """SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = %s AND NOT EXISTS (
                   SELECT FROM pg_constraint c WHERE c.conname = i.indexname)""",
            table,
        )
    )
    for name, _definition in rows:
        env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    named = ((SQL.identifier(table), SQL.identifier(name), SQL(definition)) for name, definition in keys)
    return [
        *(definition for _name, definition in rows),
        *(SQL("ALTER TABLE %s ADD CONSTRAINT %s %s", *parts) for parts in named),
    ]


def vacuum(env, *tables):
    """Statistics and visibility, as a running database has them."""
    connection = env.cr._cnx
    connection.commit()
    connection.autocommit = True
    try:
        for table in tables:
            env.cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))
    finally:
        connection.autocommit = False
