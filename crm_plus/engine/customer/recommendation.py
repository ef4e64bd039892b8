"""Whether customers would recommend us: the Net Promoter Score and how far it can be trusted."""

from math import sqrt

# Who answers from 0 to 10 how likely they would recommend us (Reichheld 2003, The one number you need to grow).
PROMOTER, DETRACTOR = 9, 6
# Of fewer answers a score says little.
FEW_ANSWERS = 30
# Of the normal distribution, for 95 %.
QUANTILE = 1.96


def recommends(score: int) -> str:
    """Which of the three an answer from 0 to 10 makes somebody.

    >>> [recommends(score) for score in (0, 6, 7, 8, 9, 10)]
    ['detractor', 'detractor', 'passive', 'passive', 'promoter', 'promoter']
    """
    return "promoter" if score >= PROMOTER else "detractor" if score <= DETRACTOR else "passive"


def score_interval(promoters: float, detractors: float, answers: float) -> tuple[float, float] | None:
    """The 95% limits of a Net Promoter Score in points; None without answers.

    The adjusted Wald interval with three more answers, three quarters of a promoter and of a detractor among them
    (Rocks 2016, Interval Estimation for the "Net Promoter Score", The American Statistician 70): it keeps its promise
    for few answers and where all are alike, where the plain one has no width.

    >>> [round(limit) for limit in score_interval(50, 20, 100)]
    [14, 44]
    >>> [round(limit) for limit in score_interval(5, 0, 5)]
    [17, 100]
    >>> score_interval(0, 0, 0) is None
    True
    """
    if not answers:
        return None
    count, share_up, share_down = answers + 3, promoters + 0.75, detractors + 0.75
    share_up, share_down = share_up / count, share_down / count
    score = share_up - share_down
    margin = QUANTILE * sqrt(max(0, share_up + share_down - score * score) / count)
    return max(-100.0, 100 * (score - margin)), min(100.0, 100 * (score + margin))
