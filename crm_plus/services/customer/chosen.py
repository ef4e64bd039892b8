"""Before the first order: who was given a tier, or put into a segment, by hand has a profile without figures."""

from odoo.fields import Domain
from odoo.tools import SQL

from .scope import Scope

# What there is to say of somebody who never ordered; everything else is unknown.
NOTHING = ("order_count", "revenue", "recent_order_count", "recent_revenue", "window_order_count", "window_revenue")


def customers_of(company):
    """The domain of the profiles of the customers of a company; who was chosen before the first order is none yet."""
    return Domain("company_id", "=", company.id) & Domain("order_count", ">", 0)


def chosen_query(env, company, scope, bought, columns):
    """SQL of (partner_id, columns) of those who were chosen by hand and are not in the table ``bought``."""
    return SQL(
        """SELECT c.id, %(columns)s FROM res_partner c
            WHERE c.id IN (%(tiers)s UNION ALL %(segments)s UNION ALL %(grace)s) AND %(scope)s AND %(customer)s
              AND NOT EXISTS (SELECT FROM %(bought)s b WHERE b.partner_id = c.id)""",
        columns=SQL(", ").join(SQL("0") if name in NOTHING else SQL("NULL") for name in columns),
        tiers=SQL(
            """SELECT p.commercial_partner_id FROM crm_tier_override t JOIN res_partner p ON p.id = t.partner_id
                WHERE t.company_id = %s AND (t.date_to IS NULL OR t.date_to >= %s) AND t.tier_id = ANY(%s)""",
            company.id,
            company._crm_plus_today(),
            env["crm.tier"]._tiers_of(company).ids,
        ),
        # A customer who loses all orders leaves, and comes back into manual segments with the next one.
        segments=SQL(
            """SELECT m.partner_id FROM crm_segment_membership m JOIN crm_segment s ON s.id = m.segment_id
                 JOIN crm_customer_profile g ON g.id = m.profile_id AND g.order_count = 0
                WHERE m.company_id = %s AND m.date_to IS NULL AND NOT m.shadow AND s.kind = 'manual'
                      AND s.state = 'active'""",
            company.id,
        ),
        # A tier that ends is kept for its grace period.
        grace=SQL(
            """SELECT g.partner_id FROM crm_customer_profile g
                WHERE g.company_id = %s AND g.order_count = 0 AND g.tier_id IS NOT NULL""",
            company.id,
        ),
        scope=scope.on(SQL("c.id")),
        customer=_is_customer(),
        bought=bought,
    )


def include(env, company, partners):
    """Profiles without figures for those of these customers who have none; those of all of them."""
    profiles = env["crm.customer.profile"]
    env.flush_all()
    env.cr.execute(
        SQL(
            """INSERT INTO crm_customer_profile (company_id, partner_id, %(columns)s)
               SELECT %(company)s, c.id, %(nothing)s FROM res_partner c WHERE %(scope)s AND %(customer)s
                   ON CONFLICT DO NOTHING""",
            company=company.id,
            columns=SQL(", ").join(map(SQL.identifier, NOTHING)),
            nothing=SQL(", ").join([SQL("0")] * len(NOTHING)),
            scope=Scope(ids=tuple(partners.ids)).on(SQL("c.id")),
            customer=_is_customer(),
        )
    )
    profiles.invalidate_model(flush=False)
    # Benefits of a tier, and conditions of segments, follow within minutes. sudo: a manager may not write the queue.
    env["crm.customer.queue"].sudo()._add(partners.ids)
    return profiles.search([("partner_id", "in", partners.ids), ("company_id", "=", company.id)])


def _is_customer():
    """The condition on a partner ``c``: no contact of a customer, no colleague, none of the own companies."""
    return SQL(
        """c.commercial_partner_id = c.id AND c.partner_share
           AND NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = c.id)"""
    )
