from odoo import api, fields, models

from ...services.kpi.kept import KEPT


class CrmKpiAnswer(models.Model):
    """An answer of the overview that took long to count, kept some minutes for the one user it was counted for.

    Nobody reads or writes it but ``services/kpi/kept.py``.
    """

    _name = "crm.kpi.answer"
    _description = "Answer of the overview"
    _log_access = False
    _order = "id"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    key = fields.Char(
        "Digest",
        required=True,
        readonly=True,
        help="Of what was asked and of all that decides what the user may see.",
    )
    state = fields.Char(
        "State of rights",
        required=True,
        readonly=True,
        help="A digest of when rules, rights and settings were changed last: what was counted before is not shown.",
    )
    moment = fields.Datetime("Counted on", required=True, readonly=True)
    body = fields.Text("Answer", required=True, readonly=True, help="As the client gets it.")

    _key_unique = models.Constraint("UNIQUE (user_id, key)", "An answer is kept once.")

    def init(self):
        """What an earlier version counted may have another shape."""
        self.env.cr.execute("DELETE FROM crm_kpi_answer")

    @api.autovacuum
    def _gc_answers(self):
        self.search([("moment", "<=", fields.Datetime.now() - KEPT)]).unlink()
