from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine.interaction.days import CLOCK_SKEW
from ..models.interaction.crm_interaction import MAX_HOURS, OUTCOMES
from ..services.customer.amounts import USER

CHANNEL_OF_KIND = {"call": "phone", "visit": "visit", "message": "message", "other": "note"}
KIND_OF_CHANNEL = {code: kind for kind, code in CHANNEL_OF_KIND.items()} | {"meeting": "visit"}
EDITED = ("date", "duration", "direction", "outcome", "name", "note")


class CrmInteractionLog(models.TransientModel):
    """One dialog to log a call, a visit, a message or anything else, or to correct what one has logged.

    Opened on several customers or leads at once, it logs the same for each of them.
    """

    _name = "crm.interaction.log"
    _inherit = ["crm.readable.mixin"]
    _description = "Log interaction"

    interaction_id = fields.Many2one("crm.interaction", "Corrected entry", ondelete="cascade")
    kind = fields.Selection(
        [("call", "Call"), ("visit", "Visit"), ("message", "Message"), ("other", "Other")],
        required=True,
        default="call",
    )
    date = fields.Datetime("When", required=True, default=fields.Datetime.now)
    duration = fields.Float(help="Hours and minutes, for example 0:30.")
    direction = fields.Selection(
        [("out", "Outgoing: we contacted them"), ("in", "Incoming: they contacted us"), ("none", "Internal")],
        required=True,
        default="out",
    )
    outcome = fields.Selection(OUTCOMES)
    name = fields.Char("Summary")
    note = fields.Text()
    partner_id = fields.Many2one(
        "res.partner", "Customer", compute="_compute_partner_id", compute_sudo=False, store=True, readonly=False,
        precompute=True,
    )  # fmt: skip
    lead_id = fields.Many2one("crm.lead")
    partner_ids = fields.Many2many("res.partner", string="Customers")
    lead_ids = fields.Many2many("crm.lead", string="Leads", groups=USER)
    is_many = fields.Boolean("Several at once", compute="_compute_is_many", compute_sudo=False)
    next_activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Next step",
        domain="[('res_model', 'in', [False, 'crm.lead' if lead_id else 'res.partner'])]",
    )
    next_summary = fields.Char("To do")
    next_date = fields.Date(
        "Due", compute="_compute_next_step", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    next_user_id = fields.Many2one(
        "res.users",
        "Assigned to",
        domain="[('share', '=', False)]",
        compute="_compute_next_step",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.depends("lead_id")
    def _compute_partner_id(self):
        for log in self:
            # A lead's customer may be one of another company.
            log.partner_id = log._readable(log.lead_id.partner_id._origin) or log.partner_id

    @api.depends("partner_ids", "lead_ids")
    def _compute_is_many(self):
        for log in self:
            log.is_many = bool(log.partner_ids or log._several_leads())

    @api.depends("next_activity_type_id")
    def _compute_next_step(self):
        for log in self:
            activity_type = log.next_activity_type_id
            log.next_date = activity_type._get_date_deadline() if activity_type else False
            log.next_user_id = (activity_type.default_user_id or self.env.user) if activity_type else False

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + CLOCK_SKEW
        for log in self:
            if log.date > latest:
                raise ValidationError(
                    self.env._(
                        "When: this is in the future. Enter when it took place, or schedule an activity instead."
                    )
                )

    @api.constrains("duration")
    def _check_duration(self):
        if not all(0 <= log.duration <= MAX_HOURS for log in self):
            raise ValidationError(self.env._("Duration: enter zero or more, for example 0:30 for half an hour."))

    @api.constrains("partner_id", "lead_id", "partner_ids", "lead_ids")
    def _check_target(self):
        if not all(log._targets() for log in self):
            raise ValidationError(self.env._("Customer: choose the customer or the lead you were in touch with."))

    @api.constrains("next_activity_type_id", "next_date")
    def _check_next_step(self):
        if any(log.next_activity_type_id and not log.next_date for log in self):
            raise ValidationError(self.env._("Due: choose a date for the next step, or leave the next step empty."))

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if interaction_id := values.get("interaction_id"):
            return values | self._values_to_edit(self._given("crm.interaction", interaction_id))
        model = self.env.context.get("active_model")
        name = {"res.partner": "partner_id", "crm.lead": "lead_id"}.get(model) if isinstance(model, str) else None
        if name and not (values.get("partner_id") or values.get("lead_id")):
            chosen = self._given(model, self.env.context.get("active_ids") or [])
            values |= {name: chosen.id} if len(chosen) == 1 else {f"{name}s": [(6, 0, chosen.ids)]}
        return values

    def _values_to_edit(self, interaction):
        interaction.check_access("read")
        return {name: interaction[name] for name in EDITED} | {
            "kind": KIND_OF_CHANNEL.get(interaction.channel_id.code, "other"),
            "partner_id": self._readable(interaction.partner_id).id,
            "lead_id": self._readable(interaction.lead_id).id,
        }

    def action_log(self):
        """Log it, and schedule the next step when there is one."""
        self._log()
        if self.next_activity_type_id:
            self._schedule_next_step()
        return {"type": "ir.actions.act_window_close"}

    def action_log_and_plan(self):
        """Log it, and go on with the host's own dialog, which knows plans, notes and other documents."""
        targets = self._log()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan next step"),
            "res_model": "mail.activity.schedule",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": targets._name,
                "active_ids": targets.ids,
                "active_id": targets[:1].id,
                "dialog_size": "large",
            },
        }

    def _several_leads(self):
        """The leads it was opened on; none for who may open no leads."""
        return self.lead_ids if self._has_field_access(self._fields["lead_ids"], "read") else self.env["crm.lead"]

    def _targets(self):
        """The leads it is about, else the customers: that is also where the next step goes."""
        return self._several_leads() or self.lead_id or self.partner_ids or self.partner_id

    def _log(self):
        """Write the entry, or one entry for each customer or lead. Returns these."""
        self._one()
        targets = self._targets()
        targets.check_access("read")
        self.partner_id.check_access("read")
        values = {name: self[name] for name in EDITED} | {"channel_id": self._channel().id}
        if self.interaction_id:
            self.interaction_id.write(values | self._corrected_whom())
        else:
            self.env["crm.interaction"].create([values | self._whom(target) for target in targets])
        return targets

    def _corrected_whom(self):
        """Customer and lead of the corrected entry; one that is out of the user's sight by now stays."""
        return {
            name: self[name].id
            for name in ("partner_id", "lead_id")
            if self.interaction_id[name] == self._readable(self.interaction_id[name])
        }

    def _whom(self, target):
        if target._name == "crm.lead":
            # without a customer: that of the lead
            return {"lead_id": target.id, "partner_id": self.partner_id.id}
        # A lead brings its own company; a customer is often shared by several.
        return {"partner_id": target.id, "company_id": self.env.company.id}

    def _channel(self):
        """The channel of the kind; a correction keeps its channel unless its kind changes."""
        channel = self.interaction_id.channel_id
        if channel and KIND_OF_CHANNEL.get(channel.code, "other") == self.kind:
            return channel
        code = CHANNEL_OF_KIND[self.kind]
        channel = channel.with_context(active_test=False).search([("code", "=", code)], limit=1)
        if not channel:
            raise UserError(
                self.env._(
                    "There is no channel with the code “%(code)s”. Create it under CRM > Configuration > CRM Plus > "
                    "History > Interaction channels.",
                    code=code,
                )
            )
        return channel

    def _schedule_next_step(self):
        for target in self._targets():
            target.activity_schedule(
                activity_type_id=self.next_activity_type_id.id,
                date_deadline=self.next_date,
                summary=self.next_summary or "",
                user_id=self.next_user_id.id,
                automated=False,
            )
