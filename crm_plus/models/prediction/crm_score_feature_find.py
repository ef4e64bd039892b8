from odoo import api, models
from odoo.tools import SQL

from ...services.prediction import catalogue
from ...services.prediction.rights import may_read, may_read_model


class CrmScoreFeature(models.Model):
    _inherit = "crm.score.feature"

    @api.model
    def action_find(self):
        """Look for new fields."""
        self.check_access("create")
        self._find()

    @api.model
    def _find(self):
        """Add whatever can be learnt from and is not in the list yet; properties go by the names they have now."""
        known = {feature.name: feature for feature in self.search([("name", "!=", False)])}
        found = [*self._candidates()]
        for values in found:
            if values["name"] in known and values.get("origin") == "property":
                known[values["name"]].label = values["label"]
        return self.create([values for values in found if values["name"] not in known])

    def _candidates(self):
        """Whatever can be learnt from, as values of this model."""
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
            yield {"name": name, "label": label, "origin": name.split(".")[0], "kind": "numeric"}

    @api.model
    def _history_labels(self):
        """Age, conversations, purchases and other leads of the customer, in the reader's language."""
        labels = {
            "age": self.env._("Days since the lead was created"),
            "interaction.days_since": self.env._("Days since the last conversation"),
            "interaction.days_since_in": self.env._("Days since they last got in touch"),
            "customer.orders": self.env._("Orders before"),
            "customer.revenue": self.env._("Revenue before"),
            "customer.days_since_order": self.env._("Days since the last order"),
            "customer.won_leads": self.env._("Leads won before"),
            "customer.lost_leads": self.env._("Leads lost before"),
        }
        directions = {"in": self.env._("incoming"), "out": self.env._("outgoing")}
        # sudo: names of channels.
        channels = self.env["crm.interaction.channel"].sudo().with_context(active_test=False)
        for channel in channels.search([("code", "not in", catalogue.NO_CONVERSATION)]):
            for direction, word in directions.items():
                label = self.env._("%(first)s, %(second)s", first=channel.name, second=word)
                labels[f"interaction.{channel.code}.{direction}"] = label
        return labels
