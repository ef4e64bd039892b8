from odoo import fields, models
from odoo.tools import SQL


class CrmFollowupEvent(models.Model):
    _inherit = "crm.followup.event"

    kind = fields.Selection(selection_add=[("loyalty", "Points or coupon"), ("tag",)], ondelete={"loyalty": "cascade"})
    given_card_id = fields.Many2one(
        "loyalty.card", "Card or coupon", readonly=True, index="btree_not_null", ondelete="set null"
    )
    given_points = fields.Float("Points given", readonly=True, help="What can still be taken back. 0: nothing.")

    def _take_back(self):
        """Take back what this gave, as far as it has not been used; a coupon of which nothing is left is archived."""
        self.ensure_one()
        card, given, left = self.given_card_id, self.given_points, 0.0
        if card:
            self.env.cr.execute(SQL("SELECT FROM loyalty_card WHERE id = %s FOR UPDATE", card.id))
            card.invalidate_recordset(["points"])
            left = max(min(given, card.points), 0.0)
        if left:
            self.env["loyalty.history"].create(
                {"card_id": card.id, "used": left, "description": self.env._("Taken back: %s", self.rule_id.name)}
            )
            card.with_context(loyalty_no_mail=True).points -= left
            if not card.program_id.is_nominative and not card.points:
                card.active = False
        self.given_points = 0.0
        shown = card._format_points(left) if card else "0"
        said = self.env._("%(points)s of %(program)s", points=shown, program=card.program_id.name or "-")
        [told] = self.run_id._tell("withdrawn", lambda _run: said)
        if left and card.partner_id:
            card.partner_id._message_log(body=self.env._("Taken back: %s", told.summary))
