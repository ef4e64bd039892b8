from odoo import api, fields, models


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
    description = fields.Text("What makes it", compute="_compute_description")
    profile_ids = fields.One2many("crm.customer.profile", "cluster_id", "Customers")
    size = fields.Integer("Number of customers", compute="_compute_size")

    _code_unique = models.Constraint("UNIQUE (company_id, code)", "A cluster has one code per company.")

    @api.depends("name", "traits", "code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        words = self._words()
        for cluster in self:
            traits = ", ".join(words[feature, sign] for feature, sign in cluster.traits or [])
            cluster.display_name = cluster.name or self.env._(
                "%(code)s: %(traits)s", code=cluster.code, traits=traits or self.env._("average")
            )

    @api.depends("rules")
    @api.depends_context("lang")
    def _compute_description(self):
        names = {
            "days": self.env._("days since the last order"),
            "orders": self.env._("orders"),
            "revenue": self.env._("revenue"),
        }
        for cluster in self:
            lines = []
            for rule in cluster.rules or []:
                parts = [condition.split(" ", 1) for condition in rule["conditions"]]
                conditions = self.env._(" and ").join(f"{names[feature]} {limit}" for feature, limit in parts)
                lines.append(
                    self.env._(
                        "%(conditions)s: %(purity)s %% of those are in this group",
                        conditions=conditions or self.env._("any customer"),
                        purity=round(100 * rule["purity"]),
                    )
                )
            cluster.description = "\n".join(lines)

    @api.depends("profile_ids")
    def _compute_size(self):
        counts = dict(
            self.env["crm.customer.profile"]._read_group([("cluster_id", "in", self.ids)], ["cluster_id"], ["__count"])
        )
        for cluster in self:
            cluster.size = counts.get(cluster, 0)

    def _words(self):
        return {
            ("days", 1): self.env._("long silent"),
            ("days", -1): self.env._("ordered recently"),
            ("orders", 1): self.env._("many orders"),
            ("orders", -1): self.env._("few orders"),
            ("revenue", 1): self.env._("much revenue"),
            ("revenue", -1): self.env._("little revenue"),
        }

    @api.model
    def _store(self, company, found, rules):
        """One record for each of the engine's clusters; those that are no more are archived."""
        known = {
            cluster.code: cluster
            for cluster in self.with_context(active_test=False).search([("company_id", "=", company.id)])
        }
        for cluster in found:
            values = {
                "traits": [list(trait) for trait in cluster.traits],
                "rules": [
                    {"conditions": list(rule.conditions), "coverage": rule.coverage, "purity": rule.purity}
                    for rule in rules
                    if rule.cluster == cluster.code
                ],
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

        n = len(summary["profile_id"])
        published = self.env["crm.purchase.model"]._published(company, "clusters")
        if not published or not n:
            return np.zeros(n, dtype=int)
        from ..engine.clusters import ClusterModel

        clusters = self.with_context(active_test=False).search([("company_id", "=", company.id)])
        ids = np.zeros(max(clusters.mapped("code")) + 1, dtype=int)
        ids[clusters.mapped("code")] = clusters.ids
        return ids[ClusterModel.from_json(published.parameters).predict(self._features(summary))]
