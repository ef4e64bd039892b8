from odoo import api, fields, models


class CrmFollowupPolicy(models.Model):
    """How often and when the customers of a company may be contacted, over all rules; the row that a worker holds while
    it works off the steps of the company."""

    _name = "crm.followup.policy"
    _description = "Contact limits"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    cap_week = fields.Integer("Contacts in 7 days", default=2, help="At most, with each customer. 0: no limit.")
    cap_month = fields.Integer("Contacts in 30 days", default=5, help="At most, with each customer. 0: no limit.")
    quiet_from = fields.Float("Quiet hours from", default=20.0, help="In the time zone of the customer.")
    quiet_to = fields.Float("Quiet hours until", default=8.0, help="Nothing is sent before this time of the day.")
    working_days = fields.Boolean(
        "Working days only", default=True, help="By the working hours of the company, without its days off."
    )
    capacity = fields.Integer(
        "Activities per salesperson and day", default=15,
        help="At most, over all rules; the most valuable customers come first. 0: no limit.",
    )  # fmt: skip
    worked_date = fields.Datetime("Last step", readonly=True)

    _company_unique = models.Constraint("UNIQUE (company_id)", "The company has contact limits. Change those.")
    _hours_of_a_day = models.Constraint(
        "CHECK (quiet_from >= 0 AND quiet_from <= 24 AND quiet_to >= 0 AND quiet_to <= 24)",
        "Quiet hours: must be between 0:00 and 24:00.",
    )
    _not_negative = models.Constraint(
        "CHECK (cap_week >= 0 AND cap_month >= 0 AND capacity >= 0)", "Limits cannot be negative."
    )

    @api.model
    def _of(self, company):
        """The limits of a company; those that ship with the module when it has none yet."""
        # sudo: every rule needs them, whoever writes it.
        policies = self.sudo()
        found = policies.search([("company_id", "=", company.id)])
        return found or policies.create({"company_id": company.id})
