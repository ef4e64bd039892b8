"""What CRM Plus will take in this database, before the history is loaded: how many there are times measured costs.

The costs are those of docs/sizing.md, on a machine with two cores that has other work as well.
"""

from dataclasses import dataclass
from math import ceil

from odoo.tools import SQL

from ..interaction.capture.spec import parse_domain

MILLISECOND = 0.001
SECONDS_PER_RECORD = 0.104 * MILLISECOND  # of a source, read into the history
SECONDS_PER_CUSTOMER = 0.23 * MILLISECOND  # first figures, with segments and tiers
SECONDS_PER_FORECAST = 0.2 * MILLISECOND  # training and prediction, a customer
SECONDS_PER_LEAD = 0.18 * MILLISECOND  # first score
BYTES_PER_INTERACTION = 296
BYTES_PER_CUSTOMER = 440 + 308  # a profile, and a stay in a segment
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Need:
    """How many there are, and what they take."""

    count: int
    seconds: float
    size: int = 0


class Sizing:
    """Estimates for the whole database: PostgreSQL's own of how many rows a condition finds, which cost nothing."""

    def __init__(self, env):
        # sudo: numbers of records, for who may see the settings
        self.env = env(su=True)

    def needs(self):
        """``{"history", "customers", "leads"}``: a `Need` each."""
        records = sum(map(self._source_rows, self._sources()))
        customers = self._rows(SQL("SELECT partner_id FROM sale_order WHERE state = 'sale' GROUP BY partner_id"))
        leads = self._rows(SQL("SELECT id FROM crm_lead WHERE active AND won_status = 'pending'"))
        per_customer = SECONDS_PER_CUSTOMER + SECONDS_PER_FORECAST
        return {
            "history": Need(records, records * SECONDS_PER_RECORD, records * BYTES_PER_INTERACTION),
            "customers": Need(customers, customers * per_customer, customers * BYTES_PER_CUSTOMER),
            "leads": Need(leads, leads * SECONDS_PER_LEAD),
        }

    def text(self):
        """The same in words."""
        needs = self.needs()
        history, customers, leads = (needs[name] for name in ("history", "customers", "leads"))
        return self.env._(
            "Estimated, in the background. Documents and messages for the history: %(records)s (%(history_time)s, "
            "%(history_size)s). Customers to compute: %(customers)s (%(customers_time)s, %(customers_size)s). Open "
            "leads to score: %(leads)s (%(leads_time)s).",
            records=f"{history.count:,}",
            history_time=self._time(history.seconds),
            history_size=self._size(history.size),
            customers=f"{customers.count:,}",
            customers_time=self._time(customers.seconds),
            customers_size=self._size(customers.size),
            leads=f"{leads.count:,}",
            leads_time=self._time(leads.seconds),
        )

    def _sources(self):
        sources = self.env["crm.interaction.source"].search([("kind", "=", "records")])
        return sources.filtered(lambda source: source.state == "ready")

    def _source_rows(self, source):
        domain = parse_domain(self.env, "domain", source.domain)
        return self._rows(self.env[source.model_name]._search(domain, active_test=False).select())

    def _rows(self, query):
        [[[plan]]] = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query))
        return round(plan["Plan"]["Plan Rows"])

    def _time(self, seconds):
        if seconds < 60:
            return self.env._("less than a minute")
        return self.env._("%s minutes", f"{ceil(seconds / 60):,}")

    def _size(self, size):
        return self.env._("%s MB", f"{max(size / MEGABYTE, 1):,.0f}")
