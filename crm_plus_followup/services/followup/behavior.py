"""What customers did, or did not do, in a period, as conditions on customers, contacts and leads."""

from datetime import timedelta

from odoo import fields
from odoo.addons.crm_plus.services.definer import asked_by
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.followup.yearly import ahead

# What the record in ``alias`` is of which customer, per model.
CUSTOMER = {
    "crm.customer.profile": SQL("partner_id"),
    "res.partner": SQL("commercial_partner_id"),
    "crm.lead": SQL("partner_id"),
}


def customer_sql(model_name, alias):
    """SQL: the customer (the commercial partner) of the record of a model in ``alias``."""
    column = SQL("%s.%s", SQL.identifier(alias), CUSTOMER[model_name])
    if model_name != "crm.lead":
        return column
    return SQL("(SELECT c.commercial_partner_id FROM res_partner c WHERE c.id = %s)", column)


def is_among(customers, leads=None):
    """The condition that the customer of a record is among ``customers``, or the lead among ``leads``: both SQL that
    selects ids."""

    def to_sql(model, alias, _query):
        found = SQL("COALESCE(%s IN (%s), FALSE)", customer_sql(model._name, alias), customers)
        if leads is not None and model._name == "crm.lead":
            found = SQL("(%s OR %s IN (%s))", found, SQL.identifier(alias, "id"), leads)
        return found

    def to_not_sql(model, alias, query):
        return SQL("NOT %s", to_sql(model, alias, query))

    return Domain.custom(to_sql=to_sql), Domain.custom(to_sql=to_not_sql)


def contacted(env, definer, company, days, channel_ids=(), directions=()):
    """(did, did not): the conditions that something was heard of a customer on these channels within ``days``.

    Asked with the rights of ``definer``: an interaction they may not read is none.
    """
    domain = Domain("date", ">=", fields.Datetime.now() - timedelta(days=days))
    domain &= Domain("company_id", "in", [company.id, False])
    domain &= Domain("channel_id", "in", list(channel_ids) or list(env["crm.interaction.channel"]._contact_ids()))
    if directions:
        domain &= Domain("direction", "in", list(directions))
    return _in_history(env, definer, company, domain)


def noted(env, definer, company, days, source, text=None):
    """(did, did not): the conditions that a source of the history, by its code, noted something of a customer within
    ``days``, with ``text`` in its summary."""
    domain = Domain("date", ">=", fields.Datetime.now() - timedelta(days=days))
    domain &= Domain("company_id", "in", [company.id, False]) & Domain("source_id.code", "=", source)
    if text:
        domain &= Domain("name", "ilike", text)
    return _in_history(env, definer, company, domain)


def _in_history(env, definer, company, domain):
    found = asked_by(env["crm.interaction"], definer, company, domain)._search(domain)
    return is_among(
        commercial(found.subselect(SQL.identifier(found.table, "partner_id"))),
        found.subselect(SQL.identifier(found.table, "lead_id")),
    )


def bought(env, definer, company, days, product_ids=(), category_ids=()):
    """(did, did not): the conditions that a customer ordered one of these products within ``days``."""
    since = fields.Datetime.now() - timedelta(days=days)
    domain = Domain("order_id.state", "=", "sale") & Domain("order_id.date_order", ">=", since)
    domain &= Domain("company_id", "=", company.id) & Domain("product_uom_qty", ">", 0)
    wanted = []
    if product_ids:
        wanted.append(Domain("product_id", "in", list(product_ids)))
    if category_ids:
        wanted.append(Domain("product_id.categ_id", "child_of", list(category_ids)))
    if wanted:
        domain &= Domain.OR(wanted)
    found = asked_by(env["sale.order.line"], definer, company, domain)._search(domain)
    return is_among(commercial(found.subselect(SQL.identifier(found.table, "order_partner_id"))))


def coming(model, definer, company, days, path):
    """(did, did not): the conditions that a date, by the path to its field, comes again within ``days`` from today on,
    whatever its year.

    :raise AccessError: naming what ``definer`` may not read
    """
    asked_by(model, definer, company, Domain(path, "!=", False))
    zone, wanted = company._crm_plus_tz(), ahead(company._crm_plus_today(), days)
    *relations, name = path.split(".")

    def to_sql(holder, alias, query):
        value = holder._field_to_sql(alias, name, query)
        if holder._fields[name].type == "datetime":
            value = SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", value, zone)
        return SQL("COALESCE(to_char(%s, 'MMDD') = ANY(%s), FALSE)", value, wanted)

    def to_not_sql(holder, alias, query):
        return SQL("NOT %s", to_sql(holder, alias, query))

    did, did_not = Domain.custom(to_sql=to_sql), Domain.custom(to_sql=to_not_sql)
    for relation in reversed(relations):
        did, did_not = Domain(relation, "any", did), Domain(relation, "not any", did)
    return did, did_not


def unanswered(env, company, channel_ids, since, before):
    """The condition that a customer wrote between these moments, and that nobody has written or called since.

    The rows are those of the company; who is found is shown to nobody who may not read the customer.
    """
    customers = SQL(
        """SELECT c.commercial_partner_id
             FROM crm_interaction i JOIN res_partner c ON c.id = i.partner_id
            WHERE i.direction = 'in' AND i.channel_id = ANY(%(channels)s) AND i.date BETWEEN %(since)s AND %(before)s
              AND (i.company_id = %(company)s OR i.company_id IS NULL)
              AND NOT EXISTS (
                  SELECT FROM crm_interaction answer JOIN res_partner whom ON whom.id = answer.partner_id
                   WHERE whom.commercial_partner_id = c.commercial_partner_id AND answer.direction = 'out'
                     AND answer.channel_id = ANY(%(contacts)s) AND answer.date > i.date)""",
        channels=list(channel_ids),
        contacts=list(env["crm.interaction.channel"]._contact_ids()),
        since=since,
        before=before,
        company=company.id,
    )
    return is_among(customers)[0]


def commercial(partners):
    """SQL: the customers of the contacts that ``partners`` selects."""
    return SQL("SELECT c.commercial_partner_id FROM res_partner c WHERE c.id IN %s", partners)
