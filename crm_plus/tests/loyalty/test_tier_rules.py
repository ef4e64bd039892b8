import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from ...engine.loyalty.tiers import Standing, earned_rank, next_standing
from ...services.loyalty.places import refresh_tiers
from .common import SegmentCase


class TierCase(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rule = {"company_id": cls.company.id, "grace_days": 30}
        cls.silver, cls.gold = cls.env["crm.tier"].create(
            [
                {"name": "Silver", "sequence": 1, "threshold": 500, **rule},
                {"name": "Gold", "sequence": 2, "threshold": 1000, **rule},
            ]
        )

    def tier(self, partner):
        return self.profile(partner).tier_id

    def pass_days(self, days):
        """Let time pass, orders included."""
        self.env.flush_all()
        for statement in (
            "UPDATE sale_order SET date_order = date_order - %s * interval '1 day' WHERE company_id = %s",
            "UPDATE crm_customer_profile SET tier_until = tier_until - %s WHERE company_id = %s",
            "UPDATE crm_customer_profile SET tier_since = tier_since - %s WHERE company_id = %s",
            "UPDATE crm_tier_stay SET date_from = date_from - %s WHERE company_id = %s",
            "UPDATE crm_tier_override SET date_to = date_to - %s WHERE company_id = %s",
        ):
            self.env.cr.execute(statement, (days, self.company.id))
        self.env.invalidate_all()

    def second_company(self, partner, **tier):
        """Another company, in which the customer reaches such a tier as well."""
        other = self.env["res.company"].create({"name": "Branch"})
        self.env.user.company_ids |= other
        rule = {"name": "There", "threshold": 100, "grace_days": 0, "company_id": other.id}
        self.env["crm.tier"].create({**rule, **tier})
        order = self.order(partner, amount=500)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET company_id = %s WHERE id = %s", (other.id, order.id))
        self.env.invalidate_all()
        self.profiles._refresh_company(other)
        return other

    def act(self):
        stays = self.env["crm.tier.stay"]
        stays._note_changes()
        stays.search(stays._pending_domain())._act()


@tagged("post_install", "-at_install")
class TestTierRules(TierCase):
    def test_a_customer_rises_at_once(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.assertEqual(self.tier(partner), self.silver)
        self.order(partner, amount=500)
        self.refresh_touched()
        self.assertEqual(self.tier(partner), self.gold)
        now, before = self.profile(partner).tier_stay_ids
        self.assertEqual((now.previous_tier_id, before.date_to), (self.silver, now.date_from))
        self.assertEqual(now.reason_text, "$\xa01,000.00 and 2 orders in 12 months")

    def test_only_the_last_months_count(self):
        self.company.crm_plus_tier_months = 3
        partner = self.customer(days=100, amount=5000)
        self.order(partner, days=80, amount=600)
        self.refresh()
        self.assertEqual(self.profile(partner).recent_revenue, 600)
        self.assertEqual(self.tier(partner), self.silver)

    def test_a_credit_note_counts_against_the_tier(self):
        partner = self.customer(amount=600)
        income, receivable = self.env["account.account"].create(
            [
                {"name": "Income", "code": "TSX1", "account_type": "income"},
                {"name": "Receivable", "code": "TSX2", "account_type": "asset_receivable"},
            ]
        )
        partner.property_account_receivable_id = receivable
        journal = self.env["account.journal"].create(
            {"name": "Sales", "type": "sale", "code": "TS", "company_id": self.company.id}
        )
        line = {"name": "Back", "price_unit": 200, "tax_ids": False, "account_id": income.id}
        line["sale_line_ids"] = [Command.set(partner.sale_order_ids.order_line.ids)]
        self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": partner.id,
                "journal_id": journal.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [Command.create(line)],
            }
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET state = 'posted' WHERE partner_id = %s", (partner.id,))
        self.refresh()
        self.assertEqual(self.profile(partner).recent_revenue, 400)
        self.assertFalse(self.tier(partner))

    def test_who_no_longer_earns_a_tier_keeps_it_for_the_days_of_grace(self):
        partner = self.customer(days=300, amount=500)
        self.order(partner, amount=500)
        self.refresh()
        self.pass_days(100)
        self.refresh()
        profile = self.profile(partner)
        self.assertEqual((profile.tier_id, profile.tier_until), (self.gold, fields.Date.today() + timedelta(days=30)))
        self.pass_days(29)
        self.refresh()
        self.assertEqual(self.tier(partner), self.gold)
        self.pass_days(1)
        self.refresh()
        self.assertEqual(self.tier(partner), self.silver)
        self.assertFalse(self.profile(partner).tier_until)

    def test_who_earns_the_tier_again_within_the_grace_keeps_it(self):
        partner = self.customer(days=300, amount=1000)
        self.refresh()
        self.pass_days(100)
        self.refresh()
        self.assertTrue(self.profile(partner).tier_until)
        self.order(partner, amount=1000)
        self.refresh_touched()
        self.assertEqual(self.tier(partner), self.gold)
        self.assertFalse(self.profile(partner).tier_until)

    def test_progress_says_what_is_missing(self):
        partner = self.customer(amount=600)
        self.refresh()
        profile = self.profile(partner)
        self.assertEqual((profile.next_tier_id, profile.next_tier_missing), (self.gold, 400))
        self.assertEqual(profile.next_tier_progress, 60)
        self.order(partner, amount=600)
        self.refresh()
        profile.invalidate_recordset()
        self.assertFalse(profile.next_tier_id)

    def test_orders_can_be_what_counts(self):
        self.gold.write({"basis": "orders", "threshold": 3})
        partner = self.customer(amount=1, count=3)
        self.refresh()
        self.assertEqual(self.tier(partner), self.gold)

    def test_the_best_part_of_the_customers_needs_no_amount(self):
        (self.silver | self.gold).active = False
        partners = [self.customer(str(n), amount=10 * n) for n in range(1, 21)]
        self.refresh()
        names = [self.tier(partner).name for partner in partners]
        # The shipped tiers: the best 5 %, 20 % and 50 %.
        self.assertEqual(names, [False] * 9 + ["Bronze"] * 6 + ["Silver"] * 3 + ["Gold"] * 2)

    def test_a_retired_tier_is_left_for_the_one_that_is_earned(self):
        partner = self.customer(amount=1000)
        self.refresh()
        self.gold.active = False
        self.refresh()
        self.assertEqual(self.tier(partner), self.silver)

    def test_the_tier_at_a_point_in_time(self):
        partner = self.customer(amount=500)
        self.refresh()
        self.pass_days(50)
        self.order(partner, amount=500)
        self.refresh()
        found = self.places(self.env["crm.tier.stay"], partner, (51, 50, 1, 0))
        self.assertEqual(found, [self.env["crm.tier"], self.silver, self.silver, self.gold])

    def test_sql_and_engine_agree(self):
        chance = random.Random(3)
        ranks, today = [self.env["crm.tier"], self.silver, self.gold], fields.Date.today()
        partners = self.env["res.partner"].create([{"name": "x"} for _number in range(300)])
        given = {partner: chance.choice((1, 2)) for partner in partners[::10]}
        self.env["crm.tier.override"].create(
            [
                {"partner_id": p.id, "tier_id": ranks[rank].id, "company_id": self.company.id, "reason": "x"}
                for p, rank in given.items()
            ]
        )
        cases = {}
        for partner in partners:
            rank = chance.randint(0, 2)
            until = chance.choice((None, None, today + timedelta(days=chance.randint(-1, 1)))) if rank else None
            cases[partner] = chance.choice((0, 499.99, 500, 999.99, 1000, -5)), Standing(rank, until)
        self.env.flush_all()
        self.env.cr.executemany(
            """INSERT INTO crm_customer_profile (company_id, partner_id, recent_revenue, recent_order_count, tier_id,
                                                 tier_until)
               VALUES (%s, %s, %s, 1, %s, %s)""",
            [
                (self.company.id, partner.id, revenue, ranks[now.rank].id or None, now.until)
                for partner, (revenue, now) in cases.items()
            ],
        )
        refresh_tiers(self.env, self.company)
        self.env.invalidate_all()
        for partner, (revenue, now) in cases.items():
            earned = earned_rank([revenue, revenue], [500, 1000])
            wanted = next_standing(now, earned, today=today, grace_days=30, given=given.get(partner))
            profile = self.profile(partner)
            found = Standing(ranks.index(profile.tier_id), profile.tier_until or None)
            self.assertEqual(found, wanted, (revenue, now, given.get(partner)))

    def test_a_changed_tier_lets_the_next_refresh_come_soon(self):
        manager = self.user("tier_manager", "sales_team.group_sale_manager")
        job = self.env.ref("crm_plus.ir_cron_refresh_profiles")
        gold = self.gold.with_user(manager)
        changes = {
            "changed": lambda: gold.write({"threshold": 900}),
            "made": lambda: gold.copy(),
            "deleted": lambda: gold.search([("name", "=", "Gold")], order="id desc", limit=1).unlink(),
        }
        for name, change in changes.items():
            with self.subTest(name):
                before = self.env["ir.cron.trigger"].search([])
                change()
                self.assertEqual((self.env["ir.cron.trigger"].search([]) - before).cron_id, job)
        before = self.env["ir.cron.trigger"].search([])
        gold.benefits = "Nice things"
        self.assertEqual(self.env["ir.cron.trigger"].search([]), before)
