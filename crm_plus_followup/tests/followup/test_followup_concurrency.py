import psycopg2
from odoo.addons.crm_plus.tests.job.common import ConcurrencyCase
from odoo.tests import tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install", "crm_plus_concurrency")
class TestFollowupConcurrency(ConcurrencyCase):
    """Two workers, and one that is killed, never take a step twice."""

    def setUp(self):
        super().setUp()
        with self.transaction(commit=True) as env:
            env = env(context={"allowed_company_ids": [self.company_id], "tracking_disable": True})
            self.refresh(env)
            env["crm.followup.policy"]._of(env["res.company"].browse(self.company_id)).write(
                {"cap_week": 1, "quiet_from": 0, "quiet_to": 0, "working_days": False, "capacity": 0}
            )
            audience = self.make(env, "crm.audience", {"name": "All", "company_id": self.company_id})
            call = env.ref("mail.mail_activity_data_call")
            step = {"kind": "activity", "activity_type_id": call.id, "user_id": env.ref("base.user_admin").id}
            values = {
                "company_id": self.company_id, "audience_id": audience.id, "state": "active", "include_present": True,
                "step_ids": [(0, 0, step)],
            }  # fmt: skip
            self.rule_ids = [self.make(env, "crm.followup.rule", {**values, "name": name}).id for name in ("A", "B")]

    def remove(self):  # pylint: disable=missing-return  # it returns nothing
        with self.transaction(commit=True) as env:
            env["mail.activity"].search(
                [("res_model", "=", "res.partner"), ("res_id", "in", self.partner_ids)]
            ).unlink()
            for model in ("crm.followup.event", "crm.followup.run", "crm.followup.member"):
                env[model].search([("company_id", "=", self.company_id)]).unlink()
            env["crm.followup.policy"].search([("company_id", "=", self.company_id)]).unlink()
        super().remove()

    def rules(self, env):
        return env["crm.followup.rule"].browse(self.rule_ids)

    def work(self, env):
        return self.rules(env)._work_next(env["res.company"].browse(self.company_id))

    def activity_count(self, env):
        return env["mail.activity"].search_count(
            [("res_model", "=", "res.partner"), ("res_id", "in", self.partner_ids)]
        )

    def test_two_workers_take_each_step_once_and_hold_the_cap(self):
        with self.transaction(commit=True) as env:
            for rule in self.rules(env):
                rule._evaluate()
        with self.transaction() as first, self.transaction() as second:
            second.cr.execute("SELECT 1")  # its snapshot is of before
            self.assertEqual(self.work(first), 8)
            self.assertEqual(self.work(second), 0)
            first.cr.commit()
        with self.transaction() as late, self.transaction(commit=True) as other:
            late.cr.execute("SELECT count(*) FROM crm_followup_run")
            worked = "UPDATE crm_followup_policy SET worked_date = now() WHERE company_id = %s"
            other.cr.execute(worked, (self.company_id,))
            other.cr.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
                self.work(late)
        with self.transaction() as env:
            self.assertEqual(self.activity_count(env), 4)
            runs = env["crm.followup.run"].search([("company_id", "=", self.company_id)])
            self.assertEqual(len(runs), 8)
            self.assertEqual(len(runs.filtered("step_id")), 4)

    def test_two_looks_at_an_audience_begin_one_run_each(self):
        rule_id = self.rule_ids[0]
        with self.transaction() as first, self.transaction() as second:
            second.cr.execute("SELECT 1")
            first["crm.followup.rule"].browse(rule_id)._evaluate()
            first.cr.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
                second["crm.followup.rule"].browse(rule_id)._evaluate()
        with self.transaction() as env:
            self.assertEqual(env["crm.followup.run"].search_count([("rule_id", "=", rule_id)]), 4)

    def test_a_worker_that_is_killed_leaves_nothing_half_done(self):
        with self.transaction(commit=True) as env:
            self.rules(env)[0]._evaluate()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error), self.transaction() as killed:
            self.assertEqual(self.work(killed), 4)
            killed.flush_all()
            self.assertEqual(self.activity_count(killed), 4)
            with self.transaction() as killer:
                killer.cr.execute("SELECT pg_terminate_backend(%s)", (killed.cr._cnx.get_backend_pid(),))
            killed.cr.execute("SELECT 1")
        with self.transaction(commit=True) as env:
            self.assertEqual(self.activity_count(env), 0)
            self.assertEqual(self.work(env), 4)
            self.assertEqual(self.work(env), 0)
        with self.transaction() as env:
            self.assertEqual(self.activity_count(env), 4)
