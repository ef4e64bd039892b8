from markupsafe import Markup
from odoo import api, fields, models


class CrmScorePreview(models.TransientModel):
    """What a rule would change, before it counts."""

    _name = "crm.score.preview"
    _description = "Preview of a score rule"

    rule_id = fields.Many2one("crm.score.rule", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    result = fields.Json(compute="_compute_result")
    summary = fields.Html(compute="_compute_result", sanitize=False)

    @api.depends("rule_id", "company_id")
    def _compute_result(self):
        for preview in self:
            preview.result = self.env["crm.score.rule"].preview_rule({}, preview.rule_id.id, preview.company_id.id)
            preview.summary = preview._summary(preview.result)

    def _summary(self, result):
        """The preview as plain tables; every value is escaped."""
        moves = [[f"{old} → {new}", leads] for old, new, leads in result["moves"]]
        top = [[lead["name"], lead["before"], lead["after"], lead["change"]] for lead in result["top"]]
        counts = self.env._(
            "%(changed)s of %(leads)s open leads change their score. Hot leads: %(before)s now, %(after)s then.",
            changed=result["changed"],
            leads=result["leads"],
            before=result["hot"][0],
            after=result["hot"][1],
        )
        return (
            Markup("<p>%s</p>") % counts
            + _table([self.env._("Grade"), self.env._("Leads")], moves)
            + _table([self.env._("Lead"), self.env._("Now"), self.env._("Then"), self.env._("Change")], top)
        )

    def action_activate(self):
        self.rule_id.action_activate()


def _table(titles, rows):
    if not rows:
        return Markup()
    head = Markup().join(Markup("<th>%s</th>") % title for title in titles)
    body = Markup().join(
        Markup("<tr>%s</tr>") % Markup().join(Markup("<td>%s</td>") % cell for cell in row) for row in rows
    )
    return Markup('<table class="table table-sm"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>') % (head, body)
