from odoo import api, fields, models
from odoo.addons.crm_plus_followup.engine.followup.holdout import assign
from odoo.tools import SQL


class CrmMailingHoldout(models.Model):
    """One customer to whom a mailing was to go: who got it, and who did not, for comparison. Assigned when it is sent,
    once and for all. Nobody reads it: what became of all of them is told by the mailing."""

    _name = "crm.mailing.holdout"
    _description = "Hold-out of a mailing"
    _rec_name = "partner_id"
    _order = "id"
    _log_access = False

    mailing_id = fields.Many2one("mailing.mailing", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    held_out = fields.Boolean("Held out", readonly=True, help="Not contacted, for comparison.")
    date_assigned = fields.Datetime("Reached or held out", required=True, readonly=True)
    segment_id = fields.Many2one("crm.segment", readonly=True, ondelete="set null")

    _customer_unique = models.UniqueIndex("(mailing_id, partner_id)")

    @api.model
    def _known(self, mailing):
        """Ids of the customers whom the mailing holds out so far."""
        return set(self.search([("mailing_id", "=", mailing.id), ("held_out", "=", True)]).partner_id.ids)

    @api.model
    def _assign(self, mailing, company, customers):
        """Decide of these customers who is held out, in each segment; who has been decided of stays."""
        self.env.flush_all()
        newcomers = self.env.execute_query(
            SQL(
                """SELECT c.id, COALESCE(f.segment_id, 0) FROM res_partner c
                     LEFT JOIN crm_customer_profile f ON f.partner_id = c.id AND f.company_id = %(company)s
                     LEFT JOIN crm_mailing_holdout h ON h.partner_id = c.id AND h.mailing_id = %(mailing)s
                    WHERE c.id = ANY(%(customers)s) AND h.id IS NULL""",
                company=company.id,
                mailing=mailing.id,
                customers=list(customers),
            )
        )
        groups = self._read_group([("mailing_id", "=", mailing.id)], ["segment_id"], ["__count"])
        known = {segment.id or 0: count for segment, count in groups}
        salt = f"{self.env['crm.followup.policy']._of(company).holdout_salt} mailing {mailing.id}"
        found, segment_of = assign(newcomers, known, mailing.crm_holdout_percent / 100, salt), dict(newcomers)
        now = fields.Datetime.now()
        self.create(
            [
                {"mailing_id": mailing.id, "company_id": company.id, "partner_id": customer, "held_out": held,
                 "date_assigned": now, "segment_id": segment_of[customer] or False}
                for customer, held in found.items()
            ]
        )  # fmt: skip
