"""After apps have come to a database that has the add-on, and gone again: run in Odoo's shell."""


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
    _give_points(env, partner)


def _give_points(env, partner):
    """A rule in which this contact waits for points, and then gets a tag."""
    program = env["loyalty.program"].create({"name": "Club", "program_type": "loyalty", "applies_on": "both"})
    audience = env["crm.audience"].create(
        {"name": "One guest", "kind": "contact", "domain": repr([("id", "=", partner.id)])}
    )
    steps = [
        {"sequence": 1, "kind": "loyalty", "loyalty_program_id": program.id, "delay_days": 3},
        {"sequence": 2, "kind": "tag", "tag_id": env["res.partner.category"].create({"name": "Came back"}).id},
    ]
    rule = env["crm.followup.rule"].create(
        {"name": "Points", "audience_id": audience.id, "include_present": True, "state": "active",
         "step_ids": [(0, 0, step) for step in steps]}
    )  # fmt: skip
    rule._evaluate()
    assert rule.open_count == 1, rule.open_count
    env.cr.commit()


def check_gone(env) -> None:
    """After that app has gone and the scheduled actions have run: the contact went on to the next step."""
    rule = env["crm.followup.rule"].search([("name", "=", "Points")])
    assert rule.state == "active", rule.state
    assert rule.step_ids.mapped("kind") == ["tag"], rule.step_ids.mapped("kind")
    partner = env["res.partner"].search([("name", "=", "Goes to events")])
    assert partner.category_id.name == "Came back", partner.category_id
