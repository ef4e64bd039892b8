"""Who may do what with audiences and follow-up rules; see ``expectations.py`` of CRM Plus."""

from odoo import Command

NOBODY = ""
SALES = "own all manager foreign"
READERS = f"reader service {SALES}"
MANAGERS = "manager foreign"

RIGHTS = {
    "crm.audience": (SALES, MANAGERS, MANAGERS, MANAGERS),
    "crm.audience.behavior": (SALES, MANAGERS, MANAGERS, MANAGERS),
    "crm.acquisition": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.campaign.cost": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.campaign.return": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.event": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.holdout": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.member": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.policy": (MANAGERS, MANAGERS, MANAGERS, NOBODY),
    "crm.followup.preview": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.followup.response": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.rule": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.followup.run": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.snooze": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.step": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "crm.followup.team": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "crm.followup.today": (SALES, NOBODY, NOBODY, NOBODY),
}

METHODS = {
    ("crm.audience", "action_open_members"): SALES,
    ("crm.audience", "action_take_over"): MANAGERS,
    ("crm.audience", "save_question"): MANAGERS,
    ("crm.campaign.return", "action_open_leads"): MANAGERS,
    ("crm.campaign.return", "action_open_orders"): MANAGERS,
    ("crm.customer.profile", "action_reach"): SALES,
    ("crm.followup.rule", "action_activate"): MANAGERS,
    ("crm.followup.rule", "action_draft"): MANAGERS,
    ("crm.followup.rule", "action_open_runs"): MANAGERS,
    ("crm.followup.rule", "action_pause"): MANAGERS,
    ("crm.followup.rule", "action_preview"): MANAGERS,
    ("crm.followup.rule", "action_shadow"): MANAGERS,
    ("crm.followup.rule", "save_question"): MANAGERS,
    ("crm.followup.run", "action_retry"): MANAGERS,
    ("crm.followup.run", "action_stop"): MANAGERS,
    ("crm.followup.step", "action_take_over"): MANAGERS,
    ("crm.followup.team", "action_open_activities"): MANAGERS,
    ("crm.followup.team", "action_open_messages"): MANAGERS,
    ("crm.followup.team", "action_open_today"): MANAGERS,
    ("crm.followup.today", "action_dismiss"): SALES,
    ("crm.followup.today", "action_done"): SALES,
    ("crm.followup.today", "action_email"): SALES,
    ("crm.followup.today", "action_log"): SALES,
    ("crm.followup.today", "action_meeting"): SALES,
    ("crm.followup.today", "action_open"): SALES,
    ("crm.followup.today", "action_quotation"): SALES,
    ("crm.followup.today", "action_snooze"): SALES,
} | {
    (model, method): who
    for model, readers in (
        ("crm.audience", SALES), ("crm.customer.profile", READERS), ("crm.segment", READERS), ("crm.tier", READERS),
    )
    for method, who in (("action_export", readers), ("action_follow_up", MANAGERS), ("action_price", MANAGERS))
}  # fmt: skip


def add_dialogs(case):
    """The preview of a rule, and a rule that the manager may not see."""
    rules = case.env["crm.followup.rule"]
    mine, hidden = (
        rules.create(
            {
                "name": "Secret rule" if company != case.company else "Visible rule",
                "company_id": company.id,
                "audience_id": case.env["crm.audience"].create({"name": "Secret", "company_id": company.id}).id,
                "step_ids": [Command.create({"kind": "activity", "activity_type_id": case.todo.id})],
            }
        )
        for company in (case.company, case.other_company)
    )
    case.dialogs["crm.followup.preview"] = (case.manager, {"rule_id": mine.id})
    case.hidden["crm.followup.rule"] = hidden


def make_world(world):
    """An audience, a rule with a step, and somebody on the way, of each company."""
    for zone in ("alfa", "beta"):
        _make_rule(world, zone)
    world.env.flush_all()
    for zone, user in (("own", "own"), ("bob", "bob"), ("beta", "foreign_own")):
        mine = [("user_id", "=", world.users[user].id), ("kind", "=", "activity")]
        row = world.env["crm.followup.today"].search(mine, limit=1)
        assert row, f"nothing to do for {user}"
        world.keep(zone, row)
    for zone in ("alfa", "beta"):
        _keep_reports(world, zone)
    for zone in ("alfa", "beta"):
        partner = world.of("res.partner", "beta" if zone == "beta" else "own")[:1]
        world.make(zone, "crm.followup.snooze", kind="hot", user_id=world.env.uid, partner_id=partner.id,
                   company_id=world.companies[zone].id)  # fmt: skip


def _keep_reports(world, zone):
    """Rows of what is read from what there is."""
    env = world.env(context={**world.env.context, "allowed_company_ids": world.companies[zone].ids})
    mine = [("company_id", "=", world.companies[zone].id)]
    for model, narrowed in (("crm.campaign.return", [("kind", "=", "campaign")]), ("crm.acquisition", []),
                            ("crm.followup.response", []), ("crm.followup.team", [])):  # fmt: skip
        world.keep(zone, env[model].search([*mine, *narrowed], limit=1).with_env(world.env))


def _make_rule(world, zone):
    marks, company = world.marks[zone], world.companies[zone]
    partner = world.of("res.partner", "beta" if zone == "beta" else "own")[:1]
    audience = world.make(zone, "crm.audience", name=marks.word(), company_id=company.id, domain="[('id', '>', 0)]")
    # deleted on its own, since a rule keeps the other
    world.make(zone, "crm.audience", name=marks.word(), company_id=company.id)
    world.make(zone, "crm.audience.behavior", audience_id=audience.id, kind="contact", days=36500, done="yes")
    rule = world.make(zone, "crm.followup.rule", name=marks.word(), company_id=company.id, audience_id=audience.id)
    world.make(zone, "crm.followup.rule", name=marks.word(), company_id=company.id, audience_id=audience.id)
    step = world.make(zone, "crm.followup.step", rule_id=rule.id, kind="wait", summary=marks.word())
    world.keep(zone, world.env["crm.followup.policy"]._of(company))
    shared = {"rule_id": rule.id, "company_id": company.id, "partner_id": partner.id}
    world.make(zone, "crm.followup.member", **shared, date_since="2024-05-05 05:05:05")
    world.make(zone, "crm.followup.holdout", company_id=company.id, partner_id=partner.id, held_out=True,
               date_assigned="2024-05-05 05:05:05")  # fmt: skip
    run = world.make(zone, "crm.followup.run", **shared, step_id=step.id, date_start="2024-05-05 05:05:05",
                     note=marks.word(), error=marks.word())  # fmt: skip
    campaign = world.env["utm.campaign"].create({"title": marks.word()})
    world.make(zone, "crm.campaign.cost", company_id=company.id, campaign_id=campaign.id, name=marks.word(),
               amount=marks.amount())  # fmt: skip
    world.make(zone, "crm.followup.event", **shared, run_id=run.id, date="2024-05-05 05:05:05", kind="wait",
               summary=marks.word(), shadow=True)  # fmt: skip
    manager = world.users["foreign" if zone == "beta" else "manager"]
    preview = world.env["crm.followup.preview"].with_user(manager).with_company(company).create({"rule_id": rule.id})
    world.keep(zone, preview.with_env(world.env))


FIELDS = {
    # the settings dialog is the administrators' by the host's own access rights
    "res.config.settings": {"system": "group_crm_today_first"},
    "res.partner": {
        READERS: "crm_text_last_order crm_text_missing crm_text_next_tier crm_text_products crm_text_segment "
        "crm_text_tier crm_text_tier_until",
    },
}
