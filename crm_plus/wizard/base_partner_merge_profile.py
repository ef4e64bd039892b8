from odoo import models
from odoo.tools import SQL

# What a customer is in at one time only, per company: the stays and what else they are kept apart by.
STAYS = {"crm.segment.membership": ("family_id", "shadow"), "crm.tier.stay": ()}


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._merge_profiles(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _merge_profiles(self, src_partners, dst_partner):
        """One profile a company remains, with the history of both as far as it does not overlap.

        Before the host's own merge, which would delete our rows at the first duplicate.
        """
        self.env.flush_all()
        for partner in src_partners:
            self._adopt_profiles(partner, dst_partner)
            for name, apart in STAYS.items():
                # sudo: stays are written by nobody; who may merge the partners merges what belongs to them.
                self._adopt_stays(self.env[name].sudo(), apart, partner, dst_partner)
            self.env.cr.execute(SQL("DELETE FROM crm_customer_profile WHERE partner_id = %s", partner.id))
        self.env["crm.customer.queue"].sudo()._add(dst_partner.ids)  # sudo: an id only
        self.env.invalidate_all(flush=False)

    def _adopt_profiles(self, partner, dst_partner):
        self.env.cr.execute(
            SQL(
                """UPDATE crm_customer_profile p SET partner_id = %(dst)s WHERE partner_id = %(src)s
                      AND NOT EXISTS (SELECT FROM crm_customer_profile twin
                                       WHERE twin.partner_id = %(dst)s AND twin.company_id = p.company_id)""",
                src=partner.id,
                dst=dst_partner.id,
            )
        )

    def _adopt_stays(self, stays, apart, partner, dst_partner):
        """Stays end where the history of the remaining partner begins; those that lie wholly in it become empty.

        An empty stay remains only as long as something it brought is to be undone, and the remaining partner is not
        entitled to the same.
        """
        parts = {
            "table": SQL.identifier(stays._table),
            "place": SQL.identifier(stays._place),
            "src": partner.id,
            "dst": dst_partner.id,
            "same": SQL(" AND ").join(
                SQL("mine.%(key)s = s.%(key)s", key=SQL.identifier(key)) for key in ("company_id", *apart)
            ),
            "kept": stays._has_effects(),
        }
        self.env.cr.execute(
            SQL(
                """UPDATE %(table)s s SET partner_id = %(dst)s, profile_id = both_.profile_id,
                          date_from = LEAST(s.date_from, both_.first), date_to = LEAST(s.date_to, both_.first),
                          enter_pending = s.enter_pending AND both_.first IS NULL,
                          leave_pending = s.leave_pending OR s.date_to IS NULL AND NOT s.enter_pending
                                          AND both_.first IS NOT NULL AND (%(kept)s) AND NOT both_.same_place
                     FROM (SELECT s.id, min(mine.date_from) AS first, min(p.id) AS profile_id,
                                  COALESCE(bool_or(mine.%(place)s = s.%(place)s AND mine.date_to IS NULL), FALSE)
                                  AS same_place
                             FROM %(table)s s LEFT JOIN %(table)s mine ON mine.partner_id = %(dst)s AND %(same)s
                             LEFT JOIN crm_customer_profile p ON p.partner_id = %(dst)s AND p.company_id = s.company_id
                            WHERE s.partner_id = %(src)s GROUP BY s.id) both_
                    WHERE s.id = both_.id""",
                **parts,
            )
        )
        self.env.cr.execute(
            SQL(
                """DELETE FROM %(table)s WHERE partner_id = %(dst)s AND date_from = date_to
                      AND NOT leave_pending AND NOT enter_pending""",
                **parts,
            )
        )
