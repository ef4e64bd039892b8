"""What there is before the load: customers with years of purchases, leads with conversations, trained models, and a
segment whose effects can be counted."""

from odoo import Command

from devtools.samples import cdnow, leads
from devtools.scripts import logins

CUSTOMERS = 60
MARK = "Fault mark"
ACTION = f"for partner in records: env['res.partner.category'].create({{'name': '{MARK} %s' % partner.id}})"
CODE = "faults"


def ensure(env) -> None:
    """Make it once."""
    logins.ensure(env)
    leads.load(env)
    cdnow.load(env)
    env["res.partner"].create([{"name": f"Fault {number}", "is_company": True} for number in range(CUSTOMERS)])
    env["product.product"].create({"name": "Fault advice", "type": "service", "list_price": 100, "taxes_id": False})
    action = env["ir.actions.server"].create(
        {"name": MARK, "model_id": env["ir.model"]._get_id("res.partner"), "state": "code", "code": ACTION}
    )
    segment = {
        "name": MARK, "code": CODE, "domain": "[('partner_id.name', '=like', 'Fault %')]", "state": "active",
        "enter_action_ids": action.ids,
    }  # fmt: skip
    env["crm.segment.family"].create(
        {"name": MARK, "company_id": env.company.id, "segment_ids": [Command.create(segment)]}
    )
    # What the host does meanwhile, such as sending the mails of its demo events, would only take the processors.
    env["ir.cron"].search([("cron_name", "not like", "CRM Plus%")]).active = False
    tag = env["res.partner.category"].create({"name": "Fault tier"})
    env["crm.tier"].search([("company_id", "in", [False, env.company.id])]).tag_id = tag
