"""What a transaction has to change for leads to be scored again before it commits: the fields that rules read; and
which leads these then are."""

from odoo.orm.domains import DomainCondition
from odoo.tools import SQL

from ..definer import inner_domain
from ..sql import OPEN
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


def properties(model, domain):
    """(model, field, name) of the properties that a domain mentions."""
    for holder, path in _ends(model, domain):
        field = holder._fields.get(path[0])
        if field is not None and field.type == "properties" and len(path) > 1:
            yield holder, field, path[1]


def unknown_fields(model, domain):
    """(model, name) of what a domain mentions that is no field of the model."""
    return ((holder, path[0]) for holder, path in _ends(model, domain) if path[0] not in holder._fields)


def _ends(model, domain):
    """(model, what is left of the path) of each field a domain mentions, where no relation leads on."""
    for condition in domain.iter_conditions():
        if isinstance(condition, DomainCondition):
            yield from _end(model, condition.field_expr.split("."), condition.value)


def _end(model, path, value):
    field = model._fields.get(path[0])
    if field is not None and field.relational and len(path) > 1:
        yield from _end(model.env[field.comodel_name], path[1:], value)
    elif field is not None and field.relational and (inner := inner_domain(value)):
        yield from _ends(model.env[field.comodel_name], inner)
    else:
        yield model, path


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
        elif inner := inner_domain(value):
            _read(comodel, inner, read)


def customer_leads(condition):
    """Query of the open leads of the customers that partners ``p`` who meet a condition belong to."""
    return SQL(
        """SELECT l.id FROM res_partner p JOIN res_partner c ON c.commercial_partner_id = p.commercial_partner_id
             JOIN crm_lead l ON l.partner_id = c.id WHERE %s AND %s""",
        condition,
        OPEN,
    )


def interaction_leads(condition):
    """Query of the open leads of interactions ``i`` that meet a condition: their own and those of their customers."""
    return SQL(
        "%s UNION SELECT l.id FROM crm_lead l JOIN crm_interaction i ON i.lead_id = l.id WHERE %s AND %s",
        customer_leads(SQL("p.id IN (SELECT i.partner_id FROM crm_interaction i WHERE %s)", condition)),
        condition,
        OPEN,
    )
