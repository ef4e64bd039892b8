"""Predictions beside the scores by rules: worked out in columns, stored where they differ."""

from functools import partial

from odoo.tools import SQL

from ..sql import OPEN, array_text, these
from . import columns, moments

# Percentages as the host writes them: two places, and an open lead is neither won nor lost.
CHANCES = (0.01, 99.99)
NOTHING = SQL("win_probability = NULL, prediction_explanation = NULL, prediction_model_id = NULL")


class PredictionStore:
    """The predictions of open leads. Needs numpy when it stores."""

    def __init__(self, env):
        self.env = env

    def store(self, version, lead_ids, scope):
        """Predict those of the leads ``l`` that are in the scope of a `crm.score.model`: (their ids, how many
        predictions changed, ids of those that moved by a point or more)."""
        from ...engine.prediction.explain import compact

        seen = partial(moments.open_leads, now=self.env.cr.now(), condition=SQL("%s AND %s", OPEN, scope))
        ids, values = columns.fetch(self.env, version.company_id, version._readings(), lead_ids, seen)
        chances, texts = [], []
        for scores, explanations in compact(version._predictor(), values):
            chances += (scores.probability * 100).round(2).clip(*CHANCES).tolist()
            texts += explanations
        return ids, *(self.keep(version, ids, chances, texts) if ids else (0, None))

    def keep(self, version, lead_ids, chances, texts):
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
                model=version.id,
            )
        )[0]

    def clear(self, lead_ids):
        """Take away the predictions of these leads, which no version predicts any more; closed ones keep theirs. How
        many there were."""
        rows = self.env.execute_query(
            SQL(
                """UPDATE crm_lead_score s SET %s FROM crm_lead l
                    WHERE l.id = s.lead_id AND %s AND %s AND s.prediction_explanation IS NOT NULL
                RETURNING s.lead_id""",
                NOTHING,
                these(SQL("s.lead_id"), lead_ids),
                OPEN,
            )
        )
        return len(rows)


def forget_predictions(env, version_ids):
    """Take away all predictions of these versions, those of closed leads as well; the ids of the leads."""
    rows = env.execute_query(
        SQL("UPDATE crm_lead_score SET %s WHERE prediction_model_id = ANY(%s) RETURNING lead_id", NOTHING, version_ids)
    )
    return [row[0] for row in rows]
