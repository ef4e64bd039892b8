"""What a headline figure is, from what, as of when, and what changes it: the lines of its tooltip."""

from ...engine.kpi.figures import BY_CODE, SINCE_RECORDED

# Where what is counted comes from, by figure: the same thing changes all figures of an origin.
ORIGINS = {
    "orders": (
        "customers", "active_customers", "new_customers", "lost_customers", "won_back_customers", "retention",
        "revenue_retention", "gross_revenue_retention", "repeat_rate", "revenue", "orders", "average_order", "margin",
        "margin_rate",
    ),
    "forecast": ("revenue_at_risk", "customer_equity"),
    "leads": ("leads", "won_leads", "lost_leads", "win_rate"),
    "scores": ("hot_leads", "leads_a", "leads_b", "leads_c", "leads_d"),
    "contacts": ("response_time", "contacts_out", "contacts_in", "contacted"),
    "activities": ("activities_done", "activities_overdue"),
    "contact_data": ("data_quality",),
    "opt_outs": ("opt_outs",),
    "ratings": ("satisfaction", "nps", "detractors"),
}  # fmt: skip
ORIGIN = {code: origin for origin, codes in ORIGINS.items() for code in codes}


class Explanation:
    """The tooltips of the figures of a period; ``as_of`` has the last recorded day of stocks."""

    def __init__(self, env, request, *, is_live, as_of=None):
        self.env, self.request, self.is_live, self.as_of = env, request, is_live, as_of or {}

    def lines(self, code):
        """The sentences of a figure, in the order of: what it is, from what, as of when, what changes it."""
        return [self.meaning()[code], self._counted(code), self._moment(code), self.changed_by()[ORIGIN[code]]]

    def _counted(self, code):
        if self.is_live:
            return self.env._("Counted now, from what you may see.")
        if code in SINCE_RECORDED:
            return self.env._("Recorded every night; not known before the installation.")
        return self.env._("Recorded every night; earlier days are counted from documents.")

    def _moment(self, code):
        kind, first, last = BY_CODE[code].kind, str(self.request.first), str(self.request.last)
        if kind == "stock":
            return self.env._("As of %s.", str(self.as_of.get(code) or last))
        if kind == "flow":
            return self.env._("All days from %(first)s to %(last)s, added up.", first=first, last=last)
        return self.env._(
            "The sums of all days from %(first)s to %(last)s, one divided by the other.", first=first, last=last
        )

    def changed_by(self):
        """``{origin: what changes figures of it}``."""
        return {
            "orders": self.env._("Orders, invoices and credit notes change it; what counts is in the settings."),
            "forecast": self.env._("Orders change it with the next refresh of the customers, forecasts every week."),
            "leads": self.env._("New leads change it, and marking leads as won or lost."),
            "scores": self.env._("Score rules change it, and what is known of the open leads."),
            "contacts": self.env._("Each call, message or meeting on the timeline changes it; log those that are not."),
            "activities": self.env._("Planning activities, and marking them as done, changes it."),
            "contact_data": self.env._("Filling in what is missing on the contacts changes it."),
            "opt_outs": self.env._("Customers change it themselves, or the blacklist of the mailings does."),
            "ratings": self.env._("Every rating that a customer gives changes it."),
        }

    def meaning(self):
        """``{code: what the figure is}``."""
        return {
            "customers": self.env._("Everybody who has ever ordered, up to that day."),
            "active_customers": self.env._("Customers with an order in the last 365 days."),
            "new_customers": self.env._("Customers whose first order was in the period."),
            "lost_customers": self.env._("Customers whose last order was 365 days ago on that day."),
            "won_back_customers": self.env._("Customers who ordered after more than 365 days without an order."),
            "retention": self.env._("Of the customers of the year before last, how many ordered in the last year."),
            "revenue_retention": self.env._(
                "What the customers of the year before last brought in the last year, per amount."
            ),
            "gross_revenue_retention": self.env._(
                "The same, of each customer no more than they brought before: growth hides no loss."
            ),
            "repeat_rate": self.env._("Customers who ordered on more than one day."),
            "revenue": self.env._("What customers were sold, before tax.")
            if self.is_live
            else self.env._("What customers were sold, before tax and net of credit notes."),
            "orders": self.env._("How many orders were confirmed, or invoices posted."),
            "average_order": self.env._("Revenue per order."),
            "margin": self.env._("As the app for margins of sales orders has it, less what was taken back."),
            "margin_rate": self.env._("Margin per revenue."),
            "revenue_at_risk": self.env._(
                "Revenue of the tier period of customers who are overdue or likely not to return."
            ),
            "customer_equity": self.env._("Sum of the lifetime values of all customers."),
            "leads": self.env._("Leads and opportunities that were created."),
            "hot_leads": self.env._("Open leads whose score has reached the hot-lead threshold."),
            "leads_a": self.env._("Open leads that fit best: their grade begins with A."),
            "leads_b": self.env._("Open leads whose grade begins with B."),
            "leads_c": self.env._("Open leads whose grade begins with C."),
            "leads_d": self.env._("Open leads that fit least: their grade begins with D."),
            "won_leads": self.env._("Leads that were closed as won."),
            "lost_leads": self.env._("Leads that were closed as lost."),
            "win_rate": self.env._("Won leads of those that were closed."),
            "response_time": self.env._("Hours from the creation of a lead to the first outgoing contact."),
            "contacts_out": self.env._(
                "Calls, messages and meetings that began with us; one to several people is one."
            ),
            "contacts_in": self.env._(
                "Calls, messages and meetings that began with customers; one with several people is one."
            ),
            "contacted": self.env._("Customers with an outgoing contact in the last 90 days."),
            "activities_done": self.env._("Activities on contacts, leads and orders that were marked as done."),
            "activities_overdue": self.env._("Open activities on contacts, leads and orders that were due."),
            "data_quality": self.env._("How complete the contacts of the customers are, on average."),
            "opt_outs": self.env._("Customers whose email address is on the blacklist."),
            "nps": self.env._(
                "Share of promoters (9 or 10 of 10) less that of detractors (0 to 6) among those who said how likely "
                "they would recommend us: between −100 and 100."
            ),
            "detractors": self.env._(
                "Customers who answered 0 to 6 of 10, of all who said how likely they would recommend us."
            ),
            "satisfaction": self.env._("Ratings by customers of at least 4 of 5, of all that were given."),
        }
