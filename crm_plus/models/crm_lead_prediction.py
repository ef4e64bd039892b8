from math import exp

from odoo import api, models
from odoo.tools import SQL

from ..sql import COMPANY, OPEN, these

ALIGN_STEP = 1_000


class CrmLead(models.Model):
    """Our prediction as the host's automated probability, for companies that want it, and its explanation.

    The host asks one method for automated probabilities, on saving a lead and in its nightly job; we answer for the
    leads we have a prediction of and leave all others to the host. Its nightly job writes by SQL, which leaves the
    prorated revenue behind and tells nobody; ours are recomputed by the host's own compute method instead, so that
    prorated revenue, tracked changes and automation rules follow, and probabilities set by hand stay.
    """

    _inherit = "crm.lead"

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
        for name, _value, points in self.score_explanation["prediction"]["parts"]:
            field = self._fields.get(name)
            if field is not None and field.type != "many2many" and self[name]:
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
        rows = self.env.execute_query(
            SQL(
                """SELECT l.id FROM crm_lead l JOIN crm_lead_score s ON s.lead_id = l.id
                     JOIN crm_stage stage ON stage.id = l.stage_id AND NOT COALESCE(stage.is_won, FALSE)
                    WHERE %s AND %s = ANY(%s) AND %s
                      AND CASE WHEN s.prediction_explanation IS NULL THEN %s
                               ELSE abs(COALESCE(l.automated_probability, -1) - s.win_probability) >= 0.005 END
                    ORDER BY l.id""",
                OPEN,
                COMPANY,
                list(companies),
                SQL("TRUE") if lead_ids is None else these(SQL("l.id"), lead_ids),
                lead_ids is not None,
            )
        )
        # sudo: the host's own computation, which does not depend on who is looking either.
        leads = self.sudo().browse(row[0] for row in rows)
        for low in range(0, len(leads), ALIGN_STEP):
            leads[low : low + ALIGN_STEP]._recompute_probabilities()

    @api.model
    def _cron_recompute_probabilities(self):
        """Companies that begin or cease to use our prediction: committed steps, resumed where a run was stopped."""
        companies = self.env["res.company"].search([("crm_plus_recompute_from", ">", 0)], order="id")
        self.env["crm.lead.score"]._in_steps(companies, self._recompute_step)

    @api.model
    def _recompute_step(self, company, step=ALIGN_STEP):
        """Have the host recompute the next predicted open leads of a company; True when there are no more."""
        rows = self.env.execute_query(
            SQL(
                """SELECT l.id FROM crm_lead l JOIN crm_lead_score s ON s.lead_id = l.id
                    WHERE %s AND %s = %s AND s.prediction_explanation IS NOT NULL AND l.id >= %s
                    ORDER BY l.id LIMIT %s""",
                OPEN,
                COMPANY,
                company.id,
                company.crm_plus_recompute_from,
                step,
            )
        )
        self.browse(row[0] for row in rows)._recompute_probabilities()
        company.crm_plus_recompute_from = rows[-1][0] + 1 if rows else 0
        return not rows

    def _recompute_probabilities(self):
        for name in ("automated_probability", "probability"):
            self.env.add_to_compute(self._fields[name], self)
        self.modified(["automated_probability", "probability"])
        self.flush_recordset()

    def explain_prediction(self):
        """The prediction of one lead for people: its probability and parts, largest first, that add up to the score.

        ``{"probability", "version", "score", "intercept", "parts": [{"feature", "label", "value", "points"}], "raises":
        [{"key", "text", "gain"}]}``, or False when there is none. Points are millionths of a logit; gains are those of
        `_prediction_raises`.
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: the explanation of a lead the user may read; it holds counts of events, never their content.
        score = self.env["crm.lead.score"].sudo().search([("lead_id", "=", self.id)], limit=1)
        told = score._prediction_parts()
        if not told:
            return False
        model = score.prediction_model_id
        label = model._feature_namer()
        parts = [
            {"feature": name, "label": label(name), "value": value, "points": points}
            for name, value, points in told["parts"]
        ]
        return {
            "probability": score.win_probability,
            "version": model.display_name,
            "score": told["score"],
            "intercept": told["intercept"],
            "parts": parts,
            "raises": self._prediction_raises(model),
        }
