from odoo import api, models


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
        concentration, curve = self._concentration()
        points = [{"customers": customers, "revenue": revenue} for customers, revenue in curve if revenue is not None]
        return {**concentration, "points": points, "currency_id": self.env.company.currency_id.id}
