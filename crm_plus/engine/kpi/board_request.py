"""What is asked of the overview: a period and what narrows it, checked by name."""

from dataclasses import dataclass
from datetime import date, timedelta

from ..checks import RefusedValue, day, identifier, identifiers, named_values, text

# Which records narrow what is shown, by the name of the filter.
NARROWED_BY = ("segment_id", "tier_id", "team_id", "user_id", "country_id", "industry_id", "tag_id")
# Figures of days are broken down by these, one at a time; the others are of people and places.
RECORDED_BY = ("segment_id", "tier_id", "team_id")
LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class BoardRequest:
    """The days ``first`` to ``last``, the id of each record that narrows them, and of another company than the user's
    current one."""

    first: date
    last: date
    narrowed: dict[str, int]
    company_id: int | None = None

    @property
    def before(self) -> tuple[date, date]:
        """The period of the same length just before.

        >>> BoardRequest(date(2026, 3, 11), date(2026, 3, 20), {}).before
        (datetime.date(2026, 3, 1), datetime.date(2026, 3, 10))
        """
        length = self.last - self.first
        last = self.first - timedelta(days=1)
        return last - length, last

    @property
    def recorded_by(self) -> tuple[str, int] | None:
        """The one record by which figures of days are asked for; None for all of the company.

        :raises LookupError: figures are not recorded by that, or by so much at once
        """
        if not self.narrowed:
            return None
        if len(self.narrowed) > 1 or not set(self.narrowed) <= set(RECORDED_BY):
            raise LookupError(", ".join(self.narrowed))
        return next(iter(self.narrowed.items()))


def text_or_id(value) -> str | int:
    """What a row of the overview is called by: a short text, an id, or 0 for none.

    >>> text_or_id("customers"), text_or_id(0)
    ('customers', 0)
    """
    if value is False or value == 0:
        return 0
    return text(40)(value) if isinstance(value, str) else identifier(value)


def few(most: int):
    """A checker of lists of one to ``most`` record ids.

    >>> few(2)([7, 9])
    [7, 9]
    """

    def check(value):
        found = identifiers(value)
        if not 0 < len(found) <= most:
            raise RefusedValue("out_of_range", low=1, high=most)
        return found

    return check


def narrowing(given) -> dict[str, int]:
    """The filters that a client sends, checked: the id of each record that narrows what is shown.

    >>> narrowing({"team_id": 3, "user_id": False}), narrowing(None)
    ({'team_id': 3}, {})
    """
    given = {} if given is None or given is False else named_values(given)
    if unknown := set(given) - set(NARROWED_BY):
        raise RefusedValue("not_a_choice", given=", ".join(sorted(unknown)))
    return {name: identifier(value) for name, value in given.items() if value is not False}


def board_request(given) -> BoardRequest:
    """What a client sends, checked.

    >>> board_request({"date_from": "2026-01-01", "date_to": "2026-01-31", "team_id": 3}).narrowed
    {'team_id': 3}
    """
    given = dict(named_values(given))
    first, last = day(given.pop("date_from", None)), day(given.pop("date_to", None))
    if not 0 <= (last - first).days <= LONGEST_DAYS or first.year < 1900 + LONGEST_DAYS // 365:
        raise RefusedValue("not_a_period", first=str(first), last=str(last))
    company = given.pop("company_id", None)
    return BoardRequest(first, last, narrowing(given), identifier(company) if company else None)
