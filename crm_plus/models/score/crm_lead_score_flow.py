import logging

from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.sql import COMPANY, CONFLICTS

_logger = logging.getLogger(__name__)

ANNOUNCE_STEP = 100
# A century; a calendar does not reach back for ever.
MOST_MONTHS = 1200


class CrmLeadScore(models.Model):
    """What follows from scores: hot leads are announced, old history goes."""

    _inherit = "crm.lead.score"

    @api.model
    def _announce_hot(self):
        """Schedule the company's activity on leads that have become hot: once a crossing, in committed batches.

        A lead that nobody (who is still there) is responsible for waits until somebody is.
        """
        responsible = Domain("lead_id.user_id.active", "=", True) | Domain("lead_id.team_id.user_id.active", "=", True)
        domain = Domain("hot_to_announce", "=", True) & responsible
        self._while_any(self._announce_next, domain)

    @api.model
    def _announce_next(self, domain):
        """Announce the next scores; how many. What another run announces just now is left to it."""
        scores = self.search(domain, limit=ANNOUNCE_STEP, order="id").try_lock_for_update(allow_referencing=True)
        for score in scores:
            score._announce()
        scores.write({"hot_to_announce": False})
        return len(scores)

    def _announce(self):
        """Schedule the activity; a lead that fails is not tried again and keeps no other waiting."""
        try:
            with self.env.cr.savepoint():
                self._schedule_hot_activity()
        except CONFLICTS:
            raise  # the whole step is tried again
        except Exception as error:  # what follows from an activity may be of any module
            _logger.warning("Lead %s is not announced as hot: %s", self.lead_id.id, error)

    def _schedule_hot_activity(self):
        lead = self.lead_id
        responsible = lead.user_id.filtered("active") or lead.team_id.user_id
        activity_type = lead._score_company().crm_plus_hot_activity_type_id
        if not (activity_type and lead.is_hot):
            return
        lead.with_context(lang=responsible.lang).activity_schedule(
            activity_type_id=activity_type.id,
            user_id=responsible.id,
            summary=self.with_context(lang=responsible.lang).env._(
                "Hot lead: score %(score)s, grade %(grade)s",
                score=f"{self.lead_score:g}",
                grade=self.lead_grade,
            ),
        )

    @api.model
    def _merge_hot(self, lead, merged):
        """A lead is as long hot as those that are merged into it; if one of them was announced, so is this one."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """UPDATE crm_lead_score s
                      SET hot_date = LEAST(s.hot_date, other.since),
                          hot_to_announce = other.waits AND (s.hot_date IS NULL OR s.hot_to_announce)
                     FROM (SELECT min(hot_date) AS since, bool_and(hot_to_announce IS TRUE) AS waits
                             FROM crm_lead_score WHERE lead_id = ANY(%s) AND hot_date IS NOT NULL) other
                    WHERE s.lead_id = %s AND other.since IS NOT NULL RETURNING s.id""",
                merged.ids,
                lead.id,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _purge_history(self):
        """Forget the course of scores after the months of each company."""
        for company in self.env["res.company"].search([("active", "=", True)], order="id"):
            months = min(company.crm_plus_history_months, MOST_MONTHS)
            before = company._crm_plus_today() - relativedelta(months=months)
            self.env.execute_query(
                SQL(
                    """DELETE FROM crm_lead_score_history h USING crm_lead l
                        WHERE l.id = h.lead_id AND h.date < %s AND %s = %s RETURNING h.id""",
                    before,
                    COMPANY,
                    company.id,
                )
            )
        self.env["crm.lead.score.history"].invalidate_model(flush=False)
