"""The database of `benchmarks/profiles.py`: customers and confirmed orders of five years.

At scale 1: a million customers and ten million orders. Customers begin, order and drop out at times of their own, some
order much more often than others, every tenth is a company whose orders two contacts place.
"""

from devtools.samples.copies import insert_copies, reserve_ids
from odoo.tools import SQL

CUSTOMERS, ORDERS_EACH = 1_000_000, 10
BATCH = 1_000_000
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
    first, customer_count = customers
    order = env["sale.order"].create({"partner_id": first})
    order.state = "sale"
    order.flush_recordset()
    indexes = _drop_indexes(env, "sale_order")
    for start in range(0, count, BATCH):
        rows = SQL(
            """(SELECT n, %s + k AS partner, date_trunc('second', now() AT TIME ZONE 'UTC' - interval '5 years' * (1 - born
                       - (1 - born) * life * random())) AS moment, round((worth * (0.5 + random()))::numeric, 2) AS amount
                  FROM (SELECT n, floor(%s * random() ^ 1.7)::bigint AS k
                          FROM generate_series(%s, %s) AS n) pick,
                       LATERAL (SELECT (k * 7919 %% 10007) / 10007.0 AS born, (k * 104729 %% 10009) / 10009.0 AS life,
                                       20 + (k * 1299709 %% 9973) / 50.0 AS worth) habit) r""",
            first, customer_count, start, min(start + BATCH, count) - 1,
        )  # fmt: skip
        insert_copies(
            order,
            rows,
            name=SQL("'B' || n"),
            **dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id"), SQL("r.partner")),
            **dict.fromkeys(("date_order", "create_date"), SQL("r.moment")),
            **dict.fromkeys(("amount_untaxed", "amount_total"), SQL("r.amount")),
            access_token=SQL("NULL"),
        )
    order.state = "cancel"
    for definition in indexes:
        env.cr.execute(definition)


def _drop_indexes(env, table):
    """Drop what ten million single insertions would make slow; the statements that make it again."""
    rows = env.execute_query(
        SQL(
            """SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = %s AND NOT EXISTS (
                   SELECT FROM pg_constraint c WHERE c.conname = i.indexname)""",
            table,
        )
    )
    for name, _definition in rows:
        env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    return [definition for _name, definition in rows]


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
