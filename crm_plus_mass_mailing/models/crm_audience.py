from odoo import models


class CrmAudience(models.Model):
    _inherit = "crm.audience"

    def action_mail(self):
        """A new mailing to this audience."""
        self.ensure_one()
        self.check_access("read")
        self.env["mailing.mailing"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New mailing"),
            "res_model": "mailing.mailing",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_crm_audience_id": self.id, "default_mailing_type": "mail"},
        }

    def _recipients(self):
        """The leads, or the contacts to write to, as of now: all of them, and those of them who can be written to."""
        self.ensure_one()
        model, domain = self._asked_for()
        members = model.search(domain)
        if self.kind == "lead":
            return members.sudo()
        # sudo: who belongs here is found with the rights of the author of the conditions, and is written to.
        partners = (members.partner_id if self.kind == "customer" else members).sudo()
        return self._to_write_to(partners)

    def _to_write_to(self, partners):
        """The contacts of these customers to whom the audience writes; of whom there is none, the customer."""
        if self.addressee == "customer":
            return partners
        if self.addressee == "all":
            return partners | partners.search([("commercial_partner_id", "in", partners.commercial_partner_id.ids)])
        if self.addressee == "invoice":
            found = partners.search(
                [("commercial_partner_id", "in", partners.commercial_partner_id.ids), ("type", "=", "invoice")]
            )
        else:
            found = self._last_orderers(partners.commercial_partner_id)
        served = found.commercial_partner_id
        return found | partners.filtered(lambda partner: partner.commercial_partner_id not in served)

    def _last_orderers(self, customers):
        """The contact of each of these customers who ordered last."""
        orders = self.env["sale.order"].sudo()  # sudo: which contact ordered; nothing else of the order is shown
        rows = orders._read_group(
            [("partner_id.commercial_partner_id", "in", customers.ids), ("company_id", "=", self.company_id.id),
             ("state", "=", "sale")],
            ["partner_id"], ["date_order:max"],
        )  # fmt: skip
        latest = {}
        for partner, _moment in sorted(rows, key=lambda row: (row[1], row[0].id)):
            latest[partner.commercial_partner_id] = partner
        return customers.browse([partner.id for partner in latest.values()])
