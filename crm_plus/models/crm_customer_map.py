from odoo import api, models
from odoo.tools import SQL


class CrmCustomerProfile(models.Model):
    """All customers of the current company at a glance."""

    _inherit = "crm.customer.profile"

    @api.model
    @api.readonly
    def segment_map(self):
        """Customers and revenue by scores and segment, in one grouping.

        ``{"currency_id", "cells": [{"r", "f", "segment_id", "count", "revenue"}], "segments": [{"id", "name", "color",
        "description"}]}``; a cell without a segment has ``segment_id`` False.
        """
        groups = self._read_group(
            self._of_current_company(),
            ["recency_score", "frequency_score", "segment_id"],
            ["__count", "revenue:sum"],
        )
        segments = self.env["crm.segment"].union(*(segment for _r, _f, segment, *_figures in groups))
        return {
            "currency_id": self.env.company.currency_id.id,
            "cells": [
                {"r": r, "f": f, "segment_id": segment.id, "count": count, "revenue": revenue}
                for r, f, segment, count, revenue in groups
            ],
            "segments": segments.sorted().read(["name", "color", "description"]),
        }

    @api.model
    @api.readonly
    def pareto_curve(self):
        """`get_concentration` and its curve: ``points`` of (% of the customers, % of the revenue), best first."""
        rows = self.env.execute_query(
            SQL(
                """SELECT ceil(100.0 * i / n)::int AS customers,
                          round(100 * max(sum) / NULLIF(max(total), 0), 1)::float8 AS revenue
                     FROM (SELECT row_number() OVER best AS i, count(*) OVER () AS n,
                                  sum(greatest(revenue, 0)) OVER best AS sum, sum(greatest(revenue, 0)) OVER () AS total
                             FROM crm_customer_profile WHERE id IN %s
                           WINDOW best AS (ORDER BY revenue DESC, id)) ranked
                    GROUP BY 1 ORDER BY 1""",
                self._search(self._of_current_company()).subselect(),
            )
        )
        points = [{"customers": customers, "revenue": revenue} for customers, revenue in rows if revenue is not None]
        return {**self.get_concentration(), "points": points, "currency_id": self.env.company.currency_id.id}
