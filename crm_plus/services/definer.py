"""Conditions that somebody wrote are asked later, by scheduled actions: with the rights of whoever wrote them."""

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.orm.domains import DomainCondition


def asked_by(model, definer, company, domain):
    """``model`` as ``definer`` sees it in ``company`` alone, to search it for ``domain``.

    What the domain asks of other records is asked with the same rights: record rules and groups of fields hold, and no
    document of another company is looked at. The superuser, who wrote what is shipped, may ask for everything.

    :raise AccessError: naming what the definer may not read, or the company
    """
    env = model.env
    if not definer:
        raise AccessError(env._("The user who wrote the conditions no longer exists."))
    # sudo: which companies somebody works in decides whether their conditions are asked at all; nobody else sees it.
    if definer.id != SUPERUSER_ID and company not in definer.sudo().company_ids:
        raise AccessError(
            env._("%(user)s has no access to %(company)s.", user=definer.sudo().name, company=company.sudo().name)
        )
    asked = model.with_user(definer).with_context(allowed_company_ids=company.ids)
    for holder, field in mentioned(asked, Domain(domain)):
        if not holder.has_access("read") or not holder._has_field_access(field, "read"):
            raise AccessError(
                env._(
                    "%(user)s has no access to “%(field)s” (%(name)s) of %(model)s.",
                    user=definer.sudo().name,
                    field=field.get_description(env, ["string"])["string"],
                    name=field.name,
                    # sudo: the name of a model
                    model=env["ir.model"].sudo()._get(holder._name).name,
                )
            )
    return asked


def mentioned(model, domain):
    """(model, field) of every field that a domain mentions, the relations on the way included. What is no field is left
    out."""
    for condition in domain.iter_conditions():
        if isinstance(condition, DomainCondition):
            yield from _on_path(model, condition.field_expr.split("."), condition.value)


def inner_domain(value):
    """The domain inside an ``any`` condition; None for ids, names and other values."""
    if not isinstance(value, (list, tuple, Domain)):
        return None
    try:
        return Domain(value)
    except (TypeError, ValueError):
        return None


def _on_path(model, path, value):
    field = model._fields.get(path[0])
    if field is None:
        return
    yield model, field
    if not field.relational:
        return
    comodel = model.env[field.comodel_name]
    if len(path) > 1:
        yield from _on_path(comodel, path[1:], value)
    elif inner := inner_domain(value):
        yield from mentioned(comodel, inner)
