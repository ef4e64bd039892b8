"""Who reads amounts of customers, by the settings of each company: one rule for fields, statements and sentences.

The columns of a `CustomerAmount` are read through `readable_sql`, by whatever way: lists, sums, conditions, orders and
exports see an amount, or none. Texts that name amounts ask `may_read`.
"""

from odoo.tools import SQL

USER, MANAGER = "crm_plus.group_crm_plus_user", "crm_plus.group_crm_plus_manager"
READER, AMOUNTS = "crm_plus.group_crm_plus_reader", "crm_plus.group_crm_plus_amounts"
ALL_DOCUMENTS = "sales_team.group_sale_salesman_all_leads"
# In the context: whatever is rendered shows amounts to nobody, whoever renders it.
HIDDEN = "crm_amounts_hidden"
# Of what salespeople and readers see of customers.
READERS = f"{USER},{READER}"


def extent(env, company) -> str:
    """Whose amounts the user reads in a company: of ``"all"`` customers, of their ``"own"`` or of ``"none"``."""
    return _extent(env, company.id, env["res.company"]._crm_plus_amounts_kept())


def _extent(env, company_id, kept):
    if env.context.get(HIDDEN):
        return "none"
    if env.su or any(map(env.user.has_group, (MANAGER, AMOUNTS))):
        return "all"
    if not env.user.has_group(USER):
        return "none"
    setting = kept.get(company_id, "sales")
    if setting == "own":
        return "all" if env.user.has_group(ALL_DOCUMENTS) else "own"
    return "all" if setting == "sales" else "none"


def may_read(env, company, customer) -> bool:
    """Whether the user reads amounts of a customer in a company."""
    found = extent(env, company)
    # sudo: only whether it is the user's own customer.
    return found == "all" or (found == "own" and customer.sudo().user_id == env.user)


def readable_sql(env, alias):
    """SQL: whether the user reads amounts of the profile in ``alias``; None when they read all."""
    kept = env["res.company"]._crm_plus_amounts_kept()
    usual = _extent(env, None, {})
    if usual == "none":
        return SQL("FALSE")
    extents = {company_id: _extent(env, company_id, kept) for company_id in kept}
    own, none = ([key for key, found in extents.items() if found == name] for name in ("own", "none"))
    if not own and not none:
        return None
    return SQL(
        """(%(company)s <> ALL(%(kept)s) OR %(company)s = ANY(%(own)s)
            AND %(customer)s IN (SELECT id FROM res_partner WHERE user_id = %(user)s))""",
        company=SQL.identifier(alias, "company_id"),
        customer=SQL.identifier(alias, "partner_id"),
        kept=[*own, *none],
        own=own,
        user=env.uid,
    )


def note(env, company) -> str | bool:
    """Why some or all amounts of a company are not shown; False when all are."""
    found = extent(env, company)
    if found == "all":
        return False
    if found == "own":
        return env._("Amounts are shown for customers whose salesperson you are.")
    if env.user.has_group(USER):
        return env._("Amounts are shown to sales managers only.")
    return env._("Amounts are not shown to readers.")
