from odoo import fields, models


class CrmLeadScoreHistory(models.Model):
    """The course of a lead's score: a row on a day on which it moved by a point or more, or its grade did."""

    _name = "crm.lead.score.history"
    _description = "Lead score history"
    _order = "date desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True)
    lead_score = fields.Float(
        "Score",
        digits=(5, 2),
        readonly=True,
        aggregator="avg",
        help="The score of the lead on that day, from 0 to 100.",
    )
    lead_grade = fields.Char("Grade", size=2, readonly=True)
    win_probability = fields.Float("Win probability (%)", readonly=True, aggregator="avg")

    _day_unique = models.Constraint("UNIQUE (lead_id, date)", "A lead has one row per day in its history.")
    _date_index = models.Index("(date)")
