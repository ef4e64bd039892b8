from odoo import api, models, tools

from ...engine.score.rules import counted_channels
from ...services.score.specs import RuleSpec


class CrmScoreRule(models.Model):
    """The rules as values, ready to be composed into SQL."""

    _inherit = "crm.score.rule"

    @api.model
    def _active_rules(self, company, broken=True):
        """The rules that count in a company, in order; ``broken``: also those that failed the last time."""
        domain = [("state", "=", "active"), ("company_id", "in", [False, company.id])]
        if not broken:
            domain.append(("error", "=", False))
        return self.sudo().search(domain)  # sudo: rules are settings, and scores are the same whoever changes a lead

    @api.model
    @tools.ormcache("company_id")
    def _sound_specs(self, company_id):
        """The `RuleSpec` of a company's rules that work; read once per registry, since every saved lead needs them."""
        return self._active_rules(self.env["res.company"].browse(company_id), broken=False)._specs()

    @api.model
    @tools.ormcache("company_id")
    def _group_caps(self, company_id):
        """((group id, most points as text), ...) in a company; read once per registry, too."""
        # sudo: settings
        groups = self.env["crm.score.group"].sudo().search([("company_id", "in", [False, company_id])])
        return tuple((group.id, f"{group.cap:.2f}") for group in groups)

    def _specs(self):
        """These rules as `RuleSpec`, in their order."""
        return tuple(rule._spec(position) for position, rule in enumerate(self))

    def _spec(self, position, rule_id=None):
        event = self.kind == "engagement"
        return RuleSpec(
            id=rule_id or self.id,
            position=position,
            kind=self.kind,
            points=f"{self.points:.2f}",
            cap=f"{self.cap:.2f}" if event and self.cap else None,
            group_id=self.group_id.id or None,
            applies_on=self.applies_on,
            domain=self.domain or "[]",
            channel_ids=counted_channels(self.channel_ids.ids, self.env["crm.interaction.channel"]._contact_ids()),
            direction=self.direction,
            period_days=self.period_days or None,
            once=event and self.once,
            half_life_days=self.half_life_days if event and self.fades else None,
            silence_days=self.silence_days,
        )
