"""One run of pytest, with the counts that the plugin `devtools.pytest_guard` leaves behind."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from devtools.common import ROOT, folder
from devtools.host import Host

NOTHING_COLLECTED = 5


def run(host: Host, phase: str, arguments: list[str], env: Mapping[str, str], output: Path | None = None) -> dict:
    """Passed, failed and skipped counts and problems of one pytest run; it prints into ``output``, shown at its end."""
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.json"
        command = [
            host.python,
            "-m",
            "pytest",
            "-p",
            "devtools.pytest_guard",
            "-o",
            f"cache_dir={folder('pytest', output.stem if output else phase)}",
            *arguments,
        ]
        with output.open("w") if output else nullcontext() as out:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=ROOT, env={**env, "CRM_PLUS_REPORT": str(report)}, stdout=out, stderr=out and subprocess.STDOUT,
            )  # fmt: skip
        if output:
            print(output.read_text(errors="replace"), flush=True)
        if not report.is_file():
            return {"problems": (f"the {phase} tests ended early (pytest's exit code is {done.returncode})",)}
        found = json.loads(report.read_text())
    problems = found.pop("problems")
    found.pop("failures")
    if done.returncode not in (0, 1, NOTHING_COLLECTED):
        problems.append(f"the {phase} tests ended with pytest's exit code {done.returncode}")
    return {**found, "problems": tuple(problems)}
