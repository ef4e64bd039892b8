from markupsafe import Markup
from odoo import api, fields, models

from ..services.customer import words
from ..services.loyalty.settings_preview import SettingsPreview

MOST_MOVES = 12


class CrmSettingsChange(models.TransientModel):
    """What new settings would do to the customers of a company, shown before they are saved."""

    _name = "crm.settings.change"
    _description = "What new settings would change"

    settings_id = fields.Many2one("res.config.settings", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    moves = fields.Json(readonly=True)
    is_change = fields.Boolean("Settings are changed", readonly=True)
    text = fields.Html("What would change", compute="_compute_text", sanitize=False)

    @api.model
    def _ask(self, settings, values, always=False):
        """A dialog that shows what would move, and asks; nothing if nobody moves, unless ``always``."""
        company = settings.company_id
        # sudo: whether there is anybody; only a number.
        customers = self.env["crm.customer.profile"].sudo().search_count([("company_id", "=", company.id)], limit=1)
        if not (customers and values) and not always:
            return False
        moves = SettingsPreview(self.env, company).moves(values) if customers and values else {}
        if not (moves.get("segments") or moves.get("tiers") or always):
            return False
        change = self.create(
            {"settings_id": settings.id, "company_id": company.id, "moves": moves, "is_change": bool(values)}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What would it change?"),
            "res_model": self._name,
            "res_id": change.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    @api.depends("moves")
    def _compute_text(self):
        titles = {"segments": self.env._("Segments"), "tiers": self.env._("Tiers")}
        for change in self:
            moves = change.moves or {}
            parts = [change._moves_table(titles[name], moves[name]) for name in titles if moves.get(name)]
            change.text = Markup().join(parts) or Markup("<p>%s</p>") % self.env._("No customer would move.")

    def _moves_table(self, title, moves):
        """A heading and a row a move, most customers first."""
        rows = [
            Markup("<tr><td>%s</td><td>%s</td></tr>")
            % (
                words.customers(self.env, move["count"]),
                self.env._("%(old)s → %(new)s", old=move["from"], new=move["to"]),
            )
            for move in moves[:MOST_MOVES]
        ]
        if left := sum(move["count"] for move in moves[MOST_MOVES:]):
            more = self.env._("elsewhere")
            rows.append(Markup("<tr><td>%s</td><td>%s</td></tr>") % (words.customers(self.env, left), more))
        return Markup("<h5>%s</h5><table class='table table-sm'>%s</table>") % (title, Markup().join(rows))

    def action_apply(self):
        """Save the settings as they were entered."""
        self.ensure_one()
        return self.settings_id.with_context(crm_plus_asked=True).execute()
