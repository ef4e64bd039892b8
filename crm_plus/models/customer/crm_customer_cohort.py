from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.checks import integer
from ...services.arguments import argument
from ...services.customer import amounts
from ...services.customer.documents import Documents, order_day
from ...services.customer.map import CustomerMap
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
                self._cohorts_query(company),
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
    def _cohorts_query(self, company):
        """(start, months, month, size, active_count, revenue): every month from each cohort's first to this one."""
        today = company._crm_plus_today()
        return SQL(
            """WITH sold AS (SELECT c.commercial_partner_id AS partner_id, date_trunc('month', %(day)s)::date AS month,
                                    bool_or(d.is_order AND d.moment < %(end)s) AS ordered, sum(d.amount) AS amount
                               FROM (%(documents)s) d JOIN res_partner c ON c.id = d.partner_id GROUP BY 1, 2),
                    born AS (SELECT s.*, min(month) FILTER (WHERE ordered) OVER (PARTITION BY s.partner_id) AS start
                               FROM sold s JOIN crm_customer_profile p
                                 ON p.company_id = %(company)s AND p.partner_id = s.partner_id),
                    cells AS (SELECT start, month, count(*) FILTER (WHERE ordered)::int AS active_count,
                                     sum(amount) AS amount
                                FROM born GROUP BY start, month),
                    grid AS (SELECT start, active_count AS size,
                                    generate_series(start, %(today)s, '1 month')::date AS month
                               FROM cells WHERE start = month)
               SELECT g.start, g.month, g.size, COALESCE(c.active_count, 0) AS active_count,
                      round(COALESCE(c.amount, 0)::numeric, 2) AS revenue,
                      (12 * (date_part('year', g.month) - date_part('year', g.start))
                       + date_part('month', g.month) - date_part('month', g.start))::int AS months
                 FROM grid g LEFT JOIN cells c USING (start, month)""",
            day=order_day(company, SQL("d.moment")),
            documents=SQL(" UNION ALL ").join(Documents(self.env, company).queries()),
            end=company._crm_plus_start_of_day(today + timedelta(days=1)),
            company=company.id,
            today=today,
        )

    @api.model
    @api.readonly
    def get_retention(self, months=12):
        """The newest ``months`` cohorts of the current company for a retention table, oldest first.

        ``{"cohorts": [{"start": "2026-01-01", "begins": "2026-01-01 05:00:00", "ends": "2026-02-01 05:00:00",
        "size": 4, "active": [4, 2], "retention": [100.0, 50.0], "revenue": [400.0, 90.0]}], "repeat_rate": 37.5,
        "counted": "2026-02-27", "currency_id": 1}``: ``revenue`` is False for whoever may not read all amounts;
        ``begins`` and ``ends`` are the month of the first orders in UTC; the repeat rate is the percentage of customers
        who ordered on more than one day; ``counted`` is the day of the cohorts.
        """
        self.check_access("read")
        company = self.env.company
        months = argument(self.env, "months", months, integer(1, MOST_MONTHS))
        may_read = amounts.extent(self.env, company) == "all"
        # sudo: sums of all customers, whose amounts the user may read
        rows = self.sudo()._read_group(
            [
                ("company_id", "=", company.id),
                ("start", ">", company._crm_plus_today().replace(day=1) - relativedelta(months=months)),
            ],
            ["start:month", "months"],
            ["size:max", "active_count:sum", "retention:max", "revenue:sum"],
            order="start:month, months",
        )
        # After an upgrade nobody has counted the revenue before the next training.
        may_read = may_read and any(row[-1] is not False for row in rows)
        cohorts = {}
        for start, _months_later, size, active, retention, revenue in rows:
            empty = {"active": [], "retention": [], "revenue": [] if may_read else False}
            cohort = cohorts.setdefault(start, {**self._month(start), "size": size, **empty})
            cohort["active"].append(active)
            cohort["retention"].append(retention)
            if may_read:
                cohort["revenue"].append(revenue or 0)
        counted = company.crm_plus_trained_date
        return {
            "cohorts": list(cohorts.values()),
            "repeat_rate": CustomerMap(self.env["crm.customer.profile"]).repeat_rate(),
            "counted": counted and str(counted),
            "currency_id": company.currency_id.id,
        }

    @api.model
    def _month(self, start):
        """The month that begins on a day, and its moments in UTC where the current company is."""
        begins, ends = map(self.env.company._crm_plus_start_of_day, (start, start + relativedelta(months=1)))
        return {"start": str(start), "begins": str(begins), "ends": str(ends)}
