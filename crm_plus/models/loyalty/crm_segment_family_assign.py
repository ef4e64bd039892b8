import logging

import psycopg2
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...services.loyalty.stage import STORED, Stage

_logger = logging.getLogger(__name__)

NEWCOMERS = Stage("crm_plus_newcomers", "crm_plus_segment_moves")


class CrmSegmentFamily(models.Model):
    """Who is in which segment of a family: all customers of a company or some of them, in a handful of statements."""

    _inherit = "crm.segment.family"

    def _assign(self, company, scope):
        """Move the customers of the company (``scope``: a condition on the profiles ``p``) to where they belong.

        Whatever is wrong with a segment is shown on it; the other families and the profiles are not affected.
        """
        in_use = self._families_of(company)
        for family in self:
            try:
                with self.env.cr.savepoint(flush=False):
                    if family in in_use:
                        family._apply_moves(company, scope)
                    if family._has_shadow(company):
                        family._apply_moves(company, scope, shadow=True)
                problems = family._resting(company)
            except (ValueError, psycopg2.DataError, psycopg2.ProgrammingError) as error:
                _logger.info("Segments of %s are not assigned: %s", family.name, error)
                problems = dict.fromkeys(family.segment_ids.filtered(lambda s: s.kind != "rfm"), str(error))
            for segment in family.segment_ids:
                if segment.rule_error != (problem := problems.get(segment, False)):
                    segment.rule_error = problem

    def _resting(self, company):
        """``{segment: why}`` of those whose conditions cannot be asked in a company: nobody enters or leaves them."""
        problems = {}
        for segment in self.segment_ids.filtered(lambda s: s.kind == "domain" and s.state != "archived"):
            try:
                segment._profiles_query(company)
            except (ValueError, UserError) as error:
                problems[segment] = str(error)
        return problems

    def _apply_moves(self, company, scope, shadow=False):
        if self._place(company, scope, STORED, shadow):
            self._record(company, shadow)
        self.env.cr.execute("DROP TABLE crm_plus_moves")

    def _place_newcomers(self, company):
        """Give profiles that are still to be inserted their segment; what is then to be called, once they are there."""
        family = self.filtered(lambda family: family.kind == "rfm")
        if not family:
            return []
        family._place(company, SQL("TRUE"), NEWCOMERS)
        return [lambda: family._record(company, shadow=False, stage=NEWCOMERS)]

    def _place(self, company, scope, stage, shadow=False):
        """Note who moves and change the profiles; the number of moves."""
        cr = self.env.cr
        moves = self._moves_query(company, scope, shadow, stage)
        cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", stage.moves, moves))
        count = cr.rowcount
        if count and self.kind == "rfm" and not shadow:
            cr.execute(
                SQL(
                    """UPDATE %s p SET segment_id = m.new, segment_score = m.score,
                              segment_since = CASE WHEN m.old IS DISTINCT FROM m.new THEN %s ELSE p.segment_since END
                         FROM %s m WHERE p.id = m.profile_id""",
                    stage.profiles,
                    company._crm_plus_today(),
                    stage.moves,
                )
            )
        return count

    def _record(self, company, shadow, stage=STORED):
        families = self
        if self.kind == "rfm" and not shadow:
            # A company that gets scores of its own leaves the shared family.
            families = self.search([("kind", "=", "rfm")])
        self.env["crm.segment.membership"]._record_moves(
            company,
            scope=SQL("s.family_id = ANY(%s) AND s.shadow = %s", families.ids, shadow),
            values={
                "family_id": SQL("%s", self.id),
                "shadow": SQL("%s", shadow),
                "previous_segment_id": SQL("m.old"),
                "score": SQL("m.score"),
            },
            entering=() if shadow else self.segment_ids.filtered(lambda s: s._acts_on_enter()).ids,
            leaving=() if shadow else self.segment_ids.filtered("leave_action_ids").ids,
            stage=stage,
        )

    def _moves_query(self, company, scope, shadow=False, stage=STORED):
        """SELECT of (profile_id, partner_id, old, new, score, reason): who is elsewhere than where they belong."""
        if self.kind == "rfm" and not shadow:
            return self._rfm_moves_query(company, scope, stage)
        return SQL(
            """SELECT id AS profile_id, partner_id, old, target AS new, NULL::int AS score,
                      jsonb_build_object('outcome', %(outcome)s::text) AS reason
                 FROM (SELECT p.id, p.partner_id, c.segment_id AS old, c.date_from AS since, %(target)s AS target
                         FROM crm_customer_profile p
                         LEFT JOIN crm_segment_membership c ON c.company_id = p.company_id AND c.family_id = %(family)s
                              AND c.shadow = %(shadow)s AND c.date_to IS NULL AND c.partner_id = p.partner_id
                        WHERE p.company_id = %(company)s AND %(scope)s) wanted
                WHERE target IS DISTINCT FROM old
                  AND (old IS NULL OR NOT old = ANY(%(valid)s)
                       OR since <= %(stay_since)s OR since <= %(rules_date)s)""",
            outcome="conditions",
            target=self._target(company, shadow),
            family=self._origin.id,
            shadow=shadow,
            company=company.id,
            scope=scope,
            valid=self._segments("draft" if shadow else "active")._origin.ids,
            stay_since=company._crm_plus_stay_since(),
            rules_date=self._rules_date(),
        )

    def _target(self, company, shadow):
        """SQL of the segment in which a profile ``p`` belongs; in the shadow, of the draft that would take it."""
        drafts, active = self._segments("draft"), self._segments("active")
        if self.kind == "manual":
            return SQL("CASE WHEN c.segment_id = ANY(%s) THEN c.segment_id END", active._origin.ids)
        if self.kind == "rfm":
            return self._cube_at(
                self._regions("draft"), SQL("p.recency_score * 100 + p.frequency_score * 10 + p.monetary_score")
            )
        branches = [
            SQL(
                "WHEN %s THEN %s::int",
                segment._is_for(company),
                segment._origin.id if (segment in drafts) == shadow else None,
            )
            for segment in (drafts | active if shadow else active).sorted(lambda s: (s.sequence, s._origin.id))
        ]
        return SQL("CASE %s END", SQL(" ").join(branches)) if branches else SQL("NULL::int")

    def _segments(self, state):
        return self.segment_ids.filtered(lambda segment: segment.state == state)

    def _has_shadow(self, company):
        if self._segments("draft"):
            return True
        return bool(
            self.env["crm.segment.membership"].search_count(
                [
                    ("company_id", "=", company.id),
                    ("family_id", "=", self.id),
                    ("shadow", "=", True),
                    ("date_to", "=", False),
                ],
                limit=1,
            )
        )

    def _rules_date(self):
        """The day the rules changed last; today as long as they are being edited."""
        return (self.rules_date if isinstance(self.id, int) else fields.Date.today()) or fields.Date.to_date(
            "1900-01-01"
        )
