"""The customer at one glance: who they are, what they are worth, how things stand, and what is best done next."""

from dateutil.relativedelta import relativedelta
from odoo.tools import SQL

from ...engine.customer.next_action import Situation, next_action
from ..loyalty.near_moves import NearMoves, usual_step
from . import words
from .documents import EARLIEST
from .glance_card import GlanceCard
from .glance_facts import open_invoices
from .glance_past import PastGlance

# What is read of the partner.
PARTNER = (
    "name",
    "complete_name",
    "is_company",
    "commercial_partner_id",
    "partner_share",
    "parent_id",
    "company_id",
    "user_id",
    "tz",
    "active",
)


# Figures of the last refresh of the customers, and of the last prediction; all others are counted when they are shown.
REFRESHED, PREDICTED = {"worth", "segment", "tier", "rhythm"}, {"risk"}
# The figure whose records are what to do next is about.
LEADS_TO = {
    "do_planned": "step", "wait_for_planned": "step", "answer": "mood", "settle_invoices": "money",
    "ask_for_order": "rhythm", "order_due": "rhythm", "win_back": "rhythm", "keep_tier": "rhythm",
    "reach_tier": "rhythm", "get_in_touch": "contact",
}  # fmt: skip
# What the profile of somebody who has not ordered yet has, because it was given by hand.
PLACES = {"segment_id", "tier_id"}


def card(env, partner_id, day=False):
    """The card of a partner as of a day, today unless another is given: see ``crm.customer.profile.glance``."""
    partner = _partner(env, partner_id)
    if not partner.commercial_partner_id.partner_share:
        return {"state": "none"}
    today = env.company._crm_plus_today()
    if not day or day >= today:
        return Glance(env, partner, today).card()
    return PastGlance(env, partner, max(day, EARLIEST.date())).card()


def _partner(env, partner_id):
    """The partner, read in one go with its customer and with the company's own, whose time zone everything needs."""
    # One subquery: with a condition beside it, PostgreSQL passes over all partners.
    ids = SQL(
        """(SELECT unnest(%s) UNION ALL SELECT commercial_partner_id FROM res_partner WHERE id = %s)""",
        [partner_id, env.company.partner_id.id],
        partner_id,
    )
    env.flush_all()
    env["res.partner"].with_context(active_test=False).search_fetch([("id", "in", ids)], PARTNER, order="id")
    partner = env["res.partner"].browse(partner_id)
    (partner | partner.commercial_partner_id).check_access("read")
    return partner


