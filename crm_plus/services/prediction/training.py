"""One training: a version learned from leads whose outcome is known, judged on those known later, compared with what it
replaces."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from odoo.tools import SQL

from ...engine.prediction.horizon import EVER, SHORTEST_LIFE, choose_horizon, usable_landmarks
from ...engine.prediction.landmarks import LANDMARKS
from ...engine.prediction.shortfall import shortfall
from ..sql import COMPANY, OPEN
from . import columns, moments, sample

MOST_LEADS = 100_000  # the newest ones; keeps the memory of a training bounded
OPEN_DAYS = 1_000
HALF_LIFE = 180  # days after which a lead counts half, where that is shown to predict better
UNCLEAR = 0.1  # half an interval of the AUC that says nothing
TEAM_LEADS, TEAM_OUTCOMES, TEAM_SHARE = 500, 100, 0.9


class LeadRecord:
    """The leads that a version of ``company``, or of one of its teams, learns from, and their columns. ``horizon``:
    within how many days they are to be won; by default as its record allows, 0: ever, among those that are closed."""

    def __init__(self, company, team=None, horizon=None):
        self.env, self.company = company.env, company
        of_team = SQL("l.team_id = %s", team.id) if team else SQL("TRUE")
        self.scope = SQL("%s = %s AND %s", COMPANY, company.id, of_team)
        self.created, self.now = self._created_days(), self.env.cr.now()
        self.horizon = self._choose_horizon() if horizon is None else horizon
        until = sample.day(self.now)
        self.usable = usable_landmarks(self.created, until, self.horizon) if self.horizon else len(LANDMARKS)

    def known(self, since=None, scope=None):
        """`sample.Known`: the newest leads whose outcome is known, or all of those that were not after a day; of the
        leads ``l`` that meet the condition ``scope``, where that is another one."""
        rows = self.env.execute_query(
            SQL(
                """SELECT id, create_date, closed_on, won FROM (
                     SELECT l.id, l.create_date, (l.won_status = 'won')::int AS won,
                            CASE WHEN l.won_status IN ('won', 'lost') THEN %(closed_on)s END AS closed_on
                       FROM crm_lead l
                      WHERE (l.won_status IN ('won', 'lost') OR %(open)s) AND %(dated)s AND %(scope)s
                      ORDER BY COALESCE(%(closed_on)s, l.create_date) DESC, l.id DESC LIMIT %(most)s) newest
                    ORDER BY id""",
                closed_on=moments.CLOSED_ON,
                open=SQL("%s AND %s", OPEN, self._old_enough()),
                dated=moments.DATED,
                scope=scope or self.scope,
                most=MOST_LEADS,
            )
        )
        return sample.Known.of(rows, self.horizon or EVER, self.usable, self.now, since)

    def _old_enough(self):
        """The condition that an open lead ``l`` may tell something: it has been there for the horizon."""
        return SQL("l.create_date <= %s", self.now - timedelta(days=self.horizon)) if self.horizon else SQL("FALSE")

    def _choose_horizon(self):
        rows = self.env.execute_query(
            SQL(
                """SELECT EXTRACT(EPOCH FROM %s - l.create_date)::float8 / 86400 AS life FROM crm_lead l
                    WHERE l.won_status = 'won' AND %s AND %s""",
                moments.CLOSED_ON,
                moments.DATED,
                self.scope,
            )
        )
        lives = [life for (life,) in rows if life >= SHORTEST_LIFE]
        return choose_horizon(lives, sample.day(self.now) - self.created[0] if self.created else 0)

    def _created_days(self):
        """The day each lead was created, open ones too, in ascending order."""
        rows = self.env.execute_query(
            SQL(
                """SELECT l.create_date::date - '1970-01-01'::date AS day, count(*)
                     FROM crm_lead l WHERE %s AND %s GROUP BY day ORDER BY day""",
                moments.DATED,
                self.scope,
            )
        )
        return [day for day, leads in rows for _lead in range(leads)]

    def columns(self, readings, known, places):
        """The columns of some of the known leads, each place a row; the same lead may be seen at several ages."""
        times, before, order = defaultdict(dict), Counter(), []
        for row, place in enumerate(places):
            lead_id = known.ids[place]
            times[before[lead_id]][lead_id] = known.seen_at[place]
            order.append((before[lead_id], lead_id, row))
            before[lead_id] += 1
        found = columns.fetch_seen(self.env, self.company, readings, times.values())
        rows = [row for _time, _lead, row in sorted(order)]
        back = sorted(range(len(rows)), key=rows.__getitem__)
        return sample.pick(found, found, back) if back != list(range(len(back))) else found

    def open_columns(self, readings):
        """(columns, ages in days) of one open lead of each day: a list that was imported in one go is filled in alike,
        and is one witness."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (l.create_date::date) l.id, l.create_date
                     FROM crm_lead l WHERE %s AND %s AND %s = %s
                    ORDER BY l.create_date::date DESC, l.id DESC LIMIT %s""",
                OPEN,
                moments.DATED,
                COMPANY,
                self.company.id,
                OPEN_DAYS,
            )
        )
        created = dict(rows)
        if not created:
            return None, ()
        seen = partial(moments.open_leads, now=self.env.cr.now())
        ids, found = columns.fetch(self.env, self.company, readings, list(created), seen)
        return found, [sample.day(self.now) - sample.day(created[lead_id]) for lead_id in ids]


@dataclass(frozen=True, slots=True)
class Judged:
    """Places of known leads, the probability each was given by what had been learned before, the ``average`` of those
    learned from, and their weights."""

    places: tuple[int, ...]
    chance: object
    average: float
    weights: list[float]

    def won(self, known):
        return [known.won[place] for place in self.places]


def _is_unclear(interval):
    """Whether an AUC may as well be another one by `UNCLEAR`."""
    return interval is None or (interval.high - interval.low) / 2 > UNCLEAR


class Training:
    """Learns from a `LeadRecord` by the fields ``features`` (`crm.score.feature`) and judges beside ``current``, the
    version in use, if any. With too few leads, `missing` says what is missing. Needs numpy for the rest.

    >>> training = Training(company, team, features, current, cutoff)        # doctest: +SKIP
    >>> training.missing or training.run()                                   # doctest: +SKIP
    """

    def __init__(self, company, team, features, current, cutoff=None):
        self.env = company.env
        self.leads, self.features, self.current, self.cutoff = LeadRecord(company, team), features, current, cutoff
        self.team = team or company.env["crm.team"]
        self.known = self.leads.known()
        self.every = self.known.every()
        self.split, self.missing = sample.split(self.known, self.leads.created, cutoff)
        self.half_life = 0

    def run(self):
        """The values of a version; those without "features" are of one that found nothing to learn from."""
        readings = [feature._reading() for feature in self.features]
        columns_of = self.leads.columns(readings, self.every, range(len(self.every.ids)))
        values = self._learn(columns_of)
        if not values["features"]:
            return values
        model = values.pop("model")
        values |= sample.dates(self.known, self.split, self.leads.now) | {"horizon_days": self.leads.horizon}
        values |= self._judge(model, columns_of) | {"half_life_days": self.half_life}
        return values if self.cutoff else values | self._learn_all(model, columns_of)

    # ------------------------------------------------------------------ learning

    def _learn(self, columns_of):
        """The engine's model and what is to be said about it."""
        from ...engine.prediction.fairness import fairness_note

        features, split = self.features, self.split
        train_part = sample.pick(columns_of, features.mapped("name"), split.train)
        won = [self.known.won[place] for place in split.train]
        read = sample.engine_features(features, train_part)
        train_part = {feature.name: train_part[feature.name] for feature in read}
        leaks = self._find_leaks(read, train_part, won)
        left_out = {leak["feature"] for leak in leaks if not leak["used"]}
        used = [feature for feature in read if feature.name not in left_out]
        if not used:
            return {"features": []}
        model = self._newer_first(used, columns_of)
        by_name = {feature.name: feature for feature in features}
        note = fairness_note(model.strengths(), features.filtered("sensitive").mapped("name"))
        return {
            "model": model,
            "predictor": model.to_json(),
            "leaks": leaks,
            "fairness": note and {"total": note.total, "shares": [list(share) for share in note.shares]},
            "by_group": self._groups(model, sample.pick(columns_of, columns_of, split.later)),
            "features": [
                {
                    "name": f.name,
                    "kind": f.kind,
                    "origin": by_name[f.name].origin,
                    "label": by_name[f.name].display_name,
                }
                for f in used
            ],
        }

    def _train(self, used, columns_of, places, until, half_life=0):
        """The engine's model of some places by what was known ``until``: where leads are few, by all sightings of them.
        With a ``half_life`` they count half as much every so many days."""
        from ...engine.prediction.train import train

        every, places = self.every, self.known.again(places, until)
        weights = every.weights(places, self.leads.created, until)
        if half_life:
            weights = sample.aged(every, places, weights, until, half_life)
        return train(
            sample.pick(columns_of, [feature.name for feature in used], places),
            [every.won[place] for place in places],
            used,
            weights=weights,
            leads=[every.ids[place] for place in places],
        )

    def _newer_first(self, used, columns_of):
        """The model to judge: a plain one, or one in which leads count half as much every `HALF_LIFE` days, where that
        is shown to be better on the later leads."""
        from ...engine.prediction.compare import compare
        from ...engine.prediction.shortfall import Shortfall

        split, known = self.split, self.known
        until = max(known.known_on[place] for place in split.train)
        plain = self._train(used, columns_of, split.train, until)
        newer = self._train(used, columns_of, split.train, until, HALF_LIFE)
        if isinstance(newer, Shortfall):
            return plain
        outcomes = [known.won[place] for place in split.later]
        later_part = sample.pick(columns_of, [feature.name for feature in used], split.later)
        chances = [model.score(later_part).probability for model in (newer, plain)]
        if compare(outcomes, *chances, split.later_weights).decision != "better":
            return plain
        self.half_life = HALF_LIFE
        return newer

    def _learn_all(self, judged, columns_of):
        """The same fields, learned from all leads: what predicts shall know the newest ones, too."""
        used = [bins.feature for bins in judged.bins]
        places, until = range(len(self.known.ids)), max(self.known.known_on)
        model = self._train(used, columns_of, places, until, self.half_life)
        return {"predictor": model.to_json(), "judged_predictor": judged.to_json()}

    def _find_leaks(self, read, columns_of, won):
        """Fields that seem to know the outcome, as plain data; those a manager trusts are used all the same."""
        from ...engine.prediction.leakage import Ages, find_leaks

        plain = self.features.filtered(lambda feature: feature.origin in sample.WITHOUT_HISTORY)
        names = set(plain.mapped("name"))
        now, open_ages = self.leads.open_columns([feature._reading() for feature in plain])
        ages = Ages([self.known.seen_at[place] for place in self.split.train], open_ages)
        found = find_leaks(columns_of, won, [feature for feature in read if feature.name in names], now, ages)
        trusted = set(self.features.filtered("trusted").mapped("name"))
        return [
            {
                "feature": leak.feature,
                "reason": leak.reason,
                "value": round(leak.value, 4),
                "used": leak.feature in trusted,
            }
            for leak in found
        ]

    def _groups(self, model, later_part):
        """Of later leads by what sensitive fields say, also those that nothing was learned from: what was predicted,
        and what came."""
        from ...engine.prediction.fairness import groups

        sensitive = self.env["crm.score.feature"].search([("sensitive", "=", True), ("kind", "=", "category")])
        readings = [reading for reading in (f._reading() for f in sensitive) if reading.may_be_used(self.env)]
        columns_of = self.leads.columns(readings, self.known, self.split.later)
        won = [self.known.won[place] for place in self.split.later]
        chance = model.score(later_part).probability
        return [group.to_json() for group in groups(columns_of, chance, won, self.split.later_weights)]

    # ------------------------------------------------------------------ judging

    def _judge(self, model, columns_of):
        """The track record on the later leads, and beside what it would replace. Where those are too few to judge,
        earlier ones are judged as well, each by what had been learned before."""
        from ...engine.prediction.compare import auc_interval
        from ...engine.prediction.metrics import evaluate

        known, split = self.known, self.split
        later = sample.pick(columns_of, columns_of, split.later)
        chance = model.score(later).probability
        judged = [Judged(split.later, chance, self._won_share(split), split.later_weights)]
        compared = self._compare(chance, [judged[0].average] * len(split.later), {b.feature.name for b in model.bins})
        if _is_unclear(auc_interval(judged[0].won(known), chance, split.later_weights)):
            judged += self._judge_earlier(model, columns_of)
        won = [outcome for part in judged for outcome in part.won(known)]
        chances = [value for part in judged for value in part.chance]
        weights = [weight for part in judged for weight in part.weights]
        averages = [part.average for part in judged for _place in part.places]
        figures, interval = evaluate(won, chances, weights), auc_interval(won, chances, weights)
        return compared | {
            "evaluation": figures.to_json() | {"parts": len(judged)},
            "auc": figures.auc,
            "auc_low": interval.low if interval else 0,
            "auc_high": interval.high if interval else 1,
            "log_loss": figures.log_loss,
            "base_log_loss": evaluate(won, averages, weights).log_loss,
            "brier": figures.brier,
            "ece": figures.ece,
            "judged_won": sum(won),
            "judged_lost": len(won) - sum(won),
        }

    def _judge_earlier(self, model, columns_of):
        """`Judged` leads of before the later ones: each part by what was learned from the same fields until then."""
        from ...engine.prediction.shortfall import Shortfall

        known, used = self.known, [bins.feature for bins in model.bins]
        for part in sample.earlier(known, self.split, self.leads.created):
            until = max(known.known_on[place] for place in part.train)
            earlier = self._train(used, columns_of, part.train, until)
            if not isinstance(earlier, Shortfall):
                chance = earlier.score(sample.pick(columns_of, columns_of, part.later)).probability
                yield Judged(part.later, chance, self._won_share(part), part.later_weights)

    def _won_share(self, split):
        """What knowing nothing but the leads to learn from would give every lead."""
        weighed = zip(split.train, split.train_weights, strict=True)
        return sum(weight for place, weight in weighed if self.known.won[place]) / sum(split.train_weights)

    def _compare(self, chance, average, names):
        """With the version in use, on the leads that neither has learned from; without one, or where there are too few
        such leads, with the average."""
        from ...engine.prediction.compare import compare

        split, current = self.split, self.current
        rows = self._unseen()
        other = current if rows else current.browse()
        rows = rows or list(range(len(split.later)))
        places = [split.later[row] for row in rows]
        before = self._chances(other, places) if other else average
        won, weights = [self.known.won[place] for place in places], [split.later_weights[row] for row in rows]
        found = compare(won, chance[rows], before, weights)
        return {
            "comparison": found.to_json()
            | {"version": other.version, "too_few_since": 0 if other else current.version},
            "compared_with_id": other.id,
            "publishable": self._may_replace(found, other, names),
        }

    def _may_replace(self, found, other, names):
        """Whether it may be used without anybody's confirmation. With nothing to replace, it must beat the average:
        knowing nothing is no reason to show a number. The same fields learned from newer leads renew the version in use
        unless they are shown to be worse; another recipe must be shown not to be."""
        current = self.current
        renews = bool(current) and current.team_id == self.team and set(current._feature_names()) == names
        if other:
            return found.publishable or (renews and found.renews)
        return (renews or not current) and found.decision == "better"

    def _unseen(self):
        """Which of the later leads were closed after all that the version in use learned from; none if too few."""
        rows = [
            row
            for row, place in enumerate(self.split.later)
            if self.current and self.known.known_on[place].date() > self.current.trained_to
        ]
        won, lost = self.known.count([self.split.later[row] for row in rows])
        return [] if shortfall(won, lost, min_won=sample.MIN_JUDGED, min_lost=sample.MIN_JUDGED) else rows

    def _chances(self, version, places):
        """What the learning that a version was judged by would have given some closed leads."""
        return version._judged().score(self.leads.columns(version._readings(), self.known, places)).probability


def teams_with_enough(company, keeping):
    """Ids of the teams with leads enough to learn from that are not nearly all of the company, whose version is theirs
    then; those of ``keeping`` have a version and keep on having one."""
    rows = company.env.execute_query(
        SQL(
            """SELECT team_id
                 FROM (SELECT l.team_id, count(*) AS closed, sum(count(*)) OVER () AS of_company,
                              count(*) FILTER (WHERE l.won_status = 'won') AS won
                         FROM crm_lead l WHERE l.won_status IN ('won', 'lost') AND %s = %s GROUP BY l.team_id) team
                WHERE team_id IS NOT NULL AND closed >= %s AND won >= %s AND closed - won >= %s
                      AND (closed <= %s * of_company OR team_id = ANY(%s))
                ORDER BY team_id""",
            COMPANY,
            company.id,
            TEAM_LEADS,
            TEAM_OUTCOMES,
            TEAM_OUTCOMES,
            TEAM_SHARE,
            keeping,
        )
    )
    return [row[0] for row in rows]
