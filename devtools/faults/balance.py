"""What rules have done on entering and leaving a segment, counted against the follow-ups that are over."""

from collections import Counter


def unbalanced(followed: Counter, done: Counter) -> tuple[Counter, Counter]:
    """(lost, doubled) of each customer: what a rule does is done once for each follow-up."""
    return followed - done, done - followed
