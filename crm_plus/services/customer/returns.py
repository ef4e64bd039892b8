"""What customers gave back: credit notes, and the orders and invoices that are no purchase because of them."""

from odoo.tools import SQL

# What a line of an order is worth and is no longer billed, of the sign of its price.
LOST = SQL(
    """CASE WHEN ordered.price_subtotal < 0
            THEN LEAST(ordered.price_subtotal - ordered.untaxed_amount_invoiced, 0)
            ELSE GREATEST(ordered.price_subtotal - ordered.untaxed_amount_invoiced, 0) END
       / COALESCE(NULLIF(o.currency_rate, 0), 1)"""
)

# The part of an order, or of a line of one, that is margin.
LINE_SHARE = SQL("COALESCE(sum(ordered.margin) / NULLIF(sum(ordered.price_subtotal), 0), 0)")
ORDER_SHARE = SQL(
    """COALESCE((SELECT o.margin / NULLIF(o.amount_untaxed, 0) FROM sale_order o WHERE o.id = bill.order_id), 0)"""
)


def credit_query(company, condition, billed=()):
    """What credit notes take back of confirmed orders, as negative amounts."""
    return SQL(
        "SELECT partner_id, moment, FALSE AS is_order, amount FROM (%s SELECT * FROM credit) credited",
        _credits(company, condition, billed),
    )


def credit_margin_query(company, condition, billed=()):
    """What credit notes take back of the margin of confirmed orders: (partner_id, moment, margin)."""
    return SQL(
        "SELECT partner_id, moment, amount AS margin FROM (%s SELECT * FROM credit) credited",
        _credits(company, condition, billed, by_margin=True),
    )


def uncounted_credits(env, company, scope):
    """What credit notes to the customers of a scope come to that take back nothing that was counted."""
    profiles = env["crm.customer.profile"]
    condition = SQL("%s AND %s", scope.documents(), profiles._counted_credit_notes())
    notes = _credits(company, condition, profiles._billed_queries())
    env.flush_all()
    return env.execute_query(SQL("%s SELECT COALESCE(sum(-uncounted), 0)::float8 FROM credit", notes))[0][0]


def _credits(company, condition, billed, by_margin=False):
    """SQL up to the table ``credit``, a row a credit note: (partner_id, moment, amount, uncounted).

    The amount is what it takes back of confirmed orders: such of its lines as bill lines of these, down payments apart,
    and as far as less remains billed than is ordered: a corrected order has lost nothing, and what was billed again
    after a credit note is only lost with the next one. A line that is no longer billed at all is lost at the rate of
    its order, so that nothing remains of it; a part of one at that of the credit note. A credit note without any such
    line counts in full for an invoice of such an order. One that was made by hand, or for another invoice, takes back
    what was never counted: it is ``uncounted`` in full.

    ``by_margin``: the amount is the part of it that was margin.

    ``billed`` are SELECTs of further invoices (move_id, order_id) that bill what was counted, out of the ``involved``.
    Set-based from the credit notes, which are few: without any it costs what finding none costs.
    """
    return SQL(
        """WITH note AS (
                SELECT id, partner_id, invoice_date, amount_untaxed_signed AS total, reversed_entry_id AS reversed
                  FROM account_move
                 WHERE state = 'posted' AND move_type = 'out_refund' AND company_id = %(company)s
                       AND partner_id IS NOT NULL AND %(condition)s),
                involved AS (SELECT id FROM note UNION SELECT reversed FROM note WHERE reversed IS NOT NULL),
                line AS (
                SELECT l.id, l.move_id, min(ordered.id) AS ordered_id, min(o.id) AS order_id, sum(%(lost)s) AS lost,
                       CASE WHEN bool_and(ordered.untaxed_amount_invoiced = 0 AND l.currency_id = o.currency_id)
                            THEN l.price_subtotal / COALESCE(NULLIF(min(o.currency_rate), 0), 1)
                            ELSE l.balance END AS balance, %(share)s AS share,
                       bool_or(o.state = 'sale' AND ordered.is_downpayment IS NOT TRUE) AS sold
                  FROM involved JOIN account_move_line l ON l.move_id = involved.id
                  JOIN sale_order_line_invoice_rel origin ON origin.invoice_line_id = l.id
                  JOIN sale_order_line ordered ON ordered.id = origin.order_line_id
                  JOIN sale_order o ON o.id = ordered.order_id
                 GROUP BY l.id),
                left_over AS (
                SELECT line.*, line.lost - COALESCE(sum(line.balance) OVER newer, 0) AS remaining
                  FROM line JOIN note ON note.id = line.move_id
                WINDOW newer AS (PARTITION BY line.ordered_id ORDER BY note.invoice_date DESC, note.id DESC, line.id
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
                taken AS (
                SELECT move_id, order_id, sold, share,
                       CASE WHEN balance < 0 THEN GREATEST(balance, LEAST(remaining, 0))
                            ELSE LEAST(balance, GREATEST(remaining, 0)) END AS amount
                  FROM left_over),
                mine AS (
                SELECT move_id, COALESCE(sum(amount * share) FILTER (WHERE sold), 0) AS amount
                  FROM taken GROUP BY move_id),
                bill AS (
                SELECT move_id, min(order_id) AS order_id
                  FROM (%(bills)s) sold GROUP BY move_id),
                credit AS (
                SELECT note.partner_id, note.invoice_date + %(noon)s AS moment,
                       CASE WHEN mine.move_id IS NOT NULL THEN -mine.amount
                            WHEN bill.move_id IS NOT NULL THEN note.total * %(order_share)s ELSE 0 END AS amount,
                       CASE WHEN mine.move_id IS NULL AND bill.move_id IS NULL THEN note.total ELSE 0 END AS uncounted,
                       CASE WHEN mine.move_id IS NULL THEN bill.order_id END AS order_id
                  FROM note LEFT JOIN mine ON mine.move_id = note.id
                  LEFT JOIN bill ON bill.move_id = note.reversed)""",
        company=company.id,
        condition=condition,
        noon=company._crm_plus_noon(),
        lost=LOST,
        share=LINE_SHARE if by_margin else SQL("1"),
        order_share=ORDER_SHARE if by_margin else SQL("1"),
        bills=SQL(" UNION ALL ").join([SQL("SELECT move_id, order_id FROM line WHERE sold"), *billed]),
    )


