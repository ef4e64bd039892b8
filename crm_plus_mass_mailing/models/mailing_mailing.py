from odoo import api, fields, models
from odoo.addons.crm_plus.services.customer import amounts
from odoo.addons.crm_plus_followup.services.followup.company_holdout import CompanyHoldout
from odoo.addons.crm_plus_followup.services.followup.personal import SENDER, names_amounts
from odoo.addons.crm_plus_followup.services.followup.result import Result
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


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
    crm_holdout_percent = fields.Float(
        "Held out (%)", default=0.0, help="Of those who would get it, this share does not, to see what it changes. "
        "Whoever is held out stays so.",
    )  # fmt: skip
    crm_result_text = fields.Text("Did it work?", compute="_compute_crm_result_text", groups=amounts.MANAGER)
    crm_audience_note = fields.Text("Who gets it", compute="_compute_crm_audience_note")

    _crm_share_held_out = models.Constraint(
        "CHECK (crm_holdout_percent >= 0 AND crm_holdout_percent <= 50)", "Held out: must be between 0 and 50%."
    )

    @api.depends("crm_holdout_percent", "crm_audience_id")
    @api.depends_context("uid", "lang")
    def _compute_crm_result_text(self):
        for mailing in self:
            audience = mailing.crm_audience_id._if_readable()
            mailing.crm_result_text = bool(audience and mailing._origin) and mailing._crm_result().text(
                expected=audience.member_count if mailing.crm_holdout_percent else 0
            )

    def _crm_result(self):
        """What the mailing changed: those who got it beside those whom it held out."""
        units = SQL(
            """SELECT h.id, h.held_out, h.date_assigned, h.partner_id AS customer
                 FROM crm_mailing_holdout h WHERE h.mailing_id = %s""",
            self._origin.id,
        )
        company = self.sudo().crm_audience_id.company_id  # sudo: its company only
        days = self.env["crm.followup.policy"]._read_of(company).window_days
        return Result(self.env, company, units, days, self.crm_holdout_percent)

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
        written = super().write(self._following_crm_audience(vals))
        if vals.get("state") == "done":
            for mailing in self:
                mailing._crm_as_sent()._crm_hide_amounts()
        return written

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
        """(who gets it, whom the contact limits hold back: contacted too often, or held out)."""
        # sudo: whom the conditions of the audience find with the rights of their author, whoever sends the mailing
        audience = self.crm_audience_id.sudo()
        found = audience._recipients()
        held_out = CompanyHoldout(self.env(su=True), audience.company_id).known(_customers(found).ids)
        held_out |= self.env["crm.mailing.holdout"].sudo()._known(self._origin)
        held_back = found.filtered(lambda record: _customers(record).id in held_out)
        if self.crm_within_limits:
            held_back |= audience._too_often(found - held_back)
        return found - held_back, held_back

    def _crm_as_sent(self):
        """The mailing as whoever is responsible for it sends it, also by the scheduled action: with the amounts that
        they may read, in the company of its audience."""
        sender = self.user_id or self.create_uid
        company = self.sudo().crm_audience_id.company_id or (
            self.env.su and sender.company_id
        )  # sudo: its company only
        allowed = company and (self.env.su or company in self.env.user.company_ids)
        mailing = self.with_company(company) if allowed else self
        return mailing.with_context(**{SENDER: sender.id})

    def _action_send_mail(self, res_ids=None):
        for mailing in self:
            super(MailingMailing, mailing._crm_as_sent())._action_send_mail(res_ids)
        return True

    def _crm_hide_amounts(self):
        """What stays on customers of the mails that were sent names no amounts, as everybody who may see the customer
        reads it. All are gone through once the mailing is done, also those of a run that came to no end."""
        if self.mailing_type != "mail" or not names_amounts(self.env, self.body_html):
            return
        # sudo: the copies that the mailing has left, whoever sent it
        mine = [("mass_mailing_id", "=", self.id), ("message_id", "!=", False)]
        references = self.env["mailing.trace"].sudo().search(mine).mapped("message_id")
        messages = self.env["mail.message"].sudo().search([
            ("message_id", "in", references), ("model", "=", self.mailing_model_real), ("res_id", "!=", False),
        ])  # fmt: skip
        hidden = self.with_context(**{amounts.HIDDEN: True})
        bodies = hidden._render_field("body_html", messages.mapped("res_id")) if messages else {}
        for message in messages:
            message.body = bodies[message.res_id]

    def _get_remaining_recipients(self):
        """Who is about to be contacted for the first time is assigned now: contacted, or held out for comparison."""
        if self.crm_audience_id._if_readable() and self.mailing_model_real == self._crm_audience_model():
            # sudo: nobody learns from it who is held out
            audience = self.crm_audience_id.sudo()
            CompanyHoldout(self.env(su=True), audience.company_id).held_out(_customers(audience._recipients()).ids)
            # A test of two versions reaches a random part of them: who got none was not held out.
            if self.crm_holdout_percent and not self.ab_testing_enabled:
                self.sudo()._crm_hold_out(audience)
        return super()._get_remaining_recipients()

    def _crm_hold_out(self, audience):
        """Hold a share of those out whom the mailing would reach: without an address nobody can be compared."""
        found = self._meeting_conditions(self._crm_audience_recipients()[0])
        channel = "sms" if self.mailing_type == "sms" else "email"
        for left_out in audience._left_out(found, channel).values():
            found -= left_out
        company, share = audience.company_id, self.crm_holdout_percent / 100
        salt = f"{self.env['crm.followup.policy']._of(company).holdout_salt} mailing {self.id}"
        self.env["crm.mailing.holdout"]._assign(self, company, _customers(found).ids, share, salt)

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
        found, held_back = self._crm_audience_recipients()
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
            self.env._("held back by the contact limits"): len(held_back),
            self.env._("do not meet the conditions below"): len(found - wanted),
            self.env._("archived"): audience._archived_count(),
        }
        count = len(wanted) - len(without) - len(blocked)
        lines = [
            self.env._(
                "%(count)s of %(all)s get it.",
                count=count,
                all=len(found | held_back) + left_out[self.env._("archived")],
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
