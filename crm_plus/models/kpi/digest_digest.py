from odoo import fields, models
from odoo.exceptions import AccessError

from ...engine.kpi.figures import BY_CODE

# Figures that a digest may have, by the end of their fields' names; hot leads have a line of their own.
TOLD = tuple(code for code in BY_CODE if code != "hot_leads")


class DigestDigest(models.Model):
    """Figures of days as lines of the host's digests."""

    _inherit = "digest.digest"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    kpi_crm_plus_customers = fields.Boolean("Customers")
    kpi_crm_plus_customers_value = fields.Integer("Customers (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_active_customers = fields.Boolean("Active customers")
    kpi_crm_plus_active_customers_value = fields.Integer(
        "Active customers (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_new_customers = fields.Boolean("New customers")
    kpi_crm_plus_new_customers_value = fields.Integer("New customers (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_lost_customers = fields.Boolean("Lost customers")
    kpi_crm_plus_lost_customers_value = fields.Integer(
        "Lost customers (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_won_back_customers = fields.Boolean("Customers won back")
    kpi_crm_plus_won_back_customers_value = fields.Integer(
        "Customers won back (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_retention = fields.Boolean("Retention (%)")
    kpi_crm_plus_retention_value = fields.Float("Retention (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_revenue_retention = fields.Boolean("Revenue retention (%)")
    kpi_crm_plus_revenue_retention_value = fields.Float(
        "Revenue retention (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_gross_revenue_retention = fields.Boolean("Gross revenue retention (%)")
    kpi_crm_plus_gross_revenue_retention_value = fields.Float(
        "Gross revenue retention (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_repeat_rate = fields.Boolean("Repeat rate (%)")
    kpi_crm_plus_repeat_rate_value = fields.Float("Repeat rate (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_revenue = fields.Boolean("Customer revenue")
    kpi_crm_plus_revenue_value = fields.Monetary("Customer revenue (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_orders = fields.Boolean("Customer orders")
    kpi_crm_plus_orders_value = fields.Integer("Customer orders (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_average_order = fields.Boolean("Average order")
    kpi_crm_plus_average_order_value = fields.Monetary("Average order (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_margin = fields.Boolean("Margin")
    kpi_crm_plus_margin_value = fields.Monetary("Margin (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_margin_rate = fields.Boolean("Margin rate (%)")
    kpi_crm_plus_margin_rate_value = fields.Float("Margin rate (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_revenue_at_risk = fields.Boolean("Revenue at risk")
    kpi_crm_plus_revenue_at_risk_value = fields.Monetary(
        "Revenue at risk (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_customer_equity = fields.Boolean("Customer equity")
    kpi_crm_plus_customer_equity_value = fields.Monetary(
        "Customer equity (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_leads = fields.Boolean("New leads")
    kpi_crm_plus_leads_value = fields.Integer("New leads (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_leads_a = fields.Boolean("Open leads with fit A")
    kpi_crm_plus_leads_a_value = fields.Integer(
        "Open leads with fit A (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_leads_b = fields.Boolean("Open leads with fit B")
    kpi_crm_plus_leads_b_value = fields.Integer(
        "Open leads with fit B (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_leads_c = fields.Boolean("Open leads with fit C")
    kpi_crm_plus_leads_c_value = fields.Integer(
        "Open leads with fit C (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_leads_d = fields.Boolean("Open leads with fit D")
    kpi_crm_plus_leads_d_value = fields.Integer(
        "Open leads with fit D (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_won_leads = fields.Boolean("Won leads")
    kpi_crm_plus_won_leads_value = fields.Integer("Won leads (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_lost_leads = fields.Boolean("Lost leads")
    kpi_crm_plus_lost_leads_value = fields.Integer("Lost leads (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_win_rate = fields.Boolean("Win rate (%)")
    kpi_crm_plus_win_rate_value = fields.Float("Win rate (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_response_time = fields.Boolean("Response time (hours)")
    kpi_crm_plus_response_time_value = fields.Float("Response time (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_contacts_out = fields.Boolean("Outgoing contacts")
    kpi_crm_plus_contacts_out_value = fields.Integer(
        "Outgoing contacts (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_contacts_in = fields.Boolean("Incoming contacts")
    kpi_crm_plus_contacts_in_value = fields.Integer(
        "Incoming contacts (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_contacted = fields.Boolean("Customers contacted in 90 days (%)")
    kpi_crm_plus_contacted_value = fields.Float(
        "Customers contacted in 90 days (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_activities_done = fields.Boolean("Activities done")
    kpi_crm_plus_activities_done_value = fields.Integer(
        "Activities done (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_activities_overdue = fields.Boolean("Overdue activities")
    kpi_crm_plus_activities_overdue_value = fields.Integer(
        "Overdue activities (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_data_quality = fields.Boolean("Data quality (%)")
    kpi_crm_plus_data_quality_value = fields.Float("Data quality (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_opt_outs = fields.Boolean("Customers who opted out")
    kpi_crm_plus_opt_outs_value = fields.Integer(
        "Customers who opted out (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_satisfaction = fields.Boolean("Satisfied customers (%)")
    kpi_crm_plus_satisfaction_value = fields.Float(
        "Satisfied customers (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_nps = fields.Boolean("Net Promoter Score")
    kpi_crm_plus_nps_value = fields.Float("Net Promoter Score (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_detractors = fields.Boolean("Detractors (%)")
    kpi_crm_plus_detractors_value = fields.Float("Detractors (value)", compute="_compute_kpi_crm_plus_figures")

    def _compute_kpi_crm_plus_figures(self):
        """Of whole days, which are recorded in the night after them; a figure that is not known is zero in a digest."""
        days = self.env["crm.kpi.day"]
        if not days.has_access("read"):
            raise AccessError(self.env._("Do not have access, skip this data for user's digest email"))
        start, end, companies = self._get_kpi_compute_parameters()
        groups = days._read_group(
            [
                ("company_id", "in", companies.ids),
                ("dimension", "=", "company"),
                ("figure", "in", TOLD),
                ("date", ">=", fields.Date.to_date(start)),
                ("date", "<", fields.Date.to_date(end)),
            ],
            ["company_id", "figure"],
            ["value:sum"],
        )
        found = {(company, figure): value for company, figure, value in groups}
        for digest in self:
            company = digest.company_id or self.env.company
            for figure in TOLD:
                digest[f"kpi_crm_plus_{figure}_value"] = found.get((company, figure)) or 0

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("crm.crm_menu_root").id
        overview = f"crm_plus.crm_overview_action?menu_id={menu}"
        return actions | {f"kpi_crm_plus_{figure}": overview for figure in TOLD}
