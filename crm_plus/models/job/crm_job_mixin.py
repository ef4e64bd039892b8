import logging
import random
import time
from datetime import timedelta
from math import inf

from odoo import api, fields, models

from ...services.sql import DISTURBED

_logger = logging.getLogger(__name__)

# How often a step that other transactions disturb is tried, and for how many seconds at most it waits before.
ATTEMPTS, PAUSE = 6, 0.5
# When a scheduled action comes back to what others disturbed again and again.
LATER = timedelta(minutes=5)
# The host calls an action that is not done again and again, and stops whatever is still at it after two minutes, of
# which it may have slept one, with all that came before it in the same round. One that has worked for longer than this
# beyond its time, in seconds, does not begin another step.
LONG = 5
# A stopped run that is older is not gone on with: the next one begins anew.
RESUMED_WITHIN = timedelta(hours=1)


class CrmJobMixin(models.AbstractModel):
    """Scheduled actions in committed steps: a step that is disturbed is tried again as a whole, its commit included; a
    run that is stopped is gone on with where it was; an item that is deleted meanwhile is done with."""

    _name = "crm.job.mixin"
    _description = "Scheduled action in steps"

    @api.model
    def _committed(self, step, *arguments, progress=None):
        """What ``step`` gives, and the seconds that this run has left, after the commit.

        When another transaction disturbs it, before or while it is committed, all of it is rolled back and tried again.
        ``progress(result)`` gives the arguments of the host's `_commit_progress`.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                result = step(*arguments)
                counts = progress(result) if progress else {}
                return result, self.env["ir.cron"]._commit_progress(**counts)
            except DISTURBED as error:
                self.env.cr.rollback()
                if attempt == ATTEMPTS:
                    raise
                _logger.info("%s: tried again after %s", self._description, str(error).strip())
                time.sleep(random.uniform(0, PAUSE * attempt / ATTEMPTS))
        return None

    @api.model
    def _while_any(self, step, *arguments):
        """Call a step that takes the next items of a queue and says how many they were, until there are none; a commit
        after each. False when the scheduler wants it to stop earlier: it comes back at once, because something is left
        as long as a step has found anything."""

        def tell(taken):
            return {"processed": taken, "remaining": max(self._left() - taken, 1) if taken else 0}

        if self._left() and self._is_late():
            return self._put_off()
        count, seconds = True, True
        while count and seconds:
            count, seconds = self._committed(step, *arguments, progress=tell)
        return not count or self._put_off()

    @api.model
    def _is_late(self):
        """Whether the host's round of this action has taken so long that it may begin no other step."""
        return time.monotonic() > self.env.context.get("cron_end_time", inf) + LONG

    @api.model
    def _left(self):
        """How many items this run was to do and has not done."""
        # sudo: the host keeps it for itself; a number about this scheduled action, which runs as superuser anyway.
        progress = self.env["ir.cron.progress"].sudo()
        return progress.browse(self.env.context.get("ir_cron_progress_id")).remaining

    @api.model
    def _in_steps(self, items, step, left=None):
        """Call ``step(item)`` for the last ``left`` of the items, all by default, again as long as it says that it is
        not done with that one (False); a commit after each. False when the scheduler wants it to stop earlier.

        An item that fails does not keep the others waiting: `_note_problem`.
        """
        left = len(items) if left is None else left
        self._committed(lambda: None, progress=lambda _result: {"remaining": left})
        if left and self._is_late():
            return self._put_off()
        for item in items[len(items) - left :]:
            done = False
            while not done:
                done, seconds = self._guarded(step, item, left)
                left -= done
                if not seconds and left:
                    return self._put_off()
        return True

    @api.model
    def _put_off(self):
        """False: what is left is for the next run. The host has it ready at once, and looks again only a minute later,
        unless it is woken: it takes the other actions that are due in their turn, and then this one."""
        if self.env.context.get("cron_id"):
            self.env.cr.postcommit.add(self.env["ir.cron"]._notifydb)
        return False

    @api.model
    def _guarded(self, step, item, left):
        """(whether it is done with this item, the seconds left) after a step of it."""

        def there():
            if self._is_gone(item):
                return True
            done = step(item) is not False
            self._note_problem(item, False)
            return done

        def tell(done):
            return {"processed": 1, "remaining": left - done}

        try:
            return self._committed(there, progress=tell)
        except Exception as error:
            self.env.cr.rollback()
            return self._committed(self._leave_out, item, error, progress=tell)

    @api.model
    def _is_gone(self, item):
        return isinstance(item, models.BaseModel) and not item.exists()

    @api.model
    def _leave_out(self, item, error):
        """Go on without an item that failed; True. Nothing is wrong with one that is gone meanwhile."""
        if self._is_gone(item):
            return True
        if isinstance(error, DISTURBED):
            _logger.info("%s: %s is put off after %s", self._description, item, str(error).strip())
            self._again(fields.Datetime.now() + LATER)
        else:
            _logger.error("%s: %s is left out", self._description, item, exc_info=error)
            self._note_problem(item, str(error))
        return True

    @api.model
    def _again(self, at):
        """Have the scheduled action that runs just now run again."""
        if cron_id := self.env.context.get("cron_id"):
            # sudo: it is ours, and what is scheduled anyway runs sooner
            self.env["ir.cron"].sudo().browse(cron_id)._trigger(at)

    @api.model
    def _note_problem(self, item, problem):
        """Show what kept a scheduled action from an item, or that nothing did (False): a company's in the list of the
        scheduled actions. Intended to be extended."""
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
