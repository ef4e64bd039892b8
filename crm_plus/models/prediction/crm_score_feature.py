from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...engine.prediction.features import KINDS
from ...services.prediction import catalogue
from ...services.prediction.readings import Reading
from ...services.prediction.rights import may_read

ORIGINS = [
    ("lead", "Lead"),
    ("property", "Property of the lead"),
    ("age", "Age of the lead"),
    ("partner", "Contact"),
    ("interaction", "Interactions"),
    ("customer", "History of the customer"),
]
MODELS = {"crm.lead": "lead", "res.partner": "partner"}


class CrmScoreFeature(models.Model):
    """One thing predictions may learn from. The list fills itself; managers may bar an entry, use one that was left
    out, or add a field."""

    _name = "crm.score.feature"
    _description = "Field used by predictions"
    _order = "origin, name, id"

    name = fields.Char(
        "Technical name", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    label = fields.Char("Field", required=True, compute="_compute_label", store=True, readonly=False, precompute=True)
    origin = fields.Selection(
        ORIGINS, required=True, compute="_compute_origin", store=True, readonly=False, precompute=True
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        "Host field",
        ondelete="cascade",
        domain="[('model', 'in', ['crm.lead', 'res.partner']), ('store', '=', True)]",
    )
    kind = fields.Selection(
        [(kind, kind.capitalize()) for kind in (*KINDS, "text")],
        "Read as",
        required=True,
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
        help="Presence: only whether it is filled. Text: its value when values repeat, else whether it is filled.",
    )
    barred = fields.Boolean(help="Predictions trained from now on do not use it, in any company.")
    reason = fields.Selection(
        [
            ("outcome", "Tells how the lead ended"),
            ("work", "Changes while the lead is worked on"),
            ("chosen", "Barred by hand"),
        ],
        "Why it is left out",
        compute="_compute_reason",
        store=True,
        readonly=False,
        precompute=True,
    )
    trusted = fields.Boolean("Use although flagged", help="It is known before the outcome, whatever the check says.")
    sensitive = fields.Boolean(help="Says who somebody is. A version that rests on such fields carries a note.")

    advised = fields.Boolean(
        "Advise it",
        compute="_compute_advised",
        store=True,
        readonly=False,
        precompute=True,
        help="The score card may advise salespeople to fill it in or to do it. Never what is sensitive.",
    )
    can_be_advised = fields.Boolean("Can be advised", compute="_compute_can_be_advised")

    _name_unique = models.Constraint("UNIQUE (name)", "Predictions know this field already.")

    @api.depends("field_id")
    def _compute_name(self):
        for feature in self:
            prefix = "partner_id." if feature.field_id.model == "res.partner" else ""
            feature.name = prefix + feature.field_id.name if feature.field_id else feature.name

    @api.depends("field_id")
    def _compute_label(self):
        for feature in self:
            feature.label = feature.field_id.field_description or feature.label

    @api.depends("field_id")
    def _compute_origin(self):
        for feature in self:
            feature.origin = MODELS.get(feature.field_id.model, feature.origin)

    @api.depends("field_id", "name", "origin")
    def _compute_kind(self):
        for feature in self:
            field = feature._reading().host_field(self.env) if feature.field_id else None
            feature.kind = catalogue.kind_of(field) if field is not None else feature.kind or "presence"

    @api.depends("field_id", "label", "name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        histories = self._history_labels()
        for feature in self:
            # sudo: the name of a field, in the reader's language.
            name = feature.sudo().field_id.field_description or histories.get(feature.name)
            feature.display_name = name or feature.label

    @api.depends("barred")
    def _compute_reason(self):
        for feature in self:
            feature.reason = (feature.reason or "chosen") if feature.barred else False

    @api.depends("name", "origin", "kind", "field_id")
    def _compute_advised(self):
        for feature in self:
            # sudo: whether the field is the company's own.
            manual = feature.sudo().field_id.state == "manual"
            feature.advised = catalogue.is_advised(feature.name or "", feature.origin, feature.kind, manual)

    @api.depends("name", "origin", "kind")
    def _compute_can_be_advised(self):
        for feature in self:
            feature.can_be_advised = catalogue.can_be_advised(feature.name or "", feature.origin, feature.kind)

    @api.onchange("barred", "trusted", "sensitive", "advised", "kind")
    def _onchange_shared(self):
        if self.env["res.company"]._crm_plus_several():
            text = self.env._("The list is one for all companies: the change holds for the predictions of all of them.")
            return {
                "warning": {"type": "notification", "title": self.env._("Shared by all companies"), "message": text}
            }
        return None

    @api.constrains("advised", "name", "origin", "kind")
    def _check_advised(self):
        for feature in self:
            if feature.advised and not feature.can_be_advised:
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be advised: only values to fill in on the lead and getting in touch can.",
                        field=feature.display_name,
                    )
                )

    @api.constrains("field_id", "name", "origin", "kind")
    def _check_field(self):
        for feature in self:
            reading = feature._reading()
            if not reading.is_well_named():
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is not the name of a field. Choose a field of the lead or of its contact itself.",
                        name=feature.name,
                    )
                )
            if feature.origin not in ("lead", "partner"):
                continue
            field = reading.host_field(self.env)
            if field is None or not catalogue.is_readable(field):
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be read by predictions: its values are not stored.", field=feature.label
                    )
                )
            if not may_read(self.env, field):
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be used by predictions: not every sales manager may read it.",
                        field=feature.label,
                    )
                )
            number = catalogue.KIND_OF_TYPE[field.type] == "numeric"
            if (feature.kind == "tags") != (field.type == "many2many") or (feature.kind == "numeric" and not number):
                raise ValidationError(
                    self.env._("%(field)s cannot be read as %(kind)s.", field=feature.label, kind=feature.kind)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_found(self):
        found = {values["name"] for values in self._candidates()}
        for feature in self:
            if feature.name in found:
                raise UserError(
                    self.env._(
                        "“%(field)s” would be back with the next training. Bar it to leave it out.",
                        field=feature.display_name,
                    )
                )

    def _reading(self):
        """How it is read now; a version that learns from it keeps that."""
        return Reading(self.name or "", self.kind, self.origin)

    @api.model
    def _usable(self):
        """What a training may use."""
        found = self.search(Domain("barred", "=", False))
        return found.filtered(lambda feature: feature._reading().may_be_used(self.env))
