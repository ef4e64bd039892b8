"""The customers of a company whom no rule and no mailing contacts, so that the effect of all of them can be measured.

A customer is assigned when somebody is about to contact them, not before: those compared are those it is about. With a
share of 0 nobody is held out any more; who was assigned so stays so, and is held out again with the next share.
"""

from odoo.tools import SQL


class CompanyHoldout:
    """The hold-out of a company."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.policy = env["crm.followup.policy"]._read_of(company)
        self.share = self.policy.holdout_percent / 100

    def held_out(self, customers):
        """Those of these customers, ids of commercial partners, who are held out; who is new is assigned first."""
        if not self.share or not customers:
            return set()
        holdout = self.env["crm.followup.holdout"]
        holdout._assign(self.company, self.company, customers, self.share, self.policy.holdout_salt)
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
