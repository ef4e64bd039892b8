"""The world of `./dev attack`: made once in its database, and described for who attacks it from outside."""

import inspect

from odoo.addons.crm_plus.tests.access import calls, registry, ways, world

PASSWORD = "kanari-pass"


def describe(env):
    """Make the world and commit it; what an attacker may know of it, as JSON."""
    made = world.make(env, PASSWORD)
    keys = _api_keys(env, made)
    own = registry.own_models(env)
    names = {model._name for model in own}
    leaves = ways.marked(made)
    found = {
        "password": PASSWORD,
        "users": {name: {"login": user.login, "key": keys.get(name)} for name, user in made.users.items()},
        "sees": world.SEES,
        "companies": {zone: company.id for zone, company in made.companies.items()},
        "records": {
            model: {zone or "common": records.ids for zone, records in zones.items()}
            for model, zones in made.records.items()
        },
        "secrets": {name: {model: made.secret(model, name).ids for model in made.records} for name in world.ASKING},
        "models": {model._name: _about(model) for model in own},
        "methods": [_method(env, made, *key) for key in sorted(registry.own_methods(env))],
        "fields": [_field(env, *key) for key in sorted(registry.added_fields(env))],
        "withheld": {
            name: [list(key) for key, who in sorted(registry.tables(env)[2].items()) if name not in who]
            for name in world.ASKING
        },
        "paths": [
            [start, path, zone, ways.is_marked(env, start, path, zone)]
            for start in ("res.partner", "crm.lead", "sale.order", *sorted(names))
            for path in ways.paths(env, start, leaves, names)
            for zone in world.ZONES
        ],
        "values": {"customer": made.of("res.partner", "own")[0].id, "lead": made.of("crm.lead", "bob").id},
    }
    env.cr.commit()
    return found


def _api_keys(env, made):
    keys = {}
    for name, user in made.users.items():
        if user.share or name == "public":
            continue
        keys[name] = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "attack", "2099-01-01")
    return keys


def _about(model):
    return {
        "transient": model._transient,
        "methods": registry.public_methods(model),
        "fields": {
            field.name: {"type": field.type, "comodel": field.comodel_name if field.relational else None}
            for field in model._fields.values()
        },
    }


def _method(env, made, model, name):
    method = getattr(env[model], name)
    arguments = {zone: calls.arguments(made, method, zone) for zone in (*world.ZONES, None)}
    return {
        "model": model,
        "name": name,
        "by_model": bool(getattr(method, "_api_model", False)),
        "parameters": list(inspect.signature(method).parameters),
        "arguments": {zone or "common": given for zone, given in arguments.items()},
    }


def _field(env, model, name):
    field = env[model]._fields[name]
    return {"model": model, "name": name, "type": field.type, "conditions": ways.conditions(field)}
