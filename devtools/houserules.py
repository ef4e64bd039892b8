"""The rules of the house that no ready-made tool knows: one class one file, floors, labels, hooks, lengths.

A complaint reads `file:line: what`. Everything is found in the source, without Odoo.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devtools.addons import MAIN

LONGEST = 800
CODE = {".py", ".js", ".xml", ".scss"}
FLOORS = ("engine", "services", "models")  # from the ground up: each may lean on those below
ABOVE = ("wizard", "controllers", "report")  # as high as the models
BESIDE = {"demo": "services"}  # as high as that: a model has it load
# a name of one word labels its field, as in the host; these are no words
ABBREVIATIONS = {"abc", "auc", "brier", "clv", "cron", "ece", "kpi", "model", "pct", "qty", "ref", "res", "rfm", "uid"}
SHORT_WORDS = {"date", "day", "job", "tag"}
UNEXPLAINED = re.compile(
    r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|pylint:\s*disable=[\w,-]+|type:\s*ignore\S*)\s*$"
)
HOOK = re.compile(r"^\| `(?P<name>\w+)\((?P<arguments>[^)]*)\)` \| (?P<models>[^|]+)\|")
# what writes, and the methods that are called by reading
WRITING = {"create", "unlink", "write"}
READING = ("_compute_", "_search_")
PATH = re.compile(r"`([\w./-]+/[\w.-]+\.(?:py|xml|js|csv|scss))`")


@dataclass(frozen=True)
class Model:
    """A class of an Odoo model as its file declares it."""

    path: Path
    line: int
    name: str
    inherits: tuple[str, ...]
    methods: dict[str, list[str]] = field(compare=False, hash=False)
    fields: dict[str, ast.Call] = field(compare=False, hash=False)

    @property
    def is_extension(self) -> bool:
        """Whether it adds to a model that another class declares."""
        return self.name in self.inherits


def complaints(root: Path, addons: Iterable[str], paths: Iterable[Path]) -> list[str]:
    """All that these files of the repository at ``root`` do against the rules."""
    paths = list(paths)
    found = [what for addon in addons for what in _in_addon(root, addon, paths)]
    found += [what for path in paths if path.suffix in CODE for what in too_long(path)]
    found += [what for path in paths if path.suffix == ".py" for what in silenced(path)]
    found += [what for path in paths if path.suffix == ".md" for what in missing_files(path, root)]
    return [line.replace(f"{root}/", "") for line in found]


def _in_addon(root: Path, addon: str, paths: list[Path]) -> Iterator[str]:
    folder = root / addon
    inside = [path for path in paths if path.suffix == ".py" and folder in path.parents]
    models = list(models_of(path for path in inside if "tests" not in path.relative_to(folder).parts))
    yield from split_models(models)
    yield from misnamed(models)
    yield from unlabeled(models)
    yield from unloaded_tests(folder)
    for path in inside:
        yield from floors(path, folder)
        yield from writing_readers(path, folder)
        yield from lost_attributes(path)
    if addon == MAIN:
        yield from missing_hooks(root / "docs" / "extend.md", models)


def models_of(paths: Iterable[Path]) -> Iterator[Model]:
    """The classes of Odoo models in these files, in their order."""
    for path in paths:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and (model := _model(path, node)):
                yield model


def split_models(models: list[Model]) -> Iterator[str]:
    """One class one file: an own model is not extended in its own add-on, one of the host's once a subject."""
    own = {model.name: model for model in models if not model.is_extension}
    rooms: dict[tuple[str, Path], Model] = {}
    for model in models:
        if not model.is_extension:
            continue
        if model.name in own:
            home = own[model.name]
            yield f"{model.path}:{model.line}: {model.name} is ours and lies in {home.path.name}"
        elif first := rooms.get((model.name, model.path.parent)):
            yield f"{model.path}:{model.line}: {model.name} is extended in {first.path.name} as well"
        rooms.setdefault((model.name, model.path.parent), model)


def misnamed(models: list[Model]) -> Iterator[str]:
    """A file bears the name of the first model in it."""
    seen: set[Path] = set()
    for model in models:
        if model.path in seen:
            continue
        seen.add(model.path)
        if model.path.stem != model.name.replace(".", "_"):
            yield f"{model.path}:{model.line}: holds {model.name}, so it is named {model.name.replace('.', '_')}.py"


def floors(path: Path, addon: Path) -> Iterator[str]:
    """Imports that lead up the floors, from the engine to Odoo, or from the add-on to one that may be missing."""
    place = path.relative_to(addon).parts
    floor = place[0]
    if floor == "tests":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        for target in imported(node, path, addon):
            if floor == "engine" and target.split(".")[0] == "odoo":
                yield f"{path}:{node.lineno}: the engine knows nothing of Odoo ({target})"
            elif target.split(".")[0] == addon.name and _height(floor) < _height([*target.split("."), ""][1]):
                yield f"{path}:{node.lineno}: {floor} lean on nothing above them ({target})"
            elif target.startswith(f"{addon.name}_"):
                yield f"{path}:{node.lineno}: {target.split('.')[0]} may not be installed"


def unlabeled(models: list[Model]) -> Iterator[str]:
    """Fields whose label would be made of their technical name, as in "Backfill Next"."""
    named = {(model.name, name) for model in models for name in model.fields}
    for model in models:
        for name, call in model.fields.items():
            taken_over = any((base, name) in named for base in model.inherits if base != model.name)
            if _leaks(name) and not taken_over and not _has_label(call):
                yield f"{model.path}:{call.lineno}: {model.name}.{name} has no label; say string="


