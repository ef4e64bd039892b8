import uuid

from odoo import api, fields, models

from ...services.followup import result


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
    holdout_percent = fields.Float(
        "Held out (%)", default=0.0,
        help="Of the customers who would be contacted, this share is contacted by no rule and no mailing to an "
        "audience, to see what all of them change. Whoever is held out stays so. Salespeople are not told.",
    )  # fmt: skip
    holdout_salt = fields.Char(
        "Key of the hold-out", required=True, readonly=True, copy=False, default=lambda _policy: uuid.uuid4().hex
    )
    window_days = fields.Integer(
        "Result after (days)", default=90, help="What customers do so many days after they were to be contacted counts."
    )
    result_text = fields.Text("Did it work?", compute="_compute_result_text")
    campaign_days = fields.Integer(
        "Window of campaigns (days)", default=90, help="Orders so many days after a customer was reached count."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    hour_cost = fields.Monetary("Cost of an hour", help="Of a salesperson. 0: activities cost nothing.")
    activity_hours = fields.Float("Hours of an activity", default=0.25, help="On average, with what comes before.")
    worked_date = fields.Datetime("Last step", readonly=True)

    _company_unique = models.Constraint("UNIQUE (company_id)", "The company has contact limits. Change those.")
    _hours_of_a_day = models.Constraint(
        "CHECK (quiet_from >= 0 AND quiet_from <= 24 AND quiet_to >= 0 AND quiet_to <= 24)",
        "Quiet hours: must be between 0:00 and 24:00.",
    )
    _not_negative = models.Constraint(
        "CHECK (cap_week >= 0 AND cap_month >= 0 AND capacity >= 0)", "Limits cannot be negative."
    )

    _share_held_out = models.Constraint(
        "CHECK (holdout_percent >= 0 AND holdout_percent <= 50)", "Held out: must be between 0 and 50%."
    )
    _campaigns_not_negative = models.Constraint(
        "CHECK (campaign_days > 0 AND campaign_days <= 3650 AND hour_cost >= 0 AND activity_hours >= 0)",
        "Window of campaigns: must be between 1 and 3650 days; costs and hours cannot be negative.",
    )
    _window_positive = models.Constraint("CHECK (window_days > 0)", "Days must be more than zero.")

    @api.depends("holdout_percent", "window_days")
    @api.depends_context("uid", "lang")
    def _compute_result_text(self):
        for policy in self:
            if not isinstance(policy.id, int):
                policy.result_text = False
                continue
            # with a profile everybody may be contacted some day
            known = self.env["crm.customer.profile"].search_count([("company_id", "=", policy.company_id.id)])
            policy.result_text = result.of_company(policy).text(expected=known)

    @api.model
    def _of(self, company):
        """The limits of a company; those that ship with the module when it has none yet."""
        # sudo: every rule needs them, whoever writes it.
        policies = self.sudo()
        found = policies.search([("company_id", "=", company.id)])
        return found or policies.create({"company_id": company.id})

    @api.model
    def _read_of(self, company):
        """The same for whoever only reads, in a transaction that may be read-only: where there are none yet, none are
        stored."""
        # sudo: every report needs them, whoever reads it.
        policies = self.sudo()
        found = policies.search([("company_id", "=", company.id)], limit=1)
        return found or policies.new({"company_id": company.id})
