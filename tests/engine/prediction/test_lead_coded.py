"""Columns that keep each distinct value once say what plain lists say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lead_samples import FEATURES, sample_leads

from crm_plus.engine.prediction.binning import learn_bins
from crm_plus.engine.prediction.coded import Coder, Floats, coded, numbers, varies
from crm_plus.engine.prediction.leakage import find_leaks
from crm_plus.engine.prediction.train import train

VALUES = st.lists(st.sampled_from(["Web", "Fair", "", None, 7, 7.5, True]))
TAGS = st.lists(st.none() | st.lists(st.sampled_from(["VIP", "new"]), max_size=2))


def compressed(columns):
    numeric = {feature.name for feature in FEATURES if feature.kind == "numeric"}
    return {name: numbers(values) if name in numeric else coded(values) for name, values in columns.items()}


@given(VALUES, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_values_that_come_in_parts_make_the_column_they_would_make_at_once(values, size):
    coder = Coder()
    for low in range(0, len(values), size):
        coder.add(values[low : low + size])
    column = coder.column()
    assert list(column) == list(coded(values)) == values
    assert [column[place] for place in range(len(column))] == values
    assert len(set(map(repr, column.values))) == len(column.values)


@given(TAGS)
@settings(max_examples=30, deadline=None)
def test_collections_of_tags_are_kept(values):
    assert [None if tags is None else list(tags) for tags in coded(values)] == values


def test_values_that_are_the_same_once_cleaned_are_one():
    coder = Coder(lambda value: value and value.strip())
    coder.add([" Web", None, "Fair"])
    coder.add(["Web ", "Web"])
    column = coder.column()
    assert list(column) == ["Web", None, "Fair", "Web", "Web"]
    assert column.values == ["Web", None, "Fair"]


def test_what_counts_as_nothing_becomes_none():
    coder = Coder(lambda value: None if value is False or value == "" else value)
    coder.add(["Web", False, ""])
    coder.add([None, "Web"])
    assert list(coder.column()) == ["Web", None, None, None, "Web"]


def test_numbers_that_come_in_parts_keep_what_is_missing():
    column = Floats()
    column.add((1, None))
    column.add((2.5,))
    assert numbers(column.column()).tolist() == pytest.approx([1, np.nan, 2.5], nan_ok=True)
    assert Floats().column().shape == (0,)


@pytest.mark.parametrize("values", [["Web", None], numbers([1, 2]), numbers([None, 1]), [["VIP"], []]])
def test_a_column_with_two_values_varies(values):
    assert varies(values)


@pytest.mark.parametrize("values", [["Web"] * 2, [None] * 2, numbers([None] * 2), numbers([3, 3]), [["VIP"]] * 2])
def test_a_column_with_one_value_does_not(values):
    assert not varies(values)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_bins_are_the_same(feature):
    columns, _won = sample_leads(400)
    short = compressed(columns)[feature.name]
    bins = learn_bins(feature, columns[feature.name])
    assert learn_bins(feature, short) == bins
    assert (bins.codes(short) == bins.codes(columns[feature.name])).all()
    some = np.array([7, 3, 7])
    assert (bins.codes(short[some]) == bins.codes(columns[feature.name])[some]).all()


def test_models_and_leaks_are_the_same():
    columns, won = sample_leads(700)
    short = compressed(columns)
    assert train(short, won, FEATURES) == train(columns, won, FEATURES)
    columns["outcome"] = short["outcome"] = ["yes" if outcome else None for outcome in won]
    features = [*FEATURES, type(FEATURES[0])("outcome", "presence")]
    leaks = find_leaks(columns, won, features, {name: values[:50] for name, values in columns.items()})
    assert find_leaks(short, won, features, {name: values[:50] for name, values in short.items()}) == leaks != []
