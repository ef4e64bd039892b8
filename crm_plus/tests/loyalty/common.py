from datetime import timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user


class SegmentCase(TransactionCase):
    """A company of its own, with customers who order what the test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Segments Inc", "crm_plus_rfm_mode": "fixed"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids, tracking_disable=True))
        cls.company = cls.env["res.company"].browse(cls.company.id)
        cls.company.write({"crm_plus_minimum_stay": 0, "crm_plus_margin": 0})
        cls.profiles = cls.env["crm.customer.profile"]
        cls.stays = cls.env["crm.segment.membership"]
        cls.family = cls.env.ref("crm_plus.crm_segment_family_rfm")
        cls.champions = cls.env.ref("crm_plus.crm_segment_champions")
        cls.loyal = cls.env.ref("crm_plus.crm_segment_loyal")
        cls.box = cls.champions.region_ids
        cls.other = cls.loyal.region_ids.filtered(lambda box: box.r_min == 4)
        cls.product = cls.env["product.product"].create(
            {"name": "Thing", "list_price": 100, "taxes_id": [Command.clear()]}
        )

    @classmethod
    def user(cls, name, groups):
        return new_test_user(
            cls.env, name, groups=groups, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)]
        )

    @classmethod
    def customer(cls, name="Customer", **orders):
        partner = cls.env["res.partner"].create({"name": name, "is_company": True})
        if orders:
            cls.order(partner, **orders)
        return partner

    @classmethod
    def order(cls, partner, days=0, amount=100, count=1):
        """Confirmed orders, all of the same age."""
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "order_line": [
                        Command.create({"product_id": cls.product.id, "price_unit": amount, "tax_ids": False})
                    ],
                }
                for _number in range(count)
            ]
        )
        orders.action_confirm()
        orders.date_order = fields.Datetime.now() - timedelta(days=days)
        return orders

    @classmethod
    def refresh(cls, partners=None):
        return cls.profiles._refresh_company(cls.company, partners and partners.ids)

    @classmethod
    def refresh_touched(cls):
        """What the scheduled action does with the customers something happened with."""
        cls.env.cr.flush()
        while partner_ids := cls.env["crm.customer.queue"]._take(1000):
            cls.profiles._refresh_company(cls.company, partner_ids)

    @classmethod
    def profile(cls, partner):
        return cls.profiles.search([("partner_id", "=", partner.id), ("company_id", "=", cls.company.id)])

    @classmethod
    def age(cls, partner, days):
        """Let time pass: the present stays began so many days earlier."""
        cls.env.flush_all()
        cr = cls.env.cr
        cr.execute(
            "UPDATE crm_segment_membership SET date_from = date_from - %s WHERE partner_id = %s", (days, partner.id)
        )
        cr.execute("UPDATE crm_segment_membership SET date_to = date_to - %s WHERE partner_id = %s", (days, partner.id))
        cr.execute("UPDATE crm_customer_profile SET segment_since = segment_since - %s WHERE partner_id = %s",
                   (days, partner.id))  # fmt: skip
        cls.env.invalidate_all()

    def shrink(self):
        """The best customers need M = 5; what they give up belongs to the loyal ones."""
        return {
            "region_ids": [
                Command.update(self.box.id, {"m_min": 5}),
                Command.update(self.other.id, {"m_max": 4}),
            ]
        }

    def places(self, stays, partner, days):
        """Where the customer was so many days ago, by the model of the stays."""
        mine = [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        past = [("at_date", "=", fields.Date.today() - timedelta(days=ago)) for ago in days]
        return [stays.search([*mine, day])[stays._place] for day in past]

    def segment(self, partner):
        return self.profile(partner).segment_id.code

    def check(self):
        """What happens at the end of a transaction of a user."""
        self.env.cr.flush()
