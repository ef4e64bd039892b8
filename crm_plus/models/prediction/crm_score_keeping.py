import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...services.sql import DISTURBED

_logger = logging.getLogger(__name__)


class CrmLeadScore(models.Model):
    _inherit = "crm.lead.score"

    @api.model
    def _forget_predictions(self, versions):
        """A prediction that nobody could explain any more goes with the version that made it."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """UPDATE crm_lead_score
                      SET win_probability = NULL, prediction_explanation = NULL, prediction_model_id = NULL
                    WHERE prediction_model_id = ANY(%s) RETURNING lead_id""",
                versions.ids,
            )
        )
        self.invalidate_model(flush=False)
        self.env["crm.lead"].invalidate_model(self.env["crm.lead"]._score_fields(), flush=False)
        self.env["crm.lead"]._align_probabilities([row[0] for row in rows])


class CrmScoreModel(models.Model):
    """What a training leaves behind: a version, or a record that says what is missing."""

    _inherit = "crm.score.model"

    def _note_error(self, error):
        """Show on the version why it fails, None when it works; somebody else who is writing it says the same."""
        text = str(error).strip() if error else False
        if self.error != text and self.try_lock_for_update(allow_referencing=True):
            self.error = text
            if error:
                _logger.warning("Prediction %s failed: %s", self.display_name, text)

    def _safely(self, step, *arguments):
        """(what ``step`` gives, None), or (None, error) with nothing of it left: one must not stop the others."""
        try:
            with self.env.cr.savepoint():
                return step(*arguments), None
        except DISTURBED:
            raise  # the scheduled action tries again
        except Exception as error:  # fields of any module are read
            return None, error

    def _dates(self, closed, split):
        learnt, later = ([closed.closed_on[place] for place in part] for part in (split.train, split.later))
        (won, lost), (judged_won, judged_lost) = closed.count(split.train), closed.count(split.later)
        return {
            "trained_from": min(learnt).date(),
            "trained_to": max(learnt).date(),
            # A day to come would hide from the check of drift whatever is closed until then.
            "judged_to": min(max(later), fields.Datetime.now()).date(),
            "train_won": won,
            "train_lost": lost,
            "judged_won": judged_won,
            "judged_lost": judged_lost,
        }

    def _abstain(self, company, team, missing):
        """Say what is missing; one such record a scope, brought up to date."""
        found = self.search([*self._scope(company, team), ("state", "=", "abstained")], limit=1)
        values = {"shortfall": missing, "trained_on": fields.Datetime.now()}
        if found:
            found.write(values)
            return found
        return self._store(company, team, values | {"state": "abstained"})

    def _abstain_failed(self, company, team, error):
        _logger.warning("Training of %s failed", (team or company).display_name, exc_info=error)
        return self._abstain(company, team, {"part": "failed", "reason": str(error).strip()})

    def _store(self, company, team, values):
        newest = self.search(self._scope(company, team), order="version desc", limit=1)
        found = self.create(
            {
                "company_id": company.id,
                "team_id": team.id if team else False,
                "version": newest.version + 1,
                "trained_on": fields.Datetime.now(),
                **values,
            }
        )
        _logger.info("Prediction %s: %s in %.1f s", found.display_name, found.state, found.seconds)
        return found
