from odoo import models
from odoo.tools import SQL


class CrmSegmentFamily(models.Model):
    _name = "crm.segment.family"
    _inherit = ["crm.segment.family", "crm.preview.mixin"]

    def _applies_to(self, company):
        return self in self._families_of(company)

    def _preview_moves(self, company):
        self._check_cover()
        rows = self.env.execute_query(
            SQL(
                """SELECT old, new, FALSE, count(*) FROM (%s) m WHERE old IS DISTINCT FROM new
                    GROUP BY old, new ORDER BY count(*) DESC, old, new""",
                self._moves_query(company, SQL("TRUE")),
            )
        )
        return self._name_moves(self.env["crm.segment"], rows)


class CrmSegment(models.Model):
    _name = "crm.segment"
    _inherit = ["crm.segment", "crm.preview.mixin"]

    def preview_changes(self, vals):
        """Also ``follows``, the names of what is given to who enters the segment, or is done with them."""
        result = super().preview_changes(vals)
        # sudo: names only, those of server actions included, of which administrators have chosen some.
        segment = self.sudo()
        brought = (segment.tag_id, segment.activity_plan_id, segment.activity_type_id, segment.enter_action_ids)
        return {**result, "follows": [effect.display_name for effects in brought for effect in effects]}

    def _preview_written(self, vals):
        """A draft moves nobody: what is previewed is that it is active, unless it is about to become one."""
        segment = super()._preview_written(vals)
        if segment.state == "draft" and "state" not in vals:
            segment.state = "active"
        return segment

    def _applies_to(self, company):
        return self.family_id._applies_to(company)

    def _preview_moves(self, company):
        return self.family_id._preview_moves(company)
