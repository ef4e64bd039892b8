from odoo import api, fields, models
from odoo.exceptions import ValidationError

FIGURES = ("nps", "detractors")


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    crm_plus_nps = fields.Boolean(
        "Net Promoter Score",
        help="The question asks how likely somebody would recommend you, from 0 to 10. The answers of customers make "
        "the Net Promoter Score, and whoever may see a customer sees the number that was answered last.",
    )

    @api.constrains("crm_plus_nps", "question_type", "scale_min", "scale_max")
    def _check_crm_plus_nps(self):
        for question in self.filtered("crm_plus_nps"):
            if question.question_type != "scale" or (question.scale_min, question.scale_max) != (0, 10):
                raise ValidationError(
                    self.env._(
                        "Net Promoter Score: “%(question)s” needs the type Scale, from 0 to 10.",
                        question=question.title,
                    )
                )

    def write(self, vals):
        changed = self.filtered(lambda question: question.crm_plus_nps != bool(vals.get("crm_plus_nps")))
        result = super().write(vals)
        if "crm_plus_nps" in vals and changed:
            self._recount(changed)
        return result

    @api.model
    def _recount(self, questions):
        """The past is counted anew, by the scheduled action, when answers come or go with what a question is for."""
        # sudo: who writes surveys may not read figures; nothing of them is told
        if self.env["survey.user_input.line"].sudo().search_count([("question_id", "in", questions.ids)], limit=1):
            self.env["crm.kpi.day"].sudo()._replay_again("satisfaction", FIGURES)
