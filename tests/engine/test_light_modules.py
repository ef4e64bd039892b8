import subprocess
import sys
from pathlib import Path

LIGHT = (
    "checks",
    "customer.abstention",
    "customer.cluster_ranges",
    "customer.rfm",
    "customer.rhythm",
    "interaction.ingest_rows",
    "interaction.timeline_request",
    "loyalty.hysteresis",
    "loyalty.segments",
    "loyalty.stays",
    "loyalty.tiers",
    "prediction.advice",
    "prediction.fairness",
    "prediction.features",
    "prediction.landmarks",
    "prediction.parts",
    "prediction.shortfall",
    "prediction.split",
    "prediction.words",
    "score.capacity",
    "score.rules",
)
ROOT = Path(__file__).parents[2]
SCRIPT = """
import importlib, sys, types
package = types.ModuleType("crm_plus")
package.__path__ = [{path!r}]
sys.modules["crm_plus"] = package
for name in {names!r}:
    importlib.import_module("crm_plus.engine." + name)
print(sorted({{"numpy", "scipy", "sklearn", "pandas", "odoo"}} & set(sys.modules)))
"""


def test_light_modules_import_nothing_heavy():
    script = SCRIPT.format(path=str(ROOT / "crm_plus"), names=LIGHT)
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
