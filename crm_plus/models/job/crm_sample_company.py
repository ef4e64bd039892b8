from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...demo import story
from ...services.job.sample import SampleRecords
from ..kpi.crm_kpi_day import JOB as KPI
from ..kpi.crm_kpi_day import RECORDED, REPLAYED

JOB = "ir_cron_load_sample"
# What is remembered of a company: how many parts are loaded; how many records there were when it was to be removed; and
# the names of those that were kept.
LOADED, REMOVING, KEPT = "sample_parts", "sample_removing", "sample_kept"
# So many of the records that stay are named.
NAMED = 20


class CrmSampleCompany(models.AbstractModel):
    """The sample company: planned by the host's demo data or by an administrator, and loaded part by part by a
    scheduled action, so that nobody waits for it and tests of a database with demo data do not see it. The same
    scheduled action removes it again."""

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
            self.env["crm.job.memory"]._note(company, "sample", {LOADED: 0, KEPT: None})

    @api.model
    def _remembered(self, company):
        return self.env["crm.job.memory"]._of(company).get(company.id, {})

    @api.model
    def _loaded(self, company):
        """How many parts are loaded; None when it has not been asked for."""
        return self._remembered(company).get(LOADED)

    @api.model
    def _cron_load(self):
        waiting = self.env["res.company"].search([]).filtered(self._is_waiting)
        if self._in_steps(waiting, self._next) and waiting:
            self.env["crm.job"]._wake_first()

    @api.model
    def _is_waiting(self, company):
        loaded = self._loaded(company)
        return loaded is not None and (loaded < len(story.PARTS) or bool(self._remembered(company).get(REMOVING)))

    @api.model
    def _next(self, company):
        """Load or remove the next part; whether it was the last."""
        return self._remove_next(company) if self._remembered(company).get(REMOVING) else self._load_next(company)

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

    @api.model
    def _remove_next(self, company):
        """Remove the next records; whether they were the last. What people have used since stays, as the company's."""
        sample = SampleRecords(self.env, company)
        if sample.remove_some():
            return False
        kept = [record.display_name for _leaving, used in sample.plan().values() for record in used]
        sample.forget()
        self._forget_figures(company)
        self.env["crm.job.memory"]._note(company, "sample", {LOADED: None, REMOVING: None, KEPT: kept or None})
        return True

    @api.model
    def _forget_figures(self, company):
        """What was learned from the sample is used no longer, and the figures of past days are counted again."""
        self.env["crm.score.model"].search([("company_id", "=", company.id), ("state", "=", "published")])._retire()
        for use in ("purchases", "values", "clusters"):
            self.env["crm.purchase.model"]._retire(company, use)
        self.env["crm.kpi.day"].search([("company_id", "=", company.id)]).unlink()
        self.env["crm.job.memory"]._note(company, KPI, {RECORDED: None, REPLAYED: 0})
        company.write({"crm_plus_trained_date": False, "crm_plus_predicted_until": 0})

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
        """``{"state", "text", "progress", "removable"}`` for the current administrator: "offered", "running",
        "problem", "done" or "removed"; False when there is nothing to offer."""
        company = self.env.company
        loaded, removing = self._loaded(company), self._remembered(company).get(REMOVING)
        if loaded is None:
            return self._card_before(company)
        if loaded == len(story.PARTS) and not removing:
            text = self.env._(
                "The sample company is loaded. Its story begins on the segment map, with Aurora Coffee House, who used "
                "to bring most and stays away."
            )
            removable = SampleRecords(self.env, company).exist()
            return {"state": "done", "progress": False, "text": text, "removable": removable}
        problem, when = self._problem(company), self.env["crm.job"]._when(JOB)
        if removing:
            text = self.env._("The sample company is being removed (%s).", when)
            progress = 100 - 100 * min(SampleRecords(self.env, company).count() / removing, 1)
        else:
            text = self.env._("The sample company is being loaded (%s).", when)
            progress = 100 * loaded / len(story.PARTS)
        return {
            "state": "problem" if problem else "running",
            "progress": round(progress),
            "text": problem or text,
            "removable": bool(problem),
        }

    @api.model
    def _card_before(self, company):
        kept = self._remembered(company).get(KEPT)
        if kept:
            text = self.env._(
                "The sample company was removed. What people have used since is still there: %s.", self._names(kept)
            )
            return {"state": "removed", "progress": False, "text": text, "removable": False}
        text = self.env._(
            "A coffee roaster with 300 customers and two years of orders, conversations and leads that end today, to "
            "try CRM Plus with. It can be removed again."
        )
        return self._may_load() and {"state": "offered", "progress": False, "text": text, "removable": False}

    @api.model
    def _names(self, names):
        """The first of them in words, and how many more there are."""
        if len(names) <= NAMED:
            return format_list(self.env, names)
        return self.env._(
            "%(names)s and %(count)s more", names=", ".join(names[:NAMED]), count=f"{len(names) - NAMED:,}"
        )

    # ------------------------------------------------------------------ away again

    @api.model
    def _removal(self):
        """What removing it would do, in sentences: ``{"going", "staying", "note"}``; ``staying`` False without any."""
        company = self.env.company
        self._check_removable(company)
        plan = SampleRecords(self.env, company).plan()
        # sudo: the names of the kinds of records
        kinds = self.env["ir.model"].sudo()
        going = [f"{kinds._get(model).name}: {len(leaving):,}" for model, (leaving, _used) in plan.items() if leaving]
        # superuser: for an administrator, names of records that came with the sample
        staying = [record.display_name for _leaving, used in plan.values() for record in used]
        return {
            "going": going,
            "staying": staying
            and self.env._(
                "%(count)s of its records stay, because people have changed them or made something with them: "
                "%(names)s.",
                count=f"{len(staying):,}",
                names=self._names(staying),
            ),
            "note": self.env._(
                "Nothing that people have entered is removed. Predictions that learned from the sample are retired, "
                "and the figures of past days are counted again."
            ),
        }

    @api.model
    def _ask_to_remove(self):
        """Have it removed soon, for an administrator who has been asked."""
        company = self.env.company
        self._check_removable(company)
        count = SampleRecords(self.env, company).count()
        self.env["crm.job.memory"]._note(company, "sample", {LOADED: len(story.PARTS), REMOVING: count})
        self.env["crm.job"]._wake_for_user(JOB)

    @api.model
    def _check_removable(self, company):
        if not SampleRecords(self.env, company).exist():
            raise UserError(self.env._("There is no sample company in %s to remove.", company.display_name))

    @api.model
    def _problem(self, company):
        cron = self.env.ref(f"crm_plus.{JOB}", raise_if_not_found=False)
        return cron and company._crm_plus_problem(cron.id)
