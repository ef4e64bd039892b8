from odoo import api, fields, models
from odoo.tools import SQL

# Places of a customer, of which several may open the same program.
STAYS = ("crm.segment.membership", "crm.tier.stay")


class CrmStayMixin(models.AbstractModel):
    _inherit = "crm.stay.mixin"

    added_card_id = fields.Many2one(
        "loyalty.card", "Card issued", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )

    @api.model
    def _benefits(self):
        return super()._benefits() | {"added_card_id": "loyalty_program_id"}

    @api.model
    def _withdraw_benefits(self):  # pylint: disable=missing-return  # it returns nothing
        super()._withdraw_benefits()
        self._withdraw_cards()

    @api.model
    def _withdraw_cards(self):
        """The cards that stays opened rest, with their points: in Loyalty they are among the archived ones."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE loyalty_card c SET active = FALSE FROM %(stays)s s WHERE s.added_card_id = c.id;
                   UPDATE %(stays)s SET added_card_id = NULL WHERE added_card_id IS NOT NULL""",
                stays=SQL.identifier(self._table),
            )
        )
        self.env.invalidate_all(flush=False)

    def _brings(self, name):
        """The cards of the program are what the place brings by it."""
        found = super()._brings(name)
        return self.added_card_id.filtered(lambda c: c.program_id == found) if name == "added_card_id" else found

    def _give(self):
        result = super()._give()
        if program := self[self._place].loyalty_program_id:
            self._in_company_of(program)._give_cards(program)
        return result

    def _take_back(self):
        result = super()._take_back()
        by_program = self._lapsed("added_card_id").grouped(lambda stay: stay.added_card_id.program_id)
        for program, stays in by_program.items():
            cards = stays.added_card_id
            stays.added_card_id = False
            # The program of several companies: who is entitled to the card in another one keeps it.
            for name in STAYS:
                for heir in self.env[name]._entitled(cards.partner_id, "loyalty_program_id", program):
                    heir.added_card_id = cards.filtered(lambda card, heir=heir: card.partner_id == heir.partner_id)
                    cards -= heir.added_card_id
            cards.active = False
        return result

    def _give_cards(self, program):
        """A card for who has none: the one that rests since the last time, with its points, or a new one."""
        cards = self.env["loyalty.card"].with_context(active_test=False)
        known = cards.search([("program_id", "=", program.id), ("partner_id", "in", self.partner_id.ids)], order="id")
        by_partner = {card.partner_id: card for card in known.sorted("active")}
        for stay in self:
            card = by_partner.get(stay.partner_id) or cards.create(
                {"program_id": program.id, "partner_id": stay.partner_id.id}
            )
            if not card.active or card not in known:
                card.active = True
                stay.added_card_id = card
