"""Leads that are merged in a transaction: what is ours moves to those that remain, once for all of them, before the
merged ones are deleted or the transaction commits. The host merges hundreds in a row when it assigns leads."""

from .capture import notes

MERGED = "crm_plus.merged_leads"


def note(cr, lead_id, merged_ids):
    """Leads are merged into the one with ``lead_id``."""
    merged = cr.precommit.data.setdefault(MERGED, {})
    for old, remaining in merged.items():
        if remaining in merged_ids:
            merged[old] = lead_id
    merged.update(dict.fromkeys(merged_ids, lead_id))
    notes.notes_of(cr)


def settle(env):
    """Move what belongs to the merged leads of this transaction."""
    if merged := env.cr.precommit.data.pop(MERGED, None):
        env["crm.interaction"]._follow_merges(merged)
        env["crm.lead.score"]._follow_merges(merged)


def before_deletion(cr, lead_ids):
    """These leads are about to be deleted: when some were merged, what is to be captured comes first, then they are
    settled. Nothing else that waits for the commit is done yet: the host would tell of each change of a lead twice.

    :return: the ids of those that were not merged
    """
    merged = cr.precommit.data.get(MERGED, {}).keys() & set(lead_ids)
    if merged:
        notes.capture_noted(cr)
    return [lead_id for lead_id in lead_ids if lead_id not in merged]
