"""What is bought by whom: the products of a period by the segment that their buyers are in today."""

from odoo.fields import Domain
from odoo.tools import SQL

from ..sql import columns

LINE = "sale.order.line"
# So many products stand in the table, those with the most revenue.
MOST = 10
# Fields of orders by which the filters narrow them; what is of the customer is asked of the profiles.
ON_ORDER = {"user_id": "order_id.user_id", "team_id": "order_id.team_id"}


class Products:
    """Lines of confirmed orders, as far as the user may see them; ``board`` narrows them."""

    def __init__(self, board):
        self.env, self.company, self.board = board.env, board.company, board

    def card(self):
        """``{"segments": [{"id", "name"}], "rows": [{"id", "name", "revenue", "cells": [revenue]}]}``: a cell for
        each segment; the segment 0 is none."""
        if not self.env[LINE].has_access("read"):
            return {"segments": [], "rows": []}
        rows = self.env.execute_query(
            SQL(
                """WITH sold AS MATERIALIZED (%s), most AS (
                        SELECT product_id, sum(amount) AS amount FROM sold GROUP BY 1 HAVING sum(amount) > 0
                         ORDER BY 2 DESC, 1 LIMIT %s)
                   SELECT s.product_id, s.segment_id, sum(s.amount)::float8, min(m.amount)::float8
                     FROM sold s JOIN most m USING (product_id) GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2""",
                self._sold(),
                MOST,
            )
        )
        found = {}
        for product_id, segment_id, amount, whole in rows:
            found.setdefault(product_id, {"revenue": whole, "by": {}})["by"][segment_id] = amount
        segments = self._segments({segment_id for _product, segment_id, *_amounts in rows})
        # sudo: the name of what the user's own documents have sold.
        names = {product.id: product.display_name for product in self.env["product.product"].sudo().browse(found)}
        return {
            "segments": segments,
            "rows": [
                {
                    "id": product_id,
                    "name": names[product_id],
                    "revenue": row["revenue"],
                    "cells": [row["by"].get(segment["id"], 0) for segment in segments],
                }
                for product_id, row in found.items()
            ],
        }

    def _segments(self, ids):
        known = self.env["crm.segment"].browse(sorted(filter(None, ids))).sorted()
        named = [{"id": segment.id, "name": segment.name} for segment in known]
        return [*named, {"id": 0, "name": self.env._("No segment")}] if 0 in ids else named

    def opened(self, key):
        """(model, condition on the lines of a product, or of a product and a segment: "7" or "7_3"), or None."""
        product, _sign, segment = str(key).partition("_")
        if not product.isdecimal() or not (not _sign or segment.isdecimal()):
            return None
        lines = Domain("product_id", "=", int(product)) & self._lines()
        if _sign:
            ids = SQL("(SELECT id FROM (%s) s WHERE segment_id = %s)", self._sold(), int(segment))
            lines &= Domain("id", "in", ids)
        return LINE, lines

    def _lines(self):
        """What was ordered in the period: no section (that has no product), no down payment."""
        of_order = Domain("state", "=", "sale") & self.board.within("date_order")
        lines = (
            Domain("company_id", "=", self.company.id)
            & Domain("order_id", "any", of_order)
            & Domain("is_downpayment", "=", False)
            & Domain("product_id", "!=", False)
        )
        chosen = self.board.request.narrowed
        for name in set(chosen) & set(ON_ORDER):
            lines &= Domain(ON_ORDER[name], "=", chosen[name])
        if of_customer := {name: one for name, one in chosen.items() if name not in ON_ORDER}:
            profiles = self.env["crm.customer.profile"]._search(self.board.customers_by(of_customer))
            buyers = Domain("commercial_partner_id", "in", profiles.subselect(*columns(profiles, "partner_id")))
            lines &= Domain("order_partner_id", "any", buyers)
        return lines

    def _sold(self):
        """(id, product_id, segment_id, amount) of each line, in the currency of the company, before tax."""
        query = self.env[LINE]._search(self._lines())
        return SQL(
            """SELECT l.id, l.product_id, COALESCE(p.segment_id, 0) AS segment_id,
                      l.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1) AS amount
                 FROM %s l JOIN sale_order o ON o.id = l.order_id JOIN res_partner c ON c.id = o.partner_id
                 LEFT JOIN crm_customer_profile p ON p.company_id = %s AND p.partner_id = c.commercial_partner_id""",
            query.subselect(
                *(
                    SQL.identifier("sale_order_line", name)
                    for name in ("id", "product_id", "price_subtotal", "order_id")
                )
            ),
            self.company.id,
        )
