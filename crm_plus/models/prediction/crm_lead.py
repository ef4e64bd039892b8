from datetime import timedelta
from math import exp

from odoo import api, fields, models
from odoo.tools import SQL

from ...services.prediction.advice import Advice
from ...services.score.card import ScoreCard
from ...services.sql import COMPANY, OPEN, these

# Few: who saves one of these leads meanwhile waits for the end of the step.
ALIGN_STEP = 100
# When the scheduled action looks after what the scoring of all leads has not done by itself.
LATER = timedelta(minutes=10)
# The automated probability of a lead ``l`` is not our prediction in ``s``, or there is none.
DIFFERS = SQL(
    "(s.prediction_explanation IS NULL OR abs(COALESCE(l.automated_probability, -1) - s.win_probability) >= 0.005)"
)


class CrmLead(models.Model):
    """Our prediction as the host's automated probability, for companies that want it, and its explanation.

    The host asks one method for automated probabilities, on saving a lead and in its nightly job; we answer for the
    leads we have a prediction of and leave all others to the host. Its nightly job writes by SQL, which leaves the
    prorated revenue behind and tells nobody; ours are recomputed by the host's own compute method instead, so that
    prorated revenue, tracked changes and automation rules follow, and probabilities set manually are kept.
    """

    _inherit = "crm.lead"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    def _pls_get_naive_bayes_probabilities(self, batch_mode=False, is_tooltip=False):
        result = super()._pls_get_naive_bayes_probabilities(batch_mode=batch_mode, is_tooltip=is_tooltip)
        ours = self._predictions_in_use()
        if not ours or not isinstance(result, tuple):
            return result
        probabilities, tooltip = result
        if batch_mode:  # these are not written by SQL
            return {lead_id: value for lead_id, value in probabilities.items() if lead_id not in ours}, tooltip
        if is_tooltip and self.id in ours:
            tooltip = {"probability": ours[self.id], "scores": self._tooltip_scores()}
        return {**probabilities, **ours}, tooltip

    def web_read(self, specification):
        """A form that was just saved shows the probability as it is now."""
        self.env["crm.lead.score"]._refresh_noted()
        return super().web_read(specification)

    def _predictions_in_use(self):
        """``{lead id: percent}`` of the leads whose automated probability is our prediction."""
        companies = self.env["res.company"]._crm_plus_predicting()
        if not companies:
            return {}
        first = self.env["res.company"]._crm_plus_first_id()
        leads = self.filtered(
            lambda lead: (lead.company_id.id or first) in companies and lead.stage_id and not lead.stage_id.is_won
        )
        origins = {lead._origin.id: lead.id for lead in leads if lead._origin}
        if not origins:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT lead_id, win_probability FROM crm_lead_score
                    WHERE lead_id = ANY(%s) AND prediction_explanation IS NOT NULL""",
                list(origins),
            )
        )
        return {origins[lead_id]: chance for lead_id, chance in rows}

    def _tooltip_scores(self):
        """Our explanation as the host's tooltip takes it: (0 to 1, field of the lead, value), 0.5 is neutral."""
        found = []
        explained = (self.score_explanation or {}).get("prediction") or {"parts": ()}
        for name, _value, points in explained["parts"]:
            field = self._fields.get(name)
            if field is None or field.type == "many2many" or not self._has_field_access(field, "read"):
                continue
            if self[name]:
                value = self[name].id if field.type == "many2one" else self[name]
                found.append((1 / (1 + exp(-points / 1e6)), name, value))
        return found

    def _update_automated_probabilities(self):
        result = super()._update_automated_probabilities()
        self._align_probabilities()
        return result

    @api.model
    def _align_probabilities(self, lead_ids=None):
        """Have the host recompute the automated probability of open leads where it is not our prediction, and of those
        of ``lead_ids`` that have none any more."""
        companies = self.env["res.company"]._crm_plus_predicting()
        if not companies:
            return
        if lead_ids is None:
            wanted = SQL("s.prediction_explanation IS NOT NULL AND %s", DIFFERS)
        else:
            wanted = SQL("%s AND %s", these(SQL("l.id"), lead_ids), DIFFERS)
        rows = self._to_recompute(SQL("%s = ANY(%s) AND %s", COMPANY, list(companies), wanted))
        if len(rows) > ALIGN_STEP:
            # Not within this transaction: who saves one of these leads meanwhile would wait until it ends.
            concerned = self.env["res.company"].browse({company_id for _lead_id, company_id in rows})
            concerned._crm_plus_recompute_probabilities(fields.Datetime.now() + LATER)
        else:
            # sudo: the host's own computation, which does not depend on who is looking either.
            self.sudo().browse(row[0] for row in rows)._recompute_probabilities()

    @api.model
    def _to_recompute(self, condition, limit=None):
        """Rows (id, company id) of open leads ``l`` whose scores ``s`` and they themselves meet a condition."""
        return self.env.execute_query(
            SQL(
                """SELECT l.id, %s FROM crm_lead l JOIN crm_lead_score s ON s.lead_id = l.id
                     JOIN crm_stage stage ON stage.id = l.stage_id AND NOT COALESCE(stage.is_won, FALSE)
                    WHERE %s AND %s ORDER BY l.id LIMIT %s""",
                COMPANY,
                OPEN,
                condition,
                limit,
            )
        )

    @api.model
    def _cron_recompute_probabilities(self):
        """Companies that begin or cease to use our prediction, or with more that changed than one transaction should
        write: committed steps, resumed where a run was stopped."""
        companies = self.env["res.company"].search([], order="id").filtered("crm_plus_recompute_from")
        self.env["crm.lead.score"]._in_steps(companies, self._recompute_step)

    @api.model
    def _recompute_step(self, company, step=ALIGN_STEP):
        """Have the host recompute the next open leads of a company; True when there are no more."""
        if not company.exists():  # deleted since the run began
            return True
        uses_ours = company.id in self.env["res.company"]._crm_plus_predicting()
        wanted = DIFFERS if uses_ours else SQL("s.prediction_explanation IS NOT NULL")
        after = SQL("%s = %s AND l.id >= %s", COMPANY, company.id, company.crm_plus_recompute_from)
        rows = self._to_recompute(SQL("%s AND %s", after, wanted), step)
        self.browse(row[0] for row in rows)._recompute_probabilities()
        company.crm_plus_recompute_from = rows[-1][0] + 1 if rows else 0
        return not rows

    def _recompute_probabilities(self):
        for name in ("automated_probability", "probability"):
            self.env.add_to_compute(self._fields[name], self)
        self.modified(["automated_probability", "probability"])
        self.flush_recordset()

    def explain_prediction(self):
        """The prediction of one lead for people: its probability and parts that add up to it, or False when there is
        none: `ScoreCard.prediction`."""
        self._one_lead()
        return ScoreCard(self).prediction()

    def _prediction_raises(self, model):
        """What to do to make winning it more likely, by the version ``model``: `Advice.steps`."""
        return Advice(self, model).steps() if self._is_scored() else []
