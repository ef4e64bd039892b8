from odoo import api, fields, models
from odoo.addons.crm_plus_followup.services.followup.personal import names_amounts


class CrmFollowupStep(models.Model):
    _inherit = "crm.followup.step"

    kind = fields.Selection(
        selection_add=[("sms", "SMS"), ("tag",)],
        ondelete={"sms": lambda steps: steps._go_with_app()},
    )
    sms_template_id = fields.Many2one("sms.template", "SMS template", ondelete="restrict")

    @api.depends("sms_template_id")
    def _compute_name(self):  # pylint: disable=missing-return  # it returns nothing
        super()._compute_name()

    def _about(self):
        return self.sms_template_id.name if self.kind == "sms" else super()._about()

    @api.constrains("sms_template_id")
    def _check_sms_template(self):
        self._check_active_rule()

    def _needed(self):
        return "sms_template_id" if self.kind == "sms" else super()._needed()

    def _is_contact(self):
        return self.kind == "sms" or super()._is_contact()

    def _is_direct(self):
        return self.kind == "sms" or super()._is_direct()

    def _has_address(self, run):
        if self.kind != "sms":
            return super()._has_address(run)
        return bool((run._contact() or run.lead_id).phone_sanitized)

    def _take_sms(self, runs):
        """One message each, which the host's queue sends and the chatter shows; who has no number, or wants none, gets
        none."""
        hidden = names_amounts(self.env, self.sms_template_id.body)
        sent, refs, left_out = runs.browse(), {}, {}
        for run in runs:
            whom, why = self._sms_recipients(run)
            if why:
                left_out[run] = why
                continue
            message = (
                run._record()
                .with_context(mail_create_nosubscribe=True, mail_post_autofollow=False)
                ._message_sms_with_template(template=self.sms_template_id, put_in_queue=True, **whom)
            )
            if hidden:
                self._hide_amounts(message, self.sms_template_id, "body")
            refs[run] = message.id
            sent |= run
        runs.browse([run.id for run in left_out])._tell("skipped", lambda run: left_out[run])
        sent._tell("sms", lambda _run: self.name, message_ref=refs)

    def _sms_recipients(self, run):
        """(whom the host is to send it to, False), or (None, why nobody): a lead without a customer by its own
        number."""
        people = self.rule_id.audience_id._addressees(run._contact()) or run.lead_id
        known = people.filtered("phone_sanitized")
        allowed = known.filtered(lambda one: not one.phone_sanitized_blacklisted)
        if not allowed:
            return None, self.env._("opted out") if known else self.env._("no phone number")
        if allowed._name == "crm.lead":
            return {"partner_ids": [], "sms_numbers": allowed.mapped("phone_sanitized")}, False
        numbers = {partner.id: partner.phone_sanitized for partner in allowed}
        return {"partner_ids": allowed.ids, "sms_pid_to_number": numbers}, False
