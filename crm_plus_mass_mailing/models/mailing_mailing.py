from odoo import api, fields, models
from odoo.addons.crm_plus_followup.services.followup.company_holdout import CompanyHoldout
from odoo.addons.crm_plus_followup.services.followup.personal import SENDER
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    crm_audience_id = fields.Many2one(
        "crm.audience", "Audience", ondelete="restrict", index="btree_not_null",
        help="Its members at the moment of sending get the mailing.",
    )  # fmt: skip
    crm_segment_id = fields.Many2one(
        "crm.segment", "Segment", compute="_compute_crm_group", inverse="_inverse_crm_segment_id", readonly=False,
        help="Its customers at the moment of sending get the mailing.",
    )  # fmt: skip
    crm_tier_id = fields.Many2one(
        "crm.tier", "Tier", compute="_compute_crm_group", inverse="_inverse_crm_tier_id", readonly=False,
        help="Its customers at the moment of sending get the mailing.",
    )  # fmt: skip
    crm_within_limits = fields.Boolean(
        "Within contact limits", default=True, help="Whoever has been contacted too often lately gets no mailing."
    )
    crm_audience_note = fields.Text("Who gets it", compute="_compute_crm_audience_note")

    @api.depends("crm_audience_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_crm_group(self):
        for mailing in self:
            audience = mailing.crm_audience_id._if_readable()
            mailing.crm_segment_id, mailing.crm_tier_id = audience.segment_id, audience.tier_id

    def _inverse_crm_segment_id(self):
        for mailing in self.filtered("crm_segment_id"):
            mailing.crm_audience_id = mailing.crm_segment_id._reach_audience()

    def _inverse_crm_tier_id(self):
        for mailing in self.filtered("crm_tier_id"):
            mailing.crm_audience_id = mailing.crm_tier_id._reach_audience()

    @api.onchange("crm_segment_id", "crm_tier_id")
    def _onchange_crm_group(self):
        """The other one is not meant any more."""
        chosen = self.crm_audience_id.segment_id or self.crm_audience_id.tier_id
        group = next((g for g in (self.crm_segment_id, self.crm_tier_id) if g and g != chosen), None)
        if group:
            self.crm_audience_id = group._reach_audience()

    @api.onchange("crm_audience_id")
    def _onchange_crm_audience_id(self):
        if self.crm_audience_id:
            self.mailing_model_id = self.env["ir.model"]._get(self._crm_audience_model())

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_crm_audience_id")
        return super().create([self._following_crm_audience(vals, default) for vals in vals_list])

    def write(self, vals):
        return super().write(self._following_crm_audience(vals))

    @api.model
    def _following_crm_audience(self, vals, default=None):
        """With an audience, the recipients are contacts or leads, as it has it."""
        audience = self.env["crm.audience"].browse(vals.get("crm_audience_id", default))
        if not audience:
            return vals
        audience._check_chosen()
        return {**vals, "mailing_model_id": self.env["ir.model"]._get_id(_model_of(audience))}

    def _crm_audience_model(self):
        return _model_of(self.crm_audience_id)

    @api.constrains("crm_audience_id", "mailing_model_id")
    def _check_crm_audience_model(self):
        for mailing in self.filtered("crm_audience_id"):
            if mailing.mailing_model_real != mailing._crm_audience_model():
                raise ValidationError(
                    self.env._("The recipients are not those of the audience. Choose the audience again.")
                )

    def action_crm_preview(self):
        """The mailing as a customer gets it."""
        self.ensure_one()
        self.check_access("read")
        values = {"mailing_id": self.id}
        records = self.env[self.mailing_model_real].browse(self._get_recipients()[:20])._filtered_access("read")[:1]
        if name := {"res.partner": "partner_id", "crm.lead": "lead_id"}.get(records._name):
            values[name] = records.id
        preview = self.env["crm.mailing.preview"].create(values)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview for a customer"),
            "res_model": preview._name,
            "res_id": preview.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _get_recipients_domain(self):
        domain = super()._get_recipients_domain()
        if not self.crm_audience_id:
            return domain
        if not self.crm_audience_id._if_readable() or self.mailing_model_real != self._crm_audience_model():
            return Domain.FALSE
        return domain & Domain("id", "in", self._crm_audience_recipients()[0].ids)

    def _crm_audience_recipients(self):
        """(who gets it, who is contacted too often); who is held out from everything is in neither."""
        # sudo: whom the conditions of the audience find with the rights of their author, whoever sends the mailing
        audience = self.crm_audience_id.sudo()
        found = audience._recipients()
        held_out = CompanyHoldout(self.env(su=True), audience.company_id).known(_customers(found).ids)
        found = found.filtered(lambda record: _customers(record).id not in held_out)
        often = audience._too_often(found) if self.crm_within_limits else found.browse()
        return found - often, often

    def _action_send_mail(self, res_ids=None):
        """What the scheduled action sends names the amounts that whoever is responsible for it may read."""
        for mailing in self:
            sender = mailing.user_id or mailing.create_uid
            super(MailingMailing, mailing.with_context(**{SENDER: sender.id}))._action_send_mail(res_ids)
        return True

    def _get_remaining_recipients(self):
        """Who is about to be contacted for the first time is assigned now: contacted, or held out for comparison."""
        if self.crm_audience_id._if_readable() and self.mailing_model_real == self._crm_audience_model():
            # sudo: nobody learns from it who is held out
            audience = self.crm_audience_id.sudo()
            CompanyHoldout(self.env(su=True), audience.company_id).held_out(_customers(audience._recipients()).ids)
        return super()._get_remaining_recipients()

    @api.depends("crm_audience_id", "crm_within_limits", "mailing_domain", "mailing_model_id")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_crm_audience_note(self):
        for mailing in self:
            readable = mailing.crm_audience_id._if_readable()
            mailing.crm_audience_note = bool(readable) and mailing._crm_audience_told()

    def _crm_audience_told(self):
        """How many get it, and whom it leaves out and why."""
        if self.mailing_model_real != self._crm_audience_model():
            return False
        found, often = self._crm_audience_recipients()
        try:
            wanted = self._meeting_conditions(found)
        except AccessError:
            return self.env._("The conditions below ask for something you have no access to.")
        # sudo: how many of them cannot be written to
        audience = self.crm_audience_id.sudo()
        channel = "sms" if self.mailing_type == "sms" else "email"
        (no_address, without), (opted_out, blocked) = audience._left_out(wanted.sudo(), channel).items()
        if not self.use_exclusion_list:
            blocked = blocked.browse()
        left_out = {
            no_address: len(without),
            opted_out: len(blocked),
            self.env._("contacted too often"): len(often),
            self.env._("do not meet the conditions below"): len(found - wanted),
            self.env._("archived"): audience._archived_count(),
        }
        count = len(wanted) - len(without) - len(blocked)
        lines = [
            self.env._(
                "%(count)s of %(all)s get it.", count=count, all=len(found | often) + left_out[self.env._("archived")]
            )
        ]
        lines += [f"{why}: {number}" for why, number in left_out.items() if number]
        return "\n".join(lines)

    def _meeting_conditions(self, found):
        """Those of these recipients who meet the conditions of the mailing, asked with the rights of the user: how many
        they are would tell what they must not read."""
        conditions = Domain(self._parse_mailing_domain())
        if conditions.is_true():
            return found
        return found & self.env[found._name].search(conditions & Domain("id", "in", found.ids))


def _customers(recipients):
    """The customers that contacts or leads belong to."""
    return (recipients.partner_id if recipients._name == "crm.lead" else recipients).commercial_partner_id


def _model_of(audience):
    """The model of the recipients of an audience."""
    return "crm.lead" if audience.kind == "lead" else "res.partner"
