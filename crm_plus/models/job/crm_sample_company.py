from odoo import api, models
from odoo.exceptions import UserError

from ...demo import story

JOB = "ir_cron_load_sample"
# How many parts are loaded, in what is remembered of a company.
LOADED = "sample_parts"


class CrmSampleCompany(models.AbstractModel):
    """The sample company: planned by the host's demo data or by an administrator, and loaded part by part by a
    scheduled action, so that nobody waits for it and tests of a database with demo data do not see it."""

    _name = "crm.sample.company"
    _description = "Sample company"
    _inherit = ["crm.job.mixin"]

    @api.model
    def _plan(self):
        """Have it loaded into the current company soon, unless it has been already."""
        self._note_wanted()
        self.env["crm.job"]._wake(JOB)

    @api.model
    def _note_wanted(self):
        company = self.env.company
        if self._loaded(company) is None:
            self.env["crm.job.memory"]._note(company, "sample", {LOADED: 0})

    @api.model
    def _loaded(self, company):
        """How many parts are loaded; None when it has not been asked for."""
        return self.env["crm.job.memory"]._of(company).get(company.id, {}).get(LOADED)

    @api.model
    def _cron_load(self):
        companies = self.env["res.company"].search([])
        remembered = self.env["crm.job.memory"]._of(companies)
        waiting = companies.filtered(
            lambda company: remembered.get(company.id, {}).get(LOADED, len(story.PARTS)) < len(story.PARTS)
        )
        if self._in_steps(waiting, self._load_next) and waiting:
            self.env["crm.job"]._wake_first()

    @api.model
    def _load(self, company):
        """All of it at once; False when it is there already."""
        if self._loaded(company) == len(story.PARTS):
            return False
        while not self._load_next(company):
            pass
        return True

    @api.model
    def _load_next(self, company):
        """Load the next part; whether it was the last."""
        loaded = self._loaded(company) or 0
        if loaded < len(story.PARTS):
            inside = self.with_company(company).with_context(allowed_company_ids=company.ids)
            story.PARTS[loaded](inside.env)
            loaded += 1
            self.env["crm.job.memory"]._note(company, "sample", {LOADED: loaded})
        return loaded == len(story.PARTS)

    # ------------------------------------------------------------------ for who is asked

    @api.model
    def _ask_for(self):
        """Plan it for an administrator; refused where there are leads or orders of a company's own."""
        if self._loaded(self.env.company) is None and not self._may_load():
            raise UserError(
                self.env._(
                    "%s has leads or orders of its own: load the sample company into an empty database.",
                    self.env.company.display_name,
                )
            )
        self._note_wanted()
        self.env["crm.job"]._wake_for_user(JOB)

    @api.model
    def _may_load(self):
        """Whether nothing of the current company would be mixed with the sample: it is empty, or of demo data."""
        # sudo: whether there is something, and what it is
        if self.env.ref("base.module_crm_plus").sudo().demo:
            return True
        mine = [("company_id", "in", [self.env.company.id, False])]
        return not any(self.env[name].sudo().search_count(mine, limit=1) for name in ("sale.order", "crm.lead"))

    @api.model
    def _card(self):
        """``{"state", "text", "progress"}`` for the current administrator: "offered", "running", "problem" or "done";
        False when there is nothing to offer."""
        company = self.env.company
        loaded, count = self._loaded(company), len(story.PARTS)
        if loaded is None:
            return self._may_load() and {
                "state": "offered",
                "progress": False,
                "text": self.env._(
                    "A coffee roaster with 300 customers and two years of orders, conversations and leads that end "
                    "today, to try CRM Plus with. It cannot be taken away again: use a database made for trying."
                ),
            }
        if loaded == count:
            text = self.env._(
                "The sample company is loaded. Its story begins on the segment map, with Aurora Coffee House, who used "
                "to bring most and stays away."
            )
            return {"state": "done", "progress": False, "text": text}
        problem = self._problem(company)
        return {
            "state": "problem" if problem else "running",
            "progress": round(100 * loaded / count),
            "text": problem or self.env._("The sample company is being loaded (%s).", self.env["crm.job"]._when(JOB)),
        }

    @api.model
    def _problem(self, company):
        cron = self.env.ref(f"crm_plus.{JOB}", raise_if_not_found=False)
        return cron and company._crm_plus_problem(cron.id)
