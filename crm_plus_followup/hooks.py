from odoo.tools import SQL

from .services.followup.former_effects import FormerEffects


def post_init_hook(env):
    """What segments and tiers did once before an upgrade of CRM Plus is done by rules from now on."""
    FormerEffects(env).take_over()


def uninstall_hook(env):
    """What rules left in the history goes before its source does, which the history keeps; open activities stay: they
    are somebody's work."""
    source = env.ref("crm_plus_followup.source_followup", raise_if_not_found=False)
    channel = env.ref("crm_plus_followup.channel_followup", raise_if_not_found=False)
    env.flush_all()
    env.cr.execute(
        SQL(
            "DELETE FROM crm_interaction WHERE source_id = %s OR channel_id = %s",
            source.id if source else 0,
            channel.id if channel else 0,
        )
    )
    env["crm.interaction"].invalidate_model(flush=False)
