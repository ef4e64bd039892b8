from odoo import Command
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConcurrencyCase


@tagged("post_install", "-at_install", "crm_plus_concurrency")
class TestJobConcurrency(ConcurrencyCase):
    """What a stay brings is given and withdrawn once, however many runs of whichever job are at it."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget_marks)
        with self.transaction(commit=True) as env:
            # More stays than one step takes, so that the jobs meet again and again.
            self.partner_ids += [self.customer(env, f"More {number}").id for number in range(6)]
            self.tag_id = self.make(env, "res.partner.category", {"name": "Concurrent"}).id
            self.tier = self.make(
                env,
                "crm.tier",
                {"name": "Silver", "company_id": self.company_id, "threshold": 1, "sequence": 1, "grace_days": 0,
                 "tag_id": self.tag_id},
            )  # fmt: skip
            values = {"name": "All", "code": "all", "domain": "[('order_count', '=', 1)]", "state": "active"}
            values |= {"tag_id": self.tag_id}
            self.make(
                env,
                "crm.segment.family",
                {"name": "Concurrent", "company_id": self.company_id, "segment_ids": [Command.create(values)]},
            )
        with self.transaction(commit=True) as env:
            for name in ("_on_enter", "_on_leave"):
                self.patch(type(env["crm.segment.membership"]), name, self.marking(env, name))
            self.refresh(env)

    def marking(self, env, name):
        """The method, which leaves a mark for each customer in the same transaction."""
        act = getattr(type(env["crm.segment.membership"]), name)

        def run(stays):
            act(stays)
            marks = [{"name": f"Concurrent {partner.id}"} for partner in stays.partner_id]
            stays.env["res.partner.category"].create(marks)

        return run

    def forget_marks(self):
        with self.transaction(commit=True) as env:
            env["res.partner.category"].search([("name", "=like", "Concurrent%")]).unlink()

    def act(self, model):
        def run(env):
            self.patch(type(env[model]), "_act_step", 2)
            env[model]._cron_act()

        return run

    def marks(self, env):
        """How often something was given or withdrawn, for each customer."""
        names = env["res.partner.category"].search([("name", "=like", "Concurrent %")]).mapped("name")
        return [names.count(f"Concurrent {partner_id}") for partner_id in self.partner_ids]

    def pending(self, env):
        mine, stays = Domain("company_id", "=", self.company_id), ("crm.segment.membership", "crm.tier.stay")
        return sum(env[name].search_count(env[name]._pending_domain() & mine) for name in stays)

    @mute_logger("odoo.sql_db")
    def test_two_runs_of_one_job_act_once_on_each_stay(self):
        segments = self.act("crm.segment.membership")
        self.at_once(segments, segments, segments)
        with self.transaction() as env:
            self.assertEqual(self.marks(env), [1] * len(self.partner_ids))

    @mute_logger("odoo.sql_db")
    def test_segments_and_tiers_act_at_once_on_the_same_customers_and_the_same_tag(self):
        segments, tiers = self.act("crm.segment.membership"), self.act("crm.tier.stay")
        self.at_once(segments, tiers, segments, tiers)
        with self.transaction() as env:
            self.assertEqual((self.marks(env), self.pending(env)), ([1] * len(self.partner_ids), 0))
            self.assertEqual(env["res.partner.category"].browse(self.tag_id).partner_ids.ids, self.partner_ids)

    @mute_logger("odoo.sql_db")
    def test_stays_that_a_refresh_ends_meanwhile_are_left_once(self):
        with self.transaction(commit=True) as env:
            self.act("crm.segment.membership")(env)
            for partner_id in self.partner_ids[:5]:
                self.order(env, partner_id)

        def touched(env):
            return env["crm.customer.profile"]._cron_refresh_touched()

        segments = self.act("crm.segment.membership")
        self.at_once(touched, segments, touched, segments)
        with self.transaction(commit=True) as env:
            touched(env)
            segments(env)
            self.assertEqual(self.marks(env), [2] * 5 + [1] * 5)

    def test_customers_are_saved_while_a_job_acts_on_them(self):
        with self.transaction() as acting:
            stays = acting["crm.segment.membership"]
            stays.search(stays._pending_domain())._act()
            acting.flush_all()
            with self.transaction(commit=True) as env:
                env["res.partner"].browse(self.partner_ids).write({"comment": "saved meanwhile"})
                self.order(env, self.partner_ids[0])
            acting.cr.commit()
        with self.transaction() as env:
            self.assertEqual(self.marks(env), [1] * len(self.partner_ids))
