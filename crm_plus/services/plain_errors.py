"""Errors of the host as whoever reads a screen understands them: by the names that the screens have."""

import re

# What may be the technical name of a model, of a field of one, or neither.
TECHNICAL = re.compile(r"\b[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")


def plain(env, error):
    """The first line of an error, with the names of models instead of their technical ones, and so for their fields."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return TECHNICAL.sub(lambda found: _named(env, found[0]), lines[0])


def _named(env, text):
    parts = text.split(".")
    for size in range(len(parts), 1, -1):
        model = ".".join(parts[:size])
        if model in env:
            # sudo: the name of a model
            name, path = env["ir.model"].sudo()._get(model).name, ".".join(parts[size:])
            return env._("“%(field)s” of %(model)s", field=path, model=name) if path else name
    return text
