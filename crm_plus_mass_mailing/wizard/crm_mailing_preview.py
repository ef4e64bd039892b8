from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class CrmMailingPreview(models.TransientModel):
    """A mailing as one customer gets it, by the host's renderer."""

    _name = "crm.mailing.preview"
    _inherit = ["crm.readable.mixin"]
    _description = "Preview of a mailing"

    mailing_id = fields.Many2one("mailing.mailing", required=True, readonly=True, ondelete="cascade")
    model = fields.Char(related="mailing_id.mailing_model_real", related_sudo=False, string="Recipients")
    partner_id = fields.Many2one("res.partner", "Customer")
    lead_id = fields.Many2one("crm.lead")
    subject = fields.Char(compute="_compute_rendered")
    body = fields.Html(compute="_compute_rendered", sanitize=False)

    @api.depends("partner_id", "lead_id", "mailing_id")
    def _compute_rendered(self):
        for preview in self:
            preview.subject, preview.body = preview._rendered()

    def _rendered(self):
        mailing = self.mailing_id._crm_as_sent()
        record = self.lead_id if self.model == "crm.lead" else self.partner_id
        if not record or record._name != mailing.mailing_model_real:
            return False, False
        record.check_access("read")
        try:
            subject = mailing._render_field("subject", record.ids)[record.id]
            body = mailing.body_plaintext if mailing.mailing_type == "sms" else False
            if body is False:
                return subject, mailing._render_field("body_html", record.ids)[record.id]
            return subject, plaintext2html(self._text(mailing, record, body))
        except UserError as error:
            return False, plaintext2html(str(error))

    def _text(self, mailing, record, body):
        return mailing.env["mail.render.mixin"]._render_template(body or "", record._name, record.ids)[record.id]
