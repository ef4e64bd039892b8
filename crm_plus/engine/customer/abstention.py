"""What a model says instead of a number when the data cannot carry one."""

from enum import Enum


class Reason(str, Enum):
    """Why there is no number. The codes are stable: callers translate them."""

    TOO_FEW_CUSTOMERS = "too_few_customers"
    TOO_FEW_REPEATERS = "too_few_repeaters"
    TOO_SHORT_A_HISTORY = "too_short_a_history"
    NOTHING_BEATS_THE_PAST = "nothing_beats_the_past"
    NO_CLEAR_GROUPS = "no_clear_groups"
    ONE_GROUP = "one_group"
    NOT_CONVERGED = "not_converged"
    NO_INTERIOR_OPTIMUM = "no_interior_optimum"
    VALUE_DEPENDS_ON_FREQUENCY = "value_depends_on_frequency"
    INFINITE_MEAN_VALUE = "infinite_mean_value"


SENTENCES = {
    Reason.TOO_FEW_CUSTOMERS: "{found:g} customers, {needed:g} are needed ({shortfall:g} more)",
    Reason.TOO_FEW_REPEATERS: "{found:g} customers who ordered again, {needed:g} are needed ({shortfall:g} more)",
    Reason.TOO_SHORT_A_HISTORY: "{found:g} days of orders, {needed:g} are needed ({shortfall:g} more)",
    Reason.NOTHING_BEATS_THE_PAST: (
        "no model forecast better than repeating the past would have: deviance {found:.3f}, not below {needed:.3f}"
    ),
    Reason.NO_CLEAR_GROUPS: (
        "no clear groups: those of other samples of the customers agree by {found:.2f}, {needed:.2f} is needed"
    ),
    Reason.ONE_GROUP: ("no clear groups: customers fit theirs by {found:.2f}, and by {needed:.2f} if there were none"),
    Reason.NOT_CONVERGED: "the search for the parameters did not end: slope {found:.2g}, not {needed:.2g}",
    Reason.NO_INTERIOR_OPTIMUM: "the likelihood has no maximum: {detail} runs to its limit {needed:.2g}",
    Reason.VALUE_DEPENDS_ON_FREQUENCY: (
        "order value depends on order frequency: rank correlation {found:.2f}, at most {needed:.2f} is allowed"
    ),
    Reason.INFINITE_MEAN_VALUE: "the mean order value has no finite estimate: q is {found:.3g}, not above {needed:g}",
}


class CannotFit(Exception):
    """A model that abstains, with the reason and the exact shortfall.

    ``found`` is what the data have and ``needed`` the limit they miss; ``detail`` names the parameter, if any.

    >>> str(CannotFit(Reason.TOO_FEW_REPEATERS, found=12, needed=30))
    '12 customers who ordered again, 30 are needed (18 more)'
    """

    def __init__(self, reason: Reason, *, found: float, needed: float, detail: str = "") -> None:
        self.reason = reason
        self.found = found
        self.needed = needed
        self.detail = detail
        super().__init__(
            SENTENCES[reason].format(found=found, needed=needed, shortfall=abs(needed - found), detail=detail)
        )


def require(reason: Reason, *, found: float, needed: float) -> None:
    """Raise `CannotFit` unless ``found`` reaches ``needed``.

    >>> require(Reason.TOO_FEW_CUSTOMERS, found=100, needed=100)
    """
    if found < needed:
        raise CannotFit(reason, found=found, needed=needed)
