"""What a salesperson can do to make winning a lead more likely, by the prediction's own account."""

from functools import partial

from . import catalogue, columns, moments

SHOWN_STEPS = 5


class Advice:
    """For the lead as it is now, by the version ``model`` that predicts it. Needs numpy."""

    def __init__(self, lead, model):
        self.lead, self.model, self.env = lead, model, lead.env

    def steps(self):
        """``[{"key", "text", "gain"}]``, best first; "gain" is in percentage points, an estimate. Only what can be
        filled in or done, never who somebody is."""
        from ...engine.prediction.what_if import improvements

        model, seen = self.model, partial(moments.open_leads, now=self.env.cr.now())
        ids, now = columns.fetch(self.env, model.company_id, model._readings(), self.lead.ids, seen)
        if not ids:
            return []
        advised = model._advised_features()
        contacts = self._contact_steps(advised, now)
        steps = self._fill_steps(advised, now) | contacts
        found = improvements(model._predictor(), now, {key: values for key, (_text, values) in steps.items()})
        best_contact = next((step for step in found if step.key in contacts), None)
        return [
            {"key": step.key, "text": steps[step.key][0], "gain": round(100 * step.gain)}
            for step in found
            if round(100 * step.gain) and (step.key not in contacts or step is best_contact)
        ][:SHOWN_STEPS]

    def _fill_steps(self, features, now):
        """``{field: (text, {feature: value afterward})}`` of what is missing, or not as it should be."""
        from ...engine.prediction.what_if import SOME

        steps = {}
        for feature in features.filtered(lambda feature: feature.origin in ("lead", "property")):
            value = next(iter(now[feature.name]))
            if not (value is None or value is False or value != value):
                if catalogue.QUALITY.get(feature.name) and value != catalogue.GOOD:
                    steps[catalogue.QUALITY[feature.name]] = {feature.name: catalogue.GOOD}
            elif self._can_fill_in(feature):
                steps.setdefault(catalogue.QUALITY.get(feature.name, feature.name), {})[feature.name] = SOME
        return {name: (self._fill_text(name), values) for name, values in steps.items()}

    def _can_fill_in(self, feature):
        if feature.origin == "property":
            # sudo: whether the lead's own team asks for it.
            asked = self.lead.sudo().team_id.lead_properties_definition or ()
            return feature.name.split(".", 1)[1] in [item["name"] for item in asked]
        return self.lead._has_field_access(self.lead._fields[feature.name], "write")

    def _fill_text(self, name):
        # sudo: the name of a field.
        feature = self.env["crm.score.feature"].sudo().search([("name", "=", name)])
        if name in self.lead._fields and self.lead[name]:
            return self.env._("Correct: %(field)s", field=feature.display_name)
        return self.env._("Fill in: %(field)s", field=feature.display_name)

    def _contact_steps(self, features, now):
        """The same of getting in touch once more, by each way that counts: another conversation, today."""
        today = {catalogue.LAST_CONTACT: 0.0} if catalogue.LAST_CONTACT in now else {}
        steps = {"contact": (self.env._("Get in touch with them"), today)} if today else {}
        # sudo: names of channels.
        channels = self.env["crm.interaction.channel"].sudo().with_context(active_test=False).search([])
        names = {channel.code: channel.name for channel in channels}
        for feature in features.filtered(lambda feature: feature.origin == "interaction"):
            text = self.env._("Get in touch: %(channel)s", channel=names.get(feature.name.split(".")[1]))
            steps[feature.name] = (text, today | {feature.name: now[feature.name][0] + 1})
        return steps
