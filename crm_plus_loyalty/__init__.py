from . import models


def uninstall_hook(env):
    """The cards that segments and tiers opened rest; the segments and tiers themselves stay."""
    for name in models.crm_stay_mixin.STAYS:
        env[name]._withdraw_cards()
