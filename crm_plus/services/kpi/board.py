"""The overview: how the company did in a period, each number with what it opens, with the rights of who looks."""

from dataclasses import asdict
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.customer.recommendation import FEW_ANSWERS, score_interval
from ...engine.kpi.cards import CARDS
from ...engine.kpi.figures import AT_RISK, BY_CODE, change
from ..customer.narrowing import customers_left
from ..interaction.counts import events_by
from ..sql import ADD_UP
from .answers import Answers
from .effort import Effort
from .explanation import Explanation
from .forecast import Forecast
from .funnel import Funnel
from .kept import Kept, is_plain
from .live import Live
from .period import period_figures
from .products import Products
from .purchases import Purchases
from .report import ReportCard
from .span import Span

PROFILE, LEAD, INTERACTION = "crm.customer.profile", "crm.lead", "crm.interaction"
# Headline figures in their order.
HEADLINES = (
    "customers", "active_customers", "new_customers", "lost_customers", "won_back_customers", "retention",
    "revenue_retention", "gross_revenue_retention", "repeat_rate", "revenue", "orders", "average_order", "margin",
    "margin_rate", "revenue_at_risk", "customer_equity", "leads", "leads_a", "hot_leads", "won_leads", "lost_leads",
    "win_rate", "response_time", "contacts_out", "contacts_in", "contacted", "activities_done", "activities_overdue",
    "data_quality", "opt_outs", "satisfaction", "nps",
)  # fmt: skip
# Fields of leads and of interactions by which the filters narrow them.
ON_LEAD = {
    "segment_id": "crm_segment_id",
    "tier_id": "crm_tier_id",
    "user_id": "user_id",
    "team_id": "team_id",
    "country_id": "country_id",
    "industry_id": "partner_id.industry_id",
    "tag_id": "partner_id.category_id",
}
ON_INTERACTION = {
    "segment_id": "partner_id.crm_segment_id",
    "tier_id": "partner_id.crm_tier_id",
    "user_id": "user_id",
    "team_id": "team_id",
    "country_id": "country_id",
    "industry_id": "industry_id",
    "tag_id": "partner_tag_ids",
}
# Events of customers by the figure that counts them.
EVENTS = {"new_customers": "new", "lost_customers": "lost", "won_back_customers": "back"}
GRADES = ("A", "B", "C", "D")
# The stays of profiles in what figures are recorded of, and which of them count.
STAYS = {
    "segment_id": ("membership_ids", Domain("shadow", "=", False) & Domain("family_id.kind", "=", "rfm")),
    "tier_id": ("tier_stay_ids", Domain.TRUE),
}
# Figures of days are looked at as a course; all other records one by one.
VIEWS = {"crm.kpi.day": ("list", "graph", "pivot"), PROFILE: ("list", "kanban", "pivot", "graph")}
PARTS = ("figure", "segment", "funnel", "way", "channel", "grade", "answer", "product", "forecast", "effort")
# The parts of the overview that are cards of their own, counted when they are asked for.
CARD = {"ways": Funnel, "answers": Answers, "products": Products, "forecast": Forecast, "effort": Effort}


