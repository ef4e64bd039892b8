"""From attention to the second order: how many leads of a period came how far, how soon, and by which way."""

from odoo.fields import Domain
from odoo.tools import SQL

LEAD, ORDER, INTERACTION = "crm.lead", "sale.order", "crm.interaction"
# How the ways of leads are told apart, in this order.
WAYS = {"source": "source_id", "team": "team_id", "country": "country_id"}
# So many ways of a kind are shown, those of most leads.
MOST = 10
STEPS = ("leads", "qualified", "quoted", "ordered", "again")


class Funnel:
    """The leads created in the period that ``board`` leaves, and their orders, as far as the user may see them."""

    def __init__(self, board):
        self.env, self.company, self.board = board.env, board.company, board

    def steps(self):
        """``[{"key", "label", "count", "share", "days"}]``: visits of the website first, where there are any."""
        if not self._has_access():
            return []
        [[visits, *row]] = self._counted(self._visits(), SQL())
        counts, waits = row[:5], (None, *row[5:9])
        labels = self.labels()
        steps = [
            {
                "key": key,
                "label": labels[key],
                "count": count,
                "share": 100 * count / counts[0] if counts[0] else 0,
                "days": _days(wait),
            }
            for key, count, wait in zip(STEPS, counts, waits, strict=True)
        ]
        if not visits:
            return steps
        first = {"key": "visits", "label": labels["visits"], "count": visits, "share": False, "days": False}
        return [first, *steps]

    def _visits(self):
        """SQL: how many visits there are, as a column."""
        found = self.opened_step("visits")
        if not found:
            return SQL("0 AS visits,")
        model, domain = found
        return SQL("(SELECT count(*) FROM %s visit) AS visits,", self.env[model]._search(domain).subselect())

    def card(self):
        """``{"source": [row], "team": [row], "country": [row]}``; a row is ``{"key", "label", "counts", "days"}`` with
        a count for each of `STEPS`, and the days from the lead to the order."""
        if not self._has_access():
            return {name: [] for name in WAYS}
        columns = [SQL.identifier("lead", column) for column in WAYS.values()]
        kinds = SQL(", ").join(columns)
        which = SQL("GROUPING(%s) AS kind, %s,", kinds, kinds)
        rows = self._counted(
            which, SQL("GROUP BY GROUPING SETS (%s)", SQL(", ").join(SQL("(%s)", one) for one in columns))
        )
        # GROUPING has a bit for each column that a row is not grouped by, the first one highest.
        kind_of = {0b011: "source", 0b101: "team", 0b110: "country"}
        found = {name: [] for name in WAYS}
        for kind, source, team, country, *counts in rows:
            name = kind_of[kind]
            found[name].append(({"source": source, "team": team, "country": country}[name] or 0, counts))
        return {name: self._ways(name, ways) for name, ways in found.items()}

    def _ways(self, name, ways):
        most = sorted(ways, key=lambda way: (-way[1][0], way[0]))[:MOST]
        model = self.env[self.env[LEAD]._fields[WAYS[name]].comodel_name]
        # sudo: the name of what the leads that the user sees came by
        names = {one.id: one.display_name for one in model.sudo().browse([way[0] for way in most if way[0]])}
        unknown = {
            "source": self.env._("No source"),
            "team": self.env._("No sales team"),
            "country": self.env._("No country"),
        }
        return [
            {
                "key": f"{name}_{record_id}",
                "label": names.get(record_id) or unknown[name],
                "counts": counts[:5],
                "days": _days(counts[9]),
            }
            for record_id, counts in most
        ]

    def _has_access(self):
        return self.env[LEAD].has_access("read") and self.env[ORDER].has_access("read")

    def _counted(self, which, groups):
        """Rows of ``which``, five counts, the days since the step before of four, and the days from lead to order."""
        found = self.env[LEAD]._search(self._leads())
        orders = self.env[ORDER]._search(Domain("company_id", "=", self.company.id))
        return self.env.execute_query(
            SQL(
                """WITH lead AS (%(leads)s), quote AS (
                          SELECT o.opportunity_id AS lead_id, min(o.create_date) AS quoted,
                                 min(o.date_order) FILTER (WHERE o.state = 'sale') AS ordered,
                                 (array_agg(DISTINCT o.date_order ORDER BY o.date_order)
                                    FILTER (WHERE o.state = 'sale'))[2] AS again
                            FROM %(orders)s o JOIN lead ON lead.id = o.opportunity_id GROUP BY 1)
                   SELECT %(which)s count(*), count(*) FILTER (WHERE qualified OR quoted IS NOT NULL), count(quoted),
                          count(ordered), count(again),
                          avg(EXTRACT(EPOCH FROM date_conversion - create_date) / 86400)::float8,
                          avg(EXTRACT(EPOCH FROM quoted - create_date) / 86400)::float8,
                          avg(EXTRACT(EPOCH FROM ordered - quoted) / 86400)::float8,
                          avg(EXTRACT(EPOCH FROM again - ordered) / 86400)::float8,
                          avg(EXTRACT(EPOCH FROM ordered - create_date) / 86400)::float8
                     FROM lead LEFT JOIN quote ON quote.lead_id = lead.id %(groups)s""",
                leads=found.select(
                    SQL(
                        """crm_lead.id, crm_lead.create_date, crm_lead.date_conversion, crm_lead.source_id,
                           crm_lead.team_id, crm_lead.country_id, crm_lead.type = 'opportunity' AS qualified"""
                    )
                ),
                orders=orders.subselect(
                    SQL("sale_order.opportunity_id, sale_order.create_date, sale_order.date_order, sale_order.state")
                ),
                which=which,
                groups=groups,
            )
        )

    def _leads(self):
        return self.board.leads() & self.board.within("create_date")

    # ------------------------------------------------------------------ what a row opens

    def labels(self):
        """The steps by key."""
        return {
            "visits": self.env._("Visits of the website by contacts"),
            "leads": self.env._("Leads"),
            "qualified": self.env._("Opportunities"),
            "quoted": self.env._("Leads with a quotation"),
            "ordered": self.env._("Leads with an order"),
            "again": self.env._("Leads with a second order"),
        }

    def opened_step(self, key):
        """(model, condition on what a step counts), or None."""
        if key == "visits":
            if not self.env[INTERACTION].has_access("read"):
                return None
            visits = Domain("channel_id.code", "=", "web") & Domain("direction", "=", "in")
            return INTERACTION, self.board.in_period() & visits
        orders = Domain("company_id", "=", self.company.id)
        ordered = Domain("order_ids", "any", orders & Domain("state", "=", "sale"))
        quoted = Domain("order_ids", "any", orders)
        further = {
            "leads": Domain.TRUE,
            "qualified": Domain("type", "=", "opportunity") | quoted,
            "quoted": quoted,
            "ordered": ordered,
            "again": Domain("id", "in", self._ordered_again()),
        }.get(key)
        return None if further is None else (LEAD, self._leads() & further)

    def opened_way(self, key):
        """(model, condition on the leads of a way, as in "source_7"; 0 is none), or None."""
        name, _sign, record_id = str(key).partition("_")
        if name not in WAYS or not record_id.isdecimal():
            return None
        return LEAD, self._leads() & Domain(WAYS[name], "=", int(record_id) or False)

    def _ordered_again(self):
        """SQL: the leads with orders at two moments, as far as the user may see the orders."""
        orders = self.env[ORDER]._search(Domain("company_id", "=", self.company.id) & Domain("state", "=", "sale"))
        return SQL(
            "(SELECT opportunity_id FROM %s o GROUP BY 1 HAVING count(DISTINCT date_order) > 1)",
            orders.subselect(SQL("sale_order.opportunity_id"), SQL("sale_order.date_order")),
        )


def _days(wait):
    return False if wait is None else max(wait, 0)
