from functools import partial

from odoo import models

from ...services.prediction import catalogue, moments
from ...services.prediction import columns as lead_columns

SHOWN_STEPS = 5


class CrmLead(models.Model):
    """What a salesperson can do to make winning a lead more likely, by the prediction's own account."""

    _inherit = "crm.lead"

    def _prediction_raises(self, model):
        """``[{"key", "text", "gain"}]``, best first; "gain" is in percentage points, an estimate by the version
        ``model`` for the lead as it is now. Only what can be filled in or done, never who somebody is."""
        from ...engine.prediction.what_if import improvements

        if self.won_status != "pending" or not self.active:
            return []
        ids, columns = lead_columns.fetch(
            self.env, model.company_id, model._readings(), self.ids, partial(moments.open_leads, now=self.env.cr.now())
        )
        if not ids:
            return []
        advised = model._advised_features()
        contacts = self._contact_steps(advised, columns)
        steps = self._fill_steps(advised, columns) | contacts
        found = improvements(model._predictor(), columns, {key: values for key, (_text, values) in steps.items()})
        best_contact = next((step for step in found if step.key in contacts), None)
        return [
            {"key": step.key, "text": steps[step.key][0], "gain": round(100 * step.gain)}
            for step in found
            if round(100 * step.gain) and (step.key not in contacts or step is best_contact)
        ][:SHOWN_STEPS]

    def _fill_steps(self, features, columns):
        """``{field: (text, {feature: value afterwards})}`` of what is missing, or not as it should be."""
        from ...engine.prediction.what_if import SOME

        steps = {}
        for feature in features.filtered(lambda feature: feature.origin in ("lead", "property")):
            value = next(iter(columns[feature.name]))
            if not (value is None or value is False or value != value):
                if catalogue.QUALITY.get(feature.name) and value != catalogue.GOOD:
                    steps[catalogue.QUALITY[feature.name]] = {feature.name: catalogue.GOOD}
            elif self._can_fill_in(feature):
                steps.setdefault(catalogue.QUALITY.get(feature.name, feature.name), {})[feature.name] = SOME
        return {name: (self._fill_text(name), values) for name, values in steps.items()}

    def _can_fill_in(self, feature):
        if feature.origin == "property":
            # sudo: whether the lead's own team asks for it.
            asked = self.sudo().team_id.lead_properties_definition or ()
            return feature.name.split(".", 1)[1] in [item["name"] for item in asked]
        return self._has_field_access(self._fields[feature.name], "write")

    def _fill_text(self, name):
        # sudo: the name of a field.
        feature = self.env["crm.score.feature"].sudo().search([("name", "=", name)])
        if name in self._fields and self[name]:
            return self.env._("Correct: %(field)s", field=feature.display_name)
        return self.env._("Fill in: %(field)s", field=feature.display_name)

    def _contact_steps(self, features, columns):
        """The same of getting in touch once more, by each way that counts: another conversation, today."""
        now = {catalogue.LAST_CONTACT: 0.0} if catalogue.LAST_CONTACT in columns else {}
        steps = {"contact": (self.env._("Get in touch with them"), now)} if now else {}
        # sudo: names of channels.
        channels = self.env["crm.interaction.channel"].sudo().with_context(active_test=False).search([])
        names = {channel.code: channel.name for channel in channels}
        for feature in features.filtered(lambda feature: feature.origin == "interaction"):
            text = self.env._("Get in touch: %(channel)s", channel=names.get(feature.name.split(".")[1]))
            steps[feature.name] = (text, now | {feature.name: columns[feature.name][0] + 1})
        return steps
