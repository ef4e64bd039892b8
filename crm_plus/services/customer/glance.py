"""The customer at one glance: who they are, what they are worth, how things stand, and what is best done next."""

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_amount

from ...engine.customer.next_action import Situation, next_action
from ..loyalty.near_moves import NearMoves, boxes_query
from . import words
from .scope import Scope

# What is read of the partner.
PARTNER = (
    "name",
    "complete_name",
    "is_company",
    "commercial_partner_id",
    "partner_share",
    "parent_id",
    "company_id",
    "tz",
    "active",
)


def card(env, partner_id):
    """The card of a partner: see ``crm.customer.profile.glance``."""
    partner = _partner(env, partner_id)
    if not partner.commercial_partner_id.partner_share:
        return {"state": "none"}
    return Glance(env, partner).card()


def _partner(env, partner_id):
    """The partner, read in one go with its customer and with the company's own, whose time zone everything needs."""
    own = env.company.partner_id.id
    partners = env["res.partner"].with_context(active_test=False)
    customer = SQL("(SELECT commercial_partner_id FROM res_partner WHERE id = %s)", partner_id)
    env.flush_all()
    partners.search_fetch(Domain("id", "in", [partner_id, own]) | Domain("id", "in", customer), PARTNER)
    partner = env["res.partner"].browse(partner_id)
    (partner | partner.commercial_partner_id).check_access("read")
    return partner


def open_invoices(customer, company):
    """The condition on posted invoices and credit notes of a customer that are not settled."""
    return [
        ("commercial_partner_id", "=", customer.id),
        ("company_id", "=", company.id),
        ("move_type", "in", ["out_invoice", "out_refund", "out_receipt"]),
        ("state", "=", "posted"),
        ("amount_residual", "!=", 0),
    ]


