from odoo import api, fields, models
from odoo.addons.crm_plus_followup.services.followup.limits import contacted_too_often
from odoo.exceptions import UserError
from odoo.fields import Domain


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    crm_audience_id = fields.Many2one(
        "crm.audience", "Audience", ondelete="restrict", index="btree_not_null",
        help="Its members at the moment of sending get the mailing.",
    )  # fmt: skip
    crm_within_limits = fields.Boolean(
        "Within contact limits", default=True, help="Whoever has been contacted too often lately gets no mailing."
    )
    crm_audience_note = fields.Text("Who gets it", compute="_compute_crm_audience_note")

    @api.onchange("crm_audience_id")
    def _onchange_crm_audience_id(self):
        if self.crm_audience_id:
            self.mailing_model_id = self.env["ir.model"]._get(self._crm_audience_model())

    @api.model_create_multi
    def create(self, vals_list):
        mailings = super().create(vals_list)
        mailings.filtered("crm_audience_id")._follow_crm_audience()
        return mailings

    def write(self, vals):
        result = super().write(vals)
        if vals.get("crm_audience_id"):
            self._follow_crm_audience()
        return result

    def _follow_crm_audience(self):
        """The recipients are contacts or leads, as the audience has it."""
        for mailing in self:
            model = self.env["ir.model"]._get(mailing._crm_audience_model())
            if mailing.mailing_model_id != model:
                mailing.mailing_model_id = model

    def _crm_audience_model(self):
        return "crm.lead" if self.crm_audience_id.kind == "lead" else "res.partner"

    def _get_recipients_domain(self):
        domain = super()._get_recipients_domain()
        if not self.crm_audience_id:
            return domain
        if self.mailing_model_real != self._crm_audience_model():
            raise UserError(self.env._("The recipients are not those of the audience. Choose the audience again."))
        return domain & Domain("id", "in", self._crm_audience_recipients()[0].ids)

    def _crm_audience_recipients(self):
        """(who gets it, who is contacted too often)."""
        # sudo: whom the conditions of the audience find with the rights of their author, whoever sends the mailing
        audience = self.crm_audience_id.sudo()
        found = audience._recipients()
        often = found.browse()
        if self.crm_within_limits:
            customers = found.partner_id if found._name == "crm.lead" else found
            ids = contacted_too_often(self.env(su=True), audience.company_id, customers.commercial_partner_id.ids)
            often = found.filtered(
                lambda r: (r.partner_id if r._name == "crm.lead" else r).commercial_partner_id.id in ids
            )
        return found - often, often

    @api.depends("crm_audience_id", "crm_within_limits", "mailing_domain", "mailing_model_id")
    @api.depends_context("lang")
    def _compute_crm_audience_note(self):
        for mailing in self:
            mailing.crm_audience_note = mailing.crm_audience_id and mailing._crm_audience_told()

    def _crm_audience_told(self):
        """How many get it, and whom it leaves out and why."""
        if self.mailing_model_real != self._crm_audience_model():
            return False
        found, often = self._crm_audience_recipients()
        wanted = found.filtered_domain(self._parse_mailing_domain())
        without = wanted.filtered(lambda record: not record.email_normalized)
        blocked = (wanted - without).filtered("is_blacklisted") if self.use_exclusion_list else wanted.browse()
        lines = [
            self.env._("%(count)s of %(all)s get it.", count=len(wanted - without - blocked), all=len(found | often))
        ]
        left_out = {
            self.env._("no email address: %s"): without,
            self.env._("opted out: %s"): blocked,
            self.env._("contacted too often: %s"): often,
            self.env._("do not meet the conditions below: %s"): found - wanted,
        }
        lines += [text % len(records) for text, records in left_out.items() if records]
        return "\n".join(lines)
