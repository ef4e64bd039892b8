from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """What is still to come leaves the history, and what is known to the day only becomes a day: by the next check,
    which runs soon, and the capture after it."""
    api.Environment(cr, SUPERUSER_ID, {})["crm.job"]._wake("ir_cron_reconcile")
