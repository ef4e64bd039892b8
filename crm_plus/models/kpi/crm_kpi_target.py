from odoo import api, fields, models

from ...engine.kpi.figures import BY_CODE
from ...engine.kpi.targets import target_shown
from ...services.years import check_years


class CrmKpiTarget(models.Model):
    """What a figure is to come to in a period: of the company, or of one of its sales teams."""

    _name = "crm.kpi.target"
    _inherit = ["crm.readable.mixin"]
    _description = "Target of a figure"
    _order = "date_from desc, id desc"
    _rec_name = "figure"

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    figure = fields.Selection(selection="_selection_figure", required=True)
    team_id = fields.Many2one("crm.team", "Sales team", ondelete="cascade", help="Empty: of the whole company.")
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", required=True, help="Included.")
    amount = fields.Float(
        "Target", required=True, help="Of the whole period. Percent are entered as 60 for 60%.", digits=(16, 2)
    )

    _in_order = models.Constraint("CHECK (date_to >= date_from)", "Until: must not be before From.")

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        check_years(self, "date_from", "date_to")

    @api.model
    def _selection_figure(self):
        return self.env["crm.kpi.day"]._fields["figure"]._description_selection(self.env)

    @api.depends("figure", "team_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._selection_figure())
        for target in self:
            parts = [labels.get(target.figure), target.team_id.name]
            target.display_name = ", ".join(filter(None, parts))

    @api.model
    def _of(self, company, first, last, team_id=False):
        """``{figure: target}`` of the days ``first`` to ``last``."""
        found = self.search(
            [
                ("company_id", "=", company.id),
                ("team_id", "=", team_id),
                ("date_from", "<=", last),
                ("date_to", ">=", first),
            ]
        )
        return {
            figure: target_shown(
                BY_CODE[figure].kind,
                [(target.amount, target.date_from, target.date_to) for target in targets],
                (first, last),
            )
            for figure, targets in found.grouped("figure").items()
            if figure in BY_CODE
        }