class Board:
    """The parts of the overview of the current company for a `BoardRequest`."""

    def __init__(self, env, request):
        self.env, self.request, self.company = env, request, env.company
        self.span = Span(self.company, request.first, request.last)
        self.days = env["crm.kpi.day"]
        self.reports = self.days._overview_reports()
        env.cr.execute(ADD_UP)

    def parts(self, cards=CARDS):
        """See ``crm.kpi.day.overview``: what stands on none of these cards is not counted. All of it is counted now."""
        return self._told({name: count() for name, count in self._counts(cards).items()})

    def kept_parts(self, cards, again):
        """The same, of which what takes long may have been counted some minutes ago: ``kept`` is the moment in UTC of
        the oldest, False where all is counted now."""
        counts, now = self._counts(cards), {}
        if "figures" in counts and self._recorded() is not None and not self._is_of_team():
            # recorded ones are read at once, and a target is shown as soon as it is saved
            now["figures"] = counts.pop("figures")()
        answers, moment = Kept(self.env, "overview", asdict(self.request), again).answers(counts)
        return {**self._told(answers | now), "kept": moment}

    def _counts(self, cards):
        counts = {
            "figures": self._figures,
            "segments": self._segments,
            "funnel": Funnel(self).steps,
            "channels": self._channels,
            "grades": self._grades,
        }
        return {name: count for name, count in counts.items() if name in cards}

    def _told(self, answers):
        figures, note = answers.get("figures", ([], False))
        return {
            "currency_id": self.company.currency_id.id,
            "date_from": str(self.request.first),
            "date_to": str(self.request.last),
            "figures": figures,
            "note": note,
            **{name: answers.get(name, []) for name in ("segments", "funnel", "channels", "grades")},
        }

    def card(self, name):
        """See ``crm.kpi.day.overview_card``, counted now."""
        card = CARD[name](self) if name in CARD else ReportCard(self, self.reports[name])
        return {"currency_id": self.company.currency_id.id, **card.card()}

    def kept_card(self, name, again):
        """The same, with ``kept`` as in `kept_parts`."""
        return Kept(self.env, f"overview_card {name}", asdict(self.request), again).answer(lambda: self.card(name))

    # ------------------------------------------------------------------ narrowing

    def narrowed(self, names):
        """The condition of the filters on a model whose fields these are."""
        chosen = self.request.narrowed.items()
        return Domain.AND(Domain(names[name], "in", [record_id]) for name, record_id in chosen)

    def customers(self):
        """The customers of the company that the filters leave."""
        return self.customers_by(self.request.narrowed)

    def customers_by(self, chosen):
        """The customers of the company that some of the filters leave."""
        return customers_left(self.company, chosen)

    def leads(self):
        """The leads of the company, archived ones too, that the filters leave; those of none are the first one's."""
        mine = [self.company.id]
        if self.env["res.company"]._crm_plus_first_id() == self.company.id:
            mine.append(False)
        return Domain("company_id", "in", mine) & Domain("active", "in", [True, False]) & self.narrowed(ON_LEAD)

    def interactions(self, span=None):
        """The contacts of the company in the period that the filters leave, a row for everybody who took part."""
        contact = self.env["crm.interaction.channel"]._contact_ids()
        return self.in_period(span) & Domain("channel_id", "in", contact)

    def in_period(self, span=None):
        """All that happened in the company in the period, of what the filters leave."""
        mine = Domain("company_id", "=", self.company.id)
        return mine & self.within("date", span) & self.narrowed(ON_INTERACTION)

    def contacts(self):
        """The same, each contact by one row; where filters are about who took part, everybody counts."""
        once = Domain("event_company_id", "=", self.company.id) if self._counts_once() else Domain.TRUE
        return self.interactions() & once

    def counted_contacts(self, query, *columns):
        """Rows of ``columns`` and how many contacts the rows of a query are, counted as in `contacts`."""
        if self._counts_once():
            return self.env.execute_query(events_by(query, *columns))
        query.groupby = SQL(", ").join(columns)
        return self.env.execute_query(query.select(*columns, SQL("count(*)::int")))

    def _counts_once(self):
        return set(self.request.narrowed) <= {"user_id", "team_id"}

    def within(self, name, span=None):
        """Whether the moment of a field is within the period."""
        span = span or self.span
        return Domain(name, ">=", span.begins) & Domain(name, "<", span.ends)

    @property
    def is_current(self):
        """Whether the period goes up to the last whole day: what is known of now only is then what it ends with."""
        return self.request.last >= self.company._crm_plus_today() - timedelta(days=1)

    # ------------------------------------------------------------------ headline figures

    def _figures(self):
        """(the figures, why they are counted now): recorded ones are of the whole company, a segment, a tier or a team,
        and for sales managers."""
        where = self._recorded()
        is_live = where is None or self._is_of_team()
        now, before = Live(self).figures() if is_live else ({}, {})
        recorded, was, latest = ({}, {}, {}) if where is None else self._recorded_figures(where)
        now, before = now | recorded, before | was
        targets = {} if where is None else self._targets()
        labels = dict(self.days._fields["figure"]._description_selection(self.env))
        explained = {
            is_live: Explanation(self.env, self.request, is_live=is_live, as_of=latest) for is_live in (True, False)
        }
        figures = [
            self._figure(code, labels[code], now[code], before.get(code), targets.get(code))
            | {"why": explained[code not in recorded].lines(code), "has_course": code in recorded}
            for code in HEADLINES
            if code in now
        ]
        if where is not None:
            self._tell_answers(where, figures)
        return figures, self._note(where, figures)

    def _recorded_figures(self, where):
        """``({code: value}, {code: value of the period before}, {code: last recorded day of a stock})``."""
        now, latest = period_figures(self.days, where, self.request.first, self.request.last)
        before, _days = period_figures(self.days, where, *self.request.before)
        return now, before, latest

    def _is_of_team(self):
        """Whether the days of a sales team are meant, of which nothing but its leads and orders is recorded."""
        return set(self.request.narrowed) == {"team_id"}

    def _tell_answers(self, where, figures):
        """How many answers a Net Promoter Score is made of, and how far it can be trusted."""
        shown = next((figure for figure in figures if figure["code"] == "nps"), None)
        if not shown:
            return
        period = where & Domain("date", ">=", self.request.first) & Domain("date", "<=", self.request.last)
        groups = self.days._read_group(
            period & Domain("figure", "in", ("nps", "detractors")), ["figure"], ["numerator:sum", "denominator:sum"]
        )
        told = {code: (numerator, answers) for code, numerator, answers in groups}
        (score, answers), (detractors, _answers) = told["nps"], told.get("detractors", (0, 0))
        low, high = score_interval(score + detractors, detractors, answers)
        few = answers < FEW_ANSWERS
        shown["note"] = (self.env._("%s answers, too few to tell") if few else self.env._("%s answers")) % int(answers)
        shown["why"].append(
            self.env._(
                "%(answers)s answers: %(promoters)s promoters, %(detractors)s detractors. With 95%% certainty the score"
                " of all customers lies between %(low)s and %(high)s.",
                answers=int(answers),
                promoters=int(score + detractors),
                detractors=int(detractors),
                low=round(low),
                high=round(high),
            )
        )

    def _note(self, where, figures):
        if where is not None and not figures and not self._has_recorded():
            when = self.env["crm.job"]._when("ir_cron_record_kpi")
            return self.env._("Figures are recorded for the first time once customers have been computed: %s.", when)
        if where is not None:
            told = self.env._("Of a sales team its leads and orders are recorded. All else is counted now.")
            return self._is_of_team() and told
        if not self.days.has_access("read"):
            return self.env._("Counted now, from what you may see.")
        return self.env._(
            "Figures over time are recorded for the whole company, a segment, a tier or a sales team. These are "
            "counted now, from what the filters leave."
        )

    def _has_recorded(self):
        return bool(self.days.search_count([("company_id", "=", self.company.id)], limit=1))

    def _recorded(self):
        """The condition on the recorded days that the filters mean; None where there are none, or not for the user."""
        if not self.days.has_access("read"):
            return None
        try:
            by = self.request.recorded_by
        except LookupError:
            return None
        mine = Domain("company_id", "=", self.company.id)
        return mine & (Domain(by[0], "=", by[1]) if by else Domain("dimension", "=", "company"))

    def _targets(self):
        """``{code: target}`` of the period: those of the company or of the sales team that is chosen."""
        by = self.request.recorded_by
        if by and by[0] != "team_id":
            return {}
        return self.env["crm.kpi.target"]._of(
            self.company, self.request.first, self.request.last, by[1] if by else False
        )

    def _figure(self, code, label, value, before, target):
        figure = BY_CODE[code]
        return {
            "code": code,
            "label": label,
            "value": value,
            "unit": figure.unit,
            "before": before if before is not None else False,
            "change": self._change(figure, value, before),
            "better": figure.better,
            "target": target if target is not None else False,
            "opens": True,
            "note": "",
        }

    @staticmethod
    def _change(figure, value, before):
        """In percent; what may be negative, in points."""
        if figure.unit == "points":
            return None if before is None else value - before
        return change(value, before)

    def course(self, code):
        """``[{"day", "value", "replayed"}]`` of a figure, by week in long periods."""
        return [
            {"day": str(day), "value": value, "replayed": replayed}
            for _code, day, value, replayed in self._courses(self._recorded_days(code))
        ]

    def courses(self):
        """(figure, day, value, replayed) of all figures that are recorded of the period."""
        where = self._recorded()
        if where is None:
            return []
        return self._courses(where & Domain("figure", "in", list(HEADLINES)) & self._days_within())

    def _courses(self, domain):
        interval = "day" if (self.request.last - self.request.first).days <= 62 else "week"
        groups = ["figure", f"date:{interval}"]
        return self.days._read_group(domain, groups, ["value:sum", "replayed:bool_and"], order=", ".join(groups))

    # ------------------------------------------------------------------ what a row opens

    def window(self, part, key):
        """The window of a row, with its records as a condition that a client may ask, else by name."""
        found = {
            "figure": self.opened,
            "segment": self._opened_segment,
            "funnel": Funnel(self).opened_step,
            "way": Funnel(self).opened_way,
            "channel": lambda key: (INTERACTION, self.contacts() & Domain("channel_id", "=", key)),
            "grade": lambda key: (LEAD, self.closed_of_grade(key)) if key in GRADES else None,
            "answer": Answers(self).opened,
            "product": Products(self).opened,
            "forecast": Forecast(self).opened,
            "effort": Effort(self).opened,
            **{name: ReportCard(self, report).opened for name, report in self.reports.items()},
        }[part](key)
        if not found:
            raise UserError(self.env._("Nothing can be opened here."))
        model, domain = found
        return {
            "type": "ir.actions.act_window",
            "name": self._name(part, key),
            "res_model": model,
            "views": [[False, view] for view in VIEWS.get(model, ("list", "form"))],
            "domain": self._asked(model, domain),
            "context": {"active_test": False, "create": False, **self._of_company()},
        }

    def _of_company(self):
        """What a list of another company than the current one needs."""
        return {"allowed_company_ids": self.company.ids} if self.request.company_id else {}

    def _asked(self, model, domain):
        """The condition as a client sends it back; what a statement finds is named by its ids."""
        if is_plain(domain):
            return list(domain)
        return [("id", "in", self.env[model].search(domain).ids)]

    def _name(self, part, key):
        if part == "figure":
            return dict(self.days._fields["figure"]._description_selection(self.env))[key]
        if part == "funnel":
            return Funnel(self).labels()[key]
        if part == "grade":
            return self.env._("Closed leads of grade %s", key)
        if part in ("answer", "product", "forecast", "effort", "way"):
            return {
                "way": self.env._("Leads"),
                "answer": self.env._("Messages that ask for an answer"),
                "product": self.env._("Ordered products"),
                "forecast": self.env._("Orders expected"),
                "effort": self.env._("Return of the effort"),
            }[part]
        if part in self.reports:
            return self.reports[part].label
        model = "crm.segment" if part == "segment" else "crm.interaction.channel"
        return self.env[model].browse(key).exists().name or self.env._("No segment")

    def _opened_segment(self, key):
        return PROFILE, self.customers() & Domain("segment_id", "=", key or False)

    def opened(self, code):
        """(model, condition on the records that a figure counts); without such, the recorded days of the figure."""
        if code not in BY_CODE:
            return None
        if self._recorded() is None:
            return Live(self).opened(code)
        return self._opened_records(code) or ("crm.kpi.day", self._recorded_days(code))

    def _opened_records(self, code):
        """Those that are known now, and who was in a segment or tier then; else the recorded days tell more."""
        if code == "customers" and (there := self._there(code)):
            return PROFILE, there
        if self._is_of_team() and (counted := Live(self).opened(code)):
            return counted
        if self.is_current and code in (standing := self.standing()):
            return PROFILE, standing[code]
        if set(self.request.narrowed) - {"team_id"}:
            return None
        if code in EVENTS:
            members = Purchases(self.env, self.span).members(EVENTS[code])
            return PROFILE, self.customers() & Domain("partner_id", "in", members)
        live = code in ("leads", "won_leads", "lost_leads", "win_rate", "contacts_out", "contacts_in")
        return Live(self).opened(code) if live else None

    def _there(self, code):
        """The customers who were in the chosen segment or tier at the end of the last recorded day."""
        place, chosen = self.request.recorded_by or (None, None)
        if place not in STAYS:
            return None
        last = self.days.search(self._recorded_days(code), order="date desc", limit=1)
        stays, condition = STAYS[place]
        then = self.env[PROFILE][stays]._at(last.date or self.request.last) & Domain(place, "=", chosen)
        mine = Domain("company_id", "=", self.company.id) & Domain("order_count", ">", 0)
        return mine & Domain(stays, "any", then & condition)

    def _recorded_days(self, code):
        where = self._recorded()
        if where is None:
            return Domain.FALSE
        return where & Domain("figure", "=", code) & self._days_within()

    def _days_within(self):
        return Domain("date", ">=", self.request.first) & Domain("date", "<=", self.request.last)

    def standing(self):
        """``{code: condition}``: the customers whom the figures count that only now are known."""
        mine = self.customers()
        return {
            "customers": mine & Domain("first_order_date", "<", self.span.ends),
            "revenue_at_risk": mine
            & (Domain("churn_risk", ">=", AT_RISK) | Domain("overdue_date", "<=", self.request.last)),
            "customer_equity": mine & Domain("clv", "!=", False),
            "opt_outs": mine & Domain("partner_id.is_blacklisted", "=", True),
        }

    # ------------------------------------------------------------------ segments

    def _segments(self):
        """Customers and revenue of each segment today, and how many it had when the period began."""
        groups = self.env[PROFILE]._read_group(self.customers(), ["segment_id"], ["__count", "revenue:sum"])
        stays = self.env["crm.segment.membership"]
        _family, shown = stays._stays_shown()
        there = Domain("profile_id", "any", self.customers()) if self.request.narrowed else Domain.TRUE
        before = dict(stays._read_group(shown & stays._at(self.request.first) & there, ["segment_id"], ["__count"]))
        return [
            {
                "id": segment.id,
                "name": segment.name or self.env._("No segment"),
                "color": segment.color,
                "count": count,
                "revenue": revenue,
                "before": before.get(segment, 0) if before else False,  # nobody was anywhere: it was not recorded
            }
            for segment, count, revenue in sorted(groups, key=lambda group: -group[1])
        ]

    # ------------------------------------------------------------------ channels and grades

    def _channels(self):
        """Contacts of the period by channel and direction, as far as the user may see them."""
        if not self.env[INTERACTION].has_access("read"):
            return []
        query = self.env[INTERACTION]._search(self.interactions())
        channel, direction = SQL("crm_interaction.channel_id"), SQL("crm_interaction.direction")
        rows = {}
        for channel_id, way, count in self.counted_contacts(query, channel, direction):
            rows.setdefault(channel_id, {"in": 0, "out": 0, "none": 0})[way] = count
        channels = self.env["crm.interaction.channel"].browse(sorted(rows))
        rows = {one.id: {"id": one.id, "name": one.name, **rows[one.id]} for one in channels}
        return sorted(rows.values(), key=lambda row: -(row["in"] + row["out"] + row["none"]))

    def closed_of_grade(self, letter):
        """The leads closed in the period whose grade begins with a letter."""
        closed = self.leads() & self.within("date_closed") & Domain("won_status", "in", ["won", "lost"])
        return closed & Domain("lead_grade", "=like", f"{letter}%")

    def _grades(self):
        """How many of the leads of each grade that were closed in the period have been won."""
        leads = self.env[LEAD]
        if not leads.has_access("read"):
            return []
        rows = []
        closed = self.leads() & self.within("date_closed") & Domain("won_status", "in", ["won", "lost"])
        query = leads._search(closed)
        grade = leads._field_to_sql(leads._table, "lead_grade", query)
        counted = self.env.execute_query(
            SQL(
                "SELECT left(grade, 1), count(*), count(*) FILTER (WHERE won) FROM (%s) lead GROUP BY 1 ORDER BY 1",
                query.select(SQL("%s AS grade", grade), SQL("crm_lead.won_status = 'won' AS won")),
            )
        )
        found = {letter: (count, won) for letter, count, won in counted}
        for letter in GRADES:
            count, won = found.get(letter, (0, 0))
            rows.append({"grade": letter, "closed": count, "won": won, "rate": 100 * won / count if count else False})
        return rows if any(row["closed"] for row in rows) else []
