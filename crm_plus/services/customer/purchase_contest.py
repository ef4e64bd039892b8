"""Which model of purchases a company uses: what the contest of ``engine.customer.contest`` found, as its record has it.

Imports numpy and scipy when it is called, not before.
"""

from dataclasses import asdict
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)


def number(day):
    """The number of a day, as ``_order_days_query`` counts them."""
    return (day - EPOCH).days


def best_purchases(log, history, today):
    """The winning forecaster of a log of order days, and the values that its record has besides.

    Parameters are estimated from ``history``, (x, t_x, T) of at least the customers of the log. Raises `CannotFit`.
    """
    from ...engine.customer.contest import compete, fit_winner

    verdict = compete(log, number(today))
    forecaster = fit_winner(verdict, log, number(today), history)
    return forecaster, {"contest": _told(verdict), **_check(verdict, log, today)}


def told_values(verdict):
    """The verdict of ``engine.customer.value_contest`` as the record has it: days as dates, None without any origin."""
    if not verdict.standings:
        return None
    return {**verdict.to_json(), "origins": [str(EPOCH + timedelta(days=origin)) for origin in verdict.origins]}


def _told(verdict):
    """The verdict as the record keeps it; days as dates."""
    contest = verdict.to_json()
    del contest["silence"]
    for standing in (*contest["standings"], contest["repeat"]):
        for test in standing["tests"]:
            test["origin"] = str(EPOCH + timedelta(days=test["origin"]))
    return contest


def _check(verdict, log, today):
    """What the winner, having seen the past up to the latest origin only, says of the orders since then."""
    import numpy as np

    from ...engine.customer.contest import fit_winner
    from ...engine.customer.forecast_check import forecast_by_history, forecast_course

    end, days = number(today), verdict.days
    origin = end - days
    past = log.until(origin)
    model = fit_winner(verdict, log, origin)
    forecast = model.total(days, *past.history)
    came = log.counts(origin, end)[past.code]
    repeated = log.counts(origin - days, origin)[past.code]
    later = (log.day > origin) & (log.day <= end) & np.isin(log.code, past.code)
    after, count = np.unique(log.day[later] - origin, return_counts=True)
    came_by_day = dict(zip(after.tolist(), count.tolist(), strict=True))
    return {
        "check_from": today - timedelta(days=days),
        "check_until": today,
        "forecast_orders": float(forecast.sum()),
        "actual_orders": int(came.sum()),
        "repeated_orders": int(repeated.sum()),
        "forecast_rmse": float(np.sqrt(((forecast - came) ** 2).mean())),
        "repeated_rmse": float(np.sqrt(((repeated - came) ** 2.0).mean())),
        "forecast_groups": list(map(asdict, forecast_by_history(past.frequency, forecast, came, repeated))),
        "forecast_course": list(
            map(asdict, forecast_course(model, past.history, came_by_day, int(repeated.sum()), days))
        ),
    }
