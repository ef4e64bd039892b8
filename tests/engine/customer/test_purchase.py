import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.purchase import summarize

logs = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 40), st.integers(-20, 100)), max_size=40)


def by_hand(log, end):
    """The summary of a log, customer by customer."""
    rows = []
    for customer in sorted({who for who, day, _amount in log if day <= end}):
        amounts = {}
        for who, day, amount in log:
            if who == customer and day <= end:
                amounts[day] = amounts.get(day, 0) + amount
        first, last = min(amounts), max(amounts)
        repeats = [amount for day, amount in amounts.items() if day > first]
        mean = sum(repeats) / len(repeats) if repeats else 0
        rows.append((customer, len(repeats), last - first, end - first, mean))
    return rows


@given(logs)
def test_the_summary_is_the_one_made_by_hand(log):
    customers, days, amounts = zip(*log, strict=True) if log else ((), (), ())
    summary = summarize(customers, days, amounts, end=30)
    columns = (summary.customers, summary.frequency, summary.recency, summary.age, summary.value)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert rows == [pytest.approx(row) for row in by_hand(log, 30)]


@given(logs, st.randoms())
def test_the_summary_does_not_depend_on_the_order_of_the_log(log, random):
    if log:
        one = summarize(*zip(*log, strict=True), end=30)
        other = summarize(*zip(*random.sample(log, len(log)), strict=True), end=30)
        assert np.array_equal(one.frequency, other.frequency)
        assert np.array_equal(one.age, other.age)


def test_an_empty_log_has_no_customers():
    assert len(summarize([], [], [], end=30)) == 0


def test_dates_will_do_as_days():
    summary = summarize(["a", "a"], np.array(["2026-01-01", "2026-01-08"], "datetime64[D]"), [1, 2], end=20474)
    assert summary.recency.tolist() == [7.0]


def test_the_summary_of_cdnow_is_that_of_lifetimes(cdnow_log):
    pandas = pytest.importorskip("pandas")
    utils = pytest.importorskip("lifetimes.utils")
    customers, days, amounts = cdnow_log
    end = np.datetime64("1997-09-30")
    ours = summarize(customers, days, amounts, end, days_per_unit=7)
    log = pandas.DataFrame({"who": customers, "day": days.astype("datetime64[s]"), "amount": amounts})
    theirs = utils.summary_data_from_transaction_data(log, "who", "day", "amount", observation_period_end="1997-09-30")
    theirs = theirs.sort_index()
    assert ours.customers.tolist() == theirs.index.tolist()
    assert ours.frequency.tolist() == theirs["frequency"].tolist()
    assert ours.recency * 7 == pytest.approx(theirs["recency"].to_numpy())
    assert ours.age * 7 == pytest.approx(theirs["T"].to_numpy())
    assert ours.value == pytest.approx(theirs["monetary_value"].to_numpy())
