"""Which fields the rules read: a transaction that writes one of them has the leads scored again before it commits."""

from odoo.fields import Domain
from odoo.orm.domains import DomainCondition

from .conditions import rule_domain

# What decides whether a lead is scored, by whose rules, and together with whose events.
ALWAYS = frozenset({"active", "won_status", "company_id", "partner_id"})


def watched_fields(env, rules):
    """``{"crm.lead": fields, "res.partner": fields}`` read by active rules; also those behind a computed field.

    A condition that looks further is followed by the nightly refresh. Domains that cannot be read are left out.
    """
    read = {"crm.lead": set(ALWAYS), "res.partner": {"commercial_partner_id"}}
    for rule in rules:
        if rule.kind == "fit":
            model_name = "crm.lead" if rule.applies_on == "lead" else "res.partner"
            try:
                _read(env[model_name], rule_domain(rule.domain), read)
            except ValueError:
                continue
    return {name: frozenset(fields) for name, fields in read.items()}


def field_paths(domain):
    """Names of all fields a domain mentions, whichever model they belong to."""
    names = set()
    for condition in domain.iter_conditions():
        if isinstance(condition, DomainCondition):
            names.update(condition.field_expr.split("."))
            if inner := _inner_domain(condition.value):
                names |= field_paths(inner)
    return names


def properties(model, domain):
    """(model, field, name) of the properties that a domain mentions."""
    for condition in domain.iter_conditions():
        if isinstance(condition, DomainCondition):
            yield from _properties(model, condition.field_expr.split("."), condition.value)


def _properties(model, path, value):
    field = model._fields.get(path[0])
    if field is None:
        return
    if field.type == "properties" and len(path) > 1:
        yield model, field, path[1]
    elif field.relational and len(path) > 1:
        yield from _properties(model.env[field.comodel_name], path[1:], value)
    elif field.relational and (inner := _inner_domain(value)):
        yield from properties(model.env[field.comodel_name], inner)


def _read(model, domain, read):
    for condition in domain.iter_conditions():
        if isinstance(condition, DomainCondition):
            _read_path(model, condition.field_expr.split("."), condition.value, read)


def _read_path(model, path, value, read):
    field = model._fields.get(path[0])
    if field is None or model._name not in read:
        return
    read[model._name].add(field.name)
    if not field.store:
        read[model._name].update(name.split(".")[0] for name in model.pool.field_depends[field])
    if field.relational:
        comodel = model.env[field.comodel_name]
        if len(path) > 1:
            _read_path(comodel, path[1:], value, read)
        elif inner := _inner_domain(value):
            _read(comodel, inner, read)


def _inner_domain(value):
    """The domain inside an ``any`` condition; None for ids, names and other values."""
    if not isinstance(value, (list, tuple, Domain)):
        return None
    try:
        return Domain(value)
    except (TypeError, ValueError):
        return None
