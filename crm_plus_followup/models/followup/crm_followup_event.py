from odoo import fields, models

# What a step can be; a bridge adds to it with ``selection_add`` and the methods ``_take_<kind>`` and ``_needed``.
KINDS = [
    ("activity", "Activity"),
    ("plan", "Activity plan"),
    ("email", "Email"),
    ("tag", "Tag"),
    ("price", "Pricelist"),
    ("action", "Server action"),
    ("wait", "Wait"),
    ("branch", "Branch"),
]
# Steps in which somebody is in touch with the customer.
CONTACTS = ("activity", "plan", "email")


class CrmFollowupEvent(models.Model):
    """One thing a rule did, or left undone, for one customer or lead: what the timeline shows."""

    _name = "crm.followup.event"
    _description = "Follow-up step taken"
    _order = "date desc, id desc"
    _rec_name = "summary"
    _log_access = False

    run_id = fields.Many2one(
        "crm.followup.run", "Follow-up", required=True, readonly=True, index=True, ondelete="cascade"
    )
    rule_id = fields.Many2one("crm.followup.rule", required=True, readonly=True, index=True, ondelete="cascade")
    step_id = fields.Many2one("crm.followup.step", readonly=True, index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="cascade")
    date = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(
        [
            *KINDS,
            ("withdrawn", "Withdrawn"),
            ("skipped", "Left out"),
            ("stopped", "Stopped"),
            ("dismissed", "Not relevant"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    summary = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "Assigned to", readonly=True, ondelete="set null")
    shadow = fields.Boolean("Test run", readonly=True, help="Nothing was done.")
    # They refer to nothing: activities and messages are the host's, and go when it wants.
    activity_ref = fields.Integer("Activity", readonly=True, index="btree_not_null")
    message_ref = fields.Integer("Message", readonly=True, index="btree_not_null")
    added_pricelist_id = fields.Many2one(
        "product.pricelist", "Pricelist set", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _contact_index = models.Index("(partner_id, date)")
    _load_index = models.Index("(company_id, date, user_id) WHERE kind = 'activity'")
