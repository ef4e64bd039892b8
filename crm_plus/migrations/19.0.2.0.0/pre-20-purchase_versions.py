"""Versions of purchase models have the words of those of predictions."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists

TABLE = "crm_purchase_model"
RENAMED = {"date": "trained_on", "duration": "seconds", "abstention": "shortfall"}


def migrate(cr, _version):
    for old, new in RENAMED.items():
        if column_exists(cr, TABLE, old):
            names = map(SQL.identifier, (TABLE, old, new))
            cr.execute(SQL("ALTER TABLE %s RENAME COLUMN %s TO %s", *names))
    cr.execute("UPDATE crm_purchase_model SET state = 'retired' WHERE state = 'replaced'")
