from odoo import api, fields, models

from ...services.customer.limits import few_text
from ...services.loyalty.settings_preview import SettingsPreview, moves_text
from .res_company import BASES, MODES, RULES, VALUES, WINDOWS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # These move customers, so they are kept here until who changes them has seen what moves.
    crm_plus_revenue_basis = fields.Selection(BASES, "Customer revenue")
    crm_plus_rfm_mode = fields.Selection(MODES, "RFM scores")
    crm_plus_rfm_window = fields.Selection(WINDOWS, "Frequency and revenue of")
    crm_plus_recency_cuts = fields.Char(
        "Recency limits",
        help="Maximum number of days since the last order for a score of 5, 4, 3 and 2.",
    )  # fmt: skip
    crm_plus_frequency_cuts = fields.Char(
        "Frequency limits",
        help="Minimum number of orders for a score of 2, 3, 4 and 5.",
    )  # fmt: skip
    crm_plus_monetary_cuts = fields.Char(
        "Revenue limits",
        help="Minimum revenue for a score of 2, 3, 4 and 5.",
    )  # fmt: skip
    crm_plus_margin = fields.Float(
        "Margin (%)",
        help="How far an age or a revenue must pass a limit that moves with the customers before the customer "
        "changes segment, for at most four weeks.",
    )  # fmt: skip
    crm_plus_minimum_stay = fields.Integer("Days between two changes")
    crm_plus_tier_months = fields.Integer(
        "Tier period (months)",
        help="Tiers are based on revenue and orders of the last months.",
    )  # fmt: skip
    crm_plus_value = fields.Selection(VALUES, "ABC classes and lifetime value by")
    crm_plus_has_margin = fields.Boolean("Sales records margins", compute="_compute_crm_plus_has_margin")
    crm_plus_clv_months = fields.Selection(related="company_id.crm_plus_clv_months", readonly=False)
    crm_plus_amounts = fields.Selection(related="company_id.crm_plus_amounts", readonly=False)
    group_crm_plus_amounts = fields.Boolean(
        "Amounts for readers",
        implied_group="crm_plus.group_crm_plus_amounts",
        group="crm_plus.group_crm_plus_reader",
        help="Users with the groups CRM Plus / Reader and CRM Plus / Service and marketing see amounts as well.",
    )
    crm_plus_trained_date = fields.Date(related="company_id.crm_plus_trained_date")
    crm_plus_profile_date = fields.Datetime(related="company_id.crm_plus_profile_date")
    crm_plus_few_text = fields.Char("Note on few customers", compute="_compute_crm_plus_few_text")

    def _compute_crm_plus_has_margin(self):
        self.crm_plus_has_margin = "margin" in self.env["sale.order"]._fields

    @api.depends("company_id")
    def _compute_crm_plus_few_text(self):
        for settings in self:
            settings.crm_plus_few_text = few_text(self.env, settings.company_id)

    crm_plus_moves = fields.Json("Moves", readonly=True)
    crm_plus_moves_text = fields.Html("What would change", compute="_compute_crm_plus_moves_text", sanitize=False)
    crm_plus_is_change = fields.Boolean("Settings are changed", compute="_compute_crm_plus_moves_text")

    @api.depends("crm_plus_moves")
    def _compute_crm_plus_moves_text(self):
        for settings in self:
            settings.crm_plus_moves_text = moves_text(self.env, settings.crm_plus_moves)
            settings.crm_plus_is_change = bool(settings._crm_plus_rule_changes())

    @api.model
    def get_values(self):
        company = self.env["res.company"].browse(self.env.context.get("default_company_id")) or self.env.company
        return super().get_values() | {name: company[name] for name in RULES}

    @api.model_create_multi
    def create(self, vals_list):
        """What is not entered is as the company has it."""
        for vals in vals_list:
            if company := self.env["res.company"].browse(vals.get("company_id")):
                vals.update({name: company[name] for name in RULES - vals.keys()})
        return super().create(vals_list)

    def _crm_plus_rule_changes(self):
        """The values, of those that move customers, that are not those of the company."""
        return {name: self[name] for name in RULES if self[name] != self.company_id[name]}

    def set_values(self):
        result = super().set_values()
        if changes := self._crm_plus_rule_changes():
            self.company_id.write(changes)
        return result

    def execute(self):
        """Customers are moved by a setting only once who changes it has seen who moves."""
        if not self.env.context.get("crm_plus_asked") and self._crm_plus_find_moves():
            return self._crm_plus_question()
        return super().execute()

    def action_crm_plus_preview(self):
        """What the values as entered would change."""
        self.ensure_one()
        self._crm_plus_find_moves()
        return self._crm_plus_question()

    def action_crm_plus_apply(self):
        """Save the settings as they were entered, after the question."""
        self.ensure_one()
        return self.with_context(crm_plus_asked=True).execute()

    def _crm_plus_find_moves(self):
        """Keep what the values as entered would move; whether anybody."""
        company, changes, moves = self.company_id, self._crm_plus_rule_changes(), {}
        # sudo: whether there is anybody; only a number.
        known = self.env["crm.customer.profile"].sudo().search_count([("company_id", "=", company.id)], limit=1)
        if known and changes:
            moves = SettingsPreview(self.env, company).moves(changes)
        self.crm_plus_moves = moves
        return bool(moves.get("segments") or moves.get("tiers"))

    def _crm_plus_question(self):
        """The dialog that shows the moves, and asks."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What would it change?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref("crm_plus.res_config_settings_view_form_change").id, "form")],
            "target": "new",
        }
