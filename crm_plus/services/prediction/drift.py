"""Whether the leads of today still look like those a version learnt from, and whether it still comes true."""

from . import sample
from .training import ClosedLeads

FEWEST = 30  # fewer leads show a shift by chance alone


def drift_of(version, own_scope):
    """("drift", "drift_level") of a `crm.score.model`, as values. Closed leads are compared with closed leads, both
    seen at landmarks: open ones are younger, and fields that are filled on the way are still empty.

    ``own_scope``: the condition on the leads ``l`` that are this version's to predict.
    """
    from ...engine.prediction.drift import drift, shift_to_json

    leads = ClosedLeads(version.company_id, version.team_id)
    closed = leads.closed(version.judged_to)
    if len(closed.ids) < FEWEST:
        return {"drift": {"leads": len(closed.ids)}, "drift_level": False}
    columns = leads.columns(version._readings(), closed, range(len(closed.ids)))
    report = drift(version._predictor(), columns)
    found = {"drift": report.to_json(), "drift_level": report.level}
    if shift := _calibration_shift(version, closed, columns, set(leads.closed(version.judged_to, own_scope).ids)):
        found["drift"]["calibration"] = shift_to_json(shift)
        if shift.drifted and report.level == "stable":
            found["drift_level"] = "moderate"
    return found


def _calibration_shift(version, closed, columns, own):
    """Whether probabilities come true, on the leads that are this version's to predict."""
    from ...engine.prediction.drift import calibration_shift

    places = [place for place, lead_id in enumerate(closed.ids) if lead_id in own]
    if len(places) < FEWEST:
        return None
    chance = version._predictor().score(sample.pick(columns, columns, places)).probability
    return calibration_shift([closed.won[place] for place in places], chance, closed.reached(places))
