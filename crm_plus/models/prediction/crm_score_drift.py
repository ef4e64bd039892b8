from odoo import api, fields, models

from ...services.prediction import sample

FEWEST = 30  # fewer leads show a shift by chance alone


class CrmScoreModel(models.Model):
    """Whether the leads of today still look like those a version learnt from, and whether it still comes true."""

    _inherit = "crm.score.model"

    @api.model
    def _cron_check_drift(self):
        published = self.search([("state", "=", "published")], order="id").filtered(lambda model: model._is_readable())
        self._in_rounds(published, lambda model: model._check_drift())

    def action_check_drift(self):
        """Check now."""
        self._check_manager()
        # sudo: a manager asked, checked above; reads leads as columns of numbers and writes the finding only.
        for model in self.sudo().filtered(lambda model: model._is_readable()):
            model._check_drift()

    @api.model
    def _note_problem(self, item, problem):
        if problem and getattr(item, "_name", "") == self._name and item.exists():
            item.write({"drift_date": fields.Datetime.now(), "drift": {"error": problem}, "drift_level": False})
        return super()._note_problem(item, problem)

    def _check_drift(self):
        """Closed leads are compared with closed leads, both seen at landmarks: open ones are younger, and fields that
        are filled on the way are still empty."""
        self.env.flush_all()
        closed = self._closed_leads(self._leads_of(self.company_id, self.team_id), self.judged_to)
        values = {"drift_date": fields.Datetime.now(), "drift": {"leads": len(closed.ids)}, "drift_level": False}
        if len(closed.ids) >= FEWEST:
            values |= self._drift_of(closed)
        self.write(values)

    def _drift_of(self, closed):
        from ...engine.prediction.drift import drift, shift_to_json

        columns = self._columns_of(self.company_id, self._readings(), closed, range(len(closed.ids)))
        report = drift(self._predictor(), columns)
        found = {"drift": report.to_json(), "drift_level": report.level}
        if shift := self._calibration_shift(closed, columns):
            found["drift"]["calibration"] = shift_to_json(shift)
            if shift.drifted and report.level == "stable":
                found["drift_level"] = "moderate"
        return found

    def _calibration_shift(self, closed, columns):
        """Whether probabilities come true, on the leads that are this version's to predict."""
        from ...engine.prediction.drift import calibration_shift

        predicted = self.env["crm.lead.score"]._scope(self, self.search([("state", "=", "published")]))
        own = set(self._closed_leads(predicted, self.judged_to).ids)
        places = [place for place, lead_id in enumerate(closed.ids) if lead_id in own]
        if len(places) < FEWEST:
            return None
        chance = self._predictor().score(sample.pick(columns, columns, places)).probability
        return calibration_shift([closed.won[place] for place in places], chance, closed.reached(places))
