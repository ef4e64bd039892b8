"""What a salesperson has to do today, as one statement: due activities, hot leads nobody has contacted, overdue
customers, unanswered messages, customers who lose a tier or buy less."""

from odoo import fields
from odoo.tools import SQL

from .stops import MESSAGES, channels, contact_channels

# Days after which a message that nobody has answered is not shown any more, and after which what is overdue is stale.
MESSAGE_DAYS, OVERDUE_DAYS = 30, 180
# A tier that will be lost within so many days, and what has fallen within so many.
LOST_DAYS, FALLEN_DAYS = 30, 14


def query(env):
    """A row for each: (id, kind, record_id, partner_id, lead_id, user_id, company_id, date, place). The kinds share no
    id: each has its remainder. The place tells who comes first, and no amount."""
    known = {
        "now": fields.Datetime.now(),
        "today": fields.Date.context_today(env.user),
        "messages": channels(env, MESSAGES),
        "contacts": contact_channels(env),
    }
    parts = [
        SQL(
            """SELECT t.record_id::int8 * 8 + %s AS id, %s AS kind, t.record_id, t.partner_id, t.lead_id, t.user_id,
                      t.company_id, t.date, t.value FROM (%s) t""",
            place,
            kind,
            part(known),
        )
        for place, (kind, part) in enumerate(PARTS.items())
    ]
    return SQL(
        """SELECT id, kind, record_id, partner_id, lead_id, user_id, company_id, date,
                  row_number() OVER (PARTITION BY user_id ORDER BY value DESC NULLS LAST, id)::int AS place
             FROM (%(parts)s) today
            WHERE NOT EXISTS (SELECT FROM crm_followup_snooze z
                               WHERE z.user_id = today.user_id AND z.kind = today.kind AND z.date_until > %(today)s
                                 AND z.partner_id IS NOT DISTINCT FROM today.partner_id
                                 AND z.lead_id IS NOT DISTINCT FROM today.lead_id)""",
        parts=SQL(" UNION ALL ").join(parts),
        today=known["today"],
    )


def _activities(known):
    return SQL(
        """SELECT a.id AS record_id, COALESCE(p.id, l.partner_id) AS partner_id, l.id AS lead_id, a.user_id,
                  COALESCE(l.company_id, p.company_id, u.company_id) AS company_id, a.date_deadline AS date,
                  COALESCE(l.expected_revenue * COALESCE(s.win_probability, 50) / 100, f.clv, f.revenue, 0) AS value
             FROM mail_activity a JOIN res_users u ON u.id = a.user_id
             LEFT JOIN crm_lead l ON a.res_model = 'crm.lead' AND l.id = a.res_id
             LEFT JOIN crm_lead_score s ON s.lead_id = l.id
             LEFT JOIN res_partner p ON a.res_model = 'res.partner' AND p.id = a.res_id
             LEFT JOIN crm_customer_profile f
                       ON f.partner_id = p.commercial_partner_id AND f.company_id = COALESCE(p.company_id, u.company_id)
            WHERE a.active AND a.date_deadline <= %(today)s AND COALESCE(p.id, l.id) IS NOT NULL""",
        **known,
    )


def _hot(known):
    return SQL(
        """SELECT l.id AS record_id, l.partner_id, l.id AS lead_id, l.user_id,
                  COALESCE(l.company_id, u.company_id) AS company_id, s.hot_date::date AS date,
                  l.expected_revenue * COALESCE(s.win_probability, 50) / 100 AS value
             FROM crm_lead_score s JOIN crm_lead l ON l.id = s.lead_id JOIN res_users u ON u.id = l.user_id
            WHERE s.hot_date IS NOT NULL AND l.active AND l.won_status = 'pending'
              AND NOT EXISTS (SELECT FROM crm_interaction i
                               WHERE (i.lead_id = l.id OR i.partner_id = l.partner_id) AND i.direction = 'out'
                                 AND i.channel_id = ANY(%(contacts)s) AND i.date >= s.hot_date)""",
        **known,
    )


def _overdue(known):
    return SQL(
        """SELECT f.id AS record_id, f.partner_id, NULL::int AS lead_id, p.user_id, f.company_id,
                  f.overdue_date AS date, COALESCE(f.clv, f.revenue, 0) AS value
             FROM crm_customer_profile f JOIN res_partner p ON p.id = f.partner_id
            WHERE f.overdue_date BETWEEN %(today)s - %(days)s AND %(today)s - 1 AND p.active AND p.user_id IS NOT NULL
              AND NOT EXISTS (SELECT FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                               WHERE c.commercial_partner_id = f.partner_id AND i.direction = 'out'
                                 AND i.channel_id = ANY(%(contacts)s) AND i.date >= f.overdue_date)""",
        days=OVERDUE_DAYS,
        **known,
    )


