"""Customers who are almost in another segment or tier: one order or ten days away."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from math import inf

from odoo.fields import Date, Domain
from odoo.tools import SQL

from ...engine.customer.rfm import RfmScore
from ...engine.loyalty.flips import NEAR_DAYS, Standing
from ...engine.loyalty.hysteresis import Cuts
from ..customer.documents import order_day
from ..customer.limits import NEVER, score
from .rfm_moves import PROBABLY_LOST, SILENT_SCORE, TOP, hover_margin, is_probably_lost, is_silent_by, patient, silent
from .tier_moves import TierMoves

# What brings a customer to a tier, by what the tier is measured by.
MEASURED = {"revenue": "recent_revenue", "margin": "recent_margin", "orders": "recent_order_count"}


class NearMoves:
    """What is near in one company: as a condition on profiles, and for one profile in words.

    Recency falls as days pass, and a silence becomes too long; one more usual order takes the number of orders past a
    limit; a tier is lost at the end of its grace period and reached with one more usual order. Each time it is asked
    where the customer is then, by the rules of the refresh, margin and minimum stay included, and whether that is
    another place than the one of today. An order is only put off by the minimum stay. Whether one order is enough for
    who is probably lost, only the next forecast says: that is not near.
    """

    def __init__(self, env, company, boxes=None):
        self.env, self.company = env, company
        self.today = company._crm_plus_today()
        self._boxes, self._places, self._limits, self._ranks = boxes, None, None, None

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
        if not is_given and (reached := self._reached_next(profile)):
            yield self.env._("One more usual order reaches %s.", reached.name)

    # ------------------------------------------------------------------ segments

    def segment_lines(self, profile):
        """What is near of the segment, a sentence each."""
        if not profile.rfm:
            return
        standing, here = self._standing(profile), profile.segment_id.id or None
        for days in range(1, NEAR_DAYS + 1):
            segment_id, name = self._waited(profile, standing, days)
            if segment_id != here and not self._has_to_stay(profile, days):
                yield self.env._(
                    "Without an order, “%(segment)s” from about %(day)s.",
                    segment=name,
                    day=self.today + timedelta(days=days),
                )
                break
        ordered = standing.ordering(self._cuts(), hover_margin(self.company))
        if ordered and not is_probably_lost(profile) and (there := self._place(ordered))[0] != here:
            yield self.env._("With one more order, “%s”.", there[1])

    def _standing(self, profile):
        known = {
            name: profile[field] if profile[field] is not False else None
            for name, field in (("revenue", "window_revenue"), ("usual_order", "average_order"))
        }
        held, since = profile.segment_score, profile.segment_since
        return Standing(
            RfmScore(*map(int, profile.rfm)),
            (self.today - self._last_day(profile)).days,
            profile.window_order_count,
            RfmScore(*map(int, str(held))) if held else None,
            (self.today - since).days if since else 0,
            **known,
        )

    def _last_day(self, profile):
        return self.company._crm_plus_day(profile.last_order_date)

    def _waited(self, profile, standing, days):
        """(id, name) of the segment of the scores after so many days without an order: of who is silent for too long
        then, recency is lower."""
        scores = standing.waiting(days, self._cuts(), hover_margin(self.company, days))
        if self._is_silent(profile, days):
            scores = replace(scores, recency=min(scores.recency, SILENT_SCORE))
        return self._place(scores)

    def _is_silent(self, profile, days):
        return is_silent_by(profile, self._last_day(profile), self.today + timedelta(days=days))

    def _has_to_stay(self, profile, days):
        """Whether the minimum stay is not over in so many days."""
        held, since = profile.segment_score, profile.segment_since
        if not held or since <= self.company._crm_plus_stay_since(days) or self._is_silent(profile, days):
            return False
        return self._place(RfmScore(*map(int, str(held))))[0] == profile.segment_id.id

    def _cuts(self):
        if self._limits is None:
            cuts = self.company._crm_plus_cuts()
            self._limits = Cuts(
                tuple(self._age(cut) for cut in reversed(cuts["recency"])),
                *(tuple(map(float, cuts[name])) for name in ("frequency", "monetary")),
            )
        return self._limits

    def _age(self, cut):
        """The days from a limit of recency until today; no age is low enough where nobody has the score."""
        return -inf if cut == NEVER else (self.today - Date.to_date(cut)).days

    def _segments_to_sql(self, model, alias, query):
        """The SQL twin of `segment_lines`: who is elsewhere in ten days or with one more order."""
        names = ("recency_score", "frequency_score", "monetary_score", "last_order_date", "window_order_count",
                 "window_revenue", "average_order", "segment_id", "segment_since", "segment_score")  # fmt: skip
        of = {name: model._field_to_sql(alias, name, query) for name in names}
        held = {
            "recency": SQL("%s / 100", of["segment_score"]),
            "frequency": SQL("mod(%s / 10, 10)", of["segment_score"]),
            "monetary": SQL("mod(%s, 10)", of["segment_score"]),
        }
        last = order_day(self.company, of["last_order_date"])
        frequency = score(self.company, "frequency", SQL("%s + 1", of["window_order_count"]), "int")
        revenue = SQL("(%s + %s)::float8", of["window_revenue"], of["average_order"])

        def placing(name, plain, value, days=0):
            return patient(self.company, name, held[name], plain, value, of["segment_since"], days)

        def monetary(plain, value, days=0):
            """Of whom amounts are not shown, it stays as it is."""
            return SQL(
                "CASE WHEN %s IS NULL THEN COALESCE(%s, %s) ELSE %s END",
                value, held["monetary"], of["monetary_score"], placing("monetary", plain, value, days),
            )  # fmt: skip

        recency = placing(
            "recency",
            score(self.company, "recency", SQL("%s - %s", last, NEAR_DAYS), "date"),
            SQL("(%s - %s - %s)", last, self.today, NEAR_DAYS),
            NEAR_DAYS,
        )
        is_silent = silent(self.company, alias, NEAR_DAYS)
        waited = self._place_to_sql(
            SQL("CASE WHEN %s THEN LEAST(%s, %s) ELSE %s END", is_silent, recency, SILENT_SCORE, recency),
            of["frequency_score"],
            monetary(of["monetary_score"], of["window_revenue"], NEAR_DAYS),
        )
        ordered = self._place_to_sql(
            score(self.company, "recency", SQL("%s::date", self.today), "date"),
            frequency,
            monetary(score(self.company, "monetary", revenue, "float8"), revenue),
        )
        return SQL(
            """(%(scored)s IS NOT NULL AND (%(waited)s IS DISTINCT FROM %(here)s
                    AND (%(home)s = %(here)s AND %(since)s > %(stay_since)s AND NOT %(is_silent)s) IS NOT TRUE
                OR %(frequency)s <> %(score)s AND %(ordered)s IS DISTINCT FROM %(here)s
                    AND (%(risk)s >= %(lost)s) IS NOT TRUE))""",
            scored=SQL.identifier(alias, "rfm"),
            waited=waited,
            here=of["segment_id"],
            home=self._place_to_sql(*held.values()),
            since=of["segment_since"],
            stay_since=self.company._crm_plus_stay_since(NEAR_DAYS),
            is_silent=is_silent,
            frequency=frequency,
            score=of["frequency_score"],
            ordered=ordered,
            risk=SQL.identifier(alias, "churn_risk"),
            lost=PROBABLY_LOST,
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
        """Who is below a tier and reaches it with one more usual order, tier by tier."""
        beneath, tiers = [False], self._tiers()
        given = TierMoves(tiers, self.company, SQL("TRUE")).overrides_query()
        for tier in tiers:
            measure, limit = MEASURED.get(tier.basis), tier._limit(self.company)
            if measure and limit:
                yield Domain("tier_id", "in", beneath) & Domain(measure, "<", limit) & _reaches(measure, limit, given)
            beneath.append(tier.id)

    def _tiers(self):
        if self._ranks is None:
            self._ranks = self.env["crm.tier"]._tiers_of(self.company)
        return self._ranks

    def _reached_next(self, profile):
        """The highest tier that one more usual order reaches; empty if it reaches none."""
        tiers = self._tiers() if profile.next_tier_id else self.env["crm.tier"]
        above = tiers[list(tiers).index(profile.tier_id) + 1 :] if profile.tier_id in tiers else tiers
        return next((tier for tier in reversed(above) if self._is_reached_next(tier, profile)), tiers.browse())

    def _is_reached_next(self, tier, profile):
        limit, step = tier._limit(self.company), usual_step(tier, profile)
        measured = profile[MEASURED[tier.basis]] if step is not None else False
        return bool(limit) and measured is not False and measured < limit <= measured + step


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
