"""Asking a model like a client does: as a user, with everything undone afterwards, and the answer as its text."""

import json
from contextlib import contextmanager
from dataclasses import dataclass

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.models import BaseModel
from odoo.tools import mute_logger
from odoo.tools.json import json_default

QUIET = ("odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.models")


@dataclass(frozen=True)
class Answer:
    """What came of a question: ``answered``, ``refused`` (no access), ``told`` (what is wrong with it) or ``failed``
    (an error that is no sentence), with all that the client gets to read."""

    outcome: str
    text: str

    @property
    def is_answered(self):
        """Whether there was a result."""
        return self.outcome == "answered"


def plain(value):
    """What JSON has no form for, as the server writes it."""
    return value.ids if isinstance(value, BaseModel) else json_default(value)


def ask(env, question):
    """The `Answer` to ``question()``; nothing that it did stays."""
    with undone(env):
        return ask_in_vain(env, question)


def ask_in_vain(env, question):
    """The same, of what is going to be refused: whoever asks several such things undoes them all at the end."""
    env.transaction.clear()  # what somebody else has read before is in the cache
    try:
        with mute_logger(*QUIET):
            result = question()
            env.cr.flush()
        return Answer("answered", json.dumps(result, default=plain, ensure_ascii=False))
    except AccessError as error:
        return Answer("refused", str(error))
    except (MissingError, UserError) as error:
        return Answer("told", str(error))
    except Exception as error:  # whatever else it is, it is what this is about
        return Answer("failed", f"{type(error).__name__}: {error}")


@contextmanager
def undone(env):
    """Nothing that happens within stays."""
    savepoint = env.cr.savepoint()
    try:
        yield
    finally:
        savepoint.close(rollback=True)
        if env.registry.cache_invalidated:
            env.registry.clear_all_caches()
            env.registry.cache_invalidated.clear()


@contextmanager
def nothing_written(env):
    """A part of the transaction in which PostgreSQL refuses to write."""
    with undone(env):
        env.invalidate_all()
        env.cr.execute("SET TRANSACTION READ ONLY")
        yield
        env.flush_all()
