from decimal import Decimal

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.days import local_day, shifted
from ...engine.prediction.advice import gains
from ...engine.score.rules import event_points, rounded

# Events shown behind one rule; the others are counted.
SHOWN_EVENTS = 20
OPENED_EVENTS = 1000
HISTORY_ROWS = 400


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def explain_score(self):
        """Why the lead has its score, as far as the user may see the events behind it, and what would raise it most.

        :return: ``{"score", "grade", "hot", "fit", "engagement", "prediction", "raises", "history"}``. Fit and
            engagement hold "score", "part" (of the lead's score) and "lines": "kind", "id", "name", "points" and, for
            engagement rules, "count", "events" [{"id", "date", "channel", "summary", "points"}] and "hidden", how many
            more there are. Points are texts with 2 places that add up to the score. "raises": [{"id", "name",
            "suggestion", "gain"}].
        """
        self._one_lead()
        self.env["crm.lead.score"]._note_leads(self.ids)  # the points of events are those of today
        explanation = self.score_explanation
        if not explanation:
            return False
        # sudo: names and settings of rules, which everyone may know
        company = self.sudo()._score_company()
        rules = {rule.id: rule for rule in self.env["crm.score.rule"].with_context(active_test=False).sudo().search([])}
        groups = {group.id: group for group in self.env["crm.score.group"].sudo().search([])}
        for axis in ("fit", "engagement"):
            if explanation[axis]:
                explanation[axis]["lines"] = [
                    self._explained_line(line, rules, groups, company) for line in explanation[axis]["lines"]
                ]
        explanation["hot"] = self.is_hot
        explanation["raises"] = self._what_raises(explanation, company) if self._is_scored() else []
        history = self.env["crm.lead.score.history"].search([("lead_id", "=", self.id)], limit=HISTORY_ROWS)
        explanation["history"] = history.read(["date", "lead_score", "lead_grade", "win_probability"], load=None)[::-1]
        return explanation

    def _one_lead(self):
        """Refuse to tell of no lead, of several, or of one the user may not read."""
        if len(self) != 1:
            raise UserError(self.env._("Why a lead has its score is told of one lead at a time."))
        self.check_access("read")

    def _score_company(self):
        companies = self.env["res.company"]
        return self.company_id or companies.browse(companies._crm_plus_first_id())

    def _is_scored(self):
        """Whether rules still look at the lead: closed ones keep their last score."""
        return self.active and self.won_status == "pending"

    def _score_day(self, company):
        """The day whose ages the points have: today, or of a closed lead the day its score last changed; where that
        was not kept yet, the day it ended."""
        if self._is_scored():
            return company._crm_plus_today()
        # sudo: a date only, of a lead the user may read
        day = self.env["crm.lead.score"].sudo().search([("lead_id", "=", self.id)]).scored_on
        return day or company._crm_plus_day(self.date_closed or fields.Datetime.now())

    def _explained_line(self, line, rules, groups, company):
        kind, key, points, count = line
        record = (groups if kind == "group_cap" else rules).get(key)
        explained = {"kind": kind, "id": key, "name": record.name if record else "", "points": points}
        if count is not None and record:
            visible = self._visible_events(record, company)
            events = self._explained_events(visible[:SHOWN_EVENTS], record, company)
            if record.once:
                counted = next((event for event in events if event["points"] == points), None)
                events = [event if event is counted else event | {"points": "0.00"} for event in events]
            explained |= {"count": count, "events": events, "hidden": max(count - len(visible), 0)}
        return explained

    def _visible_events(self, rule, company):
        """Ids of the events a rule counts, newest first, that the user may see; one shared by several contacts once."""
        domain = Domain("lead_id", "=", self.id)
        if customer := self.partner_id.commercial_partner_id:
            # sudo: which contacts the customer has; the events are searched as the user
            contacts = self.env["res.partner"].sudo().with_context(active_test=False)
            domain |= Domain("partner_id", "in", contacts.search([("commercial_partner_id", "=", customer.id)]).ids)
        spec = rule._spec(0)
        domain &= Domain("company_id", "in", [False, company.id])
        domain &= Domain("direction", "in", spec.directions) & Domain("channel_id", "in", spec.channel_ids)
        day = self._score_day(company)
        if spec.period_days:
            domain &= Domain("date", ">=", company._crm_plus_start_of_day(shifted(day, -spec.period_days)))
        if not self._is_scored():  # what came after the end counted for nothing
            domain &= Domain("date", "<", company._crm_plus_start_of_day(shifted(day, 1)))
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM (
                        SELECT DISTINCT ON (source_id, document_model, COALESCE(document_id, -id), date, name) id, date
                          FROM crm_interaction WHERE id IN %s
                         ORDER BY source_id, document_model, COALESCE(document_id, -id), date, name, id DESC) event
                    ORDER BY date DESC, id DESC""",
                self.env["crm.interaction"]._search(domain).subselect(),
            )
        )
        return [row[0] for row in rows]

    def _explained_events(self, event_ids, rule, company):
        day, zone = self._score_day(company), pytz.timezone(company._crm_plus_tz())
        half_life = rule.half_life_days if rule.fades else None
        return [
            {
                "id": event.id,
                "date": fields.Datetime.to_string(event.date),
                "channel": event.channel_id.name,
                "summary": event.display_name,
                "points": str(
                    event_points(
                        Decimal(f"{rule.points:.2f}"),
                        (day - local_day(event.date, zone)).days,
                        half_life,
                    )
                ),
            }
            for event in self.env["crm.interaction"].browse(event_ids)
        ]

    def action_score_events(self, rule_id):
        """Open the events a rule counts for the lead, the newest ones, as far as the user may see them."""
        self._one_lead()
        company = self.sudo()._score_company()  # sudo: whose rules score a lead that the user may read
        # As the user: the names and settings of other companies' rules are not for them.
        rule = self.env["crm.score.rule"].with_context(active_test=False)._asked(rule_id)
        if rule.kind == "fit" or rule.company_id not in (company, company.browse()):
            raise UserError(self.env._("“%(rule)s” counts no events of this lead.", rule=rule.name))
        events = self._visible_events(rule, company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Events behind “%(rule)s”", rule=rule.name),
            "res_model": "crm.interaction",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", events[:OPENED_EVENTS])],
        }

    @api.model
    def _what_raises(self, explanation, company):
        """Rules that would give the lead more, or take less, with what a salesperson can do first."""
        rules = self.env["crm.score.rule"]._active_rules(company, broken=False)
        weight = Decimal(f"{company.crm_plus_fit_weight:.2f}") / 100
        found = []
        for axis, share in (("fit", weight), ("engagement", 1 - weight)):
            lines = explanation[axis]["lines"] if explanation[axis] else []
            points = {line["id"]: Decimal(line["points"]) for line in lines if line["kind"] == "rule"}
            of_axis = rules.filtered(lambda rule, axis=axis: (rule.kind == "fit") == (axis == "fit"))
            caps = {str(group.id): Decimal(f"{group.cap:.2f}") for group in of_axis.group_id}
            given = [rule._as_points(points[rule.id]) for rule in of_axis if rule.id in points]
            offers = [rule._as_points(offer) for rule in of_axis if (offer := rule._offer(points.get(rule.id)))]
            gained = gains(given, offers, caps)
            found += [
                {
                    "id": rule.id,
                    "name": rule.name,
                    "suggestion": rule.suggestion or False,
                    "gain": str(rounded(gained[str(rule.id)] * share)),
                }
                for rule in of_axis
                if str(rule.id) in gained
            ]
        return sorted(found, key=lambda offer: (not offer["suggestion"], -Decimal(offer["gain"]), offer["id"]))
