from odoo import models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "crm.customer.mixin"]


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.customer.mixin"]


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "crm.customer.mixin"]
