"""A pytest plugin: counts for `./dev test`, no silent skip of a browser test, no deprecation that names the add-on."""

import json
import os
from pathlib import Path

ADDON = "crm_plus"
ROOT = Path(__file__).resolve().parent.parent

_problems: list[str] = []
_browser_tests: set[str] = set()


def _is_browser_test(item) -> bool:
    return any(base.__name__ == "HttpCase" for base in getattr(getattr(item, "cls", None), "__mro__", ()))


def pytest_collection_modifyitems(config, items) -> None:
    """Leave the browser out of a fast run; remember who needs it otherwise."""
    slow = [item for item in items if _is_browser_test(item)]
    if os.environ.get("CRM_PLUS_FAST"):
        items[:] = [item for item in items if item not in slow]
        config.hook.pytest_deselected(items=slow)
    else:
        _browser_tests.update(item.nodeid for item in slow)


def pytest_runtest_logreport(report) -> None:
    """A skipped browser test has tested nothing."""
    if report.skipped and report.nodeid in _browser_tests and not hasattr(report, "wasxfail"):
        _problems.append(f"browser test skipped: {report.nodeid}: {report.longrepr[-1]}")


def pytest_warning_recorded(warning_message, nodeid) -> None:
    """A deprecation in our own code is a failure."""
    place = warning_message.filename.replace(str(ROOT), "")
    text = f"{place}:{warning_message.lineno}: {warning_message.message}"
    if "Deprecat" in warning_message.category.__name__ and ADDON in text and "/tests/" not in place:
        _problems.append(f"deprecation: {text}")


def pytest_terminal_summary(terminalreporter) -> None:
    """Hand the counts over."""
    path = os.environ.get("CRM_PLUS_REPORT")
    if not path:
        return
    counts = {
        kind: len(terminalreporter.getreports(kind)) for kind in ("passed", "failed", "error", "skipped", "xfailed")
    }
    found = {
        "passed": counts["passed"],
        "failed": counts["failed"] + counts["error"],
        "skipped": counts["skipped"] + counts["xfailed"],
        "problems": list(dict.fromkeys(_problems)),
        "failures": sorted({r.nodeid for kind in ("failed", "error") for r in terminalreporter.getreports(kind)}),
    }
    Path(path).write_text(json.dumps(found))
