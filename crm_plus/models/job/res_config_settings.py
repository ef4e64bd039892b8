from odoo import fields, models
from odoo.tools import format_list

from ...services.job.sizing import Sizing


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_plus_use_prediction = fields.Boolean(related="company_id.crm_plus_use_prediction", readonly=False)
    crm_plus_capture = fields.Selection(
        [("now", "Immediately"), ("minute", "Within a minute")],
        "Interaction history is updated",
        default="now",
        required=True,
        config_parameter="crm_plus.capture",
        help="Within a minute: saving a record only marks it, and a scheduled action does the rest.",
    )
    crm_plus_backfill_progress = fields.Float("History loaded (%)", compute="_compute_crm_plus_backfill")
    crm_plus_backfill_text = fields.Char("Interaction history", compute="_compute_crm_plus_backfill")
    crm_plus_sizing_text = fields.Char("What it takes here", compute="_compute_crm_plus_sizing_text")
    crm_plus_job_text = fields.Text("Scheduled actions with problems", compute="_compute_crm_plus_job_text")

    def set_values(self):
        result = super().set_values()
        if cron := self.env.ref("crm_plus.ir_cron_capture", raise_if_not_found=False):
            minutes = 1 if self.crm_plus_capture == "minute" else 5
            # sudo: only how often it runs, by who may change these settings
            if cron.sudo().interval_number != minutes:
                cron.sudo().write({"interval_number": minutes, "nextcall": fields.Datetime.now()})
        return result

    def _compute_crm_plus_sizing_text(self):
        self.crm_plus_sizing_text = Sizing(self.env).text()

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
                "%(text)s; failing: %(names)s", text=text, names=format_list(self.env, broken.mapped("name"))
            )
        for settings in self:
            settings.crm_plus_backfill_progress = progress
            settings.crm_plus_backfill_text = text
