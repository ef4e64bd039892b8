"""What holds a step back: contacts so far, quiet hours, days off, the load of a salesperson, a missing address."""

from collections import Counter
from datetime import datetime, time, timedelta
from functools import cached_property

import pytz
from odoo import fields
from odoo.addons.crm_plus.services.interaction.timeline_sql import one_event
from odoo.tools import SQL

from ...engine.followup.hours import AHEAD, next_allowed
from .stops import contact_channels

# How many days back contacts count, per limit.
WEEK, MONTH = 7, 30


class Limits:
    """The limits of a company as of now, for some runs whose next step is a contact."""

    def __init__(self, env, company, runs):
        self.env, self.company, self.runs = env, company, runs
        self.policy = env["crm.followup.policy"]._read_of(company)
        self.now = fields.Datetime.now()
        whom = {self.customer(run) for run in runs}
        self.contacts = contacts(env, company, whom)
        self.load = self._load()

    @staticmethod
    def customer(run):
        """The customer whose contacts count; of a lead without one the lead, as a negative number."""
        return run._contact().commercial_partner_id.id or -run.lead_id.id

    def of(self, run):
        """(moment, why) that hold the next step of a run back; None when nothing does, and then it counts."""
        customer = self.customer(run)
        week, month = self.contacts.get(customer, (0, 0))
        if not run.step_id._is_limited():
            return self._counted(run, customer)
        if self.policy.cap_week and week >= self.policy.cap_week:
            return self.now + timedelta(days=1), self.env._("contacted %s times in 7 days", week)
        if self.policy.cap_month and month >= self.policy.cap_month:
            return self.now + timedelta(days=1), self.env._("contacted %s times in 30 days", month)
        moment = self._allowed(run)
        if moment > self.now:
            return moment, self.env._("quiet hours or a day off")
        if run.step_id.kind == "activity":
            user = run.step_id._responsible(run)
            if self.policy.capacity and user and self.load[user.id] >= self.policy.capacity:
                return self._tomorrow(), self.env._("%s has enough to do today", user.name)
        return self._counted(run, customer)

    def _counted(self, run, customer):
        """The next step of a run is taken: it counts for those that come after it."""
        if run.step_id.kind == "activity":
            self.load[run.step_id._responsible(run).id] += 1
        if not run.shadow:
            self.contacts[customer] = tuple(number + 1 for number in self.contacts.get(customer, (0, 0)))

    def _allowed(self, run):
        """The first moment at which the customer may be contacted."""
        policy, partner = self.policy, run._contact()
        direct = run.step_id._is_direct()
        zone = pytz.timezone((direct and partner.tz) or self.company._crm_plus_tz())
        quiet = (policy.quiet_from, policy.quiet_to) if direct else (0, 0)
        return next_allowed(self.now, zone, *quiet, self.days_off if policy.working_days else ())

    @cached_property
    def days_off(self):
        """The days of the next weeks on which the company does not work."""
        # sudo: the working hours of the company
        calendar = self.company.sudo().resource_calendar_id
        if not calendar:
            return set()
        zone = pytz.timezone(calendar.tz or "UTC")
        today = self.company._crm_plus_today() - timedelta(days=1)
        days = [today + timedelta(days=ahead) for ahead in range(AHEAD + 3)]
        start, end = (zone.localize(datetime.combine(day, time.min)) for day in (days[0], days[-1]))
        worked = {begin.astimezone(zone).date() for begin, _end, _meta in self._intervals(calendar, start, end)}
        return set(days[:-1]) - worked if worked else set()

    def _intervals(self, calendar, start, end):
        return calendar._work_intervals_batch(start, end)[False]

    def _tomorrow(self):
        today = self.company._crm_plus_today()
        return self.company._crm_plus_start_of_day(today + timedelta(days=1)) + timedelta(hours=8)

    def _load(self):
        """``Counter({user: activities that rules have given them today})``."""
        since = self.company._crm_plus_start_of_day(self.company._crm_plus_today())
        return Counter(
            dict(
                self.env.execute_query(
                    SQL(
                        """SELECT user_id, count(*)::int FROM crm_followup_event
                            WHERE company_id = %s AND kind = 'activity' AND date >= %s AND NOT shadow
                              AND user_id IS NOT NULL GROUP BY user_id""",
                        self.company.id,
                        since,
                    )
                )
            )
        )


