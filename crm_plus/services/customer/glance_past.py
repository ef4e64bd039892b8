"""The card of a customer as of a past day: what was known then, and what cannot be known any more."""

from datetime import date, timedelta

from . import words
from .glance_card import GlanceCard


class PastGlance(GlanceCard):
    """From the stays, documents and interactions up to that day. Documents and interactions are read as they are today:
    what was changed or deleted since then is not seen."""

    def parts(self, opens):
        return {
            "who": self._since(self.facts["orders"].get("first")),
            "near": [],
            "action": False,
            "has_profile": False,
            "note": self.env._(
                "From documents, stays and interactions up to that day. What was changed or deleted since then is not"
                " known, nor where the customer was and who looked after them."
            ),
        }

    def _worth(self):
        orders, note = self.facts["orders"], self._amount_note()
        if not self.env["crm.customer.profile"].has_access("read"):
            return None
        count = orders.get("orders") or 0
        value = self.env._("Not shown") if note else self._amount(orders.get("revenue") or 0)
        why = [
            note or self.env._("Revenue before tax, net of credit notes, up to that day."),
            count and not note and self.env._("%s per order on average.", self._amount(orders["revenue"] / count)),
            self.env._("The lifetime value expected then was not recorded."),
        ]
        return self._figure(
            "worth", self.env._("Worth"), value, words.orders(self.env, count), why, opens=self._orders()
        )

    def _segment(self):
        return self._stay("segment", self.env._("Segment"), self.env._("No segment of that day is recorded."))

    def _tier(self):
        return self._stay("tier", self.env._("Tier"), self.env._("No tier of that day is recorded."))

    def _stay(self, key, label, unknown):
        stay = self.facts[key]
        if not stay:
            return self._unknown(key, label, unknown)
        why = [
            self.env._("There since %s.", stay["since"]),
            stay["replayed"]
            and self.env._("Replayed: computed later, from the orders of the time, for the end of each month."),
        ]
        detail = self.env._("replayed") if stay["replayed"] else ""
        return self._figure(key, label, stay["name"], detail, why, color=stay["color"] or 0)

    def _risk(self):
        return self._unknown("risk", self.env._("Churn risk"), self.env._("Forecasts of past days are not recorded."))

    def _rhythm(self):
        orders, label = self.facts["orders"], self.env._("Last order")
        if not orders.get("last"):
            return self._figure("rhythm", label, self.env._("None"), "", [self.env._("No order up to that day.")])
        last, usual = date.fromisoformat(orders["last"]), round(orders["usual"] or 0)
        due = usual and last + timedelta(days=usual)
        late = due and due < self.day
        detail = (late and self.env._("due since %s", due)) or (due and self.env._("next due %s", due))
        why = [
            self.env._("Last order on %s.", last),
            self.env._("The median time between the orders of then: %s.", words.days(self.env, usual))
            if usual
            else self.env._("At least two order dates are needed to know the usual interval."),
        ]
        level = "medium" if late else "low"
        return self._figure("rhythm", label, self._ago(last), detail or "", why, level=level, opens=self._orders())

    def _money_note(self):
        return self.env._("By the dates of invoices and payments, as they are booked today.")
