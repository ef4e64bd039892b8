from odoo import api, fields, models
from odoo.tools import SQL


class CrmLeadScoreQueue(models.Model):
    """Leads whose score is to be refreshed by the scheduled action. User transactions only ever insert here, without a
    reference to the lead, so that they never wait."""

    _name = "crm.lead.score.queue"
    _description = "Lead whose score is to be refreshed"
    _log_access = False
    _order = "id"

    lead_id = fields.Integer(required=True)

    @api.model
    def _add(self, lead_ids):
        """Queue these leads and wake the scheduled action."""
        if lead_ids:
            self.env.cr.execute(SQL("INSERT INTO crm_lead_score_queue (lead_id) SELECT unnest(%s)", list(lead_ids)))
            # sudo: wakes the scheduled action, whoever changed the leads.
            self.env.ref("crm_plus.ir_cron_touched_scores").sudo()._trigger()

    @api.model
    def _take(self, limit):
        """Ids of up to ``limit`` leads, which leave the queue; what another job holds stays."""
        rows = self.env.execute_query(
            SQL(
                """DELETE FROM crm_lead_score_queue WHERE id IN (
                       SELECT id FROM crm_lead_score_queue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                RETURNING lead_id""",
                limit,
            )
        )
        self.invalidate_model(flush=False)
        return sorted({row[0] for row in rows})
