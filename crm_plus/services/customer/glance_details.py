"""The details behind the card of a customer: scores, past stays, months, and where all of it comes from."""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL, format_list
from odoo.tools.misc import format_amount

from . import words
from .documents import Documents, order_day
from .limits import NEVER, few_text
from .returns import uncounted_credits
from .scope import Scope

# Months of the small chart, the current one included.
MONTHS = 24


def details(env, partner):
    """The details of a partner in the current company: see ``crm.customer.profile.glance_details``."""
    customer = partner.commercial_partner_id
    # sudo: only whether there is such a company.
    if not customer.partner_share or customer.sudo().ref_company_ids:
        return {"state": "none"}
    profile = customer.crm_profile_id
    if not profile.order_count:
        return {"state": "empty", "text": _no_profile_text(env, customer)}
    return {
        "state": "ready",
        "profile_id": profile.id,
        "currency_id": profile.currency_id.id,
        **GlanceDetails(profile).parts(),
    }


def _no_profile_text(env, customer):
    """What to expect of who has no figures yet."""
    company = env.company
    if company._crm_plus_basis_changed():
        return env._("Customer figures are being computed anew after a change of the settings. They will appear here.")
    if not company.crm_plus_profile_date:
        return env._("Customer figures are being computed for the first time. They will appear here.")
    kinds = Documents(env, company, Scope(ids=(customer.id,))).kinds()
    if True in kinds:
        return env._("The first order has arrived. Segment, tier and forecasts will be computed within minutes.")
    if kinds:
        text = env._(
            "No order with a positive amount that was not refunded yet. Segment, tier and forecasts appear after the "
            "first one."
        )
    elif company.crm_plus_revenue_basis == "invoice":
        text = env._("No invoices yet. Segment, tier and forecasts appear after the first posted invoice.")
    else:
        text = env._("No orders yet. Segment, tier and forecasts appear after the first confirmed order.")
    return " ".join(filter(None, (_lifecycle_text(env, customer), text, *_chosen(env, customer, company))))


def _chosen(env, customer, company):
    """What somebody was given by hand before the first order."""
    profile = customer.crm_profile_id
    if profile.tier_id:
        yield env._("Manual tier: %s.", profile.tier_id.name)
    elif given := env["crm.tier.override"]._in_force(customer).get((customer, company)):
        yield env._("The manual tier %s takes effect within minutes.", given.tier_id.name)
    if placed := profile.segment_id | profile.other_segment_ids:
        yield env._("Segments: %s.", format_list(env, placed.mapped("name")))


def _lifecycle_text(env, customer):
    """Where somebody who never bought is, and since when."""
    names = dict(customer._fields["crm_lifecycle"]._description_selection(env))
    stage, since = customer.crm_lifecycle, customer.crm_lifecycle_date
    return env._("%(stage)s since %(day)s.", stage=names[stage], day=str(since)) if stage else ""


