"""What the settings of a company would do to its customers: everything is done as by a real save, and undone."""

from odoo.exceptions import UserError
from odoo.tools import SQL

PLACES = {"segments": ("segment_id", "crm.segment"), "tiers": ("tier_id", "crm.tier")}


class SettingsPreview:
    """The moves of the next refresh of a company, were its settings others."""

    def __init__(self, env, company):
        # sudo: numbers of customers only, to an administrator who may change these settings.
        self.env, self.company = env(su=True), company.sudo()

    def moves(self, values):
        """``{"customers": 2357, "segments": [...], "tiers": [...]}``, each move as `preview_changes` has it."""
        self.env.flush_all()
        savepoint = self.env.cr.savepoint(flush=False)
        try:
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
        finally:
            savepoint.close(rollback=True)
            self.env.clear()  # also what is still to be written: the end of the request would miss its values

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
