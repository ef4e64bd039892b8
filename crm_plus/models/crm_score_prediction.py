import logging

import psycopg2
from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..prediction import columns as lead_columns
from ..prediction import moments

_logger = logging.getLogger(__name__)

# Leads that are held in memory at a time.
STEP = 20_000
PUBLISHED = [("state", "=", "published")]


class CrmLeadScore(models.Model):
    """Predictions are kept beside scores by rules. A closed lead keeps what was predicted last, its track record."""

    _inherit = "crm.lead.score"

    prediction_model_id = fields.Many2one(
        "crm.score.model", "Predicted by", readonly=True, ondelete="set null", index="btree_not_null"
    )

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
                moments.OPEN,
                moments.COMPANY,
                company.id,
                condition,
            )
        )
        self._predict_safely([row[0] for row in rows])
        return result

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
        for feature in self.env["crm.score.model"].sudo().search(PUBLISHED)._used_features():
            model_name = {"lead": "crm.lead", "property": "crm.lead", "partner": "res.partner"}.get(feature.origin)
            if model_name:
                name = "lead_properties" if feature.origin == "property" else feature.name.split(".")[-1]
                watched[model_name] = watched[model_name] | {name, "team_id"}
        return watched

    @api.model
    @ormcache()
    def _counts_events(self):
        # sudo: origins of fields.
        used = self.env["crm.score.model"].sudo().search(PUBLISHED)._used_features()
        return super()._counts_events() or "interaction" in used.mapped("origin")

    @api.model
    def _predict_safely(self, lead_ids):
        """Scores by rules never fail because of a prediction."""
        for low in range(0, len(lead_ids), STEP):
            try:
                with self.env.cr.savepoint(flush=False):
                    self._predict_leads(lead_ids[low : low + STEP])
            except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
                raise
            except Exception as error:  # a version may read a field of any module
                _logger.warning("Predictions of %s lead(s) failed: %s", len(lead_ids), error)
                return

    # ------------------------------------------------------------------ predicting

    @api.model
    def _predict_leads(self, lead_ids):
        """Bring the predictions of these leads up to date; those that are closed stay as they are. Returns how many
        changed. A lead's prediction depends on that lead alone, never on the others."""
        self.env.flush_all()
        changed = []
        for model, ids in self._models_of(lead_ids):
            written = self._store_predictions(model, ids) if model else self._clear_predictions(ids)
            if model and written:
                self._record_history(written, model.company_id._crm_plus_today())
            changed += written
        if changed:
            self.invalidate_model(flush=False)
            leads = self.env["crm.lead"]
            leads.invalidate_model(leads._score_fields(), flush=False)
            leads._align_probabilities(changed)
        return len(changed)

    def _models_of(self, lead_ids):
        """Open leads grouped by the version that predicts them: their team's, else their company's, else none."""
        rows = self.env.execute_query(
            SQL(
                """SELECT m.id, array_agg(l.id ORDER BY l.id) FROM crm_lead l
                     LEFT JOIN LATERAL (SELECT id FROM crm_score_model m
                                         WHERE m.state = 'published' AND m.company_id = %s
                                           AND (m.team_id = l.team_id OR m.team_id IS NULL)
                                         ORDER BY m.team_id NULLS LAST LIMIT 1) m ON TRUE
                    WHERE %s AND l.id = ANY(%s) GROUP BY m.id ORDER BY m.id""",
                moments.COMPANY,
                moments.OPEN,
                list(lead_ids),
            )
        )
        # sudo: predictions are the same whoever changes a lead; versions are not shown.
        versions = self.env["crm.score.model"].sudo()
        return [(versions.browse(model_id or ()), lead_ids) for model_id, lead_ids in rows]

    # ------------------------------------------------------------------ writing

    def _store_predictions(self, model, lead_ids):
        from ..engine.leads.explain import explanations

        features = model._used_features()
        seen = moments.open_leads(lead_ids, self.env.cr.now())
        ids, columns = lead_columns.fetch(self.env, model.company_id, features, seen)
        changed, done = [], 0
        for scores, texts in explanations(model._predictor(), model._complete(columns)):
            part = ids[done : done + len(texts)]
            changed += self._write_predictions(model, part, (scores.probability * 100).tolist(), texts)
            done += len(texts)
        return changed

    def _write_predictions(self, model, lead_ids, chances, texts):
        """One statement: update what differs, insert what is missing; the leads concerned."""
        rows = self.env.execute_query(
            SQL(
                """WITH fresh AS MATERIALIZED (
                        SELECT lead_id, chance, explanation::jsonb AS explanation
                          FROM unnest(%(leads)s::int[], %(chances)s::float8[], %(texts)s::text[])
                               AS f (lead_id, chance, explanation)),
                    updated AS (
                        UPDATE crm_lead_score s
                           SET (win_probability, prediction_explanation, prediction_model_id)
                             = ROW(f.chance, f.explanation, %(model)s)
                          FROM fresh f
                         WHERE s.lead_id = f.lead_id
                           AND (s.win_probability, s.prediction_model_id, s.prediction_explanation)
                               IS DISTINCT FROM (f.chance, %(model)s, f.explanation)
                     RETURNING s.lead_id),
                    added AS (
                        INSERT INTO crm_lead_score
                               (lead_id, win_probability, prediction_explanation, prediction_model_id)
                        SELECT f.lead_id, f.chance, f.explanation, %(model)s FROM fresh f
                         WHERE NOT EXISTS (SELECT FROM crm_lead_score s WHERE s.lead_id = f.lead_id)
                            ON CONFLICT (lead_id) DO NOTHING
                     RETURNING lead_id)
                   SELECT lead_id FROM updated UNION ALL SELECT lead_id FROM added""",
                leads=list(lead_ids),
                chances=chances,
                texts=texts,
                model=model.id,
            )
        )
        return [row[0] for row in rows]

    def _clear_predictions(self, lead_ids):
        """No version predicts these open leads any more."""
        rows = self.env.execute_query(
            SQL(
                """UPDATE crm_lead_score
                      SET win_probability = NULL, prediction_explanation = NULL, prediction_model_id = NULL
                    WHERE lead_id = ANY(%s) AND prediction_explanation IS NOT NULL RETURNING lead_id""",
                list(lead_ids),
            )
        )
        return [row[0] for row in rows]
