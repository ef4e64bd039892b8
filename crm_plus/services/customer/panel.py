"""The *Loyalty* panel of a contact: what is known of the customer, each number with the reason for it."""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_amount

from . import words
from .documents import Documents, order_day
from .returns import uncounted_credits
from .scope import Scope

# Months of the small chart, the current one included.
MONTHS = 24


def panel(env, partner):
    """All that the panel of a partner shows in the current company: see ``crm.customer.profile.loyalty_panel``."""
    customer = partner.commercial_partner_id
    # sudo: only whether there is such a company.
    if not customer.partner_share or customer.sudo().ref_company_ids:
        return {"state": "none"}
    profile = customer.crm_profile_id
    if not profile:
        return {"state": "empty", "text": _no_profile_text(env, customer)}
    return {
        "state": "ready",
        "profile_id": profile.id,
        "customer": customer.display_name if customer != partner else False,
        "currency_id": profile.currency_id.id,
        **LoyaltyPanel(profile).parts(),
    }


def _no_profile_text(env, customer):
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
    if given := env["crm.tier.override"]._in_force(customer).get((customer, company)):
        text += " " + env._("The manual tier %s then takes effect.", given.tier_id.name)
    return f"{_lifecycle_text(env, customer)} {text}".strip()


def _lifecycle_text(env, customer):
    """Where somebody who never bought is, and since when."""
    names = dict(customer._fields["crm_lifecycle"]._description_selection(env))
    stage, since = customer.crm_lifecycle, customer.crm_lifecycle_date
    return env._("%(stage)s since %(day)s.", stage=names[stage], day=str(since)) if stage else ""


