"""Which customers the filters of a screen leave."""

from odoo.fields import Domain

from .chosen import customers_of

VIEWS = ("list", "kanban", "pivot", "graph")
# Fields of customers by which the filters narrow them.
ON_PROFILE = {
    "segment_id": "segment_id",
    "tier_id": "tier_id",
    "user_id": "user_id",
    "team_id": "partner_id.user_id.sale_team_id",
    "country_id": "country_id",
    "industry_id": "industry_id",
    "tag_id": "partner_tag_ids",
}


def customers_left(company, narrowed):
    """The domain of the profiles of the customers of a company that ``narrowed``, ``{filter: record id}``, leaves."""
    chosen = (Domain(ON_PROFILE[name], "in", [record_id]) for name, record_id in narrowed.items())
    return customers_of(company) & Domain.AND(chosen)


def customers_window(name, domain):
    """The window of the customers whom a condition finds, which has plain values only."""
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": "crm.customer.profile",
        "views": [[False, view] for view in VIEWS],
        "domain": list(domain),
        "context": {"create": False},
    }
