"""What the pytest plugin counts and refuses."""

import json
import os
import subprocess
import sys

import pytest

from devtools.common import ROOT

TESTS = """
import unittest
import warnings


class HttpCase(unittest.TestCase):
    pass


class TestPage(HttpCase):
    def test_shown(self):
        pass

    def test_unseen(self):
        self.skipTest("no browser")


class TestPlain(unittest.TestCase):
    def test_bad(self):
        self.fail("on purpose")

    def test_skipped(self):
        self.skipTest("not today")

    def test_old(self):
        warnings.warn_explicit("use y", DeprecationWarning, "crm_plus/models/x.py", 3)
        warnings.warn_explicit("use y", DeprecationWarning, "host/x.py", 3)
"""


@pytest.fixture
def report(tmp_path):
    """Run the tests above; what the plugin hands over."""
    (tmp_path / "test_x.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(fast):
        path = tmp_path / "report.json"
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CRM_PLUS_REPORT": str(path),
            "CRM_PLUS_FAST": "1" if fast else "",
        }
        command = [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "devtools.pytest_guard", "test_x.py"]
        subprocess.run(command, cwd=tmp_path, env=env, capture_output=True)
        return json.loads(path.read_text())

    return run


def test_a_skipped_browser_test_and_our_deprecations_are_problems(report):
    found = report(fast=False)
    assert (found["passed"], found["failed"], found["skipped"]) == (2, 1, 2)
    assert found["problems"] == [
        "browser test skipped: test_x.py::TestPage::test_unseen: Skipped: no browser",
        "deprecation: crm_plus/models/x.py:3: use y",
    ]


def test_a_fast_run_leaves_the_browser_out(report):
    found = report(fast=True)
    assert (found["passed"], found["failed"], found["skipped"]) == (1, 1, 1)
    assert found["problems"] == ["deprecation: crm_plus/models/x.py:3: use y"]
