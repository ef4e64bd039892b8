"""What a rule would do in the next days if everything else stayed as it is: nobody orders, writes or is called.

What time alone brings (an anniversary, an overdue order, a silence) is asked for each day. Who comes in by what they do
is taken from the last days: whoever came in 12 days ago stands for somebody who will 18 days from now.
"""

from collections import Counter, defaultdict
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from .evaluation import Evaluation
from .limits import Limits

DAYS = 30
# Of more than so many customers the most valuable are looked at.
MOST = 5000
# Triggers that time alone sets off.
BY_TIME = ("silent", "date", "overdue")


class Ahead:
    """The next days of a rule; whoever makes it rolls back what it notes."""

    def __init__(self, rule):
        self.rule, self.env, self.company = rule, rule.env, rule.company_id
        self.today = self.company._crm_plus_today()
        self.is_lead = rule.kind == "lead"
        self.step = rule.step_ids.filtered(lambda step: step._is_contact())[:1]
        self.limited = self.step._is_limited()

    def numbers(self):
        """``{"reached", "waiting", "most", "heads": {name: (all, most a day)}, "held": {why: how many}}``; ``reached``
        counts customers whose first contact is within these days, ``waiting`` those whom limits keep beyond."""
        arrivals = self._arrivals()
        runs = {key: self._run(*key) for keys in arrivals.values() for key in keys}
        limits = Limits(self.env, self.company, list(runs.values()))
        return self._simulate(arrivals, runs, limits)

    def _simulate(self, arrivals, runs, limits):
        queue, held, waited = [], Counter(), set()
        days, heads = Counter(), defaultdict(Counter)
        contacts = dict(limits.contacts)
        for ahead in range(DAYS):
            queue += arrivals.get(ahead, [])
            if self.limited and limits.policy.working_days and self.today + timedelta(days=ahead) in limits.days_off:
                waited |= {(key, self.env._("quiet hours or a day off")) for key in queue}
                continue
            load, left = Counter(), []
            for key in queue:
                why = self._why(runs[key], ahead, contacts, load, limits)
                if why:
                    left.append(key)
                    waited.add((key, why))
                    continue
                days[ahead] += 1
                if self.step.kind in ("activity", "plan"):
                    user = self.step._responsible(runs[key])
                    load[user.id] += 1
                    heads[user.name or self.env._("nobody is responsible")][ahead] += 1
            queue = left
        held.update(why for _key, why in waited)
        return {
            "reached": sum(days.values()),
            "waiting": len(queue),
            "most": max(days.values(), default=0),
            "heads": {name: (sum(counts.values()), max(counts.values())) for name, counts in heads.items()},
            "held": held,
        }

    def _why(self, run, ahead, contacts, load, limits):
        """What holds the first contact back on a day; None when nothing does."""
        if not self.limited:
            return None
        customer = Limits.customer(run)
        week, month = contacts.get(customer, (0, 0))
        # Those of the last week are a week old by then.
        week = week if ahead < 7 else 0
        policy = limits.policy
        if (policy.cap_week and week >= policy.cap_week) or (policy.cap_month and month >= policy.cap_month):
            return self.env._("contacted too often")
        if self.step.kind == "activity" and policy.capacity:
            user = self.step._responsible(run)
            if user and load[user.id] >= policy.capacity:
                return self.env._("%s has enough to do", user.name)
        return None

    def _run(self, partner_id, lead_id):
        """A run that is nowhere stored: limits and steps look at it."""
        return self.env["crm.followup.run"].new(
            {
                "rule_id": self.rule.id,
                "company_id": self.company.id,
                "partner_id": partner_id,
                "lead_id": lead_id,
                "step_id": self.step.id,
            }
        )

    # ------------------------------------------------------------------ who comes when

    def _arrivals(self):
        """``{days from now: [(partner, lead)]}`` of the first contact, the most valuable first."""
        later = sum(step.delay_days for step in self.rule.step_ids if step not in self.step._later())
        found, seen = defaultdict(list), set()
        for ahead, keys in self._by_day():
            new = [key for key in keys if key not in seen]
            seen.update(new)
            found[ahead + later] += new[: max(MOST - len(seen) + len(new), 0)]
        return found

    def _by_day(self):
        yield 0, [(row[1] or False, row[2] or False) for row in Evaluation(self.rule).waiting() if not row[3]]
        if self.rule.trigger in BY_TIME:
            reached = self._reached()
            for ahead in range(1, DAYS):
                yield ahead, [key for key in self._members(ahead) if key not in reached]
        else:
            yield from sorted(self._as_before().items())

    def _members(self, ahead):
        """Whom the rule is for so many days from now, as far as time alone decides."""
        members = self.rule.audience_id._members_sql(self.rule._entry(ahead))
        return [(partner or False, lead or False) for partner, lead in self.env.execute_query(members)]

    def _reached(self):
        """Whom the rule has seen already: held out, under way, or reached within its pause."""
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id, lead_id FROM crm_followup_run
                    WHERE rule_id = %(rule)s AND (state = 'open' OR date_start > %(now)s - %(pause)s * interval '1 day')
                    UNION SELECT partner_id, lead_id FROM crm_followup_member WHERE rule_id = %(rule)s AND held_out""",
                rule=self.rule.id,
                now=fields.Datetime.now(),
                pause=self.rule.pause_days,
            )
        )
        return {(partner or False, lead or False) for partner, lead in rows}

    def _as_before(self):
        """Who came in during the last days, each as many days from now as they are after the beginning of these."""
        since = fields.Datetime.now() - timedelta(days=DAYS)
        rows = self.env.execute_query(self._came_in(since))
        found = defaultdict(list)
        for partner, lead, moment in rows:
            found[min(max((moment - since).days, 1), DAYS - 1)].append((partner or False, lead or False))
        return found

    def _came_in(self, since):
        segment, leaving = self.rule.audience_id.segment_id, self.rule.trigger == "leave"
        if segment and self.rule.trigger in ("enter", "leave"):
            return SQL(
                """SELECT s.partner_id, NULL, s.%(day)s::timestamp FROM crm_segment_membership s
                    WHERE s.segment_id = %(segment)s AND s.company_id = %(company)s AND s.%(day)s >= %(since)s
                      AND s.replayed IS NOT TRUE AND NOT s.shadow""",
                day=SQL.identifier("date_to" if leaving else "date_from"),
                segment=segment.id,
                company=self.company.id,
                since=since,
            )
        return SQL(
            """SELECT partner_id, lead_id, date_since FROM crm_followup_member
                WHERE rule_id = %(rule)s AND date_since >= %(since)s AND NOT (%(leaving)s AND present)
                  AND date_since > (SELECT min(date_since) FROM crm_followup_member WHERE rule_id = %(rule)s)""",
            rule=self.rule.id,
            since=since,
            leaving=leaving,
        )
