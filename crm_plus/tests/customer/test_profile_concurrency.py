from unittest.mock import patch

import psycopg2
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...services.customer.refresh import Refresh
from ..job.common import ConcurrencyCase


@tagged("post_install", "-at_install", "crm_plus_concurrency")
class TestProfileConcurrency(ConcurrencyCase):
    """Who works while a refresh runs neither waits nor fails, and the refresh comes through as well."""

    def test_partners_are_saved_and_orders_confirmed_while_a_refresh_runs(self):
        first, second, third, _fourth = self.partner_ids
        with self.transaction(commit=True) as env:
            quotation_ids = [self.order(env, partner_id, confirm=False).id for partner_id in self.partner_ids]
        with self.transaction() as refreshing:
            self.assertTrue(self.refresh(refreshing))
            with self.transaction(commit=True) as env:
                env["res.partner"].browse(self.partner_ids).write({"comment": "saved meanwhile", "city": "Town"})
                env["res.partner"].browse(first).write({"name": "Renamed"})
                env["res.partner"].browse(second).active = False
                env["res.partner"].browse(third).write({"is_company": False, "parent_id": first})
            with self.transaction(commit=True) as env:
                env["sale.order"].browse(quotation_ids).action_confirm()
            refreshing.cr.commit()
        with self.transaction() as env:
            self.assertEqual(self.revenue(env), dict.fromkeys(self.partner_ids, 100))
            self.assertEqual(set(env["res.partner"].browse(self.partner_ids).mapped("city")), {"Town"})
        with self.transaction(commit=True) as env:
            env["crm.customer.profile"]._cron_refresh_touched()
        with self.transaction() as env:
            self.assertEqual(self.revenue(env), {first: 400, second: 200, self.partner_ids[3]: 200})

    def test_customers_are_merged_and_deleted_while_a_refresh_runs(self):
        """Those whose figures stay as they were; the others are in the next test."""
        first, second, third, fourth = self.partner_ids
        with self.transaction(commit=True) as env:
            self.refresh(env)
            self.order(env, first, 0.01)
        with self.transaction() as refreshing:
            self.refresh(refreshing)
            with self.transaction(commit=True) as env:
                self.merge(env, second, third)
            with self.transaction(commit=True) as env:
                self.delete(env, fourth)
            refreshing.cr.commit()
        with self.transaction(commit=True) as env:
            env["crm.customer.profile"]._cron_refresh_touched()
            self.assertEqual(self.revenue(env), {first: 100.01, third: 200})

    def test_a_merge_of_just_refreshed_customers_succeeds_when_the_host_tries_it_again(self):
        """The host repeats a request that a serialization error has stopped."""
        first, second, third, fourth = self.partner_ids
        with self.transaction() as refreshing, self.transaction() as merging:
            merging.cr.execute("SELECT 1")  # its snapshot is of before the profiles
            self.refresh(refreshing)
            refreshing.cr.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
                self.merge(merging, first, second)
        with self.transaction(commit=True) as env:
            self.merge(env, first, second)
        with self.transaction(commit=True) as env:
            env["crm.customer.profile"]._cron_refresh_touched()
            self.assertEqual(self.revenue(env), {second: 200, third: 100, fourth: 100})

    def disturbed(self, act, after="_add_up_documents"):
        """All profiles are refreshed by the job while somebody does ``act`` after a step, by default after it has read
        the documents."""
        step, disturbances = getattr(Refresh, after), []

        def then_disturb(refresh):
            result = step(refresh)
            if refresh.company.id == self.company_id and not disturbances:
                with self.transaction(commit=True) as env:
                    disturbances.append(act(env))
            return result

        with (
            patch.object(Refresh, after, then_disturb),
            mute_logger("odoo.sql_db"),
            self.transaction(commit=True) as env,
        ):
            company = env["res.company"].browse(self.company_id)
            env["crm.customer.profile"]._in_steps(company, env["crm.customer.profile"]._refresh_all_of)
        self.assertEqual(len(disturbances), 1)

    def test_a_refresh_comes_through_a_merge_in_its_middle(self):
        first, second, third, fourth = self.partner_ids
        for refreshed_before in (False, True):
            with self.subTest(refreshed_before=refreshed_before):
                source, target = (first, second) if refreshed_before else (third, fourth)
                with self.transaction(commit=True) as env:
                    for partner_id in (source, target):
                        self.order(env, partner_id)
                self.disturbed(lambda env, pair=(source, target): self.merge(env, *pair))
                with self.transaction() as env:
                    self.assertEqual(self.revenue(env)[target], 400)
                    self.assertNotIn(source, self.revenue(env))

    def test_a_refresh_comes_through_the_deletion_of_a_customer_in_its_middle(self):
        self.disturbed(lambda env: self.delete(env, self.partner_ids[0]))
        with self.transaction() as env:
            self.assertEqual(set(self.revenue(env)), set(self.partner_ids[1:]))

    def test_a_refresh_comes_through_changed_settings_in_its_middle(self):
        def change(env):
            env["res.company"].browse(self.company_id).crm_plus_monetary_cuts = "1, 2, 3, 4"

        self.disturbed(change)
        with self.transaction(commit=True) as env:
            # the change has woken the scheduled action once more
            cron = env.ref("crm_plus.ir_cron_refresh_profiles")
            self.assertTrue(env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]))
            self.refresh(env)
        with self.transaction() as env:
            found = env["crm.customer.profile"].search([("company_id", "=", self.company_id)])
            self.assertEqual(set(found.mapped("monetary_score")), {5})

    def test_who_saves_the_company_does_not_wait_for_a_refresh_that_has_found_new_limits(self):
        with self.transaction(commit=True) as env:
            env["res.company"].browse(self.company_id).crm_plus_rfm_mode = "quantile"

        def change(env):
            env["res.company"].browse(self.company_id).crm_plus_margin = 0.1
            env.flush_all()  # waits two seconds at most, or fails

        self.disturbed(change, after="_follow_up")
        with self.transaction() as env:
            company = env["res.company"].browse(self.company_id)
            self.assertEqual(company.crm_plus_margin, 0.1)
            self.assertTrue(company.crm_plus_rfm_cuts["recency"] and company.crm_plus_profile_date)

    def test_a_tier_given_while_a_refresh_runs_is_there_after_the_next(self):
        with self.transaction() as refreshing:
            self.refresh(refreshing)
            with self.transaction(commit=True) as env:
                values = {"partner_id": self.partner_ids[0], "tier_id": self.gold_id, "company_id": self.company_id}
                self.make(env, "crm.tier.override", {**values, "reason": "friend"})
            refreshing.cr.commit()
        tiers = []
        for _time in range(2):
            with self.transaction(commit=True) as env:
                profile = env["crm.customer.profile"].search(
                    [("partner_id", "=", self.partner_ids[0]), ("company_id", "=", self.company_id)]
                )
                tiers.append(profile.tier_id.id)
                env["crm.customer.profile"]._cron_refresh_touched()
        self.assertEqual(tiers, [False, self.gold_id])

    def test_older_snapshots_still_see_the_old_figures(self):
        with self.transaction(commit=True) as env:
            self.refresh(env)
        with self.transaction() as reader:
            before = self.revenue(reader)
            with self.transaction(commit=True) as env:
                self.order(env, self.partner_ids[0])
                env.flush_all()
                self.refresh(env)
            self.assertEqual(self.revenue(reader), before)
        with self.transaction() as env:
            self.assertNotEqual(self.revenue(env), before)

    def test_a_second_refresh_gives_way_and_nothing_leaves_the_queue(self):
        with self.transaction() as refreshing:
            self.assertTrue(self.refresh(refreshing))
            with self.transaction() as env:
                self.assertFalse(self.refresh(env))
            with self.transaction() as env:
                waiting = env["crm.customer.queue"].search_count([])
                self.assertGreaterEqual(waiting, len(self.partner_ids))
                env["crm.customer.profile"]._cron_refresh_touched()
                self.assertEqual(env["crm.customer.queue"].search_count([]), waiting)

    def test_two_refreshes_at_once_do_not_fail(self):
        def touched(env):
            return env["crm.customer.profile"]._cron_refresh_touched()

        def everyone(env):
            return env["crm.customer.profile"]._committed(self.refresh, env)

        self.at_once(touched, everyone, touched)
        with self.transaction() as env:
            self.assertEqual(self.revenue(env), dict.fromkeys(self.partner_ids, 100))

    def test_takers_of_the_queue_do_not_collide(self):
        taken = []

        def take(env):
            while partner_ids := env["crm.customer.profile"]._committed(env["crm.customer.queue"]._take, 2)[0]:
                taken.extend(partner_ids)

        self.at_once(take, take, take)
        self.assertEqual([taken.count(partner_id) for partner_id in self.partner_ids], [1] * 4)

    def test_deleting_a_customer_does_not_wait_for_who_takes_it_from_the_queue(self):
        with self.transaction() as taking:
            self.assertIn(self.partner_ids[0], taking["crm.customer.queue"]._take(1000))
            with self.transaction(commit=True) as env:
                self.delete(env, self.partner_ids[0])
