from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...engine.checks import choice
from ...services.arguments import argument
from ...services.job.start import ADMINISTRATOR, ALL, STEPS, StartList


class CrmStartStep(models.Model):
    """A first step that somebody has marked as done in a company; the others are found to be done."""

    _name = "crm.start.step"
    _description = "First step with CRM Plus"
    _rec_name = "code"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    code = fields.Char("Step", required=True, readonly=True)

    _step_unique = models.Constraint("UNIQUE (company_id, code)", "A step is marked once in each company.")

    @api.model
    def start_list(self):
        """``{"hidden", "steps", "sample"}`` of the current company: see ``services.job.start``; ``hidden`` when
        somebody has put the list away; ``sample`` tells administrators, and nobody else, of the sample company."""
        self.check_access("read")
        marked = set(self.search([("company_id", "=", self.env.company.id)]).mapped("code"))
        is_administrator = self.env.user.has_group(ADMINISTRATOR)
        return {
            "hidden": ALL in marked,
            "steps": StartList(self.env).steps(marked),
            "sample": is_administrator and self.env["crm.sample.company"]._card(),
        }

    @api.model
    def _mailings_to_segments(self):
        """The condition on the mailings that go to a segment; intended to be extended by what else chooses one."""
        return Domain("mailing_domain", "like", "crm_segment_id")

    @api.model
    def load_sample(self):
        """Have the sample company loaded into the current one: by administrators, not beside records of its own."""
        if not self.env.user.has_group(ADMINISTRATOR):
            raise AccessError(self.env._("Only administrators load the sample company."))
        self.env["crm.sample.company"]._ask_for()
        return True

    @api.model
    def sample_removal(self):
        """What removing the sample company from the current one would do, for the question before: ``{"going":
        [sentence], "staying": sentence or False, "note": sentence}``."""
        self._check_removes()
        return self.env["crm.sample.company"]._removal()

    @api.model
    def remove_sample(self):
        """Have the records of the sample company removed from the current one, but for those that people use."""
        self._check_removes()
        self.env["crm.sample.company"]._ask_to_remove()
        return True

    def _check_removes(self):
        if not self.env.user.has_group(ADMINISTRATOR):
            raise AccessError(self.env._("Only administrators remove the sample company."))

    @api.model
    def mark_step(self, code, is_done=True):
        """Mark a step of the current company as done, or as not done; the code "all" puts the list away."""
        self.check_access("read")
        code = argument(self.env, "code", code, choice((*STEPS, ALL)))
        # sudo: what every manager may mark; nothing but the code is written.
        marks = self.sudo()
        found = marks.search([("company_id", "=", self.env.company.id), ("code", "=", code)])
        if not is_done:
            found.unlink()
        elif not found:
            marks.create({"company_id": self.env.company.id, "code": code})
        return self.start_list()

    @api.model
    def run_step(self, code):
        """Have the scheduled action that a step waits for run now."""
        self.check_access("read")
        code = argument(self.env, "code", code, choice(STEPS))
        step = next(step for step in StartList(self.env).steps(()) if step["code"] == code)
        if step["button"] and "job" in step["button"]:
            self.env["crm.job"]._wake(step["button"]["job"])
        return self.start_list()
