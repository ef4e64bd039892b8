import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import tagged

from ..customer.common import ProfileCase

# Days since the last order, days between orders, orders, amount: kinds of customers that nobody would confuse.
KINDS = {"regular": (5, 14, 12, 40), "gone": (400, 30, 1, 60), "big": (40, 90, 4, 5000)}
EACH = 30


@tagged("post_install", "-at_install")
class TestSegmentClusters(ProfileCase):
    """Segments filled by clusters that are really fitted, used and fitted again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"crm_plus_minimum_stay": 0, "crm_plus_margin": 0})
        cls.kinds = {
            kind: cls.env["res.partner"].create([{"name": f"{kind} {n}", "is_company": True} for n in range(EACH)])
            for kind in KINDS
        }
        cls.env["crm.segment.family"].create(
            {
                "name": "Groups",
                "kind": "cluster",
                "company_id": cls.company.id,
                "segment_ids": [
                    Command.create({"name": f"Group {n}", "code": f"g{n}", "cluster_code": n, "state": "active"})
                    for n in range(1, 9)
                ],
            }
        )

    def setUp(self):
        super().setUp()
        rng = random.Random(8)
        self.many_orders(
            [
                (partner.id, moment, round(amount * rng.uniform(0.7, 1.4), 2))
                for kind, (last, gap, count, amount) in KINDS.items()
                for partner in self.kinds[kind]
                for moment in self.moments(last * rng.uniform(0.8, 1.2), gap, count)
            ]
        )
        self.refresh()
        self.train()

    def moments(self, last, gap, count):
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        return [today - timedelta(days=round(last + number * gap), hours=-9) for number in range(count)]

    def clusters(self):
        """``{partner id: cluster id}``"""
        return {partner_id: row[0] for partner_id, row in self.snapshot(("cluster_id",)).items()}

    def of_kind(self, kind):
        """The cluster nearly all customers of a kind are in."""
        found = [self.clusters()[partner.id] for partner in self.kinds[kind]]
        most = max(set(found), key=found.count)
        self.assertGreaterEqual(found.count(most), 0.9 * EACH, kind)
        return self.env["crm.customer.cluster"].browse(most)

    def segments(self):
        """``{partner: code of its segment}`` by the family of clusters."""
        stays = self.env["crm.segment.membership"].search(
            [("company_id", "=", self.company.id), ("family_id.kind", "=", "cluster"), ("date_to", "=", False)]
        )
        return {stay.partner_id: stay.segment_id.cluster_code for stay in stays}

    def test_customers_who_buy_alike_share_a_cluster_and_its_segment(self):
        found = {kind: self.of_kind(kind) for kind in KINDS}
        self.assertEqual(len(set(found.values())), len(KINDS))
        self.assertIn(["days", 1], found["gone"].traits)
        self.assertIn(["orders", 1], found["regular"].traits)
        self.assertIn(["revenue", 1], found["big"].traits)
        codes = {cluster.id: cluster.code for cluster in found["big"].search([])}
        partners = self.env["res.partner"]
        self.assertEqual(
            self.segments(), {partners.browse(id_): codes[cluster] for id_, cluster in self.clusters().items()}
        )

    def test_trained_again_the_groups_are_the_same_with_the_same_names(self):
        big = self.of_kind("big")
        big.name = "Key accounts"
        names = {cluster.id: cluster.display_name for cluster in big.search([("company_id", "=", self.company.id)])}
        before, segments = self.clusters(), self.segments()
        stays = self.row_versions("crm_segment_membership")
        self.train()
        self.assertEqual((self.clusters(), self.row_versions("crm_segment_membership")), (before, stays))
        newcomers = self.env["res.partner"].create([{"name": f"New {n}", "is_company": True} for n in range(5)])
        self.many_orders([(partner.id, moment, 45) for partner in newcomers for moment in self.moments(6, 13, 11)])
        self.refresh()
        self.train()
        after = self.clusters()
        self.assertEqual(big.display_name, "Key accounts")
        self.assertEqual(
            {cluster.id: cluster.display_name for cluster in big.search([("company_id", "=", self.company.id)])}, names
        )
        moved = [partner_id for partner_id, cluster in before.items() if after[partner_id] != cluster]
        self.assertLessEqual(len(moved), 0.05 * len(before))
        regular = self.of_kind("regular")
        self.assertEqual({after[partner.id] for partner in newcomers}, {regular.id})
        self.assertEqual({self.segments()[partner] for partner in newcomers}, {regular.code})
        stayed = {partner: code for partner, code in segments.items() if partner.id not in moved}
        self.assertEqual({partner: self.segments()[partner] for partner in stayed}, stayed)

    def test_a_customer_who_changes_changes_the_cluster_and_the_segment_at_once(self):
        partner, big = self.kinds["gone"][0], self.of_kind("big")
        self.many_orders([(partner.id, moment, 6000) for moment in self.moments(35, 80, 4)])
        self.env["crm.customer.queue"]._add(partner.ids)
        self.refresh_touched()
        self.assertEqual((self.clusters()[partner.id], self.segments()[partner]), (big.id, big.code))
        now, before = self.env["crm.segment.membership"].search(
            [("partner_id", "=", partner.id), ("family_id.kind", "=", "cluster")]
        )
        self.assertEqual((now.previous_segment_id, now.date_from), (before.segment_id, before.date_to))

    def test_a_customer_who_orders_between_training_and_prediction_is_put_into_a_new_cluster(self):
        self.env["crm.purchase.model"].search([("company_id", "=", self.company.id)]).unlink()
        self.env["crm.customer.cluster"].search([("company_id", "=", self.company.id)]).unlink()
        self.company.write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})
        models = self.env["crm.purchase.model"]
        self.assertFalse(models._step(self.company))
        self.assertFalse(models._published(self.company, "clusters"), "they are found in a step of their own")
        self.assertFalse(models._step(self.company))
        self.assertEqual(set(models.search([("company_id", "=", self.company.id)]).mapped("version")), {1})
        partner = self.kinds["gone"][0]
        self.assertFalse(self.clusters()[partner.id])
        self.env["crm.customer.queue"]._add(partner.ids)
        self.refresh_touched()
        self.assertTrue(self.clusters()[partner.id])

    def test_when_no_groups_are_found_any_more_their_customers_leave(self):
        self.assertTrue(self.segments())
        partners = self.kinds["gone"] + self.kinds["regular"]
        self.env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE partner_id = ANY(%s)", [partners.ids])
        self.env.invalidate_all()
        self.refresh()
        self.train()
        self.assertEqual(set(self.clusters().values()), {None})
        self.assertFalse(self.env["crm.customer.cluster"].search([("company_id", "=", self.company.id)]))
        self.assertFalse(self.segments())

    def test_an_older_version_in_use_again_puts_customers_into_its_groups(self):
        first, before = self.env["crm.purchase.model"]._published(self.company, "clusters"), self.segments()
        partners = self.kinds["gone"] + self.kinds["regular"]
        self.env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE partner_id = ANY(%s)", [partners.ids])
        self.env.invalidate_all()
        self.refresh()
        self.train()
        self.assertFalse(self.segments())
        first.action_publish()
        while not self.env["crm.purchase.model"]._step(self.company):
            self.env.flush_all()
        again = self.segments()
        self.assertEqual(again, {partner: before[partner] for partner in self.kinds["big"]})
        self.assertTrue(self.of_kind("big").active)
