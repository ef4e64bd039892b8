import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...engine.interaction.timeline_request import YEARS

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
# The clocks of two computers differ a little.
CLOCK_SKEW = timedelta(minutes=5)
MAX_HOURS = 10_000
MAX_AMOUNT = 1e15


class CrmInteraction(models.Model):
    """One thing that happened between the company and a customer.

    Narrow on purpose: millions of rows, one index range per customer. Who may read a row follows from the responsible
    user and the company of its document, which every row carries.
    """

    _name = "crm.interaction"
    _inherit = ["crm.readable.mixin"]
    _description = "Interaction"
    _order = "date desc, id desc"
    _log_access = False

    partner_id = fields.Many2one("res.partner", "Customer", ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", ondelete="set null", index="btree_not_null")
    source_id = fields.Many2one(
        "crm.interaction.source",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["crm.interaction.source"]._manual(),
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

    @api.constrains("date")
    def _check_date(self):
        if any(interaction.date.year not in YEARS for interaction in self):
            first, last = YEARS.start, YEARS.stop - 1
            raise ValidationError(
                self.env._("When: enter a day between the years %(first)s and %(last)s.", first=first, last=last)
            )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._add_missing_default_values(vals) for vals in vals_list]
        # before anything of it is compared with what there is
        self._check_fixed({name for vals in vals_list for name in DERIVED if vals.get(name)})
        interactions = super().create(vals_list)
        interactions._check_logged(self._fields)
        interactions.filtered("lead_id")._follow_lead(is_new=True)
        return interactions

    def write(self, vals):
        self._check_manual()
        self._check_fixed({"source_id", *DERIVED} & vals.keys())
        result = super().write(vals)
        self._check_logged(vals)
        if "lead_id" in vals:
            self._follow_lead()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_manual(self):
        self._check_manual(deletable="ingest" if self._may_log_for_others() else None)

    # ------------------------------------------------------------------ what people may log

    def _may_log_for_others(self):
        return self.env.su or self.env.user.has_group("crm_plus.group_crm_plus_manager")

    def _check_logged(self, names):
        """Raise unless the user may log these entries as they are now, as far as the fields ``names`` say.

        In one's own name, for a company one works in, at a time that has come; with whom and about what is checked by
        `_check_readable`. What tells who may read an entry follows from the lead and is nobody's to choose.
        """
        if self.env.su:
            return
        checks = {
            "user_id": self._check_author,
            "company_id": self._check_own_company,
            "date": self._check_past,
            "duration": self._check_numbers,
            "amount": self._check_numbers,
        }
        # sudo: the values that the user has just given
        entries = self.sudo()
        self._check_fixed([name for name in DERIVED if name in names and any(entries.mapped(name))])
        for check in dict.fromkeys(checks[name] for name in checks if name in names):
            check(entries)

    def _check_fixed(self, names):
        for name in sorted(names) if not self.env.su else ():
            raise AccessError(self.env._("%(field)s: read-only; leave it out.", field=name))

    def _check_author(self, entries):
        if any(entry.user_id != self.env.user for entry in entries) and not self._may_log_for_others():
            raise AccessError(self.env._("Done by: only a CRM Plus manager logs what somebody else did."))

    def _check_own_company(self, entries):
        # Everybody reads an entry of no company.
        if any(entry.company_id not in self.env.companies for entry in entries):
            raise AccessError(self.env._("Company: choose one of those you work in."))

    def _check_past(self, entries):
        if any(entry.date > fields.Datetime.now() + CLOCK_SKEW for entry in entries):
            raise UserError(
                self.env._("When: this is in the future. Enter when it took place, or plan it as an activity instead.")
            )

    def _check_numbers(self, entries):
        for name, limit in (("duration", MAX_HOURS), ("amount", MAX_AMOUNT)):
            if not all(math.isfinite(entry[name]) and abs(entry[name]) <= limit for entry in entries):
                raise UserError(
                    self.env._(
                        "%(field)s: enter a number up to %(limit)s.", field=self._label(name), limit=f"{limit:,.0f}"
                    )
                )

    def _follow_lead(self, is_new=False):
        """What follows from the lead: responsible and company always, the customer when a new entry has none."""
        # sudo: whether the user may read the lead has been checked; superuser code logs for everyone.
        for interaction in self.sudo():
            lead = interaction.lead_id
            vals = {"document_user_id": lead.user_id.id}
            if lead.company_id:
                vals["company_id"] = lead.company_id.id
            if is_new and not interaction.partner_id:
                vals["partner_id"] = lead.partner_id.id
            interaction.write(vals)

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
