from odoo import fields, models

from ...services.customer.amounts import READERS


class CrmTeam(models.Model):
    _inherit = "crm.team"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_plus_cards = fields.Char(
        "Cards of the overview",
        groups=READERS,
        help="Their names in order, for members who have not chosen themselves; empty: all of them.",
    )
