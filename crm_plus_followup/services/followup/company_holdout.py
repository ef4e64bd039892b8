"""The customers of a company whom no rule and no mailing contacts, so that the effect of all of them can be measured.

A customer is assigned when somebody is about to contact them, not before: those compared are those it is about. With a
share of 0 nobody is held out any more; who was assigned so stays so, and is held out again with the next share.
"""

from odoo import fields
from odoo.tools import SQL

from ...engine.followup.holdout import assign


class CompanyHoldout:
    """The hold-out of a company."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.policy = env["crm.followup.policy"]._of(company)
        self.share = self.policy.holdout_percent / 100

    def held_out(self, customers):
        """Those of these customers, ids of commercial partners, who are held out; who is new is assigned first."""
        if not self.share or not customers:
            return set()
        self._assign(customers)
        return self.known(customers)

    def known(self, customers):
        """Those of these customers who have been held out so far."""
        if not self.share or not customers:
            return set()
        found = self.env.execute_query(
            SQL(
                """SELECT partner_id FROM crm_followup_holdout
                    WHERE company_id = %s AND held_out AND partner_id = ANY(%s)""",
                self.company.id,
                list(customers),
            )
        )
        return {row[0] for row in found}

    def condition(self, customer):
        """SQL: whether a customer is not held out so far."""
        if not self.share:
            return SQL("TRUE")
        return SQL(
            """NOT EXISTS (SELECT FROM crm_followup_holdout out_of_it
                            WHERE out_of_it.company_id = %s AND out_of_it.partner_id = %s AND out_of_it.held_out)""",
            self.company.id,
            customer,
        )

    def _assign(self, customers):
        self.env.flush_all()
        newcomers = self.env.execute_query(
            SQL(
                """SELECT c.id, COALESCE(f.segment_id, 0) FROM res_partner c
                     LEFT JOIN crm_customer_profile f ON f.partner_id = c.id AND f.company_id = %(company)s
                     LEFT JOIN crm_followup_holdout h ON h.partner_id = c.id AND h.company_id = %(company)s
                    WHERE c.id = ANY(%(customers)s) AND h.id IS NULL""",
                company=self.company.id,
                customers=list(customers),
            )
        )
        if not newcomers:
            return
        known = dict(
            self.env.execute_query(
                SQL(
                    """SELECT COALESCE(segment_id, 0), count(*)::int FROM crm_followup_holdout
                        WHERE company_id = %s GROUP BY 1""",
                    self.company.id,
                )
            )
        )
        found, segment_of = assign(newcomers, known, self.share, self.policy.holdout_salt), dict(newcomers)
        rows = [(customer, held, segment_of[customer]) for customer, held in found.items()]
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_followup_holdout (company_id, partner_id, held_out, date_assigned, segment_id)
                   SELECT %s, partner_id, held_out, %s, NULLIF(segment_id, 0)
                     FROM unnest(%s::int[], %s::bool[], %s::int[]) AS t (partner_id, held_out, segment_id)
                   ON CONFLICT DO NOTHING""",
                self.company.id,
                fields.Datetime.now(),
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )
        self.env["crm.followup.holdout"].invalidate_model(flush=False)
