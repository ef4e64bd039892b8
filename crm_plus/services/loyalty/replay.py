"""Where customers would have been before anything was recorded: from their orders, at the end of each month."""

from dateutil.relativedelta import relativedelta
from odoo.tools import SQL

from ..customer.documents import Documents, order_day
from ..customer.limits import Limits, score
from .rfm_moves import cube_at

# Two full years, and the month before them.
MONTHS = 25
FIGURES = SQL.identifier("crm_plus_replay_figures")


class Replay:
    """The stays of the customers of a company in its segments of RFM scores, before the first day that was recorded.

    At the beginning of every month the scores are those that the documents up to then give, among the customers of
    then; without the patience of real changes, since nobody waited.
    """

    def __init__(self, env, company, family):
        self.env, self.company, self.family = env, company, family

    def run(self):
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(SQL("CREATE TEMPORARY TABLE crm_plus_replay_days ON COMMIT DROP AS %s", self._days_query()))
        cr.execute(
            """ANALYZE crm_plus_replay_days;
               CREATE TEMPORARY TABLE crm_plus_replay (partner_id int, day date, segment_id int, score int)
                      ON COMMIT DROP"""
        )
        for day in self._months():
            self._place(day)
        self._record()
        cr.execute("DROP TABLE crm_plus_replay_days; DROP TABLE crm_plus_replay")

    def _months(self):
        """The first days of the months, oldest first; the current one included."""
        first = self.company._crm_plus_today().replace(day=1)
        return [first - relativedelta(months=count) for count in range(MONTHS - 1, -1, -1)]

    def _days_query(self):
        """What each customer ordered and gave back, a row a day: (partner_id, day, orders, amount)."""
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id, d.day, sum(d.orders)::int AS orders,
                      sum(d.amount) AS amount
                 FROM (SELECT partner_id, %(day)s AS day, count(*) FILTER (WHERE is_order) AS orders,
                              sum(amount) AS amount
                         FROM (%(documents)s) document GROUP BY 1, 2) d
                 JOIN res_partner p ON p.id = d.partner_id
                 JOIN crm_customer_profile known ON known.partner_id = p.commercial_partner_id
                      AND known.company_id = %(company)s
                GROUP BY 1, 2""",
            day=order_day(self.company, SQL("moment")),
            documents=SQL(" UNION ALL ").join(Documents(self.env, self.company).queries()),
            company=self.company.id,
        )

    def _place(self, day):
        """Note where everybody was when a day began."""
        cr, since = self.env.cr, self.company._crm_plus_window_since(day)
        inside = SQL("day >= %s", since) if since else SQL("TRUE")
        cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE %(figures)s ON COMMIT DROP AS
                   SELECT partner_id, %(noon)s + min(day) FILTER (WHERE orders > 0) AS first,
                          %(noon)s + max(day) FILTER (WHERE orders > 0) AS last,
                          sum(orders)::int AS orders, round(sum(amount), %(digits)s) AS revenue,
                          COALESCE(sum(orders) FILTER (WHERE %(inside)s), 0)::int AS window_orders,
                          round(COALESCE(sum(amount) FILTER (WHERE %(inside)s), 0), %(digits)s) AS window_revenue
                     FROM crm_plus_replay_days WHERE day < %(day)s GROUP BY partner_id HAVING sum(orders) > 0""",
                figures=FIGURES,
                noon=self.company._crm_plus_noon(),
                digits=self.company.currency_id.decimal_places,
                inside=inside,
                day=day,
            )
        )
        cuts = Limits(self.env, self.company, FIGURES, today=day).then()
        cr.execute(
            SQL(
                """INSERT INTO crm_plus_replay
                   SELECT partner_id, %(day)s, %(segment)s, score
                     FROM (SELECT partner_id, 100 * %(recency)s + 10 * %(frequency)s + %(monetary)s AS score
                             FROM %(figures)s) scored""",
                day=day,
                segment=cube_at(self.family, self.family._regions(), SQL("score")),
                recency=score(self.company, "recency", order_day(self.company, SQL("last")), "date", cuts),
                frequency=score(self.company, "frequency", SQL("window_orders"), "int", cuts),
                monetary=score(self.company, "monetary", SQL("window_revenue"), "numeric", cuts),
                figures=FIGURES,
            )
        )
        cr.execute(SQL("DROP TABLE %s", FIGURES))

    def _record(self):
        """Months in the same segment are one stay, up to the next one or to the first that was recorded."""
        self.env.cr.execute(
            SQL(
                """WITH recorded AS (
                        SELECT partner_id, min(date_from) AS day FROM crm_segment_membership
                         WHERE company_id = %(company)s AND NOT shadow
                               AND family_id IN (SELECT id FROM crm_segment_family WHERE kind = 'rfm')
                         GROUP BY partner_id),
                        month AS (
                        SELECT r.*, recorded.day AS recorded,
                               lag(r.segment_id) OVER (PARTITION BY r.partner_id ORDER BY r.day) AS previous
                          FROM crm_plus_replay r JOIN recorded ON recorded.partner_id = r.partner_id
                         WHERE r.day < recorded.day AND r.segment_id IS NOT NULL),
                        stay AS (
                        SELECT *, lead(day) OVER (PARTITION BY partner_id ORDER BY day) AS next FROM month
                         WHERE previous IS DISTINCT FROM segment_id)
                   INSERT INTO crm_segment_membership (company_id, profile_id, partner_id, family_id, segment_id,
                          previous_segment_id, score, shadow, replayed, date_from, date_to, reason)
                   SELECT p.company_id, p.id, p.partner_id, %(family)s, stay.segment_id, stay.previous, stay.score,
                          FALSE, TRUE, stay.day, COALESCE(stay.next, stay.recorded), '{"outcome": "replayed"}'
                     FROM stay JOIN crm_customer_profile p ON p.partner_id = stay.partner_id
                          AND p.company_id = %(company)s""",
                company=self.company.id,
                family=self.family.id,
            )
        )
