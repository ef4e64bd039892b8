"""Response time: from a message of a customer to the first answer, in working hours of the company's calendar.

For whoever shows it, a report or a card of the overview::

    found = Response(env, company, since, until)   # moments in UTC, without a time zone
    found.summary()                     # [{"key": False, "asked", "answered", "waiting", "median", "worst"}]
    found.summary("user_id")            # one of each person: who answered, else who should; best median first
    found.summary("channel_id")         # one of each channel the customer wrote on
    found.query()                       # SQL of a row a message, to join or to report

One definition for all of them:

- A *message* is incoming, on one of the channels `ASKED_ON`. What a customer writes before they are answered is one
  message with it: the first one counts.
- The *answer* is the next outgoing interaction with the same customer (or lead without a customer) on one of the
  channels `ANSWERED_ON`, whoever gives it and on whichever channel; mails that software sends by itself are none.
- *Hours* are those of the company's calendar, without its days off. A message that still waits counts with the hours
  so far, so that nobody gets better figures by not answering; what nobody has answered in `FORGOTTEN` needed no answer,
  and counts nowhere but in ``asked``.

It counts messages with all rights: who asks shows them to managers, or to whom they concern (``user_id``).
"""

from datetime import timedelta

import pytz
from odoo import fields
from odoo.tools import SQL

from ...engine.interaction.working_time import clock
from ..customer.documents import CONTACTS, customer_of

# Channels on which customers write and wait for an answer; a call or a meeting is its own answer.
ASKED_ON = ("email", "chat", "sms", "message", "social", "support")
# Channels on which somebody of ours answers.
ANSWERED_ON = (*ASKED_ON, "phone", "meeting", "visit")
# After this time without an answer a message is taken for one that needed none.
FORGOTTEN = timedelta(days=30)
# What can be told apart.
PARTS = ("user_id", "channel_id")


