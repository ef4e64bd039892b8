from contextlib import contextmanager

from odoo import SUPERUSER_ID, Command, api
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged


@tagged("post_install", "-at_install", "crm_plus_concurrency")
class TestProfileConcurrency(BaseCase):
    """Real transactions on committed data: who works while a refresh runs neither waits nor fails."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.remove)
        with self.transaction(commit=True) as env:
            self.company_id = env["res.company"].create({"name": "Concurrent Ltd"}).id
            env = env(context={"allowed_company_ids": [self.company_id]})
            product = env["product.product"].create({"name": "Concurrent advice", "type": "service"})
            partners = env["res.partner"].create([{"name": f"Concurrent {n}", "is_company": True} for n in range(3)])
            self.product_id, self.partner_ids = product.id, partners.ids
            self.quotation_ids = [self.order(env, partner_id, confirm=False).id for partner_id in self.partner_ids]
            for partner_id in self.partner_ids[:2]:
                self.order(env, partner_id)

    @contextmanager
    def transaction(self, commit=False):
        """An environment in a transaction of its own that gives up rather than waits for another."""
        with db_connect(get_db_name()).cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = '2s'")
            yield api.Environment(cr, SUPERUSER_ID, {})
            if commit:
                cr.commit()  # pylint: disable=invalid-commit
            else:
                cr.rollback()

    def order(self, env, partner_id, confirm=True):
        line = {"product_id": self.product_id, "price_unit": 100, "tax_ids": False}
        order = env["sale.order"].create(
            {"partner_id": partner_id, "company_id": self.company_id, "order_line": [Command.create(line)]}
        )
        if confirm:
            order.action_confirm()
        return order

    def remove(self):
        with self.transaction(commit=True) as env:
            company = env["res.company"].browse(self.company_id)
            partners = env["res.partner"].browse(self.partner_ids)
            orders = env["sale.order"].with_context(active_test=False).search([("company_id", "=", company.id)])
            orders._action_cancel()
            orders.unlink()
            env["crm.interaction"].search([("partner_id", "in", partners.ids)]).unlink()
            env["crm.customer.profile"].search([("company_id", "=", company.id)]).unlink()
            env.flush_all()
            partners.unlink()
            env["product.product"].browse(self.product_id).unlink()
            company.write({"active": False, "name": f"Archived {company.id}"})

    def refresh(self, env):
        return env["crm.customer.profile"]._refresh_company(env["res.company"].browse(self.company_id))

    def profiles(self, env):
        env.invalidate_all()
        profiles = env["crm.customer.profile"].search([("company_id", "=", self.company_id)])
        return {profile.partner_id.id: profile.revenue for profile in profiles}

    def test_partners_are_saved_and_orders_confirmed_while_a_refresh_runs(self):
        with self.transaction() as refreshing:
            self.assertTrue(self.refresh(refreshing))
            with self.transaction(commit=True) as env:
                env["res.partner"].browse(self.partner_ids).write({"comment": "saved meanwhile", "city": "Town"})
                env["res.partner"].browse(self.partner_ids[0]).write({"name": "Renamed"})
            with self.transaction(commit=True) as env:
                env["sale.order"].browse(self.quotation_ids).action_confirm()
            refreshing.cr.commit()
        with self.transaction() as env:
            self.assertEqual(self.profiles(env), dict.fromkeys(self.partner_ids[:2], 100))
            self.assertEqual(set(env["res.partner"].browse(self.partner_ids).mapped("city")), {"Town"})
        with self.transaction(commit=True) as env:
            self.assertLessEqual(set(self.partner_ids), set(env["crm.customer.queue"].search([]).partner_id.ids))
            self.refresh(env)
        with self.transaction() as env:
            self.assertEqual(self.profiles(env), dict(zip(self.partner_ids, (200, 200, 100), strict=True)))

    def test_a_refresh_succeeds_after_partners_were_saved_meanwhile(self):
        with self.transaction() as refreshing:
            refreshing.cr.execute("SELECT 1")  # its snapshot is of now
            with self.transaction(commit=True) as env:
                env["res.partner"].browse(self.partner_ids).write({"comment": "saved first"})
                env["sale.order"].browse(self.quotation_ids).action_confirm()
            self.assertTrue(self.refresh(refreshing))
            refreshing.cr.commit()

    def test_older_snapshots_still_see_the_old_figures(self):
        with self.transaction(commit=True) as env:
            self.refresh(env)
        with self.transaction() as reader:
            before = self.profiles(reader)
            with self.transaction(commit=True) as env:
                env["sale.order"].browse(self.quotation_ids).action_confirm()
                self.refresh(env)
            self.assertEqual(self.profiles(reader), before)
        with self.transaction() as env:
            self.assertNotEqual(self.profiles(env), before)

    def test_a_second_refresh_gives_way_and_nothing_leaves_the_queue(self):
        with self.transaction() as refreshing:
            self.assertTrue(self.refresh(refreshing))
            with self.transaction() as env:
                self.assertFalse(self.refresh(env))
            with self.transaction() as env:
                env["crm.customer.queue"]._add(self.partner_ids)
                waiting = env["crm.customer.queue"].search_count([])
                env["crm.customer.profile"]._cron_refresh_touched()
                self.assertEqual(env["crm.customer.queue"].search_count([]), waiting)
