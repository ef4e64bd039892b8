from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.rfm import RfmScore
from crm_plus.engine.loyalty.segments import STANDARD_REGIONS, Region, check_cover, segment_of

CUBE = [RfmScore(*scores) for scores in product(range(1, 6), repeat=3)]


def test_the_standard_segments_are_the_usual_eleven():
    assert {region.name for region in STANDARD_REGIONS} == {
        "Champions",
        "Loyal",
        "Potential loyalist",
        "New",
        "Promising",
        "Needs attention",
        "About to sleep",
        "At risk",
        "Can't lose them",
        "Hibernating",
        "Lost",
    }


def test_the_standard_segments_cover_the_cube_exactly_once():
    assert check_cover(STANDARD_REGIONS)
    assert [sum(score in region for region in STANDARD_REGIONS) for score in CUBE] == [1] * 125


def test_one_code_has_one_name():
    assert len({(region.code, region.name) for region in STANDARD_REGIONS}) == 11


@pytest.mark.parametrize(
    ("code", "segment"),
    [
        ("555", "Champions"),
        ("551", "Loyal"),
        ("333", "Needs attention"),
        ("511", "New"),
        ("155", "Can't lose them"),
        ("153", "At risk"),
        ("111", "Lost"),
        ("115", "Hibernating"),
        ("311", "About to sleep"),
    ],
)
def test_telling_scores_are_in_the_segment_one_expects(code, segment):
    assert segment_of(RfmScore(*map(int, code)), STANDARD_REGIONS).name == segment


def test_a_gap_is_named():
    cover = check_cover([region for region in STANDARD_REGIONS if region.code != "lost"])
    assert not cover
    assert cover.messages() == ["R=1 F=1 M=1 to 3 is in no segment", "R=1 F=2 M=1 to 3 is in no segment"]


def test_an_overlap_is_named_with_both_segments():
    extra = Region("at_risk", "At risk", r_min=2, r_max=2, f_min=4, f_max=4, m_min=4, m_max=4)
    assert check_cover((*STANDARD_REGIONS, extra)).messages() == ["R=2 F=4 M=4 is in both Can't lose them and At risk"]


def test_an_overlap_of_three_names_all_of_them():
    everything = [Region(code, code.upper()) for code in "abc"]
    assert check_cover(everything).messages()[0] == "R=1 F=1 M=1 to 5 is in A, B and C"


def test_a_score_without_a_segment_has_no_silent_default():
    with pytest.raises(LookupError, match="555"):
        segment_of(RfmScore(5, 5, 5), STANDARD_REGIONS[1:])


@pytest.mark.parametrize("change", [{"r_min": 0}, {"m_max": 6}, {"f_min": 5, "f_max": 4}])
def test_a_box_outside_the_cube_or_turned_round_is_refused(change):
    with pytest.raises(ValueError, match="within 1 to 5"):
        replace(Region("x", "X"), **change)


scores = st.integers(1, 5)
ranges = st.tuples(scores, scores).map(sorted)
regions = st.builds(
    lambda code, r, f, m: Region(code, code, *r, *f, *m), st.sampled_from("abc"), ranges, ranges, ranges
)


@given(st.lists(regions, max_size=6))
def test_the_cover_names_exactly_the_scores_without_one_owner(boxes):
    cover = check_cover(boxes)
    named = {
        RfmScore(defect.recency, defect.frequency, monetary)
        for defect in (*cover.gaps, *cover.overlaps)
        for monetary in range(defect.m_min, defect.m_max + 1)
    }
    assert named == {score for score in CUBE if sum(score in box for box in boxes) != 1}
