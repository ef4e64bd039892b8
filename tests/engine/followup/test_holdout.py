"""Who is held out stays so, in shares that hold in every segment."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crm_plus_followup.engine.followup.holdout import PARTS, assign, is_held_out, rank


@given(st.integers(0, 50), st.integers(0, PARTS - 1), st.integers(1, 400))
def test_of_any_run_of_customers_the_share_is_held_out(percent, offset, size):
    held = sum(is_held_out(place, percent / 100, offset) for place in range(size))
    assert abs(held - size * percent / 100) < 1.001


@given(st.lists(st.integers(1, 10_000), unique=True, min_size=20, max_size=300), st.integers(1, 4))
def test_the_share_holds_in_each_segment_whatever_comes_in_which_portions(customers, segments):
    pairs = [(customer, customer % segments) for customer in customers]
    half = len(pairs) // 2
    first = assign(pairs[:half], {}, 0.2, "salt")
    known = Counter(segment for _customer, segment in pairs[:half])
    second = assign(pairs[half:], known, 0.2, "salt")
    found = first | second
    sizes, held = Counter(), Counter()
    for customer, segment in pairs:
        sizes[segment] += 1
        held[segment] += found[customer]
    assert all(abs(held[segment] - 0.2 * size) < 1.001 for segment, size in sizes.items())


def test_the_order_is_that_of_the_salt_and_of_nothing_else():
    customers = [(customer, 0) for customer in range(1000)]
    assert assign(customers, {}, 0.1, "a") == assign(customers[::-1], {}, 0.1, "a")
    assert assign(customers, {}, 0.1, "a") != assign(customers, {}, 0.1, "b")
    assert len({rank(customer, "a") for customer, _segment in customers}) == 1000


def test_nobody_is_held_out_of_no_share_and_every_customer_is_as_likely():
    assert not any(assign([(customer, 0) for customer in range(100)], {}, 0.0, "a").values())
    often = Counter()
    for salt in range(2000):
        found = assign([(7, 0), (8, 0), (9, 1)], {}, 0.25, str(salt))
        often.update(customer for customer, held in found.items() if held)
    assert all(440 <= often[customer] <= 560 for customer in (7, 8, 9))
