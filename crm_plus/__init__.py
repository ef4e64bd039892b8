from . import mixins, models, wizard


def post_init_hook(env):
    """The newest history, customer profiles and lead scores are there when the installation ends."""
    env["crm.interaction.source"]._backfill_at_installation()
    for company in env["res.company"].search([]):
        env["crm.customer.profile"]._refresh_company(company)
    env.ref("crm_plus.ir_cron_train")._trigger()
    env.ref("crm_plus.ir_cron_refresh_affinity")._trigger()
    env["crm.lead.score"]._score_at_installation()
