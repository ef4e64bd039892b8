"""How figures are judged and shown."""

import pytest

from benchmarks.harness import Figure, at_least, at_most, paired, timed
from devtools.scripts import bench_run


def test_figures_stand_beside_reference_and_target():
    figures = [
        at_most("refresh", 3.0, 2.0, reference=1.0, reference_name="bare GROUP BY", ratio=True),
        at_least("AUC", 0.87, 0.863, unit=""),
        Figure("rows", 1000000.0, ""),
    ]
    lines = bench_run.table(figures).splitlines()
    assert "3.00 s" in lines[1] and "1.00 s bare GROUP BY" in lines[1] and "3.00 x" in lines[1]
    assert lines[1].endswith("MISSED") and "<= 2 x" in lines[1]
    assert lines[2].endswith("ok") and ">= 0.863" in lines[2]
    assert "1,000,000" in lines[3]


def test_a_ratio_without_a_reference_is_refused():
    with pytest.raises(ValueError, match="needs a reference"):
        at_most("x", 1.0, 2.0, ratio=True)


def test_pairs_alternate():
    calls = []
    pairs = paired(lambda: calls.append("a"), lambda: calls.append("b"), repeat=3, warmup=1)
    assert "".join(calls) == "ab" + "ab" + "ba" + "ab"
    assert len(pairs.ratios) == 3
    assert len(timed(lambda: None, repeat=4)) == 4
