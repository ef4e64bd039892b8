"""A random but repeatable life of some customers: what people do to them, in any order."""

from datetime import datetime, timedelta

from odoo import Command
from odoo.tools import SQL

AMOUNTS = (0, 10, 99.5, 250, 900, -40)
# (what happens, how often among the others)
EVENTS = {
    "order": 6, "foreign_order": 2, "change_order": 2, "move_order": 1, "cancel_order": 2, "confirm_again": 2,
    "delete_order": 1, "invoice": 4, "credit_note": 3, "back_to_draft": 2, "post_again": 2, "cancel_move": 1,
    "bill": 1, "contact_moves": 2, "contact_stands_alone": 1, "becomes_company": 1, "archive": 2, "merge": 2,
    "delete_partner": 1, "hire": 1, "dismiss": 1, "give_tier": 1, "take_tier": 1, "by_hand": 1, "out_by_hand": 1,
}  # fmt: skip
AGING = {
    "sale_order": ["date_order"], "account_move": ["invoice_date"], "crm_tier_override": ["date_to"],
    "crm_customer_profile": ["segment_since", "tier_since", "tier_until"],
    "crm_segment_membership": ["date_from", "date_to"], "crm_tier_stay": ["date_from", "date_to"],
}  # fmt: skip
NAMED_BY = {
    "sale.order": ["partner_id", "partner_invoice_id", "partner_shipping_id"],
    "account.move": ["partner_id", "commercial_partner_id", "partner_shipping_id"],
}


