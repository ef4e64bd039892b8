"""What each salesperson has on their desk, and how soon they answer: one statement."""

from datetime import timedelta

from odoo import fields
from odoo.addons.crm_plus.services.interaction.response import Response, median
from odoo.tools import SQL

from . import today

# Documents whose activities are those of this add-on's users.
PLANNED_ON = ("res.partner", "crm.lead")
# Days of messages whose answers count.
ANSWERED_DAYS = 30


def query(env, company):
    """A row a user: (id, user_id, company_id, open_count, today_count, overdue_count, hot_count, unanswered_count,
    customer_count, asked_count, waiting_count, median_hours, worst_hours), of whoever has any of it."""
    env.flush_all()
    day = company._crm_plus_today()
    since = fields.Datetime.now() - timedelta(days=ANSWERED_DAYS)
    return SQL(
        """SELECT u.id, u.id AS user_id, u.company_id, COALESCE(a.open_count, 0) AS open_count,
                  COALESCE(a.today_count, 0) AS today_count, COALESCE(a.overdue_count, 0) AS overdue_count,
                  COALESCE(t.hot_count, 0) AS hot_count, COALESCE(t.unanswered_count, 0) AS unanswered_count,
                  COALESCE(t.customer_count, 0) AS customer_count, COALESCE(r.asked_count, 0) AS asked_count,
                  COALESCE(r.waiting_count, 0) AS waiting_count, r.median_hours, r.worst_hours
             FROM res_users u
             LEFT JOIN (SELECT user_id, count(*)::int AS open_count,
                               (count(*) FILTER (WHERE date_deadline = %(day)s))::int AS today_count,
                               (count(*) FILTER (WHERE date_deadline < %(day)s))::int AS overdue_count
                          FROM mail_activity WHERE active AND res_model IN %(planned_on)s GROUP BY user_id) a
                    ON a.user_id = u.id
             LEFT JOIN (SELECT user_id, (count(*) FILTER (WHERE kind = 'hot'))::int AS hot_count,
                               (count(*) FILTER (WHERE kind = 'unanswered'))::int AS unanswered_count,
                               (count(*) FILTER (WHERE kind = 'overdue'))::int AS customer_count
                          FROM (%(today)s) today WHERE company_id = %(company)s GROUP BY user_id) t
                    ON t.user_id = u.id
             LEFT JOIN (SELECT user_id, count(*)::int AS asked_count,
                               (count(*) FILTER (WHERE state = 'waiting'))::int AS waiting_count,
                               %(median)s AS median_hours, max(hours) AS worst_hours
                          FROM (%(messages)s) message WHERE state <> 'none' GROUP BY user_id) r ON r.user_id = u.id
            WHERE u.active AND u.share IS NOT TRUE AND u.company_id = %(company)s
              AND COALESCE(a.user_id, t.user_id, r.user_id) IS NOT NULL""",
        day=day,
        planned_on=PLANNED_ON,
        today=today.query(env),
        company=company.id,
        median=median(SQL("hours")),
        messages=Response(env, company, since).query(),
    )
