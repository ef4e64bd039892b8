"""`crm_plus/demo/copies.py`, by its path: also for a benchmark that comes before Odoo, and beside an older version."""

import importlib.util
from pathlib import Path

PLACE = Path(__file__).resolve().parents[2] / "crm_plus" / "demo" / "copies.py"
_spec = importlib.util.spec_from_file_location("crm_plus_demo_copies", PLACE)
_copies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_copies)
LINE_AMOUNTS, QUIET, Purchase = _copies.LINE_AMOUNTS, _copies.QUIET, _copies.Purchase
copy_orders, insert_copies, reserve_ids = _copies.copy_orders, _copies.insert_copies, _copies.reserve_ids
