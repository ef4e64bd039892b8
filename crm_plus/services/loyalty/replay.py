"""Where customers would have been before anything was recorded: from their orders, as each month began."""

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.tools import SQL

from ..customer.documents import CONTACTS, customer_of, order_day, with_margins
from ..customer.limits import Limits, score
from ..customer.scope import Scope
from .rfm_moves import cube_at
from .tier_moves import FRESH, best_limits

# Two full years, and the month before them.
MONTHS = 25
FIGURES = SQL.identifier("crm_plus_replay_figures")
PLACES = SQL.identifier("crm_plus_replay")
REASON = '{"outcome": "replayed"}'
# What the refresh remembers of a company: how many months have been replayed.
REPLAYED = "replayed_months"


def replay_next(env, company):
    """Replay the next month of the past of a company; after the last one, note that it is done."""
    memory = env["crm.job.memory"]
    step = memory._of(company).get(company.id, {}).get(REPLAYED, 0)
    if step < MONTHS:
        past = Past(env, company, step)
        past.make()
        env["crm.segment.membership"]._replay(past)
        env["crm.tier.stay"]._replay(past)
        past.drop()
        memory._note(company, "refresh", {REPLAYED: step + 1})
    else:
        # sudo: only notes that it was done
        company.sudo().crm_plus_replayed_date = fields.Date.today()


class Past:
    """What the customers of a company had ordered when a month began, in a table from `make` to `drop`.

    The months are replayed one by one, the oldest first, each in a transaction of its own: all of them at once would
    take longer than a scheduled action may.
    """

    def __init__(self, env, company, step):
        self.env, self.company = env, company
        self.day = company._crm_plus_today().replace(day=1) - relativedelta(months=MONTHS - 1 - step)

    def make(self):
        self.env.flush_all()
        Scope().prepare(self.env.cr)
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", FIGURES, self._query()))
        self.env.cr.execute(SQL("ANALYZE %s", FIGURES))

    def drop(self):
        self.env.cr.execute(SQL("DROP TABLE %s", FIGURES))

    def _query(self):
        """SELECT of the figures of each customer: (partner_id, first, last, orders, revenue, window_orders,
        window_revenue, recent_orders, recent_revenue, recent_margin)."""
        company = self.company
        window = company._crm_plus_window_since(self.day)
        return SQL(
            """SELECT %(customer)s AS partner_id, %(noon)s + %(first)s AS first, %(noon)s + %(last)s AS last,
                      sum(d.orders)::int AS orders, round(sum(d.revenue), %(digits)s) AS revenue,
                      sum(d.window_orders)::int AS window_orders,
                      round(COALESCE(sum(d.window_revenue), 0), %(digits)s) AS window_revenue,
                      sum(d.recent_orders)::int AS recent_orders,
                      round(COALESCE(sum(d.recent_revenue), 0), %(digits)s) AS recent_revenue,
                      round(COALESCE(sum(d.recent_margin), 0), %(digits)s) AS recent_margin
                 FROM (SELECT partner_id, min(moment) FILTER (WHERE is_order) AS first,
                              max(moment) FILTER (WHERE is_order) AS last, count(*) FILTER (WHERE is_order) AS orders,
                              sum(amount) AS revenue,
                              count(*) FILTER (WHERE is_order AND %(in_window)s) AS window_orders,
                              sum(amount) FILTER (WHERE %(in_window)s) AS window_revenue,
                              count(*) FILTER (WHERE is_order AND moment >= %(recent)s) AS recent_orders,
                              sum(amount) FILTER (WHERE moment >= %(recent)s) AS recent_revenue,
                              sum(margin) FILTER (WHERE moment >= %(recent)s) AS recent_margin
                         FROM (%(documents)s) document WHERE moment < %(begins)s GROUP BY partner_id) d
                 LEFT JOIN %(contacts)s ON c.id = d.partner_id
                 JOIN crm_customer_profile known
                   ON known.partner_id = %(customer)s AND known.company_id = %(company)s
                GROUP BY 1 HAVING sum(d.orders) > 0""",
            customer=customer_of(SQL("d.partner_id")),
            contacts=CONTACTS,
            noon=company._crm_plus_noon(),
            first=order_day(company, SQL("min(d.first)")),
            last=order_day(company, SQL("max(d.last)")),
            digits=company.currency_id.decimal_places,
            in_window=SQL("moment >= %s", company._crm_plus_start_of_day(window)) if window else SQL("TRUE"),
            recent=company._crm_plus_start_of_day(company._crm_plus_tier_since(self.day)),
            documents=with_margins(self.env, company, Scope().documents()),
            begins=company._crm_plus_start_of_day(self.day),
            company=company.id,
        )


class Replay:
    """Stays of the customers of a company before the first day that was recorded.

    At the beginning of every month everybody is where the documents up to then put them, among the customers of then;
    without the patience of real changes, since nobody waited. Months in the same place are one stay, which lasts until
    the first that was recorded unless a later month says otherwise.
    """

    def __init__(self, past):
        self.past, self.env, self.company = past, past.env, past.company

    def run(self):
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", PLACES, self._moves_query(self._places_query()))
        )
        self._record()
        self.env.cr.execute(SQL("DROP TABLE %s", PLACES))

    def _places_query(self):
        """SELECT of where the figures put everybody on the day."""
        raise NotImplementedError

    def _moves_query(self, places):
        """SELECT of who is elsewhere than in the month before: ``stay_id`` is the stay of then, if there is one."""
        raise NotImplementedError

    def _record(self):
        """End the stays of then, begin those of now."""
        raise NotImplementedError


