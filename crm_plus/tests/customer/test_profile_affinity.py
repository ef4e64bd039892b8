import random

from odoo import Command
from odoo.tests import tagged

from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileAffinity(ProfileCase):
    """Products that are ordered together, and what an order could have as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bread, cls.butter, cls.jam, cls.salt, cls.pepper = cls.env["product.product"].create(
            [{"name": name, "type": "service"} for name in ("Bread", "Butter", "Jam", "Salt", "Pepper")]
        )
        cls.buyer = cls.env["res.partner"].create({"name": "Buyer"})

    def basket(self, *products, confirm=True, times=1):
        lines = [Command.create({"product_id": product.id}) for product in products]
        orders = self.env["sale.order"].create(
            [
                {"partner_id": self.buyer.id, "company_id": self.company.id, "order_line": lines}
                for _time in range(times)
            ]
        )
        if confirm:
            orders.action_confirm()
        return orders

    def baskets(self):
        self.basket(self.bread, self.butter, times=30)
        self.basket(self.bread, self.jam, times=20)
        self.basket(self.bread, self.salt, times=6)
        self.basket(self.salt, self.pepper, times=20)
        self.basket(self.salt, times=24)

    def refresh(self):
        self.env["crm.product.affinity"]._refresh_company(self.company)
        return self.env["crm.product.affinity"].search([("company_id", "=", self.company.id)])

    def test_pairs_have_their_support_confidence_and_lift(self):
        self.baskets()
        self.basket(self.butter, self.jam, confirm=False)
        found = {(pair.product_id, pair.related_product_id): pair for pair in self.refresh()}
        pairs = (self.bread, self.butter), (self.bread, self.jam), (self.salt, self.pepper)
        self.assertEqual(set(found), {pair for one, two in pairs for pair in ((one, two), (two, one))})
        pair = found[self.bread, self.butter]
        self.assertEqual(pair.together, 30)
        self.assertAlmostEqual(pair.support, 30 / 100)
        self.assertAlmostEqual(pair.confidence, 30 / 56)
        self.assertAlmostEqual(pair.lift, (30 / 56) / (30 / 100))
        self.assertGreater(pair.lift, pair.lift_low)
        self.assertGreater(pair.lift_low, 1)

    def test_products_that_meet_by_chance_are_no_pair(self):
        chance = random.Random(4)
        goods = self.bread | self.butter | self.jam | self.salt | self.pepper
        for size in (1, 2, 2, 3, 3, 4):
            for _basket in range(12):
                self.basket(*chance.sample(list(goods), size))
        self.assertFalse(self.refresh())

    def test_a_second_refresh_writes_nothing_and_a_pair_that_is_no_more_goes(self):
        self.baskets()
        self.refresh()
        before = self.row_versions("crm_product_affinity")
        self.refresh()
        self.assertEqual(self.row_versions("crm_product_affinity"), before)
        orders = self.env["sale.order"].search([("order_line.product_id", "=", self.jam.id)], limit=18)
        orders._action_cancel()
        self.assertNotIn(self.jam, self.refresh().product_id)

    def test_suggestions_are_the_likeliest_products_the_order_has_not(self):
        self.baskets()
        self.refresh()
        order = self.basket(self.bread, confirm=False)
        suggested = order.get_product_suggestions()
        self.assertEqual([(s["name"], s["because"]) for s in suggested], [("Butter", "Bread"), ("Jam", "Bread")])
        self.assertEqual([s["product_id"] for s in order.get_product_suggestions(limit=1)], [self.butter.id])
        self.assertEqual(self.basket(self.bread, self.butter, self.jam, confirm=False).get_product_suggestions(), [])

    def test_what_is_no_longer_sold_is_not_suggested(self):
        self.baskets()
        self.refresh()
        self.butter.sale_ok = False
        self.jam.active = False
        self.assertEqual(self.basket(self.bread, confirm=False).get_product_suggestions(), [])
