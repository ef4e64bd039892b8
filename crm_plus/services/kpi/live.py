"""Headline figures counted now, from the records that the user may see: for those who read no figures of days, and by
what these are not recorded."""

from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.kpi.figures import AT_RISK
from ..sql import columns
from .span import Span

PROFILE, LEAD, INTERACTION, ORDER = "crm.customer.profile", "crm.lead", "crm.interaction", "sale.order"
# What is added up of the records that a figure opens; of the others they are counted.
SUMS = {"revenue_at_risk": "recent_revenue", "customer_equity": "clv"}
OF_ORDERS = ("revenue", "orders", "average_order")
# The fields of orders by which the filters narrow them; what is of the customer is asked of the profiles.
ON_ORDER = {"user_id": "user_id", "team_id": "team_id"}


class Live:
    """What ``board`` leaves of the records of its company, in its period and in the one before."""

    def __init__(self, board):
        self.env, self.company, self.board = board.env, board.company, board
        self.now, self.before = board.span, Span(self.company, *board.request.before)

    def figures(self):
        """``({code: value}, {code: value of the period before})``."""
        now, before = {}, {}
        for part in (self._customers(), self._orders(), self._leads(), self._contacts()):
            now |= {code: values[0] for code, values in part.items() if values[0] is not None}
            before |= {code: values[1] for code, values in part.items() if values[1] is not None}
        return now, before

    def opened(self, code):
        """(model, condition on the records that a figure counts or adds up), or None."""
        board, within = self.board, self.board.within
        if code in OF_ORDERS and self._knows_orders():
            return ORDER, self._confirmed() & within("date_order")
        customers, closed = board.customers(), board.leads() & within("date_closed")
        found = {
            "customers": (PROFILE, customers & Domain("first_order_date", "<", self.now.ends)),
            "new_customers": (PROFILE, customers & within("first_order_date")),
            "leads": (LEAD, board.leads() & within("create_date")),
            "won_leads": (LEAD, closed & Domain("won_status", "=", "won")),
            "lost_leads": (LEAD, closed & Domain("won_status", "=", "lost")),
            "win_rate": (LEAD, closed & Domain("won_status", "in", ["won", "lost"])),
            "contacts_out": (INTERACTION, board.contacts() & Domain("direction", "=", "out")),
            "contacts_in": (INTERACTION, board.contacts() & Domain("direction", "=", "in")),
        }
        if board.is_current:
            found |= {code: (PROFILE, condition) for code, condition in board.standing().items()}
        return found.get(code)

    # ------------------------------------------------------------------ counted in one statement each

    def _customers(self):
        profiles, board = self.env[PROFILE], self.board
        query = profiles._search(board.customers())
        column = {
            name: profiles._field_to_sql(profiles._table, name, query)
            for name in ("first_order_date", "churn_risk", "overdue_date", *SUMS.values())
        }
        [[there, was, new, new_before, at_risk, equity]] = self.env.execute_query(
            query.select(
                SQL("count(*) FILTER (WHERE %s < %s)", column["first_order_date"], self.now.ends),
                SQL("count(*) FILTER (WHERE %s < %s)", column["first_order_date"], self.before.ends),
                SQL("count(*) FILTER (WHERE %s)", self.now.during(column["first_order_date"])),
                SQL("count(*) FILTER (WHERE %s)", self.before.during(column["first_order_date"])),
                SQL(
                    "sum(%s) FILTER (WHERE %s >= %s OR %s <= %s)::float8",
                    column["recent_revenue"],
                    column["churn_risk"],
                    AT_RISK,
                    column["overdue_date"],
                    board.request.last,
                ),
                SQL("sum(%s)::float8", column["clv"]),
            )
        )
        known = {"customers": (there, was), "new_customers": (new, new_before)}
        if board.is_current:
            known |= {"revenue_at_risk": (at_risk, None), "customer_equity": (equity, None)}
        return known

    def _knows_orders(self):
        """Whether what is revenue can be counted from the orders that the user may see."""
        return self.company.crm_plus_revenue_basis == "order" and self.env[ORDER].has_access("read")

    def _confirmed(self):
        chosen = self.board.request.narrowed
        orders = Domain("company_id", "=", self.company.id) & Domain("state", "=", "sale")
        for name in set(chosen) & set(ON_ORDER):
            orders &= Domain(ON_ORDER[name], "=", chosen[name])
        if of_customer := {name: one for name, one in chosen.items() if name not in ON_ORDER}:
            profiles = self.env[PROFILE]._search(self.board.customers_by(of_customer))
            buyers = Domain("commercial_partner_id", "in", profiles.subselect(*columns(profiles, "partner_id")))
            orders &= Domain("partner_id", "any", buyers)
        return orders

    def _orders(self):
        if not self._knows_orders():
            return {}
        query = self.env[ORDER]._search(self._confirmed() & self._either("date_order"))
        amount = SQL("sale_order.amount_untaxed / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)")
        day = SQL("sale_order.date_order")
        [[count, count_before, revenue, revenue_before]] = self.env.execute_query(
            query.select(
                *(SQL("count(*) FILTER (WHERE %s)", span.during(day)) for span in (self.now, self.before)),
                *(
                    SQL("COALESCE(sum(%s) FILTER (WHERE %s), 0)::float8", amount, span.during(day))
                    for span in (self.now, self.before)
                ),
            )
        )
        return {
            "revenue": (revenue, revenue_before),
            "orders": (count, count_before),
            "average_order": (_per(revenue, count), _per(revenue_before, count_before)),
        }

    def _leads(self):
        leads = self.env[LEAD]
        if not leads.has_access("read"):
            return {}
        query = leads._search(self.board.leads() & (self._either("create_date") | self._either("date_closed")))
        created, closed = SQL("crm_lead.create_date"), SQL("crm_lead.date_closed")
        status = SQL("crm_lead.won_status")
        rows = self.env.execute_query(
            query.select(
                *(
                    counted
                    for span in (self.now, self.before)
                    for counted in (
                        SQL("count(*) FILTER (WHERE %s)", span.during(created)),
                        SQL("count(*) FILTER (WHERE %s = 'won' AND %s)", status, span.during(closed)),
                        SQL("count(*) FILTER (WHERE %s = 'lost' AND %s)", status, span.during(closed)),
                    )
                )
            )
        )
        leads, won, lost, *then = rows[0]
        return {
            "leads": (leads, then[0]),
            "won_leads": (won, then[1]),
            "lost_leads": (lost, then[2]),
            "win_rate": (_per(100 * won, won + lost), _per(100 * then[1], then[1] + then[2])),
        }

    def _contacts(self):
        if not self.env[INTERACTION].has_access("read"):
            return {}
        both = self.board.interactions(Span(self.company, self.before.first, self.now.last))
        direction, is_now = SQL("crm_interaction.direction"), SQL("crm_interaction.date >= %s", self.now.begins)
        rows = self.board.counted_contacts(self.env[INTERACTION]._search(both), direction, is_now)
        counts = {(way, now): count for way, now, count in rows}
        return {f"contacts_{way}": (counts.get((way, True), 0), counts.get((way, False), 0)) for way in ("out", "in")}

    def _either(self, name):
        """Whether the moment of a field is in one of the periods, which follow each other."""
        return Domain(name, ">=", self.before.begins) & Domain(name, "<", self.now.ends)


def _per(amount, count):
    return amount / count if count else None
