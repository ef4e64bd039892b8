from odoo import fields, models
from odoo.tools import format_list


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_plus_use_prediction = fields.Boolean(related="company_id.crm_plus_use_prediction", readonly=False)
    crm_plus_backfill_progress = fields.Float("History loaded (%)", compute="_compute_crm_plus_backfill")
    crm_plus_backfill_text = fields.Char("Interaction history", compute="_compute_crm_plus_backfill")
    crm_plus_job_text = fields.Text("Scheduled actions in trouble", compute="_compute_crm_plus_job_text")

    def _compute_crm_plus_job_text(self):
        states = dict(self.env["crm.job"]._fields["state"]._description_selection(self.env))
        jobs = self.env["crm.job"].search([]).filtered(lambda job: job.state in ("problem", "failing", "late"))
        self.crm_plus_job_text = "\n".join(f"{job.name}: {states[job.state]}" for job in jobs)

    def _compute_crm_plus_backfill(self):
        sources = self.env["crm.interaction.source"].search([("kind", "=", "records")])
        sources = sources.filtered(lambda source: source.state != "dormant")
        loaded = sources.filtered("backfill_done")
        progress = sum(sources.mapped("backfill_progress")) / len(sources) if sources else 100.0
        broken = sources.filtered(lambda source: source.state == "broken")
        text = self.env._("%(loaded)s of %(all)s sources loaded", loaded=len(loaded), all=len(sources))
        if broken:
            text = self.env._(
                "%(text)s, broken: %(names)s", text=text, names=format_list(self.env, broken.mapped("name"))
            )
        for settings in self:
            settings.crm_plus_backfill_progress = progress
            settings.crm_plus_backfill_text = text
