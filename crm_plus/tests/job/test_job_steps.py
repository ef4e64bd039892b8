import re
import time
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from odoo.modules.module import get_module_path
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ...models.job.crm_job_mixin import LONG
from .common import ConcurrencyCase


@tagged("post_install", "-at_install", "crm_plus_concurrency")
class TestJobSteps(ConcurrencyCase):
    """A step of a scheduled action is done as a whole, whatever others commit meanwhile."""

    def companies(self, env):
        return env["res.company"].browse(self.company_id)

    def rename(self, name):
        """Somebody else renames a customer and is done with it."""
        with self.transaction(commit=True) as env:
            env["res.partner"].browse(self.partner_ids[0]).name = name

    @mute_logger("odoo.sql_db")
    def test_a_step_that_fails_at_its_commit_is_tried_again(self):
        calls = []

        def step(company):
            calls.append(company.id)
            partner = company.env["res.partner"].browse(self.partner_ids[0])
            partner.comment = f"seen as {partner.name}"  # is written at the commit only
            if len(calls) == 1:
                self.rename("Renamed")

        with self.transaction(commit=True) as env:
            self.assertTrue(env["crm.customer.profile"]._in_steps(self.companies(env), step))
        self.assertEqual(len(calls), 2)
        with self.transaction() as env:
            self.assertIn("seen as Renamed", env["res.partner"].browse(self.partner_ids[0]).comment)

    def test_who_has_worked_for_long_lets_others_work_before_the_host_stops_all(self):
        done = []
        with self.transaction(commit=True) as env:
            ended = env["crm.customer.profile"].with_context(cron_end_time=time.monotonic() - LONG - 1)
            self.assertFalse(ended._in_steps(self.companies(env), done.append))
            self.assertFalse(done, "the next run goes on")
            _cron, progress = env.ref("crm_plus.ir_cron_refresh_touched")._add_progress()
            progress.remaining = 2
            queue = ended.with_context(ir_cron_progress_id=progress.id)
            self.assertFalse(queue._while_any(lambda: done.append(1) or 0))
            self.assertFalse(done, "the same of a queue that is not empty")
            soon = env["crm.customer.profile"].with_context(cron_end_time=time.monotonic() - LONG + 60)
            self.assertTrue(soon._in_steps(self.companies(env), done.append))
            self.assertTrue(done)

    def test_the_host_does_not_pause_between_the_runs_of_what_is_not_done(self):
        woken = []
        with self.transaction(commit=True) as env:
            cron = env.ref("crm_plus.ir_cron_refresh_profiles")
            with patch.object(env.registry["ir.cron"], "_notifydb", lambda _crons: woken.append(True)):
                jobs = env["crm.customer.profile"].with_context(cron_id=cron.id)
                self.assertTrue(jobs._in_steps(self.companies(env), lambda _company: True))
                self.assertTrue(jobs._while_any(lambda: 0))
                env.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
                self.assertFalse(woken, "all is done")
                late = jobs.with_context(cron_end_time=time.monotonic() - LONG - 1)
                self.assertFalse(late._in_steps(self.companies(env), lambda _company: True))
                env.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
                self.assertEqual(len(woken), 1)

    @mute_logger("odoo.sql_db")
    def test_a_step_that_is_disturbed_again_and_again_is_put_off(self):
        calls = []

        def step(company):
            calls.append(company.id)
            company.env["res.partner"].browse(self.partner_ids[0]).read(["name"])
            self.rename(f"Renamed {len(calls)}")
            company.env["res.partner"].browse(self.partner_ids[0]).comment = "never"

        with self.transaction(commit=True) as env:
            cron = env.ref("crm_plus.ir_cron_refresh_profiles")
            before = env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
            jobs = env["crm.customer.profile"].with_context(cron_id=cron.id)
            with patch("odoo.addons.crm_plus.models.job.crm_job_mixin.PAUSE", 0):
                self.assertTrue(jobs._in_steps(self.companies(jobs.env), step))
            self.assertGreater(len(calls), 2)
            self.assertFalse(self.companies(env)._crm_plus_problem(cron.id), "nothing is wrong with the company")
            self.assertEqual(env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_an_item_that_is_deleted_during_the_run_is_done_with(self):
        seen = []
        with self.transaction(commit=True) as env:
            names = ("Deleted in its turn", "Deleted before its turn", "Still there")
            partner_ids = [self.customer(env, name, orders=0).id for name in names]
            self.partner_ids.append(partner_ids[2])

        def delete(partner_id):
            with self.transaction(commit=True) as env:
                env["res.partner"].browse(partner_id).unlink()

        def step(partner):
            seen.append(partner.id)
            if partner.id == partner_ids[0]:
                partner.read(["name"])
                delete(partner_ids[0])
                delete(partner_ids[1])
                # refers to what is not there any more
                values = self.company_id, partner.id
                partner.env.cr.execute(
                    SQL("INSERT INTO crm_customer_profile (company_id, partner_id) VALUES (%s, %s)", *values)
                )

        with (
            mute_logger("odoo.sql_db"),
            self.assertNoLogs("odoo.addons.crm_plus", "WARNING"),
            self.transaction(commit=True) as env,
        ):
            self.assertTrue(env["crm.customer.profile"]._in_steps(env["res.partner"].browse(partner_ids), step))
        self.assertEqual(seen, [partner_ids[0], partner_ids[2]])

    def test_who_saves_a_company_and_a_job_that_remembers_something_of_it_do_not_meet(self):
        with self.transaction() as working:
            company = self.companies(working).sudo()
            company.write({"crm_plus_trained_date": "2026-01-02", "crm_plus_predicted_until": 7})
            company.crm_plus_profile_date = "2026-01-02 03:04:05"
            company.crm_plus_score_next_id = 8
            with self.transaction(commit=True) as env:
                self.companies(env).write({"name": f"Saved meanwhile {self.company_id}", "crm_plus_margin": 0.2})
            working.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction() as env:
            company = self.companies(env)
            self.assertEqual((company.crm_plus_predicted_until, company.crm_plus_score_next_id), (7, 8))
            self.assertEqual(str(company.crm_plus_trained_date), "2026-01-02")
            self.assertEqual(str(company.crm_plus_profile_date), "2026-01-02 03:04:05")
            self.assertEqual(company.crm_plus_margin, 0.2)

    def test_jobs_that_remember_something_of_the_same_company_do_not_meet(self):
        with self.transaction() as first, self.transaction() as second:
            self.companies(first).sudo().crm_plus_predicted_until = 5
            self.companies(second).sudo().crm_plus_profile_date = "2026-01-02 03:04:05"
            first.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
            second.cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
        with self.transaction() as env:
            self.assertEqual(self.companies(env).crm_plus_predicted_until, 5)
            self.assertTrue(self.companies(env).crm_plus_profile_date)

    def test_what_is_remembered_goes_with_the_record(self):
        with self.transaction() as env:
            source = env.ref("crm_plus.source_order").copy({"code": False})
            source.backfill_total = 3
            known = [("res_model", "=", source._name), ("res_id", "=", source.id)]
            self.assertTrue(env["crm.job.memory"].search_count(known))
            source.unlink()
            self.assertFalse(env["crm.job.memory"].search_count(known))

    @mute_logger("odoo.sql_db")
    def test_what_was_learnt_is_kept_when_others_write_the_versions_meanwhile(self):
        with self.transaction(commit=True) as env:
            abstained = env["crm.score.model"]._train_company(self.companies(env))
            self.assertEqual(abstained.state, "abstained")
            self.made.setdefault("crm.score.model", []).append(abstained.id)
        models = Registry(get_db_name())["crm.score.model"]
        train, learn, learned = models._train_company, models._learn_version, []

        def train_ours(records, company, *arguments):
            return train(records, company, *arguments) if company.id == self.company_id else None

        def learn_then_disturb(records, *arguments):
            learned.append(learn(records, *arguments))
            with self.transaction(commit=True) as env:
                env["crm.score.model"].browse(abstained.id).trained_on = "2020-01-01"
            return learned[-1]

        with self.transaction(commit=True) as env:
            self.companies(env).crm_plus_train_requested = True
        with (
            patch.object(models, "_train_company", train_ours),
            patch.object(models, "_learn_version", learn_then_disturb),
            self.transaction(commit=True) as env,
        ):
            env["crm.score.model"]._cron_train()
        self.assertEqual(len(learned), 1)
        with self.transaction() as env:
            self.assertGreater(str(env["crm.score.model"].browse(abstained.id).trained_on), "2026")
            self.assertFalse(self.companies(env).crm_plus_train_requested)


@tagged("post_install", "-at_install")
class TestDefaultTimes(BaseCase):
    def test_what_runs_at_night_does_not_begin_together(self):
        texts = [path.read_text() for path in Path(get_module_path("crm_plus"), "data").rglob("*.xml")]
        found = sorted(re.findall(r"%Y-%m-%d (\d\d:\d\d):00", "".join(texts)))
        self.assertGreater(len(found), 6)
        minutes = [int(time[:2]) * 60 + int(time[3:]) for time in found]
        self.assertGreaterEqual(min(later - earlier for earlier, later in pairwise(minutes)), 30, found)
