"""Another setting of what counts as revenue: what every customer was is kept, and comes back with the setting."""

from odoo.tools import SQL

from .outlook import PREDICTED

# What a profile knows beside the figures that any refresh adds up anew, and the table it refers to, if to any.
PLACES = {
    "tier_id": "crm_tier", "tier_since": None, "tier_until": None,
    "segment_id": "crm_segment", "segment_since": None, "segment_score": None,
}  # fmt: skip
COLUMNS = PLACES | dict.fromkeys(PREDICTED) | {"cluster_id": "crm_customer_cluster"}
STAYS = {"segment_stays": "crm.segment.membership", "tier_stays": "crm.tier.stay"}


class BasisChange:
    """The profiles of a company of which the figures are those of another basis than its setting."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.old, self.new = company.crm_plus_counted_basis, company.crm_plus_revenue_basis
        self.restores = False

    def run(self):
        """Keep what is, and bring back what was the last time that the setting was what it is now."""
        self._keep()
        kept = SQL("SELECT EXISTS (SELECT FROM crm_customer_kept WHERE company_id = %s AND basis = %s)", *self._key())
        [[self.restores]] = self.env.execute_query(kept)
        if not self.restores:
            # sudo: only notes that nobody has to wait where other figures have put them
            self.company.sudo().crm_plus_basis_date = self.company._crm_plus_today()
        else:
            self._restore_profiles()
            for column, model in STAYS.items():
                self._restore_stays(self.env[model], column)

    def _key(self):
        return self.company.id, self.new

    def _keep(self):
        cr = self.env.cr
        cr.execute("DELETE FROM crm_customer_kept WHERE company_id = %s AND basis = %s", [self.company.id, self.old])
        cr.execute(
            SQL(
                """INSERT INTO crm_customer_kept (company_id, partner_id, basis, figures, segment_stays, tier_stays)
                   SELECT p.company_id, p.partner_id, %(old)s, jsonb_build_object(%(columns)s),
                          %(segment_stays)s, %(tier_stays)s
                     FROM crm_customer_profile p WHERE p.company_id = %(company)s""",
                old=self.old,
                columns=SQL(", ").join(SQL("%s, %s", name, SQL.identifier("p", name)) for name in COLUMNS),
                segment_stays=_open_stays("crm_segment_membership"),
                tier_stays=_open_stays("crm_tier_stay"),
                company=self.company.id,
            )
        )

    def _restore_profiles(self):
        """Places and forecasts as they were; the figures follow with the refresh that goes on."""
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_customer_profile AS p (company_id, partner_id, %(names)s)
                   SELECT DISTINCT ON (k.partner_id) k.company_id, k.partner_id, %(values)s
                     FROM crm_customer_kept k, jsonb_populate_record(NULL::crm_customer_profile, k.figures) r
                    WHERE k.company_id = %(company)s AND k.basis = %(basis)s ORDER BY k.partner_id, k.id
                   ON CONFLICT (partner_id, company_id) DO UPDATE SET (%(names)s) = ROW(%(new)s)""",
                names=names,
                values=SQL(", ").join(_value(name, table) for name, table in COLUMNS.items()),
                new=SQL(", ").join(SQL.identifier("excluded", name) for name in COLUMNS),
                company=self.company.id,
                basis=self.new,
            )
        )

    def _restore_stays(self, Stays, column):
        """The stays of then go on, as if nothing had been in between; what began in between ends.

        What a person has ended stays so, and so does where a person has put the customer meanwhile.
        """
        parts = {
            "stays": SQL.identifier(Stays._table),
            "column": SQL.identifier("k", column),
            "company": self.company.id,
            "basis": self.new,
            "same": Stays._is_same_history(),
        }
        Stays._end_stays(
            self.company,
            SQL(
                """FROM crm_customer_kept k, jsonb_array_elements_text(%(column)s) kept, %(stays)s was
                    WHERE k.company_id = %(company)s AND k.basis = %(basis)s AND s.partner_id = k.partner_id
                      AND was.id = kept::int AND was.date_to IS NOT NULL AND was.id <> s.id AND %(same)s
                      AND %(computed)s AND %(computed_was)s""",
                computed=Stays._is_computed("s"),
                computed_was=Stays._is_computed("was"),
                **parts,
            ),
        )
        self.env.cr.execute(
            SQL(
                """UPDATE %(stays)s was SET date_to = NULL, resumed = NOT was.leave_pending,
                          enter_pending = NOT was.leave_pending, leave_pending = FALSE, profile_id = p.id,
                          reason = was.reason - 'gone'
                     FROM crm_customer_kept k
                     JOIN crm_customer_profile p ON p.partner_id = k.partner_id AND p.company_id = k.company_id,
                          jsonb_array_elements_text(%(column)s) kept
                    WHERE k.company_id = %(company)s AND k.basis = %(basis)s AND was.id = kept::int
                      AND was.date_to IS NOT NULL AND (was.reason ? 'removed') IS NOT TRUE
                      AND NOT EXISTS (SELECT FROM %(stays)s s WHERE s.company_id = was.company_id
                                         AND s.partner_id = was.partner_id AND s.date_to IS NULL AND %(same)s)""",
                **parts,
            )
        )
        Stays.invalidate_model(flush=False)


def _value(name, table):
    """SQL of a kept value; what it referred to may be gone."""
    column = SQL.identifier("r", name)
    return SQL("(SELECT id FROM %s t WHERE t.id = %s)", SQL.identifier(table), column) if table else column


def _open_stays(table):
    """SQL of the ids of the stays of a profile ``p`` that last."""
    return SQL(
        "(SELECT jsonb_agg(s.id) FROM %s s WHERE s.profile_id = p.id AND s.date_to IS NULL)", SQL.identifier(table)
    )
