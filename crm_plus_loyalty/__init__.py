from . import models


def uninstall_hook(env):
    """The cards that tiers opened rest; the tiers themselves stay."""
    env["crm.tier.stay"]._withdraw_cards()
