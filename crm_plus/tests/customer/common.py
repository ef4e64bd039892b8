"""A company of its own with orders, so that no other data takes part in a score."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import TransactionCase
from odoo.tools import SQL

FACTS = (
    "first_order_date", "last_order_date", "order_count", "revenue", "average_order", "recency_score",
    "frequency_score", "monetary_score", "rfm", "abc_class",
)  # fmt: skip
PREDICTED = (
    "interval_days", "next_order_date", "overdue_date", "p_alive", "churn_risk", "expected_orders", "clv", "cluster_id",
)  # fmt: skip


class ProfileCase(TransactionCase):
    # So many customers are ranked; in most tests even one.
    enough = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch("odoo.addons.crm_plus.services.customer.limits.ENOUGH", cls.enough))
        cls.company = cls.env["res.company"].create({"name": "Profiles Ltd", "currency_id": cls.env.ref("base.USD").id})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids, "tracking_disable": True})
        cls.company = cls.company.with_env(cls.env)
        cls.Profile = cls.env["crm.customer.profile"]
        cls.product = cls.env["product.product"].create({"name": "Advice", "type": "service", "list_price": 100})

    def customer(self, name="Customer", **values):
        return self.env["res.partner"].create({"name": name, "is_company": True, **values})

    def order(self, partner, amount=100.0, day="2026-01-10 12:00:00", **values):
        """A confirmed order of one line without tax."""
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "order_line": [(0, 0, {"product_id": self.product.id, "price_unit": amount, "tax_ids": False})],
                **values,
            }
        )
        order.action_confirm()
        order.date_order = day
        return order

    def many_orders(self, rows):
        """Confirmed orders by SQL, for tests with many: copies of one with (partner id, moment, amount)."""
        partner = self.customer("Template")
        template = self.env["sale.order"].create({"partner_id": partner.id, "company_id": self.company.id})
        self.env.flush_all()
        columns = [
            name for name, field in template._fields.items() if field.store and field.column_type and name != "id"
        ]
        values = {name: SQL.identifier("t", name) for name in columns}
        for name in ("partner_id", "date_order", "amount_untaxed"):
            values[name] = SQL.identifier("r", name)
        values["state"] = SQL("'sale'")
        self.env.cr.execute(
            SQL(
                """INSERT INTO sale_order (%s) SELECT %s FROM sale_order t,
                          unnest(%s::int[], %s::timestamp[], %s::numeric[]) AS r(partner_id, date_order, amount_untaxed)
                    WHERE t.id = %s""",
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(values.values()),
                *(list(column) for column in zip(*rows, strict=True)),
                template.id,
            )
        )
        # What PostgreSQL believes to be empty it joins row by row.
        self.env.cr.execute("ANALYZE sale_order; ANALYZE res_partner")
        self.env.invalidate_all()

    def random_orders(self, rng, customers, most=12, days=700):
        """(partner id, moment, amount) of so many customers, with equal days and amounts among them."""
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(customers)]
        )
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        return partners, [
            (
                partner.id,
                today - timedelta(days=rng.randrange(days), minutes=rng.randrange(1440)),
                rng.choice([10, 25, 25.5, 100, rng.randrange(1, 100000) / 100]),
            )
            for partner in partners
            for _ in range(rng.randint(1, most))
        ]

    def model_orders(self, rng, customers, days=700):
        """(partner id, moment, amount) of customers who order and drop out as the purchase models assume."""
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(customers)]
        )
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        orders = []
        for partner in partners:
            rate, drop_out, worth = rng.gammavariate(2, 0.012), rng.betavariate(1, 4), rng.gammavariate(4, 25)
            moment = today - timedelta(days=rng.uniform(1, days))
            while moment < today:
                moment = moment.replace(microsecond=0)
                orders.append((partner.id, moment, round(rng.gammavariate(6, worth / 6) + 0.01, 2)))
                if rng.random() < drop_out:
                    break
                moment += timedelta(days=rng.expovariate(rate))
        return partners, orders

    def orders_of_kinds(self, rng, customers=240):
        """(partner id, moment, amount) of three kinds of customers: who order often and little, rarely and much, or
        once long ago."""
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(customers)]
        )
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        kinds = ((range(2, 600, 14), 20), (range(40, 700, 160), 900), (range(640, 641), 110))
        return [
            (partner.id, today - timedelta(days=age + rng.randrange(9)), round(amount * rng.uniform(0.8, 1.2), 2))
            for number, partner in enumerate(partners)
            for ages, amount in [kinds[number % len(kinds)]]
            for age in ages
        ]

    def refresh(self):
        self.env.flush_all()
        self.assertTrue(self.Profile._refresh_company(self.company))

    def refresh_touched(self):
        """What the scheduled action does for the customers that wait, those of this transaction included."""
        self.env.cr.flush()
        while partner_ids := self.env["crm.customer.queue"]._take(1000):
            self.assertTrue(self.Profile._refresh_company(self.company, partner_ids))

    def train(self):
        Model = self.env["crm.purchase.model"]
        self.company.write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})
        while not Model._step(self.company):
            self.env.flush_all()

    def profiles(self):
        return self.Profile.search([("company_id", "=", self.company.id)])

    def profile(self, partner):
        return self.profiles().filtered(lambda profile: profile.partner_id == partner)

    def row_versions(self, table="crm_customer_profile"):
        """What PostgreSQL changes whenever a row is written: its place and the transaction that wrote it."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT ctid::text, xmin::text FROM %s WHERE company_id = %s ORDER BY 1",
                SQL.identifier(table),
                self.company.id,
            )
        )

    def snapshot(self, columns=FACTS + PREDICTED):
        """``{partner id: columns}`` of all profiles, as the database has them."""
        self.env.flush_all()
        return {
            row[0]: row[1:]
            for row in self.env.execute_query(
                SQL(
                    "SELECT partner_id, %s FROM crm_customer_profile WHERE company_id = %s",
                    SQL(", ").join(map(SQL.identifier, columns)),
                    self.company.id,
                )
            )
        }
