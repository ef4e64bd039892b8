"""One page before a visit: the card of the customer, and what was, is open and might be of interest."""

import re

from odoo.fields import Date, Datetime, Domain
from odoo.tools.misc import format_amount, format_date, format_datetime, split_every

from . import glance

ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
# So much is on the page, and no more, that it is one.
LAST_INTERACTIONS, PRODUCTS, DOCUMENTS, SUGGESTIONS, TEXT = 5, 8, 5, 4, 140


class Visit:
    """What somebody who goes to see a customer should have read, with the rights of who prints it."""

    def __init__(self, env, partner):
        self.env, self.company = env, env.company
        self.partner, self.customer = partner, partner.commercial_partner_id

    def parts(self):
        """``{"day", "company", "partner", "card", "rows", "interactions", "quotations", "invoices", "products",
        "suggestions"}``; the rows have the figures of the card two by two; all are texts as the user's language writes
        them."""
        card = glance.card(self.env, self.partner.id)
        card = self._with_days(card) if card["state"] == "ready" else False
        return {
            "day": format_date(self.env, self.company._crm_plus_today()),
            "company": self.company.name,
            "partner": self.partner,
            "card": card,
            "rows": list(split_every(2, card["figures"])) if card else [],
            "interactions": self._interactions(),
            "quotations": self._quotations(),
            "invoices": self._invoices(),
            "products": self._products(),
            "suggestions": self._suggestions(),
        }

    def _with_days(self, value):
        """The texts of a card with their days as they are written where the user is."""
        if isinstance(value, str):
            text = ISO_DAY.sub(lambda day: format_date(self.env, day.group()), value)
            return text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"
        if isinstance(value, list):
            return [self._with_days(part) for part in value]
        if isinstance(value, dict):
            return {key: part if key == "opens" else self._with_days(part) for key, part in value.items()}
        return value

    def _mine(self, path="partner_id"):
        return Domain(f"{path}.commercial_partner_id", "=", self.customer.id)

    def _interactions(self):
        interactions = self.env["crm.interaction"]
        if not interactions.has_access("read"):
            return []
        contact = self.env["crm.interaction.channel"]._contact_ids()
        condition = self._mine() & Domain("channel_id", "in", contact) & Domain("date", "<=", Datetime.now())
        found = interactions.search(condition, order="date desc, id desc", limit=LAST_INTERACTIONS)
        return [
            {
                "day": format_date(self.env, entry.day)
                if entry.day
                else format_datetime(self.env, entry.date, dt_format="short"),
                "channel": entry.channel_id.name,
                "summary": entry.display_name,
                "user": entry.user_id.name or "",
            }
            for entry in found
        ]

    def _quotations(self):
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return {"rows": [], "more": False}
        still_open = Domain("state", "in", ["draft", "sent"]) & Domain("company_id", "=", self.company.id)
        asked = self._mine() & still_open
        rows = [
            self._document(
                order.name, self.company._crm_plus_day(order.date_order), order.amount_total, order.currency_id
            )
            for order in orders.search(asked, order="date_order desc", limit=DOCUMENTS)
        ]
        return self._cut(rows, orders, asked)

    def _invoices(self):
        moves = self.env["account.move"]
        if not moves.has_access("read"):
            return {"rows": [], "more": False}
        asked = glance.open_invoices(self.customer, self.company)
        rows = [
            self._document(
                move.name, move.invoice_date_due or move.date, move.amount_residual_signed, self.company.currency_id
            )
            | {"late": bool(move.invoice_date_due) and move.invoice_date_due < Date.context_today(move)}
            for move in moves.search(asked, order="invoice_date_due", limit=DOCUMENTS)
        ]
        return self._cut(rows, moves, asked)

    def _cut(self, rows, model, asked):
        """``{"rows", "more"}``: how many more there are than are on the page, in words."""
        more = model.search_count(asked) - len(rows) if len(rows) == DOCUMENTS else 0
        return {"rows": rows, "more": more > 0 and self.env._("and %s more", more)}

    def _document(self, name, day, amount, currency):
        return {
            "name": name,
            "day": format_date(self.env, day),
            "amount": format_amount(self.env, amount, currency),
        }

    def _ordered(self):
        """The lines of orders of the last year that the user may see."""
        lines = self.env["sale.order.line"]
        year = self.company._crm_plus_start_of_day(Date.subtract(self.company._crm_plus_today(), years=1))
        return (
            self._mine("order_id.partner_id")
            & Domain("order_id.company_id", "=", self.company.id)
            & Domain("state", "=", "sale")
            & Domain("order_id.date_order", ">=", year)
            & Domain("display_type", "=", False)
            & Domain("product_id", "!=", False)
        ), lines

    def _products(self):
        """What they bought in the last year, most worth first."""
        ordered, lines = self._ordered()
        if not lines.has_access("read"):
            return []
        groups = lines._read_group(
            ordered, ["product_id", "currency_id"], ["price_subtotal:sum", "product_uom_qty:sum"],
            order="price_subtotal:sum desc", limit=PRODUCTS,
        )  # fmt: skip
        return [
            {"name": product.display_name, "amount": format_amount(self.env, amount, currency), "quantity": quantity}
            for product, currency, amount, quantity in groups
        ]

    def _suggestions(self):
        """What others who buy the same buy as well, and these have not bought in the last year."""
        ordered, lines = self._ordered()
        if not lines.has_access("read"):
            return []
        bought = self.env["product.product"].union(*(group[0] for group in lines._read_group(ordered, ["product_id"])))
        found = self.env["crm.product.affinity"].search(
            [
                ("company_id", "=", self.company.id),
                ("product_id", "in", bought.ids),
                ("related_product_id", "not in", bought.ids),
                ("related_product_id.sale_ok", "=", True),
            ],
            order="confidence desc",
            limit=4 * SUGGESTIONS,
        )
        names = {pair.related_product_id: pair.product_id for pair in found.sorted("confidence")}
        return [
            {"name": product.display_name, "because": because.display_name}
            for product, because in list(names.items())[-SUGGESTIONS:][::-1]
        ]