class GlanceDetails:
    """The details of a profile: each a text, its short value and ``why``, the sentences that explain it."""

    def __init__(self, profile):
        self.env, self.profile = profile.env, profile
        # Why amounts of this customer are not shown to this user; False when they are.
        self.amount_note = profile.amount_note

    def parts(self):
        return {
            "others": self._other_segments(),
            "abc_class": self._class(),
            "scores": self._scores(),
            "history": self._history(),
            "months": [] if self.amount_note else self._months(),
            "amount_note": self.amount_note,
            "note": self.profile.prediction_note,
            "source": self._source(),
        }

    def _day(self, date):
        """A day, or that of a moment where the user is, in ISO form: the card writes it in the user's calendar."""
        if isinstance(date, datetime):
            date = fields.Datetime.context_timestamp(self.profile, date).date()
        return str(date)

    def _amount(self, amount):
        if self.amount_note:
            return self.env._("(amount not shown)")
        return format_amount(self.env, amount, self.profile.currency_id)

    # ------------------------------------------------------------------ where they were

    def _history(self):
        """The stays in segments and in tiers, oldest first, within the time from the first of them to today."""
        segments = self.profile.membership_ids.filtered(lambda s: s.family_id.kind == "rfm" and not s.shadow)
        rows = [
            ("segment", self.env._("Segment"), segments, "segment_id", self._segment_reasons()),
            ("tier", self.env._("Tier"), self.profile.tier_stay_ids, "tier_id", self._tier_reasons()),
        ]
        today = self.profile.company_id._crm_plus_today()
        stays = [stay for row in rows for stay in row[2]]
        return {
            "from": str(min((stay.date_from for stay in stays), default=today)),
            "to": str(today),
            "rows": [
                {"key": key, "label": label, "stays": self._stays(found, place, list(reasons))}
                for key, label, found, place, reasons in rows
                if found
            ],
        }

    def _stays(self, stays, place, reasons):
        """The stays as parts of a strip; of the one that lasts, ``reasons`` are said as well."""
        return [
            {
                "id": stay.id,
                "name": stay[place].name,
                "color": stay[place].color,
                "from": self._day(stay.date_from),
                "to": stay.date_to and self._day(stay.date_to),
                "replayed": stay.replayed,
                "why": [
                    self._period(stay),
                    *filter(None, [stay.reason_text and self.env._("Reason: %s.", stay.reason_text)]),
                    *([self.env._("Replayed: computed later, from the orders of the time, for the end of each month.")]
                      if stay.replayed else []),
                    *([] if stay.date_to else reasons),
                ],
            }
            for stay in stays.sorted(lambda stay: (stay.date_from, stay.id))
        ]  # fmt: skip

    def _period(self, stay):
        """From when to when somebody was somewhere."""
        if stay.date_to:
            return self.env._(
                "From %(first)s until %(last)s.", first=self._day(stay.date_from), last=self._day(stay.date_to)
            )
        return self.env._("Since %s.", self._day(stay.date_from))

    def _segment_reasons(self):
        """What else is to be known of the segment of today."""
        profile, segment = self.profile, self.profile.segment_id
        if segment and profile.segment_score and str(profile.segment_score) != profile._placing_rfm():
            yield from self._patience()

    def _patience(self):
        """Why the customer is not where the scores of today are, and until when."""
        profile, company = self.profile, self.profile.company_id
        yield self.env._(
            "Based on the scores %s. A score changes only when its value has clearly passed a limit.",
            profile.segment_score,
        )
        wanted = self.env["crm.segment.family"]._segment_of_scores(company, profile._placing_rfm())
        if wanted - profile.segment_id and profile.segment_since > company._crm_plus_stay_since():
            until = profile.segment_since + timedelta(days=company.crm_plus_minimum_stay)
            yield self.env._(
                "Today's scores belong to “%(segment)s”. The customer moves there on %(day)s at the earliest.",
                segment=wanted.name,
                day=self._day(until),
            )

    def _stay(self, stay):
        """The segment of a stay as a tag: since when, for what reason, and what to do."""
        segment, reason = stay.segment_id, stay.reason_text
        why = [
            self.env._("In this segment since %s.", self._day(stay.date_from)),
            reason and self.env._("Reason: %s.", reason),
            segment.description,
        ]
        return {
            "id": segment.id,
            "name": segment.name,
            "color": segment.color,
            "why": list(filter(None, why)),
            "opens": self._customers(Domain("other_segment_ids", "in", segment.ids), segment.name),
        }

    def _customers(self, condition, name):
        """What a badge opens: the customers of the company who have it as well."""
        mine = Domain("company_id", "=", self.profile.company_id.id)
        return {"res_model": "crm.customer.profile", "domain": list(mine & condition), "name": name}

    def _tier_reasons(self):
        """What else is to be known of the tier of today and the next one."""
        tier = self.profile.tier_id
        yield from self._override_reasons()
        if tier.benefits:
            yield tier.benefits
        if above := self.profile.next_tier_id:
            limit = above._limit(self.profile.company_id)
            yield self.env._("%(tier)s starts at %(limit)s.", tier=above.name, limit=self._measured(above, limit))

    def _override_reasons(self):
        """Who gave the tier by hand, and until when it holds."""
        given = self.profile.tier_override_id
        if given:
            day = self._day(given.create_date)
            yield self.env._("Given by %(user)s on %(day)s.", user=given.create_uid.name, day=day)
        if given.date_to:
            yield self.env._("It is valid until %s. Then the grace period begins.", self._day(given.date_to))
        elif given:
            yield self.env._("It is valid until it is removed.")

    def _measured(self, tier, value):
        """A value in what the tier is measured by."""
        if tier.basis == "orders":
            return words.orders(self.env, round(value))
        return self._amount(value)

    # ------------------------------------------------------------------ scores

    def _scores(self):
        """Recency, frequency and monetary value: score 1 to 5, the value behind it, and the limits of the scores."""
        cuts = self.profile.company_id._crm_plus_cuts()
        ago = words.ago(self.env, self.profile.days_since_order)
        orders = words.orders(self.env, self.profile.window_order_count)
        rows = [
            ("r", self.env._("Recency"), self.profile.recency_score, ago, self._recency_limits(cuts["recency"])),
            ("f", self.env._("Frequency"), self.profile.frequency_score, orders, _limits(cuts["frequency"], str)),
            ("m", self.env._("Revenue"), self.profile.monetary_score, self._amount(self.profile.window_revenue),
             _limits(cuts["monetary"], lambda cut: self._amount(float(cut)))),
        ]  # fmt: skip
        facts = {
            "r": self.env._("Last order on %s.", self._day(self.profile.last_order_date)),
            "f": self.env._("First order on %s.", self._day(self.profile.first_order_date)),
            "m": self.env._("%s per order on average.", self._amount(self.profile.average_order)),
        }
        return [
            {
                "key": key,
                "label": label,
                "score": score,
                "value": value,
                "why": [
                    self.amount_note if key == "m" and self.amount_note else facts[key],
                    *([] if key == "r" or (key == "m" and self.amount_note) else [self.env._("Scored: %s.", value)]),
                    self.env._("Score %s of 5; 5 is best.", score),
                    *([] if key == "m" and self.amount_note else [self._starts_text(limits)]),
                    *self._score_notes(key),
                ],
            }
            for key, label, score, value, limits in rows
        ]

    def _score_notes(self, key):
        """What else is to be known of the limits of a score."""
        company = self.profile.company_id
        if key != "r" and company._crm_plus_window_since():
            months = words.months(self.env, int(company.crm_plus_rfm_window))
            yield self.env._("Orders of the last %s count.", months)
        if company._crm_plus_few() and company._crm_plus_found("crm_plus_rfm_cuts").get("interval") and key != "r":
            customers = words.customers(self.env, company._crm_plus_few())
            yield self.env._("%s are too few for equal groups. The limits are fixed.", customers)
        elif few := few_text(self.env, company):
            yield few
        if key == "r" and self.profile._is_silent():
            yield self.env._("The silence is much longer than usual: for the segment, recency counts as 2 at most.")

    def _starts_text(self, limits):
        return self.env._("Scores 2, 3, 4 and 5 start at: %s.", limits)

    def _recency_limits(self, cuts):
        return _limits(cuts, lambda cut: self._day(fields.Date.to_date(cut)))

    def _class(self):
        """The ABC class, if there is one."""
        found = self.profile.abc_class
        if not found:
            return found
        name = self.env._("Class %s", found)
        same = self._customers(Domain("abc_class", "=", found), name)
        return {"name": name, "why": [self._class_text()], "opens": same}

    def _class_text(self):
        if self.profile.company_id._crm_plus_by_margin():
            return self.env._(
                "A: the customers who account for the first 80% of the margin. B: the next 15%. C: the rest."
            )
        return self.profile._fields["abc_class"]._description_help(self.env)

    def _other_segments(self):
        """By conditions, by cluster or by hand: what a tag needs, each."""
        mine = self.profile._other_stays() & Domain("profile_id", "=", self.profile.id)
        stays = self.env["crm.segment.membership"].search(mine)
        return [self._stay(stay) for stay in stays.sorted("segment_id")]

    def _months(self):
        """Net revenue of each of the last months, oldest first: ``[{"month": "2026-05-01", "amount": 120.0}, ...]``.

        Whoever may see the profile may see these sums; like its other figures they are of the customer as a whole,
        never of one document.
        """
        company = self.profile.company_id
        today = company._crm_plus_today()
        scope = Scope(ids=(self.profile.partner_id.id,))
        start = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT month::date, COALESCE(sum(amount), 0)::float8
                     FROM generate_series(%(start)s::date, %(today)s::date, '1 month') month
                     LEFT JOIN (SELECT %(day)s AS day, d.amount FROM (%(documents)s) d) sold
                            ON sold.day >= month AND sold.day < month + interval '1 month' AND sold.day <= %(today)s
                    GROUP BY month ORDER BY month""",
                start=start,
                today=today,
                day=order_day(company, SQL("d.moment")),
                documents=SQL(" UNION ALL ").join(Documents(self.env, company, scope).queries()),
            )
        )
        return [{"month": str(month), "amount": amount} for month, amount in rows]

    def _source(self):
        """From what and when the figures were computed."""
        company = self.profile.company_id
        bases = {
            "order": self.env._("confirmed orders, net of credit notes"),
            "invoice": self.env._("posted invoices, net of credit notes"),
        }
        counted = company.crm_plus_counted_basis or company.crm_plus_revenue_basis
        lines = [
            self.env._("Based on %(basis)s of %(company)s, before tax.", basis=bases[counted], company=company.name),
        ]
        if company._crm_plus_basis_changed():
            new = bases[company.crm_plus_revenue_basis]
            lines.insert(0, self.env._("The setting was changed to %s. The figures will follow within minutes.", new))
        elif counted == "order" and not self.amount_note:
            scope = Scope(ids=(self.profile.partner_id.id,))
            if uncounted := uncounted_credits(self.env, company, scope):
                amount = self._amount(uncounted)
                lines.append(self.env._("Credit notes of %s do not reverse any order and are not counted.", amount))
        if company.crm_plus_profile_date:
            date = self._day(company.crm_plus_profile_date)
            lines.append(
                self.env._("All customers were updated on %s. This one is also updated after each order.", date)
            )
        if self.profile.prediction_date:
            lines.append(self.env._("Forecasts trained on %s.", self._day(self.profile.prediction_date)))
        return lines


def _limits(cuts, text):
    """The four limits of a score in words; a score that nobody can reach has none."""
    return "; ".join("–" if str(cut) in (NEVER, "2147483647") else text(cut) for cut in cuts)
