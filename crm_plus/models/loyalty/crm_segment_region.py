from odoo import api, fields, models

from ...engine.loyalty.segments import Region

RANGES = (("r_min", "r_max"), ("f_min", "f_max"), ("m_min", "m_max"))


class CrmSegmentRegion(models.Model):
    """A box of RFM scores that belongs to a segment; both ends of each range count."""

    _name = "crm.segment.region"
    _inherit = ["crm.readable.mixin"]
    _description = "RFM score range"
    _order = "r_max desc, f_max desc, m_max desc, id"

    segment_id = fields.Many2one(
        "crm.segment",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('family_id', '=', family_id)]",
    )
    family_id = fields.Many2one(related="segment_id.family_id", store=True, index=True)
    r_min = fields.Integer(
        "R from",
        required=True,
        default=1,
        help="Lowest score of recency in this range. 5: most recent order, 1: oldest.",
    )
    r_max = fields.Integer("R to", required=True, default=5, help="Highest score of recency in this range.")
    f_min = fields.Integer(
        "F from", required=True, default=1, help="Lowest score of frequency in this range. 5: most orders, 1: fewest."
    )
    f_max = fields.Integer("F to", required=True, default=5, help="Highest score of frequency in this range.")
    m_min = fields.Integer(
        "M from", required=True, default=1, help="Lowest score of revenue in this range. 5: most revenue, 1: least."
    )
    m_max = fields.Integer("M to", required=True, default=5, help="Highest score of revenue in this range.")

    _within_scores = models.Constraint(
        """CHECK (1 <= r_min AND r_min <= r_max AND r_max <= 5 AND 1 <= f_min AND f_min <= f_max AND f_max <= 5
                  AND 1 <= m_min AND m_min <= m_max AND m_max <= 5)""",
        "Scores must be between 1 and 5, and a range must not end before it starts.",
    )

    @api.depends("segment_id.name", "r_min", "r_max", "f_min", "f_max", "m_min", "m_max")
    def _compute_display_name(self):
        for box in self:
            ranges = "/".join(f"{box[low]}-{box[high]}" for low, high in RANGES)
            box.display_name = f"{box.segment_id.name} {ranges}"

    @api.model_create_multi
    def create(self, vals_list):
        boxes = super().create(vals_list)
        boxes.family_id._rules_changed()
        return boxes

    def write(self, vals):
        families = self.family_id
        result = super().write(vals)
        (families | self.family_id)._rules_changed()
        return result

    def unlink(self):
        families = self.family_id
        result = super().unlink()
        families._rules_changed()
        return result

    def _is_possible(self):
        """Whether the ranges are ranges: while a form is edited they need not be."""
        return all(1 <= self[low] <= self[high] <= 5 for low, high in RANGES)

    def _region(self):
        ranges = {name: self[name] for pair in RANGES for name in pair}
        return Region(self.segment_id.code, self.segment_id.name, **ranges)
