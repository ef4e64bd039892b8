from odoo import api, models
from odoo.tools import SQL

from ...services.loyalty.stage import STORED, Stage

NEWCOMERS = Stage("crm_plus_newcomers", "crm_plus_tier_moves")


class CrmTier(models.Model):
    """Who has which tier, for all customers of a company or some of them: the SQL twin of ``engine.loyalty.tiers``."""

    _inherit = "crm.tier"

    @api.model
    def _assign(self, company, scope):
        """Promote, warn and demote the customers of the company (``scope``: a condition on the profiles ``p``)."""
        tiers = self._tiers_of(company)
        if tiers._place(company, scope, STORED):
            tiers._record(company, STORED)
            self._note_warnings(company, tiers.filtered("warning_activity_type_id"))
        self.env.cr.execute("DROP TABLE crm_plus_moves")

    @api.model
    def _place_newcomers(self, company):
        """Give profiles that are still to be inserted their tier; what is then to be called, once they are there."""
        tiers = self._tiers_of(company)
        tiers._place(company, SQL("TRUE"), NEWCOMERS)
        return [lambda: tiers._record(company, NEWCOMERS)]

    def _place(self, company, scope, stage):
        """Note who moves and change the profiles; the number of moves."""
        cr = self.env.cr
        moves = self._moves_query(company, scope, stage)
        cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", stage.moves, moves))
        count = cr.rowcount
        if count:
            cr.execute(
                SQL(
                    """UPDATE %s p SET tier_id = m.new, tier_until = m.until,
                              tier_since = CASE WHEN m.old IS NOT DISTINCT FROM m.new THEN p.tier_since
                                                WHEN m.new IS NOT NULL THEN %s END
                         FROM %s m WHERE p.id = m.profile_id""",
                    stage.profiles,
                    company._crm_plus_today(),
                    stage.moves,
                )
            )
        return count

    def _record(self, company, stage):
        self.env["crm.tier.stay"]._record_moves(
            company,
            values={"previous_tier_id": SQL("m.old"), "warning_pending": SQL("FALSE")},
            entering=self.filtered(lambda tier: tier._acts_on_enter()).ids,
            stage=stage,
        )

    def _note_warnings(self, company, tiers):
        self.env.cr.execute(
            SQL(
                """UPDATE crm_tier_stay s SET warning_pending = TRUE FROM crm_plus_moves m
                    WHERE s.partner_id = m.partner_id AND s.company_id = %s AND s.date_to IS NULL
                      AND m.until IS NOT NULL AND m.old = m.new AND s.tier_id = ANY(%s)""",
                company.id,
                tiers.ids,
            )
        )

    def _moves_query(self, company, scope, stage=STORED):
        """SELECT of (profile_id, partner_id, old, new, until, reason) of those who rise, fall, or begin their grace."""
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
            ids=self.ids,
            grace=self.mapped("grace_days"),
            today=company._crm_plus_today(),
            months=company.crm_plus_tier_months,
            ranks=self._ranks_query(company, scope, stage),
        )

    def _ranks_query(self, company, scope, stage):
        """For each profile the rank it has (``held``), deserves (``earned``) and was given by hand (``given``)."""
        branches = [SQL("WHEN %s THEN %s", tier._reached(company), rank) for rank, tier in enumerate(self, start=1)]
        return SQL(
            """SELECT p.id AS profile_id, p.partner_id, p.tier_id AS old, p.tier_until AS was_until,
                      COALESCE(array_position(%(ids)s::int[], p.tier_id), 0) AS held,
                      %(earned)s AS earned, array_position(%(ids)s::int[], o.tier_id) AS given,
                      o.reason AS text, p.recent_revenue AS revenue, p.recent_order_count AS orders
                 FROM %(profiles)s p LEFT JOIN (%(overrides)s) o ON o.partner_id = p.partner_id
                WHERE p.company_id = %(company)s AND %(scope)s""",
            ids=self.ids,
            earned=SQL("CASE %s ELSE 0 END", SQL(" ").join(reversed(branches))) if branches else SQL("0"),
            overrides=self._overrides_query(company),
            profiles=stage.profiles,
            company=company.id,
            scope=scope,
        )

    def _reached(self, company):
        """Condition on a profile ``p``: it reaches this tier."""
        limit, column = self._limit(company), self._measure()
        return SQL("p.%s >= %s::numeric", SQL.identifier(column), str(limit)) if limit and column else SQL("FALSE")

    def _overrides_query(self, company):
        """The latest valid tier given by hand to each customer, or to one of its contacts."""
        return SQL(
            """SELECT DISTINCT ON (c.commercial_partner_id) c.commercial_partner_id AS partner_id, t.tier_id, t.reason
                 FROM crm_tier_override t JOIN res_partner c ON c.id = t.partner_id
                WHERE t.company_id = %s AND t.tier_id = ANY(%s) AND (t.date_to IS NULL OR t.date_to >= %s)
                ORDER BY c.commercial_partner_id, t.id DESC""",
            company.id,
            self.ids,
            company._crm_plus_today(),
        )

    @api.model
    def _recompute_limits(self, company, fresh=None):
        """The limits of tiers for the best part of the customers, in one sort for each measure.

        ``fresh``: ``{measure: column of crm_plus_fresh}`` of figures just added up and not stored yet.
        """
        found = {}
        best = self._tiers_of(company).filtered(lambda tier: tier.rule == "top" and tier._measure())
        for column, tiers in best.grouped(lambda tier: tier._measure()).items():
            [[limits]] = self.env.execute_query(
                SQL(
                    """SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY value)
                         FROM (%s) measured WHERE value > 0""",
                    [1 - tier.top_percent / 100 for tier in tiers],
                    self._measured_query(company, column, fresh or {}),
                )
            )
            found |= {str(tier.id): str(limit) for tier, limit in zip(tiers, limits or [], strict=limits is not None)}
        if found != (company.crm_plus_tier_cuts or {}):
            # sudo: the limits that the refresh has found
            company.sudo().crm_plus_tier_cuts = found

    def _measured_query(self, company, column, fresh):
        """SELECT of the ``value`` that each customer is measured by."""
        if column in fresh:
            return SQL("SELECT %s AS value FROM crm_plus_fresh", SQL.identifier(fresh[column]))
        return SQL(
            "SELECT %s AS value FROM crm_customer_profile WHERE company_id = %s AND %s",
            SQL.identifier(column),
            company.id,
            SQL("partner_id IN (SELECT partner_id FROM crm_plus_fresh)") if fresh else SQL("TRUE"),
        )
