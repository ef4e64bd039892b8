"""Where customers would have been before anything was recorded: from their orders, as each month began."""

from dateutil.relativedelta import relativedelta
from odoo.tools import SQL

from ..customer.documents import order_day, with_margins
from ..customer.limits import Limits, score
from ..customer.scope import Scope
from .rfm_moves import cube_at
from .tier_moves import FRESH, best_limits

# Two full years, and the month before them.
MONTHS = 25
DAYS = SQL.identifier("crm_plus_replay_days")
FIGURES = SQL.identifier("crm_plus_replay_figures")
PLACES = SQL.identifier("crm_plus_replay")
REASON = '{"outcome": "replayed"}'


class Past:
    """The days on which the customers of a company ordered or gave something back, in a table from `make` to `drop`."""

    def __init__(self, env, company):
        self.env, self.company = env, company

    def make(self):
        self.env.flush_all()
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", DAYS, self._query()))
        self.env.cr.execute(SQL("ANALYZE %s", DAYS))

    def drop(self):
        self.env.cr.execute(SQL("DROP TABLE %s", DAYS))

    def months(self):
        """The first days of the months, oldest first; the current one included."""
        first = self.company._crm_plus_today().replace(day=1)
        return [first - relativedelta(months=count) for count in range(MONTHS - 1, -1, -1)]

    def _query(self):
        """What each customer ordered and gave back, a row a day: (partner_id, day, orders, amount, margin)."""
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id, d.day, sum(d.orders)::int AS orders,
                      sum(d.amount) AS amount, sum(d.margin) AS margin
                 FROM (SELECT partner_id, %(day)s AS day, count(*) FILTER (WHERE is_order) AS orders,
                              sum(amount) AS amount, sum(margin) AS margin
                         FROM (%(documents)s) document GROUP BY 1, 2) d
                 JOIN res_partner p ON p.id = d.partner_id
                 JOIN crm_customer_profile known ON known.partner_id = p.commercial_partner_id
                      AND known.company_id = %(company)s
                GROUP BY 1, 2""",
            day=order_day(self.company, SQL("moment")),
            documents=with_margins(self.env, self.company, Scope().documents()),
            company=self.company.id,
        )


class Replay:
    """Stays of the customers of a company before the first day that was recorded.

    At the beginning of every month everybody is where the documents up to then put them, among the customers of then;
    without the patience of real changes, since nobody waited.
    """

    def __init__(self, past):
        self.past, self.env, self.company = past, past.env, past.company

    def run(self):
        self.env.flush_all()
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s %s ON COMMIT DROP", PLACES, self._columns()))
        for day in self.past.months():
            self.env.cr.execute(
                SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", FIGURES, self._figures_query(day))
            )
            self.env.cr.execute(SQL("INSERT INTO %s %s", PLACES, self._places_query(day)))
            self.env.cr.execute(SQL("DROP TABLE %s", FIGURES))
        self._record()
        self.env.cr.execute(SQL("DROP TABLE %s", PLACES))

    def _columns(self):
        """The columns of the table of places."""
        raise NotImplementedError

    def _figures_query(self, day):
        """SELECT of the figures of each customer when a day began."""
        raise NotImplementedError

    def _places_query(self, day):
        """SELECT of where the figures put everybody on the day."""
        raise NotImplementedError

    def _record(self):
        """Months in the same place are one stay, up to the next one or to the first that was recorded."""
        raise NotImplementedError


class SegmentReplay(Replay):
    """The stays in the segments of RFM scores of a family."""

    def __init__(self, past, family):
        super().__init__(past)
        self.family = family

    def _columns(self):
        return SQL("(partner_id int, day date, segment_id int, score int)")

    def _figures_query(self, day):
        since = self.company._crm_plus_window_since(day)
        return SQL(
            """SELECT partner_id, %(noon)s + min(day) FILTER (WHERE orders > 0) AS first,
                      %(noon)s + max(day) FILTER (WHERE orders > 0) AS last,
                      sum(orders)::int AS orders, round(sum(amount), %(digits)s) AS revenue,
                      COALESCE(sum(orders) FILTER (WHERE %(inside)s), 0)::int AS window_orders,
                      round(COALESCE(sum(amount) FILTER (WHERE %(inside)s), 0), %(digits)s) AS window_revenue
                 FROM %(days)s WHERE day < %(day)s GROUP BY partner_id HAVING sum(orders) > 0""",
            noon=self.company._crm_plus_noon(),
            digits=self.company.currency_id.decimal_places,
            inside=SQL("day >= %s", since) if since else SQL("TRUE"),
            days=DAYS,
            day=day,
        )

    def _places_query(self, day):
        cuts = Limits(self.env, self.company, FIGURES, today=day).then()
        return SQL(
            """SELECT partner_id, %(day)s, %(segment)s, score
                 FROM (SELECT partner_id, 100 * %(recency)s + 10 * %(frequency)s + %(monetary)s AS score
                         FROM %(figures)s) scored""",
            day=day,
            segment=cube_at(self.family, self.family._regions(), SQL("score")),
            recency=score(self.company, "recency", order_day(self.company, SQL("last")), "date", cuts),
            frequency=score(self.company, "frequency", SQL("window_orders"), "int", cuts),
            monetary=score(self.company, "monetary", SQL("window_revenue"), "numeric", cuts),
            figures=FIGURES,
        )

    def _record(self):
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
                          FROM %(places)s r JOIN recorded ON recorded.partner_id = r.partner_id
                         WHERE r.day < recorded.day AND r.segment_id IS NOT NULL),
                        stay AS (
                        SELECT *, lead(day) OVER (PARTITION BY partner_id ORDER BY day) AS next FROM month
                         WHERE previous IS DISTINCT FROM segment_id)
                   INSERT INTO crm_segment_membership (company_id, profile_id, partner_id, family_id, segment_id,
                          previous_segment_id, score, shadow, replayed, date_from, date_to, reason)
                   SELECT p.company_id, p.id, p.partner_id, %(family)s, stay.segment_id, stay.previous, stay.score,
                          FALSE, TRUE, stay.day, COALESCE(stay.next, stay.recorded), %(reason)s
                     FROM stay JOIN crm_customer_profile p ON p.partner_id = stay.partner_id
                          AND p.company_id = %(company)s""",
                company=self.company.id,
                places=PLACES,
                family=self.family.id,
                reason=REASON,
            )
        )


