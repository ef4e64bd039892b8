from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.score.card import ScoreCard
from ...services.search import search_method

# Columns of the side table shown on the lead under the same name.
NUMBERS = ("fit_score", "engagement_score", "lead_score", "win_probability")
COLUMNS = (*NUMBERS, "lead_grade", "hot_date")
GROUP = "crm_plus.group_crm_plus_user"
# Events that are opened as a list.
OPENED_EVENTS = 1000
# How likely, in percent, a lead is won when it has ended.
ENDED = {"won": 100, "lost": 0}
COMPARE = {
    "<": lambda number, limit: number < limit,
    "<=": lambda number, limit: number <= limit,
    ">": lambda number, limit: number > limit,
    ">=": lambda number, limit: number >= limit,
}
SIGNS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">="), "in": SQL("IN")}


class CrmLead(models.Model):
    """The scores, seen from the lead: never stored here, so that a bulk refresh does not touch leads. One with a
    changed value that a score rule reads is scored again by the same transaction."""

    _inherit = "crm.lead"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    fit_score = fields.Float(
        "Fit", digits=(5, 2), compute="_compute_scores", search="_search_fit_score", aggregator="avg", groups=GROUP
    )
    engagement_score = fields.Float(
        "Engagement",
        digits=(5, 2),
        compute="_compute_scores",
        search="_search_engagement_score",
        aggregator="avg",
        groups=GROUP,
    )
    lead_score = fields.Float(
        "Score",
        digits=(5, 2),
        compute="_compute_scores",
        search="_search_lead_score",
        aggregator="avg",
        groups=GROUP,
        help="From 0 to 100: fit and engagement together, by the score rules. The card of the lead shows"
        " what adds up to it.",
    )
    lead_grade = fields.Char(
        "Grade",
        compute="_compute_scores",
        search="_search_lead_grade",
        groups=GROUP,
        help="Letter: how well the lead fits, A is best. Digit: how engaged it is, 1 is best.",
    )
    win_probability = fields.Float(
        "Win probability (%)",
        compute="_compute_scores",
        search="_search_win_probability",
        aggregator="avg",
        groups=GROUP,
        help="The CRM Plus prediction: how likely the lead is to be won within the time stated on the version in "
        "use. The probability in the pipeline is not changed.",
    )
    hot_date = fields.Datetime("Hot since", compute="_compute_scores", search="_search_hot_date", groups=GROUP)
    is_hot = fields.Boolean("Hot", compute="_compute_scores", search="_search_is_hot", groups=GROUP)
    score_explanation = fields.Json("Why this score", compute="_compute_score_explanation", groups=GROUP)
    attention_value = fields.Monetary(
        "Expected value",
        currency_field="company_currency",
        compute="_compute_scores",
        search="_search_attention_value",
        groups=GROUP,
        help="Expected revenue times the win probability. Without a prediction, the score is used instead: an "
        "average score counts as the share of leads that are won.",
    )

    @api.depends("expected_revenue", "active", "won_status", "company_id")
    def _compute_scores(self):
        for lead, score in self._with_scores():
            for name in COLUMNS:
                lead[name] = score[name]
            lead.is_hot = bool(score.hot_date) and lead.active and lead.won_status == "pending"
            chance = ENDED.get(lead.won_status, score._chance())
            lead.attention_value = (lead.expected_revenue or 0.0) * chance / 100

    @api.depends("company_id")
    @api.depends_context("uid")
    def _compute_score_explanation(self):
        for lead, score in self._with_scores():
            lead.score_explanation = score._explanation() if lead._is_explained() else False

    def _with_scores(self):
        """(lead, its score or an empty record), as they are now."""
        self.env["crm.lead.score"]._refresh_noted()
        # sudo: the figures of leads the user may read; the lines behind them only in companies they work in.
        scores = self.env["crm.lead.score"].sudo().search_fetch([("lead_id", "in", self._origin.ids)])
        by_lead = {score.lead_id.id: score for score in scores}
        return [(lead, by_lead.get(lead._origin.id, scores.browse())) for lead in self]

    def _is_explained(self):
        """Whether the reader works in the company that scores the lead: those of no company are scored by the rules
        and with the events of the first one, which others do not see."""
        # sudo: an id, compared
        return self.env.su or self.sudo()._score_company() in self.env.user.company_ids

    @api.model
    def _score_fields(self):
        """Fields read from the side table, to be forgotten when it changes."""
        return [*COLUMNS, "score_explanation", "attention_value", "hot_date", "is_hot"]

    # ------------------------------------------------------------------ search, order, group

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in COLUMNS and field_expr not in ("attention_value", "is_hot"):
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        self.env["crm.lead.score"]._refresh_noted()
        if field_expr in NUMBERS:
            return SQL("COALESCE(%s, 0)", self._score_sql(alias, query, field_expr))
        if field_expr == "is_hot":
            is_open = (self._field_to_sql(alias, name, query) for name in ("active", "won_status"))
            return SQL(
                "(%s IS NOT NULL AND %s AND %s = 'pending')", self._score_sql(alias, query, "hot_date"), *is_open
            )
        if field_expr != "attention_value":
            return self._score_sql(alias, query, field_expr)
        return self._attention_sql(alias, query)

    @api.model
    def _attention_sql(self, alias, query):
        company = self.env["res.company"]
        return SQL(
            """COALESCE(%(revenue)s * CASE %(status)s WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE
                   COALESCE(%(predicted)s, LEAST(100, COALESCE(%(score)s, 0) * (
                       SELECT %(chance)s FROM res_company WHERE id = COALESCE(%(company)s, %(first)s)))) END / 100,
                   0)""",
            status=self._field_to_sql(alias, "won_status", query),
            revenue=self._field_to_sql(alias, "expected_revenue", query),
            predicted=self._score_sql(alias, query, "win_probability"),
            score=self._score_sql(alias, query, "lead_score"),
            chance=company._field_to_sql("res_company", "crm_plus_point_chance"),
            company=self._field_to_sql(alias, "company_id", query),
            first=company._crm_plus_first_id(),
        )

    @api.model
    def _score_sql(self, alias, query, column):
        """SQL of a column of the side table, of the row that belongs to the lead in table ``alias``: joined once."""
        if query is not None and alias == query.table:
            return SQL.identifier(query.left_join(alias, "id", "crm_lead_score", "lead_id", "score"), column)
        column, lead = SQL.identifier(column), SQL.identifier(alias, "id")
        return SQL("(SELECT %s FROM crm_lead_score WHERE lead_id = %s)", column, lead)

    @api.model
    def _search_score_column(self, column, operator, value):
        """Leads with such a score; a lead without a row has scores of zero and no grade."""
        if operator.startswith("not"):
            return NotImplemented
        self.env["crm.lead.score"]._refresh_noted()
        wanted = Domain(column, operator, value)
        # sudo: decides which of the leads that the user may read are found.
        scores = self.env["crm.lead.score"].sudo()
        if operator in COMPARE and column in NUMBERS:
            without_row = COMPARE[operator](0, value)
        else:
            without_row = operator == "in" and any(not wanted_value for wanted_value in value)
        if without_row:
            return Domain("id", "not in", scores._search(~wanted).subselect("lead_id"))
        return Domain("id", "in", scores._search(wanted).subselect("lead_id"))

    @api.model
    @search_method
    def _search_fit_score(self, operator, value):
        return self._search_score_column("fit_score", operator, value)

    @api.model
    @search_method
    def _search_engagement_score(self, operator, value):
        return self._search_score_column("engagement_score", operator, value)

    @api.model
    @search_method
    def _search_lead_score(self, operator, value):
        return self._search_score_column("lead_score", operator, value)

    @api.model
    @search_method
    def _search_lead_grade(self, operator, value):
        return self._search_score_column("lead_grade", operator, value)

    @api.model
    @search_method
    def _search_win_probability(self, operator, value):
        return self._search_score_column("win_probability", operator, value)

    @api.model
    @search_method
    def _search_hot_date(self, operator, value):
        return self._search_score_column("hot_date", operator, value)

    @api.model
    @search_method
    def _search_attention_value(self, operator, value):
        if operator not in SIGNS:
            return NotImplemented
        # Which of the leads that the user may read are found.
        query = self.with_context(active_test=False)._search([], bypass_access=True)
        found = self._field_to_sql(query.table, "attention_value", query)
        values = tuple(map(float, value)) if operator == "in" else float(value)
        query.add_where(SQL("%s %s %s", found, SIGNS[operator], values))
        return Domain("id", "in", query)

    @api.model
    @search_method
    def _search_is_hot(self, operator, value):
        if operator != "in":
            return NotImplemented
        is_open = Domain("active", "=", True) & Domain("won_status", "=", "pending")
        hot = is_open & ~self._search_score_column("hot_date", "in", [False])
        return hot if True in value else ~hot

    # ------------------------------------------------------------------ explained

    def explain_score(self):
        """Why the lead has its score, as far as the user may see the events behind it, and what would raise it most:
        `ScoreCard.score`."""
        self._one_lead()
        self.env["crm.lead.score"]._note_leads(self.ids)  # the points of events are those of today
        return ScoreCard(self).score()

    def score_card(self):
        """The scores of one lead and why they are what they are, as far as the user may see: `ScoreCard.card`."""
        self._one_lead()
        self.env["crm.lead.score"]._note_leads(self.ids)  # as above
        return ScoreCard(self).card()

    def _one_lead(self):
        """Refuse to tell of no lead, of several, or of one the user may not read."""
        if len(self) != 1:
            raise UserError(self.env._("Scores can be explained for one lead at a time."))
        self.check_access("read")

    def _score_company(self):
        companies = self.env["res.company"]
        return self.company_id or companies.browse(companies._crm_plus_first_id())

    def _is_scored(self):
        """Whether rules still look at the lead: closed ones keep their last score."""
        return self.active and self.won_status == "pending"

    def action_score_events(self, rule_id):
        """Open the events a rule counts for the lead, the newest ones, as far as the user may see them."""
        self._one_lead()
        company = self.sudo()._score_company()  # sudo: whose rules score a lead that the user may read
        # As the user: the names and settings of other companies' rules are not for them.
        rule = self.env["crm.score.rule"].with_context(active_test=False)._given_rule(rule_id)
        if rule.kind == "fit" or rule.company_id not in (company, company.browse()):
            raise UserError(self.env._("“%(rule)s” does not count any interactions of this lead.", rule=rule.name))
        events = ScoreCard(self).visible_events(rule)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Events behind “%(rule)s”", rule=rule.name),
            "res_model": "crm.interaction",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", events[:OPENED_EVENTS])],
        }

    # ------------------------------------------------------------------ watched

    def _note_scores(self, names=None):
        """Note these leads when one of the fields ``names`` counts; None: all do."""
        if self and self.pool.ready:
            scores = self.env["crm.lead.score"]
            if names is None or not scores._watched()["crm.lead"].isdisjoint(names):
                scores._note_leads(self.ids)

    def _create(self, data_list):
        leads = super()._create(data_list)
        leads._note_scores()
        return leads

    def write(self, vals):
        result = super().write(vals)
        self._note_scores(vals)  # before anything is read again; also tags, which are not columns
        return result

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self._note_scores({name for vals in vals_list for name in vals})  # recomputed columns
        return result
