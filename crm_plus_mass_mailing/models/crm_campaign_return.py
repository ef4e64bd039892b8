from odoo import api, fields, models
from odoo.tools import SQL


class CrmCampaignReturn(models.Model):
    """Mailings, and what their campaigns reached by them: a customer once, by however many addresses and mails."""

    _inherit = "crm.campaign.return"

    mailing_id = fields.Many2one("mailing.mailing", readonly=True)

    @api.model
    def _touch_queries(self, company):
        return [*super()._touch_queries(company), self._mailing_touches(company)]

    @api.model
    def _mailing_touches(self, company):
        """What was sent to contacts, leads and members of lists, of whoever is known; as touches of the mailing and of
        its campaign. A mailing has no company: that is the one of its audience, else of whoever is responsible."""
        sent = SQL(
            """SELECT t.mass_mailing_id AS mailing_id, m.campaign_id, t.sent_datetime AS date,
                      t.trace_status NOT IN ('bounce', 'error') AS delivered,
                      (t.trace_status IN ('open', 'reply') OR t.links_click_datetime IS NOT NULL) AS opened,
                      t.trace_status = 'reply' AS replied,
                      CASE t.model WHEN 'res.partner' THEN t.res_id WHEN 'crm.lead' THEN l.partner_id
                                   ELSE %s END AS partner_id,
                      l.id AS lead_id
                 FROM mailing_trace t JOIN mailing_mailing m ON m.id = t.mass_mailing_id
                 LEFT JOIN crm_lead l ON t.model = 'crm.lead' AND l.id = t.res_id
                 LEFT JOIN crm_audience a ON a.id = m.crm_audience_id
                 LEFT JOIN res_users u ON u.id = m.user_id
                WHERE t.sent_datetime IS NOT NULL AND t.is_test_trace IS NOT TRUE
                  AND t.trace_status NOT IN ('outgoing', 'process', 'cancel')
                  AND COALESCE(a.company_id, u.company_id, %s) = %s""",
            self._customer_of_address(),
            self.env["res.company"]._crm_plus_first_id(),
            company.id,
        )
        return SQL(
            """SELECT touched.kind, touched.source_id, partner_id, lead_id, date, delivered, opened, replied
                 FROM (%s) sent CROSS JOIN LATERAL (VALUES ('mailing', mailing_id), ('campaign', campaign_id))
                      AS touched (kind, source_id)
                WHERE touched.source_id IS NOT NULL""",
            sent,
        )

    @api.model
    def _customer_of_address(self):
        """SQL: the contact with the address that a member of a list was written to; intended to be extended."""
        return SQL("(SELECT min(p.id) FROM res_partner p WHERE p.email_normalized = t.email AND p.active)")

    @api.model
    def _cost_queries(self, company, hour_cost, activity_hours):
        """A mailing's costs are those of its campaign, too."""
        entered = SQL(
            """SELECT touched.kind, touched.source_id, c.amount::float8
                 FROM crm_campaign_cost c JOIN mailing_mailing m ON m.id = c.mailing_id
                CROSS JOIN LATERAL (VALUES ('mailing', m.id), ('campaign', m.campaign_id)) AS touched (kind, source_id)
                WHERE c.company_id = %s AND touched.source_id IS NOT NULL""",
            company.id,
        )
        return [*super()._cost_queries(company, hour_cost, activity_hours), entered]

    @api.model
    def _holdout_queries(self, company):
        """What mailings with a hold-out changed is what their campaigns changed, as far as that is known."""
        # sudo: every report needs it, whoever reads it
        days = self.env["crm.followup.policy"].sudo()._read_of(company).window_days
        mailings = SQL(
            """SELECT 'mailing', m.id, m.campaign_id, h.held_out, h.date_assigned, h.partner_id, %s
                 FROM crm_mailing_holdout h JOIN mailing_mailing m ON m.id = h.mailing_id
                 JOIN crm_audience a ON a.id = m.crm_audience_id
                WHERE m.crm_holdout_percent > 0 AND a.company_id = %s""",
            days,
            company.id,
        )
        return [*super()._holdout_queries(company), mailings]
