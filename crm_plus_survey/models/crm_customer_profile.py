from odoo import api, fields, models
from odoo.addons.crm_plus.engine.customer.recommendation import DETRACTOR, PROMOTER, recommends
from odoo.addons.crm_plus.services.search import search_method
from odoo.fields import Domain
from odoo.tools import SQL

from ..services.recommendation import last_answers


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    nps_group = fields.Selection(
        [("promoter", "Promoter"), ("passive", "Passive"), ("detractor", "Detractor")],
        "Would recommend us",
        compute="_compute_nps_group",
        search="_search_nps_group",
        help="By the last answer to a survey: 9 or 10 of 10 makes a promoter, 0 to 6 a detractor. Empty: never asked, "
        "or no answer.",
    )

    @api.depends("partner_id")
    def _compute_nps_group(self):
        customers = SQL("c.commercial_partner_id = ANY(%s)", self.partner_id.ids)
        rows = self.env.execute_query(last_answers(self.env, customers)) if self.partner_id else []
        scores = {customer: score for customer, score, _moment in rows}
        for profile in self:
            score = scores.get(profile.partner_id.id)
            profile.nps_group = score is not None and recommends(score)

    @api.model
    @search_method
    def _search_nps_group(self, operator, value):
        if operator != "in":
            return NotImplemented
        group = SQL(
            "CASE WHEN score >= %s THEN 'promoter' WHEN score <= %s THEN 'detractor' ELSE 'passive' END",
            PROMOTER,
            DETRACTOR,
        )

        def whose(condition):
            last = last_answers(self.env)
            return Domain("partner_id", "in", SQL("(SELECT customer_id FROM (%s) l WHERE %s)", last, condition))

        found = whose(SQL("%s = ANY(%s)", group, [str(one) for one in value if one]))
        return found | ~whose(SQL("TRUE")) if False in value else found
