"""Whom a rule is for now: who came in, who left, who is held out, and the runs that begin."""

from odoo import fields
from odoo.addons.crm_plus.services.sql import array_text
from odoo.tools import SQL

from ...engine.followup.holdout import assign
from .company_holdout import CompanyHoldout

# Members that one step of the scheduled action looks at: some seconds of work.
PART = 50_000


class Evaluation:
    """One look at the audience of a rule; set-based but for the hold-out, which is decided customer by customer."""

    def __init__(self, rule):
        self.rule, self.env, self.now = rule, rule.env, fields.Datetime.now()
        self.is_lead = rule.kind == "lead"
        self.key = SQL("lead_id") if self.is_lead else SQL("partner_id")
        self.target = (
            SQL("(rule_id, lead_id) WHERE lead_id IS NOT NULL")
            if self.is_lead
            else SQL("(rule_id, partner_id) WHERE lead_id IS NULL")
        )
        self.shadow = rule.state == "shadow"
        self.leaving = rule.trigger == "leave"
        self.company_holdout = CompanyHoldout(rule.env, rule.company_id)
        # The customers or leads that are looked at: all, or those of a part.
        self.within = SQL("TRUE")

    def run(self):
        """Begin runs for whoever is to be reached."""
        rows = self._reach()
        self._begin(rows)

    def part(self, after, size=PART):
        """The same for the next ``size`` customers or leads, those after the id ``after``, whether they are to come in
        or to leave. The id of the last one; None when none follow."""
        last = self._last_of_part(after, size)
        self.within = SQL("%s > %s AND %s <= %s", self.key, after, self.key, last or 2**31 - 1)
        self.run()
        return last

    def _last_of_part(self, after, size):
        self.env.flush_all()
        [[last]] = self.env.execute_query(
            SQL(
                """SELECT LEAST((SELECT w.%(key)s FROM (%(wanted)s) w WHERE w.%(key)s > %(after)s
                                  ORDER BY 1 OFFSET %(size)s LIMIT 1),
                                (SELECT %(key)s FROM crm_followup_member
                                  WHERE rule_id = %(rule)s AND present AND %(key)s > %(after)s
                                  ORDER BY 1 OFFSET %(size)s LIMIT 1))""",
                key=self.key,
                wanted=self.rule.audience_id._members_sql(self.rule._entry()),
                after=after,
                size=size - 1,
                rule=self.rule.id,
            )
        )
        return last

    def waiting(self):
        """Who would be reached now: (member or 0, partner, lead, held out or None, segment or 0, value) each, best
        first. Nothing is kept of it when the transaction is rolled back."""
        self.env.flush_all()
        left, came = self._leave(), self._enter()
        return self._candidates(left if self.leaving else came)

    def _reach(self):
        rows = self.waiting()
        if self.shadow:
            return rows
        rows = self._without_held_out_of_company(rows)
        self._assign([row for row in rows if row[3] is None])
        held_out = self._held_out({row[0] for row in rows})
        return [row for row in rows if row[0] not in held_out]

    def _leave(self):
        """Who is no longer in the audience, and comes in anew when they are back; ids of the members who left since
        the rule began to look.

        A segment that becomes a draft has not been left: who is in it once it is active again has been there all along.
        """
        if self.rule._rests():
            return []
        rows = self.env.execute_query(
            SQL(
                """UPDATE crm_followup_member m SET present = FALSE, date_since = %(since)s
                    WHERE m.rule_id = %(rule)s AND m.present AND %(within)s
                      AND NOT EXISTS (SELECT FROM (%(stay)s) w WHERE w.%(key)s = m.%(key)s)
                   RETURNING m.id""",
                rule=self.rule.id,
                stay=self.rule.audience_id._members_sql(self.rule._stays()),
                key=self.key,
                within=self.within,
                since=SQL("%s", self.now) if self.leaving else SQL("m.date_since"),
            )
        )
        return [row[0] for row in rows] if self.rule.evaluated_date else []

    def _enter(self):
        """Note who is in the audience; ids of the members to look at: who came in, or all of them."""
        is_first = not self.rule.evaluated_date
        wanted = self.rule.audience_id._members_sql(self.rule._entry())
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO crm_followup_member AS m
                          (rule_id, company_id, partner_id, lead_id, present, date_since)
                   SELECT DISTINCT ON (w.%(key)s) %(rule)s, %(company)s, w.partner_id, w.lead_id, TRUE, %(now)s
                     FROM (%(wanted)s) w WHERE w.%(key)s IS NOT NULL AND %(within)s ORDER BY w.%(key)s
                   ON CONFLICT %(target)s DO UPDATE
                      SET present = TRUE, date_since = excluded.date_since, partner_id = excluded.partner_id
                    WHERE NOT m.present OR %(always)s
                   RETURNING m.id""",
                key=self.key,
                within=self.within,
                rule=self.rule.id,
                company=self.rule.company_id.id,
                now=self.now,
                wanted=wanted,
                target=self.target,
                always=not self.rule._is_entered() or (is_first and self.rule.include_present),
            )
        )
        only_note = is_first and self.rule._is_entered() and not self.rule.include_present
        return [] if only_note else [row[0] for row in rows]

    def _candidates(self, member_ids):
        """Of these members, those whom the rule does not reach already, and has not just reached."""
        if not member_ids:
            return []
        return self.env.execute_query(
            SQL(
                """SELECT m.id, m.partner_id, m.lead_id, CASE WHEN m.date_assigned IS NOT NULL THEN m.held_out END,
                          COALESCE(f.segment_id, 0),
                          COALESCE(l.expected_revenue * COALESCE(s.win_probability, 50) / 100, f.clv, f.revenue, 0)
                     FROM crm_followup_member m
                     LEFT JOIN crm_lead l ON l.id = m.lead_id
                     LEFT JOIN res_partner p ON p.id = COALESCE(m.partner_id, l.partner_id)
                     LEFT JOIN crm_customer_profile f
                               ON f.partner_id = p.commercial_partner_id AND f.company_id = m.company_id
                     LEFT JOIN crm_lead_score s ON s.lead_id = l.id
                    WHERE m.id = ANY(%(ids)s::int[]) AND COALESCE(p.active, TRUE) AND m.held_out IS NOT TRUE
                      AND %(may_be_contacted)s AND %(is_new)s
                      AND NOT EXISTS (
                          SELECT FROM crm_followup_run r
                           WHERE r.rule_id = m.rule_id AND r.%(key)s = m.%(key)s AND r.shadow = %(shadow)s
                             AND (r.state IN ('open', 'failed')
                                  OR r.date_start > %(now)s - %(pause)s * interval '1 day'))
                    ORDER BY 6 DESC, m.id""",
                ids=array_text(member_ids),
                key=self.key,
                may_be_contacted=self.company_holdout.condition(SQL("p.commercial_partner_id")),
                is_new=self._is_new(),
                shadow=self.shadow,
                now=self.now,
                pause=self.rule.pause_days,
            )
        )

    def _is_new(self):
        """SQL: whether a member ``m`` has really come in. A stay that goes on after a pause, as when the basis of the
        figures was changed and changed back, calls nobody again, unless leaving has done something that is to be done
        over."""
        audience, place = self.rule.audience_id, None
        if self.rule.trigger == "enter" and not self.rule._undoes_leaving():
            place = audience.segment_id or audience.tier_id
        if not place:
            return SQL("TRUE")
        stays = self.env[place._stays]
        return SQL(
            """NOT EXISTS (SELECT FROM %s s WHERE s.%s = %s AND s.company_id = m.company_id
                              AND s.partner_id = m.partner_id AND s.date_to IS NULL AND s.resumed)""",
            SQL.identifier(stays._table),
            SQL.identifier(stays._place),
            place.id,
        )

    def _assign(self, rows):
        """Decide, once and for all, who of these is held out."""
        if not rows:
            return
        known = dict(
            self.env.execute_query(
                SQL(
                    """SELECT COALESCE(segment_id, 0), count(*)::int FROM crm_followup_member
                        WHERE rule_id = %s AND date_assigned IS NOT NULL GROUP BY 1""",
                    self.rule.id,
                )
            )
        )
        # A lead without a customer is kept apart by a number that no customer has.
        member_of = {row[1] or -row[2] if not self.is_lead else -row[2]: row[0] for row in rows}
        newcomers = [(row[1] if not self.is_lead else -row[2], row[4]) for row in rows]
        found = assign(newcomers, known, self.rule.holdout_percent / 100, self.rule.salt)
        segment_of = {row[0]: row[4] for row in rows}
        members = [(member_of[key], held, segment_of[member_of[key]]) for key, held in found.items()]
        self.env.cr.execute(
            SQL(
                """UPDATE crm_followup_member m
                      SET held_out = a.held_out, date_assigned = %s, segment_id = NULLIF(a.segment_id, 0)
                     FROM unnest(%s, %s, %s) AS a (id, held_out, segment_id) WHERE m.id = a.id""",
                self.now,
                *(list(column) for column in zip(*members, strict=True)),
            )
        )

    def _without_held_out_of_company(self, rows):
        """Those of these whom the company does not hold out from everything; leads without a customer are no
        customers yet."""
        if not self.company_holdout.share:
            return rows
        partners = self.env["res.partner"].sudo()  # sudo: whose customer a contact is
        leads = self.env["crm.lead"].sudo().browse([row[2] for row in rows if row[2]])
        of_lead = {lead.id: lead.partner_id.id for lead in leads}
        partner_of = {row[0]: row[1] or of_lead.get(row[2]) for row in rows}
        contacts = partners.browse([partner for partner in partner_of.values() if partner])
        customer_of = {partner.id: partner.commercial_partner_id.id for partner in contacts}
        held_out = self.company_holdout.held_out(set(customer_of.values()))
        return [row for row in rows if customer_of.get(partner_of[row[0]]) not in held_out]

    def _held_out(self, member_ids):
        found = self.env.execute_query(
            SQL("SELECT id FROM crm_followup_member WHERE id = ANY(%s) AND held_out", list(member_ids))
        )
        return {row[0] for row in found}

    def _begin(self, rows):
        """One run each; somebody else may have begun it just now, and the database has one only."""
        step = self.rule.step_ids[:1]
        if not rows or not step:
            return
        columns = [list(column) for column in zip(*((row[1], row[2], row[5]) for row in rows), strict=True)]
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_followup_run
                          (rule_id, company_id, partner_id, lead_id, value, state, shadow, step_id,
                           date_start, date_next)
                   SELECT %(rule)s, %(company)s, partner_id, lead_id, value, 'open', %(shadow)s, %(step)s,
                          %(now)s, %(next)s
                     FROM unnest(%(partners)s::int[], %(leads)s::int[], %(values)s::float[])
                          AS t (partner_id, lead_id, value)
                   ON CONFLICT DO NOTHING""",
                rule=self.rule.id,
                company=self.rule.company_id.id,
                shadow=self.shadow,
                step=step.id,
                now=self.now,
                next=fields.Datetime.add(self.now, days=step.delay_days),
                partners=columns[0],
                leads=columns[1],
                values=[float(value) for value in columns[2]],
            )
        )
        self.env["crm.followup.run"].invalidate_model(flush=False)
