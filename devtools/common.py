"""The ground of the tool: its folders, its errors, running commands, locks and stamps."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TAIL_LINES = 15


class DevError(Exception):
    """What is wrong and what to do about it, in one sentence."""


def home(*parts: str) -> Path:
    """The ignored folder that holds everything fetched and built; CRM_PLUS_DEV_HOME moves it (and shares it)."""
    return Path(os.environ.get("CRM_PLUS_DEV_HOME") or ROOT / ".dev").resolve().joinpath(*parts)


def folder(*parts: str) -> Path:
    """A folder of the dev home, created when missing."""
    path = home(*parts)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DevError(
            f"Cannot create {path} ({error.strerror}): set CRM_PLUS_DEV_HOME to a writable folder."
        ) from None
    return path


def say(message: str) -> None:
    """One progress line for the person at the terminal."""
    print(f"[dev] {message}", file=sys.stderr, flush=True)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def short_hash(*texts: str, length: int = 10) -> str:
    """A short name for some texts, the same on every machine.

    >>> short_hash("a", "b") == short_hash("a", "b") != short_hash("ab")
    True
    """
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:length]


def stamped(path: Path, text: str) -> bool:
    """Whether the step that ends by `stamp(path, text)` was finished for this very text."""
    return path.is_file() and path.read_text() == text


def stamp(path: Path, text: str) -> None:
    """Say that a step is finished: the last thing it writes, so that a broken one is done again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One `./dev` at a time does what ``name`` protects; another one waits and says so."""
    with (folder("locks") / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another ./dev ({name})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def free_slot(name: str, slots: int = 16) -> Iterator[int]:
    """The first number that no other running `./dev` holds; what a killed run left in it may be cleared."""
    for slot in range(slots):
        with (folder("locks") / f"{name}_{slot}").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield slot
            return
    raise DevError(f"{slots} runs of `{name}` are under way already: wait for one of them to end.")


def run(
    command: Sequence[str | Path],
    failure: str,
    *,
    log: str,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    cwd: Path = ROOT,
) -> str:
    """Run a command with its output in logs/LOG.log; when it fails, show the end of it and raise ``failure``."""
    path = folder("logs") / f"{log}.log"
    with path.open("w") as out:
        try:
            done = subprocess.run(
                [str(part) for part in command],
                stdout=out, stderr=subprocess.STDOUT, env=env, cwd=cwd, text=True,
                input=stdin if stdin is not None else "",
            )  # fmt: skip
        except FileNotFoundError:
            raise DevError(f"{failure} ({command[0]} is not installed)") from None
    text = path.read_text(errors="replace")
    if done.returncode:
        print("\n".join(text.splitlines()[-TAIL_LINES:]), file=sys.stderr)
        raise DevError(f"{failure} (the log is {path})")
    return text
