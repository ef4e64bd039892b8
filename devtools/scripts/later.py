"""After an app has come to a database that has the add-on: run in Odoo's shell."""


def check(env) -> None:
    """The source that has waited works, new records are in the timeline, the bridge is there."""
    assert "loyalty_program_id" in env["crm.tier"]._fields, "the bridge was not installed"
    source = env.ref("crm_plus.source_event_registration")
    assert source.state == "ready", source.state
    env.ref("crm_plus.ir_cron_backfill").method_direct_trigger()
    env.cr.commit()  # a new look
    source.invalidate_recordset()
    assert source.backfill_done, "its history was not read"
    partner = env["res.partner"].create({"name": "Goes to events"})
    days = {"date_begin": "2026-01-10 09:00:00", "date_end": "2026-01-10 17:00:00"}
    event = env["event.event"].create({"name": "Open day", **days})
    registration = {"event_id": event.id, "partner_id": partner.id, "name": "A guest", "state": "done"}
    env["event.registration"].create(registration)
    env.cr.commit()
    partner.invalidate_recordset()
    assert partner.interaction_count == 1, partner.interaction_count
