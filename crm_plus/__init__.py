from . import models


def post_init_hook(env):
    """The newest history is there when the installation ends."""
    env["crm.interaction.source"]._backfill_at_installation()
