"""Which runs have a reason to end: one statement."""

from collections import defaultdict

from odoo.addons.crm_plus.services.sql import ADD_UP
from odoo.tools import SQL

# Channels on which a customer says something; what reports documents is no reply.
MESSAGES = ("email", "phone", "meeting", "visit", "chat", "sms", "message", "social", "feedback")
# Channels on which we do not contact anybody: documents, and what we note for ourselves.
DOCUMENTS = ("order", "invoice", "payment", "delivery", "store", "note", "lead", "followup", "automatic")


class Stops:
    """Facts that end runs of a company, those of ``ids`` that are open."""

    def __init__(self, env, company, ids):
        self.env, self.company, self.ids = env, company, list(ids)

    def found(self):
        """``{reason: ids of runs}``."""
        self.env.flush_all()
        found = defaultdict(list)
        for run_id, reason in self.env.execute_query(self._query()):
            found[reason].append(run_id)
        return found

    def _query(self):
        return SQL(
            """%(add_up)s SELECT id, reason FROM (
                   SELECT r.id, CASE
                       WHEN rule.state = 'draft' OR r.shadow AND rule.state = 'active' THEN 'rule'
                       WHEN NOT COALESCE(p.active, TRUE) OR NOT COALESCE(l.active, TRUE)
                            AND l.won_status IS DISTINCT FROM 'lost' THEN 'archived'
                       WHEN rule.stop_optout AND EXISTS (
                            SELECT FROM mail_blacklist b WHERE b.active
                               AND b.email IN (p.email_normalized, l.email_normalized)) THEN 'optout'
                       WHEN rule.stop_optout AND EXISTS (
                            SELECT FROM phone_blacklist b WHERE b.active
                               AND b.number IN (p.phone_sanitized, l.phone_sanitized))
                            AND EXISTS (SELECT FROM crm_followup_step s WHERE s.rule_id = rule.id AND s.kind = 'sms')
                            THEN 'optout'
                       WHEN rule.stop_closed AND l.won_status <> 'pending' THEN 'closed'
                       WHEN rule.stop_order AND EXISTS (
                            SELECT FROM crm_customer_profile f WHERE f.partner_id = p.commercial_partner_id
                               AND f.company_id = r.company_id AND f.last_order_date > r.date_start) THEN 'order'
                       WHEN rule.stop_reply AND (EXISTS (
                            SELECT FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                             WHERE c.commercial_partner_id = p.commercial_partner_id AND %(reply)s)
                            OR EXISTS (SELECT FROM crm_interaction i WHERE i.lead_id = r.lead_id AND %(reply)s))
                            THEN 'reply'
                       WHEN rule.stop_leave AND rule.trigger = 'leave' AND COALESCE(m.present, ml.present) THEN 'back'
                       WHEN rule.stop_leave AND rule.trigger <> 'leave' AND NOT COALESCE(m.present, ml.present, TRUE)
                            THEN 'left'
                   END AS reason
                     FROM crm_followup_run r
                     JOIN crm_followup_rule rule ON rule.id = r.rule_id
                     LEFT JOIN res_partner p ON p.id = r.partner_id
                     LEFT JOIN crm_lead l ON l.id = r.lead_id
                     LEFT JOIN crm_followup_member m ON m.rule_id = r.rule_id AND m.partner_id = r.partner_id
                               AND m.lead_id IS NULL AND r.lead_id IS NULL
                     LEFT JOIN crm_followup_member ml ON ml.rule_id = r.rule_id AND ml.lead_id = r.lead_id
                    WHERE r.state = 'open' AND r.id = ANY(%(ids)s)
               ) stops WHERE reason IS NOT NULL""",
            add_up=ADD_UP,  # to compile it took ten times as long as to run it for 5,000 runs
            ids=self.ids,
            reply=SQL(
                "i.direction = 'in' AND i.date > r.date_start AND i.channel_id = ANY(%s)",
                channels(self.env, MESSAGES),
            ),
        )


def channels(env, codes):
    """Ids of the channels with these codes."""
    # sudo: which channels there are, whoever asks.
    found = env["crm.interaction.channel"].sudo().with_context(active_test=False)
    return found.search([("code", "in", list(codes))]).ids


def contact_channels(env):
    """Ids of the channels on which somebody is in touch with a customer: no documents, no notes."""
    documents = set(channels(env, DOCUMENTS))
    return [channel for channel in env["crm.interaction.channel"]._contact_ids() if channel not in documents]
