from odoo.tools import SQL

from . import models, wizard


def post_init_hook(env):
    """The newest history, customer profiles and lead scores are there when the installation ends."""
    env["crm.interaction.source"]._backfill_at_installation()
    for company in env["res.company"].search([]):
        env["crm.customer.profile"]._refresh_company(company)
    env["crm.job"]._wake("ir_cron_train")
    env["crm.job"]._wake("ir_cron_refresh_affinity")
    env["crm.lead.score"]._score_at_installation()


def uninstall_hook(env):
    """What would be in the way of the host. It deletes segments and tiers before the stays in them, which keep them.
    Modules that extend its mixins give external ids of their own to what our model has of them; nobody takes these away
    with it."""
    env.flush_all()
    for stays in ("crm.segment.membership", "crm.tier.stay"):
        # Set-based: there are as many as customers.
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(env[stays]._table)))
        env[stays].invalidate_model(flush=False)
    env["ir.model.data"].search(
        [("module", "!=", "crm_plus"), ("name", "like", r"\_\_crm\_score\_model\_\_"), ("model", "like", "ir.model")]
    ).unlink()
