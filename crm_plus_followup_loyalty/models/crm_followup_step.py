from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date

# Programs that give cards or coupons to customers; the others give something within an order.
GIVING = ("coupons", "ewallet", "gift_card", "loyalty", "next_order_coupons")


class CrmFollowupStep(models.Model):
    _inherit = "crm.followup.step"

    kind = fields.Selection(
        selection_add=[("loyalty", "Points or coupon"), ("tag",)],
        ondelete={"loyalty": lambda steps: steps._go_with_app()},
    )
    loyalty_program_id = fields.Many2one(
        "loyalty.program", "Loyalty program", ondelete="restrict",
        domain=lambda self: f"[('company_id', 'in', [company_id, False]), ('program_type', 'in', {GIVING})]",
        help="Of a loyalty program or eWallet: the customer gets the points on their card, or a card. Of all others: a "
        "coupon.",
    )  # fmt: skip
    loyalty_points = fields.Float("Points", default=1, help="As many points of the program. Of a coupon usually 1.")
    loyalty_days = fields.Integer("Valid for (days)", help="Of a coupon. 0: without end.")
    loyalty_mail = fields.Boolean(
        "Emails of the program", default=True,
        help="Send what the program sends by itself, as the code of a coupon: it counts as a contact, within limits "
        "and quiet hours, and who has opted out gets the points without it. Off: say it in an email step.",
    )  # fmt: skip
    loyalty_again = fields.Boolean(
        "Every time", help="Off: each customer gets it once, however often the rule begins with them."
    )

    _loyalty_in_bounds = models.Constraint(
        "CHECK (kind <> 'loyalty' OR (loyalty_points > 0 AND loyalty_days BETWEEN 0 AND 3650))",
        "Points: must be more than zero. Valid for (days): must be between 0 and 3650.",
    )

    @api.depends("loyalty_program_id", "loyalty_points")
    def _compute_name(self):  # pylint: disable=missing-return  # it returns nothing
        super()._compute_name()

    def _about(self):
        if self.kind != "loyalty":
            return super()._about()
        program = self._loyalty_program()
        return program and self.env._("%(points)s of %(program)s", points=self._points_told(), program=program.name)

    @api.constrains("loyalty_program_id", "kind")
    def _check_loyalty_program(self):
        for step in self.filtered(lambda step: step.kind == "loyalty"):
            step._check_company()
            program = step._loyalty_program()
            if program and program.program_type not in GIVING:
                raise ValidationError(self.env._("Loyalty program: choose one that gives cards or coupons."))
        self._check_active_rule()

    def _check_company(self):
        company = self._loyalty_program().company_id
        if company and company != self.company_id:
            raise ValidationError(self.env._("Loyalty program: choose one of the same company."))

    def _needed(self):
        return "loyalty_program_id" if self.kind == "loyalty" else super()._needed()

    def _is_contact(self):
        return self._sends_of_program() or super()._is_contact()

    def _is_direct(self):
        return self._sends_of_program() or super()._is_direct()

    def _sends_of_program(self):
        """Whether the program writes to the customer by itself."""
        return self.kind == "loyalty" and bool(self._templates())

    def _templates(self):
        if self.kind != "loyalty":
            return super()._templates()
        plans = self._loyalty_program().communication_plan_ids if self.loyalty_mail else self.env["loyalty.mail"]
        return plans.mail_template_id

    def _loyalty_program(self):
        # sudo: managers of rules need no rights in Loyalty to see the name of the program
        return self.sudo().loyalty_program_id

    def _points_told(self):
        return self.env["loyalty.card"].sudo().new({"program_id": self._loyalty_program().id})._format_points(
            self.loyalty_points
        )  # fmt: skip

    # ------------------------------------------------------------------ taking it

    def _take_loyalty(self, runs):
        """Give the points or a coupon to the customer, once for several contacts or leads of the same one."""
        self._check_company()
        program = self._loyalty_program()
        if not program.active or (program.date_to and program.date_to < self.company_id._crm_plus_today()):
            raise UserError(self.env._("“%s” is over. Choose another loyalty program, or extend it.", program.name))
        wanted, left_out, taken = {}, {}, set() if self.loyalty_again else self._had_it(runs)
        for run in runs:
            customer = self._customer(run)
            if not customer:
                left_out[run] = self.env._("no customer yet")
            elif not customer.active:
                left_out[run] = self.env._("archived")
            elif customer.id in taken:
                left_out[run] = self.env._("has got it already")
            else:
                wanted[run] = customer
                taken.add(customer.id)
        newest = self._mails().search([], order="id desc", limit=1).id
        lines = self._give(wanted, left_out)
        cards = {run: line.card_id for run, line in lines.items()}
        runs.browse([run.id for run in left_out])._tell("skipped", lambda run: left_out[run])
        served, about = runs.browse([run.id for run in wanted if run in cards]), self._about()
        served._tell(
            "loyalty", lambda _run: about, given_history_id={run: line.id for run, line in lines.items()},
            given_points=dict.fromkeys(cards, self.loyalty_points),
        )  # fmt: skip
        self._note_on_customers(cards)
        if cards and self.loyalty_mail:
            self._tell_of_mails(cards, newest)

    @staticmethod
    def _customer(run):
        # sudo: whose customer a contact is
        return run._contact().sudo().commercial_partner_id

    def _had_it(self, runs):
        """Ids of the customers of these runs to whom this step has given something before: who has the card, also when
        a lead has another customer by now; of a card that was deleted, whom the rule was about."""
        customers = [self._customer(run).id for run in runs]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """WITH contact AS (SELECT id, commercial_partner_id AS customer FROM res_partner
                                     WHERE commercial_partner_id = ANY(%(customers)s))
                   SELECT k.partner_id FROM loyalty_card k JOIN loyalty_history h ON h.card_id = k.id
                     JOIN crm_followup_event e ON e.given_history_id = h.id
                    WHERE k.partner_id = ANY(%(customers)s) AND e.step_id = %(step)s
                    UNION
                   SELECT c.customer FROM contact c JOIN crm_followup_event e ON e.partner_id = c.id
                    WHERE e.step_id = %(step)s AND %(gone)s
                    UNION
                   SELECT c.customer FROM contact c JOIN crm_lead l ON l.partner_id = c.id
                     JOIN crm_followup_event e ON e.lead_id = l.id
                    WHERE e.step_id = %(step)s AND %(gone)s""",
                customers=[customer for customer in customers if customer],
                step=self.id,
                gone=SQL("e.kind = 'loyalty' AND NOT e.shadow AND e.given_history_id IS NULL"),
            )
        )
        return {row[0] for row in rows}

    def _give(self, wanted, left_out):
        """``{run: line of history}`` of who gets it; whose card is suspended is left out. What the program sends
        goes to who has not opted out, by the host's queue."""
        if not wanted:
            return {}
        give = self._give_points if self._loyalty_program().is_nominative else self._give_coupons
        found = {}
        for is_told in (True, False):
            some = {run: customer for run, customer in wanted.items() if self._hears(customer) == is_told}
            # sudo: what managers have chosen is given by the rule, whoever may write cards
            found |= give(some, left_out, self.sudo().with_context(loyalty_no_mail=not is_told))
        return found

    def _hears(self, customer):
        return bool(self.loyalty_mail and customer.email_normalized and not customer.is_blacklisted)

    def _give_points(self, wanted, left_out, step):
        """By the card that the customer has, else a new one."""
        cards, given = step.env["loyalty.card"].with_context(active_test=False), {}
        customers = [customer.id for customer in wanted.values()]
        program = step.loyalty_program_id
        known = cards.search(
            [("program_id", "=", program.id), ("partner_id", "in", customers)], order="active desc, id"
        )
        by_customer = {card.partner_id.id: card for card in reversed(known)}
        missing = [customer for customer in customers if customer not in by_customer]
        created = cards.create([{"program_id": program.id, "partner_id": one, "points": 0} for one in missing])
        by_customer |= {card.partner_id.id: card for card in created}
        for run, customer in wanted.items():
            if by_customer[customer.id].active:
                given[run] = by_customer[customer.id]
            else:
                left_out[run] = self.env._("the card is suspended")
        lines = cards.concat(*given.values())._crm_plus_issue(self.loyalty_points, self.rule_id.name)
        return dict(zip(given, lines, strict=True))

    def _give_coupons(self, wanted, _left_out, step):
        """By the host's dialog, a coupon each."""
        if not wanted:
            return {}
        until = self.loyalty_days and self.company_id._crm_plus_today() + timedelta(days=self.loyalty_days)
        customers = step.env["res.partner"].concat(*wanted.values())
        dialog = step.env["loyalty.generate.wizard"].create(
            {"program_id": step.loyalty_program_id.id, "mode": "selected", "customer_ids": [(6, 0, customers.ids)],
             "points_granted": self.loyalty_points, "valid_until": until, "description": self.rule_id.name}
        )  # fmt: skip
        by_customer = {coupon.partner_id.id: coupon.history_ids for coupon in dialog.generate_coupons()}
        return {run: by_customer[customer.id] for run, customer in wanted.items()}

    def _mails(self):
        return self.env["mail.mail"].sudo()  # sudo: what the program has just sent

    def _tell_of_mails(self, cards, newest):
        """What the program has written to them is a contact of the rule."""
        ids = [card.id for card in cards.values()]
        sent = self._mails().search([("id", ">", newest), ("model", "=", "loyalty.card"), ("res_id", "in", ids)])
        by_card = {mail.res_id: mail.mail_message_id.id for mail in sent}
        told = {run: by_card[card.id] for run, card in cards.items() if card.id in by_card}
        runs = self.env["crm.followup.run"].browse([run.id for run in told])
        runs._tell("email", lambda _run: self._loyalty_program().name, message_ref=told)
        # sudo: as for the emails of rules, the host's queue shall not wait for the quiet hours
        if sent and (cron := self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False)):
            cron.sudo()._trigger()

    def _note_on_customers(self, cards):
        """What salespeople see on the customer."""
        bodies = {}
        for run, card in cards.items():
            until = card.expiration_date
            bodies[card.partner_id.id] = (
                self.env._("%(rule)s: %(what)s, valid until %(date)s", rule=run.rule_id.name, what=self._about(),
                           date=format_date(self.env, until))
                if until
                else self.env._("%(rule)s: %(what)s", rule=run.rule_id.name, what=self._about())
            )  # fmt: skip
        # sudo: a note of the rule, which writes nothing else to the customer
        partners = self.env["res.partner"].sudo().browse(bodies)
        partners._message_log_batch(bodies=bodies)
