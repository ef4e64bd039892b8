"""What the card of a customer is made of, fetched in one statement: that is what bounds the number of its queries."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ..loyalty.near_moves import boxes_query
from .documents import Documents, order_day
from .scope import Scope
from .tickets import Tickets

# Channels on which somebody waits for an answer.
MESSAGES = ("email", "message", "chat", "sms", "social", "inquiry")
# Days after which nobody waits for one any more.
WAITING_DAYS = 90


def open_invoices(customer, company):
    """The condition on posted invoices and credit notes of a customer that are not settled."""
    return [*_invoices(customer, company), ("amount_residual", "!=", 0)]


def _invoices(customer, company):
    return [
        ("commercial_partner_id", "=", customer.id),
        ("company_id", "=", company.id),
        ("move_type", "in", ["out_invoice", "out_refund", "out_receipt"]),
        ("state", "=", "posted"),
    ]


class GlanceFacts:
    """The facts of one customer in the current company as of a day, with the rights of who looks: what they may not
    read is left out."""

    def __init__(self, env, customer, day):
        self.env, self.company, self.customer = env, env.company, customer
        self.day = day
        self.is_past = day < self.company._crm_plus_today()
        # What has happened before this moment is known.
        self.end = self.company._crm_plus_start_of_day(day + timedelta(days=1)) if self.is_past else None
        self.until = self.end or fields.Datetime.now()
        self.tickets = Tickets(env, customer, self.end)

    def fetch(self, profile=None):
        """``{name: {column: value}}`` of what the queries below find; ``profile`` is the customer's, or empty."""
        self.env.flush_all()
        parts = {
            "own": SQL("SELECT TRUE AS company FROM res_company WHERE partner_id = %s LIMIT 1", self.customer.id),
            "who": self._who_query(),
            "contact": self._contact_query(),
            "waiting": self._waiting_query(),
            "rating": self._rating_query(),
            "recommended": self.env["res.partner"]._recommended_query(self.contacts(), self.until),
            "tickets": self.tickets.query(),
            "step": self._step_query(),
            **(self._past() if self.is_past else self._present(profile)),
        }
        columns = [
            SQL("(SELECT to_jsonb(p) FROM (%s) p)", query or SQL("SELECT NULL WHERE FALSE")) for query in parts.values()
        ]
        row = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(columns)))[0]
        return {name: value or {} for name, value in zip(parts, row, strict=True)}

    def _present(self, profile):
        return {
            "segment": self._segment_query(profile),
            "boxes": SQL("SELECT json_agg(box) AS rows FROM (%s) box", boxes_query(self.env, self.company)),
            "window": self._window_query(profile),
            "given": self._given_query(profile),
            "money": self._money_query(),
        }

    def _past(self):
        return {
            "orders": self._orders_query(),
            "segment": self._stay_query("crm.segment.membership", "segment_id"),
            "tier": self._stay_query("crm.tier.stay", "tier_id"),
            "money": self._past_money_query(),
        }

    # ------------------------------------------------------------------ who, and what was said

    def _who_query(self):
        """Of a partner that the user may read: where they are, and who looks after them."""
        lang = self.env.lang or "en_US"
        return SQL(
            """SELECT p.city, COALESCE(c.name->>%(lang)s, c.name->>'en_US') AS country, person.name AS salesperson
                 FROM res_partner p LEFT JOIN res_country c ON c.id = p.country_id
                 LEFT JOIN res_users u ON u.id = p.user_id LEFT JOIN res_partner person ON person.id = u.partner_id
                WHERE p.id = %(customer)s""",
            lang=lang,
            customer=self.customer.id,
        )

    def contacts(self):
        """Those of the customer's contacts that the user may read."""
        return (
            self.env["res.partner"]
            .with_context(active_test=False)
            ._search([("commercial_partner_id", "=", self.customer.id)])
        )

    def _interactions(self, *condition, **how):
        """A query of the contacts with the customer up to the day that the user may see; None who may see none."""
        interactions = self.env["crm.interaction"]
        if not interactions.has_access("read"):
            return None
        return interactions._search(
            Domain(
                [
                    ("partner_id", "in", self.contacts()),
                    ("company_id", "in", [self.company.id, False]),
                    ("channel_id", "in", self.env["crm.interaction.channel"]._contact_ids()),
                    ("direction", "!=", "none"),
                    ("date", "<=", self.until),
                    *condition,
                ]
            ),
            **how,
        )

    def _contact_query(self):
        query = self._interactions(order="date desc, id desc", limit=1)
        if query is None:
            return None
        return query.select(
            SQL("crm_interaction.date, crm_interaction.direction"),
            SQL(
                "(SELECT COALESCE(c.name->>%s, c.name->>'en_US') FROM crm_interaction_channel c"
                " WHERE c.id = crm_interaction.channel_id) AS channel",
                self.env.lang or "en_US",
            ),
        )

    def _waiting_query(self):
        """The first message of the last months that nobody has answered.

        Whether somebody has answered is asked of all interactions: who may not see those of others would take the
        customer for forgotten. Nothing but that is told of them.
        """
        query = self._interactions(
            ("direction", "=", "in"),
            ("channel_id.code", "in", MESSAGES),
            ("date", ">", self.until - timedelta(days=WAITING_DAYS)),
        )
        if query is None:
            return None
        return SQL(
            """SELECT min(message.date) AS date FROM %(messages)s message
                WHERE NOT EXISTS (SELECT FROM crm_interaction answer JOIN res_partner p ON p.id = answer.partner_id
                                   WHERE p.commercial_partner_id = %(customer)s AND answer.direction = 'out'
                                     AND answer.channel_id = ANY(%(channels)s)
                                     AND answer.date > message.date AND answer.date <= %(until)s)""",
            messages=query.subselect(SQL("crm_interaction.date")),
            customer=self.customer.id,
            channels=list(self.env["crm.interaction.channel"]._contact_ids()),
            until=self.until,
        )

    def _rating_query(self):
        """The last rating that one of them gave, where the host's app for ratings is installed."""
        if "rating.rating" not in self.env or not self.env["rating.rating"].has_access("read"):
            return None
        given = [("partner_id", "in", self.contacts()), ("consumed", "=", True), ("rating", ">", 0)]
        return SQL(
            """SELECT r.rating, COALESCE(r.rated_on, r.write_date) AS date FROM rating_rating r
                WHERE r.id IN %s AND COALESCE(r.rated_on, r.write_date) <= %s ORDER BY 2 DESC, r.id DESC LIMIT 1""",
            self.env["rating.rating"]._search(given).subselect(),
            self.until,
        )

    def _step_query(self):
        """Activities on what the user may read: that is who may read them, too."""
        about = {"res.partner": self.contacts()}
        leads = self.env["crm.lead"]
        if leads.has_access("read"):
            leads = leads.with_context(active_test=not self.is_past)
            about["crm.lead"] = leads._search([("partner_id", "in", self.contacts())])
        # Each found by index: with "or" between them, PostgreSQL passes over all activities.
        theirs = (
            SQL("SELECT id FROM mail_activity WHERE res_model = %s AND res_id IN %s", model, query.subselect())
            for model, query in about.items()
        )
        is_open = (
            SQL("a.create_date < %s AND (a.active OR a.date_done > %s)", self.end, self.day)
            if self.is_past
            else SQL("a.active")
        )
        return SQL(
            """SELECT a.date_deadline AS day, a.summary, a.res_model, a.res_id,
                      COALESCE(t.name->>%s, t.name->>'en_US') AS kind
                 FROM mail_activity a LEFT JOIN mail_activity_type t ON t.id = a.activity_type_id
                WHERE a.id IN (%s) AND %s ORDER BY a.date_deadline, a.id LIMIT 1""",
            self.env.lang or "en_US",
            SQL(" UNION ALL ").join(theirs),
            is_open,
        )

    # ------------------------------------------------------------------ money

    def _money_query(self):
        moves = self.env["account.move"]
        if not moves.has_access("read"):
            return None
        return moves._search(open_invoices(self.customer, self.company)).select(
            SQL("COALESCE(sum(account_move.amount_residual_signed), 0) AS open"),
            SQL(
                """COALESCE(sum(account_move.amount_residual_signed)
                            FILTER (WHERE account_move.invoice_date_due < %s), 0) AS overdue""",
                self.day,
            ),
            SQL("min(account_move.invoice_date_due) FILTER (WHERE account_move.amount_residual_signed > 0) AS due"),
        )

    def _past_money_query(self):
        """What of the invoices of then was not settled by payments of then."""
        moves = self.env["account.move"]
        if not moves.has_access("read"):
            return None
        invoices = moves._search([*_invoices(self.customer, self.company), ("date", "<=", self.day)])
        return SQL(
            """SELECT COALESCE(sum(l.open), 0) AS open,
                      COALESCE(sum(l.open) FILTER (WHERE l.due < %(day)s), 0) AS overdue,
                      min(l.due) FILTER (WHERE l.open > 0) AS due
                 FROM (SELECT line.date_maturity AS due,
                              line.balance
                              - COALESCE((SELECT sum(p.amount) FROM account_partial_reconcile p
                                           WHERE p.debit_move_id = line.id AND p.max_date <= %(day)s), 0)
                              + COALESCE((SELECT sum(p.amount) FROM account_partial_reconcile p
                                           WHERE p.credit_move_id = line.id AND p.max_date <= %(day)s), 0) AS open
                         FROM account_move_line line
                        WHERE line.display_type = 'payment_term' AND line.move_id IN %(invoices)s) l""",
            day=self.day,
            invoices=invoices.subselect(),
        )

    # ------------------------------------------------------------------ places

    def _segment_query(self, profile):
        segments = self.env["crm.segment"].with_context(active_test=False)
        if not (profile and profile._has_field_access(profile._fields["segment_id"], "read") and profile.segment_id):
            return None
        query = segments._search([("id", "=", profile.segment_id.id)])
        columns = ("id", "name", "color", "description")
        return query.select(
            *(
                SQL("%s AS %s", segments._field_to_sql(segments._table, name, query), SQL.identifier(name))
                for name in columns
            )
        )

    def _window_query(self, profile):
        """The first document that counts for the tier: when it leaves the period, what is missing grows."""
        if not (profile and profile.next_tier_id):
            return None
        queries = profile._moment_queries(self.company, Scope(ids=(self.customer.id,)).documents())
        since = self.company._crm_plus_start_of_day(self.company._crm_plus_tier_since())
        documents = SQL(" UNION ALL ").join(queries)
        return SQL("SELECT min(d.moment) AS first FROM (%s) d WHERE d.moment >= %s", documents, since)

    def _given_query(self, profile):
        """Until when a tier that was given by hand is valid."""
        if not (profile and profile.tier_id):
            return None
        mine = Domain("partner_id.commercial_partner_id", "=", self.customer.id)
        valid = Domain("date_to", "=", False) | Domain("date_to", ">=", self.day)
        mine &= Domain("company_id", "=", self.company.id) & Domain("tier_id", "=", profile.tier_id.id)
        query = self.env["crm.tier.override"]._search(mine & valid, order="id desc", limit=1)
        return query.select(SQL("crm_tier_override.date_to AS until"))

    def _stay_query(self, model, place):
        """The stay of that day, and the color of where it was."""
        stays = self.env[model]
        if not stays.has_access("read"):
            return None
        condition = Domain("partner_id", "=", self.customer.id) & Domain("company_id", "=", self.company.id)
        condition &= stays._at(self.day)
        if place == "segment_id":
            condition &= Domain("shadow", "=", False) & Domain("family_id.kind", "=", "rfm")
        names = self.env[stays._fields[place].comodel_name]
        query = stays._search(condition, order="date_from desc, id desc", limit=1)
        return SQL(
            """SELECT s.since, s.replayed, p.color, p.id, COALESCE(p.name->>%(lang)s, p.name->>'en_US') AS name
                 FROM %(stays)s s JOIN %(places)s p ON p.id = s.place""",
            lang=self.env.lang or "en_US",
            stays=query.subselect(
                SQL("%s AS since", SQL.identifier(stays._table, "date_from")),
                SQL.identifier(stays._table, "replayed"),
                SQL("%s AS place", SQL.identifier(stays._table, place)),
            ),
            places=SQL.identifier(names._table),
        )

    def _orders_query(self):
        """What the documents of then add up to, as they are today: `Documents` has them whole."""
        documents = Documents(self.env, self.company, Scope(ids=(self.customer.id,)))
        return SQL(
            """WITH d AS (SELECT d.*, %(day)s AS day FROM (%(documents)s) d WHERE d.moment < %(end)s),
                    days AS (SELECT DISTINCT day FROM d WHERE is_order),
                    gaps AS (SELECT day - lag(day) OVER (ORDER BY day) AS gap FROM days)
               SELECT (SELECT sum(amount) FROM d) AS revenue, (SELECT count(*) FROM d WHERE is_order) AS orders,
                      (SELECT min(day) FROM days) AS first, (SELECT max(day) FROM days) AS last,
                      (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FROM gaps) AS usual""",
            day=order_day(self.company, SQL("d.moment")),
            documents=SQL(" UNION ALL ").join(documents.queries()),
            end=self.end,
        )
