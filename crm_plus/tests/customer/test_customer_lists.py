from unittest.mock import patch

from odoo.tests import tagged

from ...models.customer import res_partner
from ..loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestCustomerLists(SegmentCase):
    """Lists of customers, grouped and added up: as the host would, in statements that a million customers can bear."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best = cls.customer("Best", days=1, count=12, amount=2000)
        cls.lost = cls.customer("Lost", days=500)
        cls.contact = cls.env["res.partner"].create({"name": "Contact", "parent_id": cls.best.id})
        cls.refresh()

    def euro_company(self):
        """A second company, whose amounts are in another currency: 4 of it are worth 1."""
        rate = {"name": "2020-01-01", "rate": 4.0}
        currency = self.env["res.currency"].create({"name": "QQQ", "symbol": "Q", "rate_ids": [(0, 0, rate)]})
        other = self.env["res.company"].create({"name": "Abroad", "currency_id": currency.id})
        self.env.user.company_ids |= other
        profile = {"company_id": other.id, "partner_id": self.best.id, "revenue": 100, "segment_id": self.champions.id}
        self.profiles.create(profile)
        return other

    def test_amounts_are_added_up_with_their_currencies(self):
        other = self.euro_company()
        both = self.company | other
        profiles = self.profiles.with_context(allowed_company_ids=both.ids)
        found = profiles._read_group(
            [("company_id", "in", both.ids)],
            ["segment_id"],
            ["currency_id:array_agg_distinct", "revenue:sum", "revenue:sum_currency"],
        )
        rate = self.company.currency_id._get_rates(self.company, self.company._crm_plus_today())
        own = float(self.profile(self.best).revenue) / rate[self.company.currency_id.id]
        by_segment = {segment: figures for segment, *figures in found}
        currencies, plain, converted = by_segment[self.champions]
        self.assertEqual(currencies, sorted(both.currency_id.ids))
        self.assertEqual(plain, 24_100)
        self.assertAlmostEqual(float(converted), own + 25, 2)
        currencies, plain, converted = by_segment[self.profile(self.lost).segment_id]
        self.assertEqual((currencies, plain), (self.company.currency_id.ids, 100))

    def test_no_customers_have_no_currency(self):
        [[currencies, revenue]] = self.profiles._read_group(
            [("id", "=", 0)], [], ["currency_id:array_agg_distinct", "revenue:sum_currency"]
        )
        self.assertFalse(currencies or revenue)

    def test_groups_come_in_the_order_of_their_segments(self):
        segments = self.champions | self.profile(self.lost).segment_id
        self.assertEqual(self.groups(), segments.ids)
        segments[1].sequence = segments[0].sequence - 1
        self.assertEqual(self.groups(), segments[::-1].ids)
        self.assertEqual(self.groups("segment_id desc"), segments.ids)
        partners = self.env["res.partner"].search([("crm_segment_id", "!=", False)], order="crm_segment_id, id")
        self.assertEqual(partners, self.lost | self.best | self.contact)

    def groups(self, order=None):
        found = self.profiles.web_read_group([("company_id", "=", self.company.id)], ["segment_id"], [], order=order)
        return [group["segment_id"][0] for group in found["groups"]]

    def test_many_customers_are_found_as_few_are(self):
        for named in (0, 1, 20):
            with self.subTest(named=named), patch.object(res_partner, "NAMED", named):
                partners = self.env["res.partner"]
                self.assertEqual(
                    partners.search([("crm_segment_id", "=", self.champions.id)], order="id"), self.best | self.contact
                )
                others = partners.search([("crm_segment_id", "!=", self.champions.id)])
                self.assertIn(self.lost, others)
                self.assertFalse((self.best | self.contact) & others)
