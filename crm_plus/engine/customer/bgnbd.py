"""How often customers order and whether they still do: the BG/NBD and MBG/NBD models, fitted.

A customer orders at a rate drawn from Gamma(r, alpha) and drops out for good after an order with a probability drawn
from Beta(a, b).

* BG/NBD (Fader, Hardie and Lee, 2005): the first drop-out may come after the first repeat order, so that customers who
  ordered once are all alive.
* MBG/NBD (Batislam, Denizel and Filiztekin, 2007; Hoppe and Wagner, 2007): it may also come right after the very first
  order, so that one-time buyers may be gone.

With ``y`` for the number of times a customer could have dropped out and did not (x in the first model, x + 1 in the
second) the two share every formula. Heavy module: import it inside the job.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import hyp2f1

from .alive_model import AliveModel
from .beta_quadrature import NODES, beta_nodes
from .grouping import distinct, unique_pairs

CHUNK = 1 << 14  # rows at a time, so that a chunk times the nodes stays at 5 MB
FAR = 12.0  # horizon over alpha + T: up to here the quadrature keeps 6 digits, mostly 12, whatever the parameters
NEAR_ONE = 1e-7


@dataclass(frozen=True, slots=True)
class PurchaseModel(AliveModel):
    """Fitted parameters; times are in the unit of the data they were fitted to.

    ``frequency``, ``recency`` and ``age`` are a customer's repeat orders x, the time t_x from the first to the last
    order and T from the first order until now, as `purchase.PurchaseSummary` has them; all methods are vectorized.
    """

    r: float
    alpha: float
    a: float
    b: float
    dropout_at_start: bool
    log_likelihood: float = np.nan
    customers: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` takes them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "PurchaseModel":
        return cls(**values)

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """The probability that the customer has not dropped out.

        Fader and Hardie, note 021 (2008), for the BG/NBD; Batislam et al. (2007), appendix A, for the MBG/NBD.

        >>> model = PurchaseModel(0.243, 4.414, 0.793, 2.426, dropout_at_start=False)
        >>> model.p_alive([0, 2], [0, 30.43], [38.86, 38.86]).round(4).tolist()
        [1.0, 0.7266]
        """
        x, t_x, age = (np.asarray(values, dtype=float) for values in (frequency, recency, age))
        y = x + self.dropout_at_start
        odds_dead = (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + t_x))
        odds_dead += np.log(self.a) - np.log(self.b + np.maximum(y, 1) - 1)
        return np.where(y > 0, np.exp(-np.logaddexp(0, odds_dead)), 1.0)

    def expected_orders_if_alive(
        self, horizons: ArrayLike, frequency: ArrayLike, age: ArrayLike
    ) -> NDArray[np.float64]:
        """Expected orders within each horizon of a customer who is alive now, shape (customers, horizons).

        For rate l and drop-out probability p they are (1 - exp(-l p t)) / p. Averaged over l ~ Gamma(r + x, alpha + T)
        that is (1 - (1 + p t / (alpha + T)) ** -(r + x)) / p, and over p ~ Beta(a, b + y) the published expression with
        the Gaussian hypergeometric function. That one loses its digits near a = 1 and for many orders; the average of
        positive terms does not, so it is preferred. Customers with equal (x, T) are computed once.
        """
        horizons = np.atleast_1d(np.asarray(horizons, dtype=float))
        x, age = np.broadcast_arrays(np.atleast_1d(frequency), np.atleast_1d(age))
        pairs, row = unique_pairs(x, age)
        expected = np.empty((len(pairs), len(horizons)))
        for start in range(0, len(pairs), CHUNK):
            expected[start : start + CHUNK] = self._expected_of_pairs(horizons, *pairs[start : start + CHUNK].T)
        return expected[row]

    def p_order_if_alive(self, horizon: float, frequency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """The probability that a customer who is alive orders within the horizon.

        1 - ((alpha + T) / (alpha + T + t)) ** (r + x): who is alive drops out after an order only, so that the first
        order to come is that of the NBD.
        """
        x, since = (np.asarray(values, dtype=float) for values in (frequency, age))
        return -np.expm1(-(self.r + x) * np.log1p(horizon / (self.alpha + since)))

    def _expected_of_pairs(self, horizons: NDArray, x: NDArray, age: NDArray) -> NDArray:
        counts, row = distinct(x)
        p, weight = beta_nodes(self.a, self.b + counts + self.dropout_at_start, NODES)
        p, weight = p[row], (weight / p)[row]
        shape, reach = (self.r + x)[:, None], horizons / (self.alpha + age)[:, None]
        expected = np.stack(
            [(weight * -np.expm1(-shape * np.log1p(p * column[:, None]))).sum(axis=1) for column in reach.T], axis=1
        )
        far = reach > FAR
        if far.any():
            survived = np.broadcast_to((x + self.dropout_at_start)[:, None], reach.shape)[far]
            exact = self._hypergeometric(np.broadcast_to(shape, reach.shape)[far], survived, reach[far])
            expected[far] = np.where(np.isfinite(exact), exact, expected[far])
        return expected

    def _hypergeometric(self, shape: NDArray, survived: NDArray, reach: NDArray) -> NDArray:
        """The published expression, for horizons so long that the quadrature misses its digits."""
        a = self.a if abs(self.a - 1) > NEAR_ONE else 1 + NEAR_ONE
        c = a + self.b + survived - 1
        with np.errstate(all="ignore"):
            silent = (1 + reach) ** -shape * hyp2f1(shape, self.b + survived, c, reach / (1 + reach))
            return c / (a - 1) * (1 - silent)
