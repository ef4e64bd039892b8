"""The scheduled actions of the add-on, run at once: in Odoo's shell."""

import resource
import time

# How often one that says it is not done yet is run again, at most.
ROUNDS = 60


def run(env) -> None:
    """Every one of them until it is done, in the order of their priorities; the first that fails ends it.

    Prints what each took, and the most memory of the process so far.
    """
    env.cr.commit()
    known = env["ir.model.data"].search([("module", "=like", "crm\\_plus%"), ("model", "=", "ir.cron")])
    loading, everybody = (env.ref(f"crm_plus.ir_cron_{name}") for name in ("backfill", "refresh_profiles"))
    crons = env["ir.cron"].browse(known.mapped("res_id")).exists()
    # All customers first: it does what the loading of the history has left to be done for single ones.
    for cron in crons.sorted(
        lambda cron: (loading.priority if cron == everybody else cron.priority, cron == everybody)
    ):
        start = time.monotonic()
        rounds = next((number for number in range(1, ROUNDS) if not _left(env, cron)), ROUNDS)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        often = f" in {rounds} rounds" if rounds > 1 else ""
        print(f"{cron.name}: {time.monotonic() - start:.1f} s{often}, {peak} MB at most so far")


def _left(env, cron) -> int:
    """Run one; how much it says is left."""
    cron.method_direct_trigger()
    env.cr.commit()
    return env["ir.cron.progress"].search([("cron_id", "=", cron.id)], order="id DESC", limit=1).remaining
