"""What the bins of a trained model are called. Light: standard library only."""


class Words:
    """In English; the host has the same in its reader's language, with names for the levels that are ids.

    >>> words = Words()
    >>> words.range(None, 2.0), words.range(2.0, 5.0), words.range(5.0, None), words.range(None, None)
    ('up to 2', '2 to 5', 'over 5', 'any')
    """

    def number(self, value: float) -> str:
        """A number without digits it does not need."""
        return f"{value:.15g}"

    def range(self, low: float | None, high: float | None) -> str:
        """Numbers above ``low`` and up to ``high``; None: no limit."""
        if low is None:
            return self.any() if high is None else self.up_to(self.number(high))
        return self.over(self.number(low)) if high is None else self.between(self.number(low), self.number(high))

    def whole_range(self, low: float | None, high: float | None, least: int) -> str:
        """The same of whole numbers, the smallest of which is ``least``; ends are named as they are in the range.

        >>> words = Words()
        >>> words.whole_range(None, 0.0, 0), words.whole_range(None, 2.0, 0), words.whole_range(2.0, 3.0, 0)
        ('0', 'up to 2', '3')
        >>> words.whole_range(3.0, 7.0, 0), words.whole_range(7.0, None, 0)
        ('4 to 7', '8 or more')
        """
        first = least if low is None else low + 1
        if high is None:
            return self.any() if low is None else self.at_least(self.number(first))
        if first >= high:
            return self.number(high)
        return self.up_to(self.number(high)) if low is None else self.between(self.number(first), self.number(high))

    def level(self, feature: str, level: str) -> str:
        """A value of a category or a tag."""
        return level

    def empty(self, feature: str) -> str:
        """No value."""
        return "(empty)"

    def other(self) -> str:
        """Values that were rare or unknown when learning."""
        return "(other)"

    def yes(self) -> str:
        return "yes"

    def no(self) -> str:
        return "no"

    def without(self, tag: str) -> str:
        return f"no {tag}"

    def both(self, first: str, second: str) -> str:
        """One value of each of two fields."""
        return f"{first}, {second}"

    def any(self) -> str:
        return "any"

    def up_to(self, high: str) -> str:
        return f"up to {high}"

    def over(self, low: str) -> str:
        return f"over {low}"

    def at_least(self, low: str) -> str:
        return f"{low} or more"

    def between(self, low: str, high: str) -> str:
        return f"{low} to {high}"


ENGLISH = Words()
