"""What has changed since the installation: the same days of the year, then and now.

Everything since is compared with what was replayed of the year before, which nothing changes any more. It says what
came with the effort, not because of it: that is what groups held out of follow-up tell.
"""

from dataclasses import dataclass
from datetime import date, timedelta

YEAR = 365
# Shorter, and a single order decides.
FEWEST_DAYS = 28
DAYS_A_MONTH = YEAR / 12


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two periods of the same length and season: before the installation, and since."""

    then: tuple[date, date]
    now: tuple[date, date]

    @property
    def months(self) -> float:
        """How long each is."""
        return ((self.now[1] - self.now[0]).days + 1) / DAYS_A_MONTH


def comparison(began: date, last: date) -> Comparison | None:
    """The periods on the day ``last`` of what is recorded since the day ``began``; None as long as it is too early.

    In the first year they are the days since and the same a year earlier, later the last year and the one before the
    installation.

    >>> comparison(date(2026, 1, 1), date(2026, 3, 1)).then
    (datetime.date(2025, 1, 1), datetime.date(2025, 3, 1))
    >>> comparison(date(2026, 1, 1), date(2026, 1, 27)), comparison(date(2026, 1, 1), date(2026, 1, 28)).now[1].day
    (None, 28)
    """
    days = (last - began).days + 1
    if days < FEWEST_DAYS:
        return None
    if days <= YEAR:
        back = timedelta(days=YEAR)
        return Comparison((began - back, last - back), (began, last))
    return Comparison(
        (began - timedelta(days=YEAR), began - timedelta(days=1)), (last - timedelta(days=YEAR - 1), last)
    )


def return_of_effort(gain: float | None, cost: float | None) -> float | None:
    """Percent of its cost that the effort has brought beyond it: (gain - cost) / cost; None without a cost.

    >>> return_of_effort(300, 100), return_of_effort(300, 0), return_of_effort(None, 5)
    (200.0, None, None)
    """
    if gain is None or cost is None or cost <= 0:
        return None
    return 100 * (gain - cost) / cost
