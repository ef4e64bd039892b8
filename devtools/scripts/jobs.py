"""The scheduled actions of the add-on, run at once: in Odoo's shell."""

import resource
import time


def run(env) -> None:
    """Every one of them, in the order of their priorities; the first that fails ends it. Prints what each took, and the
    most memory of the process so far."""
    env.cr.commit()
    known = env["ir.model.data"].search([("module", "=like", "crm\\_plus%"), ("model", "=", "ir.cron")])
    for cron in env["ir.cron"].browse(known.mapped("res_id")).exists().sorted("priority"):
        start = time.monotonic()
        cron.method_direct_trigger()
        env.cr.commit()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{cron.name}: {time.monotonic() - start:.1f} s, {peak} MB at most so far")
