from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

OUTCOMES = [
    ("done", "Done"),
    ("answered", "Answered"),
    ("no_answer", "No answer"),
    ("left_message", "Left a message"),
    ("interested", "Interested"),
    ("not_interested", "Not interested"),
    ("wrong_number", "Wrong number"),
]
# Set by the capture, or following from the lead: nobody gives them.
DERIVED = (
    "res_id", "occurrence", "external_ref", "document_user_id", "document_model", "document_id", "is_private",
)  # fmt: skip


class CrmInteraction(models.Model):
    """One thing that happened between the company and a customer.

    Narrow on purpose: millions of rows, one index range per customer. Who may read a row follows from the responsible
    user and the company of its document, which every row carries.
    """

    _name = "crm.interaction"
    _description = "Interaction"
    _order = "date desc, id desc"
    _log_access = False

    partner_id = fields.Many2one("res.partner", "Customer", ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", ondelete="set null", index="btree_not_null")
    source_id = fields.Many2one(
        "crm.interaction.source",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.ref("crm_plus.source_manual", raise_if_not_found=False),
    )
    res_id = fields.Many2oneReference("Record", model_field="source_model", copy=False)
    source_model = fields.Char(related="source_id.model_name", string="Record model")
    occurrence = fields.Integer(
        default=0, copy=False, help="Which occurrence of a record that happens again and again."
    )
    external_ref = fields.Char("External reference", copy=False)
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    channel_id = fields.Many2one("crm.interaction.channel", required=True, ondelete="restrict")
    direction = fields.Selection(
        [("in", "Incoming"), ("out", "Outgoing"), ("none", "Internal")], required=True, default="out"
    )
    user_id = fields.Many2one("res.users", "Done by", ondelete="set null", default=lambda self: self.env.user)
    document_user_id = fields.Many2one(
        "res.users",
        "Responsible",
        ondelete="set null",
        copy=False,
        help="Responsible of the document. Salespeople with “own documents only” see their own and the unassigned.",
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", default=lambda self: self.env.company)
    name = fields.Char("Summary")
    amount = fields.Monetary()
    currency_id = fields.Many2one("res.currency", ondelete="restrict")
    duration = fields.Float("Duration (hours)")
    is_private = fields.Boolean("Private", copy=False)
    document_model = fields.Char(copy=False)
    document_id = fields.Many2oneReference(model_field="document_model", copy=False, string="Document to open")
    note = fields.Text()
    outcome = fields.Selection(OUTCOMES)
    is_manual = fields.Boolean("Logged by hand", compute="_compute_is_manual", search="_search_is_manual")
    can_edit = fields.Boolean(compute="_compute_can_edit")

    # The columns of the record rules and of the summary are in the index: what a user may not see is skipped there.
    _timeline_index = models.Index(
        "(partner_id, date DESC, id DESC) INCLUDE (company_id, document_user_id, user_id, channel_id)"
    )
    _key_index = models.UniqueIndex(
        "(source_id, res_id, occurrence, COALESCE(partner_id, 0)) WHERE res_id IS NOT NULL",
        "This record is in the timeline of this customer already.",
    )
    _external_ref_index = models.UniqueIndex(
        "(source_id, external_ref) WHERE external_ref IS NOT NULL",
        "An interaction with this external reference exists already.",
    )
    _document_index = models.Index("(document_id, date) WHERE document_id IS NOT NULL")
    _date_index = models.Index("(date)")
    _duration_positive = models.Constraint("CHECK (duration >= 0)", "The duration cannot be negative.")
    _customer_or_lead = models.Constraint(
        "CHECK (partner_id IS NOT NULL OR lead_id IS NOT NULL OR res_id IS NOT NULL)",
        "Choose the customer or the lead this interaction is with.",
    )

    @api.depends("source_id")
    def _compute_is_manual(self):
        for interaction in self:
            # sudo: what kind of source a readable row has is no secret.
            interaction.is_manual = interaction.source_id.sudo().kind == "manual"

    def _search_is_manual(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("source_id.kind", "=" if True in value else "!=", "manual")

    @api.depends("source_id", "user_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        manager = self.env.user.has_group("crm_plus.group_crm_plus_manager")
        for interaction in self:
            interaction.can_edit = interaction.is_manual and (manager or interaction.user_id == self.env.user)

    @api.depends("name", "channel_id", "is_private")
    def _compute_display_name(self):
        for interaction in self:
            interaction.display_name = interaction.name or interaction.channel_id.name

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._follow_lead(vals) for vals in vals_list if self._check_logged(vals)]
        return super().create(vals_list)

    def write(self, vals):
        self._check_manual()
        self._check_logged(vals, fixed={"source_id", *DERIVED} & vals.keys())
        return super().write(self._follow_lead(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_manual(self):
        self._check_manual(deletable="ingest" if self._may_log_for_others() else None)

    # ------------------------------------------------------------------ what people may log

    def _may_log_for_others(self):
        return self.env.su or self.env.user.has_group("crm_plus.group_crm_plus_manager")

    def _check_logged(self, vals, fixed=None):
        """True when the user may log ``vals``: in their own name, with whom and about what they may see.

        What tells who may read an entry follows from the lead and is nobody's to choose; of an entry that is there
        already, ``fixed`` are the given names that no longer change.
        """
        if self.env.su:
            return True
        for name in [name for name in DERIVED if vals.get(name)] if fixed is None else sorted(fixed):
            raise AccessError(self.env._("%(field)s: this is not for you to set. Leave it out.", field=name))
        if vals.get("user_id", self.env.uid) != self.env.uid and not self._may_log_for_others():
            raise AccessError(self.env._("Done by: only a CRM Plus manager logs what somebody else did."))
        if vals.get("company_id") and vals["company_id"] not in self.env.companies.ids:
            raise AccessError(self.env._("Company: choose one of those you work in."))
        for name in ("partner_id", "lead_id"):
            if vals.get(name):
                self.env[self._fields[name].comodel_name].browse(vals[name]).check_access("read")
        return True

    def _follow_lead(self, vals):
        """``vals`` with what follows from their lead: responsible and company always, the customer when not given."""
        if "lead_id" not in vals:
            return vals
        # sudo: whether the user may read the lead has been checked; superuser code logs for everyone.
        lead = self.env["crm.lead"].sudo().browse(vals["lead_id"] or ())
        vals = {**vals, "document_user_id": lead.user_id.id}
        if lead.company_id:
            vals["company_id"] = lead.company_id.id
        if lead and not self:
            vals.setdefault("partner_id", lead.partner_id.id)
        return vals

    def _check_manual(self, deletable=None):
        """Captured rows follow their document; only what people logged is changed by people."""
        if self.env.su:
            return
        self.check_access("read")
        for interaction in self:
            # sudo: whether an entry was logged by hand is no secret to who can name it.
            kind = interaction.sudo().source_id.kind
            if kind == "records":
                raise AccessError(
                    self.env._(
                        "“%(name)s” comes from a document. Change or cancel the document and the timeline follows.",
                        name=interaction.display_name,
                    )
                )
            if kind == "ingest" and kind != deletable:
                raise AccessError(
                    self.env._(
                        "“%(name)s” was sent in by another system. Correct it there and send it again.",
                        name=interaction.display_name,
                    )
                )
