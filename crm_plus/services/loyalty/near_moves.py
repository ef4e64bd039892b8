"""Customers who are almost in another segment or tier: one order or ten days away."""

from datetime import timedelta
from itertools import product
from math import inf

from odoo.fields import Date, Domain
from odoo.tools import SQL

from ...engine.customer.rfm import RfmScore
from ...engine.loyalty.flips import NEAR_DAYS, Limits, Standing
from ..customer.documents import order_day
from ..customer.limits import score
from .rfm_moves import SILENT_SCORE, TOP, is_silent_by, silent
from .tier_moves import TierMoves

# What brings a customer to a tier, by what the tier is measured by.
MEASURED = {"revenue": "recent_revenue", "margin": "recent_margin", "orders": "recent_order_count"}


class NearMoves:
    """What is near in one company: as a condition on profiles, and for one profile in words.

    Recency falls as days pass, and a silence becomes too long; one more usual order takes the number of orders past a
    limit; a tier is lost at the end of its grace period and reached with one more usual order. Each time it is asked
    where the customer is then: what changes a score but not the segment is not near.
    """

    def __init__(self, env, company, boxes=None):
        self.env, self.company = env, company
        self.today = company._crm_plus_today()
        self._boxes, self._places, self._limits = boxes, None, None

    def domain(self):
        """The profiles to which something is near."""
        ending = Domain("tier_until", "!=", False) & Domain("tier_until", "<=", self.today + timedelta(days=NEAR_DAYS))
        segments = Domain.custom(to_sql=self._segments_to_sql)
        return Domain.OR([segments, ending, *self._reaching()])

    def lines(self, profile):
        """What is near to one customer, a sentence each."""
        yield from self.segment_lines(profile)
        yield from self.tier_lines(profile, bool(profile.tier_override_id))

    def tier_lines(self, profile, is_given):
        """The same of the tier; one that was given by hand (``is_given``) stays, whatever is ordered."""
        until = profile.tier_until
        if until and until <= self.today + timedelta(days=NEAR_DAYS):
            yield self.env._("%(tier)s ends on %(day)s.", tier=profile.tier_id.name, day=until)
        above = profile.next_tier_id
        if above and not is_given and self._is_reached_next(above, profile):
            yield self.env._("One more usual order reaches %s.", above.name)

    # ------------------------------------------------------------------ segments

    def segment_lines(self, profile):
        """What is near of the segment, a sentence each."""
        if not profile.rfm:
            return
        standing = self._standing(profile)
        here = self._place(self._placed(profile, standing.score, 0))
        if self._waited(profile, standing, NEAR_DAYS)[0] != here[0]:
            days = next(d for d in range(1, NEAR_DAYS + 1) if self._waited(profile, standing, d)[0] != here[0])
            yield self.env._(
                "Without an order, “%(segment)s” from about %(day)s.",
                segment=self._waited(profile, standing, days)[1],
                day=self.today + timedelta(days=days),
            )
        ordered = standing.ordering(self.today.toordinal(), self._cuts())
        if ordered and (there := self._place(ordered))[0] != here[0]:
            yield self.env._("With one more order, “%s”.", there[1])

    def _standing(self, profile):
        known = {
            name: profile[field] if profile[field] is not False else None
            for name, field in (("revenue", "window_revenue"), ("usual_order", "average_order"))
        }
        last_day = self.company._crm_plus_day(profile.last_order_date).toordinal()
        return Standing(RfmScore(*map(int, profile.rfm)), last_day, profile.window_order_count, **known)

    def _waited(self, profile, standing, days):
        """(id, name) of the segment after so many days without an order."""
        return self._place(self._placed(profile, standing.waiting(days, self._cuts()), days))

    def _placed(self, profile, scores, days):
        """The scores that place the customer after so many days: those of who is silent for too long are lower."""
        last = self.company._crm_plus_day(profile.last_order_date)
        if not is_silent_by(profile, last, self.today + timedelta(days=days)):
            return scores
        return RfmScore(min(scores.recency, SILENT_SCORE), scores.frequency, scores.monetary)

    def _cuts(self):
        if self._limits is None:
            cuts = self.company._crm_plus_cuts()
            self._limits = Limits(
                tuple(map(_ordinal, cuts["recency"])), *(tuple(map(float, cuts[n])) for n in ("frequency", "monetary"))
            )
        return self._limits

    def _segments_to_sql(self, model, alias, query):
        """The SQL twin of `segment_lines`."""
        names = ("recency_score", "frequency_score", "monetary_score", "last_order_date", "window_order_count",
                 "window_revenue", "average_order")  # fmt: skip
        of = {name: model._field_to_sql(alias, name, query) for name in names}
        last = order_day(self.company, of["last_order_date"])
        here = self._place_to_sql(
            _placed_to_sql(self.company, alias, of["recency_score"], 0), of["frequency_score"], of["monetary_score"]
        )
        recency = score(self.company, "recency", SQL("%s - %s", last, NEAR_DAYS), "date")
        waited = self._place_to_sql(
            _placed_to_sql(self.company, alias, recency, NEAR_DAYS), of["frequency_score"], of["monetary_score"]
        )
        frequency = score(self.company, "frequency", SQL("%s + 1", of["window_order_count"]), "int")
        revenue = SQL("(%s + %s)::float8", of["window_revenue"], of["average_order"])
        ordered = self._place_to_sql(
            score(self.company, "recency", SQL("%s::date", self.today), "date"),
            frequency,
            SQL("COALESCE(%s, %s)", score(self.company, "monetary", revenue, "float8"), of["monetary_score"]),
        )
        return SQL(
            """(%(scored)s IS NOT NULL AND (%(waited)s IS DISTINCT FROM %(here)s
                OR %(frequency)s <> %(score)s AND %(ordered)s IS DISTINCT FROM %(here)s))""",
            scored=SQL.identifier(alias, "rfm"),
            waited=waited,
            here=here,
            frequency=frequency,
            score=of["frequency_score"],
            ordered=ordered,
        )

    def _place_to_sql(self, *scores):
        """SQL: the id of the segment of three scores; NULL where there is none."""
        cube = [None] * (111 * TOP)
        for (r, f, m), (segment_id, _name) in self._all_places().items():
            cube[100 * r + 10 * f + m - 1] = segment_id
        return SQL("(%s::int[])[100 * %s + 10 * %s + %s]", cube, *scores)

    def _place(self, scores):
        """(id, name) of the segment of a score."""
        found = self._all_places().get((scores.recency, scores.frequency, scores.monetary))
        return found or (None, self.env._("No segment"))

    def _all_places(self):
        if self._places is None:
            self._places = dict(self._boxed())
        return self._places

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
        tiers = self.env["crm.tier"]._tiers_of(self.company)
        given = TierMoves(tiers, self.company, SQL("TRUE")).overrides_query()
        for tier in tiers:
            measure, limit = MEASURED.get(tier.basis), tier._limit(self.company)
            if measure and limit:
                yield Domain("tier_id", "=", beneath.id) & Domain(measure, "<", limit) & _reaches(measure, limit, given)
            beneath = tier

    def _is_reached_next(self, above, profile):
        step = usual_step(above, profile)
        return bool(step is not None and profile.next_tier_missing and profile.next_tier_missing <= step)


