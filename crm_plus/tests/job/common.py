"""Real transactions on committed data, which each test removes."""

import threading
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api
from odoo.addons.base.models import ir_cron
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name


def run_jobs_to_their_end(case):
    """A scheduled action is not stopped in the middle on a busy machine; call it in ``setUpClass``."""
    case.startClassPatcher(patch.object(ir_cron, "MIN_TIME_PER_JOB", 600))


class ConcurrencyCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.remove)
        with self.transaction(commit=True) as env:
            values = {"name": "Concurrent Ltd", "crm_plus_rfm_mode": "fixed", "crm_plus_minimum_stay": 0}
            self.company_id = env["res.company"].create(values).id
            env = env(context={"allowed_company_ids": [self.company_id]})
            product = env["product.product"].create({"name": "Concurrent advice", "type": "service"})
            self.product_id, self.made = product.id, {}
            # A tier of its own, so that one customer's orders do not change the tiers of the others.
            tier = {"name": "Gold", "company_id": self.company_id, "threshold": 10**6, "grace_days": 0}
            self.gold_id = self.make(env, "crm.tier", tier).id
            self.partner_ids = [self.customer(env, f"Concurrent {number}").id for number in range(4)]

    @contextmanager
    def transaction(self, commit=False):
        """An environment in a transaction of its own that gives up rather than waits for another."""
        with db_connect(get_db_name()).cursor() as cr:
            cr.execute("SET lock_timeout = '2s'")
            yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            if commit:
                cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
            else:
                cr.rollback()

    def at_once(self, *calls):
        """Run ``call(env)`` of each in a thread and a transaction of its own, begun at the same moment."""
        barrier, errors = threading.Barrier(len(calls)), []

        def run(call, env):
            try:
                barrier.wait(20)
                call(env)
                env.cr.commit()
            except Exception as error:  # whatever it is, a job or a user would have seen it
                errors.append(error)

        with ExitStack() as stack:
            # Made here: the runner of the host holds the lock that new environments need.
            envs = [stack.enter_context(self.transaction()) for _call in calls]
            threads = [threading.Thread(target=run, args=pair) for pair in zip(calls, envs, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        self.assertEqual(errors, [])

    def customer(self, env, name, orders=1):
        partner = env["res.partner"].create({"name": name, "is_company": True})
        for _order in range(orders):
            self.order(env, partner.id)
        return partner

    def order(self, env, partner_id, amount=100, confirm=True):
        line = {"product_id": self.product_id, "price_unit": amount, "tax_ids": False}
        order = env["sale.order"].create(
            {"partner_id": partner_id, "company_id": self.company_id, "order_line": [Command.create(line)]}
        )
        if confirm:
            order.action_confirm()
        return order

    def make(self, env, model, values):
        """A committed record that is removed in the end."""
        record = env[model].create(values)
        self.made.setdefault(model, []).append(record.id)
        return record

    def remove(self):
        with self.transaction(commit=True) as env:
            company = env["res.company"].browse(self.company_id)
            orders = env["sale.order"].search([("company_id", "=", company.id)])
            partners = env["res.partner"].browse(self.partner_ids).exists() | orders.partner_id
            orders._action_cancel()
            orders.unlink()
            env["crm.interaction"].search([("partner_id", "in", partners.ids)]).unlink()
            for model in ("crm.segment.membership", "crm.tier.stay", "crm.customer.profile"):
                env[model].search([("company_id", "=", company.id)]).unlink()
            env.flush_all()
            partners.unlink()
            for model, ids in reversed(self.made.items()):
                env[model].browse(ids).exists().unlink()
            env["product.product"].browse(self.product_id).unlink()
            env["crm.customer.queue"].search([]).unlink()
            company.write({"active": False, "name": f"Archived {company.id}"})

    # ------------------------------------------------------------------ what jobs do, and what is there then

    def refresh(self, env):
        return env["crm.customer.profile"]._refresh_company(env["res.company"].browse(self.company_id))

    def merge(self, env, source_id, target_id):
        wizard = env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([source_id, target_id], env["res.partner"].browse(target_id))

    def delete(self, env, partner_id):
        """What a user does to be rid of a customer: the orders go first."""
        orders = env["sale.order"].search([("partner_id", "=", partner_id)])
        orders._action_cancel()
        orders.unlink()
        env["res.partner"].browse(partner_id).unlink()

    def revenue(self, env):
        env.invalidate_all()
        profiles = env["crm.customer.profile"].search([("company_id", "=", self.company_id)])
        return {profile.partner_id.id: profile.revenue for profile in profiles}
