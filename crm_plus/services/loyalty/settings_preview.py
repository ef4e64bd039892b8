"""What the settings of a company would do to its customers: everything is done as by a real save, and undone."""

from markupsafe import Markup
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..customer import words
from ..trial import trial

# Rows of a table of moves.
MOST_MOVES = 12
PLACES = {"segments": ("segment_id", "crm.segment"), "tiers": ("tier_id", "crm.tier")}


class SettingsPreview:
    """The moves of the next refresh of a company, were its settings others."""

    def __init__(self, env, company):
        # sudo: numbers of customers only, to an administrator who may change these settings.
        self.env, self.company = env(su=True), company.sudo()

    def moves(self, values):
        """``{"customers": 2357, "segments": [...], "tiers": [...]}``, each move as `preview_changes` has it."""
        with trial(self.env):
            self._note_places()
            self.company.write(values)
            if not self.env["crm.customer.profile"]._refresh_company(self.company):
                raise UserError(
                    self.env._(
                        "Customers are being refreshed right now, so what would change is not known. Try again in a "
                        "few minutes."
                    )
                )
            names = self.env["crm.preview.mixin"]._name_moves
            found = {name: names(self.env[model], self._rows(column)) for name, (column, model) in PLACES.items()}
            return {"customers": self._customers(), **found}

    def _note_places(self):
        self.env.cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE crm_plus_before ON COMMIT DROP AS
                   SELECT partner_id, segment_id, tier_id FROM crm_customer_profile WHERE company_id = %s""",
                self.company.id,
            )
        )

    def _customers(self):
        return self.env.execute_query(SQL("SELECT count(*) FROM crm_plus_before"))[0][0]

    def _rows(self, column):
        """(old id, new id, until, count), most customers first."""
        return self.env.execute_query(
            SQL(
                """SELECT b.%(column)s, p.%(column)s, NULL::date, count(*)
                     FROM crm_plus_before b
                     FULL JOIN (SELECT * FROM crm_customer_profile WHERE company_id = %(company)s) p USING (partner_id)
                    WHERE b.%(column)s IS DISTINCT FROM p.%(column)s
                    GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2""",
                column=SQL.identifier(column),
                company=self.company.id,
            )
        )


def moves_text(env, moves):
    """The moves of a preview, or of none, as a table a kind of place."""
    titles = {"segments": env._("Segments"), "tiers": env._("Tiers")}
    tables = [_table(env, titles[name], moves[name]) for name in titles if (moves or {}).get(name)]
    return Markup().join(tables) or Markup("<p>%s</p>") % env._("No customer would move.")


def _table(env, title, moves):
    """A heading and a row a move, most customers first."""
    rows = [
        (words.customers(env, move["count"]), env._("%(old)s → %(new)s", old=move["from"], new=move["to"]))
        for move in moves[:MOST_MOVES]
    ]
    if left := sum(move["count"] for move in moves[MOST_MOVES:]):
        rows.append((words.customers(env, left), env._("elsewhere")))
    cells = [Markup("<tr><td>%s</td><td>%s</td></tr>") % row for row in rows]
    return Markup("<h5>%s</h5><table class='table table-sm'>%s</table>") % (title, Markup().join(cells))
