"""The engine's tests run without Odoo."""

import sys

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_odoo():
    """Whatever the engine's tests import, Odoo is not among it."""
    yield
    assert "odoo" not in sys.modules, "the engine must not import Odoo"
