"""What there is before the load: customers with years of purchases, leads with conversations, trained models, and a
segment whose effects can be counted."""

from odoo import Command

from devtools.samples import cdnow, leads
from devtools.scripts import logins

CUSTOMERS = 60
# What the segment does when a customer enters and when it leaves: a tag each time, named by the customer.
ENTERED, LEFT = "Fault mark", "Fault farewell"
ACTION = "for partner in records: env['res.partner.category'].create({'name': '%s %%s' %% partner.id})"
CODE = "faults"


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
        "name": ENTERED, "code": CODE, "domain": "[('partner_id.name', '=like', 'Fault %')]", "state": "active",
        "enter_action_ids": actions[0].ids, "leave_action_ids": actions[1].ids,
    }  # fmt: skip
    env["crm.segment.family"].create(
        {"name": ENTERED, "company_id": env.company.id, "segment_ids": [Command.create(segment)]}
    )
    # What the host does meanwhile, such as sending the mails of its demo events, would only take the processors.
    env["ir.cron"].search([("cron_name", "not like", "CRM Plus%")]).active = False
    tag = env["res.partner.category"].create({"name": "Fault tier"})
    env["crm.tier"].search([("company_id", "in", [False, env.company.id])]).tag_id = tag
