"""Make `crm_plus.engine` importable without Odoo, although `crm_plus/__init__.py` imports it."""

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if "crm_plus" not in sys.modules:
    package = types.ModuleType("crm_plus")
    package.__path__ = [str(ROOT / "crm_plus")]
    sys.modules["crm_plus"] = package
