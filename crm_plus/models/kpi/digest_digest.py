from odoo import fields, models
from odoo.exceptions import AccessError

# Figures that a digest may have, by the end of their fields' names.
TOLD = (
    "revenue", "orders", "new_customers", "lost_customers", "won_back_customers", "active_customers", "win_rate",
    "contacts_out",
)  # fmt: skip


class DigestDigest(models.Model):
    """Figures of days as lines of the host's digests."""

    _inherit = "digest.digest"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    kpi_crm_plus_revenue = fields.Boolean("Customer revenue")
    kpi_crm_plus_revenue_value = fields.Monetary("Customer revenue (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_orders = fields.Boolean("Customer orders")
    kpi_crm_plus_orders_value = fields.Integer("Customer orders (value)", compute="_compute_kpi_crm_plus_figures")
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
    kpi_crm_plus_active_customers = fields.Boolean("Active customers")
    kpi_crm_plus_active_customers_value = fields.Integer(
        "Active customers (value)", compute="_compute_kpi_crm_plus_figures"
    )
    kpi_crm_plus_win_rate = fields.Boolean("Win rate (%)")
    kpi_crm_plus_win_rate_value = fields.Float("Win rate (value)", compute="_compute_kpi_crm_plus_figures")
    kpi_crm_plus_contacts_out = fields.Boolean("Outgoing contacts")
    kpi_crm_plus_contacts_out_value = fields.Integer(
        "Outgoing contacts (value)", compute="_compute_kpi_crm_plus_figures"
    )

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
