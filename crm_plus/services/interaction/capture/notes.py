"""What one transaction touched, noted on its cursor and captured once, just before it commits."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from .upkeep import Upkeep

NOTES, CREATED, LOGGED = "crm_plus.capture", "crm_plus.created", "crm_plus.logged"


class Notes:
    """Record ids per source, document ids per model, and ids of what such records link to per `HopWatch` or
    `DocumentHop`, touched since the last capture of this transaction; of the documents, those that are new in
    ``created``; in ``leaving``, like ``records``, what has no interaction any more, if it had one."""

    __slots__ = ("created", "documents", "hops", "leaving", "records")

    def __init__(self):
        self.created = {}
        self.records = {}
        self.leaving = {}
        self.documents = {}
        self.hops = {}

    def add(self, source_id, ids):
        self.records.setdefault(source_id, set()).update(ids)

    def add_leaving(self, source_id, ids):
        self.leaving.setdefault(source_id, set()).update(ids)

    def add_documents(self, model_name, ids):
        self.documents.setdefault(model_name, set()).update(ids)

    def add_linked(self, hop, ids):
        self.hops.setdefault(hop, set()).update(ids)


def notes_of(cr):
    """The notes of the current transaction; the first call plans their capture."""
    data = cr.precommit.data
    notes = data.get(NOTES)
    if notes is None:
        notes = data[NOTES] = Notes()
        cr.precommit.add(lambda: capture_noted(cr))
    return notes


def _created_ids(cr, model_name):
    """Ids of the records of a model made since the last capture."""
    return cr.precommit.data.setdefault(CREATED, {}).setdefault(model_name, set())


def capture_noted(cr):
    """Capture what this transaction has noted so far."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.flush_all()
    notes = cr.precommit.data.pop(NOTES, None)
    created = cr.precommit.data.pop(CREATED, {})
    if notes is not None:
        notes.created = created
        _follow_hops(cr, notes)
        Upkeep(env).run(notes)
        env["crm.interaction"]._after_capture()


def _follow_hops(cr, notes):
    """Note what links to the records that were written: one query, however often they were."""
    hops = list(notes.hops.items())
    if not hops:
        return
    cr.execute(
        SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, id FROM %s WHERE %s = ANY(%s)",
                number,
                SQL.identifier(hop.table),
                SQL.identifier(hop.column),
                list(ids),
            )
            for number, (hop, ids) in enumerate(hops)
        )
    )
    for number, record_id in cr.fetchall():
        hops[number][0].note(notes, [record_id])


def note_created(records, data_list, watch):
    """Note new records, and those that may be interactions."""
    env = records.env
    _created_ids(env.cr, records._name).update(records._ids)
    for own in watch.own:
        pairs = zip(records._ids, data_list, strict=True)
        _note(env.cr, own.source_id, [id_ for id_, data in pairs if own.may_match(env, data["stored"])])


def note_written(records, vals_list, watch):
    """Note records whose columns ``vals_list`` were written to the database.

    What is linked to a record made in this transaction was made in it too, and is noted for itself.
    """
    cr = records.env.cr
    created = _created_ids(cr, records._name)
    names = {name for vals in vals_list for name in vals}
    for own in watch.own:
        if own.fields.isdisjoint(names):
            continue
        changed, leaving = own.touched(records, vals_list, created)
        _note(cr, own.source_id, changed)
        if leaving:
            notes_of(cr).add_leaving(own.source_id, leaving)
    older = [id_ for id_ in records._ids if id_ not in created]
    if not watch.document_fields.isdisjoint(names):
        # what was logged by hand or sent in about a new lead has no record that is noted
        logged = records._name == "crm.lead" and cr.precommit.data.get(LOGGED)
        _note_documents(cr, records._name, records._ids if logged else older)
    for hop in (*watch.hops, *watch.document_hops) if older else ():
        if not hop.fields.isdisjoint(names):
            notes_of(cr).add_linked(hop, older)


def note_logged(cr):
    """Note that this transaction logs interactions of its own."""
    cr.precommit.data[LOGGED] = True


def note_unlinked(records, watch):
    """Note, before they are deleted, records and what depends on them by the database's own cascades."""
    cr = records.env.cr
    for own in watch.own:
        _note(cr, own.source_id, records._ids)
    for hop in watch.hops:
        _note(cr, hop.source_id, _linked_ids(cr, hop, records._ids))
    if watch.document_fields:
        _note_documents(cr, records._name, records._ids)


def _note_documents(cr, model_name, ids):
    if ids:
        notes_of(cr).add_documents(model_name, ids)


def _note(cr, source_id, ids):
    if ids:
        notes_of(cr).add(source_id, ids)


def _linked_ids(cr, hop, ids):
    cr.execute(
        SQL("SELECT id FROM %s WHERE %s = ANY(%s)", SQL.identifier(hop.table), SQL.identifier(hop.column), list(ids))
    )
    return [row[0] for row in cr.fetchall()]
