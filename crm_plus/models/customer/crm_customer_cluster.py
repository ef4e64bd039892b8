from math import floor, inf

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import format_list
from odoo.tools.misc import format_amount

from ...engine.customer.cluster_ranges import ranges
from ...services.customer import amounts, words
from ...services.customer.estimate import EstimatedMonetary


class CrmCustomerCluster(models.Model):
    """A group of customers who buy alike, found by the data. It stays the same group when it is found again."""

    _name = "crm.customer.cluster"
    _inherit = ["crm.readable.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_train"
    _description = "Customer cluster"
    _order = "company_id, code"
    _rec_names_search = ["name"]

    # What customers are compared by: days since the last order, orders, revenue.
    FEATURES = ("days", "orders", "revenue")

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    code = fields.Integer(required=True, readonly=True, aggregator=None)
    name = fields.Char(help="Your own name for the cluster. Without one, it is named after what sets it apart.")
    color = fields.Integer(aggregator=None)
    active = fields.Boolean(default=True)
    traits = fields.Json(readonly=True, string="Traits (data)")
    # They have amounts, which not everybody may read: what may be shown of them is in the texts.
    rules = fields.Json(readonly=True, string="Rules (data)", groups=NO_ACCESS)
    center = fields.Json("Typical customer (data)", readonly=True, groups=NO_ACCESS)
    profile_ids = fields.One2many("crm.customer.profile", "cluster_id", "Customers")
    size = fields.Integer(
        "Number of customers", compute="_compute_size", help="Customers whose profile is in this cluster today."
    )
    revenue = EstimatedMonetary(compute="_compute_size", help="Total revenue of its customers.")
    currency_id = fields.Many2one(related="company_id.currency_id")

    automatic_name = fields.Char("What sets it apart", compute="_compute_automatic_name")
    typical = fields.Char("Typical customer", compute="_compute_texts", help="The center of the cluster.")
    description = fields.Text("Rules of the cluster", compute="_compute_texts")

    _code_unique = models.Constraint("UNIQUE (company_id, code)", "A cluster has one code per company.")

    @api.depends("profile_ids")
    @api.depends_context("uid")
    def _compute_size(self):
        sums = self.env["crm.customer.profile"]._read_group(
            [("cluster_id", "in", self.ids)], ["cluster_id"], ["__count", "revenue:sum"]
        )
        figures = {cluster: (size, revenue) for cluster, size, revenue in sums}
        for cluster in self:
            cluster.size, revenue = figures.get(cluster, (0, 0))
            cluster.revenue = False if amounts.note(self.env, cluster.company_id) else revenue

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

    # ------------------------------------------------------------------ in words

    @api.depends("traits", "code")
    @api.depends_context("lang")
    def _compute_automatic_name(self):
        names = self._trait_names()
        for cluster in self:
            traits = format_list(self.env, [names[feature, sign] for feature, sign in cluster.traits or []])
            cluster.automatic_name = self.env._(
                "%(code)s: %(traits)s", code=cluster.code, traits=traits or self.env._("average")
            )

    @api.depends("name", "automatic_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for cluster in self:
            cluster.display_name = cluster.name or cluster.automatic_name

    @api.depends("rules", "center")
    @api.depends_context("lang", "uid")
    def _compute_texts(self):
        for cluster in self:
            # sudo: the texts leave out amounts that the user may not read.
            known = cluster.sudo()
            cluster.typical = cluster._typical(known.center) if known.center else False
            cluster.description = "\n".join(map(cluster._rule_text, known.rules or []))

    def _trait_names(self):
        return {
            ("days", 1): self.env._("long inactive"),
            ("days", -1): self.env._("ordered recently"),
            ("orders", 1): self.env._("many orders"),
            ("orders", -1): self.env._("few orders"),
            ("revenue", 1): self.env._("high revenue"),
            ("revenue", -1): self.env._("low revenue"),
        }

    def _typical(self, center):
        return self.env._(
            "%(orders)s, %(revenue)s in total, last order %(ago)s",
            orders=words.orders(self.env, round(center["orders"])),
            revenue=self._amount(center["revenue"]),
            ago=words.ago(self.env, round(center["days"])),
        )

    def _amount(self, amount):
        if amounts.note(self.env, self.company_id):
            return self.env._("(amount not shown)")
        return format_amount(self.env, round(amount), self.currency_id)

    # ------------------------------------------------------------------ rules

    def _rule_text(self, rule):
        """A leaf of the decision tree: whom it is about, and how many of them are in this group."""
        texts = {"days": self._days_text, "orders": self._orders_text, "revenue": self._revenue_text}
        found = ranges(rule["conditions"])
        conditions = format_list(self.env, [texts[name](*found[name]) for name in texts if name in found])
        return self.env._(
            "%(conditions)s: %(coverage)s%% of all customers; %(purity)s%% of them are in this cluster",
            conditions=conditions or self.env._("any customer"),
            coverage=round(100 * rule["coverage"]),
            purity=round(100 * rule["purity"]),
        )

    def _days_text(self, low, high):
        if high == inf:
            return self.env._("last order over %s ago", words.days(self.env, floor(low)))
        if low == -inf:
            return self.env._("last order within %s", words.days(self.env, floor(high)))
        return self.env._("last order %(low)s to %(high)s days ago", low=floor(low) + 1, high=floor(high))

    def _orders_text(self, low, high):
        least = floor(low) + 1 if low > 0 else 1
        if high == inf:
            return self.env._("%s orders or more", least)
        if least == floor(high):
            return words.orders(self.env, least)
        if least == 1:
            return self.env._("at most %s orders", floor(high))
        return self.env._("%(low)s to %(high)s orders", low=least, high=floor(high))

    def _revenue_text(self, low, high):
        if high == inf:
            return self.env._("revenue above %s", self._amount(low))
        if low == -inf:
            return self.env._("revenue up to %s", self._amount(high))
        return self.env._("revenue from %(low)s to %(high)s", low=self._amount(low), high=self._amount(high))
