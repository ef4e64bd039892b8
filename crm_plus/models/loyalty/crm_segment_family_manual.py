from odoo import models
from odoo.tools import SQL


class CrmSegmentFamily(models.Model):
    """Families filled by hand."""

    _inherit = "crm.segment.family"

    def _move_by_hand(self, profiles, segment, text):
        """Move these customers to the segment, or out of where they are, and keep who did so and why."""
        self.check_access("write")
        profiles.check_access("read")
        for company, mine in profiles.grouped("company_id").items():
            # sudo: stays are written by nobody; the user may change the family and read these profiles.
            self.sudo()._store_by_hand(company, mine, segment, text)

    def _store_by_hand(self, company, profiles, segment, text):
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE crm_plus_moves ON COMMIT DROP AS
                   SELECT p.id AS profile_id, p.partner_id, c.segment_id AS old, %(new)s::int AS new,
                          NULL::int AS score,
                          jsonb_build_object('outcome', 'manual', 'text', %(text)s::text, 'user', %(user)s) AS reason
                     FROM crm_customer_profile p
                     LEFT JOIN crm_segment_membership c ON c.company_id = p.company_id AND c.family_id = %(family)s
                          AND NOT c.shadow AND c.date_to IS NULL AND c.partner_id = p.partner_id
                    WHERE p.id = ANY(%(profiles)s)""",
                new=segment.id or None,
                text=text,
                user=self.env.uid,
                family=self.id,
                profiles=profiles.ids,
            )
        )
        if not segment:
            self._note_removal(profiles, text)
        self._record(company, shadow=False)
        cr.execute("DROP TABLE crm_plus_moves")

    def _note_removal(self, profiles, text):
        """On the stays that end now: nothing begins that could tell it."""
        stays = self.env["crm.segment.membership"].search(
            [("profile_id", "in", profiles.ids), ("family_id", "=", self.id), ("date_to", "=", False)]
        )
        for stay in stays:
            stay.reason = {**stay.reason, "removed": text, "removed_by": self.env.uid}
        stays.flush_recordset()
