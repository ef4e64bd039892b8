from odoo import api, fields, models
from odoo.tools import SQL

from ...services.arrays import copy_in, copy_out

PAIR = ("together", "support", "confidence", "lift", "lift_low")
TABLE = (("product_id", "int4"), ("related_product_id", "int4"), ("together", "int4"), ("support", "float8"),
         ("confidence", "float8"), ("lift", "float8"), ("lift_low", "float8"))  # fmt: skip
# Newest order lines that are looked at, and pairs that are kept: both bound memory.
LINES, PAIRS = 3_000_000, 100_000


class CrmProductAffinity(models.Model):
    """Customers who order one product also order another, more often than chance explains: how often."""

    _name = "crm.product.affinity"
    _inherit = ["crm.job.mixin"]
    _description = "Products often ordered together"
    _order = "lift_low desc, id"
    _rec_name = "related_product_id"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, readonly=True, ondelete="cascade")
    related_product_id = fields.Many2one(
        "product.product", "Ordered together with", required=True, readonly=True, ondelete="cascade", index=True
    )
    together = fields.Integer("Orders with both", readonly=True)
    support = fields.Float("Share of all orders", readonly=True, aggregator=None)
    confidence = fields.Float(
        readonly=True,
        aggregator=None,
        help="Share of orders with the product that also contain the other.",
    )
    lift = fields.Float(
        readonly=True,
        aggregator=None,
        help="How many times more often the other product appears in those orders than in all orders.",
    )
    lift_low = fields.Float(
        "Minimum lift",
        readonly=True,
        aggregator=None,
        help="The lift is at least this high in 19 of 20 cases, among orders of about as many products. Pairs are "
        "ranked by it.",
    )

    _pair_unique = models.Constraint(
        "UNIQUE (company_id, product_id, related_product_id)", "A pair of products has one row per company."
    )

    @api.model
    def _cron_refresh(self):
        self._in_rounds(self.env["res.company"].search([], order="id"), self._refresh_company)

    @api.model
    def _refresh_company(self, company):
        """Find the pairs anew; what stays the same is not written."""
        self.env.flush_all()
        copy_in(self.env, "crm_plus_pairs", TABLE, self._pairs(company))
        cr = self.env.cr
        columns, values = (SQL(", ").join(SQL.identifier(*part, name) for name in PAIR) for part in ((), ("f",)))
        same = SQL("f.product_id = a.product_id AND f.related_product_id = a.related_product_id")
        parts = {
            "company": company.id,
            "same": same,
            "columns": columns,
            "new": values,
            "old": SQL(", ").join(SQL.identifier("a", name) for name in PAIR),
        }
        cr.execute(
            SQL(
                """DELETE FROM crm_product_affinity a WHERE a.company_id = %(company)s
                      AND NOT EXISTS (SELECT FROM crm_plus_pairs f WHERE %(same)s);
                   UPDATE crm_product_affinity a SET (%(columns)s) = ROW(%(new)s) FROM crm_plus_pairs f
                    WHERE a.company_id = %(company)s AND %(same)s AND (%(old)s) IS DISTINCT FROM (%(new)s);
                   INSERT INTO crm_product_affinity (company_id, product_id, related_product_id, %(columns)s)
                   SELECT %(company)s, f.product_id, f.related_product_id, %(new)s FROM crm_plus_pairs f
                    WHERE NOT EXISTS (SELECT FROM crm_product_affinity a WHERE a.company_id = %(company)s AND %(same)s);
                   DROP TABLE crm_plus_pairs""",
                **parts,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _pairs(self, company):
        """The columns `TABLE` as arrays, from the newest confirmed order lines."""
        import numpy as np

        from ...engine.customer.affinity import affinities

        lines = copy_out(self.env, self._lines_query(company), (("order_id", "int4"), ("product_id", "int4")))
        pairs = affinities(lines["order_id"], lines["product_id"], limit=PAIRS)
        names = {"product_id": "product", "related_product_id": "other"}
        return {name: np.array([getattr(pair, names.get(name, name)) for pair in pairs]) for name, _kind in TABLE}

    @api.model
    def _lines_query(self, company):
        """(order_id, product_id) of what customers chose; intended to be extended. Down payments are no product."""
        return SQL(
            """SELECT order_id, product_id FROM sale_order_line
                WHERE state = 'sale' AND company_id = %s AND product_id IS NOT NULL AND display_type IS NULL
                      AND is_downpayment IS NOT TRUE AND product_uom_qty > 0
                ORDER BY id DESC LIMIT %s""",
            company.id,
            LINES,
        )
