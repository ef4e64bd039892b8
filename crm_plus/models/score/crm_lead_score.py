import json

from odoo import fields, models


class CrmLeadScore(models.Model):
    """The scores of one lead: one row a lead, beside the lead, since rewriting leads in bulk would make people who save
    one meanwhile fail. Written set-based, by the refresh of rules and of predictions."""

    _name = "crm.lead.score"
    _inherit = ["crm.job.mixin"]
    _description = "Score of a lead"
    _order = "lead_score desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    fit_score = fields.Float("Fit", digits=(5, 2), readonly=True, aggregator="avg")
    engagement_score = fields.Float("Engagement", digits=(5, 2), readonly=True, aggregator="avg")
    lead_score = fields.Float("Score", digits=(5, 2), readonly=True, aggregator="avg")
    lead_grade = fields.Char("Grade", size=2, readonly=True, help="Letter: fit, A is best. Digit: engagement, 1 best.")
    # JSON as text: nobody searches it, and PostgreSQL took a third of the time of scoring all leads to parse it.
    rules_explanation = fields.Text(
        readonly=True, help="Lines [kind, rule or group, points, events] of fit and engagement that add up exactly."
    )
    scored_on = fields.Date("Scored on", readonly=True, help="The day, where the company is, on which it last changed.")
    win_probability = fields.Float("Win probability (%)", readonly=True, aggregator="avg")
    prediction_explanation = fields.Text(readonly=True, help="Empty when there is no prediction.")
    hot_date = fields.Datetime("Hot since", readonly=True)
    hot_to_announce = fields.Boolean("To be announced as hot", readonly=True)

    _lead_unique = models.Constraint("UNIQUE (lead_id)", "A lead has one score.")
    _score_index = models.Index("(lead_score)")
    _announce_index = models.Index("(id) WHERE hot_to_announce")

    def _is_predicted(self):
        """Whether there is a prediction at all: one of zero is one, too."""
        return bool(self.prediction_explanation)

    def _chance(self):
        """The percentage that stands for the win probability: ours, else what the score is worth in its company."""
        if not self or self._is_predicted():
            return self.win_probability
        return min(self.lead_score * self.lead_id._score_company().crm_plus_point_chance, 100)

    def _explanation(self):
        """The exact contributions: ``{"score", "grade", "fit": {...}, "engagement": {...}, "prediction": {...}}``.

        Fit and engagement hold their score, the ``part`` of it that is in the lead's score, and their lines
        ``[kind, rule or group id, points, events]``. Points are texts with 2 places, so nothing is lost.
        """
        if not self:
            return False
        rules = json.loads(self.rules_explanation or "{}")
        return {
            "score": f"{self.lead_score:.2f}",
            "grade": self.lead_grade,
            "fit": rules.get("fit"),
            "engagement": rules.get("engagement"),
            "prediction": self.prediction_explanation or None,
        }
