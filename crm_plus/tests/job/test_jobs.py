from functools import partialmethod
from unittest.mock import patch

import psycopg2
from numpy.linalg import LinAlgError
from odoo import fields
from odoo.addons.base.models import ir_cron
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from .common import run_jobs_to_their_end

# Scheduled actions that go through companies or other records one after the other: their method for one of them.
ROUNDS = {
    "crm_plus.ir_cron_refresh_profiles": ("crm.customer.profile", "_refresh_all_of"),
    "crm_plus.ir_cron_refresh_affinity": ("crm.product.affinity", "_refresh_company"),
    "crm_plus.ir_cron_rescore": ("crm.lead.score", "_rescore_step"),
    "crm_plus.ir_cron_reconcile": ("crm.interaction.source", "_compare_next"),
}


@tagged("post_install", "-at_install")
class TestJobs(TransactionCase):
    """Scheduled actions end, whatever time they take, and survive who works meanwhile."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run_jobs_to_their_end(cls)

    def run_job(self, xmlid, step):
        """What the scheduler does, on a machine so slow that no run has time for more than one step."""
        model, method = ROUNDS[xmlid]
        with (
            self.enter_registry_test_mode(),
            patch.object(self.registry[model], method, step),
            patch.object(ir_cron, "MIN_TIME_PER_JOB", 0),
            patch.object(ir_cron, "MIN_RUNS_PER_JOB", 2),
        ):
            cron = self.env.ref(xmlid)
            # What the installation has woken is not this test's.
            self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
            for _run in range(50):
                cron.method_direct_trigger()
                triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
                if not triggers.filtered(lambda trigger: trigger.call_at <= fields.Datetime.now()):
                    return
                triggers.unlink()
        self.fail(f"{xmlid} never ends")

    def test_a_round_that_takes_several_runs_does_everything_once_and_ends(self):
        self.env["res.company"].create([{"name": f"Company {number}"} for number in range(3)])
        # What is still being loaded is not checked.
        self.env["crm.interaction.source"].search([("kind", "=", "records")]).backfill_done = True
        rescore = self.registry["crm.lead.score"]._rescore_step
        for xmlid, (model, _method) in ROUNDS.items():
            with self.subTest(job=xmlid):
                seen = []

                def step(records, company=None, seen=seen):
                    seen.append((company or records).id)
                    # This one looks at what it has done.
                    return rescore(records, company) if records._name == "crm.lead.score" else True

                self.run_job(xmlid, step)
                everything = self.env["crm.interaction.source" if model == "crm.interaction.source" else "res.company"]
                self.assertEqual(len(seen), len(set(seen)))
                self.assertLessEqual(set(seen), set(everything.search([]).ids))
                self.assertGreater(len(seen), 3)

    def test_rules_that_are_changed_while_the_run_is_interrupted_count_for_companies_that_were_done(self):
        companies = self.env["res.company"].search([], order="id")
        leads = self.env["crm.lead"].create([{"name": "A lead", "company_id": company.id} for company in companies])
        self.env["crm.score.rule"].search([]).unlink()
        rule = self.env["crm.score.rule"].create(
            {"name": "All", "state": "active", "points": 40, "domain": "[('id', '>', 0)]"}
        )
        self.env.cr.flush()
        work = self.registry["crm.lead.score"]._rescore_step

        def step(scores, company):
            if company == companies[1] and rule.points == 40:
                rule.points = 60
            return work(scores, company)

        self.run_job("crm_plus.ir_cron_rescore", step)
        self.env.invalidate_all()
        self.assertEqual(set(leads.mapped("fit_score")), {60})

    def test_a_full_refresh_of_all_companies_does_what_waited_before_it(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(3)])
        queue, lock = self.env["crm.customer.queue"], self.registry["crm.customer.profile"]._lock_company
        late = []

        def waiting():
            return queue.search([("partner_id", "in", partners.ids)]).mapped("partner_id")

        def versions():
            return set(self.env.execute_query(SQL("SELECT ctid FROM crm_customer_queue WHERE covered")))

        def step(profiles, company, answer=True):
            if not late:
                late.append(partners[2])
                queue._add(partners[2].ids)
            return answer and lock(profiles, company)

        def run(answer):
            late.clear()
            with (
                self.enter_registry_test_mode(),
                patch.object(
                    self.registry["crm.customer.profile"], "_lock_company", partialmethod(step, answer=answer)
                ),
            ):
                self.env.ref("crm_plus.ir_cron_refresh_profiles").method_direct_trigger()
            self.env.invalidate_all()

        queue.search([]).unlink()
        queue._add(partners[:2].ids)
        run(answer=False)
        self.assertEqual(set(waiting()), set(partners.ids), "another job was at it")
        written = versions()
        self.assertGreaterEqual(len(written), 2)
        run(answer=False)
        self.assertLessEqual(written, versions(), "a refresh of many runs writes what waits once")
        run(answer=True)
        self.assertEqual(waiting(), partners[2].ids, "what came meanwhile waits")

    def test_a_run_that_was_stopped_is_gone_on_with_soon_and_begun_anew_later(self):
        cron = self.env.ref("crm_plus.ir_cron_refresh_profiles")
        progress = self.env["ir.cron.progress"]
        stopped = progress.create({"cron_id": cron.id, "done": 3, "remaining": 2})
        now = progress.create({"cron_id": cron.id})
        jobs = self.env["crm.customer.profile"].with_context(cron_id=cron.id, ir_cron_progress_id=now.id)
        self.assertEqual((jobs._left_of_round(5), jobs._left_of_round(1)), (2, 1))
        self.env.cr.execute(
            "UPDATE ir_cron_progress SET write_date = write_date - interval '2 hours' WHERE id = %s", [stopped.id]
        )
        self.env.invalidate_all()
        self.assertEqual(jobs._left_of_round(5), 5)

    def test_what_is_done_of_one_company_is_gone_on_with(self):
        """A step says whether it has finished its item; until then it is called again."""
        calls = []

        def step(item):
            calls.append(item)
            return calls.count(item) == 3

        jobs = self.env["crm.customer.profile"]
        with patch.object(self.registry["ir.cron"], "_commit_progress", return_value=1) as commit:
            self.assertTrue(jobs._in_rounds("ab", step))
        self.assertEqual("".join(calls), "aaabbb")
        self.assertEqual([call.kwargs["remaining"] for call in commit.call_args_list], [2, 2, 2, 1, 1, 1, 0])

    def test_a_step_that_another_transaction_disturbs_is_tried_again(self):
        outcomes = [psycopg2.errors.SerializationFailure("x"), psycopg2.errors.ForeignKeyViolation("y"), "done"]

        def step():
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        with (
            patch.object(self.env.cr, "rollback") as rollback,
            patch.object(self.registry["ir.cron"], "_commit_progress", return_value=1),
        ):
            self.assertEqual(self.env["crm.customer.profile"]._committed(step), ("done", 1))
        self.assertEqual(rollback.call_count, 2)

    def test_a_step_that_always_fails_tells(self):
        def step():
            raise psycopg2.errors.DivisionByZero("x")

        with patch.object(self.env.cr, "rollback"), self.assertRaises(psycopg2.errors.DivisionByZero):
            self.env["crm.customer.profile"]._committed(step)

    def break_limits(self, company):
        """Limits that no calendar has, as only a change past the checks could write them."""
        company.crm_plus_rfm_mode = "fixed"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET crm_plus_recency_cuts = '1, 2, 3, 999999' WHERE id = %s", [company.id]
        )
        self.env.invalidate_all()

    def test_a_company_that_fails_keeps_no_other_waiting_and_says_why_until_it_works_again(self):
        broken, sound = self.env["res.company"].create([{"name": "A broken one"}, {"name": "A sound one"}])
        self.break_limits(broken)
        job = self.env.ref("crm_plus.ir_cron_refresh_profiles")
        with self.enter_registry_test_mode(), mute_logger("odoo.addons.crm_plus.models.job.crm_job_mixin"):
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(sound.crm_plus_profile_date)
        self.assertFalse(broken.crm_plus_profile_date)
        self.assertRegex(broken._crm_plus_problem(job.id), "is not four ascending numbers")
        broken.crm_plus_recency_cuts = "30, 90, 180, 365"
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(broken.crm_plus_profile_date)
        self.assertFalse(broken._crm_plus_problem(job.id))

    def test_touched_customers_of_other_companies_do_not_wait_for_the_one_that_fails(self):
        broken, sound = self.env["res.company"].create([{"name": "A broken one"}, {"name": "A sound one"}])
        self.break_limits(broken)
        partner = self.env["res.partner"].create({"name": "Customer"})
        self.env["crm.customer.queue"]._add(partner.ids)
        job = self.env.ref("crm_plus.ir_cron_refresh_touched")
        with (
            self.enter_registry_test_mode(),
            mute_logger("odoo.addons.crm_plus.models.customer.crm_customer_profile"),
        ):
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(sound.crm_plus_profile_date)
        self.assertTrue(broken._crm_plus_problem(job.id))
        self.assertFalse(self.env["crm.customer.queue"].search([("partner_id", "=", partner.id)]))

    def test_a_training_that_breaks_down_keeps_no_other_company_waiting(self):
        broken, sound = self.env["res.company"].create([{"name": "A broken one"}, {"name": "A sound one"}])
        Model = self.registry["crm.purchase.model"]
        train = Model._fit

        def fit(models, company, step):
            if company == broken:
                raise LinAlgError("Singular matrix")
            return train(models, company, step)

        job = self.env.ref("crm_plus.ir_cron_train")
        with (
            self.enter_registry_test_mode(),
            patch.object(Model, "_fit", fit),
            mute_logger("odoo.addons.crm_plus.models.job.crm_job_mixin"),
        ):
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(sound.crm_plus_trained_date)
        self.assertFalse(broken.crm_plus_trained_date)
        self.assertEqual(broken._crm_plus_problem(job.id), "Singular matrix")
