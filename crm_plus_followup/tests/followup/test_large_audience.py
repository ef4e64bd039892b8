from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.base.models import ir_cron
from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.crm_plus_followup.models.followup import crm_followup_rule, crm_followup_run
from odoo.addons.crm_plus_followup.services.followup import evaluation, work
from odoo.tests import tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestLargeAudience(FollowupCase):
    """An audience of any size is gone through in steps that a stopped server does not repeat."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.customers(7)

    def look(self, rule, size=3):
        """One step of the scheduled action, as if that many were all it can look at; whether it is done."""
        with patch.object(evaluation.Evaluation.part, "__defaults__", (size,)):
            return rule._evaluate_next()

    def of(self, rule, *domain):
        return self.runs.search([("rule_id", "=", rule.id), *domain], order="partner_id").partner_id

    def test_a_part_is_looked_at_once_and_nobody_is_left_out(self):
        rule = self.rule()
        self.assertFalse(self.look(rule))
        self.assertEqual(self.of(rule), self.partners[:3])
        self.assertFalse(rule.evaluated_date, "it has not seen all")
        self.assertFalse(self.look(rule))
        self.assertEqual(self.of(rule), self.partners[:6])
        self.assertTrue(self.look(rule))
        self.assertEqual(self.of(rule), self.partners)
        self.assertTrue(rule.evaluated_date)
        self.assertFalse(self.look(rule), "the next look begins with the first")

    def test_who_left_is_found_in_parts_as_well(self):
        rule = self.rule(stop_leave=True)
        rule._evaluate()
        rule.audience_id.domain = "[('order_count', '>', 99)]"
        for left in (3, 6, 7):
            self.assertEqual(self.look(rule), left == 7)
            gone = self.env["crm.followup.member"].search([("rule_id", "=", rule.id), ("present", "=", False)])
            self.assertEqual(gone.partner_id, self.partners[:left])

    def test_the_share_that_is_held_out_is_that_of_one_look_at_all(self):
        rule = self.rule(holdout_percent=40)
        while not self.look(rule, 2):
            pass
        held_out = self.env["crm.followup.member"].search_count([("rule_id", "=", rule.id), ("held_out", "=", True)])
        self.assertAlmostEqual(held_out, 0.4 * 7, delta=1)
        self.assertEqual(len(self.of(rule)), 7 - held_out)

    def test_other_conditions_are_looked_at_from_the_first_customer(self):
        rule = self.rule()
        self.look(rule)
        rule.audience_id = self.audience(name="Others")
        rule.include_present = True
        for _step in range(3):
            done = self.look(rule)
        self.assertTrue(done)
        self.assertEqual(self.of(rule), self.partners)

    def test_what_has_a_reason_to_end_ends_in_parts(self):
        rule = self.rule()
        rule._evaluate()
        self.partners.action_archive()
        with patch.object(crm_followup_run, "ENDED_AT_ONCE", 4):
            self.assertFalse(self.runs._stop_next(self.company))
            open_runs = self.runs.search([("rule_id", "=", rule.id), ("state", "=", "open")])
            self.assertEqual(len(open_runs), 3)
            self.assertTrue(self.runs._stop_next(self.company))
            self.assertEqual(set(open_runs.mapped("state")), {"stopped"})

    def test_nobody_waits_until_very_many_runs_of_a_draft_have_ended(self):
        rule = self.rule()
        rule._evaluate()
        runs = self.runs.search([("rule_id", "=", rule.id)])
        with patch.object(crm_followup_rule, "ENDED_NOW", 2):
            rule.action_draft()
        self.assertEqual(runs.mapped("state").count("stopped"), 2)
        self.assertTrue(self.runs._stop_next(self.company))
        self.assertEqual((set(runs.mapped("state")), set(runs.mapped("reason"))), ({"stopped"}, {"rule"}))

    def test_the_rest_of_a_test_run_ends_when_the_rule_is_active(self):
        rule = self.rule(state="shadow")
        rule._evaluate()
        runs = self.runs.search([("rule_id", "=", rule.id)])
        self.assertEqual(runs.mapped("shadow"), [True] * 7)
        with patch.object(crm_followup_rule, "ENDED_NOW", 2):
            rule.action_activate()
        self.assertEqual(runs.mapped("state").count("stopped"), 2)
        self.runs._stop_next(self.company)
        self.assertEqual((set(runs.mapped("state")), set(runs.mapped("reason"))), ({"stopped"}, {"rule"}))

    def test_very_many_open_runs_are_not_gone_through_again_at_once(self):
        rule = self.rule()
        rule._evaluate()
        with patch.object(crm_followup_run, "ENDED_AT_ONCE", 4):
            self.assertFalse(self.runs._stop_next(self.company))
            self.assertTrue(self.runs._stop_next(self.company))
            self.partners.action_archive()
            self.assertTrue(self.runs._stop_next(self.company), "all have just been looked at")
            runs = self.runs.search([("rule_id", "=", rule.id)])
            self.assertEqual(set(runs.mapped("state")), {"open"})
            later = fields.Datetime.now() + crm_followup_run.LOOKED_EVERY + timedelta(seconds=1)
            with patch.object(fields.Datetime, "now", lambda *_args: later):
                self.assertFalse(self.runs._stop_next(self.company))
                self.assertTrue(self.runs._stop_next(self.company))
            self.assertEqual(set(runs.mapped("state")), {"stopped"})

    def test_the_host_comes_back_at_once_while_steps_are_due(self):
        rule = self.rule()
        cron = self.env.ref("crm_plus_followup.ir_cron_follow_up")
        told, commit = [], IrCron._commit_progress

        def committed(job, *arguments, **values):
            seconds = commit(job, *arguments, **values)
            progress = self.env["ir.cron.progress"].browse(job.env.context.get("ir_cron_progress_id"))
            told.append(progress.remaining)
            return seconds

        with (
            self.enter_registry_test_mode(),
            patch.object(IrCron, "_commit_progress", committed),
            patch.object(work.Work.batch, "__defaults__", (3,)),
            patch.object(ir_cron, "MIN_TIME_PER_JOB", 0),
            patch.object(ir_cron, "MIN_RUNS_PER_JOB", 1),
        ):
            self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        done = self.events.search_count([("rule_id", "=", rule.id)])
        self.assertLess(done, 7, "this run had no time for all")
        self.assertTrue(told[-1], "something is left")
        due = fields.Datetime.now() + timedelta(minutes=1)
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id), ("call_at", "<=", due)]))
