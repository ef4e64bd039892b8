"""Rules for single files: XML well-formed and indented, JavaScript that parses, nothing tied to a machine."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from devtools.common import ROOT

# written in two pieces, so that this file obeys its own rule
HOSTS = ["py" "pi.org", "python" "hosted.org", "npm" "js.org", "npm" "js.com", "yarn" "pkg.com"]  # fmt: skip
REGISTRY = re.compile("|".join(map(re.escape, HOSTS)), re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.~/<])/(?:home|root|work|Users)/[\w.-]+")


def complaints(paths: list[Path]) -> list[str]:
    """Everything wrong in these files, as `file:line: what`."""
    found = [f"{path.relative_to(ROOT)}:{what}" for path in paths for what in _check(path)]
    return found + _scripts([path for path in paths if path.suffix == ".js" and "lib" not in path.parts])


def _check(path: Path) -> Iterator[str]:
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if found := REGISTRY.search(line):
            yield f"{number}: names the package registry {found[0]}"
        if found := MACHINE.search(line):
            yield f"{number}: names a path of one machine, {found[0]}"
    if path.suffix == ".xml":
        yield from xml_complaints(text)


def xml_complaints(text: str) -> Iterator[str]:
    """What is wrong with an XML file: it parses, is indented by multiples of four spaces, and ends with a line end.

    >>> list(xml_complaints("<odoo>\\n  <record/>\\n</odoo>\\n"))
    ['2: indented by 2 spaces, not by a multiple of 4']
    """
    try:
        ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        yield f"{error.position[0]}: not well-formed XML ({error})"
        return
    for number, line in enumerate(text.splitlines(), 1):
        if "\t" in line:
            yield f"{number}: a tab"
        if line != line.rstrip():
            yield f"{number}: white space at the end"
        spaces = len(line) - len(line.lstrip(" "))
        if line.lstrip().startswith("<") and spaces % 4:
            yield f"{number}: indented by {spaces} spaces, not by a multiple of 4"
    if not text.endswith("\n"):
        yield f"{text.count(chr(10)) + 1}: no line end at the end of the file"


def _scripts(paths: list[Path]) -> list[str]:
    """JavaScript modules that Node cannot parse; nothing where there is no Node."""
    if not shutil.which("node"):
        return []
    found = []
    for path in paths:
        check = ["node", "--check", "--input-type=module"]
        done = subprocess.run(check, input=path.read_text(), capture_output=True, text=True)
        if done.returncode:
            error = next((line for line in done.stderr.splitlines() if "Error" in line), "does not parse")
            found.append(f"{path.relative_to(ROOT)}: {error}")
    return found