class CustomerStory:
    """Events on the customers of the company of ``case``, an `AccountTestInvoicingCommon`, drawn from ``rng``."""

    def __init__(self, case, rng):
        self.case, self.env, self.rng, self.company = case, case.env, rng, case.company
        self.product, self.steps, self.happened = case.product_a, [], set()
        self.partners = self.env["res.partner"].create(
            [{"name": f"Company {number}", "is_company": True} for number in range(5)]
            + [{"name": f"Person {number}"} for number in range(4)]
        )
        for partner in self.partners:
            self.order(partner)

    def happen(self):
        """One random event. One that finds nobody it could happen to happens to nobody; those that must not be missing
        say whom or what they happened to."""
        name = self.rng.choices(list(EVENTS), EVENTS.values())[0]
        self.steps.append(name)
        if getattr(self, name)():
            self.happened.add(name)
        self.env.flush_all()

    def pass_days(self):
        """Let time pass, by making everything older."""
        self.env.flush_all()
        days, company = self.rng.randint(1, 9), self.company.id
        self.steps.append(f"{days} days")
        for table, columns in AGING.items():
            changes = SQL(", ").join(
                SQL("%s = %s - %s", *[SQL.identifier(name)] * 2, timedelta(days)) for name in columns
            )
            self.env.cr.execute(SQL("UPDATE %s SET %s WHERE company_id = %s", SQL.identifier(table), changes, company))
        self.env.invalidate_all()

    def one_of(self, records):
        return records[self.rng.randrange(len(records))] if records else records

    def a_day(self):
        return datetime(2025, 7, 1) + timedelta(days=self.rng.randrange(500), minutes=self.rng.randrange(1440))

    def line(self):
        amount = self.rng.choice(AMOUNTS)
        return Command.create({"product_id": self.product.id, "price_unit": amount, "tax_ids": False})

    # ------------------------------------------------------------------ orders

    def orders(self, state):
        return self.env["sale.order"].search([("company_id", "=", self.company.id), ("state", "=", state)], order="id")

    def order(self, partner=None, **values):
        partner = partner or self.one_of(self.partners)
        values |= {"partner_id": partner.id, "company_id": self.company.id, "order_line": [self.line()]}
        order = self.env["sale.order"].create(values)
        order.action_confirm()
        order.date_order = self.a_day()
        return order

    def foreign_order(self):
        self.order(pricelist_id=self.case.euro_prices.id)

    def change_order(self):
        order = self.one_of(self.orders("sale"))
        # With the tax the total stays; what is left of it without tax does not.
        changes = {"price_unit": 33}, {"product_uom_qty": 3}, {"discount": 50}, {"tax_ids": self.case.included_tax.ids}
        order.order_line[:1].write(self.rng.choice(changes))

    def move_order(self):
        free = self.orders("sale").filtered(lambda order: not order.invoice_ids)
        self.one_of(free).write({"partner_id": self.one_of(self.partners).id})

    def cancel_order(self):
        order = self.one_of(self.orders("sale"))
        order._action_cancel()
        return order

    def confirm_again(self):
        if order := self.one_of(self.orders("cancel")):
            order.action_draft()
            order.action_confirm()

    def delete_order(self):
        self.one_of(self.orders("cancel").filtered(lambda order: not order.invoice_ids)).unlink()

    # ------------------------------------------------------------------ invoices

    def moves(self, state):
        domain = [("company_id", "=", self.company.id), ("state", "=", state), ("move_type", "like", "out_")]
        return self.env["account.move"].search(domain, order="id")

    def invoice(self, move_type="out_invoice"):
        if move_type == "out_invoice" and self.rng.random() < 0.5:
            orders = self.orders("sale").filtered(lambda order: order.invoice_status == "to invoice")
            if orders:
                invoice = self.one_of(orders)._create_invoices(final=True)
                return invoice.filtered(lambda move: move.amount_total >= 0).action_post()
        return self.move(move_type)

    def move(self, move_type):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.one_of(self.partners).id,
                "invoice_date": self.a_day().date(),
                "currency_id": self.rng.choice([self.company.currency_id, self.case.euro]).id,
                "invoice_line_ids": [self.line()],
            }
        )
        if move.amount_total >= 0:
            move.action_post()
            return move

    def credit_note(self):
        invoices = self.moves("posted").filtered(lambda move: move.move_type == "out_invoice")
        if invoices and self.rng.random() < 0.6:
            back = self.one_of(invoices)._reverse_moves([{"invoice_date": self.a_day().date()}])
            back.invoice_line_ids[:1].quantity = self.rng.choice([1, 0.5])
            back.action_post()
            return back
        return self.move("out_refund")

    def bill(self):
        self.move("in_invoice")

    def back_to_draft(self):
        self.one_of(self.moves("posted")).button_draft()

    def post_again(self):
        drafts = self.moves("draft").filtered(lambda move: move.amount_total >= 0 and move.partner_id)
        self.one_of(drafts).with_context(validate_analytic=True).action_post()

    def cancel_move(self):
        self.one_of(self.moves("draft")).button_cancel()

    # ------------------------------------------------------------------ contacts

    def contact_moves(self):
        person = self.one_of(self.partners.filtered(lambda partner: not partner.is_company))
        person.parent_id = self.one_of(self.partners.filtered("is_company"))
        return person.parent_id

    def contact_stands_alone(self):
        self.one_of(self.partners.filtered("parent_id")).parent_id = False

    def becomes_company(self):
        one = self.one_of(self.partners)
        one.is_company = not one.is_company

    def archive(self):
        one = self.one_of(self.partners.filtered(lambda partner: not partner.user_ids))
        one.active = not one.active

    def merge(self):
        if len(self.partners) < 6:
            return None
        source, target = (self.partners[place] for place in self.rng.sample(range(len(self.partners)), 2))
        line = self.partners.search([("id", "child_of", source.id)]) | self.partners.search(
            [("id", "parent_of", source.id)]
        )
        if target not in line and not source.user_ids:
            self.partners -= source
            wizard = self.env["base.partner.merge.automatic.wizard"].create({})
            wizard._merge([source.id, target.id], target)
            return target
        return None

    def delete_partner(self):
        """One whom no document names."""
        busy = self.env["res.partner"]
        for model, names in NAMED_BY.items():
            for name in names:
                busy |= self.env[model].search([(name, "in", self.partners.ids)])[name]
        if free := self.one_of((self.partners - busy).filtered(lambda partner: not partner.user_ids)):
            self.partners -= free
            free.unlink()

    def hire(self):
        """Somebody becomes an internal user, who is no customer."""
        people = self.partners.filtered(lambda p: not p.is_company and not p.user_ids and p.active and not p.parent_id)
        if partner := self.one_of(people):
            self.env["res.users"].create(
                {
                    "name": partner.name, "login": f"story_{partner.id}", "partner_id": partner.id,
                    "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
                }
            )  # fmt: skip

    def dismiss(self):
        if user := self.one_of(self.partners.user_ids):
            user.write({"group_ids": [Command.set(self.env.ref("base.group_portal").ids)]})

    # ------------------------------------------------------------------ what people decide

    def give_tier(self):
        values = {"partner_id": self.one_of(self.partners).id, "tier_id": self.one_of(self.case.tiers).id}
        values["date_to"] = self.rng.choice([False, self.company._crm_plus_today() + timedelta(days=5)])
        self.env["crm.tier.override"].create({**values, "company_id": self.company.id, "reason": "story"})

    def take_tier(self):
        mine = [("company_id", "=", self.company.id)]
        self.one_of(self.env["crm.tier.override"].search(mine, order="id")).unlink()

    def by_hand(self):
        profiles = self.env["crm.customer.profile"].search([("company_id", "=", self.company.id)], order="partner_id")
        self.one_of(self.case.by_hand.segment_ids[:2])._add_customers(self.one_of(profiles), "story")

    def out_by_hand(self):
        profiles = self.env["crm.customer.profile"].search([("company_id", "=", self.company.id)], order="partner_id")
        self.case.by_hand.segment_ids[0]._remove_customers(self.one_of(profiles))
