from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentFields(SegmentCase):
    """The segment and the tier on partners, orders, leads and invoices: read, searched, grouped, sorted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best = cls.customer("Best", days=1, count=12, amount=2000)
        cls.lost = cls.customer("Lost", days=500)
        cls.nobody = cls.customer("Nobody")
        cls.contact = cls.env["res.partner"].create({"name": "Contact", "parent_id": cls.best.id})
        cls.refresh()
        cls.all = cls.best | cls.lost | cls.nobody | cls.contact
        cls.seller = cls.user("field_seller", "sales_team.group_sale_salesman_all_leads")
        cls.env.invalidate_all()

    def test_a_partner_shows_the_segment_and_tier_of_its_customer(self):
        self.assertEqual(self.best.crm_segment_id, self.champions)
        self.assertEqual(self.contact.crm_segment_id, self.champions)
        self.assertEqual(self.best.crm_tier_id.name, "Gold")
        self.assertFalse(self.nobody.crm_segment_id)

    def test_partners_are_searched_grouped_and_sorted(self):
        mine = [("id", "in", self.all.ids)]
        partners = self.env["res.partner"].with_user(self.seller)
        found = partners.search([*mine, ("crm_segment_id", "=", self.champions.id)])
        self.assertEqual(found.sudo(), self.best | self.contact)
        self.assertEqual(partners.search([*mine, ("crm_segment_id.code", "=", "lost")]).sudo(), self.lost)
        self.assertEqual(partners.search([*mine, ("crm_segment_id", "=", False)]).sudo(), self.nobody)
        self.assertEqual(
            partners.search([*mine, ("crm_segment_id", "!=", self.champions.id)]).sudo(), self.lost | self.nobody
        )
        self.assertEqual(partners.search([*mine, ("crm_tier_id", "=like", "Gol%")]).sudo(), self.best | self.contact)
        counts = {segment.code: n for segment, n in partners._read_group(mine, ["crm_segment_id"], ["__count"])}
        self.assertEqual(counts, {"champions": 2, "lost": 1, False: 1})
        first = partners.search(mine, order="crm_segment_id, id")
        self.assertEqual(first[:2].sudo(), self.best | self.contact)
        info = partners.fields_get(["crm_segment_id"], ["groupable", "sortable", "searchable"])["crm_segment_id"]
        self.assertTrue(all(info.values()), info)

    def test_documents_show_the_segment_of_their_customer_in_their_company(self):
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": self.contact.id})
        order = self.order(self.contact)
        invoice = self.env["account.move"].new({"partner_id": self.contact.id, "company_id": self.company.id})
        self.assertEqual((lead | lead).crm_segment_id, self.champions)
        self.assertEqual(order.crm_segment_id, self.champions)
        self.assertEqual(invoice.crm_segment_id, self.champions)
        for record in (lead, order):
            model = record.with_user(self.seller).browse()
            mine = [("id", "=", record.id)]
            self.assertTrue(model.search([*mine, ("crm_segment_id", "=", self.champions.id)]))
            self.assertFalse(model.search([*mine, ("crm_segment_id", "=", False)]))
            self.assertFalse(model.search([*mine, ("crm_segment_id", "!=", self.champions.id)]))
            [[segment, tier, count]] = model._read_group(mine, ["crm_segment_id", "crm_tier_id"], ["__count"])
            self.assertEqual((segment.code, tier.name, count), ("champions", "Gold", 1))
            self.assertTrue(model.search(mine, order="crm_tier_id"))

    def test_another_company_sees_its_own_numbers(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        self.assertFalse(self.best.with_company(other).crm_segment_id)
        order = self.order(self.best)
        self.env["crm.tier.override"].create(
            {
                "partner_id": self.best.id,
                "tier_id": self.best.crm_tier_id.id,
                "company_id": self.company.id,
                "reason": "x",
            }
        )
        self.assertEqual(order.with_company(other).crm_segment_id, self.champions)
        stranger = self.user("stranger", "sales_team.group_sale_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        theirs = self.env(user=stranger.id, context={"allowed_company_ids": other.ids})
        for name in ("crm.segment.membership", "crm.tier.stay", "crm.tier.override", "crm.customer.profile"):
            self.assertFalse(theirs[name].search([("company_id", "=", self.company.id)]))
            self.assertTrue(self.env[name].search([("company_id", "=", self.company.id)]))
        self.assertFalse(self.best.with_env(theirs).crm_segment_id)

    def test_the_segment_at_a_point_in_time(self):
        self.age(self.best, 100)
        self.best.sale_order_ids.date_order = "2020-05-12 10:00:00"
        self.refresh()
        found = [segment.code for segment in self.places(self.stays, self.best, (101, 100, 1, 0))]
        self.assertEqual(found, [False, "champions", "champions", "cannot_lose"])

    def test_who_comes_back_has_the_past_again(self):
        """Without orders there is no profile; with one again the stays of before are part of it."""
        partner = self.best
        self.age(partner, 50)
        partner.sale_order_ids._action_cancel()
        self.refresh()
        self.assertFalse(self.profile(partner))
        for statement in (
            "UPDATE crm_segment_membership SET date_to = date_to - 20 WHERE partner_id = %s",
            "UPDATE crm_tier_stay SET date_from = date_from - 50, date_to = date_to - 20 WHERE partner_id = %s",
        ):
            self.env.cr.execute(statement, [partner.id])
        self.env.invalidate_all()
        self.order(partner, days=500)
        self.refresh_touched()
        profile = self.profile(partner)
        codes = [segment.code for segment in self.places(self.stays, partner, (51, 50, 21, 20, 1, 0))]
        self.assertEqual(codes, [False, "champions", "champions", False, False, "lost"])
        self.assertEqual(profile.membership_ids.mapped("segment_id.code"), ["lost", "champions"])
        tiers = self.places(self.env["crm.tier.stay"], partner, (30, 10, 0))
        self.assertEqual([tier.name for tier in tiers], ["Gold", False, False])

    def test_salespeople_read_and_managers_configure(self):
        segment = self.champions.with_user(self.seller)
        self.assertTrue(segment.name)
        self.assertTrue(segment.customer_count)
        with self.assertRaises(AccessError):
            segment.color = 3
        with self.assertRaises(AccessError):
            self.stays.with_user(self.seller).search([], limit=1).unlink()
        manager = self.user("field_manager", "sales_team.group_sale_manager")
        self.champions.with_user(manager).color = 3
        self.family.with_user(manager).region_ids[0].m_max = 5
        self.check()
        outsider = self.user("outsider", "base.group_user")
        with self.assertRaises(AccessError):
            self.champions.with_user(outsider).read(["name"])
        with self.assertRaises(AccessError):
            self.best.with_user(outsider).read(["crm_segment_id"])

    def test_nobody_asks_by_a_segment_what_one_may_not_read(self):
        manager = self.user("asking_manager", "sales_team.group_sale_manager")
        family = self.env["crm.segment.family"].create({"name": "By conditions", "kind": "domain"})
        segments = self.env["crm.segment"].with_user(manager)
        segments.create({"name": "Open", "code": "open", "family_id": family.id, "domain": "[('revenue', '>', 10)]"})
        with self.assertRaises(AccessError):
            segments.create(
                {
                    "name": "Hidden",
                    "code": "hidden",
                    "family_id": family.id,
                    "domain": "[('partner_id.signup_type', '=', 'reset')]",
                }
            )

    def test_a_new_customer_is_written_once_with_tier_and_segment(self):
        before = self.written()
        newcomer = self.customer("Newcomer", days=1, count=12, amount=2000)
        self.refresh()
        self.assertEqual((newcomer.crm_segment_id, newcomer.crm_tier_id.name), (self.champions, "Gold"))
        self.assertEqual(self.written(), (before[0] + 1, before[1]))

    def written(self):
        """Profiles inserted and updated in this transaction so far."""
        return self.env.execute_query(
            SQL("SELECT n_tup_ins, n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'crm_customer_profile'")
        )[0]
