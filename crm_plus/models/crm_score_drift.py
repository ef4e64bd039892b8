from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ..prediction import columns as lead_columns
from ..prediction import moments

NEWEST = 20_000
FEWEST = 30  # fewer leads show a shift by chance alone


class CrmScoreModel(models.Model):
    """Whether the leads of today still look like those a version learnt from, and whether it still comes true."""

    _inherit = "crm.score.model"

    @api.model
    def _cron_check_drift(self):
        self._in_rounds(self.search([("state", "=", "published")], order="id"), lambda model: model._check_drift())

    def action_check_drift(self):
        """Check now."""
        self._check_manager()
        # sudo: a manager asked, checked above; reads leads as columns of numbers and writes the finding only.
        for model in self.sudo().filtered("predictor"):
            model._check_drift()

    def _check_drift(self):
        from ..engine.leads.drift import calibration_shift, drift, shift_to_json

        self.env.flush_all()
        lead_ids, columns = self._columns_since(moments.OPEN, self.env.cr.now())
        values = {"drift_date": fields.Datetime.now(), "drift": False, "drift_level": False}
        if len(lead_ids) >= FEWEST:
            report = drift(self._predictor(), self._complete(columns))
            values |= {"drift": report.to_json(), "drift_level": report.level}
            closed_ids, columns = self._columns_since(SQL("l.won_status IN ('won', 'lost')"))
            if len(closed_ids) >= FEWEST:
                won = self._won(closed_ids)
                shift = calibration_shift(won, self._chances(columns))
                values["drift"]["calibration"] = shift_to_json(shift)
                if shift.drifted and report.level == "stable":
                    values["drift_level"] = "moderate"
        self.write(values)

    def _columns_since(self, condition, now=None):
        """The newest leads of this scope: open ones as of ``now``, or those closed after the leads it was judged on."""
        since = SQL("TRUE") if now else SQL("%s::date > %s", moments.CLOSED_ON, self.judged_to)
        rows = self.env.execute_query(
            SQL(
                "SELECT l.id FROM crm_lead l WHERE %s AND %s AND %s = %s AND %s ORDER BY l.id DESC LIMIT %s",
                condition,
                since,
                moments.COMPANY,
                self.company_id.id,
                SQL("l.team_id = %s", self.team_id.id) if self.team_id else SQL("TRUE"),
                NEWEST,
            )
        )
        lead_ids = [row[0] for row in rows]
        seen = partial(moments.open_leads, now=now) if now else moments.closed_leads
        return lead_columns.fetch(self.env, self.company_id, self._used_features(), lead_ids, seen)

    def _won(self, lead_ids):
        rows = self.env.execute_query(
            SQL("SELECT (won_status = 'won')::int FROM crm_lead WHERE id = ANY(%s) ORDER BY id", list(lead_ids))
        )
        return [row[0] for row in rows]
