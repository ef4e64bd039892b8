from odoo import models
from odoo.tools import SQL

# Stays, and where the profile has the present one.
STAYS = {
    "crm.segment.membership": ("segment_id", "segment_since", "segment_score"),
    "crm.tier.stay": ("tier_id", "tier_since", "tier_until"),
}


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._merge_profiles(src_partners, dst_partner)
        self._merge_interactions(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["crm.lead.score"]._note_customers(dst_partner.ids)
        return result

    def _merge_interactions(self, src_partners, dst_partner):
        """Move every interaction; one event both partners took part in becomes one.

        Before the host's own merge, which would stop at the duplicates.
        """
        self.env.cr.flush()
        partners = [dst_partner.id, *src_partners.ids]
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_interaction i USING crm_interaction twin
                    WHERE i.partner_id = ANY(%(src)s) AND twin.partner_id = ANY(%(all)s) AND i.res_id IS NOT NULL
                      AND twin.source_id = i.source_id AND twin.res_id = i.res_id AND twin.occurrence = i.occurrence
                      AND (twin.partner_id = %(dst)s OR twin.id < i.id)""",
                src=src_partners.ids,
                all=partners,
                dst=dst_partner.id,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE crm_interaction SET partner_id = %s WHERE partner_id = ANY(%s)",
                dst_partner.id,
                src_partners.ids,
            )
        )
        self.env["crm.interaction"].invalidate_model(flush=False)

    def _merge_profiles(self, src_partners, dst_partner):
        """One profile a company remains, with the history of both as far as it does not overlap.

        Before the host's own merge, which would delete our rows at the first duplicate.
        """
        self.env.flush_all()
        # sudo: ids only. The customers that the merged contacts have been part of lose their orders.
        self.env["crm.customer.queue"].sudo()._add((src_partners.commercial_partner_id | dst_partner).ids)
        for partner in src_partners:
            self._adopt_profiles(partner, dst_partner)
            for name in STAYS:
                # sudo: stays are written by nobody; who may merge the partners merges what belongs to them.
                self._adopt_stays(self.env[name].sudo(), partner, dst_partner)
            self.env.cr.execute(SQL("DELETE FROM crm_customer_profile WHERE partner_id = %s", partner.id))
        self.env.invalidate_all(flush=False)

    def _adopt_profiles(self, partner, dst_partner):
        """The profile of a company where the remaining partner has none; elsewhere the segment and tier it lacks."""
        ids = {"src": partner.id, "dst": dst_partner.id}
        self.env.cr.execute(
            SQL(
                """UPDATE crm_customer_profile p SET partner_id = %(dst)s WHERE partner_id = %(src)s
                      AND NOT EXISTS (SELECT FROM crm_customer_profile twin
                                       WHERE twin.partner_id = %(dst)s AND twin.company_id = p.company_id)""",
                **ids,
            )
        )
        for columns in STAYS.values():
            self.env.cr.execute(
                SQL(
                    """UPDATE crm_customer_profile p SET (%(columns)s) = ROW(%(theirs)s) FROM crm_customer_profile gone
                        WHERE p.partner_id = %(dst)s AND gone.partner_id = %(src)s AND gone.company_id = p.company_id
                          AND p.%(place)s IS NULL AND gone.%(place)s IS NOT NULL""",
                    columns=SQL(", ").join(map(SQL.identifier, columns)),
                    theirs=SQL(", ").join(SQL.identifier("gone", column) for column in columns),
                    place=SQL.identifier(columns[0]),
                    **ids,
                )
            )

    def _adopt_stays(self, stays, partner, dst_partner):
        """The stays of a partner become those of the remaining one wherever that was nowhere at the time."""
        for history, theirs in stays._by_history(partner).items():
            mine = stays._by_history(dst_partner).get(history, stays)
            undo = theirs._with_effects()
            for stay in theirs:
                stay._join(dst_partner, mine, stay in undo)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE %s s SET profile_id = p.id FROM crm_customer_profile p
                    WHERE s.partner_id = %s AND p.partner_id = s.partner_id AND p.company_id = s.company_id""",
                SQL.identifier(stays._table),
                dst_partner.id,
            )
        )
        self.env.invalidate_all(flush=False)
