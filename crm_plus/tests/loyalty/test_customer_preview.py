from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .test_tier_rules import TierCase


@tagged("post_install", "-at_install")
class TestCustomerPreview(TierCase):
    """What a change of segments or tiers would do, before it is saved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best = cls.customer("Best", days=1, count=10, amount=500)
        cls.second = cls.customer("Second", days=1, count=10, amount=500)
        cls.small = cls.customer("Small", days=200, amount=600)
        cls.refresh()

    def moves(self, record, vals):
        """(from, to, customers) of a preview."""
        return [(move["from"], move["to"], move["count"]) for move in record.preview_changes(vals)["moves"]]

    def test_a_family_tells_the_moves_and_writes_nothing(self):
        preview = self.family.preview_changes(self.shrink())
        self.assertEqual(
            preview,
            {
                "customers": 3,
                "moves": [
                    {
                        "from_id": self.champions.id, "from": "Champions", "from_color": self.champions.color,
                        "to_id": self.loyal.id, "to": "Loyal", "to_color": self.loyal.color,
                        "until": False, "count": 2,
                    }
                ],
            },
        )  # fmt: skip
        self.assertEqual((self.box.m_min, self.other.m_max, self.segment(self.best)), (4, 3, "champions"))
        self.refresh()
        self.assertEqual(self.segment(self.best), "champions")

    def test_a_change_that_moves_nobody_says_so(self):
        self.assertEqual(self.family.preview_changes({}), {"customers": 3, "moves": []})

    def test_the_client_is_told_which_fields_decide(self):
        for record in (self.gold, self.champions, self.family):
            self.assertLessEqual(record._deciding, record._fields.keys())
            described = record.get_views([(False, "form")])["models"][record._name]["fields"]
            told = {name for name, field in described.items() if field.get("decides")}
            self.assertEqual(told, record._deciding & described.keys())
            self.assertGreater(len(told), 3)

    def test_what_cannot_be_saved_says_why(self):
        with self.assertRaisesRegex(ValidationError, "R=4 F=4 M=4 is in no segment"):
            self.family.preview_changes({"region_ids": [Command.update(self.box.id, {"m_min": 5})]})
        self.assertEqual(self.box.m_min, 4)

    def conditions(self):
        family = self.env["crm.segment.family"].create({"name": "Size", "company_id": self.company.id})
        big, small = self.env["crm.segment"].create(
            [
                {"name": "Big", "code": "big", "family_id": family.id, "domain": "[('revenue', '>', 1000)]"},
                {"name": "Rest", "code": "rest", "family_id": family.id, "domain": "[]", "sequence": 20},
            ]
        )
        (big | small).action_activate()
        self.refresh()
        return big, small

    def test_a_segment_tells_the_moves_of_its_unsaved_conditions_most_customers_first(self):
        big, small = self.conditions()
        self.assertEqual(self.moves(big, {"domain": "[('revenue', '<', 1000)]"}),
                         [("Big", "Rest", 2), ("Rest", "Big", 1)])  # fmt: skip
        self.assertEqual(big.domain, "[('revenue', '>', 1000)]")
        self.assertEqual(self.moves(small, {"sequence": 1}), [("Big", "Rest", 2)])

    def test_a_draft_tells_what_it_would_do_if_it_were_active(self):
        big, _small = self.conditions()
        draft = {"name": "New", "code": "fresh", "family_id": big.family_id.id, "domain": "[]", "sequence": 5}
        self.assertEqual(self.moves(self.env["crm.segment"], draft), [("Big", "New", 2), ("Rest", "New", 1)])
        self.assertFalse(self.env["crm.segment"].search([("code", "=", "fresh")]))
        saved = self.env["crm.segment"].create(draft)
        self.assertEqual(self.moves(saved, {"domain": "[('revenue', '<', 1000)]"}), [("Rest", "New", 1)])
        self.assertEqual(saved.state, "draft")

    def test_a_segment_tells_who_leaves_when_it_becomes_a_draft_again_and_what_follows_from_entering(self):
        big, _small = self.conditions()
        tag = self.env["res.partner.category"].create({"name": "Important"})
        prices = self.env["product.pricelist"].create({"name": "Good prices", "company_id": self.company.id})
        big.write({"tag_id": tag.id, "pricelist_id": prices.id})
        manager = self.user("draft_manager", "sales_team.group_sale_manager")
        preview = big.with_user(manager).preview_changes({"state": "draft"})
        self.assertEqual([(move["from"], move["to"], move["count"]) for move in preview["moves"]], [("Big", "Rest", 2)])
        self.assertEqual(preview["follows"], ["Important", prices.display_name])
        self.assertEqual(big.state, "active")

    def test_a_tier_tells_who_rises_and_who_begins_to_lose_it(self):
        self.assertEqual({self.tier(partner).name for partner in (self.best, self.second)}, {"Gold"})
        preview = self.gold.preview_changes({"threshold": 9000})
        [move] = preview["moves"]
        self.assertEqual((move["from"], move["to"], move["count"]), ("Gold", "Gold", 2))
        self.assertEqual(move["until"], str(self.company._crm_plus_today() + timedelta(days=30)))
        self.assertEqual(self.moves(self.gold, {"threshold": 550}), [("Silver", "Gold", 1)])
        self.assertEqual(self.moves(self.gold, {"threshold": 9000, "grace_days": 0}), [("Gold", "Silver", 2)])
        self.assertEqual(self.gold.threshold, 1000)

    def test_a_new_tier_and_one_that_is_archived_are_previewed(self):
        platinum = {"name": "Platinum", "sequence": 3, "threshold": 4000, "company_id": self.company.id}
        self.assertEqual(self.moves(self.env["crm.tier"], platinum), [("Gold", "Platinum", 2)])
        self.assertFalse(self.env["crm.tier"].search([("name", "=", "Platinum")]))
        self.assertEqual(self.moves(self.gold, {"active": False}), [("Gold", "Silver", 2)])

    def test_a_tier_for_the_best_part_is_previewed_by_its_new_limit(self):
        vals = {"rule": "top", "top_percent": 100, "basis": "orders"}
        self.assertEqual(self.moves(self.gold, vals), [("Silver", "Gold", 1)])
        self.env.flush_all()  # as the end of a request does
        self.assertFalse((self.company.crm_plus_tier_cuts or {}).get(str(self.gold.id)))

    def test_another_order_of_tiers_is_previewed(self):
        silver = self.env["crm.tier"].search([("name", "=", "Silver"), ("company_id", "=", self.company.id)])
        self.gold.grace_days = silver.grace_days = 0
        order = self.gold.search([("company_id", "=", self.company.id)])
        self.assertEqual(self.gold.preview_order(order.ids)["moves"], [])
        moves = self.gold.preview_order((self.gold | silver).ids)["moves"]
        self.assertEqual([(m["from"], m["to"], m["count"]) for m in moves], [("Gold", "Silver", 2)])
        self.assertEqual({self.tier(partner).name for partner in (self.best, self.second)}, {"Gold"})
        self.assertGreater((self.gold.sequence, self.gold.id), (silver.sequence, silver.id))
        seller = self.user("order_seller", "sales_team.group_sale_salesman_all_leads")
        with self.assertRaises(AccessError):
            self.gold.with_user(seller).preview_order(order.ids)

    def test_another_order_of_segments_is_previewed(self):
        group = self.env["crm.segment.family"].create({"name": "Sizes", "company_id": self.company.id})
        big, every = self.env["crm.segment"].create(
            [
                {"name": name, "family_id": group.id, "state": "active", "domain": domain, "sequence": sequence}
                for sequence, (name, domain) in enumerate((("Big", "[('revenue', '>', 1500)]"), ("Every", "[]")))
            ]
        )
        self.refresh()
        moves = every.preview_order((every | big).ids)["moves"]
        self.assertEqual([(move["from"], move["to"]) for move in moves], [("Big", "Every")])
        self.assertEqual(every.preview_order((big | every).ids)["moves"], [])

    def test_rules_of_which_the_company_uses_others_move_nobody(self):
        shared = self.env["crm.tier"].create({"name": "Shared", "threshold": 1})
        self.assertIs(shared.preview_changes({})["moves"], False)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        family = self.env["crm.segment.family"].create({"name": "Theirs", "company_id": other.id})
        self.env.user.company_ids |= other
        both = family.with_context(allowed_company_ids=[*self.company.ids, other.id])
        self.assertIs(both.preview_changes({})["moves"], False)

    def test_only_who_may_change_the_rules_may_preview_them(self):
        seller = self.user("preview_seller", "sales_team.group_sale_salesman_all_leads")
        for record in (self.family, self.champions, self.gold):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(seller).preview_changes({})
        manager = self.user("preview_manager", "sales_team.group_sale_manager")
        for record in (self.family, self.champions, self.gold):
            with self.subTest(record._name):
                self.assertEqual(record.with_user(manager).preview_changes({})["moves"], [])
