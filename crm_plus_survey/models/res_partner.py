from odoo import api, models
from odoo.tools import SQL

from ..services.recommendation import answers


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _recommended_query(self, contacts, until):
        given = answers(self.env, SQL("c.id IN %s", contacts.subselect()))
        return SQL(
            "SELECT score, moment AS date FROM (%s) given WHERE moment <= %s ORDER BY moment DESC, id DESC LIMIT 1",
            given,
            until,
        )
