"""What scores add to a user's save of an open lead, beside the same save without them, in turns."""

import statistics
from collections.abc import Iterable

from benchmarks.harness import Figure, at_most, paired


def saving(options, with_what: str) -> Iterable[Figure]:
    """Saves of a field that rules and predictions read, up to the commit, which is rolled back."""
    with options.env_factory() as env:
        leads = env["crm.lead"].search([("won_status", "=", "pending")], limit=400, order="id desc")
        notes = type(env["crm.lead.score"])
        turns = iter(range(10_000))

        def save():
            lead = leads[next(turns) % 400]
            lead.write({"priority": "3" if lead.priority != "3" else "1"})
            env.cr.flush()

        def save_unscored():
            noted, notes._note_leads = notes._note_leads, lambda *_arguments: None
            try:
                save()
            finally:
                notes._note_leads = noted

        measured = paired(save, save_unscored, repeat=100, warmup=5)
        without = statistics.median(measured.second) * 1000
        name = f"a saved lead costs more by, with {with_what}"
        yield at_most(name, measured.difference * 1000, 10, "ms", without, "the save without them")
        env.cr.rollback()
