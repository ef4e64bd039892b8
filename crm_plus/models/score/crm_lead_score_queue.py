from odoo import api, fields, models
from odoo.tools import SQL

from ...services.score.watch import customer_leads


class CrmLeadScoreQueue(models.Model):
    """Leads, and customers with new interactions, whose scores the scheduled action refreshes. User transactions only
    ever insert here, without references, so that they never wait."""

    _name = "crm.lead.score.queue"
    _inherit = ["crm.touched.queue.mixin"]
    _description = "Lead waiting to be rescored"
    _log_access = False
    _order = "id"

    _touched_columns = ("lead_id", "partner_id")

    lead_id = fields.Integer()
    partner_id = fields.Integer(help="All open leads of this contact's customer.")

    @api.model
    def _add(self, lead_ids):
        """Queue these leads and wake the scheduled action."""
        if lead_ids:
            self.env.cr.execute(SQL("INSERT INTO crm_lead_score_queue (lead_id) SELECT unnest(%s)", list(lead_ids)))
            self.env["crm.job"]._wake("ir_cron_touched_scores")

    @api.model
    def _take(self, limit):
        """(number of rows, ids of the leads they stand for) of up to ``limit`` rows, which leave the queue; what
        another job holds stays."""
        leads = customer_leads(SQL("p.id IN (SELECT partner_id FROM taken)"))
        taken, lead_ids = self.env.execute_query(
            SQL(
                """WITH taken AS (DELETE FROM crm_lead_score_queue WHERE id IN (
                                    SELECT id FROM crm_lead_score_queue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                                  RETURNING lead_id, partner_id)
                   SELECT (SELECT count(*) FROM taken),
                          ARRAY(SELECT lead_id FROM taken WHERE lead_id IS NOT NULL UNION %s)""",
                limit,
                leads,
            )
        )[0]
        self.invalidate_model(flush=False)
        return taken, sorted(lead_ids)
