"""Which model of purchases forecasts these customers best: all compete on what was known at earlier days.

NBD, BG/NBD, MBG/NBD and Pareto/NBD, and a count model that learns from the customers' own histories, each with and
without the season; up to eight origins a quarter apart (rolling origins: Tashman, 2000). Each forecasts the orders of
every customer known at the origin; the Poisson deviance judges, which asks for the right total as well as for the right
customers. Heavy module: import it inside the job.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .abstention import CannotFit, Reason, require
from .forecaster import QUARTER, YEAR, Forecaster
from .histories import group_histories
from .nbd import NbdModel
from .order_log import KnownCustomers, OrderLog
from .own_count import OwnCountModel, fit_own_count
from .purchase_fit import KINDS, MINIMUM_CUSTOMERS, fit_histories
from .silence import Recalibration, recalibrate

SAMPLE = 20_000  # customers that judge as well as a million do
MINIMUM_DAYS = 90
ORIGINS = 8
# Days that are forecast, and days that must have been before: the first that the history is long enough for.
WINDOWS = ((YEAR, YEAR), (2 * QUARTER, 2 * QUARTER), (QUARTER, MINIMUM_DAYS), (28, MINIMUM_DAYS - 28))
SEASON_WEIGHT = 25  # orders: what the factors of the season are drawn towards one by
REPEAT_FLOOR = 0.1  # of the mean: the guess for who had no order, when the past is repeated
OWN_COUNT = "own_count"
# Deviances that differ by less are as good as equal: then the total decides.
TIE = 0.005
EXACT = 1e-9  # a deviance that is none
# Customers whose silence is enough to correct probabilities by: the latest origins that have as many.
SILENCE_CUSTOMERS = 500


@dataclass(frozen=True, slots=True)
class Entrant:
    """A kind of model, with the season or without."""

    kind: str
    season: bool


ENTRANTS = tuple(Entrant(kind, season) for kind in (*KINDS, OWN_COUNT) for season in (False, True))


@dataclass(frozen=True, slots=True)
class BackTest:
    """What one entrant forecast at one origin, and what came."""

    origin: int
    forecast: float
    came: int
    deviance: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How an entrant did: mean deviance over the origins, and mean distance of its total from what came (percent)."""

    kind: str
    season: bool
    deviance: float
    off: float
    tests: tuple[BackTest, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The standings, best first; ``repeat`` is how repeating the past did. ``days`` were forecast at each origin.

    ``low`` and ``high`` are the least and the largest that came of what the winner had forecast.
    """

    days: int
    standings: tuple[Standing, ...]
    repeat: Standing
    silence: Recalibration
    low: float
    high: float

    @property
    def winner(self) -> Standing:
        return self.standings[0]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def compete(log: OrderLog, end: int) -> Verdict:
    """Let all entrants forecast from earlier days up to the day ``end``, knowing nothing of later ones; for `SAMPLE` of
    the customers where there are more.

    Raises `CannotFit` with too few customers or too short a history, and when no entrant beats repeating the past.
    """
    log = log.sample(SAMPLE)
    known = log.until(end)
    require(Reason.TOO_FEW_CUSTOMERS, found=len(known), needed=MINIMUM_CUSTOMERS)
    first = int(log.day.min())
    require(Reason.TOO_SHORT_A_HISTORY, found=end - first, needed=MINIMUM_DAYS)
    days, least = next((days, least) for days, least in WINDOWS if end - first >= days + least)
    rounds = _comparable(list(_rounds(log, range(end - days, first + least - 1, -QUARTER)[:ORIGINS], days)))
    repeat = _standing(Entrant("repeat", False), [one.repeat for one in rounds])
    entrants = set.intersection(*(set(one.tests) for one in rounds))
    standings = _ranked(
        _standing(entrant, [one.tests[entrant] for one in rounds]) for entrant in ENTRANTS if entrant in entrants
    )
    best = standings[0]
    if best.deviance > repeat.deviance + EXACT:
        raise CannotFit(Reason.NOTHING_BEATS_THE_PAST, found=best.deviance, needed=repeat.deviance)
    silence = _silence(best.kind, rounds) if days == YEAR else Recalibration()
    shares = [test.came / test.forecast for test in best.tests]
    return Verdict(days, tuple(standings), repeat, silence, float(min(shares)), float(max(shares)))


def _ranked(standings: Iterable[Standing]) -> list[Standing]:
    """By deviance; but of those that are as good as the best, the one whose totals are the least off comes first.

    The NBD is the border of the other models of chance: it wins by being the best, not by being as good as they are.
    """
    by_deviance = sorted(standings, key=lambda standing: standing.deviance)
    best = by_deviance[0]
    equal = [one for one in by_deviance if one.deviance <= best.deviance * (1 + TIE)]
    winner = min((one for one in equal if one is best or one.kind != "nbd"), key=lambda standing: standing.off)
    return [winner, *(one for one in by_deviance if one is not winner)]


def _comparable(rounds: list["_Round"]) -> list["_Round"]:
    """The origins at which all could take part, if those are half of them at least; else all, without who could not."""
    complete = [one for one in rounds if len(one.tests) == len(ENTRANTS)]
    return complete if 2 * len(complete) >= len(rounds) else rounds


def _silence(kind: str, rounds: list["_Round"]) -> Recalibration:
    """What the kind says of silence, corrected by the latest origins, which are the most like today."""
    many = np.cumsum([len(one.silent) for one in rounds])
    latest = rounds[: int(np.searchsorted(many, SILENCE_CUSTOMERS)) + 1]
    return recalibrate(
        np.concatenate([one.silent_said[kind] for one in latest]), np.concatenate([one.silent for one in latest])
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """One origin: what each entrant forecast, and who was silent after it beside what each kind said."""

    tests: dict[Entrant, BackTest]
    repeat: BackTest
    silent: NDArray[np.bool_]
    silent_said: dict[str, NDArray]


def _rounds(log: OrderLog, origins: Iterable[int], days: int) -> Iterator[_Round]:
    """The origins, latest first, as long as there were enough customers."""
    for origin in origins:
        past = log.until(origin)
        require(Reason.TOO_FEW_CUSTOMERS, found=len(past), needed=MINIMUM_CUSTOMERS)
        came = log.counts(origin, origin + days)[past.code]
        tests, said = {}, {}
        for entrant, forecaster in fit_all(log, origin, days):
            tests[entrant] = _judged(origin, forecaster.total(days, *past.history), came)
            if entrant.kind not in said:
                said[entrant.kind] = forecaster.model.p_silent(days, *past.history)
        yield _Round(tests, _judged(origin, _repeated(log, past, origin, days), came), came == 0, said)


def fit_all(log: OrderLog, origin: int, days: int) -> Iterator[tuple[Entrant, Forecaster]]:
    """The entrants fitted to what was known at the origin.

    Without the count model where there was too little to learn from, and without the season where nothing is known of
    the year before.
    """
    histories = group_histories(*log.until(origin).history)
    models = {kind: fit_histories(kind, histories) for kind in KINDS}
    if own := learn_own_count(log, origin, days, models["nbd"]):
        models[OWN_COUNT] = own
    for kind, model in models.items():
        plain = Forecaster(kind, model)
        yield Entrant(kind, False), plain
        if season := season_factors(plain, log, origin):
            yield Entrant(kind, True), replace(plain, season=season)


def fit_winner(
    verdict: Verdict, log: OrderLog, end: int, history: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None
) -> Forecaster:
    """The winner of a contest fitted to all that is known on the day ``end``.

    ``history`` holds (x, t_x, T) of more customers than the log does, to estimate the parameters from. Where no whole
    year could be checked, all models of chance have their say about silence.
    """
    winner = verdict.winner
    kind = "nbd" if winner.kind == OWN_COUNT else winner.kind
    histories = group_histories(*(history or log.until(end).history))
    model = fit_histories(kind, histories)
    if winner.kind == OWN_COUNT:
        model = learn_own_count(log, end, verdict.days, model)
    other_kinds = [other for other in KINDS if other != winner.kind] if verdict.days < YEAR else []
    others = tuple((other, fit_histories(other, histories)) for other in other_kinds)
    plain = Forecaster(winner.kind, model, silence=verdict.silence, others=others)
    return replace(plain, season=season_factors(plain, log, end)) if winner.season else plain


def season_factors(plain: Forecaster, log: OrderLog, origin: int) -> tuple[float, ...]:
    """What came of what is to be forecast for them, in each of the four quarters of the year before the origin.

    The parameters are those of the origin, the histories those of a year before. Both numbers are counted 25 orders
    larger, so that few orders say little. Empty when there were too few customers then.
    """
    before = origin - YEAR
    known = log.until(before)
    if len(known) < MINIMUM_CUSTOMERS:
        return ()
    ends = QUARTER * np.arange(1, YEAR // QUARTER + 1)
    forecast = np.diff(plain.orders(ends, *known.history).sum(axis=0), prepend=0.0)
    came = [log.counts(before + end - QUARTER, before + end)[known.code].sum() for end in ends.tolist()]
    return tuple(float((n + SEASON_WEIGHT) / (said + SEASON_WEIGHT)) for n, said in zip(came, forecast, strict=True))


def learn_own_count(log: OrderLog, origin: int, days: int, base: NbdModel) -> OwnCountModel | None:
    """The count model learnt from what came in the year before the origin.

    It forecasts no further than it has learnt, so that it does not take part where no whole year is forecast.
    """
    before = log.until(origin - days)
    if days < YEAR or len(before) < MINIMUM_CUSTOMERS:
        return None
    return fit_own_count(before, log.counts(origin - days, origin)[before.code], days, base)


def _repeated(log: OrderLog, past: KnownCustomers, origin: int, days: int) -> NDArray[np.float64]:
    """What each customer had in the equally long time before, without being certain that nobody comes back."""
    seen = min(days, origin - int(log.day.min()))
    repeated = log.counts(origin - seen, origin)[past.code] * days / max(seen, 1)
    drawn = repeated + REPEAT_FLOOR * max(repeated.mean(), 1e-6)
    return drawn * max(repeated.sum(), 1e-6) / drawn.sum()


def poisson_deviance(forecast: ArrayLike, came: ArrayLike) -> float:
    """The mean over the customers of 2 (y log(y / m) - (y - m)) (McCullagh and Nelder, 1989).

    >>> round(poisson_deviance([1.0, 2.0], [1, 2]), 6)
    0.0
    """
    forecast, came = np.maximum(np.asarray(forecast, dtype=float), 1e-12), np.asarray(came, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(came > 0, came * np.log(came / forecast), 0)
    return float(2 * (surprise - came + forecast).mean())


def _judged(origin: int, forecast: NDArray, came: NDArray) -> BackTest:
    return BackTest(origin, float(forecast.sum()), int(came.sum()), poisson_deviance(forecast, came))


def _standing(entrant: Entrant, tests: list[BackTest]) -> Standing:
    off = [abs(test.forecast - test.came) / max(test.came, 1) for test in tests]
    return Standing(
        entrant.kind,
        entrant.season,
        float(np.mean([test.deviance for test in tests])),
        float(100 * np.mean(off)),
        tuple(tests),
    )