class Glance(GlanceCard):
    """The card as of today. Besides the partner, the profile and the tiers, one statement fetches everything
    (`GlanceFacts`)."""

    def __init__(self, env, partner, day):
        super().__init__(env, partner, day)
        self.near = NearMoves(env, self.company, self.facts["boxes"].get("rows") or [])

    def _fetch(self):
        profiles = self.env["crm.customer.profile"]
        mine = [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
        self.profile = profiles.search_fetch(mine, self._columns(profiles), limit=1)
        return self.given.fetch(self.profile)

    def _columns(self, profiles):
        """What there is to read, so that it is read once."""
        stored = (field for field in profiles._fields.values() if field.store and field.column_type)
        return [field.name for field in stored if profiles._has_field_access(field, "read")]

    def _may_read(self, *names):
        """Whether the user may read these fields of a profile there is; before the first order it has but places."""
        fields_of = self.profile._fields
        if not self.profile or not (self.profile.order_count or PLACES.issuperset(names)):
            return False
        return all(self.profile._has_field_access(fields_of[name], "read") for name in names)

    def parts(self, opens):
        since = self._may_read("first_order_date") and self._local_day(self.profile.first_order_date)
        return {
            "who": self._who(since),
            "near": list(self.near.segment_lines(self.profile)) if self._may_read("rfm") else [],
            "action": self._action(opens),
            "note": False,
            "has_profile": bool(self.profile.order_count),
        }

    # ------------------------------------------------------------------ figures

    def _as_of(self, key):
        """What documents add up to is as of the last refresh, a prediction says itself when it was made."""
        done = self.company.crm_plus_profile_date
        if key not in REFRESHED:
            return key not in PREDICTED and self.env._("As of now.")
        return done and self.env._("As of %s, and of each order since.", self._local_day(done))

    def _worth(self):
        if not self._may_read("revenue", "order_count"):
            return None
        profile, note = self.profile, self._amount_note()
        label, orders = self.env._("Worth"), words.orders(self.env, profile.order_count)
        if note:
            return self._figure("worth", label, self.env._("Not shown"), orders, [note], opens=self._orders())
        margin = profile.margin is not False and self.env._("margin %s", self._amount(profile.margin))
        why = [
            self.env._("Revenue before tax, net of credit notes, since %s.", self._local_day(profile.first_order_date)),
            self.env._("%s per order on average.", self._amount(profile.average_order)),
            margin and self.env._("The margin is that of the orders, net of credit notes."),
            self._expected_reason(),
            self.env._("Each order and credit note changes it; what counts as revenue is in the settings."),
        ]
        detail = [orders, margin, self._expected_text()]
        return self._figure("worth", label, self._amount(profile.revenue), detail, why, opens=self._orders())

    def _expected_text(self):
        return self.profile.clv is not False and self.env._("lifetime value %s", self._amount(self.profile.clv))

    def _expected_reason(self):
        """What the lifetime value is; why there is none is among the details."""
        profile = self.profile
        if profile.clv is False:
            return None
        # sudo: how far the figure looks ahead, to who sees the figure
        months = words.months(self.env, int(self.company.sudo().crm_plus_clv_months))
        return self.env._(
            "Lifetime value: what is expected in the next %(months)s, discounted by 1%% a month; %(orders)s orders"
            " are expected within 12 months.",
            months=months,
            orders=f"{profile.expected_orders:.1f}",
        )

    def _segment(self):
        segment = self.facts["segment"]
        if not segment:
            return None
        since = self.profile.segment_since
        why = [
            since and self.env._("In this segment since %s.", since),
            segment["description"],
            self.env._("It follows the scores of recency, frequency and revenue; the details show them."),
        ]
        opens = self._members("crm_segment_id", segment)
        label, detail = self.env._("Segment"), since and self.env._("since %s", since)
        return self._figure("segment", label, segment["name"], detail or "", why, color=segment["color"], opens=opens)

    def _tier(self):
        if not self._may_read("tier_id"):
            return None
        profile, given = self.profile, self.facts["given"]
        # A tier given by hand stays, whatever is ordered: nothing leads to the next one.
        tier, above = profile.tier_id, profile.next_tier_id if not given else profile.next_tier_id.browse()
        if not tier and not above:
            return None
        until = profile.tier_until or given.get("until")
        detail = (until and self.env._("only until %s", until)) or (above and self._missing_text(above))
        return self._figure(
            "tier", self.env._("Tier"), tier.name or self.env._("No tier yet"),
            detail or (given and self.env._("manual")) or "", self._tier_why(above, until), color=tier.color,
            progress=round(profile.next_tier_progress) if above else None,
            near=any(self.near.tier_lines(profile, bool(given))),
            opens=self._members("crm_tier_id", {"id": tier.id, "name": tier.name}) if tier else None,
        )  # fmt: skip

    def _tier_why(self, above, until):
        profile = self.profile
        yield profile.tier_since and self.env._("In this tier since %s.", profile.tier_since)
        yield profile.tier_until and self.env._("It is no longer earned, and ends on %s.", profile.tier_until)
        if self.facts["given"]:
            yield self.env._("It is manual, and stays whatever is ordered.")
            return
        if above and until:
            yield self.env._("%(missing)s to %(tier)s.", missing=self._measured(above), tier=above.name)
        yield from self._window_reasons()
        yield self.env._("It follows what was ordered in the last %s.", self._tier_period())

    def _tier_period(self):
        return words.months(self.env, int(self.company.crm_plus_tier_months))

    def _window_reasons(self):
        if until := self._window_end():
            yield self.env._("The tier period moves on: after %s more is missing.", until)

    def _missing_text(self, above):
        given = {"missing": self._measured(above), "day": self._window_end(), "tier": above.name}
        if self._is_one_order(above):
            if given["day"]:
                return self.env._("one more order of %(missing)s by %(day)s reaches %(tier)s", **given)
            return self.env._("one more order of %(missing)s reaches %(tier)s", **given)
        if given["day"]:
            return self.env._("%(missing)s by %(day)s to %(tier)s", **given)
        return self.env._("%(missing)s to %(tier)s", **given)

    def _is_one_order(self, above):
        """Whether one usual order is enough, and can be said in an amount."""
        return above.basis == "revenue" and 0 < self.profile.next_tier_missing <= (self._usual_order() or 0)

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
        if not self._may_read("churn_risk"):
            return None
        profile, label = self.profile, self.env._("Churn risk")
        if not profile._is_predicted():
            return self._unknown("risk", label, self.env._("There is no prediction yet. The details say why."))
        levels = dict(profile._fields["churn_level"]._description_selection(self.env))
        percent = self.env._("%s%%", round(profile.churn_risk))
        why = [
            self.env._(
                "Probability that this customer will not order within 12 months: %s%%. It is based on this "
                "customer's orders and on how many customers with such orders came again.",
                round(profile.churn_risk),
            ),
            profile.prediction_date and self.env._("Predicted on %s.", profile.prediction_date),
            self.env._("Each order is taken into account."),
        ]
        return self._figure(
            "risk", label, levels[profile.churn_level], [percent, self._risk_reason()], why, level=profile.churn_level
        )

    def _risk_reason(self):
        """Why the risk is what it is, in a few words."""
        profile, interval = self.profile, round(self.profile.interval_days or 0)
        if profile.is_overdue and interval:
            usual = words.days(self.env, interval)
            return self.env._("silent for %(days)s, usually %(usual)s",
                              days=words.days(self.env, profile.days_since_order), usual=usual)  # fmt: skip
        if profile.order_count == 1:
            return self.env._("only one order so far")
        return (profile.is_due and self.env._("the next order is due")) or ""

    def _rhythm(self):
        if not self._may_read("last_order_date"):
            return None
        profile = self.profile
        due, interval = profile.next_order_date, round(profile.interval_days or 0)
        detail, level = due and self.env._("next due %s", due), "low"
        if profile.is_overdue:
            detail, level = self.env._("overdue since %s", due), "high"
        elif profile.is_due:
            detail, level = self.env._("due since %s", due), "medium"
        usual = interval and self.env._("usually every %s", words.days(self.env, interval))
        why = [
            self.env._("Last order on %s.", self._local_day(profile.last_order_date)),
            self.env._("The usual interval is the median time between order dates.")
            if interval
            else self.env._("At least two order dates are needed to know the usual interval."),
            profile.overdue_date
            and self.env._("Nine in ten customers with such intervals would have ordered by %s.", profile.overdue_date),
            self.env._("Each order changes it."),
        ]
        value = words.ago(self.env, profile.days_since_order)
        label = self.env._("Last order")
        return self._figure("rhythm", label, value, [usual, detail], why, level=level, opens=self._orders())

    def _open_invoices(self, label):
        return self._records("account.move", open_invoices(self.customer, self.company), label)

    # ------------------------------------------------------------------ what to do

    def _action(self, opens):
        """What is best done next, which opens (``opens``: by figure) what it is about."""
        profile, step, today = self.profile, self.facts["step"], self.day
        may = self._may_read
        contact = self._day_of(self.facts["contact"].get("date"))
        ends = may("tier_until") and profile.tier_until
        code = next_action(
            Situation(
                late_step=bool(step) and step["day"] <= str(today),
                unanswered=bool(self.facts["waiting"].get("date")),
                overdue_money=self.facts["money"].get("overdue"),
                order_overdue=may("overdue_date") and profile.is_overdue,
                order_due=may("next_order_date") and profile.is_due,
                at_risk=may("churn_risk") and profile.churn_level in ("high", "lost"),
                tier_ends_in=(ends - today).days if ends else None,
                missing_to_tier=self._tier_step(),
                usual_order=self._usual_order(),
                silent_days=(today - contact).days if contact else None,
                never_contacted=not contact,
                planned=bool(step),
            )
        )
        text, why = self._action_text(code)
        return {"key": code, "text": text, "why": [why], "opens": opens.get(LEADS_TO.get(code))}

    def _tier_step(self):
        above = self._may_read("tier_id") and not self.facts["given"] and self.profile.next_tier_id
        return self.profile.next_tier_missing if above and above.basis != "clv" else None

    def _usual_order(self):
        above = self._may_read("tier_id", "average_order") and self.profile.next_tier_id
        return (above and usual_step(above, self.profile)) or None

    def _action_text(self, code):
        """(what to do, why)."""
        profile, step = self.profile, self.facts["step"]
        planned = step.get("summary") or step.get("kind") or self.env._("Activity")
        if code == "do_planned":
            return self.env._("Do what is planned: %s", planned), self.env._("It is due on %s.", step["day"])
        if code == "answer":
            return self.env._("Answer their message"), self.env._(
                "It has waited since %s.", self._day_of(self.facts["waiting"]["date"])
            )
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
