import logging
from typing import NamedTuple

import psycopg2
from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.interaction import source_preview
from ...services.interaction.capture import check, session
from ...services.interaction.capture.compiler import SourceCompiler
from ...services.interaction.capture.document_paths import DOCUMENT_PATHS
from ...services.interaction.capture.paths import PathError, PathResolver, did_you_mean
from ...services.interaction.capture.spec import Queue, SourceSpec
from ...services.interaction.capture.upkeep import Upkeep
from ...services.interaction.capture.watch import build_watchlist
from ...services.interaction.texts import check_paths
from ...services.sql import DISTURBED

_logger = logging.getLogger(__name__)

MANAGERS = "crm_plus.group_crm_plus_manager,base.group_system"
DIRECTIONS = [("in", "Incoming"), ("out", "Outgoing"), ("none", "Internal")]
PATHS = (
    "partner_path", "date_path", "latest_path", "duration_path", "summary_path", "user_path", "owner_path",
    "company_path",
    "lead_path", "amount_path", "currency_path", "document_path", "occurrence_path", "about_path", "shared_path",
    "apart_path",
)  # fmt: skip
COMPILED_FIELDS = frozenset(
    (
        "model_name", "domain", "document_models", "private_domain", "channel_id", "direction", "keep", "feeds_profile",
        "kind", "active", *PATHS,
    )
)  # fmt: skip
# Read when an entry is shown, never captured.
TEXT_PATHS = ("text_path", "attachments_path", "detail_path")
DOCUMENT_MODELS = (
    "res.partner,crm.lead,sale.order,account.move,account.payment,calendar.event,project.task,helpdesk.ticket,"
    "event.registration,repair.order,stock.picking,pos.order"
)


# From which likeness on an unknown model is one of the known ones, misspelled.
MISSPELLED = 0.87
# Ids read per committed step: a second of work at most, so that a stopped server loses little.
BACKFILL_STEP = 10_000
# Records that are compared at once while somebody waits; the check of a larger source goes on in the background.
CHECKED_AT_ONCE = 500_000
# What the check remembers of a source, beside its fields: what differed so far, and the last record compared.
CHECK, COMPARED = "check", "compared"
# Records captured in one transaction of the scheduled action: short, as users may change them meanwhile.
CAPTURE_STEP = 1_000


class SourceKind(NamedTuple):
    """What the timeline knows of the source of a row; ``event`` in the reader's language."""

    kind: str
    model_name: str
    event: str
    text_path: str
    attachments_path: str
    detail_path: str