def _unanswered(known):
    return SQL(
        """SELECT DISTINCT ON (c.commercial_partner_id, l.id)
                  i.id AS record_id, c.id AS partner_id, l.id AS lead_id,
                  COALESCE(l.user_id, c.user_id, p.user_id) AS user_id,
                  COALESCE(i.company_id, u.company_id) AS company_id, i.date::date AS date,
                  COALESCE(f.clv, f.revenue, 0) AS value
             FROM crm_interaction i JOIN res_partner c ON c.id = i.partner_id
             JOIN res_partner p ON p.id = c.commercial_partner_id
             LEFT JOIN crm_lead l ON l.id = i.lead_id
             JOIN res_users u ON u.id = COALESCE(l.user_id, c.user_id, p.user_id)
             LEFT JOIN crm_customer_profile f ON f.partner_id = p.id AND f.company_id = i.company_id
            WHERE i.direction = 'in' AND i.channel_id = ANY(%(messages)s) AND p.active
              AND i.date BETWEEN %(now)s - %(days)s * interval '1 day' AND %(now)s
              AND NOT EXISTS (SELECT FROM res_partner whom JOIN crm_interaction answer ON answer.partner_id = whom.id
                               WHERE whom.commercial_partner_id = p.id AND answer.direction = 'out'
                                 AND answer.channel_id = ANY(%(contacts)s) AND answer.date > i.date)
            ORDER BY c.commercial_partner_id, l.id, i.date""",
        days=MESSAGE_DAYS,
        **known,
    )


def _falling(known):
    """Customers whose tier is about to be lost or has fallen, or whose RFM scores moved them down; not yet contacted
    since."""
    return SQL(
        """SELECT f.id AS record_id, f.partner_id, NULL::int AS lead_id, p.user_id, f.company_id, fall.date,
                  COALESCE(f.clv, f.revenue, 0) AS value
             FROM (SELECT partner_id, company_id, max(date) AS date FROM (
                       SELECT partner_id, company_id, tier_until - %(lost)s AS date FROM crm_customer_profile
                        WHERE tier_until BETWEEN %(today)s AND %(today)s + %(lost)s
                       UNION ALL
                       SELECT o.partner_id, o.company_id, o.date_to
                         FROM crm_tier_stay o JOIN crm_tier was ON was.id = o.tier_id
                         JOIN crm_customer_profile c ON c.partner_id = o.partner_id AND c.company_id = o.company_id
                         LEFT JOIN crm_tier now_in ON now_in.id = c.tier_id
                        WHERE o.date_to BETWEEN %(today)s - %(fallen)s AND %(today)s AND o.replayed IS NOT TRUE
                          AND (now_in.id IS NULL OR (was.sequence, was.id) > (now_in.sequence, now_in.id))
                       UNION ALL
                       SELECT s.partner_id, s.company_id, s.date_from
                         FROM crm_customer_profile c
                         JOIN crm_segment_membership s ON s.partner_id = c.partner_id AND s.company_id = c.company_id
                              AND s.segment_id = c.segment_id AND s.date_to IS NULL
                        WHERE c.segment_since >= %(today)s - %(fallen)s AND NOT s.shadow
                          AND s.reason->>'outcome' = 'moved' AND %(sum_now)s < %(sum_before)s) falls
                    GROUP BY partner_id, company_id) fall
             JOIN crm_customer_profile f ON f.partner_id = fall.partner_id AND f.company_id = fall.company_id
             JOIN res_partner p ON p.id = f.partner_id
            WHERE p.active AND p.user_id IS NOT NULL
              AND NOT EXISTS (SELECT FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                               WHERE c.commercial_partner_id = f.partner_id AND i.direction = 'out'
                                 AND i.channel_id = ANY(%(contacts)s) AND i.date >= fall.date)""",
        lost=LOST_DAYS,
        fallen=FALLEN_DAYS,
        sum_now=_digits("score"),
        sum_before=_digits("old_score"),
        **known,
    )


def _digits(name):
    """SQL: the sum of the three scores in the reason of a stay."""
    places = SQL(" + ").join(SQL("substr(s.reason->>%s, %s, 1)::int", name, place) for place in (1, 2, 3))
    return SQL("(%s)", places)


PARTS = {"activity": _activities, "hot": _hot, "overdue": _overdue, "unanswered": _unanswered, "falling": _falling}
