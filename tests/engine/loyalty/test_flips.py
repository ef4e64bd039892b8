"""Scores one step from another segment."""

from itertools import product

from crm_plus.engine.customer.rfm import SCORES, RfmScore
from crm_plus.engine.loyalty.flips import flips
from crm_plus.engine.loyalty.segments import STANDARD_REGIONS, segment_of


def standard(score):
    return segment_of(score, STANDARD_REGIONS).code


def test_exactly_the_scores_whose_neighbor_is_elsewhere():
    found = flips(standard)
    for r, f, m in product(SCORES, repeat=3):
        code = RfmScore(r, f, m).code
        falls = r > 1 and standard(RfmScore(r, f, m)) != standard(RfmScore(r - 1, f, m))
        rises = f < 5 and standard(RfmScore(r, f, m)) != standard(RfmScore(r, f + 1, m))
        assert (code in found.falls.get(r, ())) == falls
        assert (code in found.rises.get(f, ())) == rises


def test_one_segment_for_all_flips_nowhere():
    found = flips(lambda score: "all")
    assert not found.falls
    assert not found.rises
