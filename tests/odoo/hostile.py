"""Databases as nobody wants them, and as they are: what an import, an old system or a tired hand leaves behind.

Drawn by hypothesis: texts, moments and amounts at the edges of what can be stored, records without anything, parents
that are deleted, archived or merged, and columns that were emptied by SQL.
"""

from hypothesis import strategies as st
from odoo import Command
from odoo.tools import SQL, mute_logger

TEXTS = (
    "", " ", "0", "null", "NaN", "%s %(name)s {0} 100 %", "'; -- \\ \" `", "<script>alert(1)</script>", "a\tb\nc\r\n",
    "\u202eמימין לשמאל\u202c", "شرکت نمونه ۱۲۳", "👩‍👩‍👧‍👦" * 20, "e\u0301\u0327" * 30, "\ufeff\u200b", "x" * 20_000,
)  # fmt: skip
# December 9999 is left out: no list of the host itself can be grouped by a month that ends in the year 10000.
MOMENTS = (
    "0001-01-01 00:00:00", "0001-01-02 23:59:59", "1899-12-31 23:59:59", "1900-01-01 00:00:00", "1970-01-01 00:00:00",
    "2000-02-29 12:00:00", "2038-01-19 03:14:08", "2039-06-01 00:00:00", "2100-02-28 23:59:59", "9999-11-29 12:00:00",
    "9999-11-30 23:59:59",
)  # fmt: skip
AMOUNTS = (0.0, -0.0, 0.005, -0.01, 1e-9, 1.0, -250.0, 999_999_999_999.99, -999_999_999_999.99, 1e15, -1e15)
QUANTITIES = (0.0, 1.0, -3.0, 0.0001, 1e9, -1e9)
SHARES = (0.0, 100.0, 50.0, 0.004, 99.996)

text, moment = st.sampled_from(TEXTS), st.sampled_from(MOMENTS)
amount, flag = st.sampled_from(AMOUNTS), st.booleans()

partner = st.fixed_dictionaries(
    {
        "name": text.filter(str.strip),
        "email": st.sampled_from(
            ("", "x", "a@b", "a@b.example, c@d.example", "ä@ö.example", "<>", "x" * 300 + "@x.example")
        ),
        "phone": st.sampled_from(("", "0", "+", "not a number", "+1 555 0100", "٠١٢٣٤٥", "9" * 60)),
        "website": text,
        "city": text,
        "comment": text,
        "is_company": flag,
        "active": flag,
        "parent": st.none() | st.integers(0, 5),
    }
)
lead = st.fixed_dictionaries(
    {
        "name": text.filter(str.strip),
        "partner": st.none() | st.integers(0, 5),
        "bare": flag,
        "active": flag,
        "type": st.sampled_from(("lead", "opportunity")),
        "expected_revenue": amount,
        "probability": st.sampled_from(SHARES),
        "description": text,
        "end": st.sampled_from(("open", "won", "lost")),
        "create_date": moment,
        "date_open": st.none() | moment,
        "date_closed": st.none() | moment,
        "date_deadline": st.none() | moment,
    }
)
order = st.fixed_dictionaries(
    {
        "partner": st.integers(0, 5),
        "price": amount,
        "quantity": st.sampled_from(QUANTITIES),
        "date_order": moment,
        "state": st.sampled_from(("draft", "sale", "cancel")),
        "client_order_ref": text,
        "foreign_money": flag,
        "line": flag,
    }
)
entry = st.fixed_dictionaries(
    {
        "partner": st.integers(0, 5),
        "lead": st.none() | st.integers(0, 5),
        "date": moment,
        "name": text,
        "note": text,
        "duration": st.sampled_from((0.0, 1e-6, 8760.0, 1e12)),
        "amount": amount,
        "direction": st.sampled_from(("in", "out", "none")),
    }
)
databases = st.fixed_dictionaries(
    {
        "partners": st.lists(partner, min_size=6, max_size=9),
        "leads": st.lists(lead, min_size=6, max_size=12),
        "orders": st.lists(order, min_size=6, max_size=12),
        "entries": st.lists(entry, min_size=6, max_size=12),
        "no_teams": flag,
        "no_products": flag,
        "no_rates": flag,
        "emptied": flag,
        "merged": flag,
        "deleted": flag,
        "tz": st.sampled_from(("Pacific/Kiritimati", "America/Adak", "Asia/Kathmandu", "")),
    }
)


def fill(env, plan):
    """Write a drawn database; the records by model."""
    env = env(context={**env.context, "tracking_disable": True, "mail_notrack": True})
    made = {"res.partner": _partners(env, plan["partners"])}
    made["crm.lead"] = _leads(env, plan["leads"], made["res.partner"])
    made["sale.order"] = _orders(env, plan["orders"], made["res.partner"])
    made["crm.interaction"] = _entries(env, plan["entries"], made)
    env.flush_all()
    _conditions(env, plan, made)
    env.invalidate_all()
    return {model: records.exists() for model, records in made.items()}


