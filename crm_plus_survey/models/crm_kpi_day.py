from odoo import api, models
from odoo.addons.crm_plus.engine.customer.recommendation import DETRACTOR, PROMOTER
from odoo.addons.crm_plus.services.kpi.satisfaction import said_rows
from odoo.addons.crm_plus.services.kpi.span import figures
from odoo.tools import SQL

from ..services.recommendation import answers


class CrmKpiDay(models.Model):
    _inherit = "crm.kpi.day"

    @api.model
    def _answer_queries(self, span):
        rows = said_rows(
            self.env,
            span,
            answers(self.env),
            SQL("count(*) FILTER (WHERE g.score >= %s) AS promoters", PROMOTER),
            SQL("count(*) FILTER (WHERE g.score <= %s) AS detractors", DETRACTOR),
        )
        counted = figures(rows, ("nps", "promoters - detractors", "given"), ("detractors", "detractors", "given"))
        return [*super()._answer_queries(span), counted]
