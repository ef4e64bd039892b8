from typing import NamedTuple

import psycopg2
from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError

from ..capture.compiler import SourceCompiler, SourceSpec
from ..capture.paths import PathError, PathResolver
from ..capture.watch import build_watchlist

MANAGERS = "crm_plus.group_crm_plus_manager,base.group_system"
DIRECTIONS = [("in", "Incoming"), ("out", "Outgoing"), ("none", "Internal")]
PATHS = (
    "partner_path", "date_path", "duration_path", "summary_path", "user_path", "owner_path", "company_path",
    "lead_path", "amount_path", "currency_path", "document_path", "occurrence_path",
)  # fmt: skip
COMPILED_FIELDS = frozenset(
    (
        "model_name",
        "domain",
        "document_models",
        "private_domain",
        "channel_id",
        "direction",
        "keep",
        "kind",
        "active",
        *PATHS,
    )
)
DOCUMENT_MODELS = (
    "res.partner,crm.lead,sale.order,account.move,account.payment,calendar.event,project.task,helpdesk.ticket,"
    "event.registration,repair.order,stock.picking,pos.order"
)
# what the host masks for everyone but the participants: private itself, or by the organizer's default
PRIVATE_EVENT = [
    "|", ("privacy", "=", "private"),
    "&", ("privacy", "=", False), ("user_id.res_users_settings_ids.calendar_default_privacy", "=", "private"),
]  # fmt: skip


class SourceKind(NamedTuple):
    """``kind`` and ``model_name`` of a source."""

    kind: str
    model_name: str


class CrmInteractionSource(models.Model):
    """How the records of one model become interactions."""

    _name = "crm.interaction.source"
    _description = "Interaction source"
    _order = "sequence, id"

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
    channel_id = fields.Many2one("crm.interaction.channel", "Channel", ondelete="restrict")
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
    backfill_next_id = fields.Integer(help="Records up to this one are still to be read, newest first.", copy=False)
    backfill_total = fields.Integer(copy=False)
    backfill_done = fields.Boolean("History loaded", copy=False)
    backfill_progress = fields.Float("History loaded (%)", compute="_compute_backfill_progress")
    last_check = fields.Datetime("Last check", readonly=True, copy=False)
    last_error = fields.Text(readonly=True, copy=False, groups=MANAGERS)
    drift_missing = fields.Integer("Missing at the last check", readonly=True, copy=False)
    drift_stale = fields.Integer("Left over at the last check", readonly=True, copy=False)
    drift_changed = fields.Integer("Out of date at the last check", readonly=True, copy=False)

    _code_unique = models.Constraint("UNIQUE (code)", "Another source has this code. Choose a different one.")

    @api.depends("model_name", "domain", "kind", "active", "last_error", *PATHS)
    def _compute_state(self):
        queued = {
            source: (count, error)
            for source, count, error in self.env["crm.interaction.queue"]._read_group(
                [("source_id", "in", self.ids)], ["source_id"], ["__count", "error:max"]
            )
        }
        for source in self:
            source.pending_count, queue_error = queued.get(source._origin, (0, False))
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
        result = super().unlink()
        self._sources_changed()
        return result

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

    # ------------------------------------------------------------------ compiling

    def _is_dormant(self):
        return self.kind == "records" and self.model_name not in self.env

    @api.model
    def _document_paths(self):
        """Per model a document may belong to: where its customer, responsible, company and lead are, and by "domain",
        which of its records may be spoken of: what a salesperson may not open in the host never gets here.

        Intended to be extended by modules with documents of their own; `_installed_document_paths` drops what this
        database does not have.
        """
        generic = {"partner": "partner_id", "owner": "user_id", "company": "company_id"}
        return {
            "res.partner": {"partner": "id"},
            "crm.lead": {**generic, "lead": "id"},
            "sale.order": {**generic, "lead": "opportunity_id"},
            # no vendor bills, no journal entries (salaries)
            "account.move": {
                **generic,
                "owner": "invoice_user_id",
                "domain": [("move_type", "in", ["out_invoice", "out_refund", "out_receipt"])],
            },
            # salespeople do not read payments: theirs is what they registered
            "account.payment": {
                **generic,
                "owner": "create_uid",
                "domain": [("partner_type", "=", "customer")],
            },
            # an invitation says as much as the meeting
            "calendar.event": {"lead": "opportunity_id", "domain": ["!", *PRIVATE_EVENT]},
            # projects whose tasks every employee sees; tasks outside of projects are private
            "project.task": {**generic, "domain": [("project_id.privacy_visibility", "in", ["employees", "portal"])]},
            "stock.picking": {
                **generic,
                "owner": "sale_id.user_id",
                "domain": [("location_dest_id.usage", "=", "customer")],
            },
            "helpdesk.ticket": generic,
            "event.registration": generic,
            "repair.order": generic,
            "pos.order": generic,
        }

    @api.model
    def _installed_document_paths(self):
        installed = {}
        for name, paths in self._document_paths().items():
            if name in self.env:
                resolver = PathResolver(self.env[name], None)
                installed[name] = {
                    what: path for what, path in paths.items() if what == "domain" or resolver.exists(path)
                }
        return installed

    def _spec(self):
        self.ensure_one()
        return SourceSpec(
            id=self.id,
            model_name=self.model_name,
            domain=self.domain or "[]",
            document_models=self.document_models or "",
            private_domain=self.private_domain or "",
            channel_id=self.channel_id.id,
            direction=self.direction,
            keep=self.keep,
            feeds_profile=self.feeds_profile,
            variants=tuple((v.domain, v.channel_id.id, v.direction) for v in self.variant_ids),
            **{path: self[path] or "" for path in PATHS},
        )

    def _compile(self):
        """The `CompiledSource` of this record. Raises `PathError`."""
        return SourceCompiler(self.env, self._spec(), self._installed_document_paths()).compile()

    def _compile_error(self):
        """What is wrong with the settings, in words; False when nothing is."""
        self.ensure_one()
        if self.kind != "records" or not self.model_name or self._is_dormant() or not self._origin:
            return False
        try:
            statements = self._origin._compile().statements
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    f"PREPARE crm_plus_check(int[]) AS {statements.prepared}; DEALLOCATE crm_plus_check",
                    log_exceptions=False,
                )
        except PathError as error:
            label = self._fields[error.setting].get_description(self.env, ["string"])["string"]
            return self.env._("%(setting)s: %(error)s", setting=label, error=error)
        except psycopg2.Error as error:
            return self.env._("The database refuses this source: %(error)s", error=str(error).strip())
        return False

    @tools.ormcache()
    def _compiled_sources(self):
        """``{source id: CompiledSource}`` for every source that works; compiled once per registry."""
        compiled = {}
        sources = self.sudo().with_context(lang=None).search([("kind", "=", "records")])
        for source in sources:
            if not source._is_dormant():
                try:
                    compiled[source.id] = source._compile()
                except PathError:
                    continue  # shown on the source; reconciled as soon as it is mended
        return compiled

    @tools.ormcache()
    def _kinds(self):
        """``{source id: SourceKind}``, which the timeline needs for each row."""
        # sudo: what kind of records a source reads is no secret.
        sources = self.sudo().with_context(active_test=False).search_fetch([], ["kind", "model_name"])
        return {source.id: SourceKind(source.kind, source.model_name) for source in sources}

    @tools.ormcache()
    def _watchlist(self):
        """``{model name: ModelWatch}``: what a transaction has to notice."""
        return build_watchlist(self.env, self._compiled_sources().values(), self._installed_document_paths())
