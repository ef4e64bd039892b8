import json
import random
from ast import literal_eval
from collections import defaultdict
from decimal import Decimal

from odoo.tests import tagged
from odoo.tools import SQL

from ...engine.score.rules import (
    RulePoints,
    add_up,
    counted_channels,
    counted_direction,
    event_points,
    grade,
    lead_score,
)
from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreArithmetic(ScoreCase):
    """The database gives the numbers of the engine, which are the specification."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        dice = random.Random(20261122)
        cls.pipeline = cls.env.ref("crm_plus.channel_lead")
        cls.contact = (cls.phone.id, cls.meeting.id)
        cls.company.write({"crm_plus_fit_weight": 61.7, "crm_plus_fit_cuts": "60, 40, 12.5"})
        Group = cls.env["crm.score.group"]
        groups = {
            axis: [Group.create({"name": str(n), "axis": axis, "cap": dice.choice([7.5, 20, 33.33])}) for n in range(2)]
            for axis in ("fit", "engagement")
        }
        cls.rules = cls.Rule
        for number in range(24):
            fit = number % 2
            cls.rules += cls.rule(
                kind="fit" if fit else "engagement",
                sequence=number,
                domain=f"[('priority', 'in', {dice.sample(['0', '1', '2', '3'], 2)})]",
                points=round(dice.uniform(-30, 60), 2) or 1,
                group_id=dice.choice([False, *(group.id for group in groups["fit" if fit else "engagement"])]),
                channel_ids=[(6, 0, dice.choice([[], [cls.phone.id], [cls.meeting.id], [cls.pipeline.id]]))],
                direction=dice.choice(["contact", "in", "out", "any"]),
                period_days=dice.choice([0, 5, 30, 90]),
                once=dice.random() < 0.3,
                fades=dice.random() < 0.8,
                half_life_days=dice.choice([1, 7.5, 21, 300]),
                cap=dice.choice([0, 0, 12.34, 40]),
            )
        cls.rule(kind="silence", points=-7.77, silence_days=20, direction="in", sequence=99)
        cls.leads, cls.events = cls.env["crm.lead"], defaultdict(list)
        firms = cls.env["res.partner"].create([{"name": f"Firm {n}", "is_company": True} for n in range(12)])
        contacts = cls.env["res.partner"].create([{"name": "Contact", "parent_id": firm.id} for firm in firms])
        for number in range(60):
            partner = dice.choice([cls.env["res.partner"], dice.choice(firms), dice.choice(contacts)])
            lead = cls.lead(priority=dice.choice("0123"), name=f"parity {number}", partner_id=partner.id)
            cls.leads += lead
            for _event in range(dice.choice([0, 1, 3, 9])):
                cls._random_event(dice, lead)
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET create_date = create_date - interval '40 days' WHERE id = ANY(%s)",
                cls.leads.ids[::2],
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def _random_event(cls, dice, lead):
        """An event of the lead, which is one of all leads of its customer when it has one."""
        channel = dice.choice([cls.phone, cls.meeting, cls.pipeline])
        age, direction = dice.choice([-2, 0, 1, 4, 19, 20, 30, 31, 90, 200]), dice.choice(["in", "out", "none"])
        about = {"lead_id": lead.id}
        if lead.partner_id and dice.random() < 0.5:
            about = {"partner_id": lead.partner_id.id}
        cls.event(age, channel_id=channel.id, direction=direction, **about)
        cls.events[cls._owner(lead)].append((channel, age, direction))

    @classmethod
    def _owner(cls, lead):
        return lead.partner_id.commercial_partner_id or lead

    def expected(self, lead):
        """(fit, engagement) of the engine, each a `RuleScore`."""
        caps = {str(group.id): Decimal(f"{group.cap:.2f}") for group in self.env["crm.score.group"].search([])}
        given = {"fit": [], "engagement": []}
        for rule in self.Rule.search([]):
            points = self._points(rule, lead)
            if points is not None:
                cap = Decimal(f"{rule.cap:.2f}") if rule.cap and rule.kind == "engagement" else None
                axis = "fit" if rule.kind == "fit" else "engagement"
                given[axis].append(
                    RulePoints(str(rule.id), points, cap, str(rule.group_id.id) if rule.group_id else None)
                )
        return add_up(given["fit"], caps), add_up(given["engagement"], caps)

    def _points(self, rule, lead):
        points = Decimal(f"{rule.points:.2f}")
        if rule.kind == "fit":
            return points if lead.filtered_domain(literal_eval(rule.domain)) else None
        direction = counted_direction(rule.direction, rule.channel_ids.ids, self.contact)
        directions = {"contact": ("in", "out"), "any": ("in", "out", "none")}.get(direction, (direction,))
        ages = [
            age
            for channel, age, direction in self.events[self._owner(lead)]
            if direction in directions and channel.id in counted_channels(rule.channel_ids.ids, self.contact)
        ]
        if rule.kind == "silence":
            old = lead in self.leads[::2]
            return points if old and not any(age < rule.silence_days for age in ages) else None
        ages = [age for age in ages if not rule.period_days or age <= rule.period_days]
        if rule.once:
            ages = sorted(ages)[:1]
        half_life = rule.half_life_days if rule.fades else None
        return sum(event_points(points, age, half_life) for age in ages) if ages else None

    def assertLikeTheEngine(self, leads):
        for lead in leads:
            fit, engagement = self.expected(lead)
            with self.subTest(lead=lead.name):
                row = self.Score.search([("lead_id", "=", lead.id)])
                explanation = json.loads(row.rules_explanation)
                for axis, expected in (("fit", fit), ("engagement", engagement)):
                    lines = [[kind, str(key), points] for kind, key, points, _events in explanation[axis]["lines"]]
                    self.assertEqual({"score": explanation[axis]["score"], "lines": lines}, expected.to_json())
                    self.assertEqual(f"{row[axis + '_score']:.2f}", str(expected.score))
                parts = lead_score(fit.score, engagement.score, Decimal("0.617"))
                self.assertEqual([explanation[axis]["part"] for axis in ("fit", "engagement")], [*map(str, parts)])
                self.assertEqual(f"{row.lead_score:.2f}", str(sum(parts)))
                cuts = [Decimal("60"), Decimal("40"), Decimal("12.5")]
                self.assertEqual(row.lead_grade, grade(fit.score, engagement.score, cuts))

    def refresh_many(self, leads):
        self.Score._refresh_many(self.company, SQL("l.id = ANY(%s)", leads.ids))

    def test_all_leads_score_as_the_engine_says(self):
        self.refresh_many(self.leads)
        self.assertLikeTheEngine(self.leads)

    def test_leads_scored_at_once_score_as_the_engine_says(self):
        self.Score.search([]).unlink()
        self.Score._refresh_leads(self.leads.ids)
        self.assertLikeTheEngine(self.leads)

    def test_the_score_does_not_depend_on_the_batch(self):
        self.refresh_many(self.leads)
        together = {score.lead_id: score.rules_explanation for score in self.Score.search([])}
        self.Score.search([]).unlink()
        for lead in self.leads[:7]:
            self.Score._refresh_leads(lead.ids)
            self.assertEqual(self.Score.search([("lead_id", "=", lead.id)]).rules_explanation, together[lead])

    def test_contributions_add_up_to_the_last_digit(self):
        self.refresh_many(self.leads)
        for score in self.Score.search([("lead_id", "in", self.leads.ids)]):
            explanation = score.lead_id.score_explanation
            for axis in ("fit", "engagement"):
                lines = explanation[axis]["lines"]
                self.assertEqual(sum(Decimal(line[2]) for line in lines), Decimal(explanation[axis]["score"]))
            parts = sum(Decimal(explanation[axis]["part"]) for axis in ("fit", "engagement"))
            self.assertEqual(parts, Decimal(explanation["score"]))

    def test_a_second_refresh_writes_nothing(self):
        self.refresh_many(self.leads)
        query = SQL("SELECT lead_id, xmin, ctid FROM crm_lead_score WHERE lead_id = ANY(%s) ORDER BY 1", self.leads.ids)
        before = self.env.execute_query(query)
        self.refresh_many(self.leads)
        self.Score._refresh_leads(self.leads.ids)
        self.assertEqual(self.env.execute_query(query), before)
        self.assertEqual(len(before), len(self.leads))
