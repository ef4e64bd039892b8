from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestNeutralize(SegmentCase):
    """`odoo neutralize` on a copy: nobody is contacted by what was still to be done."""

    def test_nothing_that_follows_from_moves_is_done_later(self):
        tag = self.env["res.partner.category"].create({"name": "Own"})
        self.env.ref("crm_plus.crm_segment_new").tag_id = tag
        values = {"name": "Own", "company_id": self.company.id, "threshold": 50, "tag_id": tag.id}
        tier = self.env["crm.tier"].create(values)
        partner = self.customer(days=1)
        self.refresh()
        lead = self.env["crm.lead"].create({"name": "Hot", "company_id": self.company.id})
        self.env.cr.flush()
        score = self.env["crm.lead.score"].search([("lead_id", "=", lead.id)])
        score.hot_to_announce = True
        stays = self.profile(partner).membership_ids
        tier_stays = self.profile(partner).tier_stay_ids
        self.assertTrue(all(stays.mapped("enter_pending")) and all(tier_stays.mapped("enter_pending")))
        self.assertTrue(stays and tier_stays and score)
        self.env.flush_all()
        for query in get_neutralization_queries(["crm_plus"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(any(stays.mapped("enter_pending")) or any(tier_stays.mapped("enter_pending")))
        self.assertFalse(score.hot_to_announce)
        self.assertEqual(self.profile(partner).tier_id, tier, "whoever is where stays there")
