from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentOther(SegmentCase):
    """Segments of other families than that of the RFM scores: shown, filtered and grouped by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.big, cls.small, cls.few = (
            cls.customer(name, days=1, count=count, amount=amount)
            for name, count, amount in (("Big", 5, 1000), ("Small", 5, 10), ("Few", 1, 10))
        )
        cls.size = cls.family_of("Size", large="[('revenue', '>', 1000)]")
        cls.loyalty = cls.family_of("Loyalty", often="[('order_count', '>', 1)]")
        cls.draft = cls.family_of("Draft", everybody="[]")
        cls.draft.segment_ids.state = "draft"
        cls.refresh()
        seller = cls.user("other_seller", "sales_team.group_sale_salesman")
        cls.mine = cls.profiles.with_user(seller)
        cls.all = [("company_id", "=", cls.company.id)]

    @classmethod
    def family_of(cls, name, **conditions):
        segments = [
            (0, 0, {"name": code, "code": code, "state": "active", "domain": domain, "color": 3})
            for code, domain in conditions.items()
        ]
        return cls.env["crm.segment.family"].create({"name": name, "kind": "domain", "segment_ids": segments})

    def found(self, *condition):
        return set(self.mine.search([*self.all, ("other_segment_ids", *condition)]).sudo().mapped("partner_id.name"))

    def test_a_customer_shows_the_segments_of_all_families_but_drafts(self):
        codes = {p.partner_id.name: p.other_segment_ids.mapped("code") for p in self.mine.search(self.all)}
        self.assertEqual(codes, {"Big": ["large", "often"], "Small": ["often"], "Few": []})

    def test_customers_are_filtered_by_them(self):
        large = self.size.segment_ids.id
        self.assertEqual(self.found("=", large), {"Big"})
        self.assertEqual(self.found("!=", large), {"Small", "Few"})
        self.assertEqual(self.found("ilike", "ofte"), {"Big", "Small"})
        self.assertEqual(self.found("not ilike", "ofte"), {"Few"})
        self.assertEqual(self.found("=", False), {"Few"})
        self.assertEqual(self.found("!=", False), {"Big", "Small"})
        self.assertEqual(self.found("in", [large, False]), {"Big", "Few"})
        self.assertEqual(self.found("=", self.draft.segment_ids.id), set())
        self.assertEqual(self.found("=", self.champions.id), set())

    def test_customers_are_grouped_by_them(self):
        groups = self.mine.formatted_read_group(self.all, ["other_segment_ids"], ["__count", "revenue:sum"])
        counts = {group["other_segment_ids"] and group["other_segment_ids"][1]: group["__count"] for group in groups}
        self.assertEqual(counts, {"large": 1, "often": 2, False: 1})
        for group in groups:
            inside = self.mine.search_count([*self.all, *group["__extra_domain"]])
            self.assertEqual(inside, group["__count"], group)
        info = self.mine.fields_get(["other_segment_ids"], ["groupable", "searchable"])["other_segment_ids"]
        self.assertTrue(all(info.values()), info)

    def test_the_card_names_them_with_their_reason(self):
        details = self.mine.glance_details(self.big.id)
        shown = {segment["name"]: segment for segment in details["others"]}
        self.assertEqual(sorted(shown), ["large", "often"])
        self.assertIn("meets the conditions", " ".join(shown["large"]["why"]))
        self.assertEqual(shown["large"]["color"], 3)
        self.assertEqual(self.mine.glance_details(self.few.id)["others"], [])
