"""Campaign return: who was reached by each campaign, mailing and rule, what came of it, and what it cost.

A row is one customer (a lead without a customer, while there is none) whom one of them reached, however often and by
however many of their contacts. Each number of a group is then a sum of rows, and each opens the rows it is made of:

- *Touches*: what a rule did; a lead or a quotation that bears a campaign; mailings, by the bridge. Extensions add
  theirs in ``crm.campaign.return._touch_queries``.
- *Orders, revenue and margin* count within the window after a touch, net of what was given back within it: all of them
  for each campaign that touched the customer (*after*), and once among all of the same kind: for the one that touched
  the customer first within the window before the order, and for the one that did last.
- *Uplift*: what a rule or a mailing changed by those it holds out, and a campaign by its mailings; where too little is
  known to say, nothing.
- *Cost*: what was entered and the hours of activities, in equal parts for all whom it reached.
"""

from odoo.addons.crm_plus.services.customer.documents import with_margins
from odoo.addons.crm_plus.services.sql import COMPANY, array_text
from odoo.tools import SQL

from ...engine.followup import uplift
from .outcomes import of_sources, of_these
from .stops import MESSAGES, channels

# Kinds in the order in which they are numbered in ids.
KINDS = ("campaign", "mailing", "rule")
# The id of a row tells whom it is about: what remains of it.
WHOM = 2**31
# A kind and a source are one number: that of the kind, and as many times that of the source.
PLACES = 4
# Days after a touch that count, unless the company or the reader chooses others.
WINDOW_DAYS = 90


def touch_queries(company):
    """SELECTs of (kind, source_id, partner_id, lead_id, date, delivered, opened, replied), a row a touch."""
    rules = SQL(
        """SELECT 'rule' AS kind, e.rule_id AS source_id, COALESCE(e.partner_id, l.partner_id) AS partner_id, e.lead_id,
                  e.date, TRUE AS delivered, FALSE AS opened, FALSE AS replied
             FROM crm_followup_event e LEFT JOIN crm_lead l ON l.id = e.lead_id
            WHERE e.company_id = %s AND NOT e.shadow AND e.kind IN ('activity', 'plan', 'email', 'sms')""",
        company.id,
    )
    leads = SQL(
        """SELECT 'campaign', l.campaign_id, l.partner_id, l.id, l.create_date, TRUE, FALSE, FALSE
             FROM crm_lead l WHERE l.campaign_id IS NOT NULL AND %s = %s""",
        COMPANY,
        company.id,
    )
    orders = SQL(
        """SELECT 'campaign', o.campaign_id, o.partner_id, o.opportunity_id, LEAST(o.create_date, o.date_order), TRUE,
                  FALSE, FALSE
             FROM sale_order o WHERE o.campaign_id IS NOT NULL AND o.state <> 'cancel' AND o.company_id = %s""",
        company.id,
    )
    return [rules, leads, orders]


def cost_queries(company, hour_cost, activity_hours):
    """SELECTs of (kind, source_id, amount): what was entered, and the activities that have been done at a rate."""
    entered = SQL(
        """SELECT CASE WHEN c.rule_id IS NOT NULL THEN 'rule' ELSE 'campaign' END AS kind,
                  COALESCE(c.rule_id, c.campaign_id) AS source_id, c.amount::float8 AS amount
             FROM crm_campaign_cost c
            WHERE c.company_id = %s AND COALESCE(c.rule_id, c.campaign_id) IS NOT NULL""",
        company.id,
    )
    rate = (hour_cost or 0) * (activity_hours or 0)
    if not rate:
        return [entered]
    of_rules = SQL(
        """SELECT 'rule', e.rule_id, count(*) * %s::float8 FROM crm_followup_event e
             JOIN mail_activity a ON a.id = e.activity_ref AND NOT a.active
            WHERE e.company_id = %s AND NOT e.shadow GROUP BY e.rule_id""",
        rate,
        company.id,
    )
    of_leads = SQL(
        """SELECT 'campaign', l.campaign_id, count(*) * %s::float8 FROM crm_lead l
             JOIN mail_activity a ON a.res_model = 'crm.lead' AND a.res_id = l.id AND NOT a.active
            WHERE l.campaign_id IS NOT NULL AND %s = %s GROUP BY l.campaign_id""",
        rate,
        COMPANY,
        company.id,
    )
    return [entered, of_rules, of_leads]