class CrmInteractionSource(models.Model):
    """How the records of one model become interactions."""

    _name = "crm.interaction.source"
    _inherit = ["crm.job.mixin", "crm.remembered.mixin", "crm.kept.mixin"]
    _description = "Interaction source"
    _order = "sequence, id"

    _kept_by = (("crm.interaction", "source_id"),)

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Short technical name, used in imports.")
    event = fields.Char(
        "What happened",
        translate=True,
        help="In words, for example “Order confirmed”. Each timeline entry begins with it.",
    )
    detail_path = fields.Char(
        "Detail",
        help="Path to what is added to it in the timeline, for example the reason of a loss: “Lost: Too expensive”.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("records", "Records of a model"), ("manual", "Logged manually"), ("ingest", "Sent by another system")],
        required=True,
        default="records",
    )
    model_name = fields.Char("Model", help="Technical name, for example sale.order. The app can be installed later.")
    # Only administrators define what is read.
    model_id = fields.Many2one(
        "ir.model",
        string="Records",
        compute="_compute_model_id",
        inverse="_inverse_model_id",
        compute_sudo=True,
        domain=[("transient", "=", False), ("abstract", "=", False)],
        groups="base.group_system",
    )
    is_installed = fields.Boolean("Model is installed", compute="_compute_is_installed", compute_sudo=True)
    preview = fields.Html(
        "Newest records", compute="_compute_preview", sanitize=False, compute_sudo=False, groups="base.group_system"
    )
    domain = fields.Char(
        default="[]",
        help="Which records to capture. A record that no longer matches leaves the timeline.",
    )
    # Paths: several, comma separated, mean the first that is set; one that ends in “?” is left out while the app that
    # adds its field is not installed.
    partner_path = fields.Char("Customer", help="Path to the contact, for example partner_id or order_id.partner_id.")
    date_path = fields.Char(
        "Date",
        help="Path to the date. If you enter several, separated by commas, the first one with a value is used. A "
        "date without a time remains a day.",
    )
    latest_path = fields.Char(
        "Not later than",
        help="Path to a moment. A date after it, such as that of a message dated in the future, is replaced by it.",
    )
    text_path = fields.Char(
        "Text",
        help="Path to what was said, for example the body of a message. It is not stored: whoever unfolds the entry "
        "reads it in the document, with their own access rights.",
    )
    attachments_path = fields.Char("Attachments", help="Path to attachments, shown with the text.")
    duration_path = fields.Char("Duration", help="Path to a number of hours.")
    summary_path = fields.Char(
        "Summary",
        help="Path to the summary line. If you enter several, separated by commas, the first one with a value is used.",
    )
    user_path = fields.Char("Done by", help="Path to the user who carried it out.")
    owner_path = fields.Char(
        "Responsible",
        help="Path to the user responsible for the document. Salespeople see their own documents and unassigned ones.",
    )
    company_path = fields.Char("Company")
    lead_path = fields.Char("Lead", help="Path to the lead or opportunity.")
    amount_path = fields.Char("Amount")
    currency_path = fields.Char("Currency")
    document_path = fields.Char(
        "Document",
        help="Path to the document to open, if it is not the record itself: a many2one or a reference field.",
    )
    document_models = fields.Char(
        string="Document models",
        default=DOCUMENT_MODELS,
        help="For reference fields: the models whose records may be shown. Other models are never captured.",
    )
    about_path = fields.Char(
        "Belongs to",
        help="Path to the document whose customer, responsible, company and lead apply, if it is not the document to "
        "open.",
    )
    shared_path = fields.Char(
        "Shared by several contacts",
        help="Path to what several of these records belong to, such as the message that was sent to several contacts: "
        "together they are one interaction. “id” means the record itself.",
    )
    apart_path = fields.Char(
        "Except customers among",
        help="Path to contacts of lines, for example attendee_ids.partner_id. If the customer is one of them, another "
        "source captures it.",
    )
    occurrence_path = fields.Char("Occurrence", help="Path to a counter, for records that recur, such as visits.")
    private_domain = fields.Char("Private if", help="Matching records are shown without a summary.")
    keep = fields.Boolean("Keep history", help="Interactions are kept when the record changes or is deleted.")
    feeds_profile = fields.Boolean(
        "Updates the customer's profile", help="The customer's profile is refreshed after each such interaction."
    )
    channel_id = fields.Many2one("crm.interaction.channel", ondelete="restrict")
    direction = fields.Selection(DIRECTIONS, required=True, default="none")
    variant_ids = fields.One2many("crm.interaction.source.variant", "source_id", "Channels by condition", copy=True)

    # compute_sudo: whether a source works is the same for everyone; what the database says about it may quote rows.
    state = fields.Selection(
        [("ready", "Working"), ("dormant", "Waiting for app"), ("broken", "Failing")],
        compute="_compute_state",
        compute_sudo=True,
    )
    error = fields.Text("Problem", compute="_compute_state", compute_sudo=True, groups=MANAGERS)
    pending_count = fields.Integer(
        "To recapture",
        compute="_compute_state",
        compute_sudo=True,
        help="Records that changed and are captured again by the next scheduled run.",
    )
    interaction_count = fields.Integer(
        "Interactions",
        compute="_compute_interaction_count",
        groups=MANAGERS,
        help="Interactions in the history that come from this source.",
    )
    # Beside the source: whatever users do refers to it, and must not wait for a scheduled action that notes something.
    backfill_next_id = fields.Integer(
        string="Next record to load (ID)",
        compute="_compute_remembered",
        job="backfill",
        help="Records up to this ID are still to be loaded, newest first.",
    )
    backfill_total = fields.Integer(string="Records to load", compute="_compute_remembered", job="backfill")
    backfill_done = fields.Boolean(
        "History loaded", compute="_compute_remembered", job="backfill", search="_search_backfill_done"
    )
    backfill_progress = fields.Float(
        "History loaded (%)",
        compute="_compute_backfill_progress",
        help="How much of the past of this source has been loaded. A scheduled action loads the rest.",
    )
    last_check = fields.Datetime("Last check", compute="_compute_remembered", job="check")
    last_error = fields.Text(string="Last error", compute="_compute_remembered", job="check", groups=MANAGERS)
    drift_missing = fields.Integer(
        "Missing at the last check",
        compute="_compute_remembered",
        job="check",
        help="Records that had no interaction when the source was last compared with the history; they were added.",
    )
    drift_stale = fields.Integer(
        "Extra at the last check",
        compute="_compute_remembered",
        job="check",
        help="Interactions without a record when the source was last compared with the history; they were removed.",
    )
    drift_changed = fields.Integer(
        "Outdated at the last check",
        compute="_compute_remembered",
        job="check",
        help="Interactions that differed from their record when the source was last compared with the"
        " history; they were corrected.",
    )

    _code_unique = models.Constraint("UNIQUE (code)", "Another source has this code. Choose a different one.")

    @api.depends("model_name", "domain", "kind", "active", "last_error", *PATHS)
    def _compute_state(self):
        queued = self.env["crm.interaction.queue"]._waiting(self.ids)
        for source in self:
            source.pending_count, queue_error = queued.get(source._origin.id, (0, False))
            source.error = source._compile_error() or queue_error or source.last_error
            is_waiting = source.model_name and source._is_dormant() and not source._misspelled()
            source.state = "dormant" if is_waiting else "broken" if source.error and source.active else "ready"

    @api.depends("model_name")
    def _compute_is_installed(self):
        for source in self:
            source.is_installed = source.model_name in self.env

    @api.depends("model_name")
    def _compute_model_id(self):
        for source in self:
            source.model_id = self.env["ir.model"]._get(source.model_name) if source.is_installed else False

    @api.onchange("model_id")
    def _inverse_model_id(self):
        for source in self:
            if source.model_id:
                source.model_name = source.model_id.model

    @api.depends("model_name", "domain", "kind", *PATHS)
    def _compute_preview(self):
        for source in self:
            source.preview = source.kind == "records" and source.is_installed and source_preview.of(source)

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
        *TEXT_PATHS,
    )
    def _check_compiles(self):
        for source in self.filtered(lambda source: source.kind == "records"):
            if not source.model_name or not source.channel_id:
                raise ValidationError(source.env._("Choose the model and the channel of “%(name)s”.", name=source.name))
            if error := source._compile_error():
                raise ValidationError(error)

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        self._sources_changed()
        if any(source.kind == "records" for source in sources):
            self.env["crm.job"]._wake("ir_cron_backfill")
        return sources

    def write(self, vals):
        if "kind" in vals and not self.env.su and not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Kind: only an administrator with Settings access can change the kind of a source.")
            )
        result = super().write(vals)
        if not {"event", *TEXT_PATHS}.isdisjoint(vals):
            self._sources_changed()
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
                    "There is no source for interactions logged manually. Ask an administrator to create one of the "
                    "kind “Logged manually” under CRM > Configuration > CRM Plus > History > Interaction sources."
                )
            )
        return source.sudo(False)

    def _sources_changed(self):
        self.env.registry.clear_cache()

    def action_reconcile(self):
        """Compare this source with the timeline now, and mend what differs."""
        self._check_may_configure()
        # sudo: the comparison is the same whoever starts it, and shows them nothing.
        sources = self.sudo().filtered(lambda source: source.kind == "records" and not source._is_dormant())
        large = sources.filtered(lambda source: source._max_id(self.env[source.model_name]._table) > CHECKED_AT_ONCE)
        for source in sources - large:
            source._reconcile()
        return large._check_soon() if large else None

    def _check_soon(self):
        """Have these sources, too large to wait for, checked by the scheduled action."""
        self.env["crm.job"]._wake_for_user("ir_cron_reconcile")
        self._forget_compared()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("It is checked in the background; the result is shown here within minutes."),
            },
        }

    def action_rebuild(self):
        """Read the whole history of this source again, in the background."""
        self._check_may_configure()
        self.env["crm.job"]._wake_for_user("ir_cron_backfill")
        self._restart_backfill()

    def _check_may_configure(self):
        if not self.env.su and not self.env.user.has_group("crm_plus.group_crm_plus_manager"):
            raise AccessError(self.env._("Only a CRM Plus manager can check or rebuild a source."))

    # ------------------------------------------------------------------ what it means in SQL

    def _is_dormant(self):
        return self.kind == "records" and self.model_name not in self.env

    @api.model
    def _document_paths(self):
        """Per model a document may belong to: where its customer, responsible, company and lead are, and by "domain",
        which of its records may be spoken of: what a salesperson may not open in the host never gets here.

        Intended to be extended by modules with documents of their own; `_installed_document_paths` drops what this
        database does not have.
        """
        return dict(DOCUMENT_PATHS)

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
            id=self._origin.id or 0,
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
        return SourceCompiler(self.env, self._spec(), self._installed_document_paths(), self._queues()).compile()

    def _queues(self):
        """The queues that each capture of this source fills."""
        mixin = self.env.registry["crm.touched.queue.mixin"]
        models_ = (model for model in self.env.registry.values() if issubclass(model, mixin) and not model._abstract)
        return [
            Queue(model._table, model._touched_columns)
            for model in sorted(models_, key=lambda model: model._name)
            if not model._touched_by or self[model._touched_by]
        ]

    def _compile_error(self):
        """What is wrong with the settings, in words; False when nothing is."""
        self.ensure_one()
        if self.kind != "records" or not self.model_name or not (self._origin or self.date_path):
            return False
        if self._is_dormant():
            return self._misspelled()
        try:
            statements = self._compile().statements
            for setting in TEXT_PATHS:
                check_paths(self.env[self.model_name], setting, self[setting])
            with self.env.cr.savepoint(flush=False):
                session.check(self.env.cr, statements)
        except PathError as error:
            return self.env._("%(setting)s: %(error)s", setting=self._label(error.setting), error=error)
        except psycopg2.Error as error:
            return self.env._("The database rejects this source: %(error)s", error=str(error).strip())
        return False

    def _misspelled(self):
        """That the model is a misspelled one of those that are there, in words; False for one that may come later."""
        question = did_you_mean(self.env, self.model_name, self.env.registry, MISSPELLED)
        return question and self.env._("Model: there is no “%(name)s”.", name=self.model_name) + question

    def _label(self, name):
        return self._fields[name].get_description(self.env, ["string"])["string"]

    @tools.ormcache()
    def _compiled_sources(self):
        """``{source id: CompiledSource}`` for every source that works; compiled once per registry."""
        compiled = {}
        # sudo: what must be captured does not depend on who works; rows are guarded by record rules.
        sources = self.sudo().with_context(lang=None).search([("kind", "=", "records")])
        for source in sources:
            if not source._is_dormant():
                try:
                    compiled[source.id] = source._compile()
                except PathError:
                    continue  # shown on the source; reconciled as soon as it is mended
        return compiled

    @tools.ormcache("self.env.lang")
    def _kinds(self):
        """``{source id: SourceKind}``, which the timeline needs for each row."""
        # sudo: what kind of records a source reads is no secret.
        sources = self.sudo().with_context(active_test=False).search_fetch([], SourceKind._fields)
        return {source.id: SourceKind(*(source[name] for name in SourceKind._fields)) for source in sources}

    @tools.ormcache()
    def _watchlist(self):
        """``{model name: ModelWatch}``: what a transaction has to notice."""
        return build_watchlist(self.env, self._compiled_sources().values(), self._installed_document_paths())

    # ------------------------------------------------------------------ backfill

    def _restart_backfill(self):
        """Read everything again, newest first, by the scheduled action."""
        for source in self:
            # sudo: only restarts the reading, for who may change the source; shows nothing.
            source.sudo().write({"backfill_done": False, "backfill_next_id": 0, "backfill_total": 0})
            source.sudo()._forget_compared()
        self.env["crm.job"]._wake("ir_cron_backfill")
        self._retry_capture()

    def _retry_capture(self):
        """What these sources could not capture is captured again soon."""
        self.env["crm.interaction.queue"]._retry(self.ids)
        self.env["crm.job"]._wake("ir_cron_capture")

    @api.model
    def _to_backfill(self):
        sources = self.search([("kind", "=", "records")])
        return sources.filtered(lambda source: source.id in self._compiled_sources() and not source.backfill_done)

    def _backfill_step(self, step=BACKFILL_STEP):
        """Insert what is missing of the next ``step`` record ids, newest first; True when the source is complete."""
        self.ensure_one()
        compiled = self._compiled_sources()[self.id]
        high = self.backfill_next_id
        if not self.backfill_total:
            self.env[compiled.model_name].flush_model()
            high = self._max_id(compiled.table)
            self.backfill_total = high
        low = max(high - step, 0)
        if high:
            session.run_range(self.env.cr, compiled.statements.backfill, low + 1, high)
            if self.env.cr.rowcount:
                self.env.cr.execute(self.env["crm.interaction.queue"]._look_again(self.id, None, [low + 1], high))
            self.env["crm.interaction"]._forget_cached()
        self.backfill_next_id = low
        if not low:
            # What an earlier setting of the source left behind goes with the first check.
            self.write({"backfill_done": True, "last_error": False})
        _logger.info("Interaction history: %s %.0f %% (records above %s)", self.name, self.backfill_progress, low)
        return not low

    def _max_id(self, table):
        return self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))[0][0]

    @api.model
    def _cron_backfill(self):
        """Load the history in committed steps; a killed run goes on where its last commit was."""
        # The newest records of every source come before the older ones of any.
        fresh = self._to_backfill().filtered(lambda source: not source.backfill_total)
        if self._in_steps(fresh, self._backfill_newest):
            self._in_steps(self._to_backfill(), self._backfill_next)

    @api.model
    def _backfill_newest(self, source):
        self._backfill_next(source)

    @api.model
    def _backfill_next(self, source):
        if not source._try_lock():
            return True
        try:
            with self.env.cr.savepoint():
                return source._backfill_step()
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            source._note_failure(error)
            return True

    def _try_lock(self):
        """Whether no other backfill or check of this source runs. The row itself is never locked: what users do is
        captured with a reference to it."""
        return self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('crm.interaction.source'), %s)", self.id)
        )[0][0]

    @api.model
    def _note_problem(self, item, problem):
        if problem and getattr(item, "_name", "") == self._name:
            item._note_failure(problem)
        return super()._note_problem(item, problem)

    def _note_failure(self, error):
        _logger.warning("Interaction source %s failed: %s", self.name, error)
        self.last_error = str(error).strip()

    # ------------------------------------------------------------------ reconciliation

    @api.model
    def _cron_reconcile(self):
        """Compare every source with the timeline and mend what differs, in committed steps; a run that is stopped goes
        on where its last commit was. Of a source whose history is being loaded, all that is still to come would differ.
        """
        sources = self.search([("kind", "=", "records")], order="id")
        sources = sources.filtered(lambda source: source.id in self._compiled_sources())
        # The history of one that fails is not being loaded.
        loaded = sources.filtered(lambda source: source.backfill_done or source.last_error)
        self._in_rounds(loaded, self._reconcile_next)

    @api.model
    def _reconcile_next(self, source):
        """Compare the next records of a source; False as long as there are more."""
        if not source._try_lock():
            return True
        if source._compare_next() is False:
            return False
        source._retry_capture()
        return True

    def _reconcile(self):
        """Compare this source with the timeline, and mend what differs at once."""
        self._forget_compared()
        while (compared := self._compare_next()) is False:
            pass
        if compared:
            self._capture_queued()

    def _compare_next(self):
        """Set difference of source and timeline over the next range of record ids. What differs is queued to be
        captured again; counts stay on the record as its drift, as soon as all is compared. False as long as there is
        more, None when the source does not work.

        It only reads and queues: users change any of these records meanwhile, and wait for nothing.
        """
        self.ensure_one()
        compiled = self._compiled_sources().get(self.id)
        if compiled is None:
            return None
        queue, memory = self.env["crm.interaction.queue"], self.env["crm.job.memory"]
        counts, after = memory._of(self).get(self.id, {}).get(COMPARED) or ({}, None)
        counts = {"missing": 0, "stale": 0, "changed": 0} | counts
        try:
            with self.env.cr.savepoint():
                drift, last = check.next_difference(self.env, compiled, after)
                queue._add({self.id: sorted({res_id for res_id, _kind in drift})})
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            self._note_failure(error)
            return None
        for _res_id, kind in drift:
            counts[kind] += 1
        if last is not None:
            memory._note(self, CHECK, {COMPARED: (counts, last)})
            return False
        self._forget_compared()
        queue._retry(self.ids)
        noted = {f"drift_{kind}": count for kind, count in counts.items()}
        self.write(noted | {"last_check": fields.Datetime.now(), "last_error": False})
        return True

    def _forget_compared(self):
        """The next check begins with the first record."""
        self.env["crm.job.memory"]._note(self, CHECK, {COMPARED: None})

    # ------------------------------------------------------------------ the queue

    @api.model
    def _cron_capture(self):
        """Capture what is queued, in committed steps."""
        due = [("captured_by", "=", False), ("date", "<=", fields.Datetime.now())]
        self._committed(self.env["crm.interaction.queue"].search_count, due, progress=lambda left: {"remaining": left})
        self._while_any(self._capture_next)

    @api.model
    def _capture_queued(self):
        """Capture all that is queued, in this transaction."""
        while self._capture_next():
            pass

    @api.model
    def _capture_next(self):
        """Capture the next records of the queue; how many rows of it."""
        queue, count = self.env["crm.interaction.queue"], 0
        for source_id, document_model, first, leaving, res_ids in queue._take(CAPTURE_STEP):
            count += len(first) + len(leaving)
            if document_model:
                # what is about them is captured by the next step
                queue._add(dict(Upkeep(self.env).dependents(document_model, res_ids)))
                error = self._queue_about(document_model, res_ids)
            else:
                error = self._capture_ids(source_id, res_ids)
            self._settle_queued(first, leaving, error)
        for row, source_id, low, high in queue._take_range():
            count += 1
            error = self._attempt(source_id, self._queue_differing, low, high)
            self._settle_queued([], [row], error)
        if count:
            queue.invalidate_model(flush=False)
            self.env["crm.interaction"]._forget_cached()
        return count

    @api.model
    def _settle_queued(self, first, leaving, error):
        queue = self.env["crm.interaction.queue"]
        if error:
            queue._put_off([*first, *leaving], error)
        else:
            queue._done(first, leaving)

    @api.model
    def _capture_ids(self, source_id, res_ids):
        """Capture these records of a source; why it is not possible just now, if it is not."""
        return self._attempt(
            source_id, lambda compiled: session.run_ids(self.env.cr, compiled.statements.capture, res_ids)
        )

    @api.model
    def _queue_about(self, document_model, ids):
        """Have the records captured that are about these documents without opening them, such as meetings, which are
        looked for here because a user who saves a document would wait for it; why a source could not be asked."""
        errors = [
            self._attempt(source_id, self._queue_found, document_model, ids)
            for source_id, compiled in self._compiled_sources().items()
            if compiled.statements.about
        ]
        return next(filter(None, errors), None)

    @api.model
    def _queue_found(self, compiled, document_model, ids):
        found = session.run_about(self.env.cr, compiled.statements.about, document_model, ids)
        self.env["crm.interaction.queue"]._add({compiled.source_id: found})

    @api.model
    def _queue_differing(self, compiled, low, high):
        """Have what differs from the timeline, in a range of record ids, captured."""
        found = {res_id for res_id, _kind in check.differing(self.env, compiled, low, high)}
        self.env["crm.interaction.queue"]._add({compiled.source_id: sorted(found)})

    @api.model
    def _attempt(self, source_id, step, *arguments):
        """Call ``step(compiled source, *arguments)``; why it is not possible just now, if it is not."""
        compiled = self._compiled_sources().get(source_id)
        if compiled is None:
            # an app that went, or settings that make no sense: as soon as it works
            return self.browse(source_id).exists() and self.env._("The source is not working.")
        try:
            with self.env.cr.savepoint(flush=False):
                step(compiled, *arguments)
        except DISTURBED:
            raise
        except psycopg2.Error as error:
            _logger.warning("Interaction source %s could not follow its records: %s", source_id, error)
            return str(error).strip()
        return None

    # ------------------------------------------------------------------ apps that come later

    def _register_hook(self):
        super()._register_hook()
        if self.env.registry.updated_modules:
            self._wake_sources()

    @api.model
    def _wake_sources(self):
        """Sources whose app has just arrived load their history."""
        if self._to_backfill():
            self.env["crm.job"]._wake("ir_cron_backfill")
