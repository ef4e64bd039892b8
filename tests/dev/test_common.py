"""The ground of the tool."""

import multiprocessing
import threading

import pytest

from devtools import common


@pytest.fixture(autouse=True)
def dev_home(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_PLUS_DEV_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_stamp_counts_for_its_own_text_only(dev_home):
    place = dev_home / "stamps" / "x"
    assert not common.stamped(place, "1")
    common.stamp(place, "1")
    assert common.stamped(place, "1")
    assert not common.stamped(place, "2")


def _hold(entered, leave):
    with common.locked("x"):
        entered.set()
        leave.wait(10)


def test_a_second_run_waits_for_the_first_and_says_so(capfd):
    entered, leave = multiprocessing.Event(), multiprocessing.Event()
    other = multiprocessing.Process(target=_hold, args=(entered, leave))
    other.start()
    assert entered.wait(10)
    threading.Timer(0.2, leave.set).start()
    with common.locked("x"):
        assert leave.is_set()
    other.join()
    assert "waiting for another ./dev (x)" in capfd.readouterr().err


def test_each_run_gets_a_slot_of_its_own():
    with common.free_slot("x") as first, common.free_slot("x") as second:
        assert first != second
    with common.free_slot("x") as again:
        assert again == first


def test_a_failing_command_is_one_sentence_with_its_log(capfd):
    with pytest.raises(common.DevError, match=r"It broke\. \(the log is .*x\.log\)"):
        common.run(["sh", "-c", "echo why; exit 3"], "It broke.", log="x")
    assert "why" in capfd.readouterr().err


def test_a_missing_command_is_named():
    with pytest.raises(common.DevError, match="no_such_program is not installed"):
        common.run(["no_such_program"], "It broke.", log="x")


def test_a_dev_home_that_cannot_be_made_says_what_to_set(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CRM_PLUS_DEV_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(common.DevError, match="set CRM_PLUS_DEV_HOME"):
        common.folder("x")