def usual_step(tier, profile):
    """What one more usual order of a customer brings toward a tier, in what that is measured by; None where no order
    does, or nobody may know."""
    measure = MEASURED.get(tier.basis)
    if measure == "recent_order_count":
        return 1
    if measure == "recent_margin":
        return profile.margin / profile.order_count if profile.margin is not False and profile.order_count else None
    return profile.average_order if measure and profile.average_order is not False else None


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


def _placed_to_sql(company, alias, recency, days):
    """SQL: the recency that places a profile after so many days."""
    return SQL(
        "CASE WHEN %s THEN LEAST(%s, %s) ELSE %s END", silent(company, alias, days), recency, SILENT_SCORE, recency
    )


def _reaches(measure, limit, given):
    """Whether what counts reaches a limit with one more usual order, of whom no tier was given to by hand."""

    def to_sql(model, alias, query):
        def column(name):
            return model._field_to_sql(alias, name, query)

        steps = {
            "recent_order_count": lambda: SQL("1"),
            "recent_margin": lambda: SQL("%s / NULLIF(%s, 0)", column("margin"), column("order_count")),
            "recent_revenue": lambda: column("average_order"),
        }
        return SQL(
            "(%s + %s >= %s AND %s NOT IN (SELECT given.partner_id FROM (%s) given))",
            column(measure), steps[measure](), limit, SQL.identifier(alias, "partner_id"), given,
        )  # fmt: skip

    return Domain.custom(to_sql=to_sql)


def _ordinal(cut):
    """The day of a limit of recency as a number; out of reach where no customer has the score."""
    if isinstance(cut, str):
        return inf if cut == "infinity" else Date.to_date(cut).toordinal()
    return cut.toordinal()
