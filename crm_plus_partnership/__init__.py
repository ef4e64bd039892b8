from . import models


def uninstall_hook(env):
    """The levels that tiers gave are taken back; the tiers themselves stay."""
    env["crm.tier.stay"]._withdraw_grades()
