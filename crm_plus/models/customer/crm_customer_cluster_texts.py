from math import floor, inf

from odoo import api, fields, models
from odoo.tools import format_list
from odoo.tools.misc import format_amount

from ...engine.customer.cluster_ranges import ranges
from ...services.customer import words


class CrmCustomerCluster(models.Model):
    """A cluster in words: what it is called, what its typical customer is like, what makes it."""

    _inherit = "crm.customer.cluster"

    automatic_name = fields.Char("What sets it apart", compute="_compute_automatic_name")
    typical = fields.Char("Typical customer", compute="_compute_texts", help="The centre of the group.")
    description = fields.Text("What makes it", compute="_compute_texts")

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
    @api.depends_context("lang")
    def _compute_texts(self):
        for cluster in self:
            cluster.typical = cluster._typical() if cluster.center else False
            cluster.description = "\n".join(map(cluster._rule_text, cluster.rules or []))

    def _trait_names(self):
        return {
            ("days", 1): self.env._("long silent"),
            ("days", -1): self.env._("ordered recently"),
            ("orders", 1): self.env._("many orders"),
            ("orders", -1): self.env._("few orders"),
            ("revenue", 1): self.env._("much revenue"),
            ("revenue", -1): self.env._("little revenue"),
        }

    def _typical(self):
        return self.env._(
            "%(orders)s, %(revenue)s in all, the last one %(ago)s",
            orders=words.orders(self.env, round(self.center["orders"])),
            revenue=self._amount(self.center["revenue"]),
            ago=words.ago(self.env, round(self.center["days"])),
        )

    def _amount(self, amount):
        return format_amount(self.env, round(amount), self.currency_id)

    # ------------------------------------------------------------------ rules

    def _rule_text(self, rule):
        """A leaf of the decision tree: whom it is about, and how many of them are in this group."""
        texts = {"days": self._days_text, "orders": self._orders_text, "revenue": self._revenue_text}
        found = ranges(rule["conditions"])
        conditions = format_list(self.env, [texts[name](*found[name]) for name in texts if name in found])
        return self.env._(
            "%(conditions)s: %(coverage)s %% of all customers, %(purity)s %% of them are in this group",
            conditions=conditions or self.env._("any customer"),
            coverage=round(100 * rule["coverage"]),
            purity=round(100 * rule["purity"]),
        )

    def _days_text(self, low, high):
        if high == inf:
            return self.env._("last order more than %s ago", words.days(self.env, floor(low)))
        if low == -inf:
            return self.env._("last order at most %s ago", words.days(self.env, floor(high)))
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
