from . import mixins, models, wizard


def post_init_hook(env):
    """The newest history, customer profiles and lead scores are there when the installation ends."""
    env["crm.interaction.source"]._backfill_at_installation()
    for company in env["res.company"].search([]):
        env["crm.customer.profile"]._refresh_company(company)
    env.ref("crm_plus.ir_cron_train")._trigger()
    env.ref("crm_plus.ir_cron_refresh_affinity")._trigger()
    env["crm.lead.score"]._score_at_installation()


def uninstall_hook(env):
    """Modules that extend the mixins of the host give external ids of their own to what our model has of them; nobody
    takes these away with it."""
    env["ir.model.data"].search(
        [("module", "!=", "crm_plus"), ("name", "like", r"\_\_crm\_score\_model\_\_"), ("model", "like", "ir.model")]
    ).unlink()
