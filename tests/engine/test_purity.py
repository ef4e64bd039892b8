"""The engine is computation alone."""

import importlib
import pkgutil
import sys
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent.parent / "crm_plus" / "engine"


def test_every_engine_module_imports_without_odoo():
    for module in pkgutil.walk_packages([str(ENGINE)], "crm_plus.engine."):
        importlib.import_module(module.name)
    assert "odoo" not in sys.modules
