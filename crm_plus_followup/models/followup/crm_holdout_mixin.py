from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.followup.holdout import assign


class CrmHoldoutMixin(models.AbstractModel):
    """One customer who may be contacted, or is left alone for comparison. Assigned when they are to be contacted for
    the first time, once and for all. ``_apart`` is the field that says from what they are held out."""

    _name = "crm.holdout.mixin"
    _description = "Hold-out"
    _apart = None

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    held_out = fields.Boolean("Held out", readonly=True, help="Not contacted, for comparison.")
    date_assigned = fields.Datetime("Reached or held out", required=True, readonly=True)
    segment_id = fields.Many2one("crm.segment", readonly=True, ondelete="set null")

    @api.model
    def _assign(self, place, company, customers, share, salt):
        """Decide of these customers, ids of commercial partners, who is held out of a place, in each segment; who has
        been decided of stays. Set-based; somebody else may decide of the same customers just now."""
        self.env.flush_all()
        named = {
            "table": SQL.identifier(self._table),
            "apart": SQL.identifier(self._apart),
            "place": place.id,
            "company": company.id,
        }
        newcomers = self.env.execute_query(
            SQL(
                """SELECT c.id, COALESCE(f.segment_id, 0) FROM res_partner c
                     LEFT JOIN crm_customer_profile f ON f.partner_id = c.id AND f.company_id = %(company)s
                     LEFT JOIN %(table)s h ON h.partner_id = c.id AND h.%(apart)s = %(place)s
                    WHERE c.id = ANY(%(customers)s) AND h.id IS NULL""",
                customers=list(customers),
                **named,
            )
        )
        if not newcomers:
            return
        known = self.env.execute_query(
            SQL(
                "SELECT COALESCE(segment_id, 0), count(*)::int FROM %(table)s WHERE %(apart)s = %(place)s GROUP BY 1",
                **named,
            )
        )
        found, segment_of = assign(newcomers, dict(known), share, salt), dict(newcomers)
        columns = {"company_id": company.id, self._apart: place.id, "date_assigned": fields.Datetime.now()}
        self.env.cr.execute(
            SQL(
                """INSERT INTO %(table)s (%(names)s, partner_id, held_out, segment_id)
                   SELECT %(values)s, partner_id, held_out, NULLIF(segment_id, 0)
                     FROM unnest(%(customers)s::int[], %(held)s::bool[], %(segments)s::int[])
                          AS t (partner_id, held_out, segment_id)
                   ON CONFLICT DO NOTHING""",
                table=named["table"],
                names=SQL(", ").join(map(SQL.identifier, columns)),
                values=SQL(", ").join(SQL("%s", value) for value in columns.values()),
                customers=list(found),
                held=list(found.values()),
                segments=[segment_of[customer] for customer in found],
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _merge(self, source, target):
        """One of two customers who become one stays assigned as the one they become; held out or not, that is what was
        known of them when they were to be contacted."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM %(table)s h WHERE h.partner_id = %(source)s AND EXISTS (
                      SELECT FROM %(table)s twin WHERE twin.partner_id = %(target)s AND twin.%(apart)s = h.%(apart)s);
                   UPDATE %(table)s SET partner_id = %(target)s WHERE partner_id = %(source)s""",
                table=SQL.identifier(self._table),
                apart=SQL.identifier(self._apart),
                source=source.id,
                target=target.id,
            )
        )
