"""Whether the leads of today still look like those a version learned from, and whether it still comes true."""

from . import sample
from .training import LeadRecord

FEWEST = 30  # fewer leads show a shift by chance alone


def drift_of(version, own_scope):
    """("drift", "drift_level") of a `crm.score.model`, as values. Leads are compared as they were at their
    landmarks: as they are now, open ones are younger, and fields that are filled on the way are still empty.

    ``own_scope``: the condition on the leads ``l`` that are this version's to predict.
    """
    from ...engine.prediction.drift import drift, shift_to_json

    leads = LeadRecord(version.company_id, version.team_id, version.horizon_days)
    known = leads.known(version.judged_to)
    if len(known.ids) < FEWEST:
        return {"drift": {"leads": len(known.ids)}, "drift_level": False}
    columns = leads.columns(version._readings(), known, range(len(known.ids)))
    report = drift(version._predictor(), columns)
    found = {"drift": report.to_json(), "drift_level": report.level}
    if shift := _calibration_shift(version, known, columns, set(leads.known(version.judged_to, own_scope).ids)):
        found["drift"]["calibration"] = shift_to_json(shift)
        if shift.drifted and report.level == "stable":
            found["drift_level"] = "moderate"
    return found


def _calibration_shift(version, known, columns, own):
    """Whether probabilities come true, on the leads that are this version's to predict."""
    from ...engine.prediction.drift import calibration_shift

    places = [place for place, lead_id in enumerate(known.ids) if lead_id in own]
    if len(places) < FEWEST:
        return None
    chance = version._predictor().score(sample.pick(columns, columns, places)).probability
    return calibration_shift([known.won[place] for place in places], chance, known.reached(places))
