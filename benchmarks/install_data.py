"""The database of `benchmarks/install.py`: a host without the add-on that has been in use."""

from devtools import databases
from devtools.common import say
from devtools.serve import shell

SIZES = {"partners": 1_000_000, "orders": 300_000, "leads": 200_000}


def ensure(host, scale: float) -> str:
    """Its name; made once, later runs copy it."""
    name = f"bench_install_{int(scale * 1000)}"
    if databases.note(host, name) is None:
        building = f"{name}_new"
        say(f"building {name}")
        databases.duplicate(host, databases.template(host, "minimal"), building)
        code = f"from benchmarks.install_data import fill; fill(env, {scale})"
        conf = host.config(building, db_name=building, with_demo=False)
        shell(host, conf, building, code, "Cannot fill the benchmark's database.", log=building)
        databases.write_note(host, building, {"kind": "minimal"})
        databases.rename(host, building, name)
    return name


def fill(env, scale: float) -> None:
    """Copies of a partner, an order and a lead that the ORM made."""
    from odoo.tools import SQL

    from devtools.scripts.copies import insert_copies

    partner = env["res.partner"].create({"name": "Customer", "email": "customer@example.com"})
    product = env["product.product"].create({"name": "Advice", "type": "service"})
    order = env["sale.order"].create({"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]})
    order.action_confirm()
    lead = env["crm.lead"].create({"name": "Interested", "type": "opportunity", "partner_id": partner.id})
    day = SQL("now() AT TIME ZONE 'UTC' - n * interval '1 minute'")
    for template, columns in (
        (partner, {"name": SQL("'Customer ' || n"), "complete_name": SQL("'Customer ' || n")}),
        (order, {"name": SQL("'B' || n"), "date_order": day, "access_token": SQL("NULL")}),
        (lead, {"create_date": day}),
    ):
        what = {"res.partner": "partners", "sale.order": "orders", "crm.lead": "leads"}[template._name]
        insert_copies(template, SQL("generate_series(1, %s) AS n", int(SIZES[what] * scale)), **columns)
    env.cr.commit()
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id <> id")
