"""Odoo's command; what works on a scheduled action says so to PostgreSQL, to set it apart from users."""

import os
import sys

JOB = "job"


def main() -> None:
    """Run Odoo's server with the arguments of this command."""
    import odoo.cli  # here: who looks for these sessions needs their name, not Odoo
    from odoo.tools import config

    config.parse_config(sys.argv[1:], setup_logging=False)
    from odoo.addons.base.models.ir_cron import IrCron

    run = IrCron._callback

    def named(cron, name, action_id):
        # stays with the connection until the host lends it to somebody else, who resets it
        label = f"{JOB} {os.getpid()} {name}"[:60]
        cron.env.cr.execute("SELECT set_config('application_name', %s, false)", [label])
        cron.env.cr.commit()
        return run(cron, name, action_id)

    IrCron._callback = named
    odoo.cli.main()


if __name__ == "__main__":
    main()
