"""What customers did after they were reached or held out, added up by arm: one statement for all outcomes."""

from dataclasses import dataclass

from odoo.addons.crm_plus.services.customer.documents import of_customers, with_margins
from odoo.addons.crm_plus.services.sql import array_text
from odoo.tools import SQL

from ...engine.followup.uplift import Arm, share
from .stops import MESSAGES, channels

# A customer counts for retention who ordered within so many days before.
ACTIVE_DAYS = 365


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The customers of one arm: how many, how many ordered and replied, what they brought; of those who had ordered in
    the year before, how many ordered again. The margin is None where the host knows of none."""

    size: int = 0
    ordered: int = 0
    replied: int = 0
    before: int = 0
    again: int = 0
    revenue: float = 0.0
    revenue_squares: float = 0.0
    margin: float | None = None
    margin_squares: float = 0.0

    def arm(self, name):
        """The arm of an outcome, for the engine."""
        if name == "retention":
            return share(self.before, self.again)
        if name in ("ordered", "replied"):
            return share(self.size, getattr(self, name))
        return Arm(self.size, getattr(self, name) or 0.0, getattr(self, f"{name}_squares"))


def of_arms(env, company, units, days):
    """``{held out: Outcomes}`` of ``units``, a SELECT of (id, held_out, date_assigned, customer), the last one a
    commercial partner. Orders, revenue and margin net of what was given back, and replies, within so many days."""
    env.flush_all()
    condition = of_customers(SQL("SELECT customer FROM (%s) of_units", units))
    rows = env.execute_query(
        SQL(
            """WITH unit AS MATERIALIZED (%(units)s),
                    document AS MATERIALIZED (
                      SELECT c.commercial_partner_id AS customer, d.* FROM (%(documents)s) d
                        JOIN res_partner c ON c.id = d.partner_id),
                    sold AS (
                      SELECT u.id,
                             COALESCE(bool_or(d.is_order) FILTER (WHERE d.moment > u.date_assigned), FALSE) AS ordered,
                             COALESCE(bool_or(d.is_order) FILTER (WHERE d.moment <= u.date_assigned), FALSE) AS before,
                             COALESCE(sum(d.amount) FILTER (WHERE d.moment > u.date_assigned), 0)::float8 AS revenue,
                             (sum(d.margin) FILTER (WHERE d.moment > u.date_assigned))::float8 AS margin
                        FROM unit u LEFT JOIN document d ON d.customer = u.customer
                             AND d.moment > u.date_assigned - %(active)s * interval '1 day'
                             AND d.moment <= u.date_assigned + %(days)s * interval '1 day'
                       GROUP BY u.id),
                    replied AS (
                      SELECT u.id FROM unit u WHERE EXISTS (
                             SELECT FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                              WHERE c.commercial_partner_id = u.customer AND i.direction = 'in'
                                AND i.channel_id = ANY(%(messages)s) AND i.date > u.date_assigned
                                AND i.date <= u.date_assigned + %(days)s * interval '1 day'
                                AND (i.company_id = %(company)s OR i.company_id IS NULL)))
               SELECT u.held_out, count(*)::int, count(*) FILTER (WHERE s.ordered)::int, count(r.id)::int,
                      count(*) FILTER (WHERE s.before)::int, count(*) FILTER (WHERE s.before AND s.ordered)::int,
                      sum(s.revenue), sum(s.revenue ^ 2),
                      CASE WHEN %(knows_margins)s THEN COALESCE(sum(s.margin), 0) END, COALESCE(sum(s.margin ^ 2), 0)
                 FROM unit u JOIN sold s USING (id) LEFT JOIN replied r USING (id)
                GROUP BY u.held_out""",
            units=units,
            documents=with_margins(env, company, condition),
            knows_margins=bool(company._crm_plus_knows_margins()),
            active=ACTIVE_DAYS,
            days=days,
            messages=channels(env, MESSAGES),
            company=company.id,
        )
    )
    return {bool(row[0]): Outcomes(*row[1:]) for row in rows}


def of_these(env, rows):
    """SQL on ``partner_id`` of a document: whether it is one of the customers of ``rows``, a SELECT with a column
    ``customer``. They are looked up once: several statements ask about documents, each of them for all sources."""
    [(found,)] = env.execute_query(
        SQL("SELECT array_agg(DISTINCT customer) FROM (%s) r WHERE customer IS NOT NULL", rows)
    )
    return of_customers(SQL("SELECT unnest(%s::int[])", array_text(found or [])))


def of_sources(env, company, queries):
    """``{(kind, source_id, campaign_id): (the revenue of those reached, of those held out)}``, arms for the engine: all
    sources at once, of ``queries`` as `campaign_return.holdout_queries` gives them."""
    env.flush_all()
    units = SQL(" UNION ALL ").join(queries)
    documents = env["crm.customer.profile"]._document_queries(company, of_these(env, units))
    rows = env.execute_query(
        SQL(
            """WITH unit AS MATERIALIZED (
                      SELECT row_number() OVER () AS id, u.* FROM (%(units)s) u),
                    document AS MATERIALIZED (
                      SELECT c.commercial_partner_id AS customer, d.moment, d.amount FROM (%(documents)s) d
                        JOIN res_partner c ON c.id = d.partner_id
                       WHERE d.moment > (SELECT min(date_assigned) FROM unit)),
                    sold AS (
                      SELECT u.id, sum(d.amount)::float8 AS revenue FROM unit u JOIN document d
                             ON d.customer = u.customer AND d.moment > u.date_assigned
                             AND d.moment <= u.date_assigned + u.days * interval '1 day'
                       GROUP BY u.id)
               SELECT u.kind, u.source_id, u.campaign_id, COALESCE(u.held_out, FALSE), count(*)::int,
                      COALESCE(sum(s.revenue), 0), COALESCE(sum(s.revenue ^ 2), 0)
                 FROM unit u LEFT JOIN sold s USING (id) GROUP BY 1, 2, 3, 4""",
            units=units,
            documents=SQL(" UNION ALL ").join(documents),
        )
    )
    found = {}
    for kind, source_id, campaign_id, held_out, *numbers in rows:
        arms = found.setdefault((kind, source_id, campaign_id), {})
        arms[held_out] = Arm(*numbers)
    nobody = Arm(0, 0.0, 0.0)
    return {source: (arms.get(False, nobody), arms.get(True, nobody)) for source, arms in found.items()}
