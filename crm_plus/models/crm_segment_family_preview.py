from odoo import api, models
from odoo.tools import SQL


class CrmSegmentFamily(models.Model):
    """How many customers a change of the segments would move, from where to where, before it is saved."""

    _inherit = "crm.segment.family"

    def preview_changes(self, vals):
        """What writing ``vals`` on this family would do to the customers of the current company; nothing stays written.

        :return: ``{"count": 312, "text": "...", "moves": [{"from_id", "from", "to_id", "to", "count"}, ...]}``
        :raise ValidationError: if they could not be saved, with the same message
        """
        self.ensure_one()
        self.env.flush_all()
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            self.write(vals)
            self.env.flush_all()
            self._check_cover()
            moves = self._preview_moves(self.env.company)
            return {
                "count": sum(move["count"] for move in moves),
                "text": self._moves_to_text(moves),
                "moves": moves,
            }
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _preview_text(self, company):
        return self._moves_to_text(self._preview_moves(company))

    def _preview_moves(self, company):
        """The moves of the next refresh, counted."""
        rows = self.env.execute_query(
            SQL(
                """SELECT old, new, count(*) FROM (%s) m WHERE old IS DISTINCT FROM new
                    GROUP BY old, new ORDER BY count(*) DESC, old, new""",
                self._moves_query(company, SQL("TRUE")),
            )
        )
        # sudo: names of the segments of a family the user can read.
        names = {s.id: s.name for s in self.env["crm.segment"].sudo().browse({i for row in rows for i in row[:2] if i})}
        nowhere = self.env._("none")
        return [
            {"from_id": old or False, "from": names.get(old, nowhere), "to_id": new or False,
             "to": names.get(new, nowhere), "count": count}
            for old, new, count in rows
        ]  # fmt: skip

    @api.model
    def _moves_to_text(self, moves):
        if not moves:
            return self.env._("No customer moves.")
        parts = [f"{move['count']} {move['from']} → {move['to']}" for move in moves]
        count = sum(move["count"] for move in moves)
        return self.env._("%(count)s customers move: %(moves)s.", count=count, moves=", ".join(parts))
