from typing import NamedTuple

import psycopg2
from odoo import api, models, tools

from ...services.interaction.capture import session
from ...services.interaction.capture.compiler import SourceCompiler
from ...services.interaction.capture.paths import PathError, PathResolver
from ...services.interaction.capture.spec import SourceSpec
from ...services.interaction.capture.watch import build_watchlist
from .crm_interaction_source import PATHS

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
    _inherit = "crm.interaction.source"

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
                session.check(self.env.cr, statements)
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
        # sudo: what must be captured does not depend on who works; rows are guarded by record rules.
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
