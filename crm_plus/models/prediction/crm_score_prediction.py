import logging
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ...engine.prediction.parts import parts
from ...services.prediction import columns as lead_columns
from ...services.prediction import moments
from ...services.sql import COMPANY, DISTURBED, OPEN, array_text, these
from ..score.crm_lead_score_refresh import STEP as SCORE_STEP

_logger = logging.getLogger(__name__)

# Leads that are held in memory at a time.
STEP = 40_000
# Percentages as the host writes them: two places, and an open lead is neither won nor lost.
CHANCES = (0.01, 99.99)
PUBLISHED = [("state", "=", "published")]
# Instead of the last lead scored: all are, and their probabilities follow.
ALL_SCORED = -1


class CrmLeadScore(models.Model):
    """Predictions are kept beside scores by rules. A closed lead keeps what was predicted last, its track record."""

    _inherit = "crm.lead.score"

    # No reference: its check took a seventh of the time of predicting. Versions are deleted with their predictions.
    prediction_model_id = fields.Integer("Predicted by the version (id)", readonly=True, aggregator=None)

    # ------------------------------------------------------------------ together with the scores by rules

    @api.model
    def _refresh_leads(self, lead_ids):
        result = super()._refresh_leads(lead_ids)
        if self._predicts():
            self._predict_safely(lead_ids)
        return result

    @api.model
    def _refresh_many(self, company, condition):
        result = super()._refresh_many(company, condition)
        rows = self.env.execute_query(
            SQL(
                "SELECT l.id FROM crm_lead l WHERE %s AND %s = %s AND %s ORDER BY l.id",
                OPEN,
                COMPANY,
                company.id,
                condition,
            )
        )
        self._predict_safely([row[0] for row in rows])
        return result

    @api.model
    def _rescore_step(self, company, step=SCORE_STEP):
        """Also the probabilities of the leads themselves, in steps of their own: people save these leads meanwhile."""
        if not company.exists():  # deleted since the run began
            return True
        state = company.sudo()  # sudo: where the scheduled action stands
        if not company.crm_plus_recompute_from:
            done = super()._rescore_step(company, step)
            if done and company.crm_plus_recompute_from:
                state.crm_plus_score_next_id = ALL_SCORED
            return done and not company.crm_plus_recompute_from
        if not self.env["crm.lead"]._recompute_step(company) or company.crm_plus_score_next_id != ALL_SCORED:
            return False
        state.crm_plus_score_next_id = 0
        return company.crm_plus_score_version == self._rules_version(company)

    @api.model
    def _rules_version(self, company):
        """A version published meanwhile makes a run begin anew, too."""
        published = self.env["crm.score.model"].search([*PUBLISHED, ("company_id", "=", company.id)], order="id")
        return f"{super()._rules_version(company)}:{published.ids}"

    @api.model
    @ormcache()
    def _predicts(self):
        """Whether any version is in use: companies without one pay nothing when they save a lead."""
        return bool(self.env["crm.score.model"].sudo().search_count(PUBLISHED, limit=1))  # sudo: whether there is one

    @api.model
    @ormcache()
    def _watched(self):
        """The fields that versions in use read are watched like those of rules."""
        watched = dict(super()._watched())
        # sudo: names of fields.
        for reading in self.env["crm.score.model"].sudo().search(PUBLISHED)._readings():
            if model_name := reading.host_model():
                name = "lead_properties" if reading.origin == "property" else reading.name.split(".")[-1]
                watched[model_name] = watched[model_name] | {name, "team_id"}
        return watched

    @api.model
    @ormcache()
    def _counts_events(self):
        # sudo: origins of fields.
        used = self.env["crm.score.model"].sudo().search(PUBLISHED)._readings()
        return super()._counts_events() or "interaction" in {reading.origin for reading in used}

    @api.model
    def _predict_safely(self, lead_ids):
        """Scores by rules never fail because of a prediction."""
        for low in range(0, len(lead_ids), STEP):
            try:
                with self.env.cr.savepoint(flush=False):
                    self._predict_leads(lead_ids[low : low + STEP])
            except DISTURBED:
                raise
            except Exception as error:  # what follows from a prediction may be of any module
                _logger.warning("Predictions of %s lead(s) failed: %s", len(lead_ids), error)
                return

    # ------------------------------------------------------------------ predicting

    @api.model
    def _predict_leads(self, lead_ids):
        """Bring the predictions of these leads up to date; those that are closed stay as they are. Returns how many
        changed. A lead's prediction depends on that lead alone, never on the others."""
        if not lead_ids:
            return 0
        self.env.flush_all()
        changed, rest = 0, set(lead_ids)
        for model, scope in self._scopes():
            predicted, written, moved = self._store_safely(model, lead_ids, scope)
            if moved:
                self._record_history(moved, model.company_id._crm_plus_today())
            rest.difference_update(predicted)
            changed += written
        if rest:
            changed += self._clear_predictions(rest)
        if changed:
            self.invalidate_model(flush=False)
            leads = self.env["crm.lead"]
            leads.invalidate_model(leads._score_fields(), flush=False)
            leads._align_probabilities(lead_ids)
        return changed

    def _scopes(self):
        """The versions in use, each with the condition on leads ``l`` that it predicts: those of its team, else those
        of its company in teams without a version of their own."""
        # sudo: predictions are the same whoever changes a lead; versions are not shown.
        versions = self.env["crm.score.model"].sudo().search(PUBLISHED, order="id")
        return [(model, self._scope(model, versions)) for model in versions]

    def _scope(self, model, versions):
        team = SQL("COALESCE(l.team_id, 0)")
        if model.team_id:
            teams = SQL("%s = %s", team, model.team_id.id)
        else:
            others = versions.filtered(lambda other: other.company_id == model.company_id).team_id.ids
            teams = SQL("NOT %s = ANY(%s)", team, others)
        return SQL("(%s = %s AND %s)", COMPANY, model.company_id.id, teams)

    # ------------------------------------------------------------------ writing

    def _store_safely(self, model, lead_ids, scope):
        """`_store_predictions`; a version that fails shows why, and its leads have no prediction until it works."""
        try:
            with self.env.cr.savepoint(flush=False):
                found = self._store_predictions(model, lead_ids, scope)
        except DISTURBED:
            raise
        except Exception as error:  # a version may read a field of any module
            model._note_error(error)
            return [], 0, None
        model._note_error(None)
        return found

    def _store_predictions(self, model, lead_ids, scope):
        """(ids of the leads in scope, how many of their predictions changed, ids of those that moved)."""
        from ...engine.prediction.explain import compact

        seen = partial(moments.open_leads, now=self.env.cr.now(), condition=SQL("%s AND %s", OPEN, scope))
        ids, columns = lead_columns.fetch(self.env, model.company_id, model._readings(), lead_ids, seen)
        chances, texts = [], []
        for scores, told in compact(model._predictor(), columns):
            chances += (scores.probability * 100).round(2).clip(*CHANCES).tolist()
            texts += told
        return ids, *(self._write_predictions(model, ids, chances, texts) if ids else (0, None))

    def _write_predictions(self, model, lead_ids, chances, texts):
        """One statement: update what differs, insert what is missing. How many changed, and the ids of the leads whose
        earlier prediction has moved by a point or more."""
        return self.env.execute_query(
            SQL(
                """WITH fresh AS MATERIALIZED (
                        SELECT f.*, s.id, s.win_probability AS before
                          FROM unnest(%(leads)s::int[], %(chances)s::float8[], %(texts)s::text[])
                               AS f (lead_id, chance, explanation)
                          LEFT JOIN crm_lead_score s ON s.lead_id = f.lead_id AND %(these)s
                         WHERE s.id IS NULL OR (s.win_probability, s.prediction_model_id, s.prediction_explanation)
                               IS DISTINCT FROM (f.chance, %(model)s, f.explanation)),
                    updated AS (
                        UPDATE crm_lead_score s
                           SET (win_probability, prediction_explanation, prediction_model_id)
                             = ROW(f.chance, f.explanation, %(model)s)
                          FROM fresh f WHERE s.id = f.id RETURNING s.lead_id, abs(f.before - f.chance) >= 1 AS moved),
                    added AS (
                        INSERT INTO crm_lead_score
                               (lead_id, win_probability, prediction_explanation, prediction_model_id)
                        SELECT f.lead_id, f.chance, f.explanation, %(model)s FROM fresh f WHERE f.id IS NULL
                            ON CONFLICT (lead_id) DO NOTHING
                     RETURNING lead_id)
                   SELECT (SELECT count(*) FROM updated) + (SELECT count(*) FROM added),
                          (SELECT array_agg(lead_id) FROM updated WHERE moved)""",
                these=SQL("s.lead_id BETWEEN %s AND %s", min(lead_ids), max(lead_ids)),
                leads=array_text(lead_ids),
                chances=array_text(chances),
                texts=array_text(texts),
                model=model.id,
            )
        )[0]

    def _clear_predictions(self, lead_ids):
        """Take away the predictions of these leads, which no version predicts any more; closed ones keep theirs. How
        many there were."""
        rows = self.env.execute_query(
            SQL(
                """UPDATE crm_lead_score s
                      SET win_probability = NULL, prediction_explanation = NULL, prediction_model_id = NULL
                     FROM crm_lead l
                    WHERE l.id = s.lead_id AND %s AND %s AND s.prediction_explanation IS NOT NULL
                RETURNING s.lead_id""",
                these(SQL("s.lead_id"), lead_ids),
                OPEN,
            )
        )
        return len(rows)

    # ------------------------------------------------------------------ telling

    def _explanation(self):
        told = super()._explanation()
        return told and told | {"prediction": self._prediction_parts()}

    def _version(self):
        """The version that predicted, if any."""
        # sudo: the words of the version; what it was trained on is not shown.
        return self.env["crm.score.model"].sudo().browse(self.sudo().prediction_model_id or []).exists()

    def _prediction_parts(self):
        """``{"score", "intercept", "parts": [[feature, value, points]]}``: whole millionths of a logit that add up."""
        model = self._version()
        if not (self.prediction_explanation and model and model._is_readable()):
            return None
        intercept, vocabulary = model._words()
        found = parts(vocabulary, self.prediction_explanation)
        if hidden := model._hidden_names():
            unseen = self.env._("(not shown)")
            found = [[name, value if hidden.isdisjoint(name.split(" × ")) else unseen, p] for name, value, p in found]
        return {"score": intercept + sum(part[2] for part in found), "intercept": intercept, "parts": found}
