"""Odoo's command with capture switched off: what a request costs without the interaction history."""

import odoo.cli
from odoo.tools import config


def main():
    """Run Odoo's server with the arguments of this command."""
    import sys

    config.parse_config(sys.argv[1:], setup_logging=False)
    from odoo.addons.crm_plus.models.interaction.base import Base

    Base._crm_plus_watch = lambda self: None
    odoo.cli.main()


if __name__ == "__main__":
    main()
