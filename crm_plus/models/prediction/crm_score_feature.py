from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.prediction.features import KINDS
from ...services.prediction import catalogue
from ...services.prediction.readings import Reading
from ...services.prediction.rights import may_read, may_read_model
from ...services.prediction.stage import DAYS, STAGE

ORIGINS = [
    ("lead", "Lead"),
    ("property", "Lead property"),
    ("age", "Age of the lead"),
    ("stage", "Stage of the lead"),
    ("partner", "Contact"),
    ("interaction", "Interactions"),
    ("customer", "Customer's history"),
]
MODELS = {"crm.lead": "lead", "res.partner": "partner"}


class CrmScoreFeature(models.Model):
    """One thing predictions may learn from. The list fills itself; managers may bar an entry, use one that was left
    out, or add a field."""

    _name = "crm.score.feature"
    _inherit = ["crm.filled.mixin"]
    _filled_by = "ir_cron_train_predictions"
    _description = "Prediction field"
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
        "Interpreted as",
        required=True,
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
        help="Presence: whether it is filled in. Text: the value if values repeat, otherwise whether it is filled in.",
    )
    barred = fields.Boolean(string="Excluded", help="Future predictions do not use it, in any company.")
    reason = fields.Selection(
        [
            ("outcome", "Reveals the outcome of the lead"),
            ("work", "Changes while the lead is being worked on"),
            ("chosen", "Excluded manually"),
        ],
        "Reason for exclusion",
        compute="_compute_reason",
        store=True,
        readonly=False,
        precompute=True,
    )
    trusted = fields.Boolean(
        "Use despite warning", help="Its value is known before the outcome, whatever the check says."
    )
    sensitive = fields.Boolean(help="Says who a person is. A version that relies on such fields carries a note.")

    advised = fields.Boolean(
        "Suggest to salespeople",
        compute="_compute_advised",
        store=True,
        readonly=False,
        precompute=True,
        help="The score card can advise salespeople to fill it in or do it. Sensitive fields are never suggested.",
    )
    can_be_advised = fields.Boolean("Can be suggested", compute="_compute_can_be_advised")

    _name_unique = models.Constraint("UNIQUE (name)", "This field is already in the list.")

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
            text = self.env._("This list applies to all companies: the change affects the predictions of all of them.")
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
                        "%(field)s cannot be suggested. Only lead fields to fill in, and getting in touch, can be.",
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
                        "“%(name)s” is not the name of a field. Choose a field of the lead or of its contact.",
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
                        "%(field)s cannot be used by predictions: not every sales manager has access to it.",
                        field=feature.label,
                    )
                )
            number = catalogue.KIND_OF_TYPE[field.type] == "numeric"
            if (feature.kind == "tags") != (field.type == "many2many") or (feature.kind == "numeric" and not number):
                raise ValidationError(
                    self.env._("%(field)s cannot be interpreted as %(kind)s.", field=feature.label, kind=feature.kind)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_found(self):
        found = {values["name"] for values in self._candidates()}
        for feature in self:
            if feature.name in found:
                raise UserError(
                    self.env._(
                        "“%(field)s” would come back with the next training. Exclude it instead.",
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

    # ------------------------------------------------------------------ finding

    @api.model
    def action_find(self):
        """Look for new fields."""
        self.check_access("create")
        self._find()

    @api.model
    def _find(self):
        """Add whatever can be learned from and is not in the list yet; properties go by the names they have now."""
        known = {feature.name: feature for feature in self.search([("name", "!=", False)])}
        found = [*self._candidates()]
        for values in found:
            if values["name"] in known and values.get("origin") == "property":
                known[values["name"]].label = values["label"]
        return self.create([values for values in found if values["name"] not in known])

    def _candidates(self):
        """Whatever can be learned from, as values of this model."""
        return [*self._lead_fields(), *self._properties(), *self._partner_fields(), *self._histories()]

    def _lead_fields(self):
        for field in self.env["crm.lead"]._fields.values():
            if field.name in catalogue.TECHNICAL or not self._can_be_offered(field):
                continue
            reason = catalogue.reason_to_leave_out(self.pool, field)
            yield self._field_values(field) | {"barred": bool(reason), "reason": reason}

    def _partner_fields(self):
        for field in self.env["res.partner"]._fields.values():
            if (field.name in catalogue.PARTNER or field.manual) and self._can_be_offered(field):
                yield self._field_values(field)

    def _can_be_offered(self, field):
        return catalogue.is_readable(field) and may_read(self.env, field)

    def _field_values(self, field):
        return {
            "field_id": self.env["ir.model.fields"]._get(field.model_name, field.name).id,
            "name": field.name if field.model_name == "crm.lead" else f"partner_id.{field.name}",
            "sensitive": field.name in catalogue.SENSITIVE,
        }

    def _properties(self):
        """Properties of leads, from the definitions of all sales teams."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (item ->> 'name') item ->> 'name', item ->> 'string', item ->> 'type',
                          item ->> 'comodel'
                     FROM crm_team, jsonb_array_elements(lead_properties_definition) item
                    WHERE jsonb_typeof(lead_properties_definition) = 'array' ORDER BY item ->> 'name', crm_team.id"""
            )
        )
        for name, label, kind, comodel in rows:
            if comodel and not may_read_model(self.env, comodel):
                continue
            if kind in catalogue.KIND_OF_TYPE and kind not in ("date", "datetime", "html"):
                kind = catalogue.KIND_OF_TYPE[kind]
                yield {"name": f"lead_properties.{name}", "label": label or name, "origin": "property", "kind": kind}

    def _histories(self):
        for name, label in self._history_labels().items():
            kind = "category" if name == STAGE else "numeric"
            yield {"name": name, "label": label, "origin": name.split(".")[0], "kind": kind}

    @api.model
    def _history_labels(self):
        """Age, conversations, purchases and other leads of the customer, in the reader's language."""
        labels = {
            "age": self.env._("Days since the lead was created"),
            STAGE: self.env._("Stage it was in"),
            DAYS: self.env._("Days in that stage"),
            "interaction.days_since": self.env._("Days since the last conversation"),
            "interaction.days_since_in": self.env._("Days since they last got in touch"),
            "customer.orders": self.env._("Earlier orders"),
            "customer.revenue": self.env._("Earlier revenue"),
            "customer.days_since_order": self.env._("Days since the last order"),
            "customer.won_leads": self.env._("Leads won earlier"),
            "customer.lost_leads": self.env._("Leads lost earlier"),
        }
        directions = {"in": self.env._("incoming"), "out": self.env._("outgoing")}
        # sudo: names of channels.
        channels = self.env["crm.interaction.channel"].sudo().with_context(active_test=False)
        for channel in channels.search([("code", "not in", catalogue.NO_CONVERSATION)]):
            for direction, word in directions.items():
                label = self.env._("%(first)s, %(second)s", first=channel.name, second=word)
                labels[f"interaction.{channel.code}.{direction}"] = label
        return labels
