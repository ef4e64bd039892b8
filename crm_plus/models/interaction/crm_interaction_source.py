from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

MANAGERS = "crm_plus.group_crm_plus_manager,base.group_system"
DIRECTIONS = [("in", "Incoming"), ("out", "Outgoing"), ("none", "Internal")]
PATHS = (
    "partner_path", "date_path", "duration_path", "summary_path", "user_path", "owner_path", "company_path",
    "lead_path", "amount_path", "currency_path", "document_path", "occurrence_path",
)  # fmt: skip
COMPILED_FIELDS = frozenset(
    (
        "model_name", "domain", "document_models", "private_domain", "channel_id", "direction", "keep", "feeds_profile",
        "kind", "active", *PATHS,
    )
)  # fmt: skip
DOCUMENT_MODELS = (
    "res.partner,crm.lead,sale.order,account.move,account.payment,calendar.event,project.task,helpdesk.ticket,"
    "event.registration,repair.order,stock.picking,pos.order"
)


class CrmInteractionSource(models.Model):
    """How the records of one model become interactions."""

    _name = "crm.interaction.source"
    _inherit = ["crm.job.mixin", "crm.remembered.mixin", "crm.kept.mixin"]
    _description = "Interaction source"
    _order = "sequence, id"

    _kept_by = (("crm.interaction", "source_id"),)

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Short technical name, used by imports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("records", "Records of a model"), ("manual", "Logged by hand"), ("ingest", "Sent in by another system")],
        required=True,
        default="records",
    )
    model_name = fields.Char("Model", help="Technical name, such as sale.order. The app may be installed later.")
    domain = fields.Char(default="[]", help="Which records; one that no longer matches leaves the timeline.")
    # Paths: several, comma separated, mean the first that is set; one that ends in “?” is left out while the app that
    # adds its field is not installed.
    partner_path = fields.Char("Customer", help="Path to the contact, such as partner_id or order_id.partner_id.")
    date_path = fields.Char("Date", help="Path to the date; several, comma separated: the first that is set.")
    duration_path = fields.Char("Duration", help="Path to a number of hours.")
    summary_path = fields.Char(
        "Summary", help="Path to the line shown; several, comma separated: the first that is set."
    )
    user_path = fields.Char("Done by", help="Path to the user who did it.")
    owner_path = fields.Char(
        "Responsible", help="Path to the user whose document it is; salespeople see their own and the unassigned ones."
    )
    company_path = fields.Char("Company")
    lead_path = fields.Char("Lead", help="Path to the lead or opportunity.")
    amount_path = fields.Char("Amount")
    currency_path = fields.Char("Currency")
    document_path = fields.Char(
        "Document",
        help="Path to the document to open, when it is not the record itself: a many2one or a reference field.",
    )
    document_models = fields.Char(
        default=DOCUMENT_MODELS,
        help="For a reference: the models whose records may be shown. Nothing about other models is ever captured.",
    )
    occurrence_path = fields.Char(
        "Occurrence", help="Path to a counter, for records that happen again and again, such as visits."
    )
    private_domain = fields.Char("Private when", help="Matching records show no summary.")
    keep = fields.Boolean("Keep history", help="Interactions stay when the record moves on or is deleted.")
    feeds_profile = fields.Boolean(
        "Changes the customer's figures", help="The profile of the customer is refreshed after each such interaction."
    )
    channel_id = fields.Many2one("crm.interaction.channel", ondelete="restrict")
    direction = fields.Selection(DIRECTIONS, required=True, default="none")
    variant_ids = fields.One2many("crm.interaction.source.variant", "source_id", "Channel by condition", copy=True)

    # compute_sudo: whether a source works is the same for everyone; what the database says about it may quote rows.
    state = fields.Selection(
        [("ready", "Working"), ("dormant", "Waiting for its app"), ("broken", "Broken")],
        compute="_compute_state",
        compute_sudo=True,
    )
    error = fields.Text("What is wrong", compute="_compute_state", compute_sudo=True, groups=MANAGERS)
    pending_count = fields.Integer("To capture again", compute="_compute_state", compute_sudo=True)
    interaction_count = fields.Integer("Interactions", compute="_compute_interaction_count", groups=MANAGERS)
    # Beside the source: whatever users do refers to it, and must not wait for a scheduled action that notes something.
    backfill_next_id = fields.Integer(
        compute="_compute_remembered", job="backfill", help="Records up to this one are still to be read, newest first."
    )
    backfill_total = fields.Integer(compute="_compute_remembered", job="backfill")
    backfill_done = fields.Boolean(
        "History loaded", compute="_compute_remembered", job="backfill", search="_search_backfill_done"
    )
    backfill_progress = fields.Float("History loaded (%)", compute="_compute_backfill_progress")
    last_check = fields.Datetime("Last check", compute="_compute_remembered", job="check")
    last_error = fields.Text(compute="_compute_remembered", job="check", groups=MANAGERS)
    drift_missing = fields.Integer("Missing at the last check", compute="_compute_remembered", job="check")
    drift_stale = fields.Integer("Left over at the last check", compute="_compute_remembered", job="check")
    drift_changed = fields.Integer("Out of date at the last check", compute="_compute_remembered", job="check")

    _code_unique = models.Constraint("UNIQUE (code)", "Another source has this code. Choose a different one.")

    @api.depends("model_name", "domain", "kind", "active", "last_error", *PATHS)
    def _compute_state(self):
        queued = self.env["crm.interaction.queue"]._waiting(self.ids)
        for source in self:
            source.pending_count, queue_error = queued.get(source._origin.id, (0, False))
            source.error = source._compile_error() or queue_error or source.last_error
            source.state = (
                "dormant" if source._is_dormant() else "broken" if source.error and source.active else "ready"
            )

    def _compute_interaction_count(self):
        # sudo: a number only, so that the check of a source does not depend on who looks.
        counts = dict(
            self.env["crm.interaction"].sudo()._read_group([("source_id", "in", self.ids)], ["source_id"], ["__count"])
        )
        for source in self:
            source.interaction_count = counts.get(source._origin, 0)

    @api.depends("backfill_done", "backfill_next_id", "backfill_total")
    def _compute_backfill_progress(self):
        for source in self:
            if source.backfill_done or source.kind != "records":
                source.backfill_progress = 100.0
            else:
                read = source.backfill_total - source.backfill_next_id
                source.backfill_progress = 100.0 * read / source.backfill_total if source.backfill_total else 0.0

    def _search_backfill_done(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: numbers of sources only; who may read these sees them.
        loaded = self.sudo().with_context(active_test=False).search([]).filtered("backfill_done")
        return Domain("id", "in" if True in value else "not in", loaded.ids)

    @api.constrains(
        "kind",
        "channel_id",
        "variant_ids",
        *sorted(COMPILED_FIELDS - {"kind", "channel_id", "keep", "feeds_profile", "direction"}),
    )
    def _check_compiles(self):
        for source in self.filtered(lambda source: source.kind == "records"):
            if not source.model_name or not source.channel_id:
                raise ValidationError(source.env._("Choose the model and the channel of “%(name)s”.", name=source.name))
            if not source._is_dormant() and (error := source._compile_error()):
                raise ValidationError(error)

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        self._sources_changed()
        return sources

    def write(self, vals):
        if "kind" in vals and not self.env.su and not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Kind: only a Settings administrator changes what a source is."))
        result = super().write(vals)
        if not COMPILED_FIELDS.isdisjoint(vals) or "variant_ids" in vals:
            self._sources_changed()
            if not self.env.context.get("install_mode"):
                self.filtered(lambda source: source.kind == "records")._restart_backfill()
        return result

    def unlink(self):
        self.env["crm.interaction.queue"]._forget(self.ids)
        result = super().unlink()
        self._sources_changed()
        return result

    @api.model
    def _manual(self):
        """The source of what people log: the one that came with the add-on, else any of that kind."""
        # sudo: which source an entry is of is no secret.
        sources = self.sudo().with_context(active_test=False)
        source = self.env.ref("crm_plus.source_manual", raise_if_not_found=False)
        source = source or sources.search([("kind", "=", "manual")], limit=1)
        if not source:
            raise UserError(
                self.env._(
                    "There is no source for what is logged by hand. Ask an administrator to create one of the kind "
                    "“Logged by hand” under CRM > Configuration > CRM Plus > Sources."
                )
            )
        return source.sudo(False)

    def _sources_changed(self):
        self.env.registry.clear_cache()

    def action_reconcile(self):
        """Compare this source with the timeline now, and mend what differs."""
        self._check_may_configure()
        # sudo: the comparison is the same whoever starts it, and shows them nothing.
        for source in self.sudo().filtered(lambda source: source.kind == "records" and not source._is_dormant()):
            source._reconcile()

    def action_rebuild(self):
        """Read the whole history of this source again, in the background."""
        self._check_may_configure()
        self._restart_backfill()

    def _check_may_configure(self):
        if not self.env.su and not self.env.user.has_group("crm_plus.group_crm_plus_manager"):
            raise AccessError(self.env._("Only a CRM Plus manager can check or rebuild a source."))
