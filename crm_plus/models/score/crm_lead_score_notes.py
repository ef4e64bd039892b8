import logging

from odoo import SUPERUSER_ID, api, models, tools
from odoo.tools import SQL

from ...services.interaction.capture import session
from ...services.score.watch import watched_fields
from ...services.sql import COMPANY, OPEN, WAIT_AS_BEFORE, WAIT_BRIEFLY

_logger = logging.getLogger(__name__)

NOTES = "crm_plus.lead_scores"
# More leads than this in one transaction, such as an import, are left to the scheduled action.
AT_ONCE = 200
QUEUE_STEP = 2_000


class CrmLeadScore(models.Model):
    """A changed lead is scored in the transaction that changes it, once, just before it commits or is read again."""

    _inherit = "crm.lead.score"

    @api.model
    def _note_leads(self, lead_ids):
        """Have the scores of these leads refreshed by this transaction, if it may write."""
        if not lead_ids or self.env.cr.readonly:
            return
        data = self.env.cr.precommit.data
        if NOTES not in data:
            data[NOTES] = set()
            self._plan_refresh()
        data[NOTES].update(lead_ids)
        leads = self.env["crm.lead"].browse(lead_ids)
        leads.invalidate_recordset(leads._score_fields(), flush=False)

    @api.model
    def _note_customers(self, partner_ids):
        """Note the open leads of these partners and of their customers' other contacts."""
        if partner_ids:
            leads = self._customer_leads(SQL("p.id = ANY(%s)", list(partner_ids)))
            self._note_leads([row[0] for row in self.env.execute_query(leads)])

    @api.model
    def _note_interactions(self, condition):
        """Note the open leads whose engagement the interactions ``i`` that meet a condition count for."""
        if self._counts_events():
            self._note_leads([row[0] for row in self.env.execute_query(self._interaction_leads(condition))])

    @api.model
    def _interaction_leads(self, condition):
        """Query of the open leads of interactions ``i``: their own and those of their customers."""
        return SQL(
            "%s UNION SELECT l.id FROM crm_lead l JOIN crm_interaction i ON i.lead_id = l.id WHERE %s AND %s",
            self._customer_leads(SQL("p.id IN (SELECT i.partner_id FROM crm_interaction i WHERE %s)", condition)),
            condition,
            OPEN,
        )

    @api.model
    def _customer_leads(self, condition):
        """Query of the open leads of the customers that partners ``p`` belong to."""
        return SQL(
            """SELECT l.id FROM res_partner p JOIN res_partner c ON c.commercial_partner_id = p.commercial_partner_id
                 JOIN crm_lead l ON l.partner_id = c.id WHERE %s AND %s""",
            condition,
            OPEN,
        )

    def _plan_refresh(self):
        cr = self.env.cr

        def refresh():
            if session.NOTES in cr.precommit.data:
                cr.precommit.add(refresh)  # after the interactions of this transaction are captured
            else:
                api.Environment(cr, SUPERUSER_ID, {})["crm.lead.score"]._refresh_noted()
                cr.precommit.data.pop(NOTES, None)

        cr.precommit.add(refresh)

    @api.model
    def _refresh_noted(self):
        """Refresh the noted leads now. Whatever goes wrong, the user's transaction goes on: the leads are queued."""
        data = self.env.cr.precommit.data
        if not data.get(NOTES):
            return
        noted, data[NOTES] = data[NOTES], set()
        self.env.flush_all()
        noted = sorted(noted | data[NOTES])
        data[NOTES] = set()
        if len(noted) > AT_ONCE:
            self.env["crm.lead.score.queue"]._add(noted)
            return
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(f"SET LOCAL jit = off; {WAIT_BRIEFLY}")
                self._refresh_leads(noted)
                self.env.cr.execute(f"SET LOCAL jit = DEFAULT; {WAIT_AS_BEFORE}")
        except Exception as error:  # a rule may read any module's field
            _logger.warning("Lead scores of %s lead(s) follow by the scheduled action: %s", len(noted), error)
            self.env["crm.lead.score.queue"]._add(noted)

    @api.model
    def _cron_refresh_touched(self):
        """Leads a transaction has left to us, then announcements of hot leads."""
        queue = self.env["crm.lead.score.queue"]
        self._committed(queue.search_count, [], progress=lambda count: {"remaining": count})
        if self._while_any(self._refresh_queued):
            self._announce_hot()

    @api.model
    def _refresh_queued(self):
        """Refresh the next queued leads; how many rows of the queue that were."""
        taken, lead_ids = self.env["crm.lead.score.queue"]._take(QUEUE_STEP)
        rows = self.env.execute_query(SQL("SELECT DISTINCT %s FROM crm_lead l WHERE l.id = ANY(%s)", COMPANY, lead_ids))
        for company in self.env["res.company"].browse(row[0] for row in rows):
            self._refresh_many(company, SQL("l.id = ANY(%s)", lead_ids))
        return taken

    # ------------------------------------------------------------------ what is watched

    @api.model
    @tools.ormcache()
    def _watched(self):
        """``{model: fields}`` that active rules read."""
        rules = self.env["crm.score.rule"].sudo().search([("state", "=", "active")])  # sudo: field names only
        return watched_fields(self.env, rules)

    @api.model
    @tools.ormcache()
    def _counts_events(self):
        rules = self.env["crm.score.rule"].sudo()  # sudo: whether there is one
        return bool(rules.search_count([("state", "=", "active"), ("kind", "!=", "fit")], limit=1))