def writing_readers(path: Path, addon: Path) -> Iterator[str]:
    """Computed fields and searches that write: a screen is read where nothing can be written, too."""
    if path.relative_to(addon).parts[0] == "tests":
        return
    for method in ast.walk(ast.parse(path.read_text())):
        if not isinstance(method, ast.FunctionDef) or not method.name.startswith(READING):
            continue
        for node in ast.walk(method):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITING:
                yield f"{path}:{node.lineno}: {method.name} is called by reading; it must not {node.func.attr}"


def lost_attributes(path: Path) -> Iterator[str]:
    """Mixins that say whether who wrote a record and when is kept: no model takes that over from them."""
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.ClassDef) or "AbstractModel" not in [getattr(b, "attr", "") for b in node.bases]:
            continue
        for statement in node.body:
            if isinstance(statement, ast.Assign) and "_log_access" in map(ast.unparse, statement.targets):
                yield f"{path}:{statement.lineno}: _log_access of a mixin goes to no model; each says its own"


def missing_hooks(page: Path, models: list[Model]) -> Iterator[str]:
    """Hooks that the page for developers promises and no model has, or has with other arguments."""
    methods: dict[str, dict[str, list[str]]] = defaultdict(dict)
    bases: dict[str, set[str]] = defaultdict(set)
    for model in models:
        methods[model.name] |= model.methods
        bases[model.name] |= {*model.inherits} - {model.name}
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not (hook := HOOK.match(line)):
            continue
        arguments = [word.strip() for word in hook["arguments"].split(",") if word.strip()]
        for name in re.findall(r"`([\w.]+)`", hook["models"]):
            found = _method(hook["name"], name, methods, bases)
            if found is None:
                yield f"{page}:{number}: {name} has no method {hook['name']}"
            elif found != arguments:
                yield f"{page}:{number}: {hook['name']} of {name} takes {', '.join(found) or 'nothing'}"


def unloaded_tests(addon: Path) -> Iterator[str]:
    """Files of tests that Odoo's own test run does not see: it runs what the package of tests names."""
    package = addon / "tests" / "__init__.py"
    if not package.is_file():
        return
    named = {
        alias.name
        for node in ast.walk(ast.parse(package.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for path in sorted((addon / "tests").rglob("test_*.py")):
        if path.stem not in named:
            yield f"{path}:1: {package} does not name it: only pytest would run it"


def too_long(path: Path) -> Iterator[str]:
    """A file that is more than one thing."""
    lines = path.read_text().count("\n")
    if lines > LONGEST:
        yield f"{path}:{LONGEST}: {lines} lines; give a class or functions to services/ or engine/"


def silenced(path: Path) -> Iterator[str]:
    """Findings that are silenced without a reason beside them or in the line above."""
    above = ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if UNEXPLAINED.search(line) and not above.strip().startswith("#"):
            yield f"{path}:{number}: silences a finding; say why beside it"
        above = line


def missing_files(page: Path, root: Path) -> Iterator[str]:
    """Files that a page names and that are not there."""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        for name in PATH.findall(line):
            if "NAME" not in name and not any(
                (place / name).exists() for place in (root, root / "crm_plus", page.parent)
            ):
                yield f"{page}:{number}: there is no {name}"


def _model(path: Path, node: ast.ClassDef) -> Model | None:
    """The model that a class declares; nothing when it is another kind of class."""
    values = {
        target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    inherits = _texts(values.get("_inherit"))
    name = next(iter(_texts(values.get("_name")) or inherits), "")
    if not name or not any(isinstance(base, ast.Attribute) and "Model" in base.attr for base in node.bases):
        return None
    methods = {
        statement.name: [argument.arg for argument in statement.args.args[1:]]
        for statement in node.body
        if isinstance(statement, ast.FunctionDef)
    }
    fields = {key: value for key, value in values.items() if _is_field(value)}
    return Model(path, node.lineno, name, inherits, methods, fields)


def _texts(node: ast.expr | None) -> tuple[str, ...]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.List | ast.Tuple):
        return tuple(text for element in node.elts for text in _texts(element))
    return ()


def _is_field(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "fields"
    )


def _leaks(name: str) -> bool:
    """Whether a label made of the name of a field would not be a plain word."""
    words = name.removesuffix("_ids").removesuffix("_id").split("_")
    short = len(words[0]) < 4 and words[0] not in SHORT_WORDS
    return len(words) > 1 or short or words[0] in ABBREVIATIONS


def _has_label(call: ast.Call) -> bool:
    """Whether it says its label, or takes over the one of the field it is related to."""
    given = {keyword.arg for keyword in call.keywords}
    relational = {"Many2one": 1, "One2many": 2, "Many2many": 4, "Selection": 1, "Reference": 1, "Many2oneReference": 0}
    place = relational.get(call.func.attr, 0)
    return bool(given & {"string", "related"}) or len(call.args) > place


def _height(floor: str) -> int:
    """How high a folder stands; what is on no floor is above all."""
    floor = BESIDE.get(floor, floor)
    return FLOORS.index(floor) if floor in FLOORS else len(FLOORS) - (floor in ABOVE)


def imported(node: ast.AST, path: Path, addon: Path) -> list[str]:
    """The modules that a statement imports, by their full names, those of the add-on without `odoo.addons`."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        package = [addon.name, *path.relative_to(addon).parts[:-1]]
        start = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*start, *([node.module] if node.module else [])])
        names = [f"{module}.{alias.name}" for alias in node.names]
    else:
        names = []
    return [name.removeprefix("odoo.addons.") for name in names]


def _method(name: str, model: str, methods: dict[str, dict[str, list[str]]], bases: dict[str, set[str]]):
    """The arguments of a method of a model or of what it inherits from."""
    if name in methods[model]:
        return methods[model][name]
    found = [_method(name, base, methods, bases) for base in sorted(bases[model])]
    return next((arguments for arguments in found if arguments is not None), None)