class LoyaltyPanel:
    """The parts of the panel of a profile: each a text, its short value and ``why``, the sentences that explain it."""

    def __init__(self, profile):
        self.env, self.profile = profile.env, profile
        # Why amounts of this customer are not shown to this user; False when they are.
        self.amount_note = profile.amount_note

    def parts(self):
        return {
            "segment": self._segment(),
            "others": self._other_segments(),
            "tier": self._tier(),
            "abc_class": self._class(),
            "scores": self._scores(),
            "figures": self._figures(),
            "months": [] if self.amount_note else self._months(),
            "amount_note": self.amount_note,
            "source": self._source(),
        }

    def _day(self, date):
        """A day, or that of a moment where the user is, in ISO form: the panel writes it in the user's calendar."""
        if isinstance(date, datetime):
            date = fields.Datetime.context_timestamp(self.profile, date).date()
        return str(date)

    def _amount(self, amount):
        if self.amount_note:
            return self.env._("(amount not shown)")
        return format_amount(self.env, amount, self.profile.currency_id)

    def _segment(self):
        profile, segment = self.profile, self.profile.segment_id
        if not segment:
            return False
        stay = profile.membership_ids.filtered(lambda s: s.segment_id == segment and not s.date_to)[:1]
        held = profile.segment_score and str(profile.segment_score) != profile._placing_rfm()
        return self._stay(stay, *(self._patience() if held else ()))

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

    def _stay(self, stay, *more):
        """The segment of a stay as a tag: since when, for what reason, ``more`` about that, and what to do."""
        segment, reason = stay.segment_id, stay.reason_text
        why = [
            self.env._("In this segment since %s.", self._day(stay.date_from)),
            reason and self.env._("Reason: %s.", reason),
            *more,
            segment.description,
        ]
        return {"id": segment.id, "name": segment.name, "color": segment.color, "why": list(filter(None, why))}

    # ------------------------------------------------------------------ tier

    def _tier(self):
        """The tier and what is missing for the next one; False when there is neither."""
        tier, above = self.profile.tier_id, self.profile.next_tier_id
        if not tier and not above:
            return False
        until = self.profile.tier_until or self.profile.tier_override_id.date_to
        return {
            "id": tier.id,
            "name": tier.name or self.env._("No tier yet"),
            "color": tier.color,
            "why": list(self._tier_reasons()),
            "until": until and self.env._("Only until %s", self._day(until)),
            "next": bool(above) and {
                "name": above.name,
                "progress": round(self.profile.next_tier_progress),
                "text": self.env._("%(missing)s to %(tier)s", missing=self._missing_text(), tier=above.name),
            },
        }  # fmt: skip

    def _tier_reasons(self):
        tier = self.profile.tier_id
        if tier and self.profile.tier_since:
            yield self.env._("In this tier since %s.", self._day(self.profile.tier_since))
        stay = self.profile.tier_stay_ids.filtered(lambda s: s.tier_id == tier and not s.date_to)[:1]
        if stay.reason_text:
            yield self.env._("Reason: %s.", stay.reason_text)
        yield from self._override_reasons()
        if self.profile.tier_until:
            yield self.env._("It is no longer earned, and ends on %s.", self._day(self.profile.tier_until))
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

    def _missing_text(self):
        return self._measured(self.profile.next_tier_id, self.profile.next_tier_missing)

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
        if few := company._crm_plus_few():
            customers, interval = words.customers(self.env, few), company.crm_plus_rfm_cuts.get("interval")
            if interval and key == "r":
                yield self.env._(
                    "%(customers)s are too few for equal groups. The limits follow the usual interval of %(days)s.",
                    customers=customers,
                    days=words.days(self.env, interval),
                )
            else:
                yield self.env._("%s are too few for equal groups. The limits are fixed.", customers)
        if key == "r" and self.profile._is_silent():
            yield self.env._("The silence is much longer than usual: for the segment, recency counts as 2 at most.")

    def _starts_text(self, limits):
        return self.env._("Scores 2, 3, 4 and 5 start at: %s.", limits)

    def _recency_limits(self, cuts):
        return _limits(cuts, lambda cut: self._day(fields.Date.to_date(cut)))

    # ------------------------------------------------------------------ forecasts

    def _figures(self):
        return list(filter(None, (self._risk_figure(), self._value_figure(), self._next_order_figure())))

    def _risk_figure(self):
        label = self.env._("Churn risk")
        if not self.profile._is_predicted():
            return self._abstains("risk", label)
        level = dict(self.profile._fields["churn_level"]._description_selection(self.env))[self.profile.churn_level]
        return {
            "key": "risk",
            "label": label,
            "value": level,
            "detail": self.env._("%s%%", round(self.profile.churn_risk)),
            "level": self.profile.churn_level,
            "why": [
                self.env._(
                    "Probability that this customer will not order within 12 months: %s%%. It is based on this "
                    "customer's orders and on how many customers with such orders came again.",
                    round(self.profile.churn_risk),
                )
            ],
        }

    def _value_figure(self):
        label = self.env._("Lifetime value")
        if not self.profile._is_predicted() or self.profile.prediction_note:
            return self._abstains("clv", label)
        if note := self.amount_note:
            return {"key": "clv", "label": label, "value": self._amount(0), "detail": "", "why": [note]}
        months = words.months(self.env, int(self.profile.company_id.crm_plus_clv_months))
        expected = self.env._("%s orders are expected within 12 months.", f"{self.profile.expected_orders:.1f}")
        return {
            "key": "clv",
            "label": label,
            "value": self._amount(self.profile.clv),
            "detail": self.env._("in %s", months),
            "why": [expected, self.env._("Expected value in %s, discounted by 1%% a month.", months)],
        }

    def _abstains(self, key, label):
        note = self.profile.prediction_note
        return note and {"key": key, "label": label, "value": "–", "detail": "", "why": [note]}

    def _next_order_figure(self):
        label = self.env._("Next order")
        due, interval = self.profile.next_order_date, round(self.profile.interval_days)
        if not due or not interval:
            why = self.env._("At least two order dates are needed to know the usual interval.")
            return {"key": "next", "label": label, "value": "–", "detail": "", "why": [why]}
        days = (due - self.profile.company_id._crm_plus_today()).days
        last = self._day(self.profile.last_order_date)
        if interval == 1:
            why = [self.env._("Last order on %s. The usual interval is one day.", last)]
        else:
            why = [self.env._("Last order on %(last)s. The usual interval is %(days)s days.", last=last, days=interval)]
        if self.profile.overdue_ratio > 1:
            why.append(self.env._("%s times the usual interval has passed.", f"{self.profile.overdue_ratio:.1f}"))
        if overdue := self.profile.overdue_date:
            why.append(
                self.env._("Nine in ten customers with such intervals would have ordered by %s.", self._day(overdue))
            )
        return {
            "key": "next",
            "label": label,
            "value": self._day(due),
            "detail": self._in_days(days),
            "level": "high" if self.profile.is_overdue else "medium" if self.profile.is_due else "low",
            "why": why,
        }

    def _in_days(self, days):
        if self.profile.is_overdue:
            return self.env._("%s overdue", words.days(self.env, -days))
        if days < 0:
            return self.env._("due since %s", words.days(self.env, -days))
        if days > 1:
            return self.env._("in %s days", days)
        return self.env._("tomorrow") if days else self.env._("today")

    def _class(self):
        """The ABC class, if there is one."""
        return self.profile.abc_class and {
            "name": self.env._("Class %s", self.profile.abc_class),
            "why": [self._class_text()],
        }

    def _class_text(self):
        if self.profile.company_id._crm_plus_by_margin():
            return self.env._(
                "A: the customers who account for the first 80% of the margin. B: the next 15%. C: the rest."
            )
        return self.profile._fields["abc_class"]._description_help(self.env)

    def _other_segments(self):
        """Those of the *Loyalty* panel: what it needs for a tag, each."""
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
    return "; ".join("–" if str(cut) in ("infinity", "2147483647") else text(cut) for cut in cuts)
