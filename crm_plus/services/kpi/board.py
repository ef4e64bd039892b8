"""The overview: how the company did in a period, each number with what it opens, with the rights of who looks."""

from collections.abc import Collection
from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.customer.recommendation import FEW_ANSWERS, score_interval
from ...engine.kpi.cards import CARDS
from ...engine.kpi.figures import AT_RISK, BY_CODE, SINCE_RECORDED, change
from .answers import Answers
from .effort import Effort
from .forecast import Forecast
from .period import period_values
from .products import Products
from .purchases import Purchases
from .span import Span

PROFILE, LEAD, INTERACTION = "crm.customer.profile", "crm.lead", "crm.interaction"
# Headline figures in their order.
HEADLINES = (
    "customers", "active_customers", "new_customers", "lost_customers", "won_back_customers", "retention",
    "revenue_retention", "repeat_rate", "revenue", "orders", "average_order", "margin", "margin_rate",
    "revenue_at_risk", "customer_equity", "leads", "won_leads", "win_rate", "response_time", "contacts_out",
    "contacted", "activities_done", "activities_overdue", "data_quality", "opt_outs", "satisfaction", "nps",
)  # fmt: skip
# Fields of customers, of leads and of interactions by which the filters narrow them.
ON_PROFILE = {
    "segment_id": "segment_id",
    "tier_id": "tier_id",
    "user_id": "user_id",
    "team_id": "partner_id.user_id.sale_team_id",
    "country_id": "country_id",
    "industry_id": "industry_id",
    "tag_id": "partner_tag_ids",
}
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
# Figures of days are looked at as a course; all other records one by one.
VIEWS = {"crm.kpi.day": ("list", "graph", "pivot"), PROFILE: ("list", "kanban", "pivot", "graph")}
PLAIN = (str, int, float, date, Collection, type(None))
PARTS = ("figure", "segment", "funnel", "channel", "grade", "answer", "product", "forecast", "effort")
# The parts of the overview that are cards of their own, counted when they are asked for.
CARD = {"answers": Answers, "products": Products, "forecast": Forecast, "effort": Effort}


def _is_plain(domain):
    """Whether a condition has values only, which a client can send."""
    return all(
        _is_plain(one.value) if isinstance(one.value, Domain) else isinstance(one.value, PLAIN)
        for one in domain.iter_conditions()
    )


