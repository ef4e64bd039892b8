from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_plus_contact_cost = fields.Monetary(
        "Cost of a contact",
        groups="crm_plus.group_crm_plus_manager,base.group_system",
        help="What a call, a message or a visit costs on average; the overview compares what more contacts cost with "
        "what they brought. 0: not known.",
    )

    _crm_plus_contact_cost_not_negative = models.Constraint(
        "CHECK (crm_plus_contact_cost >= 0)", "The cost of a contact cannot be negative."
    )
