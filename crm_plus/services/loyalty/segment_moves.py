"""Who is in which segment of a family: all customers of a company or some of them, in a handful of statements."""

from odoo.tools import SQL

from .rfm_moves import cube_at, rfm_query
from .stage import STORED


class SegmentMoves:
    """The customers of a company whose segment in a family changes, noted in the table of moves of a stage.

    ``scope`` is a condition on the profiles ``p``; ``shadow``: drafts are assigned, beside the active segments.
    """

    def __init__(self, family, company, scope, stage=STORED, shadow=False):
        self.env, self.family, self.company, self.scope = family.env, family, company, scope
        self.stage, self.shadow = stage, shadow

    def run(self, most=None):
        """Move the customers, at most so many; whether that are all."""
        count = self.place(most)
        if count:
            self.record()
        self.drop()
        return most is None or count < most

    def place(self, most=None):
        """Note who moves, at most so many, and change the profiles; the number of moves."""
        cr, stage = self.env.cr, self.stage
        count = stage.note(cr, self.query(), most)
        if count and self.family.kind == "rfm" and not self.shadow:
            cr.execute(
                SQL(
                    """UPDATE %s p SET segment_id = m.new, segment_score = m.score,
                              segment_since = CASE WHEN m.old IS DISTINCT FROM m.new THEN %s ELSE p.segment_since END
                         FROM %s m WHERE p.id = m.profile_id""",
                    stage.profiles,
                    self.company._crm_plus_today(),
                    stage.moves,
                )
            )
        return count

    def record(self):
        """Begin and end the stays of customers who move."""
        families, segments = self.family, self.family.segment_ids
        if self.family.kind == "rfm" and not self.shadow:
            # A company that gets scores of its own leaves the shared family.
            families = families.search([("kind", "=", "rfm")])
        self.env["crm.segment.membership"]._record_moves(
            self.company,
            scope=SQL("s.family_id = ANY(%s) AND s.shadow = %s", families.ids, self.shadow),
            values={
                "family_id": SQL("%s", self.family.id),
                "shadow": SQL("%s", self.shadow),
                "previous_segment_id": SQL("m.old"),
                "score": SQL("m.score"),
            },
            entering=() if self.shadow else segments.filtered(lambda s: s._acts_on_enter()).ids,
            stage=self.stage,
        )

    def drop(self):
        self.env.cr.execute(SQL("DROP TABLE %s", self.stage.moves))

    def query(self):
        """SELECT of (profile_id, partner_id, old, new, score, reason): who is elsewhere than where they belong.

        Conditions and clusters are exact at once: who buys leaves *Win back* with the next refresh. Only scores, which
        change with those of others, are moved with patience.
        """
        if self.family.kind == "rfm" and not self.shadow:
            return rfm_query(self.family, self.company, self.scope, self.stage)
        return SQL(
            """SELECT id AS profile_id, partner_id, old, target AS new, NULL::int AS score,
                      jsonb_build_object('outcome', %(outcome)s::text) AS reason
                 FROM (SELECT p.id, p.partner_id, c.segment_id AS old, %(target)s AS target
                         FROM crm_customer_profile p
                         LEFT JOIN crm_segment_membership c ON c.company_id = p.company_id AND c.family_id = %(family)s
                              AND c.shadow = %(shadow)s AND c.date_to IS NULL AND c.partner_id = p.partner_id
                        WHERE p.company_id = %(company)s AND %(scope)s) wanted
                WHERE target IS DISTINCT FROM old""",
            outcome="conditions",
            target=self._target(),
            family=self.family._origin.id,
            shadow=self.shadow,
            company=self.company.id,
            scope=self.scope,
        )

    def _target(self):
        """SQL of the segment in which a profile ``p`` belongs; in the shadow, of the draft that would take it."""
        drafts, active = self.family._segments("draft"), self.family._segments("active")
        if self.family.kind == "manual":
            return SQL("CASE WHEN c.segment_id = ANY(%s) THEN c.segment_id END", active._origin.ids)
        if self.family.kind == "rfm":
            return cube_at(
                self.family,
                self.family._regions("draft"),
                SQL("p.recency_score * 100 + p.frequency_score * 10 + p.monetary_score"),
            )
        branches = [
            SQL(
                "WHEN %s THEN %s::int",
                segment._is_for(self.company),
                segment._origin.id if (segment in drafts) == self.shadow else None,
            )
            for segment in (drafts | active if self.shadow else active).sorted(lambda s: (s.sequence, s._origin.id))
        ]
        return SQL("CASE %s END", SQL(" ").join(branches)) if branches else SQL("NULL::int")


class MovesByHand(SegmentMoves):
    """These customers to one segment of a family filled by hand, or out of where they are; who did so and why."""

    def __init__(self, family, company, profiles, segment, text):
        super().__init__(family, company, SQL("p.id = ANY(%s)", profiles.ids))
        self.profiles, self.segment, self.text = profiles, segment, text

    def run(self, most=None):
        self.place(most)
        if not self.segment:
            self._note_removal()
        self.record()
        self.drop()

    def query(self):
        return SQL(
            """SELECT p.id AS profile_id, p.partner_id, c.segment_id AS old, %(new)s::int AS new, NULL::int AS score,
                      jsonb_build_object('outcome', 'manual', 'text', %(text)s::text, 'user', %(user)s) AS reason
                 FROM crm_customer_profile p
                 LEFT JOIN crm_segment_membership c ON c.company_id = p.company_id AND c.family_id = %(family)s
                      AND NOT c.shadow AND c.date_to IS NULL AND c.partner_id = p.partner_id
                WHERE %(scope)s""",
            new=self.segment.id or None,
            text=self.text,
            user=self.env.uid,
            family=self.family.id,
            scope=self.scope,
        )

    def _note_removal(self):
        """On the stays that end now: nothing begins that could tell it."""
        stays = self.env["crm.segment.membership"].search(
            [("profile_id", "in", self.profiles.ids), ("family_id", "=", self.family.id), ("date_to", "=", False)]
        )
        for stay in stays:
            stay.reason = {**stay.reason, "removed": self.text, "removed_by": self.env.uid}
        stays.flush_recordset()
