"""What any sales manager may read: predictions are shown to managers, and what they learn from is chosen by them, so
they learn from nothing else, whoever put it on the list."""

import re

SECRET = re.compile(r"token|passw|secret|signup|credential|(api|access|private)_?key|(^|_)(otp|totp|pin)(_|$)", re.I)
MANAGER = "sales_team.group_sale_manager"


def is_secret(field) -> bool:
    """Whether a field holds what opens a door: nothing learns from it."""
    return bool(SECRET.search(field.name))


def may_read_model(env, model_name) -> bool:
    """Whether sales managers may read records of a model."""
    if model_name not in env:
        return False
    # sudo: who may read what; only the answer leaves this function.
    return env["ir.model.access"].sudo()._get_access_groups(model_name, "read").matches(_manager_groups(env))


def may_read(env, field) -> bool:
    """Whether sales managers may read a field, and the records that it leads to."""
    if is_secret(field) or not may_read_model(env, field.model_name):
        return False
    if field.relational and not may_read_model(env, field.comodel_name):
        return False
    if not field.groups:
        return True
    # sudo: as above.
    groups = env["res.groups"].sudo()._get_group_definitions()
    return groups.parse(field.groups, raise_if_not_found=False).matches(_manager_groups(env))


def _manager_groups(env):
    # sudo: which groups a group implies.
    return env.ref(MANAGER).sudo().all_implied_ids.ids