class Glance:
    """The card of a partner in the current company, with the rights of who looks: what they may not read is left out.

    Besides the partner, the profile and the tiers, one statement fetches everything (`_facts`): that is what bounds the
    number of queries.
    """

    def __init__(self, env, partner):
        self.env, self.company = env, env.company
        self.partner, self.customer = partner, partner.commercial_partner_id
        self.today = self.company._crm_plus_today()
        profiles = env["crm.customer.profile"]
        mine = [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
        self.profile = profiles.search_fetch(mine, self._columns(profiles), limit=1)
        self.facts = self._facts()
        self.near = NearMoves(env, self.company, self.facts["boxes"].get("rows") or [])

    def card(self):
        """The figures and what is best next; "none" for one of the own companies."""
        if self.facts["own"].get("company"):
            return {"state": "none"}
        figures = [
            self._worth(), self._segment(), self._tier(), self._risk(), self._rhythm(), self._money(), self._contact(),
            self._step(),
        ]  # fmt: skip
        return {
            "state": "ready",
            "customer_id": self.customer.id,
            "customer": self.customer.display_name if self.customer != self.partner else False,
            "figures": [figure for figure in figures if figure],
            "action": self._action(),
        }

    def _columns(self, profiles):
        """What there is to read, so that it is read once."""
        stored = (field for field in profiles._fields.values() if field.store and field.column_type)
        return [field.name for field in stored if profiles._has_field_access(field, "read")]

    # ------------------------------------------------------------------ facts

    def _facts(self):
        """``{name: {column: value}}`` of what the queries below find, all in one statement."""
        self.env.flush_all()
        parts = {
            "own": SQL("SELECT TRUE AS company FROM res_company WHERE partner_id = %s LIMIT 1", self.customer.id),
            "segment": self._segment_query(),
            "boxes": SQL("SELECT json_agg(box) AS rows FROM (%s) box", boxes_query(self.env, self.company)),
            "money": self._money_query(),
            "contact": self._contact_query(),
            "step": self._step_query(),
            "window": self._window_query(),
        }
        columns = [
            SQL("(SELECT to_jsonb(p) FROM (%s) p)", query or SQL("SELECT NULL WHERE FALSE")) for query in parts.values()
        ]
        row = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(columns)))[0]
        return {name: value or {} for name, value in zip(parts, row, strict=True)}

    def _segment_query(self):
        segments = self.env["crm.segment"].with_context(active_test=False)
        if not (self._may_read("segment_id") and self.profile.segment_id):
            return None
        query = segments._search([("id", "=", self.profile.segment_id.id)])
        columns = ("name", "color", "description")
        return query.select(
            *(
                SQL("%s AS %s", segments._field_to_sql(segments._table, name, query), SQL.identifier(name))
                for name in columns
            )
        )

    def _money_query(self):
        moves = self.env["account.move"]
        if not moves.has_access("read"):
            return None
        open_invoices = moves._search(self._open_invoices())
        return open_invoices.select(
            SQL("COALESCE(sum(account_move.amount_residual_signed), 0) AS open"),
            SQL(
                """COALESCE(sum(account_move.amount_residual_signed)
                            FILTER (WHERE account_move.invoice_date_due < %s), 0) AS overdue""",
                self.today,
            ),
            SQL("min(account_move.invoice_date_due) FILTER (WHERE account_move.amount_residual_signed > 0) AS due"),
        )

    def _open_invoices(self):
        return open_invoices(self.customer, self.company)

    def _contacts(self):
        """Those of the customer's contacts that the user may read."""
        return (
            self.env["res.partner"]
            .with_context(active_test=False)
            ._search([("commercial_partner_id", "=", self.customer.id)])
        )

    def _contact_query(self):
        interactions = self.env["crm.interaction"]
        if not interactions.has_access("read"):
            return None
        query = interactions._search(
            [
                ("partner_id", "in", self._contacts()),
                ("company_id", "in", [self.company.id, False]),
                ("channel_id", "in", self.env["crm.interaction.channel"]._contact_ids()),
                ("direction", "!=", "none"),
                ("date", "<=", fields.Datetime.now()),
            ],
            order="date desc, id desc",
            limit=1,
        )
        return query.select(
            SQL("crm_interaction.date, crm_interaction.direction"),
            SQL(
                "(SELECT COALESCE(c.name->>%s, c.name->>'en_US') FROM crm_interaction_channel c"
                " WHERE c.id = crm_interaction.channel_id) AS channel",
                self.env.lang or "en_US",
            ),
        )

    def _step_query(self):
        """Activities on what the user may read: that is who may read them, too."""
        about = [SQL("a.res_model = 'res.partner' AND a.res_id IN %s", self._contacts().subselect())]
        leads = self.env["crm.lead"]
        if leads.has_access("read"):
            theirs = leads._search([("partner_id", "in", self._contacts())])
            about.append(SQL("a.res_model = 'crm.lead' AND a.res_id IN %s", theirs.subselect()))
        return SQL(
            """SELECT a.date_deadline AS day, a.summary, COALESCE(t.name->>%s, t.name->>'en_US') AS kind
                 FROM mail_activity a LEFT JOIN mail_activity_type t ON t.id = a.activity_type_id
                WHERE a.active AND (%s) ORDER BY a.date_deadline, a.id LIMIT 1""",
            self.env.lang or "en_US",
            SQL(" OR ").join(about),
        )

    def _window_query(self):
        """The first document that counts for the tier: when it leaves the period, what is missing grows."""
        if not self.profile.next_tier_id:
            return None
        queries = self.profile._moment_queries(self.company, Scope(ids=(self.customer.id,)).documents())
        since = self.company._crm_plus_start_of_day(self.company._crm_plus_tier_since())
        documents = SQL(" UNION ALL ").join(queries)
        return SQL("SELECT min(d.moment) AS first FROM (%s) d WHERE d.moment >= %s", documents, since)

    # ------------------------------------------------------------------ figures

    def _may_read(self, *names):
        """Whether the user may read these fields of a profile there is."""
        fields_of = self.profile._fields
        return bool(self.profile) and all(self.profile._has_field_access(fields_of[name], "read") for name in names)

    def _figure(self, key, label, value, detail="", why=(), **more):
        return {"key": key, "label": label, "value": value, "detail": detail, "why": list(filter(None, why)), **more}

    def _records(self, model, domain, name):
        """What a figure opens: these records, if the user may read such."""
        return self.env[model].has_access("read") and {"res_model": model, "domain": domain, "name": name}

    def _orders(self):
        """The documents that are revenue."""
        mine = [("company_id", "=", self.company.id)]
        if self.company.crm_plus_revenue_basis == "invoice":
            posted = [("state", "=", "posted"), ("move_type", "in", ["out_invoice", "out_refund"])]
            invoices = [("commercial_partner_id", "=", self.customer.id), *mine, *posted]
            return self._records("account.move", invoices, self.env._("Invoices"))
        orders = [("partner_id.commercial_partner_id", "=", self.customer.id), *mine, ("state", "=", "sale")]
        return self._records("sale.order", orders, self.env._("Orders"))

    def _amount(self, amount):
        return format_amount(self.env, amount, self.company.currency_id)

    def _day_of(self, moment):
        """The day, where the company is, of a moment as JSON has it."""
        return moment and self.company._crm_plus_day(fields.Datetime.to_datetime(moment[:19].replace("T", " ")))

    def _local_day(self, moment):
        return str(self.company._crm_plus_day(moment)) if moment else ""

    def _as_of(self):
        done = self.company.crm_plus_profile_date
        return done and self.env._("As of %s.", self._local_day(done))

    def _worth(self):
        if not self._may_read("revenue", "order_count") or self.profile.revenue is False:
            return None
        profile = self.profile
        # sudo: how far the figure looks ahead, to who sees the figure
        months = self.company.sudo().crm_plus_clv_months
        expected = profile.clv is not False and self.env._(
            "%(amount)s are expected in the next %(months)s months.", amount=self._amount(profile.clv), months=months
        )
        why = [
            self.env._("Revenue before tax, net of credit notes, since %s.", self._local_day(profile.first_order_date)),
            self.env._("%s per order on average.", self._amount(profile.average_order)),
            expected,
            profile.abc_class and self.env._("ABC class %s.", profile.abc_class),
            self._as_of(),
        ]
        detail = words.orders(self.env, profile.order_count)
        return self._figure(
            "worth", self.env._("Worth"), self._amount(profile.revenue), detail, why, opens=self._orders()
        )

    def _segment(self):
        segment = self.facts["segment"]
        if not segment:
            return None
        near = list(self.near.segment_lines(self.profile))
        since = self.profile.segment_since
        why = [since and self.env._("In this segment since %s.", since), *near, segment["description"]]
        label, detail = self.env._("Segment"), near[0] if near else ""
        return self._figure("segment", label, segment["name"], detail, why, color=segment["color"])

    def _tier(self):
        if not self._may_read("tier_id"):
            return None
        profile = self.profile
        tier, above = profile.tier_id, profile.next_tier_id
        if not tier and not above:
            return None
        detail, why = "", [profile.tier_since and self.env._("In this tier since %s.", profile.tier_since)]
        if profile.tier_until:
            detail = self.env._("only until %s", profile.tier_until)
        elif above:
            detail = self._missing_text(above)
        if above:
            why.append(self.env._("%(missing)s to %(tier)s.", missing=self._measured(above), tier=above.name))
        if until := self._window_end():
            why.append(self.env._("The tier period moves on: from %s more is missing.", until))
        return self._figure(
            "tier", self.env._("Tier"), tier.name or self.env._("No tier yet"), detail, why, color=tier.color,
            progress=round(profile.next_tier_progress) if above else None,
        )  # fmt: skip

    def _missing_text(self, above):
        missing, until = self._measured(above), self._window_end()
        if until:
            return self.env._("%(missing)s by %(day)s to %(tier)s", missing=missing, day=until, tier=above.name)
        return self.env._("%(missing)s to %(tier)s", missing=missing, tier=above.name)

    def _measured(self, tier):
        missing = self.profile.next_tier_missing
        return words.orders(self.env, round(missing)) if tier.basis == "orders" else self._amount(missing)

    def _window_end(self):
        """The last day on which all that counts for the tier today still counts."""
        first = self._day_of(self.facts["window"].get("first"))
        if not first or self.profile.next_tier_id.basis == "clv":
            return None
        return str(first + relativedelta(months=self.company.crm_plus_tier_months))

    def _risk(self):
        if not self._may_read("churn_risk") or not self.profile._is_predicted():
            return None
        profile = self.profile
        levels = dict(profile._fields["churn_level"]._description_selection(self.env))
        ago = words.ago(self.env, profile.days_since_order)
        reason = self.env._("last order %s", ago)
        why = [
            self.env._(
                "Probability that this customer will not order within 12 months: %s%%.", round(profile.churn_risk)
            ),
            self._rhythm_reason(),
            profile.prediction_date and self.env._("Predicted on %s.", profile.prediction_date),
        ]
        return self._figure(
            "risk", self.env._("Churn risk"), levels[profile.churn_level], reason, why, level=profile.churn_level
        )

    def _rhythm_reason(self):
        interval = round(self.profile.interval_days or 0)
        return interval and self.env._("Usually an order every %s.", words.days(self.env, interval))

    def _rhythm(self):
        if not self._may_read("last_order_date"):
            return None
        profile = self.profile
        due = profile.next_order_date
        detail, level = "", "low"
        if profile.is_overdue:
            detail, level = self.env._("overdue since %s", due), "high"
        elif due:
            detail, level = self.env._("next due %s", due), "medium" if profile.is_due else "low"
        why = [
            self.env._("Last order on %s.", self._local_day(profile.last_order_date)),
            self._rhythm_reason() or self.env._("At least two order dates are needed to know the usual interval."),
            profile.overdue_date
            and self.env._("Nine in ten such customers would have ordered by %s.", profile.overdue_date),
        ]
        value = words.ago(self.env, profile.days_since_order)
        return self._figure("rhythm", self.env._("Last order"), value, detail, why, level=level, opens=self._orders())

    def _money(self):
        money = self.facts["money"]
        if "open" not in money:
            return None
        overdue = money["overdue"]
        detail = self.env._("%s overdue", self._amount(overdue)) if overdue > 0 else ""
        why = [
            self.env._("Open amounts of posted invoices, net of credit notes, as far as you may open them."),
            money["due"] and self.env._("The first one is due on %s.", money["due"]),
        ]
        label, level = self.env._("Open invoices"), "high" if overdue > 0 else "low"
        opens = self._records("account.move", self._open_invoices(), label)
        return self._figure("money", label, self._amount(money["open"]), detail, why, level=level, opens=opens)

    def _contact(self):
        contact = self.facts["contact"]
        label = self.env._("Last contact")
        mine = [("partner_id.commercial_partner_id", "=", self.customer.id)]
        opens = self._records("crm.interaction", mine, self.env._("Interactions"))
        if not contact:
            why = self.env._("No contact that you may see.")
            return self._figure("contact", label, self.env._("None"), "", [why], opens=opens)
        day = self._day_of(contact["date"])
        directions = {"in": self.env._("incoming"), "out": self.env._("outgoing")}
        detail = f"{contact['channel']}, {directions.get(contact['direction'], '')}"
        why = [self.env._("%(channel)s on %(day)s, of those you may see.", channel=contact["channel"], day=day)]
        value = words.ago(self.env, max((self.today - day).days, 0))
        return self._figure("contact", label, value, detail, why, opens=opens)

    def _step(self):
        step = self.facts["step"]
        label = self.env._("Next step")
        if not step:
            why = self.env._("No activity is planned with this customer or for their leads.")
            return self._figure("step", label, self.env._("None"), "", [why])
        late = step["day"] < str(self.today)
        why = [self.env._("The first open activity with this customer or for their leads.")]
        return self._figure(
            "step", label, step["summary"] or step["kind"] or self.env._("Activity"), step["day"], why,
            level="high" if late else "low",
        )  # fmt: skip

    # ------------------------------------------------------------------ what to do

    def _action(self):
        profile, step = self.profile, self.facts["step"]
        may = self._may_read
        contact = self._day_of(self.facts["contact"].get("date"))
        ends = may("tier_until") and profile.tier_until
        code = next_action(
            Situation(
                late_step=bool(step) and step["day"] <= str(self.today),
                overdue_money=self.facts["money"].get("overdue"),
                order_overdue=may("overdue_date") and profile.is_overdue,
                order_due=may("next_order_date") and profile.is_due,
                at_risk=may("churn_risk") and profile.churn_level in ("high", "lost"),
                tier_ends_in=(ends - self.today).days if ends else None,
                missing_to_tier=self._tier_step(),
                usual_order=self._usual_order(),
                silent_days=(self.today - contact).days if contact else None,
                never_contacted=not contact,
                planned=bool(step),
            )
        )
        text, why = self._action_text(code)
        return {"key": code, "text": text, "why": [why]}

    def _tier_step(self):
        above = self._may_read("tier_id") and self.profile.next_tier_id
        return self.profile.next_tier_missing if above and above.basis != "clv" else None

    def _usual_order(self):
        above = self._may_read("tier_id", "average_order") and self.profile.next_tier_id
        return (above and (1 if above.basis == "orders" else self.profile.average_order)) or None

    def _action_text(self, code):
        """(what to do, why)."""
        profile, step = self.profile, self.facts["step"]
        planned = step.get("summary") or step.get("kind") or self.env._("Activity")
        if code == "do_planned":
            return self.env._("Do what is planned: %s", planned), self.env._("It is due on %s.", step["day"])
        if code == "settle_invoices":
            return self.env._("Settle overdue invoices"), self.env._(
                "%s overdue.", self._amount(self.facts["money"]["overdue"])
            )
        if code == "keep_tier":
            return self.env._("Help them keep %s", profile.tier_id.name), self.env._(
                "It ends on %s.", profile.tier_until
            )
        if code == "reach_tier":
            above = profile.next_tier_id
            return self.env._("Offer an order that reaches %s", above.name), self._missing_text(above)
        return {
            "ask_for_order": (self.env._("Ask for the next order"), self.env._("It is overdue.")),
            "win_back": (self.env._("Win them back"), self.env._("They will probably not order again by themselves.")),
            "order_due": (self.env._("Ask for the next order"), self.env._("It is due.")),
            "get_in_touch": (self.env._("Get in touch"), self.env._("No contact for a long time that you may see.")),
            "wait_for_planned": (
                self.env._("As planned: %s", planned),
                self.env._("It is due on %s.", step.get("day")),
            ),
        }.get(code, (self.env._("Nothing is urgent"), self.env._("No reason to act stands out.")))