class Board:
    """The parts of the overview of the current company for a `BoardRequest`."""

    def __init__(self, env, request):
        self.env, self.request, self.company = env, request, env.company
        self.span = Span(self.company, request.first, request.last)
        self.days = env["crm.kpi.day"]

    def parts(self, cards=CARDS):
        """See ``crm.kpi.day.overview``: what stands on none of these cards is not counted."""
        figures, note = self._figures() if "figures" in cards else ([], False)
        return {
            "currency_id": self.company.currency_id.id,
            "date_from": str(self.request.first),
            "date_to": str(self.request.last),
            "figures": figures,
            "note": note,
            "segments": self._segments() if "segments" in cards else [],
            "funnel": self._funnel() if "funnel" in cards else [],
            "channels": self._channels() if "channels" in cards else [],
            "grades": self._grades() if "grades" in cards else [],
        }

    def card(self, name):
        """See ``crm.kpi.day.overview_card``."""
        return {"currency_id": self.company.currency_id.id, **CARD[name](self).card()}

    # ------------------------------------------------------------------ narrowing

    def narrowed(self, names, chosen=None):
        """The condition of the filters on a model whose fields these are."""
        chosen = self.request.narrowed if chosen is None else chosen
        return Domain.AND(Domain(names[name], "in", [record_id]) for name, record_id in chosen.items())

    def customers(self):
        """The customers of the company that the filters leave."""
        return self.customers_by(self.request.narrowed)

    def customers_by(self, chosen):
        """The customers of the company that some of the filters leave; who was chosen by hand before the first order is
        none yet."""
        bought = Domain("company_id", "=", self.company.id) & Domain("order_count", ">", 0)
        return bought & self.narrowed(ON_PROFILE, chosen)

    def leads(self):
        """The leads of the company, archived ones too, that the filters leave; those of none are the first one's."""
        mine = [self.company.id]
        if self.env["res.company"]._crm_plus_first_id() == self.company.id:
            mine.append(False)
        return Domain("company_id", "in", mine) & Domain("active", "in", [True, False]) & self.narrowed(ON_LEAD)

    def interactions(self):
        """The contacts of the company in the period that the filters leave."""
        contact = self.env["crm.interaction.channel"]._contact_ids()
        mine = Domain("company_id", "=", self.company.id) & Domain("channel_id", "in", contact)
        return mine & self.within("date") & self.narrowed(ON_INTERACTION)

    def within(self, name):
        """Whether the moment of a field is within the period."""
        return Domain(name, ">=", self.span.begins) & Domain(name, "<", self.span.ends)

    # ------------------------------------------------------------------ headline figures

    def _figures(self):
        """(the figures, why there are none): recorded ones are of the whole company, a segment, a tier or a team."""
        if not self.days.has_access("read"):
            return [], False
        try:
            where = self._recorded()
        except LookupError:
            return [], self.env._(
                "Figures over time are recorded for the whole company, a segment, a tier or a sales team. Choose one "
                "of these to see them."
            )
        now = period_values(self.days, where, self.request.first, self.request.last)
        before = period_values(self.days, where, *self.request.before)
        targets = self._targets()
        labels = dict(self.days._fields["figure"]._description_selection(self.env))
        figures = [
            self._figure(code, labels[code], now[code], before.get(code), targets.get(code))
            for code in HEADLINES
            if code in now
        ]
        self._tell_answers(where, figures)
        return figures, False

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

    def _recorded(self):
        by = self.request.recorded_by
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
            "why": self._why(code, figure),
        }

    @staticmethod
    def _change(figure, value, before):
        """In percent; what may be negative, in points."""
        if figure.unit == "points":
            return None if before is None else value - before
        return change(value, before)

    def _why(self, code, figure):
        counted = {
            "flow": self.env._("Added up over the days of the period."),
            "stock": self.env._("As of the last day of the period that is recorded."),
            "ratio": self.env._("The sums of all days of the period, one divided by the other."),
        }[figure.kind]
        origin = (
            self.env._("Recorded every night; not known before the installation.")
            if code in SINCE_RECORDED
            else self.env._("Recorded every night; earlier days are counted from documents.")
        )
        return [line for line in (self._meaning(code), counted, origin) if line]

    def _meaning(self, code):
        return {
            "active_customers": self.env._("Customers with an order in the last 365 days."),
            "lost_customers": self.env._("Customers whose last order was 365 days ago on that day."),
            "won_back_customers": self.env._("Customers who ordered after more than 365 days without an order."),
            "retention": self.env._("Of the customers of the year before last, how many ordered in the last year."),
            "revenue_retention": self.env._(
                "What the customers of the year before last brought in the last year, per amount."
            ),
            "repeat_rate": self.env._("Customers who ordered on more than one day."),
            "revenue_at_risk": self.env._(
                "Revenue of the tier period of customers who are overdue or likely not to return."
            ),
            "customer_equity": self.env._("Sum of the lifetime values of all customers."),
            "response_time": self.env._("Hours from the creation of a lead to the first outgoing contact."),
            "contacted": self.env._("Customers with an outgoing contact in the last 90 days."),
            "margin": self.env._("As the app for margins of sales orders has it, less what was taken back."),
            "margin_rate": self.env._("Margin per revenue."),
            "satisfaction": self.env._("Ratings by customers of at least 4 of 5, of all that were given."),
            "nps": self.env._(
                "Share of promoters (9 or 10 of 10) less that of detractors (0 to 6) among those who said how likely "
                "they would recommend us: between −100 and 100."
            ),
            "win_rate": self.env._("Won leads of those that were closed."),
        }.get(code)

    def course(self, code):
        """``[{"day", "value", "replayed"}]`` of a figure, by week in long periods."""
        interval = "day" if (self.request.last - self.request.first).days <= 62 else "week"
        period = self._recorded_days(code)
        groups = self.days._read_group(
            period, [f"date:{interval}"], ["value:sum", "replayed:bool_and"], order=f"date:{interval}"
        )
        return [{"day": str(day), "value": value, "replayed": replayed} for day, value, replayed in groups]

    # ------------------------------------------------------------------ what a row opens

    def window(self, part, key):
        """The window of a row, with its records as a condition that a client may ask, else by name."""
        found = {
            "figure": self.opened,
            "segment": self._opened_segment,
            "funnel": self._opened_step,
            "channel": lambda key: (INTERACTION, self.interactions() & Domain("channel_id", "=", key)),
            "grade": lambda key: (LEAD, self.closed_of_grade(key)) if key in GRADES else None,
            "answer": Answers(self).opened,
            "product": Products(self).opened,
            "forecast": Forecast(self).opened,
            "effort": Effort(self).opened,
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
            "context": {"active_test": False, "create": False},
        }

    def _asked(self, model, domain):
        """The condition as a client sends it back; what a statement finds is named by its ids."""
        if _is_plain(domain):
            return list(domain)
        return [("id", "in", self.env[model].search(domain).ids)]

    def _name(self, part, key):
        if part == "figure":
            return dict(self.days._fields["figure"]._description_selection(self.env))[key]
        if part == "funnel":
            return self._step_labels()[key]
        if part == "grade":
            return self.env._("Closed leads of grade %s", key)
        if part in ("answer", "product", "forecast", "effort"):
            return {
                "answer": self.env._("Messages that ask for an answer"),
                "product": self.env._("Ordered products"),
                "forecast": self.env._("Orders expected"),
                "effort": self.env._("Return of the effort"),
            }[part]
        model = "crm.segment" if part == "segment" else "crm.interaction.channel"
        return self.env[model].browse(key).exists().name or self.env._("No segment")

    def _opened_segment(self, key):
        return PROFILE, self.customers() & Domain("segment_id", "=", key or False)

    def _opened_step(self, key):
        orders = Domain("company_id", "=", self.company.id)
        ordered = Domain("order_ids", "any", orders & Domain("state", "=", "sale"))
        quoted = Domain("order_ids", "any", orders)
        further = {
            "leads": Domain.TRUE,
            "qualified": Domain("type", "=", "opportunity") | quoted,
            "quoted": quoted,
            "ordered": ordered,
            "again": Domain("id", "in", self._ordered_again()),
        }.get(key)
        return None if further is None else (LEAD, self.leads() & self.within("create_date") & further)

    def _ordered_again(self):
        """SQL: the leads with orders at two moments, as far as the user may see the orders."""
        orders = self.env["sale.order"]._search(
            Domain("company_id", "=", self.company.id) & Domain("state", "=", "sale")
        )
        return SQL(
            "(SELECT opportunity_id FROM %s o GROUP BY 1 HAVING count(DISTINCT date_order) > 1)",
            orders.subselect(SQL("sale_order.opportunity_id"), SQL("sale_order.date_order")),
        )

    def opened(self, code):
        """(model, condition on the records that a figure counts); without such, the recorded days of the figure."""
        profile = self._opened_customers(code)
        if profile is not None:
            return PROFILE, profile
        closed = self.leads() & self.within("date_closed")
        leads = {
            "leads": lambda: self.leads() & self.within("create_date"),
            "won_leads": lambda: closed & Domain("won_status", "=", "won"),
            "lost_leads": lambda: closed & Domain("won_status", "=", "lost"),
            "win_rate": lambda: closed & Domain("won_status", "in", ["won", "lost"]),
        }
        if code in leads:
            return LEAD, leads[code]()
        if code in ("contacts_out", "contacts_in"):
            return INTERACTION, self.interactions() & Domain("direction", "=", code.rpartition("_")[2])
        return ("crm.kpi.day", self._recorded_days(code)) if code in BY_CODE else None

    def _recorded_days(self, code):
        try:
            where = self._recorded() & Domain("figure", "=", code)
        except LookupError:
            return Domain.FALSE
        return where & Domain("date", ">=", self.request.first) & Domain("date", "<=", self.request.last)

    def _opened_customers(self, code):
        if code in EVENTS:
            return self.customers() & Domain("partner_id", "in", Purchases(self.env, self.span).members(EVENTS[code]))
        return {
            "customers": self.customers() & Domain("first_order_date", "<", self.span.ends),
            "revenue_at_risk": self.customers()
            & (Domain("churn_risk", ">=", AT_RISK) | Domain("overdue_date", "<=", self.request.last)),
            "customer_equity": self.customers() & Domain("clv", "!=", False),
            "opt_outs": self.customers() & Domain("partner_id.is_blacklisted", "=", True),
        }.get(code)

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

    # ------------------------------------------------------------------ funnel

    def _funnel(self):
        """From the leads of the period to the second order, how many came so far and after how many days."""
        leads = self.env[LEAD]
        if not leads.has_access("read") or not self.env["sale.order"].has_access("read"):
            return []
        found = leads._search(self.leads() & self.within("create_date"))
        orders = self.env["sale.order"]._search(Domain("company_id", "=", self.company.id))
        [row] = self.env.execute_query(
            SQL(
                """WITH lead AS (%(leads)s), quote AS (
                          SELECT o.opportunity_id AS lead_id, min(o.create_date) AS quoted,
                                 min(o.date_order) FILTER (WHERE o.state = 'sale') AS ordered,
                                 (array_agg(DISTINCT o.date_order ORDER BY o.date_order)
                                    FILTER (WHERE o.state = 'sale'))[2] AS again
                            FROM %(orders)s o JOIN lead ON lead.id = o.opportunity_id GROUP BY 1)
                   SELECT count(*), count(*) FILTER (WHERE qualified OR quoted IS NOT NULL), count(quoted),
                          count(ordered), count(again),
                          avg(%(days)s) FILTER (WHERE quoted IS NOT NULL)::float8,
                          avg(EXTRACT(EPOCH FROM ordered - quoted) / 86400)::float8,
                          avg(EXTRACT(EPOCH FROM again - ordered) / 86400)::float8
                     FROM lead LEFT JOIN quote ON quote.lead_id = lead.id""",
                leads=found.select(
                    SQL("crm_lead.id, crm_lead.create_date, crm_lead.type = 'opportunity' AS qualified")
                ),
                orders=orders.subselect(
                    SQL("sale_order.opportunity_id, sale_order.create_date, sale_order.date_order, sale_order.state")
                ),
                days=SQL("EXTRACT(EPOCH FROM quoted - lead.create_date) / 86400"),
            )
        )
        created, qualified, quoted, ordered, again, to_quote, to_order, to_again = row
        counts = (created, qualified, quoted, ordered, again)
        waits = (None, None, to_quote, to_order, to_again)
        return [
            {
                "key": key,
                "label": label,
                "count": count,
                "share": 100 * count / created if created else 0,
                "days": False if days is None else max(days, 0),
            }
            for (key, label), count, days in zip(self._step_labels().items(), counts, waits, strict=True)
        ]

    def _step_labels(self):
        return {
            "leads": self.env._("Leads"),
            "qualified": self.env._("Opportunities"),
            "quoted": self.env._("Leads with a quotation"),
            "ordered": self.env._("Leads with an order"),
            "again": self.env._("Leads with a second order"),
        }

    # ------------------------------------------------------------------ channels and grades

    def _channels(self):
        """Contacts of the period by channel and direction, as far as the user may see them."""
        if not self.env[INTERACTION].has_access("read"):
            return []
        groups = self.env[INTERACTION]._read_group(
            self.interactions(), ["channel_id", "direction"], ["__count"], order="channel_id"
        )
        rows = {}
        for channel, direction, count in groups:
            row = rows.setdefault(channel.id, {"id": channel.id, "name": channel.name, "in": 0, "out": 0, "none": 0})
            row[direction] = count
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