class Response:
    """The messages that customers of a company sent between two moments, and how soon they were answered."""

    def __init__(self, env, company, since, until=None):
        self.env, self.company, self.since = env, company, since
        self.now = fields.Datetime.now()
        self.until = min(until or self.now, self.now)

    def summary(self, by=None):
        """How many messages there were, how many were answered or wait, the median and the longest of the hours, of all
        (``key`` is False) or by one of `PARTS`; the hours are None where nothing was answered or waits."""
        key = SQL("FALSE") if by is None else SQL.identifier("message", PARTS[PARTS.index(by)])
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, count(*)::int, count(*) FILTER (WHERE state = 'answered')::int,
                          count(*) FILTER (WHERE state = 'waiting')::int, %(median)s, max(hours)
                     FROM (%(messages)s) message GROUP BY 1 ORDER BY 5 NULLS LAST, 1""",
                key=key,
                median=median(SQL("hours")),
                messages=self.query(),
            )
        )
        names = ("key", "asked", "answered", "waiting", "median", "worst")
        return [dict(zip(names, (row[0] or False, *row[1:]), strict=True)) for row in rows]

    def query(self):
        """SELECT of a row a message: (id, date, answer_date, partner_id, lead_id, channel_id, source_id, user_id,
        company_id, state, hours). The id is that of the interaction; the state is "answered", "waiting" or "none".

        Whoever does not ask for the user has nobody looked up: PostgreSQL leaves out what is joined for that alone.
        """
        self.env.flush_all()
        worked = self._clock()
        return SQL(
            """SELECT t.id, t.date, t.answer_date, t.partner_id, t.lead_id, t.channel_id, t.source_id, t.user_id,
                      %(company)s AS company_id, t.state,
                      CASE WHEN t.state <> 'none' THEN %(hours)s END AS hours
                 FROM (SELECT m.id, m.date, m.partner_id, m.lead_id, m.channel_id, m.source_id,
                              CASE WHEN m.answered THEN m.turn_date END AS answer_date,
                              COALESCE(CASE WHEN m.answered THEN m.turn_user END,
                                       l.user_id, c.user_id, p.user_id) AS user_id,
                              CASE WHEN m.answered THEN 'answered'
                                   WHEN m.turn_date IS NULL AND m.date > %(forgotten)s THEN 'waiting'
                                   ELSE 'none' END AS state,
                              CASE WHEN m.answered THEN m.turn_date ELSE %(now)s END AS until
                         FROM (SELECT *, turn_date <= date + %(patience)s AS answered FROM (%(turns)s) turn
                                WHERE is_message AND date >= %(since)s AND date < %(until)s) m
                         LEFT JOIN crm_lead l ON l.id = m.lead_id
                         LEFT JOIN res_partner c ON c.id = m.partner_id
                         LEFT JOIN res_partner p ON p.id = c.commercial_partner_id
                        WHERE m.company_id = %(company)s OR m.company_id IS NULL AND (%(told)s) = %(company)s
                      ) t CROSS JOIN (%(clock)s) clock""",
            company=self.company.id,
            told=self._told(),
            hours=_hours(SQL("t.date"), SQL("t.until")) if worked else _plain_hours(SQL("t.date"), SQL("t.until")),
            clock=worked or SQL("SELECT 1"),
            turns=self._turns(),
            now=self.now,
            forgotten=self.now - FORGOTTEN,
            patience=FORGOTTEN,
            since=self.since,
            until=self.until,
        )

    def _told(self):
        """SELECT of the company of a message ``m`` that names none: that of the lead, of the contact or of whoever is
        responsible, else the first one."""
        return SQL(
            """SELECT COALESCE(l.company_id, c.company_id, u.company_id, %s)
                 FROM (SELECT m.lead_id, m.partner_id) about
                 LEFT JOIN crm_lead l ON l.id = about.lead_id
                 LEFT JOIN res_partner c ON c.id = about.partner_id
                 LEFT JOIN res_partner p ON p.id = c.commercial_partner_id
                 LEFT JOIN res_users u ON u.id = COALESCE(l.user_id, c.user_id, p.user_id)""",
            self.env["res.company"]._crm_plus_first_id(),
        )

    def _turns(self):
        """SELECT of the moments at which it is somebody else's turn, with the next such moment: a message after an
        answer, an answer after a message."""
        asked, answered = (self._channels(codes) for codes in (ASKED_ON, ANSWERED_ON))
        return SQL(
            """SELECT *, lead(date) OVER turns AS turn_date, lead(user_id) OVER turns AS turn_user
                 FROM (SELECT *, lag(is_message) OVER (PARTITION BY whom ORDER BY date, is_message DESC, id) AS before
                         FROM (SELECT i.id, i.date, i.partner_id, i.lead_id, i.channel_id, i.source_id, i.user_id,
                                      i.company_id, i.direction = 'in' AS is_message,
                                      COALESCE(%(customer)s, -i.lead_id) AS whom
                                 FROM crm_interaction i LEFT JOIN %(contacts)s ON c.id = i.partner_id
                                WHERE i.date >= %(since)s AND i.date <= %(now)s AND i.day IS NULL
                                  AND (i.company_id = %(company)s OR i.company_id IS NULL)
                                  AND COALESCE(i.partner_id, i.lead_id) IS NOT NULL
                                  AND (i.direction = 'in' AND i.channel_id = ANY(%(asked)s)
                                       OR i.direction = 'out' AND i.channel_id = ANY(%(answered)s))) event) marked
                WHERE before IS DISTINCT FROM is_message
               WINDOW turns AS (PARTITION BY whom ORDER BY date, is_message DESC, id)""",
            since=self.since - FORGOTTEN,
            now=self.now,
            company=self.company.id,
            customer=customer_of(SQL("i.partner_id")),
            contacts=CONTACTS,
            asked=asked,
            answered=answered,
        )

    def _channels(self, codes):
        # sudo: which channels there are, whoever asks
        channels = self.env["crm.interaction.channel"].sudo().with_context(active_test=False)
        return channels.search([("code", "in", list(codes))]).ids

    def _clock(self):
        """SELECT of one row, the columns of what the company works in these days; None where it has no calendar."""
        # sudo: the working hours of the company
        calendar = self.company.sudo().resource_calendar_id
        if not calendar:
            return None
        start, end = (pytz.utc.localize(moment) for moment in (self.since, self.now))
        # a day more on both sides, since the host cuts at days of the calendar's time zone
        found = calendar._work_intervals_batch(start - timedelta(days=1), end + timedelta(days=1))[False]
        worked = [
            tuple(moment.astimezone(pytz.utc).replace(tzinfo=None) for moment in (begin, stop))
            for begin, stop, _meta in found
        ]
        if not worked:
            return None
        columns = clock(worked)
        return SQL(
            "SELECT %s::timestamp[] AS starts, %s::timestamp[] AS ends, %s::float8[] AS before",
            columns.starts,
            columns.ends,
            columns.before,
        )


def median(hours):
    """SQL: the median of an expression in a group."""
    return SQL("(percentile_cont(0.5) WITHIN GROUP (ORDER BY %s))::float8", hours)


def _hours(start, end):
    """SQL: the hours worked between two moments, as `engine.interaction.working_time.worked_between` has it."""
    return SQL("(%s - %s)", _worked_until(end), _worked_until(start))


def _plain_hours(start, end):
    return SQL("EXTRACT(EPOCH FROM %s - %s)::float8 / 3600", end, start)


def _worked_until(moment):
    place = SQL("width_bucket(%s, clock.starts)", moment)
    return SQL(
        """COALESCE(clock.before[%(place)s] + EXTRACT(EPOCH FROM
                    LEAST(%(moment)s, clock.ends[%(place)s]) - clock.starts[%(place)s])::float8 / 3600, 0)""",
        place=place,
        moment=moment,
    )
