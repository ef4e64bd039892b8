"""How a whole run is shared among processes."""

from devtools import testing


def test_every_test_file_is_in_one_share(tmp_path, monkeypatch):
    for number in range(7):
        (tmp_path / "addon/tests/subject").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"addon/tests/subject/test_{number}.py").write_text("x" * (number + 1))
    (tmp_path / "addon/tests/subject/common.py").write_text("")
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    first, second = testing._shares(["addon/tests"], 2)
    assert sorted(first + second) == [f"addon/tests/subject/test_{number}.py" for number in range(7)]
    lengths = [sum((tmp_path / path).stat().st_size for path in share) for share in (first, second)]
    assert abs(lengths[0] - lengths[1]) <= 1


def test_one_share_keeps_the_order_of_the_places(tmp_path, monkeypatch):
    for name in ("b/test_z.py", "b/test_a.py", "a/test_m.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    assert testing._shares(["b", "a"], 1) == [["b/test_a.py", "b/test_z.py", "a/test_m.py"]]
