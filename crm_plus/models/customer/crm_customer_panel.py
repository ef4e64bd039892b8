from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.tools import SQL

from ...engine.checks import identifier
from ...services.arguments import argument
from ...services.customer.scope import Scope

# Months of the small chart, the current one included.
MONTHS = 24


class CrmCustomerProfile(models.Model):
    """What the form of a customer shows of its profile, each number with the reason for it."""

    _inherit = "crm.customer.profile"

    @api.model
    @api.readonly
    def loyalty_panel(self, partner_id):
        """All that the *Loyalty* panel of a contact shows, in the current company, as texts ready to be read, but that
        their days are in ISO form, for the caller to write in the calendar of the user.

        ``state`` is "none" for whom no company calls a customer, "empty" (with a ``text``) before the first order,
        else "ready" with ``segment``, ``others``, ``tier``, ``abc_class``, ``scores``, ``figures``, ``months`` and
        ``source``.
        """
        self.check_access("read")
        partner = self.env["res.partner"].browse(argument(self.env, "partner_id", partner_id, identifier))
        customer = partner.commercial_partner_id
        (partner | customer).check_access("read")
        # sudo: only whether there is such a company.
        if not customer.partner_share or customer.sudo().ref_company_ids:
            return {"state": "none"}
        profile = customer.crm_profile_id
        if not profile:
            return {"state": "empty", "text": self._no_profile_text(customer, self.env.company)}
        return {
            "state": "ready",
            "profile_id": profile.id,
            "customer": customer.display_name if customer != partner else False,
            "currency_id": profile.currency_id.id,
            "segment": profile._panel_segment(),
            "others": profile._panel_other_segments(),
            "tier": profile._panel_tier(),
            "abc_class": profile._panel_class(),
            "scores": profile._panel_scores(),
            "figures": profile._panel_figures(),
            "months": profile._panel_months(),
            "source": profile._panel_source(),
        }

    @api.model
    def _no_profile_text(self, customer, company):
        if not company.crm_plus_profile_date:
            return self.env._("Customer figures are being computed for the first time. They show up here.")
        text = self.env._("No orders yet: segment, tier and forecasts follow the first confirmed order.")
        if company.crm_plus_revenue_basis == "invoice":
            text = self.env._("No invoices yet: segment, tier and forecasts follow the first posted invoice.")
        if given := self.env["crm.tier.override"]._in_force(customer).get((customer, company)):
            text += " " + self.env._("%s, given by hand, takes effect then.", given.tier_id.name)
        return text

    def _panel_months(self):
        """Net revenue of each of the last months, oldest first: ``[{"month": "2026-05-01", "amount": 120.0}, ...]``.

        Whoever may see the profile may see these sums; like its other figures they are of the customer as a whole,
        never of one document.
        """
        company = self.company_id
        today = company._crm_plus_today()
        start = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT month::date, COALESCE(sum(amount), 0)::float8
                     FROM generate_series(%(start)s::date, %(today)s::date, '1 month') month
                     LEFT JOIN (SELECT %(day)s AS day, d.amount FROM (%(documents)s) d) sold
                            ON sold.day >= month AND sold.day < month + interval '1 month' AND sold.day <= %(today)s
                    GROUP BY month ORDER BY month""",
                start=start,
                today=today,
                day=self._order_day(company, SQL("d.moment")),
                documents=SQL(" UNION ALL ").join(
                    self._document_queries(company, Scope(ids=(self.partner_id.id,)).documents())
                ),
            )
        )
        return [{"month": str(month), "amount": amount} for month, amount in rows]

    def _panel_source(self):
        """From what and when the figures were computed."""
        company = self.company_id
        basis = {
            "order": self.env._("confirmed orders, net of credit notes"),
            "invoice": self.env._("posted invoices, net of credit notes"),
        }[company.crm_plus_revenue_basis]
        lines = [
            self.env._("From %(basis)s, untaxed, of %(company)s.", basis=basis, company=company.name),
        ]
        if company.crm_plus_profile_date:
            date = self._day(company.crm_plus_profile_date)
            lines.append(self.env._("All customers computed on %s; this one again after each order.", date))
        if self.prediction_date:
            lines.append(self.env._("Forecasts learned on %s.", self._day(self.prediction_date)))
        return lines