def returned_orders(env, company, condition, billed=(), returned=()):
    """The ids of the confirmed orders that were taken back in full, which are no purchase.

    ``returned`` are SELECTs of what was taken back in other ways: (order_id, amount), in the currency of the company.
    """
    by_credit_notes = SQL(
        """%s SELECT order_id, amount FROM taken WHERE sold
           UNION ALL SELECT order_id, -amount FROM credit WHERE order_id IS NOT NULL""",
        _credits(company, condition, billed),
    )
    return _ids(
        env,
        SQL(
            """SELECT o.id FROM (SELECT order_id, sum(amount) AS amount FROM (%s) returned GROUP BY order_id) back
                 JOIN sale_order o ON o.id = back.order_id AND o.state = 'sale' AND o.company_id = %s
                WHERE o.amount_untaxed > 0
                      AND back.amount >= o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1) - %s""",
            SQL(" UNION ALL ").join([SQL("(%s)", by_credit_notes), *returned]),
            company.id,
            _tolerance(company),
        ),
    )


def unbilled_orders(env, company, condition):
    """The ids of the orders that credit notes or the till have left nothing billed of."""
    return _ids(env, _unbilled_query(company, condition))


def _unbilled_query(company, condition):
    return SQL(
        """SELECT line.order_id AS id FROM sale_order_line line
            WHERE line.order_id IN (
                  SELECT ordered.order_id FROM account_move_line l
                    JOIN sale_order_line_invoice_rel origin ON origin.invoice_line_id = l.id
                    JOIN sale_order_line ordered ON ordered.id = origin.order_line_id
                   WHERE l.move_id IN (SELECT id FROM account_move WHERE state = 'posted' AND company_id = %s
                                              AND move_type = 'out_refund' AND %s))
            GROUP BY line.order_id HAVING sum(line.untaxed_amount_invoiced) <= 0""",
        company.id,
        condition,
    )


def reversed_invoices(env, company, condition):
    """The ids of the posted invoices of which nothing is left: that were reversed, paid by credit notes alone, or that
    bill orders of which nothing is billed any more."""
    return _ids(
        env,
        SQL(
            """WITH invoice AS (
                    SELECT id, currency_id, amount_untaxed, payment_state FROM account_move
                     WHERE state = 'posted' AND move_type = 'out_invoice' AND company_id = %(company)s
                           AND amount_untaxed > 0 AND %(condition)s)
               SELECT id FROM invoice WHERE payment_state = 'reversed'
               UNION
               SELECT invoice.id FROM invoice JOIN account_move note ON note.reversed_entry_id = invoice.id
                      AND note.currency_id = invoice.currency_id
                WHERE note.state = 'posted' AND note.move_type = 'out_refund'
                GROUP BY invoice.id, invoice.amount_untaxed
               HAVING sum(note.amount_untaxed) >= invoice.amount_untaxed
               UNION
               SELECT invoice.id FROM (%(unbilled)s) unbilled
                 JOIN sale_order_line ordered ON ordered.order_id = unbilled.id
                 JOIN sale_order_line_invoice_rel origin ON origin.order_line_id = ordered.id
                 JOIN account_move_line l ON l.id = origin.invoice_line_id
                 JOIN invoice ON invoice.id = l.move_id
                GROUP BY invoice.id, invoice.amount_untaxed HAVING sum(l.price_subtotal) >= invoice.amount_untaxed""",
            company=company.id,
            condition=condition,
            unbilled=_unbilled_query(company, condition),
        ),
    )


def continuing_invoices(env, company, condition, gone):
    """The ids of the posted invoices that go on with a purchase that a down payment has begun: those that deduct it,
    and further down payments of the same order. ``gone`` are `reversed_invoices`, which begin nothing."""
    return _ids(
        env,
        SQL(
            """WITH advance AS (
                    SELECT ordered.order_id, move.id AS move_id, move.invoice_date, l.balance
                      FROM sale_order_line ordered
                      JOIN sale_order_line_invoice_rel origin ON origin.order_line_id = ordered.id
                      JOIN account_move_line l ON l.id = origin.invoice_line_id
                      JOIN (SELECT id, invoice_date FROM account_move
                             WHERE state = 'posted' AND move_type = 'out_invoice' AND company_id = %(company)s
                                   AND %(condition)s) move ON move.id = l.move_id
                     WHERE ordered.is_downpayment)
               SELECT DISTINCT later.move_id FROM advance later JOIN advance first USING (order_id)
                WHERE first.balance < 0 AND first.move_id <> later.move_id AND first.move_id <> ALL(%(gone)s)
                      AND (later.balance > 0
                           OR (first.invoice_date, first.move_id) < (later.invoice_date, later.move_id))""",
            company=company.id,
            condition=condition,
            gone=gone,
        ),
    )


def none_of(column, ids):
    """SQL: whether the number in ``column`` is none of these."""
    return SQL("NOT (%s = ANY(%s))", column, ids) if ids else SQL("TRUE")


def _tolerance(company):
    """Half of the smallest amount: what rounding may have left."""
    return company.currency_id.rounding / 2


def _ids(env, query):
    env.flush_all()
    return [row[0] for row in env.execute_query(query)]
