from odoo import fields, models
from odoo.tools import SQL


class CrmFollowupEvent(models.Model):
    _inherit = "crm.followup.event"

    kind = fields.Selection(selection_add=[("loyalty", "Points or coupon"), ("tag",)], ondelete={"loyalty": "cascade"})
    given_history_id = fields.Many2one(
        "loyalty.history", "Points or coupon given", readonly=True, index="btree_not_null", ondelete="set null"
    )
    given_card_id = fields.Many2one(related="given_history_id.card_id", string="Card or coupon")
    given_points = fields.Float("Points given", readonly=True, help="What can still be taken back. 0: nothing.")

    def _take_back(self):
        """Take back what this gave, as far as it has not been used; a coupon of which nothing is left is archived."""
        self.ensure_one()
        card, left = self.given_card_id, 0.0
        if card:
            self.env.cr.execute(SQL("SELECT FROM loyalty_card WHERE id = %s FOR UPDATE", card.id))
            card.invalidate_recordset(["points"])
            left = max(min(self.given_points, card.points - self._issued_later()), 0.0)
        if left:
            card = card.with_context(loyalty_no_mail=True)
            card._crm_plus_issue(-left, self.env._("Taken back: %s", self.rule_id.name))
            if not card.program_id.is_nominative and not card.points:
                card.active = False
        self.given_points = 0.0
        shown = card._format_points(left) if card else "0"
        said = self.env._("%(points)s of %(program)s", points=shown, program=card.program_id.name or "-")
        [told] = self.run_id._tell("withdrawn", lambda _run: said)
        if left and card.partner_id:
            card.partner_id._message_log(body=self.env._("Taken back: %s", told.summary))

    def _issued_later(self):
        """How many points came to the card after this gave some: what is used, is used of the oldest points."""
        later = [("card_id", "=", self.given_card_id.id), ("id", ">", self.given_history_id.id)]
        [[issued]] = self.env["loyalty.history"]._read_group(later, aggregates=["issued:sum"])
        return issued
