"""The process of one benchmark: `python -m devtools.scripts.bench_run NAME ARGUMENTS`, started by `./dev bench`."""

import argparse
import importlib
import json
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.harness import Figure
from devtools import host as hosts

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    """Run the benchmark, print its figures; 1 when one of them misses its target."""
    name, *rest = arguments
    prepare = {"engine": _bare_package, "odoo": _configured_odoo, "host": hosts.ensure}
    module = importlib.import_module(f"benchmarks.{name}")
    prepared = prepare[module.NEEDS]()
    parser = argparse.ArgumentParser(prog=f"./dev bench {name}", description=module.__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data, 1 being the size of the targets")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    if hasattr(module, "add_arguments"):
        module.add_arguments(parser)
    options = parser.parse_args(rest)
    options.env_factory = options.host = prepared
    figures = list(module.run(options))
    print(json.dumps([asdict(figure) for figure in figures], indent=2) if options.json else table(figures))
    return 1 if any(figure.passed is False for figure in figures) else 0


def _bare_package() -> None:
    """Make the engines importable without Odoo."""
    for folder in ROOT.glob("crm_plus*/engine"):
        package = types.ModuleType(folder.parent.name)
        package.__path__ = [str(folder.parent)]
        sys.modules[folder.parent.name] = package


def _configured_odoo() -> Callable:
    """Odoo on the benchmark's database; the context manager that gives its environment and commits at the end."""
    from odoo import SUPERUSER_ID, api, tools
    from odoo.modules.registry import Registry

    tools.config.parse_config(["--log-level=warn"], setup_logging=True)
    _bare_package()

    @contextmanager
    def env_factory(uid: int = SUPERUSER_ID) -> Iterator[api.Environment]:
        with Registry(tools.config["db_name"][0]).cursor() as cr:
            yield api.Environment(cr, uid, {})

    return env_factory


def number(value: float) -> str:
    """A figure as people read it.

    >>> number(1234567.8), number(12.345), number(0.00123)
    ('1,234,568', '12.35', '0.00123')
    """
    if value and abs(value) < 0.1:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 100 else f"{value:.2f}"


def table(figures: list[Figure]) -> str:
    """The figures in aligned columns."""
    rows = [("figure", "value", "reference", "ratio", "target", "")]
    for figure in figures:
        reference = (
            ""
            if figure.reference is None
            else f"{number(figure.reference)} {figure.unit} {figure.reference_name}".strip()
        )
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} x"
        verdict = {None: "", True: "ok", False: "MISSED"}[figure.passed]
        rows.append(
            (figure.name, f"{number(figure.value)} {figure.unit}".strip(), reference, ratio, figure.target, verdict)
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
