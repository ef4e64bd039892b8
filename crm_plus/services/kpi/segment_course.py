"""A segment month by month, beside another: from the recorded figures, so of the customers who were in it then."""

from dateutil.relativedelta import relativedelta
from odoo.fields import Domain

from ...engine.kpi.figures import BY_CODE

MONTHS = 24
FIGURES = ("customers", "revenue", "average_order", "repeat_rate", "lost_customers")


def segment_courses(env, segment_ids):
    """See ``crm.kpi.day.segment_courses``."""
    days, company = env["crm.kpi.day"], env.company
    start = company._crm_plus_today().replace(day=1) - relativedelta(months=MONTHS - 1)
    groups = days._read_group(
        Domain("company_id", "=", company.id)
        & Domain("segment_id", "in", segment_ids)
        & Domain("figure", "in", FIGURES)
        & Domain("date", ">=", start),
        ["date:month", "segment_id", "figure"],
        ["value:sum"],
        order="date:month",
    )
    found = {}
    for month, segment, code, value in groups:
        found.setdefault(month, {}).setdefault(segment.id, {})[code] = value
    segments = env["crm.segment"].browse(segment_ids).exists()
    labels = dict(days._fields["figure"]._description_selection(env))
    courses = [_course(code, labels[code], BY_CODE[code].unit, found, segments) for code in FIGURES[:4]]
    for each in found.values():
        for values in each.values():
            values["churn"] = _churn(values)
    return {
        "currency_id": company.currency_id.id,
        "segments": [{"id": segment.id, "name": segment.name} for segment in segments],
        "courses": [*courses, _course("churn", env._("Churn"), "percent", found, segments)],
    }


def _course(code, label, unit, found, segments):
    points = [
        {"month": str(month), "values": [each.get(segment.id, {}).get(code, False) for segment in segments]}
        for month, each in found.items()
    ]
    known = [point for point in points if any(value is not False for value in point["values"])]
    return {"code": code, "label": label, "unit": unit, "points": known}


def _churn(values):
    """Percent of the customers of a month, on average, who were lost in it."""
    customers = values.get("customers")
    return 100 * (values.get("lost_customers") or 0) / customers if customers else False
