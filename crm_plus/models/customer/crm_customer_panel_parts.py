from datetime import datetime

from odoo import fields, models
from odoo.tools.misc import format_amount

from ...services.customer import words


class CrmCustomerProfile(models.Model):
    """The parts of the *Loyalty* panel: each a text, its short value and ``why``, the sentences that explain it."""

    _inherit = "crm.customer.profile"

    def _day(self, date):
        """A day, or that of a moment where the user is, in ISO form: the panel writes it in the user's calendar."""
        if isinstance(date, datetime):
            date = fields.Datetime.context_timestamp(self, date).date()
        return str(date)

    def _amount(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    def _panel_segment(self):
        segment = self.segment_id
        if not segment:
            return False
        stay = self.membership_ids.filtered(lambda s: s.segment_id == segment and not s.date_to)[:1]
        held = self.segment_score and str(self.segment_score) != self.rfm and self.env._(
            "It rests on the scores %s: one changes only when its value has clearly passed a limit.",
            self.segment_score,
        )  # fmt: skip
        return self._panel_stay(stay, held)

    def _panel_stay(self, stay, more=False):
        """The segment of a stay as a tag: since when, for what reason, ``more`` about that, and what to do."""
        segment, reason = stay.segment_id, stay.reason_text
        why = [
            self.env._("In this segment since %s.", self._day(stay.date_from)),
            reason and self.env._("Reason: %s.", reason),
            more,
            segment.description,
        ]
        return {"id": segment.id, "name": segment.name, "color": segment.color, "why": list(filter(None, why))}

    # ------------------------------------------------------------------ tier

    def _panel_tier(self):
        """The tier and what is missing for the next one; False when there is neither."""
        tier, above = self.tier_id, self.next_tier_id
        if not tier and not above:
            return False
        until = self.tier_until or self.tier_override_id.date_to
        return {
            "id": tier.id,
            "name": tier.name or self.env._("No tier yet"),
            "color": tier.color,
            "why": list(self._tier_reasons()),
            "until": until and self.env._("Only until %s", self._day(until)),
            "next": bool(above) and {
                "name": above.name,
                "progress": round(self.next_tier_progress),
                "text": self.env._("%(missing)s to %(tier)s", missing=self._missing_text(), tier=above.name),
            },
        }  # fmt: skip

    def _tier_reasons(self):
        tier = self.tier_id
        if tier and self.tier_since:
            yield self.env._("In this tier since %s.", self._day(self.tier_since))
        stay = self.tier_stay_ids.filtered(lambda s: s.tier_id == tier and not s.date_to)[:1]
        if stay.reason_text:
            yield self.env._("Reason: %s.", stay.reason_text)
        yield from self._override_reasons()
        if self.tier_until:
            yield self.env._("It is no longer earned and ends on %s.", self._day(self.tier_until))
        if tier.benefits:
            yield tier.benefits
        if above := self.next_tier_id:
            limit = above._limit(self.company_id)
            yield self.env._("%(tier)s begins at %(limit)s.", tier=above.name, limit=self._measured(above, limit))

    def _override_reasons(self):
        """Who gave the tier by hand, and until when it holds."""
        given = self.tier_override_id
        if given:
            day = self._day(given.create_date)
            yield self.env._("Given by %(user)s on %(day)s.", user=given.create_uid.name, day=day)
        if given.date_to:
            yield self.env._("It holds until %s; then its days of grace begin.", self._day(given.date_to))
        elif given:
            yield self.env._("It holds until it is taken back.")

    def _missing_text(self):
        return self._measured(self.next_tier_id, self.next_tier_missing)

    def _measured(self, tier, value):
        """A value in what the tier is measured by."""
        if tier.basis == "orders":
            return words.orders(self.env, round(value))
        return self._amount(value)

    # ------------------------------------------------------------------ scores

    def _panel_scores(self):
        """Recency, frequency and monetary value: score 1 to 5, the value behind it, and the limits of the scores."""
        cuts = self.company_id._crm_plus_cuts()
        ago = words.ago(self.env, self.days_since_order)
        orders = words.orders(self.env, self.order_count)
        rows = [
            ("r", self.env._("Recency"), self.recency_score, ago, self._recency_limits(cuts["recency"])),
            ("f", self.env._("Frequency"), self.frequency_score, orders, _limits(cuts["frequency"], str)),
            ("m", self.env._("Revenue"), self.monetary_score, self._amount(self.revenue),
             _limits(cuts["monetary"], lambda cut: self._amount(float(cut)))),
        ]  # fmt: skip
        facts = {
            "r": self.env._("Last order on %s.", self._day(self.last_order_date)),
            "f": self.env._("First order on %s.", self._day(self.first_order_date)),
            "m": self.env._("%s per order on average.", self._amount(self.average_order)),
        }
        return [
            {
                "key": key,
                "label": label,
                "score": score,
                "value": value,
                "why": [
                    facts[key],
                    self.env._("Score %s of 5; 5 is best.", score),
                    self.env._("2, 3, 4 and 5 begin at: %s.", limits),
                ],
            }
            for key, label, score, value, limits in rows
        ]

    def _recency_limits(self, cuts):
        return _limits(cuts, lambda cut: self._day(fields.Date.to_date(cut)))

    # ------------------------------------------------------------------ forecasts

    def _panel_figures(self):
        return list(filter(None, (self._risk_figure(), self._value_figure(), self._next_order_figure())))

    def _risk_figure(self):
        label = self.env._("Churn risk")
        if not self._is_predicted():
            return self._abstains("risk", label)
        level = dict(self._fields["churn_level"]._description_selection(self.env))[self.churn_level]
        return {
            "key": "risk",
            "label": label,
            "value": level,
            "detail": self.env._("%s %%", round(self.churn_risk)),
            "level": self.churn_level,
            "why": [
                self.env._(
                    "The probability that no order will come any more: %s %%. It rests on this customer's rhythm"
                    " and on how all customers dropped out.",
                    round(self.churn_risk),
                )
            ],
        }

    def _value_figure(self):
        label = self.env._("Lifetime value")
        if not self._is_predicted() or self.prediction_note:
            return self._abstains("clv", label)
        expected = self.env._("%s orders are expected within 12 months.", f"{self.expected_orders:.1f}")
        return {
            "key": "clv",
            "label": label,
            "value": self._amount(self.clv),
            "detail": self.env._("in 12 months"),
            "why": [expected, self.env._("Their expected value, discounted by 1 % a month.")],
        }

    def _abstains(self, key, label):
        note = self.prediction_note
        return note and {"key": key, "label": label, "value": "–", "detail": "", "why": [note]}

    def _next_order_figure(self):
        label = self.env._("Next order")
        due, interval = self.next_order_date, round(self.interval_days)
        if not due or not interval:
            why = self.env._("Orders on two days are needed to know the usual time between two.")
            return {"key": "next", "label": label, "value": "–", "detail": "", "why": [why]}
        days = (due - self.company_id._crm_plus_today()).days
        last = self._day(self.last_order_date)
        if interval == 1:
            why = [self.env._("The last order was on %s; one every day is usual.", last)]
        else:
            why = [
                self.env._(
                    "The last order was on %(last)s; one every %(days)s days is usual.", last=last, days=interval
                )
            ]
        if self.overdue_ratio > 1:
            why.append(self.env._("%s times the usual interval has passed.", f"{self.overdue_ratio:.1f}"))
        return {
            "key": "next",
            "label": label,
            "value": self._day(due),
            "detail": self._in_days(days),
            "level": "high" if self.overdue_ratio >= 2 else "medium" if self.is_overdue else "low",
            "why": why,
        }

    def _in_days(self, days):
        if days < 0:
            return self.env._("%s overdue", words.days(self.env, -days))
        if days > 1:
            return self.env._("in %s days", days)
        return self.env._("tomorrow") if days else self.env._("today")

    def _panel_class(self):
        """The ABC class, if there is one."""
        return self.abc_class and {
            "name": self.env._("Class %s", self.abc_class),
            "why": [self._fields["abc_class"]._description_help(self.env)],
        }


def _limits(cuts, text):
    """The four limits of a score in words; a score that nobody can reach has none."""
    return "; ".join("–" if str(cut) in ("infinity", "2147483647") else text(cut) for cut in cuts)
