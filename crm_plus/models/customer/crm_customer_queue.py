from odoo import api, fields, models
from odoo.tools import SQL


class CrmCustomerQueue(models.Model):
    """Customers with new events, whose profile is to be refreshed. User transactions only ever insert here, without a
    reference, so that they never wait for who takes from it."""

    _name = "crm.customer.queue"
    _inherit = ["crm.touched.queue.mixin"]
    _description = "Customer waiting for a profile refresh"
    _log_access = False
    _order = "id"

    _touched_columns = ("partner_id",)
    _touched_by = "feeds_profile"

    partner_id = fields.Integer("Customer or contact", required=True)
    covered = fields.Boolean("Known to the full refresh that goes on")

    @api.model
    def _add(self, partner_ids):
        """Queue these partners (any contact of a customer will do): one statement."""
        if partner_ids:
            self.env.cr.execute(SQL("INSERT INTO crm_customer_queue (partner_id) SELECT unnest(%s)", list(partner_ids)))

    @api.model
    def _add_customers_of(self, partner_ids):
        """Queue the partners and the customers that the database says they are part of now.

        Returns those that are part of one: a partner that was just created is not yet, and has nothing to refresh.
        """
        if not partner_ids:
            return []
        rows = self.env.execute_query(
            SQL(
                """WITH member AS (SELECT id, commercial_partner_id AS customer_id FROM res_partner
                                    WHERE id = ANY(%s) AND commercial_partner_id IS NOT NULL),
                        queued AS (INSERT INTO crm_customer_queue (partner_id)
                                   SELECT id FROM member UNION SELECT customer_id FROM member)
                   SELECT id FROM member""",
                list(partner_ids),
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _take(self, limit):
        """Ids of up to ``limit`` customers, which leave the queue; what another job holds stays."""
        rows = self.env.execute_query(
            SQL(
                """WITH taken AS (DELETE FROM crm_customer_queue WHERE id IN (
                                    SELECT id FROM crm_customer_queue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                                  RETURNING partner_id)
                   SELECT DISTINCT p.commercial_partner_id, p.id
                     FROM taken JOIN res_partner p ON p.id = taken.partner_id""",
                limit,
            )
        )
        self.invalidate_model(flush=False)
        # A contact that has become part of another company is no customer of its own any more: its old profile goes.
        return sorted({partner_id for row in rows for partner_id in row if partner_id})

    # ------------------------------------------------------------------ a full refresh makes them superfluous

    @api.model
    def _covered_by(self, profiles, companies):
        """Refresh all customers of every company. What waited before is done then, too: a first load of the history
        leaves every customer here."""
        refreshed = set()

        def step(company):
            is_done = profiles._refresh_all_of(company)
            if is_done:
                refreshed.add(company.id)
            return is_done

        profiles._committed(self._cover)
        if profiles._in_rounds(companies, step) and refreshed == set(companies.ids):
            profiles._committed(self._end_cover)

    @api.model
    def _cover(self):
        """Note that what waits now is known to the full refresh of all companies that begins. What one knew of that
        did not come to its end is noted already, and is known to this one as well."""
        self.env.cr.execute(
            """UPDATE crm_customer_queue SET covered = TRUE
                WHERE id IN (SELECT id FROM crm_customer_queue WHERE covered IS NOT TRUE FOR UPDATE SKIP LOCKED)"""
        )

    @api.model
    def _end_cover(self):
        """The full refresh of all companies is done: what it knew of leaves the queue."""
        self.env.cr.execute("DELETE FROM crm_customer_queue WHERE covered")
        self.invalidate_model(flush=False)
