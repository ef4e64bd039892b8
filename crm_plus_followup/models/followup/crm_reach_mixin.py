from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# What of whom is exported, per model.
EXPORTED = {
    "crm.customer.profile": (
        "partner_id", "partner_id/email", "partner_id/phone", "partner_id/country_id", "segment_id", "tier_id",
        "user_id", "last_order_date", "order_count", "revenue",
    ),
    "res.partner": ("display_name", "email", "phone", "country_id", "user_id"),
    "crm.lead": ("name", "partner_id", "email_from", "phone", "stage_id", "user_id"),
}  # fmt: skip


class CrmReachMixin(models.AbstractModel):
    """Sets of customers, contacts or leads where people see them: segments, tiers, lists and audiences have the same
    buttons, which go by an audience, so that all of them mean the same people."""

    _name = "crm.reach.mixin"
    _description = "Set of customers to reach"

    def _reach_audience(self):
        """The audience of whoever is meant; intended to be implemented."""
        raise NotImplementedError

    def _reach_set(self):
        """(name, model, domain) of whoever is meant, to be read with the rights of the user; intended to be
        implemented."""
        raise NotImplementedError

    def action_follow_up(self):
        """A new rule, a draft, for them."""
        return self._new_rule({})

    def action_price(self):
        """A new rule, a draft, that gives them a pricelist as long as they belong there."""
        step = {"kind": "price"}
        return self._new_rule({"default_step_ids": [(0, 0, step)], "default_include_present": True})

    def _new_rule(self, context):
        self.env["crm.followup.rule"].check_access("create")
        audience = self._reach_audience()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New follow-up rule"),
            "res_model": "crm.followup.rule",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_name": audience.name,
                "default_audience_id": audience.id,
                "default_company_id": audience.company_id.id,
                **context,
            },
        }

    def action_export(self):
        """A workbook of them, as far as the user may read and export."""
        self.check_access("read")
        name, model, domain = self._reach_set()
        self.env[model].check_access("read")
        if not self.env.user._is_admin() and not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You may not export. Ask an administrator for the right to export."))
        return {
            "type": "ir.actions.client",
            "tag": "crm_set_export",
            "name": name,
            "params": {
                "model": model,
                "ids": self.env[model].search(domain).ids,
                "domain": [("id", "=", 0)],
                "fields": [self._exported(model, path) for path in EXPORTED[model]],
            },
        }

    def _exported(self, model, path):
        """What the host's export is told of a field."""
        label, holder = [], self.env[model]
        for part in path.split("/"):
            field = holder._fields[part]
            label.append(field.get_description(self.env, ["string"])["string"])
            holder = self.env[field.comodel_name] if field.relational else holder
        return {"name": path, "label": " / ".join(label), "type": field.type, "store": bool(field.store)}

    @api.model
    def _in_company(self, company):
        return Domain("company_id", "=", company.id)
