"""Plain test functions with an environment that is rolled back."""

import pytest


@pytest.fixture
def env(load_registry):
    """The superuser's environment on the test database."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    with Registry(get_db_name()).cursor() as cr:
        try:
            yield api.Environment(cr, SUPERUSER_ID, {})
        finally:
            cr.rollback()
