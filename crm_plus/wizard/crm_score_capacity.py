from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.score.capacity import capacity_threshold, reached
from ..engine.score.hot import LEAST_HOT

# What is shown beside the cut-off.
SHOWN = range(10, 100, 10)
# Ten years; a calendar does not reach back for ever.
MOST_WEEKS = 520


class CrmScoreCapacity(models.TransientModel):
    """The cut-off that gives each salesperson so many leads a week."""

    _name = "crm.score.capacity"
    _inherit = ["crm.readable.mixin"]
    _description = "Hot-lead threshold by capacity"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    team_id = fields.Many2one("crm.team", help="Empty: all teams.")
    leads_a_week = fields.Integer(
        "Leads per week and salesperson",
        default=10,
        required=True,
        help="How many hot leads a salesperson can take care of in a week.",
    )
    weeks = fields.Integer(
        "Weeks to measure", default=4, required=True, help="How far back the leads that came are counted."
    )
    salespeople = fields.Integer(
        compute="_compute_salespeople",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Who takes care of leads in this team; change it if somebody is missing or away.",
    )
    cutoff = fields.Float(
        "Threshold",
        digits=(5, 2),
        compute="_compute_cutoff",
        help="The score from which on as many leads came as the salespeople can take care of.",
    )
    leads = fields.Integer(
        "Leads that reached it",
        compute="_compute_cutoff",
        help="Leads of the weeks measured whose score reached the threshold.",
    )
    arrived = fields.Integer(
        "Leads received", compute="_compute_cutoff", help="All leads that came in the weeks measured."
    )
    problem = fields.Char(compute="_compute_cutoff")
    steps = fields.Json(
        "Leads per week by score",
        compute="_compute_cutoff",
        help="How many leads the team can handle a week, and how many reach each score.",
    )
    effect = fields.Text("What will happen", compute="_compute_effect")

    _weeks_range = models.Constraint(
        f"CHECK (weeks BETWEEN 1 AND {MOST_WEEKS})", f"Measured on the last weeks: choose from 1 to {MOST_WEEKS}."
    )
    _leads_positive = models.Constraint(
        "CHECK (leads_a_week > 0)", "Leads per week and salesperson: must be at least one."
    )

    @api.depends("team_id", "company_id")
    def _compute_salespeople(self):
        for capacity in self:
            teams = capacity.team_id or self.env["crm.team"].search(
                [("company_id", "in", [False, capacity.company_id.id])]
            )
            capacity.salespeople = len(teams.crm_team_member_ids.user_id)

    @api.depends("team_id", "company_id", "leads_a_week", "weeks", "salespeople")
    def _compute_cutoff(self):
        for capacity in self:
            scores = capacity._arrived_scores()
            threshold = capacity_threshold(
                scores,
                salespeople=max(capacity.salespeople, 0),
                leads_a_week=max(capacity.leads_a_week, 0),
                weeks=capacity._weeks(),
            )
            cutoff = Decimal(100) if threshold.cutoff is None else max(threshold.cutoff, LEAST_HOT)
            capacity.cutoff = cutoff
            capacity.arrived = len(scores)
            [capacity.leads] = reached(scores, [cutoff])
            capacity.problem = capacity._problem(threshold)
            capacity.steps = capacity._steps(scores, cutoff)

    def _weeks(self):
        return min(max(self.weeks, 1), MOST_WEEKS)

    def _arrived_scores(self):
        since = fields.Datetime.now() - timedelta(weeks=self._weeks())
        domain = [("lead_id.create_date", ">=", since), ("lead_id.company_id", "in", [False, self.company_id.id])]
        if self.team_id:
            domain.append(("lead_id.team_id", "=", self.team_id.id))
        # sudo: numbers only, for the capacity of a whole team
        scores = self.env["crm.lead.score"].sudo().search_fetch(domain, ["lead_score"])
        return [Decimal(f"{score.lead_score:.2f}") for score in scores]

    def _problem(self, threshold):
        """Why there is no cut-off to use, with the remedy, or False."""
        if self.leads_a_week < 1 or self.weeks < 1:
            return self.env._("Choose at least one lead and one week.")
        if self.weeks > MOST_WEEKS:
            return self.env._("Choose at most %(weeks)s weeks.", weeks=MOST_WEEKS)
        if self.salespeople < 1:
            return self.env._("The team has no salespeople. Enter how many there are.")
        if not self.arrived:
            return self.env._("No leads were received in these weeks. Choose more weeks, or another team.")
        if threshold.cutoff is None:
            return self.env._(
                "More than %(capacity)s leads have the highest score, so no threshold gives that few. Let each "
                "salesperson take more, or add rules that tell the best leads apart.",
                capacity=threshold.capacity,
            )
        if threshold.leads == self.arrived:
            return self.env._("The team can take all leads received: no threshold is needed.")
        return False

    def _steps(self, scores, cutoff):
        """``{"capacity": leads a week, "rows": [{"score", "week", "each", "marks"}]}``, the highest score first."""
        # sudo: a setting, for who may change it here
        current = Decimal(f"{self.company_id.sudo().crm_plus_hot_score:.2f}")
        marks = {"cutoff": cutoff, "current": current} if scores and not self.problem else {"current": current}
        cuts = sorted({*map(Decimal, SHOWN), *marks.values()}, reverse=True)
        weeks, people = self._weeks(), max(self.salespeople, 1)
        return {
            "capacity": max(self.salespeople, 0) * max(self.leads_a_week, 0),
            "rows": [
                {
                    "score": float(cut),
                    "week": count / weeks,
                    "each": count / weeks / people,
                    "marks": [mark for mark, score in marks.items() if score == cut],
                }
                for cut, count in zip(cuts, reached(scores, cuts), strict=True)
            ],
        }

    @api.depends("cutoff", "problem", "company_id")
    def _compute_effect(self):
        for capacity in self:
            capacity.effect = not capacity.problem and "\n".join(capacity._effects())

    def _effects(self):
        company = self.company_id.sudo()  # sudo: settings, for who may change them here
        # sudo: numbers only, of the whole company, since the threshold is the company's
        scores = self.env["crm.lead.score"].sudo()
        domain = [("lead_id.won_status", "=", "pending"), ("lead_id.company_id", "in", [False, company.id])]
        hot, more = [*domain, ("hot_date", "!=", False)], [*domain, ("lead_score", ">=", self.cutoff)]
        new = scores.search_count([*more, ("hot_date", "=", False)])
        yield self.env._(
            "Leads are hot at %(cutoff)s or above, instead of %(current)s.",
            cutoff=f"{self.cutoff:g}",
            current=f"{company.crm_plus_hot_score:g}",
        )
        yield self.env._(
            "Of %(open)s open leads, %(after)s reach it; %(before)s are hot now.",
            open=scores.search_count(domain),
            after=scores.search_count(more),
            before=scores.search_count(hot),
        )
        if new and company.crm_plus_hot_activity_type_id:
            yield self.env._(
                "%(new)s leads become hot within minutes. For each, the salesperson (or the team leader) gets the "
                "activity “%(activity)s”.",
                new=new,
                activity=company.crm_plus_hot_activity_type_id.name,
            )
        if self.team_id:
            yield self.env._("The threshold applies to all teams of %(company)s.", company=company.name)

    def action_use_as_hot(self):
        """From now on a lead that reaches the cut-off is hot."""
        self._one()
        if self.problem:
            raise UserError(self.problem)
        # sudo: this one setting, of a company the manager works in; other settings are for administrators
        self.company_id.sudo().crm_plus_hot_score = self.cutoff
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Leads are hot at %(cutoff)s or above.", cutoff=f"{self.cutoff:g}"),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
