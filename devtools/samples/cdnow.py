"""CDNOW: the purchases of 2,357 real customers from January 1997 to June 1998, the sample that the literature on
customer lifetime value is written about. It ships inside the package `lifetimes`.
"""

import importlib.util
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from odoo import Command
from odoo.tools import SQL

from devtools.scripts import copies
from devtools.scripts.copies import QUIET, copy_orders, insert_copies, reserve_ids

FILE = "datasets/CDNOW_sample.txt"


class Purchase(NamedTuple):
    """One line of the file."""

    customer: int  # 1 to 2,357
    date: datetime  # noon of the day
    discs: int
    dollars: str


def purchases():
    """All purchases, by date."""
    package = Path(importlib.util.find_spec("lifetimes").origin).parent
    rows = (line.split() for line in (package / FILE).read_text().splitlines())
    found = [
        Purchase(int(customer), datetime.strptime(day + "12", "%Y%m%d%H"), int(discs), dollars)
        for _master, customer, day, discs, dollars in rows
    ]
    return sorted(found, key=lambda purchase: (purchase.date, purchase.customer))


def ending_on(data, day):
    """The purchases with all dates moved alike, so that the last of them is on a day: whoever looks at segments and
    forecasts of customers of 1998 sees champions who are lost."""
    later = day - data[-1].date.date()
    return [purchase._replace(date=purchase.date + later) for purchase in data]


def load(env):
    """Customers and confirmed orders with their true amounts, in the company's currency, and their history: the last
    purchase is today, the others as long before it as they were.

    What the ORM makes of the first purchase is the pattern of all others.
    """
    if env["res.partner"].search_count([("ref", "=", _ref(1))], limit=1):
        print("The CDNOW sample is loaded already.")
        return
    data = ending_on(purchases(), env.company._crm_plus_today())
    first = _first_order(env(context=QUIET), data[0])
    customers = _copy_customers(first.partner_id, data)
    _copy_orders(first, data[1:], customers)
    env.ref("crm_plus.source_order")._reconcile()
    print(f"CDNOW: {len(customers):,} customers, {len(data):,} orders.")


def _ref(customer):
    return f"CDNOW {customer:04}"


def _line_name(purchase):
    return f"{purchase.discs} CD{'s' if purchase.discs > 1 else ''}"


def _first_order(env, purchase):
    # a service without taxes: nothing is delivered, and amounts stay as they are in the file
    product = env["product.product"].create(
        {"name": "CDs", "default_code": "CDNOW", "type": "service", "list_price": 0, "taxes_id": [Command.clear()]}
    )
    name = _ref(purchase.customer)
    partner = env["res.partner"].create({"name": name, "ref": name})
    line = {"product_id": product.id, "name": _line_name(purchase), "price_unit": purchase.dollars}
    order = env["sale.order"].create({"partner_id": partner.id, "user_id": False, "order_line": [Command.create(line)]})
    order.action_confirm()
    order.date_order = purchase.date
    return order


def _copy_customers(first, data):
    """``{customer: partner id}`` of all."""
    known = int(first.ref.split()[1])
    others = sorted({purchase.customer for purchase in data} - {known})
    ids = reserve_ids(first, len(others))
    name, record = SQL.identifier("r", "name"), SQL.identifier("r", "id")
    insert_copies(
        first,
        SQL("unnest(%s::int[], %s) AS r(id, name)", ids, list(map(_ref, others))),
        **dict.fromkeys(("id", "commercial_partner_id"), record),
        **dict.fromkeys(("name", "complete_name", "ref"), name),
    )
    return {known: first.id, **dict(zip(others, ids, strict=True))}


def _copy_orders(first, data, customers):
    copy_orders(
        first,
        [
            copies.Purchase(customers[purchase.customer], purchase.date, purchase.dollars, _line_name(purchase))
            for purchase in data
        ],
    )
