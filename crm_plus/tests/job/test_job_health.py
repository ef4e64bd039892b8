from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import run_jobs_to_their_end


@tagged("post_install", "-at_install")
class TestJobHealth(TransactionCase):
    """What managers see of the scheduled actions: when they ran, how long, what they did, what to do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run_jobs_to_their_end(cls)
        cls.cron = cls.env.ref("crm_plus.ir_cron_refresh_profiles")
        cls.env["ir.cron.progress"].search([]).unlink()
        cls.now = fields.Datetime.now()
        cls.cron.write({"nextcall": cls.now + timedelta(hours=9), "failure_count": 0, "lastcall": False})
        cls.env.flush_all()
        cls.manager, cls.seller = (
            new_test_user(cls.env, login, groups)
            for login, groups in (
                ("job_manager", "sales_team.group_sale_manager"),
                ("job_seller", "sales_team.group_sale_salesman"),
            )
        )

    def job(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.job"].with_user(user or self.manager).browse(self.cron.id)

    def ran(self, ago, took, done=0, remaining=0, unfinished=False):
        """A record of the host's: a run, or part of one, that began ``ago`` and ``took`` so many seconds."""
        progress = self.env["ir.cron.progress"].create(
            {"cron_id": self.cron.id, "done": done, "remaining": remaining, "timed_out_counter": int(unfinished)}
        )
        self.env.flush_all()
        began = self.now - timedelta(seconds=ago)
        self.env.cr.execute(
            "UPDATE ir_cron_progress SET create_date = %s, write_date = %s WHERE id = %s",
            [began, began + timedelta(seconds=took), progress.id],
        )

    def trigger(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def test_all_of_ours_are_there_and_no_others(self):
        jobs = self.env["crm.job"].with_user(self.manager).search([])
        ours = self.env["ir.model.data"].search([("model", "=", "ir.cron"), ("module", "=like", "crm_plus%")])
        self.assertEqual(sorted(jobs.ids), sorted(ours.mapped("res_id")))
        self.assertGreaterEqual(len(jobs), 13)
        self.assertTrue(all(jobs.mapped("name")))
        self.assertFalse([name for name in jobs.mapped("name") if name.startswith("CRM Plus")])

    def test_one_that_has_never_run_waits(self):
        job = self.job()
        self.assertEqual((job.state, job.started, job.result), ("waiting", False, False))

    def test_a_run_shows_when_it_was_how_long_it_took_and_what_it_did(self):
        self.ran(ago=7200, took=50, done=9)
        self.ran(ago=3600, took=12, done=3)
        job = self.job()
        self.assertEqual((job.state, job.started, job.seconds), ("done", self.now - timedelta(seconds=3600), 12))
        self.assertEqual((job.result, job.advice), ("steps: 3", False))

    def test_parts_that_follow_one_another_at_once_are_one_run(self):
        self.ran(ago=7200, took=50, done=9)
        self.ran(ago=3600, took=11, done=2, remaining=2)
        self.ran(ago=3588, took=8, done=1, remaining=1)
        self.ran(ago=3579, took=5, done=1)
        job = self.job()
        self.assertEqual((job.seconds, job.result), (26, "steps: 4"))

    def test_a_real_run(self):
        self.trigger()
        job = self.job()
        self.assertEqual(job.state, "done")
        self.assertRegex(job.result, r"^steps: [1-9]")
        self.assertTrue(job.started)
        self.trigger_nothing_to_do()

    def trigger_nothing_to_do(self):
        self.cron = self.env.ref("crm_plus.ir_cron_act_on_tiers")
        self.env["crm.tier.stay"].search([]).write({"enter_pending": False, "leave_pending": False})
        self.trigger()
        self.assertEqual(self.job().result, "nothing to do")

    def test_one_that_fails_says_since_when_and_shows_the_error_when_run(self):
        def fail(*_args):
            raise ZeroDivisionError("the reason")

        with (
            patch.object(self.registry["crm.customer.profile"], "_cron_refresh", fail),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            self.trigger()
            job = self.job()
            self.assertEqual(job.state, "failing")
            self.assertRegex(job.advice, "Failed 1 times in a row. Run it to see the error")
            with self.enter_registry_test_mode():
                shown = job.action_run()
        self.assertIn("the reason", str(shown["params"]))
        self.trigger()
        self.assertEqual(self.job().state, "done")

    def test_one_that_is_at_work_and_one_that_was_stopped_at_it(self):
        self.cron.nextcall = self.now - timedelta(hours=2)
        self.ran(ago=4000, took=900, done=1, remaining=2, unfinished=True)
        self.assertEqual((self.job().state, self.job().result), ("running", "steps: 1, remaining: 2"))
        self.env["ir.cron.progress"].search([]).unlink()
        self.ran(ago=5000, took=90, done=1, remaining=2, unfinished=True)
        self.assertEqual(self.job().state, "late")
        self.assertIn("--limit-time-real-cron", self.job().advice)

    def test_one_that_nobody_runs_and_one_that_is_switched_off(self):
        self.ran(ago=90000, took=90, done=1)
        self.cron.nextcall = self.now - timedelta(minutes=50)
        self.assertEqual(self.job().state, "done")
        self.cron.nextcall = self.now - timedelta(hours=2)
        self.assertEqual(self.job().state, "late")
        self.assertIn("--max-cron-threads", self.job().advice)
        self.cron.active = False
        self.assertEqual(self.job().state, "off")
        self.assertTrue(self.job().advice)

    def test_what_kept_it_from_a_company_is_shown_to_who_works_for_that(self):
        self.ran(ago=3600, took=1, done=1)
        other = self.env["res.company"].create({"name": "Sister"})
        other._crm_plus_note_problem(self.cron.id, "no such limit")
        self.assertEqual(self.job().state, "done")
        self.manager.company_ids |= other
        job = self.job().with_context(allowed_company_ids=self.manager.company_ids.ids)
        self.assertEqual((job.state, job.advice), ("problem", "Sister: no such limit"))

    def fail_for(self, company, model, method, code):
        """Run a scheduled action of ours whose ``method`` of ``model`` fails for a company."""
        work = getattr(self.registry[model], method)

        def fail(records, of, *arguments):
            if of == company:
                raise ValueError("the reason")
            return work(records, of, *arguments)

        with (
            self.enter_registry_test_mode(),
            patch.object(self.registry[model], method, fail),
            mute_logger("odoo.addons.crm_plus.models.job.crm_job_mixin"),
        ):
            self.env.ref(f"crm_plus.{code}").method_direct_trigger()

    def in_trouble(self, company):
        """The scheduled actions that a problem kept from a company."""
        self.env.flush_all()
        self.env.invalidate_all()
        jobs = self.env["crm.job"].with_context(allowed_company_ids=company.ids).search([])
        return [job.code for job in jobs if job.state == "problem"]

    def test_what_stopped_the_night_is_not_forgotten_when_the_day_goes_well(self):
        company = self.env["res.company"].create({"name": "Broken at night", "crm_plus_profile_date": self.now})
        self.fail_for(company, "crm.customer.profile", "_refresh_all_of", "ir_cron_refresh_profiles")
        self.assertEqual(self.in_trouble(company), ["ir_cron_refresh_profiles"])
        self.env["crm.customer.queue"]._add(self.env["res.partner"].create({"name": "Customer"}).ids)
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_refresh_touched").method_direct_trigger()
        self.assertEqual(self.in_trouble(company), ["ir_cron_refresh_profiles"])

    def test_a_problem_is_shown_at_the_action_that_has_it(self):
        """Not at another one that works with the same model."""
        company = self.env["res.company"].create({"name": "Broken", "crm_plus_recompute_from": 1})
        self.fail_for(company, "crm.lead", "_recompute_step", "ir_cron_recompute_probabilities")
        self.assertEqual(self.in_trouble(company), ["ir_cron_recompute_probabilities"])

    def test_managers_have_it_run_others_do_not_even_see_it(self):
        triggers = self.env["ir.cron.trigger"].search([])
        self.job().action_run()
        self.assertEqual((self.env["ir.cron.trigger"].search([]) - triggers).cron_id, self.cron)
        with self.assertRaises(AccessError):
            self.job().cron_id  # noqa: B018 the host's own record is for administrators
        with self.assertRaises(AccessError):
            self.job(self.seller).action_run()
        with self.assertRaises(AccessError):
            self.env["crm.job"].with_user(self.seller).search([])

    def test_no_scheduled_action_of_another_app_can_be_run(self):
        foreign = self.env.ref("base.autovacuum_job")
        with self.assertRaises(MissingError):
            self.job().browse(foreign.id).action_run()

    def test_a_row_opens_the_record_of_the_host_for_administrators(self):
        self.assertFalse(self.job().action_open())
        self.assertEqual(self.job(self.env.ref("base.user_admin")).action_open()["res_id"], self.cron.id)

    def test_the_settings_name_those_in_trouble(self):
        self.env["ir.cron"].search([]).write({"nextcall": self.now + timedelta(hours=9), "failure_count": 0})
        self.assertFalse(self.env["res.config.settings"].create({}).crm_plus_job_text)
        self.cron.failure_count = 1
        self.job()
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.crm_plus_job_text, "Refresh all customer profiles: Failing")

    def test_work_goes_on_without_the_scheduled_actions_that_an_administrator_has_deleted(self):
        lead = self.env["crm.lead"].create({"name": "Desks", "type": "opportunity"})
        data = self.env["ir.model.data"].search([("module", "=like", "crm_plus%"), ("model", "=", "ir.cron")])
        self.env["ir.cron"].browse(data.mapped("res_id")).unlink()
        self.env["crm.lead.score.queue"]._add(lead.ids)
        self.env.company.crm_plus_tier_months += 1
        self.env["crm.tier"].search([], limit=1).grace_days += 1
        self.env["crm.segment.family"].search([], limit=1)._rules_changed()
        self.env["crm.interaction.source"].search([], limit=1)._restart_backfill()
        self.assertEqual(self.env["crm.lead.score.queue"].search([], order="id desc", limit=1).lead_id, lead.id)
        self.assertFalse(self.env["crm.job"].search([]))

    def test_buttons_say_that_their_scheduled_action_is_turned_off_or_deleted(self):
        buttons = {
            "ir_cron_train": self.env["crm.purchase.model"].action_train,
            "ir_cron_train_predictions": self.env["crm.score.model"].action_train,
            "ir_cron_backfill": self.env["crm.interaction.source"].search([], limit=1).action_rebuild,
        }
        for name, button in buttons.items():
            cron = self.env.ref(f"crm_plus.{name}")
            press = getattr(button.__self__.with_user(self.manager), button.__name__)
            with self.subTest(name):
                press()
                cron.active = False
                with self.assertRaisesRegex(UserError, f"turn on the scheduled action “{cron.name}”"):
                    press()
                cron.unlink()
                with self.assertRaisesRegex(UserError, f"crm_plus.{name}.* was deleted"):
                    press()
