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
# Customers who are kept, or brought back, at a time: seconds of work.
STEP = 50_000
# What the refresh remembers of a company until all profiles are those of its setting: that setting, what it is at, and
# the last customer of whom that is done.
CHANGE = "basis_change"
KEEP, RESTORE, WRITE = "keep", "restore", "write"


class BasisChange:
    """The profiles of a company of which the figures are those of another basis than its setting."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.old, self.new = company.crm_plus_counted_basis, company.crm_plus_revenue_basis
        self.noted = env["crm.job.memory"]._of(company).get(company.id, {}).get(CHANGE)

    def is_due(self):
        """Whether the setting is another one; or was, and profiles were written by it before it was changed back."""
        return self.company._crm_plus_basis_changed() or bool(self.noted and self.noted[1] != KEEP)

    def is_made(self):
        """Whether figures may be written: all are kept, and what was the last time that the setting was what it is now
        has been brought back."""
        return self._state() == (WRITE, 0)

    def proceed(self):
        """Keep the next customers or, after all of them, bring back the next; `is_made` says whether more follow."""
        phase, after = self._state()
        last = self._keep(after) if phase == KEEP else self._restore(after)
        if last is None:
            phase, last = WRITE if phase == RESTORE or not self._restores() else RESTORE, 0
        self._note([self.new, phase, last])

    def forget(self):
        """All profiles are those of the setting."""
        self._note(None)

    def _state(self):
        """(what is to be done, the last customer of whom it is done)."""
        to, phase, after = self.noted or (None, KEEP, 0)
        if to == self.new:
            return phase, after
        # What another setting has begun to write is of no setting, and was kept before.
        return (KEEP, 0) if phase == KEEP else (RESTORE, 0)

    def _note(self, noted):
        if noted == self.noted:
            return
        self.noted = noted
        self.env["crm.job.memory"]._note(self.company, "refresh", {CHANGE: noted})

    def _restores(self):
        """Whether there is anything to bring back; without, nobody has to wait where other figures put them."""
        kept = SQL("SELECT EXISTS (SELECT FROM crm_customer_kept WHERE company_id = %s AND basis = %s)", *self._key())
        [[restores]] = self.env.execute_query(kept)
        if not restores:
            # sudo: only notes the day
            self.company.sudo().crm_plus_basis_date = self.company._crm_plus_today()
        return restores

    def _key(self):
        return self.company.id, self.new

    def _next(self, customers, after):
        """The last of the next customers after one, of a SELECT of ``partner_id``; None when there are none."""
        query = SQL(
            "SELECT max(partner_id) FROM (%s AND partner_id > %s GROUP BY 1 ORDER BY 1 LIMIT %s) n",
            customers,
            after,
            STEP,
        )
        [[last]] = self.env.execute_query(query)
        return last

    def _keep(self, after):
        """What the next customers are; the last of them, None when there are no more."""
        cr = self.env.cr
        if not after:
            key = [self.company.id, self.old]
            cr.execute("DELETE FROM crm_customer_kept WHERE company_id = %s AND basis = %s", key)
        known = SQL("SELECT partner_id FROM crm_customer_profile WHERE company_id = %s", self.company.id)
        last = self._next(known, after)
        cr.execute(
            SQL(
                """INSERT INTO crm_customer_kept (company_id, partner_id, basis, figures, segment_stays, tier_stays)
                   SELECT p.company_id, p.partner_id, %(old)s, jsonb_build_object(%(columns)s),
                          %(segment_stays)s, %(tier_stays)s
                     FROM crm_customer_profile p WHERE p.company_id = %(company)s AND %(these)s""",
                these=_within(SQL("p.partner_id"), after, last),
                old=self.old,
                columns=SQL(", ").join(SQL("%s, %s", name, SQL.identifier("p", name)) for name in COLUMNS),
                segment_stays=_open_stays("crm_segment_membership"),
                tier_stays=_open_stays("crm_tier_stay"),
                company=self.company.id,
            )
        )
        return last

    def _restore(self, after):
        """What the next customers were; the last of them, None when there are no more."""
        kept = SQL("SELECT partner_id FROM crm_customer_kept WHERE company_id = %s AND basis = %s", *self._key())
        last = self._next(kept, after)
        these = _within(SQL("k.partner_id"), after, last)
        self._restore_profiles(these)
        # Plans, also those that check references, may stem from when there was nobody: each row would be compared with
        # all.
        for name in ("crm.customer.profile", *STAYS.values()):
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(self.env[name]._table)))
        for column, model in STAYS.items():
            self._restore_stays(self.env[model], column, these)
        return last

    def _restore_profiles(self, these):
        """Places and forecasts as they were; the figures follow with the refresh that goes on."""
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_customer_profile AS p (company_id, partner_id, %(names)s)
                   SELECT DISTINCT ON (k.partner_id) k.company_id, k.partner_id, %(values)s
                     FROM crm_customer_kept k, jsonb_populate_record(NULL::crm_customer_profile, k.figures) r
                    WHERE k.company_id = %(company)s AND k.basis = %(basis)s AND %(these)s
                    ORDER BY k.partner_id, k.id
                   ON CONFLICT (partner_id, company_id) DO UPDATE SET (%(names)s) = ROW(%(new)s)""",
                names=names,
                values=SQL(", ").join(_value(name, table) for name, table in COLUMNS.items()),
                new=SQL(", ").join(SQL.identifier("excluded", name) for name in COLUMNS),
                company=self.company.id,
                basis=self.new,
                these=these,
            )
        )

    def _restore_stays(self, Stays, column, these):
        """The stays of then go on, as if nothing had been in between; what began in between ends.

        What a person has ended stays so, and so does where a person has put the customer meanwhile.
        """
        parts = {
            "stays": SQL.identifier(Stays._table),
            "column": SQL.identifier("k", column),
            "company": self.company.id,
            "basis": self.new,
            "these": these,
            "same": Stays._is_same_history(),
        }
        Stays._end_stays(
            self.company,
            SQL(
                """FROM crm_customer_kept k, jsonb_array_elements_text(%(column)s) kept, %(stays)s was
                    WHERE k.company_id = %(company)s AND k.basis = %(basis)s AND %(these)s
                      AND s.partner_id = k.partner_id AND was.id = kept::int AND was.date_to IS NOT NULL
                      AND was.id <> s.id AND %(same)s AND %(computed)s AND %(computed_was)s""",
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
                    WHERE k.company_id = %(company)s AND k.basis = %(basis)s AND %(these)s AND was.id = kept::int
                      AND was.date_to IS NOT NULL AND (was.reason ? 'removed') IS NOT TRUE
                      AND NOT EXISTS (SELECT FROM %(stays)s s WHERE s.company_id = was.company_id
                                         AND s.partner_id = was.partner_id AND s.date_to IS NULL AND %(same)s)""",
                **parts,
            )
        )
        Stays.invalidate_model(flush=False)


def _within(column, after, last):
    """SQL: whether a customer is one of those after one, until another one; none is without that one."""
    return SQL("%s > %s AND %s <= %s", column, after, column, last or 0)


def _value(name, table):
    """SQL of a kept value; what it referred to may be gone."""
    column = SQL.identifier("r", name)
    return SQL("(SELECT id FROM %s t WHERE t.id = %s)", SQL.identifier(table), column) if table else column


def _open_stays(table):
    """SQL of the ids of the stays of a profile ``p`` that last."""
    return SQL(
        "(SELECT jsonb_agg(s.id) FROM %s s WHERE s.profile_id = p.id AND s.date_to IS NULL)", SQL.identifier(table)
    )
