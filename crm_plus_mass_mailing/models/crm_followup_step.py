from odoo import api, fields, models


class CrmFollowupStep(models.Model):
    _inherit = "crm.followup.step"

    kind = fields.Selection(
        selection_add=[("list", "Mailing list"), ("tag",)],
        ondelete={"list": lambda steps: steps._go_with_app()},
    )
    mailing_list_id = fields.Many2one("mailing.list", "Put on the list", ondelete="restrict")

    @api.depends("mailing_list_id")
    def _compute_name(self):  # pylint: disable=missing-return  # it returns nothing
        super()._compute_name()

    def _about(self):
        # sudo: managers of rules need not be in marketing to see the name of the list
        return self.sudo().mailing_list_id.name if self.kind == "list" else super()._about()

    @api.constrains("mailing_list_id")
    def _check_mailing_list(self):
        self._check_active_rule()

    def _needed(self):
        return "mailing_list_id" if self.kind == "list" else super()._needed()

    def _take_list(self, runs):
        """Put them on the list by their address; who has unsubscribed from it stays so."""
        audience, wanted, put = self.rule_id.audience_id, {}, runs.browse()
        for run in runs:
            people = audience._addressees(run._contact()) or run.lead_id
            reachable = people.filtered(lambda one: one.email_normalized and not one.is_blacklisted)
            wanted |= {one.email_normalized: one for one in reachable}
            put |= run if reachable else run.browse()
        self.mailing_list_id._crm_put(wanted)
        put._tell("list", lambda _run: self.name)
        (runs - put)._tell("skipped", lambda _run: self.env._("no email address, or opted out"))
