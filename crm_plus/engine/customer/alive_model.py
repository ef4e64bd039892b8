"""What the models share whose customers are alive or gone.

Heavy module: import it inside the job.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .grouping import unique_pairs


class AliveModel:
    """Adds up what `expected_orders_if_alive` and `p_alive` say."""

    __slots__ = ()

    def orders(
        self,
        ends: ArrayLike,
        weights: NDArray,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        alive: NDArray | None = None,
    ) -> NDArray[np.float64]:
        """Expected orders between one of the rising ``ends`` and the next, from now on, times the weights and added up.

        ``weights`` has a row an end and a column a sum; the result a row a customer and a column a sum. Customers with
        equal (x, T) are computed once. ``alive`` is what `p_alive` says, where it is known already.
        """
        pairs, row = unique_pairs(frequency, age)
        cumulated = self.expected_orders_if_alive(ends, *pairs.T)
        added = np.diff(cumulated, axis=1, prepend=0.0) @ weights
        alive = self.p_alive(frequency, recency, age) if alive is None else alive
        return added[row] * alive[:, None]

    def p_silent(
        self,
        horizon: float,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        alive: NDArray | None = None,
    ) -> NDArray[np.float64]:
        """The probability of no order within the horizon: because the customer is gone, goes or just does not order.

        >>> from .bgnbd import PurchaseModel
        >>> model = PurchaseModel(0.243, 4.414, 0.793, 2.426, dropout_at_start=False)
        >>> model.p_silent(39, [2, 0], [30.43, 0], [38.86, 38.86]).round(3).tolist()
        [0.445, 0.855]
        """
        pairs, row = unique_pairs(frequency, age)
        alive = self.p_alive(frequency, recency, age) if alive is None else alive
        return 1 - alive * self.p_order_if_alive(horizon, *pairs.T)[row]

    def expected_orders(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> NDArray[np.float64]:
        """Expected orders within the horizon given the history: Fader, Hardie and Lee (2005), equation 10.

        >>> from .nbd import NbdModel
        >>> NbdModel(r=1.0, alpha=10.0).expected_orders(20, [1], [5], [10]).tolist()
        [2.0]
        """
        return self.orders([horizon], np.ones((1, 1)), frequency, recency, age)[:, 0]
