"""The steps that are due, in batches: what a step does and that it is done are written in one transaction."""

import logging

from odoo import fields
from odoo.addons.crm_plus.services.sql import CONFLICTS
from odoo.tools import SQL

from .limits import Limits
from .stops import Stops

_logger = logging.getLogger(__name__)

# Runs of a step of the scheduled action: a second or two of work.
BATCH = 500


class Work:
    """The due steps of one company. One worker at a time is at a company: caps and load hold over all rules."""

    def __init__(self, env, company):
        self.env, self.company = env, company

    def batch(self, size=BATCH):
        """Take the next due steps; how many runs were looked at. Nothing when another worker is at this company."""
        self.env.flush_all()
        if not self._hold_company():
            return 0
        runs = self._take(size)
        left = runs - self._stop(runs)
        # Runs whose step was deleted meanwhile have none left.
        without = left.filtered(lambda run: not run.step_id)
        without._move_on(without.step_id)
        for step, group in self._allowed(left - without).grouped("step_id").items():
            self._attempt(step, group[: step._at_once()])
        return len(runs)

    def _hold_company(self):
        """Hold the company to the end of the transaction. The row is written, not only locked: who has looked at the
        database before learns so, and begins anew."""
        self.env["crm.followup.policy"]._of(self.company)
        self.env.flush_all()
        held = self.env.execute_query(
            SQL(
                """UPDATE crm_followup_policy SET worked_date = now() AT TIME ZONE 'UTC'
                    WHERE id IN (SELECT id FROM crm_followup_policy WHERE company_id = %s FOR UPDATE SKIP LOCKED)
                RETURNING id""",
                self.company.id,
            )
        )
        self.env["crm.followup.policy"].invalidate_model(["worked_date"], flush=False)
        return bool(held)

    def _take(self, size):
        """The most valuable due runs, locked; those somebody is at just now are left out."""
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id FROM crm_followup_run r
                    WHERE r.company_id = %s AND r.state = 'open' AND r.date_next <= %s
                      AND r.rule_id IN (SELECT id FROM crm_followup_rule
                                         WHERE company_id = %s AND active AND state IN ('active', 'shadow'))
                    ORDER BY r.value DESC, r.id LIMIT %s FOR UPDATE SKIP LOCKED""",
                self.company.id,
                fields.Datetime.now(),
                self.company.id,
                size,
            )
        )
        return self.env["crm.followup.run"].browse(row[0] for row in rows).with_company(self.company)

    def _stop(self, runs):
        """End those that have a reason to end."""
        if not runs:
            return runs
        stopped = runs.browse()
        for reason, ids in Stops(self.env, self.company, runs.ids).found().items():
            ended = runs.browse(ids)
            ended._end("stopped", reason)
            stopped |= ended
        return stopped

    def _allowed(self, runs):
        """Those whose step nothing holds back, in the order of their value."""
        contacts = runs.filtered(lambda run: run.step_id._is_contact())
        if not contacts:
            return runs
        limits, held = Limits(self.env, self.company, contacts), []
        # What is done whatever the limits say counts for what they hold back.
        for run in contacts.sorted(lambda run: run.step_id._is_limited()):
            if found := limits.of(run):
                held.append(run.id)
                run._hold_back(*found)
        return runs - runs.browse(held)

    def _attempt(self, step, runs):
        """Take a step for all of these or, if that fails, for each alone: what fails stops only itself."""
        try:
            with self.env.cr.savepoint():
                step._take(runs)
                self.env.flush_all()
        except CONFLICTS:
            raise  # the whole batch is tried again
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(runs) == 1:
                _logger.info("A follow-up step of %s failed: %s", runs, error)
                runs._fail(error)
                return
            half = len(runs) // 2
            self._attempt(step, runs[:half])
            self._attempt(step, runs[half:])
