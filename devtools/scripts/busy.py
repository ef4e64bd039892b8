"""People at work: leads, customers and orders are made, each in a transaction of its own, until a file appears.

Run in Odoo's shell. As in a server, a transaction that another one disturbs is tried again, and a registry that has
changed is loaded anew.
"""

import json
import threading
import time
from pathlib import Path

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

ATTEMPTS = 5  # as the host's own `retrying`
DISTURBED = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected, psycopg2.errors.LockNotAvailable)


def work(database: str, stop: Path, report: Path) -> None:
    """Work until ``stop`` exists; what was made, the longest wait in seconds and the errors go to ``report``."""
    found = {"made": {}, "longest": {}, "errors": []}
    threads = [
        threading.Thread(target=_repeat, args=(database, kind, stop, found)) for kind in (_partner, _lead, _order)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.write_text(json.dumps(found))


def _repeat(database, kind, stop, found):
    name, ids, longest = kind.__name__.strip("_"), [], 0.0
    while not stop.exists():
        start = time.monotonic()
        try:
            ids.append(_committed(database, kind))
        except Exception as error:  # whatever it is, a user would have seen it
            found["errors"].append(f"{name}: {type(error).__name__}: {error}")
        longest = max(longest, time.monotonic() - start)
        time.sleep(0.02)
    found["made"][name], found["longest"][name] = ids, longest


def _committed(database, kind):
    for attempt in range(ATTEMPTS):
        registry = Registry(database).check_signaling()
        with registry.cursor() as cr:
            try:
                made = kind(api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})).id
                cr.commit()
                return made
            except DISTURBED:
                if attempt == ATTEMPTS - 1:
                    raise
                cr.rollback()
                time.sleep(0.1 * 2**attempt)


def _partner(env):
    partner = env["res.partner"].create({"name": "Made meanwhile"})
    partner.comment = "and saved"
    return partner


def _lead(env):
    lead = env["crm.lead"].create(
        {"name": "Made meanwhile", "type": "opportunity", "partner_id": env.user.partner_id.id}
    )
    lead.priority = "2"
    return lead


def _order(env):
    order = env["sale.order"].create({"partner_id": env.user.partner_id.id})
    order.action_confirm()
    return order
