from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.checks import choice, identifiers
from ...engine.kpi.board_request import board_request, few, text_or_id
from ...engine.kpi.cards import CARDS, chosen_cards
from ...engine.kpi.figures import BY_CODE, codes
from ...services.arguments import argument
from ...services.kpi.board import CARD, PARTS, Board
from ...services.kpi.choice import Choice
from ...services.kpi.recorder import PARTS as PARTS_OF_PAST
from ...services.kpi.recorder import Recorder
from ...services.kpi.segment_course import segment_courses

# When a company is looked at again whose customers have not been counted for the first time.
LATER = timedelta(hours=1)
# What is remembered of a company: the last day recorded, and the steps of the replay that are done.
JOB, RECORDED, REPLAYED = "kpi", "kpi_recorded", "kpi_replayed"
# Ends of months whose retention is to be counted, for the first time or again.
RECOUNTED = "kpi_recounted"


class CrmKpiDay(models.Model):
    """One headline figure of one company on one day, of all of it or of one segment, tier, team or channel. Written by
    a scheduled action only; a day that is not recorded is lost, so that is done every night.

    It holds a numerator and a denominator, never a ratio: whatever is grouped adds up right.
    """

    _name = "crm.kpi.day"
    _inherit = ["crm.job.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_record_kpi"
    _description = "Figure of a day"
    _order = "date desc, figure, id"
    _rec_name = "figure"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date("Day", required=True, readonly=True)
    figure = fields.Selection(
        [
            ("customers", "Customers"),
            ("active_customers", "Active customers"),
            ("new_customers", "New customers"),
            ("lost_customers", "Lost customers"),
            ("won_back_customers", "Customers won back"),
            ("retention", "Retention"),
            ("revenue_retention", "Revenue retention"),
            ("gross_revenue_retention", "Gross revenue retention"),
            ("repeat_rate", "Repeat rate"),
            ("revenue", "Revenue"),
            ("orders", "Orders"),
            ("average_order", "Average order"),
            ("margin", "Margin"),
            ("margin_rate", "Margin rate"),
            ("revenue_at_risk", "Revenue at risk"),
            ("customer_equity", "Customer equity"),
            ("leads", "New leads"),
            ("hot_leads", "Hot leads"),
            ("leads_a", "Open leads with fit A"),
            ("leads_b", "Open leads with fit B"),
            ("leads_c", "Open leads with fit C"),
            ("leads_d", "Open leads with fit D"),
            ("won_leads", "Won leads"),
            ("lost_leads", "Lost leads"),
            ("win_rate", "Win rate"),
            ("response_time", "Response time (hours)"),
            ("contacts_out", "Outgoing contacts"),
            ("contacts_in", "Incoming contacts"),
            ("contacted", "Customers contacted in 90 days"),
            ("activities_done", "Activities done"),
            ("activities_overdue", "Overdue activities"),
            ("data_quality", "Data quality"),
            ("opt_outs", "Customers who opted out"),
            ("satisfaction", "Satisfied customers"),
            ("nps", "Net Promoter Score"),
            ("detractors", "Detractors"),
        ],
        required=True,
        readonly=True,
    )
    dimension = fields.Selection(
        [
            ("company", "Whole company"),
            ("segment", "Segment"),
            ("tier", "Tier"),
            ("team", "Sales team"),
            ("channel", "Channel"),
        ],
        "Broken down by",
        required=True,
        readonly=True,
        default="company",
    )
    segment_id = fields.Many2one("crm.segment", readonly=True, ondelete="cascade")
    tier_id = fields.Many2one("crm.tier", readonly=True, ondelete="cascade")
    team_id = fields.Many2one("crm.team", "Sales team", readonly=True, ondelete="cascade")
    channel_id = fields.Many2one("crm.interaction.channel", readonly=True, ondelete="cascade")
    numerator = fields.Float(
        required=True,
        readonly=True,
        aggregator=None,
        help="What was counted on the day. A ratio is this divided by the denominator.",
    )
    denominator = fields.Float(readonly=True, aggregator=None, help="Empty, unless the figure is a ratio.")
    value = fields.Float(
        compute="_compute_value",
        aggregator="sum",
        help="Several days: what flows is added up, a number of customers is the mean of the days, a ratio is that of "
        "the sums. Different figures are never added.",
    )
    unit = fields.Selection(
        [("count", "Number"), ("money", "Amount"), ("percent", "Percent"), ("points", "Points"), ("hours", "Hours")],
        compute="_compute_value",
    )
    replayed = fields.Boolean(
        readonly=True, help="Counted afterward, from documents. Off: recorded in the night after the day."
    )

    corrected = fields.Boolean(
        readonly=True,
        default=False,
        help="Counted again, because documents of the day were added or changed more than a week later.",
    )

    _key_unique = models.UniqueIndex(
        "(company_id, figure, date, COALESCE(segment_id, 0), COALESCE(tier_id, 0), COALESCE(team_id, 0),"
        " COALESCE(channel_id, 0))"
    )
    _segment_index = models.Index("(segment_id, figure, date) WHERE segment_id IS NOT NULL")
    _one_dimension = models.Constraint(
        "CHECK (num_nonnulls(segment_id, tier_id, team_id, channel_id) <= 1)", "A figure is broken down once."
    )

    @api.depends("figure", "numerator", "denominator")
    def _compute_value(self):
        for row in self:
            figure = BY_CODE.get(row.figure)
            row.value = figure and figure.value([(row.numerator, row.denominator)])
            row.unit = figure and figure.unit

    def _read_group_select(self, aggregate_spec, query):
        """The value of a group: nothing where it mixes figures, breakdowns or currencies."""
        if aggregate_spec != "value:sum":
            return super()._read_group_select(aggregate_spec, query)
        column = {
            name: self._field_to_sql(self._table, name, query)
            for name in ("figure", "dimension", "company_id", "date", "numerator", "denominator")
        }
        hundreds = [code for code, figure in BY_CODE.items() if figure.factor == 100]
        return SQL(
            """CASE WHEN min(%(figure)s) <> max(%(figure)s) OR min(%(dimension)s) <> max(%(dimension)s) THEN NULL
                    WHEN min(%(figure)s) = ANY(%(money)s) AND NOT %(one_currency)s THEN NULL
                    WHEN min(%(figure)s) = ANY(%(ratios)s)
                    THEN CASE WHEN min(%(figure)s) = ANY(%(hundreds)s) THEN 100 ELSE 1 END
                         * sum(%(numerator)s) / NULLIF(sum(%(denominator)s), 0)
                    WHEN min(%(figure)s) = ANY(%(stocks)s) THEN sum(%(numerator)s) / count(DISTINCT %(date)s)
                    ELSE sum(%(numerator)s) END""",
            money=[code for code, figure in BY_CODE.items() if figure.unit == "money"],
            one_currency=self._is_one_currency(column["company_id"]),
            ratios=list(codes("ratio")),
            hundreds=hundreds,
            stocks=list(codes("stock")),
            **column,
        )

    @api.model
    def _is_one_currency(self, company):
        """SQL: whether all companies of a group have the same currency."""
        if len(self.env.companies) == 1 and not self.env.su:
            return SQL("TRUE")  # whoever works in one company sees the figures of no other
        groups = self.env["crm.customer.profile"]._companies_by_currency()
        same = [SQL("bool_and(%s = ANY(%s))", company, company_ids) for _currency, company_ids in groups]
        return SQL("(%s)", SQL(" OR ").join(same))

    # ------------------------------------------------------------------ the overview

    @api.model
    @api.readonly
    def overview(self, chosen, cards=CARDS, again=False):
        """The parts of the overview of the current company that stand on these cards, as far as the user may see them.

        ``chosen`` is ``{"date_from", "date_to"}`` and any of ``segment_id``, ``tier_id``, ``team_id``, ``user_id``,
        ``country_id``, ``industry_id`` and ``tag_id``, and another ``company_id``. The answer has lists of rows:
        ``figures`` (recorded ones for managers, else what can be counted now), ``segments``, ``funnel``, ``channels``
        and ``grades``; `action_open` opens what a row counts. What takes long to count is kept for the user for ten
        minutes, and ``kept`` is the moment in UTC of the oldest part of that kind, else False; ``again`` counts anew.
        """
        return self._board(chosen).kept_parts(argument(self.env, "cards", cards, self._is_card), bool(again))

    @api.model
    @api.readonly
    def overview_card(self, card, chosen, again=False):
        """One of the cards that are counted when they come into view: "ways", "answers", "products", "forecast",
        "effort", or a report of another module; see the classes of these names in ``services/kpi``. ``kept`` and
        ``again`` are those of `overview`."""
        board = self._board(chosen)
        card = argument(self.env, "card", card, choice((*CARD, *board.reports)))
        return board.kept_card(card, bool(again))

    @api.model
    def _overview_reports(self):
        """``{name: Report}``: further cards of the overview (``services/kpi/report.py``). Intended to be extended."""
        return {}

    @api.model
    def _is_card(self, value):
        return chosen_cards(value, (*CARDS, *self._overview_reports()))

    @api.model
    @api.readonly
    def overview_cards(self):
        """``{"cards", "reports", "origin", "team", "teams"}``: which cards the user sees, in order, whose choice that
        is, and the sales teams for whom a manager chooses, ``[{"id", "name"}]``."""
        self.env["crm.customer.profile"].check_access("read")
        return Choice(self.env).shown()

    @api.model
    def set_overview_cards(self, cards, team_ids=()):
        """Keep a choice of cards, a list in order, for the user or, by a manager, for sales teams of theirs; False
        gives it up. The answer is that of `overview_cards`."""
        self.env["crm.customer.profile"].check_access("read")
        choice_of_cards = Choice(self.env)
        cards = argument(self.env, "cards", cards, self._is_card) if cards else None
        choice_of_cards.keep(cards, argument(self.env, "team_ids", team_ids, identifiers))
        return choice_of_cards.shown()

    @api.model
    @api.readonly
    def overview_course(self, figure, chosen):
        """``[{"day", "value", "replayed"}]`` of one figure over the period, by day or by week."""
        self.check_access("read")
        figure = argument(self.env, "figure", figure, choice(tuple(BY_CODE)))
        return self._board(chosen).course(figure)

    @api.model
    @api.readonly
    def segment_courses(self, segment_ids):
        """One or two segments of the current company over 24 months, each by the customers who were in it then.

        ``{"currency_id", "segments": [{"id", "name"}], "courses": [{"code", "label", "unit", "points": [{"month",
        "values"}]}]}`` with a value for each segment: number of customers, revenue, average order, repeat rate and
        churn, the share of the customers of a month who were lost in it.
        """
        self.check_access("read")
        return segment_courses(self.env, argument(self.env, "segment_ids", segment_ids, few(2)))

    @api.model
    @api.readonly
    def action_open(self, part, key, chosen):
        """A window with the records that a row of the overview counts: ``part`` is one of `PARTS` or a report, ``key``
        what the row is called by there."""
        board = self._board(chosen)
        part = argument(self.env, "part", part, choice((*PARTS, *board.reports)))
        return board.window(part, argument(self.env, "key", key, text_or_id))

    @api.model
    def _board(self, chosen):
        self.env["crm.customer.profile"].check_access("read")
        request = argument(self.env, "chosen", chosen, board_request)
        if not request.company_id:
            return Board(self.env, request)
        # The environment refuses companies that are not the user's.
        return Board(self.with_context(allowed_company_ids=[request.company_id]).env, request)

    # ------------------------------------------------------------------ what other modules count

    @api.model
    def _answer_queries(self, span):
        """SELECTs of the figures "nps" and "detractors" of a `Span` of days, by `span.figures`: what customers answered
        when they were asked whether they would recommend us. None where nobody asks. Intended to be extended."""
        return []

    @api.model
    def _replay_again(self, part, figures):
        """Count these figures of one part of the past anew: what they are counted from was not known, or is no longer.

        The superuser calls it, for all companies: what was replayed of other figures stays, and the parts and months
        that follow are gone through without adding anything.
        """
        step = list(PARTS_OF_PAST).index(part)
        memory = self.env["crm.job.memory"]
        companies = self.env["res.company"].search([])
        noted = memory._of(companies)
        begun = companies.filtered(lambda company: RECORDED in noted.get(company.id, {}))
        done = begun.filtered(lambda company: (reached := noted[company.id].get(REPLAYED, 0)) is None or reached > step)
        self.search([("company_id", "in", done.ids), ("figure", "in", figures)]).unlink()
        memory._note(done, JOB, {REPLAYED: step})
        self.env.ref("crm_plus.ir_cron_record_kpi")._trigger()

    # ------------------------------------------------------------------ scheduled actions

    @api.model
    def _cron_record(self):
        """The figures of the last days of every company; then, the first time, those of the past, a commit a step."""
        self._in_steps(self.env["res.company"].search([], order="id"), self._record_step)

    @api.model
    def _record_step(self, company):
        """Record what is due, else count a month again or replay the next part of the past; False as long as there may
        be more to do."""
        if not company.crm_plus_profile_date:
            # Its customers have not been counted yet.
            self._again(fields.Datetime.now() + LATER)
            return True
        memory = self.env["crm.job.memory"]
        noted = memory._of(company).get(company.id, {})
        recorder = Recorder(self.env, company)
        recorded = fields.Date.to_date(noted.get(RECORDED))
        if recorded != recorder.yesterday:
            ends = {*noted.get(RECOUNTED, ()), *map(fields.Date.to_string, recorder.record(recorded))}
            today = {RECORDED: fields.Date.to_string(recorder.yesterday), RECOUNTED: sorted(ends)}
            memory._note(company, JOB, today)
            return False
        if ends := noted.get(RECOUNTED):
            recorder.count_retention(fields.Date.to_date(ends[-1]))
            memory._note(company, JOB, {RECOUNTED: ends[:-1]})
            return False
        step = noted.get(REPLAYED, 0)
        if step is not None and not company.crm_plus_replayed_date:
            # Nor has it been found where they were in the past.
            self._again(fields.Datetime.now() + LATER)
            return True
        if step is None or not recorder.replay(step):
            memory._note(company, JOB, {REPLAYED: None})
            return True
        memory._note(company, JOB, {REPLAYED: step + 1})
        return False
