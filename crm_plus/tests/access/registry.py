"""What the add-ons have to be compared with the table: found in the registry, with the tables of all of them."""

import importlib
import importlib.util
import inspect

from odoo.models import BaseModel
from odoo.service.model import get_public_method

from . import expectations

OURS = ".crm_plus"


def beside(env):
    """The tables of the add-ons beside this one that are installed and keep one."""
    found = []
    modules = env["ir.module.module"].search([("name", "=like", "crm\\_plus\\_%"), ("state", "=", "installed")])
    for name in modules.mapped("name"):
        place = f"odoo.addons.{name}.tests.access_expectations"
        if importlib.util.find_spec(place):
            found.append(importlib.import_module(place))
    return found


def tables(env):
    """``(RIGHTS, METHODS, FIELDS)`` of the add-on and of those beside it that are installed.

    ``METHODS`` is ``{(model, method): names}``, ``FIELDS`` is ``{(model, field): names}``; names are a set.
    """
    found = [expectations, *beside(env)]
    rights, methods, fields = {}, {}, {}
    for table in found:
        rights |= {
            model: [set(names.split()) for names in four] for model, four in getattr(table, "RIGHTS", {}).items()
        }
        methods |= {key: set(names.split()) for key, names in getattr(table, "METHODS", {}).items()}
        for model, lines in getattr(table, "FIELDS", {}).items():
            fields |= {(model, name): set(who.split()) for who, names in lines.items() for name in names.split()}
    return rights, methods, fields


def own_models(env):
    """The models of the add-ons that clients can name, abstract ones left out."""
    models = (env[name] for name in sorted(env))
    return [model for model in models if model._original_module.startswith("crm_plus") and not model._abstract]


def public_methods(model):
    """All names that a client may call on a model."""
    found = []
    for name in dir(type(model)):
        if not name.startswith("_") and inspect.isroutine(getattr(type(model), name, None)):
            try:
                get_public_method(model, name)
            except Exception:  # marked as private
                continue
            found.append(name)
    return found


def is_ours(model, name):
    """Whether a method was made by the add-ons: not one of the host's, extended or not."""
    places = [cls for cls in type(model).mro() if name in vars(cls)]
    return all(OURS in cls.__module__ for cls in places) and not hasattr(BaseModel, name)


def own_methods(env):
    """``{(model, method)}`` of all public methods that the add-ons made, on their own and on the host's models."""
    models = [env[name] for name in env if not env[name]._abstract]
    candidates = {name for model in models for name in _defined(model)}
    return {
        (model._name, name)
        for model in models
        for name in candidates
        if name in _defined(model) and is_ours(model, name) and name in public_methods(model)
    }


def _defined(model):
    classes = [cls for cls in type(model).mro() if OURS in cls.__module__]
    return {
        name for cls in classes for name, value in vars(cls).items() if inspect.isfunction(value) and name[0] != "_"
    }


def added_fields(env):
    """``{(model, field)}`` that the add-ons add to models of the host."""
    return {
        (model._name, field.name)
        for model in (env[name] for name in env if not env[name]._abstract)
        if not model._original_module.startswith("crm_plus")
        for field in model._fields.values()
        if (field._module or "").startswith("crm_plus")
    }
