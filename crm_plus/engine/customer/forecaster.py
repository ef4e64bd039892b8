"""The model of purchases in use: one kind with its parameters, the season, and what silence has turned out to mean.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bgnbd import PurchaseModel
from .nbd import NbdModel
from .own_count import OwnCountModel
from .pareto_nbd import ParetoNbdModel
from .silence import Recalibration

QUARTER = 91  # days of the year that have a factor of their own
YEAR = 4 * QUARTER
MODELS = {
    "nbd": NbdModel,
    "bg_nbd": PurchaseModel,
    "mbg_nbd": PurchaseModel,
    "pareto_nbd": ParetoNbdModel,
    "own_count": OwnCountModel,
}


@dataclass(frozen=True, slots=True)
class Forecaster:
    """``model`` forecasts in days; ``season`` holds what each of the coming four quarters of a year brings of that.

    ``silence`` corrects the probability of no order within a year. Without it, as for parameters from before it was
    known, ``risk`` is the probability of having dropped out, which is what these versions predicted. ``others`` are
    further models by kind whose opinion of silence counts as much as that of ``model``: where no whole year could be
    checked, the mean of several models is nearer to the truth than the best of them over shorter times (combination of
    forecasts: Bates and Granger, 1969).
    """

    kind: str
    model: Any
    season: tuple[float, ...] = ()
    silence: Recalibration | None = field(default_factory=Recalibration)
    others: tuple[tuple[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The parameters as plain values, and beside them what is not the model's own."""
        silence = self.silence and {"said": list(self.silence.said), "true": list(self.silence.true)}
        others = {kind: model.to_json() for kind, model in self.others}
        return {**self.model.to_json(), "season": list(self.season), "silence": silence, "others": others}

    @classmethod
    def from_json(cls, kind: str, values: dict[str, Any]) -> "Forecaster":
        """Parameters of before the season and the silence were known forecast as they did."""
        values = dict(values)
        season, silence = tuple(values.pop("season", ())), values.pop("silence", None)
        silence = silence and Recalibration(tuple(silence["said"]), tuple(silence["true"]))
        others = tuple((other, MODELS[other](**parameters)) for other, parameters in values.pop("others", {}).items())
        return cls(kind, MODELS[kind](**values), season, silence, others)

    @property
    def log_likelihood(self) -> float:
        return self.model.log_likelihood

    @property
    def customers(self) -> int:
        """How many it was fitted to."""
        return self.model.customers

    def weights(self, ends: ArrayLike) -> NDArray[np.float64]:
        """The factor of the season for the time between each end and the one before."""
        ends = np.asarray(ends, dtype=float)
        if not self.season:
            return np.ones(len(ends))
        middle = ends - np.diff(ends, prepend=0.0) / 2
        return np.asarray(self.season)[(middle // QUARTER).astype(int) % len(self.season)]

    def orders(self, ends: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """Expected orders until each of the rising ends, shape (customers, ends)."""
        upto = np.triu(np.ones((np.size(ends), np.size(ends)))) * self.weights(ends)[:, None]
        return self.model.orders(ends, upto, frequency, recency, age)

    def total(self, days: float, *history: ArrayLike) -> NDArray[np.float64]:
        """Expected orders of each customer within so many days."""
        ends = np.append(np.arange(QUARTER, days, QUARTER), days)
        return self.model.orders(ends, self.weights(ends)[:, None], *history)[:, 0]

    def risk(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, alive: NDArray | None = None
    ) -> NDArray[np.float64]:
        """The probability of no order within a year; ``alive`` is what the model says of that, where it is known."""
        if self.silence is None:
            return 1 - (self.model.p_alive(frequency, recency, age) if alive is None else alive)
        said = [self.model.p_silent(YEAR, frequency, recency, age, alive)]
        said += [model.p_silent(YEAR, frequency, recency, age) for _kind, model in self.others]
        return self.silence.of(np.mean(said, axis=0))
