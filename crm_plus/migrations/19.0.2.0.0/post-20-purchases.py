"""The churn risk is the probability of no order within 12 months: companies whose customers were predicted are trained
anew soon, so that the numbers mean what their name says. Versions of before keep what they say."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    trained = env["res.company"].search([]).filtered("crm_plus_trained_date")
    trained.write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})
    cron = env.ref("crm_plus.ir_cron_train", raise_if_not_found=False)
    if trained and cron:
        cron._trigger()
