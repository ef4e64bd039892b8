from odoo import models

from ...engine.prediction.shortfall import shortfall
from ...services.prediction import sample


class CrmScoreModel(models.Model):
    """How well a version does on leads that closed later than those it learnt from."""

    _inherit = "crm.score.model"

    def _judge(self, model, columns, closed, split, current):
        """The track record on the later leads, and beside what it would replace."""
        from ...engine.prediction.metrics import evaluate

        won = [closed.won[place] for place in split.later]
        chance = model.score(columns).probability
        average = [self._won_share(closed, split)] * len(won)
        told = evaluate(won, chance, split.later_weights)
        return self._compare(closed, split, chance, average, current) | {
            "evaluation": told.to_json(),
            "auc": told.auc,
            "log_loss": told.log_loss,
            "base_log_loss": evaluate(won, average, split.later_weights).log_loss,
            "brier": told.brier,
            "ece": told.ece,
        }

    def _won_share(self, closed, split):
        """What knowing nothing but the leads to learn from would give every lead."""
        wins = sum(weight for place, weight in zip(split.train, split.train_weights, strict=True) if closed.won[place])
        return wins / sum(split.train_weights)

    def _compare(self, closed, split, chance, average, current):
        """With the version in use, on the leads that neither has learnt from; without one, or where there are too few
        such leads, with the average."""
        from ...engine.prediction.compare import compare

        rows = self._unseen(closed, split, current)
        other = current if rows else current.browse()
        rows = rows or list(range(len(split.later)))
        places = [split.later[row] for row in rows]
        before = other._chances(closed, places) if other else average
        won, weights = [closed.won[place] for place in places], [split.later_weights[row] for row in rows]
        found = compare(won, chance[rows], before, weights)
        return {
            "comparison": found.to_json()
            | {"version": other.version, "too_few_since": 0 if other else current.version},
            "compared_with_id": other.id,
            # With nothing to replace, it must beat the average: knowing nothing is no reason to show a number.
            "publishable": found.publishable if other else not current and found.decision == "better",
        }

    def _unseen(self, closed, split, current):
        """Which of the later leads were closed after all that the version in use learnt from; none if too few."""
        rows = [
            row
            for row, place in enumerate(split.later)
            if current and closed.closed_on[place].date() > current.trained_to
        ]
        won, lost = closed.count([split.later[row] for row in rows])
        return [] if shortfall(won, lost, min_won=sample.MIN_JUDGED, min_lost=sample.MIN_JUDGED) else rows

    def _chances(self, closed, places):
        """What the learning that this version was judged by would have given some closed leads."""
        from ...engine.prediction.model import ScoreModel

        columns = self._columns_of(self.company_id, self._readings(), closed, places)
        judged = ScoreModel.from_json(self.judged_predictor) if self.judged_predictor else self._predictor()
        return judged.score(columns).probability
