from odoo import api, models, tools

from ...services.score.conditions import compiled, is_fixed, rule_domain
from ...services.score.watch import properties


class CrmScoreRule(models.Model):
    _inherit = "crm.score.rule"

    @api.model
    def _condition(self, model_name, text):
        """The `Condition` written in ``text``. Raises ValueError when it cannot be read."""
        return self._fixed_condition(model_name, text) or compiled(self.env[model_name], rule_domain(text))

    @api.model
    @tools.ormcache("model_name", "text", "self.env.company.id")
    def _fixed_condition(self, model_name, text):
        """The `Condition`, compiled once per registry, when it is the same at any time; else None."""
        model = self.env[model_name]
        try:
            domain = rule_domain(text)
            return compiled(model, domain) if is_fixed(model, domain) else None
        except ValueError:  # told where the rule is evaluated
            return None

    @api.model
    def _unknown_property(self, model, domain):
        """The first property in a condition that no definition has, or None: to the host it is merely empty."""
        for holder, field, name in properties(model, domain):
            column = field.definition_record_field
            # sudo: names of properties, whoever they belong to
            containers = self.env[holder._fields[field.definition_record].comodel_name].sudo()
            definitions = containers.with_context(active_test=False).search([(column, "!=", False)]).mapped(column)
            if name not in {item["name"] for definition in definitions for item in definition}:
                return name
        return None
