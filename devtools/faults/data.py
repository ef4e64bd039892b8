"""What there is before the load: customers with years of purchases, leads with conversations, trained models, and a
segment whose customers rules act upon."""

from odoo import Command

from devtools.samples import cdnow, leads
from devtools.scripts import logins

CUSTOMERS = 60
# What is done when a customer enters the segment and when it leaves: a tag each time, named by the customer.
ENTERED, LEFT = "Fault mark", "Fault farewell"
ACTION = "for partner in records: env['res.partner.category'].create({'name': '%s %%s' %% partner.id})"
UNSTOPPED = {"stop_order": False, "stop_reply": False, "stop_leave": False}
# What two follow-up rules ask for: one contact a week at most, over both of them.
CALL = "Fault call"


def ensure(env) -> None:
    """Make it once."""
    logins.ensure(env)
    leads.load(env)
    cdnow.load(env)
    env["res.partner"].create([{"name": f"Fault {number}", "is_company": True} for number in range(CUSTOMERS)])
    env["product.product"].create({"name": "Fault advice", "type": "service", "list_price": 100, "taxes_id": False})
    model_id = env["ir.model"]._get_id("res.partner")
    actions = env["ir.actions.server"].create(
        [{"name": mark, "model_id": model_id, "state": "code", "code": ACTION % mark} for mark in (ENTERED, LEFT)]
    )
    segment = {
        "name": ENTERED, "code": "faults", "domain": "[('partner_id.name', '=like', 'Fault %')]", "state": "active",
    }  # fmt: skip
    family = env["crm.segment.family"].create(
        {"name": ENTERED, "company_id": env.company.id, "segment_ids": [Command.create(segment)]}
    )
    audience = env["crm.audience"]._of_group(family.segment_ids, env.company)
    for action, trigger in zip(actions, ("enter", "leave"), strict=True):
        env["crm.followup.rule"].create(
            {
                "name": action.name,
                "company_id": env.company.id,
                "audience_id": audience.id,
                "trigger": trigger,
                "state": "active",
                "pause_days": 0,
                **UNSTOPPED,
                "step_ids": [Command.create({"kind": "action", "action_id": action.id})],
            }
        )
    _follow(env)
    # What the host does meanwhile, such as sending the mails of its demo events, would only take the processors.
    env["ir.cron"].search([("cron_name", "not like", "CRM Plus%")]).active = False
    tag = env["res.partner.category"].create({"name": "Fault tier"})
    env["crm.tier"].search([("company_id", "in", [False, env.company.id])]).tag_id = tag


def _follow(env) -> None:
    """Two rules for the same customers, of which each may be contacted once: whoever works at it, and is killed."""
    env["crm.followup.policy"]._of(env.company).write(
        {"cap_week": 1, "cap_month": 1, "quiet_from": 0, "quiet_to": 0, "working_days": False, "capacity": 0}
    )
    audience = env["crm.audience"].create(
        {"name": CALL, "company_id": env.company.id, "domain": "[('partner_id.name', '=like', 'Fault %')]"}
    )
    call, user = env.ref("mail.mail_activity_data_call"), env.ref("base.user_admin")
    step = {"kind": "activity", "activity_type_id": call.id, "summary": CALL, "user_id": user.id}
    for name in ("First", "Second"):
        env["crm.followup.rule"].create(
            {
                "name": f"{CALL} {name}",
                "company_id": env.company.id,
                "audience_id": audience.id,
                "include_present": True,
                "state": "active",
                **UNSTOPPED,
                "step_ids": [Command.create(step)],
            }
        )
