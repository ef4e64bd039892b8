from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...engine.score.hot import HOT_FROM, HOT_MARGIN
from ...engine.score.rules import grade
from ...services.customer.amounts import USER
from ...services.prediction.training import LeadRecord
from ...services.score.specs import ScoreSettings
from ...services.sql import COMPANY, OPEN

# With fewer leads whose outcome is known, nothing is known of the share that is won.
FEWEST_KNOWN = 30
USERS = f"{USER},base.group_system"
NIGHT = timedelta(hours=3, minutes=20)
CUTS = ("crm_plus_fit_cuts", "crm_plus_engagement_cuts")
# What changes every score of the company.
SCORE_SETTINGS = frozenset({*CUTS, "crm_plus_fit_weight", "crm_plus_hot_score"})


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_plus_fit_weight = fields.Float(
        "Weight of fit (%)", digits=(5, 2), default=50, help="The rest of the score is engagement.", groups=USERS
    )
    crm_plus_fit_cuts = fields.Char(
        "Minimum fit for A, B, C",
        default="75, 50, 25",
        help="Three descending numbers. Below the last one, the letter is D.",
        groups=USERS,
    )
    crm_plus_engagement_cuts = fields.Char(
        "Minimum engagement for 1, 2, 3",
        default="75, 50, 25",
        help="Three descending numbers. Below the last one, the digit is 4.",
        groups=USERS,
    )
    crm_plus_hot_score = fields.Float("Hot-lead threshold", digits=(5, 2), default=HOT_FROM, groups=USERS)
    crm_plus_hot_activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Activity for hot leads",
        ondelete="set null",
        domain="[('res_model', 'in', [False, 'crm.lead'])]",
        default=lambda self: self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False),
        help="Scheduled for the salesperson (or the team leader) when a lead becomes hot. Empty: no activity.",
        groups=USERS,
    )
    crm_plus_history_months = fields.Integer("Keep score history for (months)", default=13, groups=USERS)
    crm_plus_score_next_id = fields.Integer(
        string="Next lead to score (ID)",
        compute="_compute_remembered",
        job="rescore",
        groups=USERS,
        help="The last lead scored by an unfinished run.",
    )
    crm_plus_score_version = fields.Char(
        string="Version of rules and settings",
        compute="_compute_remembered",
        job="rescore",
        groups=USERS,
        help="Rules and settings used in that run.",
    )
    crm_plus_point_chance = fields.Float(
        "Probability per point (%)",
        default=1,
        compute="_compute_remembered",
        job="rescore",
        groups=USERS,
        help="Assumed win probability per score point, for leads without a prediction.",
    )
    crm_plus_score_date = fields.Datetime(
        "Leads scored",
        compute="_compute_remembered",
        job="rescore",
        groups=USERS,
        help="When all open leads were last scored.",
    )

    _crm_plus_fit_weight_share = models.Constraint(
        "CHECK (crm_plus_fit_weight BETWEEN 0 AND 100)", "Weight of fit: must be between 0 and 100%."
    )
    _crm_plus_hot_score_range = models.Constraint(
        f"CHECK (crm_plus_hot_score > {HOT_MARGIN} AND crm_plus_hot_score <= 100)",
        f"A lead is hot at: must be above {HOT_MARGIN}, up to 100.",
    )
    _crm_plus_history_kept = models.Constraint(
        "CHECK (crm_plus_history_months > 0)", "Keep score history for: must be at least one month."
    )

    @api.constrains(*CUTS)
    def _check_crm_plus_grade_cuts(self):
        for company in self:
            for name in CUTS:
                company._crm_plus_grade_cuts(name)

    def _crm_plus_grade_cuts(self, name):
        """The three thresholds of a field as texts; a `ValidationError` names the field."""
        text = self[name] or self._fields[name].default(self)
        try:
            cuts = [Decimal(part.strip()) for part in text.split(",")]
            grade(Decimal(0), Decimal(0), cuts, cuts)
        except (ArithmeticError, ValueError) as error:
            raise ValidationError(
                self.env._(
                    "%(field)s: “%(text)s” is not three descending numbers. Enter, for example, %(example)s.",
                    field=self._fields[name].get_description(self.env, ["string"])["string"],
                    text=text,
                    example=self._fields[name].default(self),
                )
            ) from error
        return tuple(str(cut) for cut in cuts)

    def _crm_plus_score_settings(self):
        """The `ScoreSettings` of today."""
        self.ensure_one()
        return ScoreSettings(
            company_id=self.id,
            today=self._crm_plus_today(),
            tz=self._crm_plus_tz(),
            fit_weight=str(Decimal(f"{self.crm_plus_fit_weight:.2f}") / 100),
            fit_cuts=self._crm_plus_grade_cuts("crm_plus_fit_cuts"),
            engagement_cuts=self._crm_plus_grade_cuts("crm_plus_engagement_cuts"),
            group_caps=self.env["crm.score.rule"]._group_caps(self.id),
            hot_score=f"{self.crm_plus_hot_score:.2f}",
            # Leads that were there before any had a score have not crossed anything.
            notify_hot=bool(self.crm_plus_hot_activity_type_id and self.crm_plus_score_date),
        )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.sudo().crm_plus_score_date = fields.Datetime.now()  # sudo: a new company has no lead without a score
        return companies

    def write(self, vals):
        result = super().write(vals)
        if not SCORE_SETTINGS.isdisjoint(vals):
            self.env["crm.lead.score"]._rescore_soon()
        return result

    def _crm_plus_weigh_points(self):
        """A point of score stands for such a chance that an average open lead is won as often as leads were: those
        closed, and those that have been open for longer than nearly all wins took."""
        for company in self:
            horizon = LeadRecord(company).horizon
            [(won, known, average)] = self.env.execute_query(
                SQL(
                    """SELECT count(*) FILTER (WHERE l.won_status = 'won'),
                              count(*) FILTER (WHERE l.won_status IN ('won', 'lost') OR %(open)s AND l.create_date
                                                     <= now() AT TIME ZONE 'UTC' - %(days)s * interval '1 day'),
                              avg(s.lead_score) FILTER (WHERE %(open)s)
                         FROM crm_lead l LEFT JOIN crm_lead_score s ON s.lead_id = l.id WHERE %(company)s = %(id)s""",
                    open=OPEN,
                    days=horizon,
                    company=COMPANY,
                    id=company.id,
                )
            )
            is_known = known >= FEWEST_KNOWN and average
            # sudo: a figure that the scheduled action works out
            company.sudo().crm_plus_point_chance = 100 * won / known / float(average) if is_known else 1

    @api.model
    def _crm_plus_several(self):
        """Whether what belongs to no company is shared by several."""
        # sudo: how many there are, also for who works in one of them
        return self.sudo().search_count([], limit=2) > 1

    def _crm_plus_nights(self):
        """The moments, in UTC, of these companies' next nights: ages and periods grow when a day begins there."""
        nights = set()
        for company in self:
            today = company._crm_plus_today()
            begin = (company._crm_plus_start_of_day(day) for day in (today, today + timedelta(days=1)))
            nights.add(next(night for day in begin if (night := day + NIGHT) > fields.Datetime.now()))
        return sorted(nights)