class CampaignReturn:
    """The rows of one company, for a window of so many days."""

    def __init__(self, model, company, days=None, only=None):
        """``only``: of these customers and leads, by their ``whom``; None: all that were reached."""
        self.model, self.env, self.company, self.only = model, model.env, company, only
        self.policy = self.env["crm.followup.policy"]._read_of(company)
        self.days = days or self.policy.campaign_days or WINDOW_DAYS

    def touches(self):
        """SELECT of every touch, with its customer; ``whom`` is a customer, or a lead without one; ``place`` is the
        number of its kind and source, ``turn`` of the touch among all, as they came one after the other."""
        return SQL(
            """SELECT t.*, c.commercial_partner_id AS customer,
                      COALESCE(c.commercial_partner_id::int8 * 2, t.lead_id::int8 * 2 + 1) AS whom,
                      array_position(%s, t.kind) + %s * t.source_id::int8 AS place,
                      row_number() OVER (ORDER BY t.date, t.source_id) AS turn
                 FROM (%s) t LEFT JOIN res_partner c ON c.id = t.partner_id
                WHERE COALESCE(c.commercial_partner_id, t.lead_id) IS NOT NULL AND %s""",
            list(KINDS),
            PLACES,
            self._reached(),
            SQL("TRUE")
            if self.only is None
            else SQL(
                "COALESCE(c.commercial_partner_id::int8 * 2, t.lead_id::int8 * 2 + 1) = ANY(%s::int8[])",
                array_text(self.only),
            ),
        )

    def _reached(self):
        return SQL(" UNION ALL ").join(self.model._touch_queries(self.company))

    def _shares(self):
        """SELECT of how many each source reached: (place, shared), of all, whoever the rows are about."""
        if self.only is None:
            return SQL("SELECT place, count(*) AS shared FROM whom GROUP BY 1")
        return SQL(
            """SELECT place, count(*) AS shared FROM (
                   SELECT DISTINCT array_position(%s, t.kind) + %s * t.source_id::int8 AS place,
                          COALESCE(c.commercial_partner_id::int8 * 2, t.lead_id::int8 * 2 + 1) AS whom
                     FROM (%s) t LEFT JOIN res_partner c ON c.id = t.partner_id) w
                WHERE whom IS NOT NULL GROUP BY 1""",
            list(KINDS),
            PLACES,
            self._reached(),
        )

    def query(self):
        """SELECT of the rows. A campaign may have reached a customer in several companies: each is a row of its own."""
        self.env.flush_all()
        # sudo: their ids only
        companies = self.env["res.company"].sudo().with_context(active_test=False).search([], order="id").ids
        costs = self.model._cost_queries(self.company, self.policy.hour_cost, self.policy.activity_hours)
        return SQL(
            """WITH touch AS MATERIALIZED (%(touches)s),
                    doc AS MATERIALIZED (%(documents)s),
                    pair AS MATERIALIZED (%(pairs)s),
                    sums AS (%(sums)s),
                    whom AS MATERIALIZED (
                      SELECT place, whom, min(customer) AS customer, min(lead_id) AS lead_id,
                             min(date) AS date, max(date) AS last_date, bool_or(delivered) AS delivered,
                             bool_or(opened) AS opened, bool_or(replied) AS replied
                        FROM touch GROUP BY 1, 2),
                    share AS MATERIALIZED (%(shares)s),
                    lead AS (%(leads)s),
                    cost AS MATERIALIZED (
                      SELECT array_position(%(kinds)s, c.kind) + %(places)s * c.source_id::int8 AS place,
                             sum(amount) AS amount FROM (%(costs)s) c GROUP BY 1),
                    rows AS (
                      SELECT w.*, s.shared FROM whom w JOIN share s USING (place)
                      UNION ALL
                      SELECT c.place, 1, NULL, NULL, NULL, NULL, FALSE, FALSE, FALSE, 1 FROM cost c
                       WHERE c.place NOT IN (SELECT place FROM share))
               SELECT (r.place + %(places)s * (r.place / %(places)s * (%(companies)s - 1) + %(number)s)) * %(whom)s
                      + r.whom AS id, (%(kinds)s)[r.place %% %(places)s] AS kind,
                      CASE WHEN r.place %% %(places)s = 1 THEN (r.place / %(places)s)::int END AS campaign_id,
                      CASE WHEN r.place %% %(places)s = 2 THEN (r.place / %(places)s)::int END AS mailing_id,
                      CASE WHEN r.place %% %(places)s = 3 THEN (r.place / %(places)s)::int END AS rule_id,
                      r.customer AS partner_id, CASE WHEN r.customer IS NULL THEN r.lead_id END AS lead_id,
                      %(company)s AS company_id, f.segment_id, r.date, r.last_date,
                      (r.date IS NOT NULL)::int AS reached, r.delivered::int AS delivered, r.opened::int AS opened,
                      (r.replied OR EXISTS (
                         SELECT FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                          WHERE c.commercial_partner_id = r.customer AND i.direction = 'in' AND i.date > r.date
                            AND i.date <= r.last_date + %(window)s AND i.channel_id = ANY(%(messages)s)
                            AND (i.company_id = %(company)s OR i.company_id IS NULL)))::int AS replied,
                      COALESCE(l.leads, 0) AS leads, COALESCE(l.won, 0) AS won,
                      COALESCE(s.orders, 0) AS orders, COALESCE(s.revenue, 0) AS revenue,
                      CASE WHEN %(knows_margins)s THEN COALESCE(s.margin, 0) END AS margin,
                      COALESCE(s.first_orders, 0) AS first_orders, COALESCE(s.first_revenue, 0) AS first_revenue,
                      COALESCE(s.last_orders, 0) AS last_orders, COALESCE(s.last_revenue, 0) AS last_revenue,
                      CASE WHEN %(knows_margins)s THEN COALESCE(s.last_margin, 0) END AS last_margin,
                      r.place, r.shared, COALESCE(k.amount / r.shared, 0) AS cost,
                      CASE WHEN k.amount > 0 THEN 100 * (%(gain)s - k.amount / r.shared) / (k.amount / r.shared)
                      END AS return_on_cost
                 FROM rows r
                 LEFT JOIN sums s ON s.place = r.place AND s.customer = r.customer
                 LEFT JOIN lead l ON l.place = r.place AND l.whom = r.whom
                 LEFT JOIN cost k ON k.place = r.place
                 LEFT JOIN crm_customer_profile f ON f.partner_id = r.customer AND f.company_id = %(company)s""",
            touches=self.touches(),
            documents=self._documents(),
            pairs=self._pairs(),
            shares=self._shares(),
            sums=_sums(),
            leads=self._leads(),
            costs=SQL(" UNION ALL ").join(costs),
            kinds=list(KINDS),
            places=PLACES,
            whom=WHOM,
            companies=len(companies),
            number=companies.index(self.company.id),
            company=self.company.id,
            window=self._window(),
            messages=channels(self.env, MESSAGES),
            knows_margins=self.knows_margins,
            gain=SQL("COALESCE(s.last_margin, 0)") if self.knows_margins else SQL("COALESCE(s.last_revenue, 0)"),
        )

    @property
    def knows_margins(self):
        return bool(self.company._crm_plus_knows_margins())

    def _window(self):
        return SQL("%s * interval '1 day'", self.days)

    def _documents(self):
        """What the touched customers bought and gave back since anybody was touched, and its margin: (doc_id, customer,
        moment, is_order, amount, margin)."""
        touched = of_these(self.env, self._customers())
        return SQL(
            """SELECT row_number() OVER () AS doc_id, c.commercial_partner_id AS customer, d.moment,
                      COALESCE(d.is_order, FALSE) AS is_order, d.amount::float8 AS amount, d.margin::float8 AS margin
                 FROM (%s) d JOIN res_partner c ON c.id = d.partner_id
                WHERE d.moment >= (SELECT min(date) FROM touch)""",
            with_margins(self.env, self.company, touched),
        )

    def _customers(self):
        if self.only is None:
            return SQL(
                """SELECT c.commercial_partner_id AS customer
                     FROM (SELECT DISTINCT partner_id FROM (%s) t) t JOIN res_partner c ON c.id = t.partner_id""",
                self._reached(),
            )
        # an odd one is a lead
        customers = array_text(whom // 2 for whom in self.only if not whom % 2)
        return SQL("SELECT unnest(%s::int[]) AS customer", customers)

    def _pairs(self):
        """The documents with each source that touched their customer within the window before them, by its first and
        last touch: (doc_id, place, first, last). Windows are numbered: a touch can only be in that of the document or
        in the one before it, so that years of both are not compared; customer and window are one number."""
        return SQL(
            """SELECT d.doc_id, t.place, min(t.turn) AS first, max(t.turn) AS last
                 FROM doc d JOIN (
                      SELECT touch.*, %(of_touch)s + later AS number
                        FROM touch CROSS JOIN (VALUES (0), (1)) AS n (later)) t
                      ON t.number = %(of_doc)s AND t.date <= d.moment AND t.date > d.moment - %(window)s
                GROUP BY 1, 2""",
            of_touch=self._numbered(SQL("customer"), SQL("date")),
            of_doc=self._numbered(SQL("d.customer"), SQL("d.moment")),
            window=self._window(),
        )

    def _numbered(self, customer, moment):
        """SQL: a number of a customer and the window in which a moment is."""
        return SQL("%s::int8 * 10000000 + (%s::date - DATE '0001-01-01') / %s", customer, moment, self.days)

    def _leads(self):
        """The leads of whom was reached, and those of them that were won."""
        return SQL(
            """SELECT found.place, found.whom, count(*)::int AS leads,
                      (count(*) FILTER (WHERE l.won_status = 'won'))::int AS won
                 FROM (%s) found JOIN crm_lead l ON l.id = found.lead_id AND %s = %s GROUP BY 1, 2""",
            self._lead_ids(),
            COMPANY,
            self.company.id,
        )

    def _lead_ids(self):
        """SELECT of (place, whom, lead_id): the leads that were touched; for a mailing or a rule also those of the
        customer that came in within the window."""
        return SQL(
            """SELECT t.place, t.whom, t.lead_id FROM touch t WHERE t.lead_id IS NOT NULL
               UNION
               SELECT w.place, w.whom, l.id FROM whom w
                 JOIN res_partner c ON c.commercial_partner_id = w.customer
                 JOIN crm_lead l ON l.partner_id = c.id AND l.create_date >= w.date
                      AND l.create_date <= w.last_date + %s
                WHERE w.place %% %s <> 1""",
            self._window(),
            PLACES,
        )

    def leads_of(self, kind, source_id, whom):
        """Ids of the leads that count for one row."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """WITH touch AS MATERIALIZED (SELECT * FROM (%(touches)s) t
                                                WHERE kind = %(kind)s AND source_id = %(source)s AND whom = %(whom)s),
                        whom AS (SELECT place, whom, min(customer) AS customer, min(date) AS date,
                                        max(date) AS last_date FROM touch GROUP BY 1, 2)
                   SELECT l.id FROM (%(leads)s) found
                     JOIN crm_lead l ON l.id = found.lead_id AND %(of)s = %(company)s""",
                touches=self.touches(),
                kind=kind,
                source=source_id,
                whom=whom,
                leads=self._lead_ids(),
                of=COMPANY,
                company=self.company.id,
            )
        )
        return [row[0] for row in rows]

    def uplifts(self):
        """``{place: what it changed in revenue, in all}`` of what holds somebody out, where enough is known to say; a
        campaign by its mailings."""
        queries = self.model._holdout_queries(self.company)
        known = {}
        for (kind, source_id, campaign_id), arms in of_sources(self.env, self.company, queries).items():
            amount = changed(*arms)
            if amount is None:
                continue
            known[_place(kind, source_id)] = amount
            if campaign_id:
                campaign = _place("campaign", campaign_id)
                known[campaign] = known.get(campaign, 0.0) + amount
        return known


def _place(kind, source_id):
    return KINDS.index(kind) + 1 + PLACES * source_id


def holdout_queries(company):
    """SELECTs of who was reached or held out by what holds a share out: (kind, source_id, campaign_id, held_out,
    date_assigned, customer, days within which orders count)."""
    rules = SQL(
        """SELECT 'rule' AS kind, m.rule_id AS source_id, NULL::int AS campaign_id, m.held_out, m.date_assigned,
                  p.commercial_partner_id AS customer, r.window_days AS days
             FROM crm_followup_member m JOIN crm_followup_rule r ON r.id = m.rule_id AND r.holdout_percent > 0
             LEFT JOIN crm_lead l ON l.id = m.lead_id JOIN res_partner p ON p.id = COALESCE(m.partner_id, l.partner_id)
            WHERE r.company_id = %s AND m.date_assigned IS NOT NULL""",
        company.id,
    )
    return [rules]


def changed(reached, held_out):
    """What those reached brought more in all than as many of those held out; None when too little is known."""
    compared = uplift.sequential(reached, held_out)
    return None if compared.low is None else compared.difference * reached.size


def _sums():
    """SELECT of what the documents of each source and customer add up to: all of them, and those for which the source
    was the first or the last one of its kind."""
    parts = []
    for name, only in (("", SQL("TRUE")), ("first_", SQL("p.first = b.first")), ("last_", SQL("p.last = b.last"))):
        parts.append(
            SQL(
                """(count(*) FILTER (WHERE d.is_order AND %(only)s))::int AS %(orders)s,
                   sum(d.amount) FILTER (WHERE %(only)s) AS %(revenue)s,
                   sum(d.margin) FILTER (WHERE %(only)s) AS %(margin)s""",
                only=only,
                orders=SQL.identifier(f"{name}orders"),
                revenue=SQL.identifier(f"{name}revenue"),
                margin=SQL.identifier(f"{name}margin"),
            )
        )
    return SQL(
        """SELECT p.place, d.customer, %s
             FROM pair p JOIN doc d ON d.doc_id = p.doc_id
             JOIN (SELECT doc_id, place %% %s AS kind, min(first) AS first, max(last) AS last FROM pair GROUP BY 1, 2) b
                  ON b.doc_id = p.doc_id AND b.kind = p.place %% %s
            GROUP BY 1, 2""",
        SQL(", ").join(parts),
        PLACES,
        PLACES,
    )
