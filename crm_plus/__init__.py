from odoo.tools import SQL

from . import controllers, models, report, wizard


def post_init_hook(env):
    """Whatever takes time is done by scheduled actions right after: the installation holds locks that everybody waits
    for, and one error in it takes all of it back."""
    env["crm.job"]._wake_first()


def uninstall_hook(env):
    """What tiers and segments brought is taken back from the customers, and so is what would be in the way of the host.
    It deletes segments and tiers before the stays in them, which keep them, and before the profiles, of which each that
    was in one would be rewritten; and sources and channels before the interactions.
    Modules that extend its mixins give external ids of their own to what our model has of them; nobody takes these away
    with it."""
    env.flush_all()
    stays = ("crm.segment.membership", "crm.tier.stay")
    for name in stays:
        env[name]._withdraw_benefits()
    # What waits for the add-on of follow-up rules since an upgrade.
    env.cr.execute("DROP TABLE IF EXISTS crm_former_effect, crm_former_pending")
    for kept in (*stays, "crm.customer.profile", "crm.interaction"):
        # Set-based: there are as many as customers, or many more.
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(env[kept]._table)))
        env[kept].invalidate_model(flush=False)
    env["ir.model.data"].search(
        [("module", "!=", "crm_plus"), ("name", "like", r"\_\_crm\_score\_model\_\_"), ("model", "like", "ir.model")]
    ).unlink()
