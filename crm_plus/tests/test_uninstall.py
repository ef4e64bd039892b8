from odoo import Command
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
        self.assertFalse(self.env["crm.customer.profile"].search([]), "each would be rewritten with its segment")
        for record in (tier, new):
            record.unlink()
            self.assertFalse(record.exists())

    def test_what_tiers_and_segments_brought_is_taken_back_and_nothing_else(self):
        tags = self.env["res.partner.category"].create([{"name": "Of the tier"}, {"name": "Of the segment"}])
        prices, agreed = self.env["product.pricelist"].create(
            [{"name": name, "company_id": self.company.id} for name in ("Of the tier", "Agreed upon")]
        )
        self.env["crm.tier"].create(
            {"name": "Own", "company_id": self.company.id, "threshold": 50, "tag_id": tags[0].id,
             "pricelist_id": prices.id}
        )  # fmt: skip
        self.env.ref("crm_plus.crm_segment_new").tag_id = tags[1]
        given, contact, kept, gone, elsewhere = self.env["res.partner"].create(
            [{"name": name, "is_company": name != "Contact"} for name in ("Given", "Contact", "Kept", "Gone", "There")]
        )
        contact.parent_id = given
        kept.write({"category_id": [Command.set(tags.ids)], "specific_property_product_pricelist": agreed.id})
        other = self.env["res.company"].create({"name": "Other prices"})
        others = self.env["product.pricelist"].create({"name": "There", "company_id": other.id})
        elsewhere.with_company(other).specific_property_product_pricelist = others
        partners = given | kept | gone | elsewhere
        for partner in partners:
            self.order(partner, days=1)
        self.refresh()
        for stays in ("crm.tier.stay", "crm.segment.membership"):
            self.env[stays].search([])._act()
        self.assertEqual([partner.category_id for partner in partners], [tags] * 4)
        self.assertEqual((given | contact | gone).specific_property_product_pricelist, prices)
        # Somebody has changed the prices of one since; another one has left and is still to be acted upon.
        gone.specific_property_product_pricelist = agreed
        elsewhere.sale_order_ids._action_cancel()
        self.refresh()

        uninstall_hook(self.env)
        self.env.invalidate_all()
        self.assertEqual(
            [partner.category_id for partner in partners], [tags.browse(), tags, tags.browse(), tags.browse()]
        )
        self.assertEqual(
            [partner.specific_property_product_pricelist for partner in given | contact | kept | gone | elsewhere],
            [prices.browse(), prices.browse(), agreed, agreed, prices.browse()],
        )
        self.assertEqual(elsewhere.with_company(other).specific_property_product_pricelist, others)
        self.assertFalse(
            self.env["res.partner"].with_context(active_test=False).search([("category_id", "in", tags.ids)]) - kept
        )
