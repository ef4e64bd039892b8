"""Who has which tier, for all customers of a company or some of them: the SQL twin of ``engine.loyalty.tiers``."""

from odoo.tools import SQL

from .stage import STORED


class TierMoves:
    """The customers of a company whose tier changes, or begins to be lost, noted in the table of moves of a stage.

    ``tiers`` are those in use, from the lowest to the highest; ``scope`` is a condition on the profiles ``p``.
    """

    def __init__(self, tiers, company, scope, stage=STORED):
        self.env, self.tiers, self.company, self.scope, self.stage = tiers.env, tiers, company, scope, stage

    def place(self, most=None):
        """Note who moves, at most so many, and change the profiles; the number of moves."""
        cr, stage = self.env.cr, self.stage
        count = stage.note(cr, self.query(), most)
        if count:
            cr.execute(
                SQL(
                    """UPDATE %s p SET tier_id = m.new, tier_until = m.until,
                              tier_since = CASE WHEN m.old IS NOT DISTINCT FROM m.new THEN p.tier_since
                                                WHEN m.new IS NOT NULL THEN %s END
                         FROM %s m WHERE p.id = m.profile_id""",
                    stage.profiles,
                    self.company._crm_plus_today(),
                    stage.moves,
                )
            )
        return count

    def record(self):
        """Begin and end the stays of customers who move."""
        self.env["crm.tier.stay"]._record_moves(
            self.company,
            values={"previous_tier_id": SQL("m.old")},
            entering=self.tiers.filtered(lambda tier: tier._acts_on_enter()).ids,
            stage=self.stage,
        )

    def drop(self):
        self.env.cr.execute(SQL("DROP TABLE %s", self.stage.moves))

    def query(self):
        """SELECT of (profile_id, partner_id, old, new, until, reason) of who rises, falls, or begins a grace period."""
        return SQL(
            """SELECT profile_id, partner_id, old, until, (%(ids)s::int[])[rank] AS new,
                      jsonb_build_object('outcome', CASE WHEN given IS NULL THEN 'earned' ELSE 'given' END,
                                         'text', text, 'revenue', revenue, 'orders', orders,
                                         'months', %(months)s::int) AS reason
                 FROM (SELECT *,
                              CASE WHEN given IS NOT NULL THEN given WHEN earned >= held THEN earned
                                   WHEN %(today)s < end_of_grace THEN held ELSE earned END AS rank,
                              CASE WHEN given IS NULL AND earned < held AND %(today)s < end_of_grace
                                   THEN end_of_grace END AS until
                         FROM (SELECT *, COALESCE(was_until, %(today)s + (%(grace)s::int[])[held]) AS end_of_grace
                                 FROM (%(ranks)s OFFSET 0) ranks) graced) standing
                WHERE ((%(ids)s::int[])[rank], until) IS DISTINCT FROM (old, was_until)""",
            ids=self.tiers.ids,
            grace=self.tiers.mapped("grace_days"),
            today=self.company._crm_plus_today(),
            months=self.company.crm_plus_tier_months,
            ranks=self._ranks_query(),
        )

    def _ranks_query(self):
        """For each profile the rank it has (``held``), deserves (``earned``) and was given by hand (``given``)."""
        branches = [
            SQL("WHEN %s THEN %s", _reached(tier, self.company), rank) for rank, tier in enumerate(self.tiers, start=1)
        ]
        return SQL(
            """SELECT p.id AS profile_id, p.partner_id, p.tier_id AS old, p.tier_until AS was_until,
                      COALESCE(array_position(%(ids)s::int[], p.tier_id), 0) AS held,
                      %(earned)s AS earned, array_position(%(ids)s::int[], o.tier_id) AS given,
                      o.reason AS text, p.recent_revenue AS revenue, p.recent_order_count AS orders
                 FROM %(profiles)s p LEFT JOIN (%(overrides)s) o ON o.partner_id = p.partner_id
                WHERE p.company_id = %(company)s AND %(scope)s""",
            ids=self.tiers.ids,
            earned=SQL("CASE %s ELSE 0 END", SQL(" ").join(reversed(branches))) if branches else SQL("0"),
            overrides=self.overrides_query(),
            profiles=self.stage.profiles,
            company=self.company.id,
            scope=self.scope,
        )

    def overrides_query(self):
        """The latest valid tier given by hand to each customer, or to one of its contacts."""
        return SQL(
            """SELECT DISTINCT ON (c.commercial_partner_id) c.commercial_partner_id AS partner_id, t.tier_id, t.reason
                 FROM crm_tier_override t JOIN res_partner c ON c.id = t.partner_id
                WHERE t.company_id = %s AND t.tier_id = ANY(%s) AND (t.date_to IS NULL OR t.date_to >= %s)
                ORDER BY c.commercial_partner_id, t.id DESC""",
            self.company.id,
            self.tiers.ids,
            self.company._crm_plus_today(),
        )


def _reached(tier, company):
    """Condition on a profile ``p``: it reaches this tier."""
    limit, column = tier._limit(company), tier._measure()
    return SQL("p.%s >= %s::numeric", SQL.identifier(column), str(limit)) if limit and column else SQL("FALSE")


def best_limits(env, company, tiers, fresh=None):
    """``{tier id: the limit of a tier for the best part of the customers}`` as texts, in one sort for each measure.

    ``fresh``: the table of figures just added up and not stored yet.
    """
    found = {}
    for column, same in tiers.grouped(lambda tier: tier._measure()).items():
        [[limits]] = env.execute_query(
            SQL(
                """SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY value)
                     FROM (%s) measured WHERE value > 0""",
                [1 - tier.top_percent / 100 for tier in same],
                _measured(company, column, fresh),
            )
        )
        found |= {str(tier.id): str(limit) for tier, limit in zip(same, limits or [], strict=limits is not None)}
    return found


# Columns of figures just added up that tiers are measured by.
FRESH = {"recent_revenue": "recent_revenue", "recent_margin": "recent_margin", "recent_order_count": "recent_orders"}


def _measured(company, column, fresh):
    """SELECT of the ``value`` that each customer is measured by."""
    if fresh and column in FRESH:
        return SQL("SELECT %s AS value FROM %s", SQL.identifier(FRESH[column]), fresh)
    return SQL(
        "SELECT %s AS value FROM crm_customer_profile WHERE company_id = %s AND %s",
        SQL.identifier(column),
        company.id,
        SQL("partner_id IN (SELECT partner_id FROM %s)", fresh) if fresh else SQL("TRUE"),
    )