def contacted_too_often(env, company, customers):
    """Those of these customers (and leads, see `contacts`) who have been contacted as often as the limits allow."""
    policy = env["crm.followup.policy"]._read_of(company)
    return {
        customer
        for customer, (week, month) in contacts(env, company, customers).items()
        if (policy.cap_week and week >= policy.cap_week) or (policy.cap_month and month >= policy.cap_month)
    }


def contacts(env, company, customers):
    """``{customer: (contacts in 7 days, in 30 days)}``: what went out to them on any channel, and what rules have
    asked for. What a rule caused counts once, though it is in the history as well; so does an email to several of the
    customer's contacts. A lead that has no customer yet is asked for by its id as a negative number."""
    leads = [-lead for lead in customers if lead < 0]
    customers = [customer for customer in customers if customer > 0]
    if not customers:
        return _contacts_of_leads(env, company, leads)
    rows = env.execute_query(
        SQL(
            """SELECT customer, count(*) FILTER (WHERE date > %(now)s - interval '7 days')::int, count(*)::int
                 FROM (SELECT customer, date FROM (
                       SELECT DISTINCT c.commercial_partner_id AS customer, i.date, %(event)s
                         FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                         JOIN crm_interaction_source s ON s.id = i.source_id
                        WHERE c.commercial_partner_id = ANY(%(customers)s) AND i.direction = 'out'
                          AND i.channel_id = ANY(%(channels)s) AND i.date > %(now)s - %(days)s * interval '1 day'
                          AND (i.company_id = %(company)s OR i.company_id IS NULL)
                          AND NOT (s.model_name = 'mail.activity' AND EXISTS (
                                   SELECT FROM crm_followup_event e WHERE e.activity_ref = i.res_id AND NOT e.shadow))
                          AND NOT (s.model_name = 'mail.notification' AND EXISTS (
                                   SELECT FROM mail_notification n
                                     JOIN crm_followup_event e ON e.message_ref = n.mail_message_id
                                    WHERE n.id = i.res_id AND NOT e.shadow))) once
                       UNION ALL
                       SELECT c.commercial_partner_id, e.date
                         FROM res_partner c JOIN crm_followup_event e ON e.partner_id = c.id
                        WHERE c.commercial_partner_id = ANY(%(customers)s) AND NOT e.shadow
                          AND e.kind IN ('activity', 'plan', 'email', 'sms') AND e.company_id = %(company)s
                          AND e.date > %(now)s - %(days)s * interval '1 day') contact
                GROUP BY customer""",
            now=fields.Datetime.now(),
            event=one_event(SQL("i")),
            customers=list(customers),
            channels=contact_channels(env),
            company=company.id,
            days=MONTH,
        )
    )
    return {row[0]: row[1:] for row in rows} | _contacts_of_leads(env, company, leads)


def _contacts_of_leads(env, company, leads):
    """``{-lead: (contacts in 7 days, in 30 days)}``."""
    if not leads:
        return {}
    rows = env.execute_query(
        SQL(
            """SELECT -lead_id, count(*) FILTER (WHERE date > %(now)s - interval '7 days')::int, count(*)::int
                 FROM (SELECT i.lead_id, i.date FROM crm_interaction i
                         LEFT JOIN crm_interaction_source s ON s.id = i.source_id
                        WHERE i.lead_id = ANY(%(leads)s) AND i.direction = 'out' AND i.channel_id = ANY(%(channels)s)
                          AND i.date > %(now)s - %(days)s * interval '1 day'
                          AND NOT (s.model_name IS NOT DISTINCT FROM 'mail.activity' AND EXISTS (
                                   SELECT FROM crm_followup_event e WHERE e.activity_ref = i.res_id AND NOT e.shadow))
                          AND NOT (s.model_name IS NOT DISTINCT FROM 'mail.notification' AND EXISTS (
                                   SELECT FROM mail_notification n
                                     JOIN crm_followup_event e ON e.message_ref = n.mail_message_id
                                    WHERE n.id = i.res_id AND NOT e.shadow))
                       UNION ALL
                       SELECT e.lead_id, e.date FROM crm_followup_event e
                        WHERE e.lead_id = ANY(%(leads)s) AND NOT e.shadow AND e.company_id = %(company)s
                          AND e.kind IN ('activity', 'plan', 'email', 'sms')
                          AND e.date > %(now)s - %(days)s * interval '1 day') contact
                GROUP BY lead_id""",
            now=fields.Datetime.now(),
            leads=list(leads),
            channels=contact_channels(env),
            company=company.id,
            days=MONTH,
        )
    )
    return {row[0]: row[1:] for row in rows}
