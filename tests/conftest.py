"""Make the engines importable without Odoo, although the `__init__.py` of each add-on imports it."""

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

for folder in ROOT.glob("crm_plus*/engine"):
    name = folder.parent.name
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(folder.parent)]
        sys.modules[name] = package
