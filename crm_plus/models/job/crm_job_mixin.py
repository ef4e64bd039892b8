import logging
from datetime import timedelta

import psycopg2
from odoo import api, fields, models

_logger = logging.getLogger(__name__)

# How often a step that other transactions disturb is tried.
ATTEMPTS = 4
# A stopped run that is older is not gone on with: the next one begins anew.
RESUMED_WITHIN = timedelta(hours=1)


class CrmJobMixin(models.AbstractModel):
    """Scheduled actions in committed steps: a step that is disturbed is tried again, a run that is stopped is gone on
    with where it was."""

    _name = "crm.job.mixin"
    _description = "Scheduled actions in steps"

    @api.model
    def _retried(self, step, *arguments):
        """What ``step`` gives. When another transaction disturbs it, it is rolled back and tried again."""
        for attempt in range(ATTEMPTS):
            try:
                return step(*arguments)
            except psycopg2.Error as error:
                if attempt == ATTEMPTS - 1:
                    raise
                _logger.info("%s: tried again after %s", self._description, str(error).strip())
                self.env.cr.rollback()
        return None

    @api.model
    def _in_steps(self, items, step, left=None):
        """Call ``step(item)`` for the last ``left`` of the items, all by default, again as long as it says that it is
        not done with that one (False); a commit after each. False when the scheduler wants it to stop earlier.

        An item that fails does not keep the others waiting: `_note_problem`.
        """
        cron = self.env["ir.cron"]
        left = len(items) if left is None else left
        cron._commit_progress(remaining=left)
        for item in items[len(items) - left :]:
            done = False
            while not done:
                done = self._guarded(step, item) is not False
                left -= done
                if not cron._commit_progress(1, remaining=left) and left:
                    return False
        return True

    @api.model
    def _guarded(self, step, item):
        try:
            result, problem = self._retried(step, item), False
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("%s: %s is left out", self._description, item)
            result, problem = True, str(error)
        self._note_problem(item, problem)
        return result

    @api.model
    def _note_problem(self, item, problem):
        """Show what kept a scheduled action from an item, or that nothing did (False): a company's in the list of the
        scheduled actions."""
        cron_id = self.env.context.get("cron_id")
        if cron_id and getattr(item, "_name", "") == "res.company":
            item._crm_plus_note_problem(cron_id, problem)

    @api.model
    def _in_rounds(self, items, step):
        """`_in_steps` for items that are the same in every run: a stopped one is gone on with.

        Without that, a round that takes longer than the host gives a run would begin anew for ever. How many items
        are left stands in the host's own record of the run before.
        """
        return self._in_steps(items, step, self._left_of_round(len(items)))

    @api.model
    def _left_of_round(self, count):
        cron_id, progress_id = (self.env.context.get(key) for key in ("cron_id", "ir_cron_progress_id"))
        # sudo: the host keeps it for itself; numbers about this scheduled action, which runs as superuser anyway.
        last = (
            self.env["ir.cron.progress"]
            .sudo()
            .search([("cron_id", "=", cron_id), ("id", "<", progress_id or 0)], order="id desc", limit=1)
        )
        recent = last and last.write_date > fields.Datetime.now() - RESUMED_WITHIN
        return last.remaining if recent and 0 < last.remaining <= count else count
