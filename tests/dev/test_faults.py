import threading
from collections import Counter

import pytest

from devtools.faults.balance import unbalanced

load = pytest.importorskip("devtools.faults.load", reason="needs what the host has: requests")
disturb = pytest.importorskip("devtools.faults.disturb", reason="needs what the host has: psycopg2, psutil")


class Watched(disturb.Watcher):
    """Looks at what it is given instead of a database."""

    def __init__(self, looks):
        self.looks, self.begun, self.waits, self.stop = iter(looks), {}, [], threading.Event()

    def query(self, _sql, *_values):
        return next(self.looks)


def waits(looks, monkeypatch):
    """The long waits that are found when there is a look every tenth of a second."""
    clock = iter(number / 10 for number in range(100))
    monkeypatch.setattr(disturb.time, "monotonic", lambda: next(clock))
    watcher = Watched(looks)
    for _look in looks:
        watcher.step()
    return watcher.long_waits()


def waiting(query="UPDATE sale_order", who="job 7 CRM Plus: check the interaction history"):
    return [(1, query, who, "SELECT 1")]


def test_a_wait_for_a_scheduled_action_of_ours_is_a_finding_when_it_lasts(monkeypatch):
    [(seconds, what)] = waits([waiting(), waiting(), waiting(), []], monkeypatch)
    assert seconds == pytest.approx(0.3)
    assert "check the interaction history" in what
    assert not waits([waiting(), []], monkeypatch)


def test_a_wait_for_others_is_ours_only_in_a_statement_of_ours(monkeypatch):
    for who in ("odoo-12", "job 7 Event: Mail Scheduler"):
        assert not waits([waiting(who=who)] * 4 + [[]], monkeypatch)
        assert waits([waiting("INSERT INTO crm_interaction ...", who)] * 4 + [[]], monkeypatch)


def test_errors_that_a_kill_explains_are_expected():
    user = load.User.__new__(load.User)
    user.errors = Counter(
        {
            ("OperationalError", "terminating connection due to administrator command"): 2,
            ("ConnectionError", ""): 1,
            ("ValidationError", "The date is missing."): 3,
        }
    )
    assert load.unexpected([user]) == {("ValidationError", "The date is missing."): 3}


def test_a_session_is_called_by_its_scheduled_action_or_by_what_its_user_does():
    assert disturb._called("job 12 CRM Plus: check the history", "SELECT 1") == "check the history"
    assert disturb._called("odoo-12", "SAVEPOINT crm_plus_capture; ...") == "a user in a capture"
    assert disturb._called("odoo-12", "SELECT 1") == "a user"


def test_what_a_rule_does_is_done_once_for_each_follow_up():
    def wrong(followed, done):
        return [dict(found) for found in unbalanced(*map(Counter, (followed, done)))]

    assert wrong([1, 2, 2], [1, 2, 2]) == [{}, {}]
    assert wrong([1, 1], [1]) == [{1: 1}, {}], "it was lost once"
    assert wrong([1], [1, 1]) == [{}, {1: 1}], "it was doubled"
    assert wrong([], [1]) == [{}, {1: 1}]