def _partners(env, rows):
    partners = env["res.partner"].create(
        [{name: value for name, value in row.items() if name not in ("parent", "active")} for row in rows]
    )
    for record, row in zip(partners, rows, strict=True):
        if row["parent"] is not None and partners[row["parent"]].id < record.id:
            record.parent_id = partners[row["parent"]]
    for record, row in zip(partners, rows, strict=True):
        record.active = row["active"]
    return partners


def _leads(env, rows, partners):
    leads = env["crm.lead"]
    stages = env["crm.stage"].search([], order="sequence")
    for row in rows:
        values = {"name": row["name"]}
        if not row["bare"]:
            values |= {name: row[name] for name in ("type", "expected_revenue", "description")}
            values |= {"partner_id": partners[row["partner"]].id if row["partner"] is not None else False}
        record = env["crm.lead"].create(values)
        if row["end"] == "won":
            record.stage_id = stages.filtered("is_won")[:1]
        elif row["end"] == "lost":
            record.action_set_lost()
        _write_by_sql(
            record, probability=row["probability"], active=row["active"] and row["end"] != "lost",
            **{name: row[name] for name in ("create_date", "date_open", "date_closed", "date_deadline")},
        )  # fmt: skip
        leads |= record
    return leads


def _orders(env, rows, partners):
    orders, product = env["sale.order"], env["product.product"].create({"name": "Thing", "type": "service"})
    money = env["res.currency"].create({"name": "XQX", "symbol": "¤"})
    pricelist = env["product.pricelist"].create({"name": "Strange money", "currency_id": money.id})
    for row in rows:
        line = {
            "product_id": product.id,
            "price_unit": row["price"],
            "product_uom_qty": row["quantity"],
            "tax_ids": False,
        }
        record = env["sale.order"].create(
            {
                "partner_id": partners[row["partner"]].id,
                "client_order_ref": row["client_order_ref"],
                "order_line": [Command.create(line)] if row["line"] else [],
                **({"pricelist_id": pricelist.id} if row["foreign_money"] else {}),
            }
        )
        # by SQL, as a migration does it
        _write_by_sql(record, state=row["state"], date_order=row["date_order"], name="S00001")
        orders |= record
    return orders


def _entries(env, rows, made):
    entries = env["crm.interaction"]
    channels = env["crm.interaction.channel"].search([])
    for number, row in enumerate(rows):
        record = env["crm.interaction"].create(
            {
                "partner_id": made["res.partner"][row["partner"]].id,
                "lead_id": made["crm.lead"][row["lead"]].id if row["lead"] is not None else False,
                "channel_id": channels[number % len(channels)].id,
                "name": row["name"],
                "note": row["note"],
                "duration": row["duration"],
                "direction": row["direction"],
            }
        )
        _write_by_sql(record, date=row["date"], amount=row["amount"])
        entries |= record
    return entries


def _conditions(env, plan, made):
    """What befalls a database as a whole."""
    if plan["no_rates"]:
        env.cr.execute("DELETE FROM res_currency_rate")
    if plan["no_teams"]:
        env["crm.team"].search([]).write({"active": False})
        env.cr.execute("UPDATE crm_lead SET team_id = NULL")
    if plan["no_products"]:
        made["sale.order"].order_line.product_id.write({"active": False, "sale_ok": False})
        env.cr.execute(
            """UPDATE sale_order_line SET product_id = NULL, display_type = 'line_note', product_uom_id = NULL,
                      price_unit = 0, product_uom_qty = 0, customer_lead = 0
                WHERE order_id = ANY(%s) AND id %% 2 = 0""",
            (made["sale.order"].ids,),
        )
    if plan["emptied"]:
        _empty(env, made)
    if plan["merged"]:
        _merge(env, made["res.partner"][:3])
    if plan["deleted"]:
        made["crm.lead"][:2].unlink()
    env.user.tz = plan["tz"]
    for company in env["res.company"].search([]):
        company.partner_id.tz = plan["tz"]


def _empty(env, made):
    """Columns that may be empty are, in every other record."""
    for model, kept in (
        ("crm.lead", ("name", "type", "company_id")),
        ("crm.interaction", ("partner_id", "lead_id", "source_id", "date", "channel_id", "direction")),
        ("res.partner", ("name", "commercial_partner_id", "type", "complete_name")),
    ):
        table = env[model]._table
        env.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_nullable = 'YES'", (table,)
        )
        names = [name for (name,) in env.cr.fetchall() if name not in kept]
        sets = SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in names)
        env.cr.execute(SQL("UPDATE %s SET %s WHERE id = ANY(%s)", SQL.identifier(table), sets, made[model].ids[::2]))


def _merge(env, partners):
    """Some customers turn out to be one."""
    with mute_logger("odoo.addons.base.models.partner_merge", "odoo.addons.base.wizard.base_partner_merge"):
        wizard = env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(partners.ids, partners[0], extra_checks=False)


def _write_by_sql(record, **values):
    record.flush_recordset()
    sets = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
    record.env.cr.execute(SQL("UPDATE %s SET %s WHERE id = %s", SQL.identifier(record._table), sets, record.id))
    record.invalidate_recordset()
