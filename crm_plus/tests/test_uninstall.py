from odoo.tests import tagged

from .. import uninstall_hook
from .loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestUninstall(SegmentCase):
    def test_segments_and_tiers_with_customers_are_not_in_the_way(self):
        tier = self.env["crm.tier"].create({"name": "Own", "company_id": self.company.id, "threshold": 50})
        new = self.env.ref("crm_plus.crm_segment_new")
        partner = self.customer(days=1)
        self.refresh()
        self.assertEqual((self.profile(partner).tier_id, self.profile(partner).segment_id), (tier, new))
        uninstall_hook(self.env)
        for record in (tier, new):
            record.unlink()
            self.assertFalse(record.exists())
