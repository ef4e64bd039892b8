"""Stand-ins for models of apps that are not here: they are in the registry of one test class and nowhere else."""

from odoo import fields, models
from odoo.orm import model_classes

PARTNER, USER, COMPANY = (
    lambda name=name: fields.Many2one(name) for name in ("res.partner", "res.users", "res.company")
)

# What Odoo Enterprise and OCA publish of their models, as far as the shipped sources read it.
FIELDS = {
    "helpdesk.ticket": {
        "name": fields.Char, "partner_id": PARTNER, "user_id": USER, "company_id": COMPANY, "description": fields.Html,
        "close_date": fields.Datetime,
    },
    "voip.call": {
        "phone_number": fields.Char, "activity_name": fields.Char, "partner_id": PARTNER, "user_id": USER,
        "direction": lambda: fields.Selection([("incoming", "In"), ("outgoing", "Out")]),
        "state": lambda: fields.Selection([("calling", "Calling"), ("missed", "Missed"), ("terminated", "Terminated")]),
        "start_date": fields.Datetime, "end_date": fields.Datetime,
    },
    "whatsapp.template": {"name": fields.Char},
    "whatsapp.message": {
        "mobile_number": fields.Char, "body": fields.Html,
        "message_type": lambda: fields.Selection([("outbound", "Out"), ("inbound", "In")]),
        "state": lambda: fields.Selection([(state, state) for state in ("outgoing", "sent", "received", "error")]),
        "mail_message_id": lambda: fields.Many2one("mail.message"),
        "wa_template_id": lambda: fields.Many2one("whatsapp.template"),
    },
    "marketing.campaign": {"name": fields.Char},
    "marketing.participant": {
        "campaign_id": lambda: fields.Many2one("marketing.campaign"), "model_name": fields.Char,
        "res_id": fields.Integer, "is_test": fields.Boolean,
    },
    "sale.order.log": {"order_id": lambda: fields.Many2one("sale.order"), "event_type": fields.Char},
    "sale.subscription": {"name": fields.Char, "partner_id": PARTNER, "user_id": USER, "company_id": COMPANY},
    "sign.request": {"reference": fields.Char},
    "sign.request.item": {
        "sign_request_id": lambda: fields.Many2one("sign.request"), "partner_id": PARTNER, "signing_date": fields.Date,
        "state": lambda: fields.Selection([("sent", "Sent"), ("completed", "Signed"), ("canceled", "Canceled")]),
    },
}  # fmt: skip


def bring(case):
    """The stand-ins, in the registry of a test class, with their tables; they go again with it."""
    names = [name for name in FIELDS if name not in case.registry]
    case.addClassCleanup(_take_away, case, names)
    for name in names:
        made = {key: make() for key, make in FIELDS[name].items()}
        values = {"_name": name, "_description": name, "_module": None, "__module__": __name__, **made}
        model_classes.add_to_registry(case.registry, type(name.title().replace(".", ""), (models.Model,), values))
    _set_up(case, names)
    case.registry.init_models(case.env.cr, names, {})
    return names


def _take_away(case, names):
    for name in names:
        model = case.registry.models.pop(name)
        for parent in model._inherit_module:
            case.registry[parent]._inherit_children.discard(name)
    _set_up(case, None)


def _set_up(case, names):
    """As the host does it after an installation; the hooks are taken away by the setup."""
    case.registry._setup_models__(case.env.cr, names)
    for model in case.env.values():
        model._register_hook()
