"""What the score card of a lead's form shows: the scores of one lead and why they are what they are, as far as the
reader may see."""

from decimal import Decimal

import pytz
from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.days import local_day, shifted
from ...engine.prediction.advice import gains
from ...engine.score.rules import event_points, rounded
from ..interaction.timeline_sql import one_event
from ..prediction.catalogue import CONTACT

# Events shown behind one rule; the others are counted.
SHOWN_EVENTS = 20
HISTORY_ROWS = 400


class ScoreCard:
    """The JSON of one `crm.lead` that the user may read."""

    def __init__(self, lead):
        self.lead, self.env = lead, lead.env
        # sudo: names and settings of rules of the company that scores the lead, whose salespeople may know them.
        self.company = lead.sudo()._score_company()
        self.rules = self.env["crm.score.rule"].sudo()

    def card(self):
        """``{"score", "prediction"}``, and where one of them is False the reason in words: "missing_score",
        "missing_prediction"."""
        card = {"score": self.score(), "prediction": self.prediction()}
        if not card["score"]:
            card["missing_score"] = self._why_no_score()
        if not card["prediction"]:
            card["missing_prediction"] = self._why_no_prediction()
        return card

    # ------------------------------------------------------------------ the score by rules

    def score(self):
        """``{"score", "grade", "hot", "fit", "engagement", "prediction", "raises", "history"}``, or False. Fit and
        engagement hold "score", "part" (of the lead's score) and "lines": "kind", "id", "name", "points" and, for
        engagement rules, "count", "events" [{"id", "date", "channel", "summary", "points"}] and "hidden", how many more
        there are. Points are texts with 2 places that add up to the score. "raises": [{"id", "name", "suggestion",
        "gain"}]."""
        explanation = self.lead.score_explanation
        if not explanation:
            return False
        rules = {rule.id: rule for rule in self.rules.with_context(active_test=False).search([])}
        groups = {group.id: group for group in self.env["crm.score.group"].sudo().search([])}  # sudo: as the rules
        for axis in ("fit", "engagement"):
            if explanation[axis]:
                explanation[axis]["lines"] = [self._line(line, rules, groups) for line in explanation[axis]["lines"]]
        explanation["hot"] = self.lead.is_hot
        explanation["raises"] = self._raises(explanation) if self.lead._is_scored() else []
        history = self.env["crm.lead.score.history"].search([("lead_id", "=", self.lead.id)], limit=HISTORY_ROWS)
        explanation["history"] = history.read(["date", "lead_score", "lead_grade", "win_probability"], load=None)[::-1]
        return explanation

    def _day(self):
        """The day whose ages the points have: today, or of a closed lead the day its score last changed; where that
        was not kept yet, the day it ended."""
        if self.lead._is_scored():
            return self.company._crm_plus_today()
        # sudo: a date only, of a lead the user may read
        day = self.env["crm.lead.score"].sudo().search([("lead_id", "=", self.lead.id)]).scored_on
        return day or self.company._crm_plus_day(self.lead.date_closed or fields.Datetime.now())

    def _line(self, line, rules, groups):
        kind, key, points, count = line
        record = (groups if kind == "group_cap" else rules).get(key)
        explained = {"kind": kind, "id": key, "name": record.name if record else "", "points": points}
        if count is not None and record:
            visible = self.visible_events(record)
            events = self._events(visible[:SHOWN_EVENTS], record)
            if record.once:
                counted = next((event for event in events if event["points"] == points), None)
                events = [event if event is counted else event | {"points": "0.00"} for event in events]
            explained |= {"count": count, "events": events, "hidden": max(count - len(visible), 0)}
        return explained

    def visible_events(self, rule):
        """Ids of the events a rule counts, newest first, that the user may see; one shared by several contacts once."""
        domain = Domain("lead_id", "=", self.lead.id)
        if customer := self.lead.partner_id.commercial_partner_id:
            # sudo: which contacts the customer has; the events are searched as the user
            contacts = self.env["res.partner"].sudo().with_context(active_test=False)
            domain |= Domain("partner_id", "in", contacts.search([("commercial_partner_id", "=", customer.id)]).ids)
        spec = rule._spec(0)
        domain &= Domain("company_id", "in", [False, self.company.id])
        domain &= Domain("direction", "in", spec.directions) & Domain("channel_id", "in", spec.channel_ids)
        day = self._day()
        if spec.period_days:
            domain &= Domain("date", ">=", self.company._crm_plus_start_of_day(shifted(day, -spec.period_days)))
        if not self.lead._is_scored():  # what came after the end counted for nothing
            domain &= Domain("date", "<", self.company._crm_plus_start_of_day(shifted(day, 1)))
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM (
                        SELECT DISTINCT ON (%(event)s) i.id, i.date
                          FROM crm_interaction i WHERE i.id IN %(found)s
                         ORDER BY %(event)s, i.id DESC) event
                    ORDER BY date DESC, id DESC""",
                event=one_event(SQL("i")),
                found=self.env["crm.interaction"]._search(domain).subselect(),
            )
        )
        return [row[0] for row in rows]

    def _events(self, event_ids, rule):
        day, zone = self._day(), pytz.timezone(self.company._crm_plus_tz())
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

    def _raises(self, explanation):
        """Rules that would give the lead more, or take less, where they say what a salesperson can do, and it can be
        done here."""
        rules = self.rules._active_rules(self.company, broken=False)
        weight = Decimal(f"{self.company.crm_plus_fit_weight:.2f}") / 100
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
                    "suggestion": rule.suggestion,
                    "gain": str(rounded(gained[str(rule.id)] * share)),
                }
                for rule in of_axis
                if str(rule.id) in gained and rule.suggestion and self._can_happen(rule)
            ]
        return sorted(found, key=lambda offer: (-Decimal(offer["gain"]), offer["id"]))

    def _can_happen(self, rule):
        """Whether what the rule counts can happen here: people can do it, or an app that is installed brings it."""
        if rule.kind != "engagement" or CONTACT.intersection(rule.channel_ids.mapped("code")):
            return True
        # sudo: whether there is a source, of which nothing is shown
        sources = self.env["crm.interaction.source"].sudo().search([("kind", "=", "records")])
        live = sources.filtered(lambda source: not source._is_dormant())
        return not rule.channel_ids or bool((live.channel_id | live.variant_ids.channel_id) & rule.channel_ids)

    def _why_no_score(self):
        if not self.lead._is_explained():
            return self._why_not_explained()
        if self.lead.won_status != "pending" or not self.lead.active:
            return self.env._("This lead was closed before it had a score.")
        if not self.rules._active_rules(self.company):
            return self.env._("There are no active score rules yet.")
        return self.env._("This lead will be scored within a few minutes.")

    def _why_not_explained(self):
        return self.env._("This lead has no company. The reasons are shown in the company whose rules score it.")

    def _why_no_prediction(self):
        """Why the lead has no prediction, exactly: the newest version of its team or company tells."""
        if not self.lead._is_explained():
            return self._why_not_explained()
        if self.lead.won_status != "pending" or not self.lead.active:
            return self.env._("This lead was closed before it had a prediction.")
        # sudo: only how far predictions of the lead's own company have come, which its salespeople may know.
        versions = self.env["crm.score.model"].sudo()
        scope = [("company_id", "=", self.company.id), ("team_id", "in", [False, self.lead.team_id.id])]
        if published := versions.search([*scope, ("state", "=", "published")], order="team_id", limit=1):
            if published.error:
                return self.env._("The version in use is failing. Open it to see why.")
            return self.env._("This lead will get a prediction within a few minutes.")
        newest = versions.search(scope, limit=1)
        if newest.state == "abstained":
            return newest.shortfall_text
        if newest:
            return self.env._("No trained version is in use.")
        return self.env._("No version has been trained yet.")

    # ------------------------------------------------------------------ the prediction

    def prediction(self):
        """``{"probability", "version", "days", "score", "intercept", "parts", "raises"}``, or False: the chance that it
        is won within so many days (0: ever), and what it is made of. "parts" [{"feature", "label", "value", "points"}],
        largest first, add up to the score; points are millionths of a logit. "raises": those of `Advice`."""
        # sudo: the explanation of a lead the user may read; it holds counts of events, never their content.
        score = self.env["crm.lead.score"].sudo().search([("lead_id", "=", self.lead.id)], limit=1)
        explained = self.lead._is_explained() and score._prediction_parts()
        if not explained:
            return False
        model = score._version()
        label = model._feature_namer()
        parts = [
            {"feature": name, "label": label(name), "value": value, "points": points}
            for name, value, points in explained["parts"]
        ]
        return {
            "probability": score.win_probability,
            "version": model.display_name,
            "days": model.horizon_days,
            "score": explained["score"],
            "intercept": explained["intercept"],
            "parts": parts,
            "raises": self.lead._prediction_raises(model),
        }