class SegmentReplay(Replay):
    """The stays in the segments of RFM scores of a family."""

    def __init__(self, past, family):
        super().__init__(past)
        self.family = family

    def _places_query(self):
        cuts = Limits(self.env, self.company, FIGURES, today=self.past.day).then()
        return SQL(
            """SELECT partner_id, %(segment)s AS segment_id, score
                 FROM (SELECT partner_id, 100 * %(recency)s + 10 * %(frequency)s + %(monetary)s AS score
                         FROM %(figures)s) scored""",
            segment=cube_at(self.family, self.family._regions(), SQL("score")),
            recency=score(self.company, "recency", order_day(self.company, SQL("last")), "date", cuts),
            frequency=score(self.company, "frequency", SQL("window_orders"), "int", cuts),
            monetary=score(self.company, "monetary", SQL("window_revenue"), "numeric", cuts),
            figures=FIGURES,
        )

    def _moves_query(self, places):
        main = SQL("company_id = %s AND NOT shadow", self.company.id)
        return SQL(
            """SELECT r.*, recorded.day AS recorded, was.id AS stay_id, was.segment_id AS previous
                 FROM (%(places)s) r
                 JOIN (SELECT partner_id, min(date_from) AS day FROM crm_segment_membership
                        WHERE %(main)s AND NOT replayed IS TRUE
                              AND family_id IN (SELECT id FROM crm_segment_family WHERE kind = 'rfm')
                        GROUP BY partner_id) recorded ON recorded.partner_id = r.partner_id
                 LEFT JOIN (SELECT * FROM crm_segment_membership WHERE %(main)s AND replayed AND family_id = %(family)s)
                      was ON was.partner_id = r.partner_id AND was.date_to = recorded.day
                WHERE recorded.day > %(day)s AND r.segment_id IS NOT NULL
                      AND was.segment_id IS DISTINCT FROM r.segment_id""",
            places=places,
            main=main,
            family=self.family.id,
            day=self.past.day,
        )

    def _record(self):
        self.env.cr.execute(
            SQL(
                "UPDATE crm_segment_membership s SET date_to = %s FROM %s m WHERE s.id = m.stay_id",
                self.past.day,
                PLACES,
            )
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_segment_membership (company_id, profile_id, partner_id, family_id, segment_id,
                          previous_segment_id, score, shadow, replayed, date_from, date_to, reason)
                   SELECT p.company_id, p.id, p.partner_id, %(family)s, m.segment_id, m.previous, m.score, FALSE, TRUE,
                          %(day)s, m.recorded, %(reason)s
                     FROM %(places)s m JOIN crm_customer_profile p ON p.partner_id = m.partner_id
                          AND p.company_id = %(company)s""",
                company=self.company.id,
                places=PLACES,
                family=self.family.id,
                day=self.past.day,
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

    def _places_query(self):
        best = best_limits(self.env, self.company, self.tiers.filtered(lambda tier: tier.rule == "top"), FIGURES)
        reached = []
        for tier in reversed(self.tiers):
            limit = tier.threshold if tier.rule == "amount" else float(best.get(str(tier.id), 0))
            if limit:
                column = SQL.identifier(FRESH[tier._measure()])
                reached.append(SQL("WHEN %s >= %s::numeric THEN %s", column, str(limit), tier.id))
        return SQL(
            "SELECT partner_id, %s AS tier_id FROM %s",
            SQL("CASE %s END", SQL(" ").join(reached)) if reached else SQL("NULL::int"),
            FIGURES,
        )

    def _moves_query(self, places):
        return SQL(
            """SELECT r.*, recorded.day AS recorded, was.id AS stay_id, was.tier_id AS previous
                 FROM (%(places)s) r
                CROSS JOIN (SELECT COALESCE(min(date_from), %(today)s) AS day FROM crm_tier_stay
                             WHERE company_id = %(company)s AND NOT replayed IS TRUE) recorded
                 LEFT JOIN (SELECT * FROM crm_tier_stay WHERE company_id = %(company)s AND replayed)
                      was ON was.partner_id = r.partner_id AND was.date_to = recorded.day
                WHERE recorded.day > %(day)s AND was.tier_id IS DISTINCT FROM r.tier_id""",
            places=places,
            company=self.company.id,
            today=self.company._crm_plus_today(),
            day=self.past.day,
        )

    def _record(self):
        self.env.cr.execute(
            SQL("UPDATE crm_tier_stay s SET date_to = %s FROM %s m WHERE s.id = m.stay_id", self.past.day, PLACES)
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_tier_stay (company_id, profile_id, partner_id, tier_id, previous_tier_id, replayed,
                          date_from, date_to, reason)
                   SELECT p.company_id, p.id, p.partner_id, m.tier_id, m.previous, TRUE, %(day)s, m.recorded, %(reason)s
                     FROM %(places)s m JOIN crm_customer_profile p ON p.partner_id = m.partner_id
                          AND p.company_id = %(company)s
                    WHERE m.tier_id IS NOT NULL""",
                company=self.company.id,
                places=PLACES,
                day=self.past.day,
                reason=REASON,
            )
        )
