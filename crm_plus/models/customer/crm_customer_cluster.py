from odoo import api, fields, models
from odoo.fields import Domain


class CrmCustomerCluster(models.Model):
    """A group of customers who buy alike, found by the data. It stays the same group when it is found again."""

    _name = "crm.customer.cluster"
    _description = "Customer cluster"
    _order = "company_id, code"
    _rec_names_search = ["name"]

    # What customers are compared by: days since the last order, orders, revenue.
    FEATURES = ("days", "orders", "revenue")

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    code = fields.Integer(required=True, readonly=True, aggregator=None)
    name = fields.Char(help="Your own name for the group; without one it is named by what sets it apart.")
    color = fields.Integer(aggregator=None)
    active = fields.Boolean(default=True)
    traits = fields.Json(readonly=True)
    rules = fields.Json(readonly=True)
    center = fields.Json("Typical customer (data)", readonly=True)
    profile_ids = fields.One2many("crm.customer.profile", "cluster_id", "Customers")
    size = fields.Integer("Number of customers", compute="_compute_size")
    revenue = fields.Monetary(compute="_compute_size", help="All that its customers have brought.")
    currency_id = fields.Many2one(related="company_id.currency_id")

    _code_unique = models.Constraint("UNIQUE (company_id, code)", "A cluster has one code per company.")

    @api.depends("profile_ids")
    def _compute_size(self):
        sums = self.env["crm.customer.profile"]._read_group(
            [("cluster_id", "in", self.ids)], ["cluster_id"], ["__count", "revenue:sum"]
        )
        figures = {cluster: (size, revenue) for cluster, size, revenue in sums}
        for cluster in self:
            cluster.size, cluster.revenue = figures.get(cluster, (0, 0))

    def action_open_customers(self):
        self.ensure_one()
        return self.env["crm.customer.profile"]._action_customers(
            self.display_name, Domain("cluster_id", "=", self.id), self.company_id
        )

    @api.model
    def _show_those_in_use(self, company):
        """One record for each cluster of the version in use, if there is one; the others are archived."""
        from ...engine.customer.clusters import ClusterModel

        published = self.env["crm.purchase.model"]._published(company, "clusters")
        model = ClusterModel.from_json(published.parameters) if published else None
        known = {
            cluster.code: cluster
            for cluster in self.with_context(active_test=False).search([("company_id", "=", company.id)])
        }
        centers = model.centers() if model else {}
        for cluster in model.clusters if model else ():
            values = {
                "traits": [list(trait) for trait in cluster.traits],
                "rules": [
                    {"conditions": list(rule.conditions), "coverage": rule.coverage, "purity": rule.purity}
                    for rule in model.rules
                    if rule.cluster == cluster.code
                ],
                "center": centers[cluster.code],
                "active": True,
            }
            if cluster.code in known:
                known.pop(cluster.code).write(values)
            else:
                self.create({"company_id": company.id, "code": cluster.code, "color": cluster.code, **values})
        for gone in known.values():
            gone.active = False

    @api.model
    def _features(self, summary):
        """The `FEATURES` of a summary, a row a customer."""
        import numpy as np

        days = summary["age"] - summary["recency"]
        return np.column_stack([days, summary["orders"], summary["revenue"]]).astype(float)

    @api.model
    def _assign(self, company, summary):
        """The id of the nearest cluster for each row of a summary, 0 without any."""
        import numpy as np

        n = len(summary["partner_id"])
        published = self.env["crm.purchase.model"]._published(company, "clusters")
        if not published or not n:
            return np.zeros(n, dtype=int)
        from ...engine.customer.clusters import ClusterModel

        clusters = self.with_context(active_test=False).search([("company_id", "=", company.id)])
        ids = np.zeros(max(clusters.mapped("code")) + 1, dtype=int)
        ids[clusters.mapped("code")] = clusters.ids
        return ids[ClusterModel.from_json(published.parameters).predict(self._features(summary))]