class TierReplay(Replay):
    """The stays in the ``tiers`` of the company, from the lowest to the highest.

    What a tier is measured by has to be told by documents: nobody had one that is measured by a forecast.
    """

    def __init__(self, past, tiers):
        super().__init__(past)
        self.tiers = tiers.filtered(lambda tier: tier._measure() in FRESH)

    def _columns(self):
        return SQL("(partner_id int, day date, tier_id int)")

    def _figures_query(self, day):
        return SQL(
            """SELECT partner_id, COALESCE(sum(orders) FILTER (WHERE %(inside)s), 0)::int AS recent_orders,
                      round(COALESCE(sum(amount) FILTER (WHERE %(inside)s), 0), %(digits)s) AS recent_revenue,
                      round(COALESCE(sum(margin) FILTER (WHERE %(inside)s), 0), %(digits)s) AS recent_margin
                 FROM %(days)s WHERE day < %(day)s GROUP BY partner_id HAVING sum(orders) > 0""",
            inside=SQL("day >= %s", self.company._crm_plus_tier_since(day)),
            digits=self.company.currency_id.decimal_places,
            days=DAYS,
            day=day,
        )

    def _places_query(self, day):
        best = best_limits(self.env, self.company, self.tiers.filtered(lambda tier: tier.rule == "top"), FIGURES)
        reached = []
        for tier in reversed(self.tiers):
            limit = tier.threshold if tier.rule == "amount" else float(best.get(str(tier.id), 0))
            if limit:
                column = SQL.identifier(FRESH[tier._measure()])
                reached.append(SQL("WHEN %s >= %s::numeric THEN %s", column, str(limit), tier.id))
        return SQL(
            "SELECT partner_id, %s, %s FROM %s",
            day,
            SQL("CASE %s END", SQL(" ").join(reached)) if reached else SQL("NULL::int"),
            FIGURES,
        )

    def _record(self):
        self.env.cr.execute(
            SQL(
                """WITH recorded AS (
                        SELECT COALESCE(min(date_from), %(today)s) AS day FROM crm_tier_stay
                         WHERE company_id = %(company)s AND replayed IS NOT TRUE),
                        month AS (
                        SELECT r.*, recorded.day AS recorded,
                               lag(r.tier_id) OVER (PARTITION BY r.partner_id ORDER BY r.day) AS previous
                          FROM %(places)s r, recorded WHERE r.day < recorded.day),
                        stay AS (
                        SELECT *, lead(day) OVER (PARTITION BY partner_id ORDER BY day) AS next FROM month
                         WHERE previous IS DISTINCT FROM tier_id)
                   INSERT INTO crm_tier_stay (company_id, profile_id, partner_id, tier_id, previous_tier_id, replayed,
                          date_from, date_to, reason)
                   SELECT p.company_id, p.id, p.partner_id, stay.tier_id, stay.previous, TRUE, stay.day,
                          COALESCE(stay.next, stay.recorded), %(reason)s
                     FROM stay JOIN crm_customer_profile p ON p.partner_id = stay.partner_id
                          AND p.company_id = %(company)s
                    WHERE stay.tier_id IS NOT NULL""",
                today=self.company._crm_plus_today(),
                company=self.company.id,
                places=PLACES,
                reason=REASON,
            )
        )
