"""The database of `benchmarks/interactions.py`: customers, confirmed orders and received emails of five years.

At scale 1: 100,000 customers and 5 million documents. The first customer has 100,000 of them, the second is a company
with 500 contacts, every tenth is a company with two; the others have 49 on average, unevenly. The documents belong
to 20 salespeople, none to the stranger.
"""

from odoo.fields import Command
from odoo.tools import SQL

from devtools.scripts.copies import insert_copies, reserve_ids

CUSTOMERS, DOCUMENTS, SALESPEOPLE, CONTACTS = 100_000, 5_000_000, 20, 500
ORDER_SHARE = 0.3
GIANT_EVERY = 50  # each 50th document is the giant's


def ensure(env, scale):
    """Make what is missing; ``{name: id or ids}`` of those the benchmark asks about."""
    done = env["ir.config_parameter"].get_param("crm_plus.bench_scale")
    if done and float(done) != scale:
        raise SystemExit(f"The database holds the data of --scale {done}: add --fresh to make it anew.")
    if not done:
        _users(env)
        _skip_foreign_keys(env)
        _documents(env, _customers(env, int(CUSTOMERS * scale)), int(DOCUMENTS * scale))
        env["crm.interaction.source"].search([("kind", "=", "records")])._restart_backfill()
        env["ir.config_parameter"].set_param("crm_plus.bench_scale", scale)
        env.cr.commit()
        _vacuum(env, "res_partner", "sale_order", "mail_message")
    if env["crm.interaction.source"]._to_backfill():
        _backfill(env)
        _vacuum(env, "crm_interaction")
    return _known(env)


def _skip_foreign_keys(env):
    """The generated rows link to each other: where PostgreSQL allows it, checking that is left out until the commit."""
    if env.execute_query(SQL("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))[0][0]:
        env.cr.execute("SET LOCAL session_replication_role = replica")


def _users(env):
    groups = {"all": "sales_team.group_sale_salesman_all_leads", "stranger": "sales_team.group_sale_salesman"}
    names = [*groups, *(f"salesperson{number}" for number in range(SALESPEOPLE))]
    env["res.users"].with_context(no_reset_password=True).create(
        [
            {
                "name": name,
                "login": name,
                "password": name,
                "group_ids": [Command.link(env.ref(groups.get(name, "sales_team.group_sale_salesman")).id)],
            }
            for name in names
        ]
    )


def _customers(env, count):
    """The ids of the customers, one after the other."""
    template = env["res.partner"].create({"name": "Customer 0", "ref": "bench", "email": "customer0@example.com"})
    ids = reserve_ids(template, count)
    first = ids[0]
    # customer 1 has 500 contacts at scale 1; 10, 20, 30... have two
    parent = SQL(
        """CASE WHEN n > 1 AND n <= %s AND n %% 10 > 2 THEN %s
                WHEN n %% 10 IN (1, 2) AND n > 10 THEN %s + n - n %% 10 END""",
        min(CONTACTS, count // 2) * 10 // 7,
        first + 1,
        first,
    )
    name, email = SQL("'Customer ' || n"), SQL("'customer' || n || '@example.com'")
    insert_copies(
        template,
        SQL("(SELECT n, %s + n AS id, %s AS parent FROM generate_series(0, %s) AS n) r", first, parent, count - 1),
        id=SQL("r.id"),
        parent_id=SQL("r.parent"),
        commercial_partner_id=SQL("COALESCE(r.parent, r.id)"),
        is_company=SQL("n %% 10 = 0 OR n = 1"),
        name=name,
        complete_name=name,
        email=email,
        email_normalized=email,
    )
    return ids


def _documents(env, customers, count):
    orders = int(count * ORDER_SHARE)
    users = env["res.users"].search([("login", "like", "salesperson")]).ids
    order = env["sale.order"].create({"partner_id": env["res.partner"].browse(customers[0]).id, "user_id": users[0]})
    order.action_confirm()
    order_ids = reserve_ids(order, orders)
    # squared, so that some customers have many
    customer = SQL(
        "%s + CASE WHEN n %% %s = 0 THEN 0 ELSE floor(%s * random() ^ 2)::int END",
        customers[0],
        GIANT_EVERY,
        len(customers),
    )

    def rows(first, total):
        return SQL(
            """(SELECT n, %s + n AS id, %s AS partner, (%s::int[])[1 + n / 7 %% %s] AS seller,
                       date_trunc('second', now() AT TIME ZONE 'UTC' - interval '5 years' * (1 - n / %s::float)) AS date
                  FROM generate_series(0, %s) AS n) r""",
            first, customer, users, len(users), total, total - 1,
        )  # fmt: skip

    env.cr.execute("SELECT setseed(0.42)")
    partner, amount, date = SQL("r.partner"), SQL("(10 + n %% 500)::numeric"), SQL("r.date")
    insert_copies(
        order,
        rows(order_ids[0], orders),
        id=SQL("r.id"),
        name=SQL("'B' || n"),
        **dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id"), partner),
        **dict.fromkeys(("date_order", "create_date"), date),
        **dict.fromkeys(("amount_untaxed", "amount_total"), amount),
        user_id=SQL("r.seller"),
    )
    message = order.message_post(body="Thank you", subject="Question", message_type="email", author_id=customers[0])
    insert_copies(
        message,
        rows(0, count - orders),
        author_id=partner,
        date=date,
        create_date=date,
        message_id=SQL("'<' || n || '@example.com>'"),
        subject=SQL("'Question ' || n"),
        # about an order of one of the salespeople
        res_id=SQL("%s + n %% %s", order_ids[0], orders),
    )


def _backfill(env):
    env.cr.commit()
    for source in env["crm.interaction.source"]._to_backfill():
        while not source._backfill_step():
            env.cr.commit()
        env.cr.commit()


def _vacuum(env, *tables):
    """As autovacuum leaves them."""
    connection = env.cr.connection
    env.cr.commit()
    connection.autocommit = True
    try:
        for table in tables:
            env.cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))
    finally:
        connection.autocommit = False


def _known(env):
    partner = env["res.partner"]
    first = partner.search([("ref", "=", "bench"), ("name", "=", "Customer 0")], order="id desc", limit=1).id
    middle = first + partner.search_count([("ref", "=", "bench")]) // 40 * 10
    return {"giant": first, "company": first + 1, "pair": middle, "usual": middle + 5}
