"""Who belongs in which tier and segment, by the figures that profiles have now: all customers of a company or some."""

from odoo.tools import SQL

# Customers whose figures are written, or who are moved, at a time by scheduled actions.
PART = 25_000


def refresh_places(env, company, partner_ids=None, most=None):
    """Tiers and segments of these customers, or of all. False when there may be more than ``most`` who move from one
    tier, or segment of a family, to another: the others follow with the next call."""
    # In this order: a tier may be measured by a prediction, a segment may ask for a tier.
    are_ranked = refresh_tiers(env, company, partner_ids, most)
    are_placed = refresh_segments(env, company, partner_ids, most)
    env["crm.customer.profile"].invalidate_model(flush=False)
    return are_ranked and are_placed


def refresh_tiers(env, company, partner_ids=None, most=None):
    """`refresh_places` for tiers alone."""
    is_done = env["crm.tier"]._assign(company, _scope(partner_ids), most)
    env["crm.tier.stay"]._follow_customers(company)
    return is_done


def refresh_segments(env, company, partner_ids=None, most=None):
    """`refresh_places` for segments alone."""
    families = env["crm.segment.family"]._families_for(company)
    is_done = families._assign(company, _scope(partner_ids), most)
    env["crm.segment.membership"]._follow_customers(company)
    return is_done


def _scope(partner_ids):
    """Condition on profiles ``p``: those of these customers, or all."""
    return SQL("TRUE") if partner_ids is None else SQL("p.partner_id = ANY(%s)", list(partner_ids))
