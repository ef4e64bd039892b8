"""What the tests of the interaction history share."""

from odoo.tests import TransactionCase, tagged


class TimelineMixin:
    """Looks at the timeline the way it is after a commit."""

    def commit(self):
        """What a commit does before it commits: flush, and capture."""
        self.env.cr.flush()

    def source(self, code):
        return self.env["crm.interaction.source"].search([("code", "=", code)])

    def of(self, record, code, **also):
        """The interactions that came from ``record`` through the source ``code``."""
        self.commit()
        conditions = [(name, "=", value) for name, value in also.items()]
        # sudo: accountants, whose tests this serves too, have no timeline
        return (
            self.env["crm.interaction"]
            .sudo()
            .search([("source_id.code", "=", code), ("res_id", "in", record.ids), *conditions], order="date, id")
        )

    def of_partner(self, partner, *codes):
        """Codes of the sources of a partner's interactions (those of ``codes`` only), oldest first."""
        self.commit()
        domain = [("partner_id", "in", partner.ids), *([("source_id.code", "in", codes)] if codes else [])]
        return [row.source_id.code for row in self.env["crm.interaction"].search(domain, order="date, id")]

    @classmethod
    def load_history(cls):
        """Load what was there before, as the scheduled action does after an installation."""
        for source in cls.env["crm.interaction.source"]._to_backfill():
            while not source._backfill_step():
                pass

    def reconcile(self, *codes):
        """Check sources; ``{code: (missing, stale, changed)}`` of those that had drifted."""
        self.commit()
        sources = self.env["crm.interaction.source"].search([("kind", "=", "records")])
        sources = sources.filtered(lambda s: s.state != "dormant" and (not codes or s.code in codes))
        for source in sources:
            source._reconcile()
        drift = {s.code: (s.drift_missing, s.drift_stale, s.drift_changed) for s in sources}
        return {code: counts for code, counts in drift.items() if any(counts)}

    def new_order(self, partner=None, **values):
        partner = partner or self.customer
        line = (0, 0, {"product_id": self.product.id, "product_uom_qty": 2, "price_unit": 50, "tax_ids": False})
        return self.env["sale.order"].create({"partner_id": partner.id, "order_line": [line], **values})


@tagged("post_install", "-at_install")
class TimelineCase(TimelineMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "no_reset_password": True})
        Partner = cls.env["res.partner"]
        cls.company = Partner.create({"name": "Northwind", "is_company": True, "email": "office@northwind.example"})
        cls.customer = Partner.create({"name": "Ada", "parent_id": cls.company.id, "email": "ada@northwind.example"})
        cls.colleague = Partner.create({"name": "Bob", "parent_id": cls.company.id, "email": "bob@northwind.example"})
        cls.load_history()
        cls.product = cls.env["product.product"].create({"name": "Lamp", "list_price": 50, "type": "consu"})
        cls.seller = cls._new_user("seller", "sales_team.group_sale_salesman")
        cls.other_seller = cls._new_user("other_seller", "sales_team.group_sale_salesman")

    @classmethod
    def _new_user(cls, login, group):
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": f"crm_plus_{login}",
                "email": f"{login}@crm.example",
                "group_ids": [(4, cls.env.ref(group).id)],
            }
        )

    def new_lead(self, **values):
        return self.env["crm.lead"].create({"name": "Fifty lamps", "type": "opportunity", **values})

    def log(self, **values):
        """An interaction logged by hand."""
        return self.env["crm.interaction"].create(
            {
                "source_id": self.env.ref("crm_plus.source_manual").id,
                "channel_id": self.env.ref("crm_plus.channel_phone").id,
                "date": "2024-05-01 09:00:00",
                "name": "Called",
                **values,
            }
        )
