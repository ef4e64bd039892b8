from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.checks import day, integer
from ...engine.kpi.board_request import narrowing
from ...services.arguments import argument
from ...services.customer import amounts
from ...services.customer.cohorts import Cohorts, cohorts_query
from ...services.customer.map import CustomerMap
from ...services.kpi.kept import Kept
from ...services.sql import ADD_UP_ALL

# Of a retention table: more than any company has existed.
MOST_MONTHS = 1200


class CrmCustomerCohort(models.Model):
    """Retention: of the customers who first ordered in one month, how many ordered again so many months later."""

    _name = "crm.customer.cohort"
    _description = "Customer retention"
    _order = "start desc, months"
    _rec_name = "start"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    start = fields.Date("First order in", required=True, readonly=True, help="The first day of the month.")
    months = fields.Integer("Months later", required=True, readonly=True, aggregator=None)
    month = fields.Date(required=True, readonly=True)
    size = fields.Integer("Customers", readonly=True, aggregator="max")
    active_count = fields.Integer("Customers who ordered", readonly=True)
    revenue = fields.Float(
        readonly=True,
        digits=(16, 2),
        groups=f"{amounts.MANAGER},{amounts.AMOUNTS}",
        help="What these customers brought in the month, before tax and net of credit notes. Counted every week.",
    )
    retention = fields.Float("Retention (%)", readonly=True, digits=(5, 1), aggregator="avg")

    _cell_unique = models.Constraint("UNIQUE (company_id, start, months)", "A cohort has one row per month.")

    def _read_group_select(self, aggregate_spec, query):
        """Retention of several cohorts: of all their customers, not the mean of the shares."""
        if aggregate_spec != "retention:avg":
            return super()._read_group_select(aggregate_spec, query)
        active, size = (self._field_to_sql(self._table, name, query) for name in ("active_count", "size"))
        return SQL("100.0 * SUM(%s) / NULLIF(SUM(%s), 0)", active, size)

    @api.model
    def _refresh(self, company):
        """Bring the cohorts of a company up to date: the SQL twin of ``engine.customer.cohorts.cohorts``."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "%s CREATE TEMPORARY TABLE crm_plus_cohorts ON COMMIT DROP AS %s",
                ADD_UP_ALL,
                cohorts_query(self.env, company),
            )
        )
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_customer_cohort c WHERE company_id = %(company)s AND NOT EXISTS (
                       SELECT FROM crm_plus_cohorts f WHERE f.start = c.start AND f.months = c.months);
                   INSERT INTO crm_customer_cohort AS c
                          (company_id, start, months, month, size, active_count, revenue, retention)
                   SELECT %(company)s, start, months, month, size, active_count, revenue,
                          round(100 * active_count::numeric / size, 1) FROM crm_plus_cohorts
                   ON CONFLICT (company_id, start, months) DO UPDATE
                      SET size = excluded.size, active_count = excluded.active_count, revenue = excluded.revenue,
                          retention = excluded.retention
                    WHERE (c.size, c.active_count, c.revenue)
                          IS DISTINCT FROM (excluded.size, excluded.active_count, excluded.revenue);
                   DROP TABLE crm_plus_cohorts""",
                company=company.id,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    @api.readonly
    def get_retention(self, months=12, narrowed=None, again=False):
        """The newest ``months`` cohorts of the current company for a retention table, oldest first.

        ``{"cohorts": [{"start": "2026-01-01", "size": 4, "active": [4, 2], "retention": [100.0, 50.0], "revenue":
        [400.0, 90.0]}], "repeat_rate": 37.5, "counted": "2026-02-27", "currency_id": 1}``: ``revenue`` is False for
        whoever may not read all amounts; the repeat rate is the percentage of customers who ordered on more than one
        day; ``counted`` is the day of the cohorts. With filters, as in ``{"country_id": 20}``, it is those of the
        customers that these leave, counted now. ``kept`` and ``again`` are those of `crm.kpi.day.overview`.
        """
        self.check_access("read")
        months = argument(self.env, "months", months, integer(1, MOST_MONTHS))
        narrowed = argument(self.env, "narrowed", narrowed, narrowing)
        kept = Kept(self.env, "get_retention", [months, narrowed], bool(again))
        return kept.answer(lambda: self._retention(months, narrowed))

    @api.model
    def _retention(self, months, narrowed):
        company = self.env.company
        first = company._crm_plus_today().replace(day=1) - relativedelta(months=months - 1)
        rows = Cohorts(self.env, narrowed).rows(first) if narrowed else self._rows(company, first)
        # After an upgrade nobody has counted the revenue before the next training.
        may_read = amounts.extent(self.env, company) == "all" and any(row[-1] is not False for row in rows)
        cohorts = {}
        for start, _months_later, size, active, retention, revenue in rows:
            empty = {"active": [], "retention": [], "revenue": [] if may_read else False}
            cohort = cohorts.setdefault(start, {"start": str(start), "size": size, **empty})
            cohort["active"].append(active)
            cohort["retention"].append(retention)
            if may_read:
                cohort["revenue"].append(revenue or 0)
        counted = company._crm_plus_today() if narrowed else company.crm_plus_trained_date
        return {
            "cohorts": list(cohorts.values()),
            "repeat_rate": CustomerMap(self.env["crm.customer.profile"], narrowed).repeat_rate(),
            "counted": counted and str(counted),
            "currency_id": company.currency_id.id,
        }

    @api.model
    def _rows(self, company, first):
        """The cohorts that are stored, as `Cohorts.rows` has them."""
        # sudo: sums of all customers; amounts are told to whoever may read them all
        return self.sudo()._read_group(
            [("company_id", "=", company.id), ("start", ">=", first)],
            ["start:month", "months"],
            ["size:max", "active_count:sum", "retention:max", "revenue:sum"],
            order="start:month, months",
        )

    @api.model
    @api.readonly
    def action_open_customers(self, start, months=0, narrowed=None):
        """The window of the customers whose first order came in the month that begins on ``start`` and who ordered so
        many months later, among those that filters leave."""
        self.check_access("read")
        start = argument(self.env, "start", start, day).replace(day=1)
        months = argument(self.env, "months", months, integer(0, MOST_MONTHS))
        return Cohorts(self.env, argument(self.env, "narrowed", narrowed, narrowing)).window(start, months)
