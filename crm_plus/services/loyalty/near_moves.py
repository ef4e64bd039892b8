"""Customers who are almost in another segment or tier: one order or ten days away."""

from datetime import timedelta
from itertools import product

from odoo.fields import Date, Domain
from odoo.tools import SQL

from ...engine.customer.rfm import RfmScore
from ...engine.loyalty.flips import NEAR_DAYS, flips

# What brings a customer to a tier, by what the tier is measured by.
MEASURED = {"revenue": "recent_revenue", "orders": "recent_order_count"}


class NearMoves:
    """What is near in one company: as a condition on profiles, and for one profile in words.

    Recency falls as days pass, frequency rises with one more order, a tier is lost at the end of its grace period and
    reached with one more usual order.
    """

    def __init__(self, env, company, boxes=None):
        self.env, self.company = env, company
        self.today = company._crm_plus_today()
        self._boxes, self._places, self._flips = boxes, None, None

    def domain(self):
        """The profiles to which something is near."""
        falls = [
            Domain("rfm", "in", sorted(codes)) & Domain("last_order_date", "<", self._falls_before(limit))
            for _score, codes, limit in self._falling()
        ]
        rises = [
            Domain("rfm", "in", sorted(codes)) & Domain("order_count", "=", orders)
            for _score, codes, orders in self._rising()
        ]
        ending = Domain("tier_until", "!=", False) & Domain("tier_until", "<=", self.today + timedelta(days=NEAR_DAYS))
        return Domain.OR([*falls, *rises, ending, *self._reaching()])

    def lines(self, profile):
        """What is near to one customer, a sentence each."""
        yield from self.segment_lines(profile)
        yield from self.tier_lines(profile)

    def tier_lines(self, profile):
        until = profile.tier_until
        if until and until <= self.today + timedelta(days=NEAR_DAYS):
            yield self.env._("%(tier)s ends on %(day)s.", tier=profile.tier_id.name, day=until)
        above = profile.next_tier_id
        if above and self._is_reached_next(above, profile):
            yield self.env._("One more usual order reaches %s.", above.name)

    # ------------------------------------------------------------------ segments

    def _falling(self):
        """(score, codes that leave their segment with one less, the day below which the score is less)."""
        cuts = self.company._crm_plus_cuts()["recency"]
        for score, codes in sorted(self._scores().falls.items()):
            limit = _day(cuts[score - 2])
            if limit:
                yield score, codes, limit

    def _rising(self):
        """(score, codes that leave their segment with one more, the orders just before that)."""
        cuts = self.company._crm_plus_cuts()["frequency"]
        for score, codes in sorted(self._scores().rises.items()):
            yield score, codes, int(float(cuts[score - 1])) - 1

    def _falls_before(self, limit):
        """Who ordered last before this moment falls below the limit within the next days, which it moves by."""
        return self.company._crm_plus_start_of_day(limit + timedelta(days=NEAR_DAYS))

    def segment_lines(self, profile):
        code = profile.rfm or ""
        for score, codes, limit in self._falling():
            if code in codes and profile.last_order_date < self._falls_before(limit):
                day = self.today + (self.company._crm_plus_day(profile.last_order_date) - limit) + timedelta(days=1)
                yield self.env._(
                    "Without an order, “%(segment)s” from about %(day)s.",
                    segment=self._name(RfmScore(score - 1, int(code[1]), int(code[2]))),
                    day=max(day, self.today),
                )
        for score, codes, orders in self._rising():
            if code in codes and profile.order_count == orders:
                segment = self._name(RfmScore(int(code[0]), score + 1, int(code[2])))
                yield self.env._("With one more order, “%s”.", segment)

    def _scores(self):
        if self._flips is None:
            self._flips = flips(lambda score: self._place(score)[0])
        return self._flips

    def _name(self, score):
        return self._place(score)[1]

    def _place(self, score):
        """(id, name) of the segment of a score; (None, "") where there is none."""
        if self._places is None:
            self._places = dict(self._boxed())
        return self._places.get((score.recency, score.frequency, score.monetary), (None, ""))

    def _boxed(self):
        """((recency, frequency, monetary), (id, name)) of each score that some box has, the first box last."""
        for box in reversed(self._own_boxes()):
            sides = (range(box[f"{axis}_min"], box[f"{axis}_max"] + 1) for axis in "rfm")
            for scores in product(*sides):
                yield scores, (box["segment_id"], box["name"])

    def _own_boxes(self):
        """The company's own family of scores, if that has active segments, or else the shared one."""
        if self._boxes is None:
            self._boxes = self.env.execute_query_dict(boxes_query(self.env, self.company))
        return [box for box in self._boxes if box["company_id"]] or self._boxes

    # ------------------------------------------------------------------ tiers

    def _reaching(self):
        """Who is just below a tier and reaches it with one more usual order, tier by tier."""
        beneath = self.env["crm.tier"]
        for tier in self.env["crm.tier"]._tiers_of(self.company):
            measure, limit = MEASURED.get(tier.basis), tier._limit(self.company)
            if measure and limit:
                yield Domain("tier_id", "=", beneath.id) & Domain(measure, "<", limit) & _reaches(measure, limit)
            beneath = tier

    def _is_reached_next(self, above, profile):
        measure = MEASURED.get(above.basis)
        if not measure or not profile.next_tier_missing:
            return False
        step = 1 if measure == "recent_order_count" else profile.average_order
        return step is not False and profile.next_tier_missing <= step


def boxes_query(env, company):
    """SELECT of the boxes of scores of the active segments that a company may use, with the names of the segments. Who
    reads profiles reads segments; one statement, since it is asked with every card of a customer."""
    segments = env["crm.segment"]
    query = segments.with_context(active_test=False)._search(
        [("state", "=", "active"), ("family_id.kind", "=", "rfm"), ("family_id.company_id", "in", [company.id, False])]
    )
    name = segments._field_to_sql(segments._table, "name", query)
    found = query.subselect(SQL("crm_segment.id, crm_segment.family_id"), SQL("%s AS name", name))
    return SQL(
        """SELECT f.company_id, s.id AS segment_id, s.name, r.r_min, r.r_max, r.f_min, r.f_max, r.m_min, r.m_max
             FROM %s s JOIN crm_segment_region r ON r.segment_id = s.id
             JOIN crm_segment_family f ON f.id = s.family_id ORDER BY r.id""",
        found,
    )


def _reaches(measure, limit):
    """Whether what counts reaches a limit with one more usual order."""

    def to_sql(model, alias, query):
        more = SQL("1") if measure == "recent_order_count" else model._field_to_sql(alias, "average_order", query)
        return SQL("%s + %s >= %s", model._field_to_sql(alias, measure, query), more, limit)

    return Domain.custom(to_sql=to_sql)


def _day(cut):
    """The day of a limit of recency; nothing where no customer has the score."""
    if isinstance(cut, str):
        return None if cut == "infinity" else Date.to_date(cut)
    return cut
