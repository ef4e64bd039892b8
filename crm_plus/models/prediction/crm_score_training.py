from collections import defaultdict
from datetime import datetime, time, timedelta
from functools import partial
from time import monotonic

from odoo import api, fields, models
from odoo.tools import SQL

from ...services.prediction import columns as lead_columns
from ...services.prediction import moments, sample
from ...services.sql import COMPANY, OPEN

MOST_LEADS = 100_000  # the newest ones; keeps the memory of a training bounded
OPEN_DAYS = 1_000
TEAM_LEADS, TEAM_OUTCOMES, TEAM_SHARE = 500, 100, 0.9
DUE_AFTER = timedelta(days=25)


class CrmScoreModel(models.Model):
    _inherit = "crm.score.model"

    @api.model
    def _cron_train(self):
        """Companies that asked for it or are due; one commit a company."""
        due = fields.Datetime.now() - DUE_AFTER
        companies = (
            self.env["res.company"]
            .search([], order="id")
            .filtered(
                lambda company: (
                    company.crm_plus_train_requested
                    or not company.crm_plus_trained_on
                    or company.crm_plus_trained_on < due
                )
            )
        )
        learnt = defaultdict(dict)
        self._in_steps(companies, lambda company: self._train_company(company, learnt[company.id]))

    @api.model
    def _train_company(self, company, learnt=None):
        """New versions: of the company, and of each of its sales teams that has enough closed leads of its own.

        ``learnt`` holds what was learnt, ``{team id: (values, error)}``: when another transaction is in the way of
        keeping it, it is kept in a transaction that does nothing else, and not learnt again.
        """
        if not company.exists():  # deleted since the run began
            return self.browse()
        learnt = {} if learnt is None else learnt
        found, day = self.browse(), company.crm_plus_train_until
        cutoff = day and datetime.combine(day, time.max)
        for team in (None, *self._teams_with_enough(company)):
            if team is not None and not team.exists():
                continue
            key = team and team.id
            if key not in learnt:
                learnt[key] = self._safely(self._learn_version, company, team, cutoff)
            values, error = learnt[key]
            if not error:
                version, error = self._safely(self._keep_version, company, team, cutoff, values)
            found += self._abstain_failed(company, team, error) if error else version
        done = {"crm_plus_train_requested": False, "crm_plus_train_until": False}
        company.write(done | {"crm_plus_trained_on": fields.Datetime.now()})
        return found

    def _teams_with_enough(self, company):
        """Teams with leads enough to learn from that are not nearly all of the company, whose version is theirs then;
        a team that has a version keeps on having one."""
        own = [("state", "=", "published"), ("company_id", "=", company.id), ("team_id", "!=", False)]
        rows = self.env.execute_query(
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
                self.search(own).team_id.ids,
            )
        )
        return self.env["crm.team"].browse(row[0] for row in rows)

    @api.model
    def _train(self, company, team=None, cutoff=None):
        """One version, learnt and kept."""
        return self._keep_version(company, team, cutoff, self._learn_version(company, team, cutoff))

    @api.model
    def _learn_version(self, company, team=None, cutoff=None):
        """The values of a version that has learnt from leads closed until ``cutoff`` (by default all but the newest
        30 %) and was judged on those closed later; by default it has then learnt once more, from all of them, to
        predict. With too few leads only its ``shortfall``."""
        started = monotonic()
        self.env["crm.score.feature"]._find()
        self.env.flush_all()
        scope = self._leads_of(company, team)
        closed = self._closed_leads(scope)
        created = self._created_days(scope)
        split, missing = sample.split(closed, created, cutoff)
        if missing:
            return {"shortfall": missing}
        features = self.env["crm.score.feature"]._usable()
        readings = [feature._reading() for feature in features]
        columns = self._columns_of(company, readings, closed, range(len(closed.ids)))
        values = self._learn(company, features, columns, closed, split)
        if not values["features"]:
            return {"shortfall": {"part": "fields"}}
        later = sample.pick(columns, columns, split.later)
        model = values.pop("model")
        values |= self._judge(model, later, closed, split, self._replaced(company, team))
        if not cutoff:
            values |= self._learn_all(model, columns, closed, created)
        return values | self._dates(closed, split) | {"seconds": monotonic() - started}

    @api.model
    def _keep_version(self, company, team, cutoff, values):
        """The version with these values; it is published when it is not worse than what it replaces, up to a chosen day
        it waits for a manager. Without enough to learn from it abstains."""
        if "shortfall" in values:
            return self._abstain(company, team, values["shortfall"])
        found = self._store(company, team, values)
        if found.publishable and not cutoff:
            found._publish()
        return found

    def _leads_of(self, company, team):
        """The condition on leads ``l`` that a training learns from."""
        of_team = SQL("l.team_id = %s", team.id) if team else SQL("TRUE")
        return SQL("%s = %s AND %s", COMPANY, company.id, of_team)

    def _closed_leads(self, scope, since=None):
        """The newest closed leads, or all that were closed after a day."""
        rows = self.env.execute_query(
            SQL(
                """SELECT id, create_date, closed_on, won FROM (
                     SELECT l.id, l.create_date, %(closed_on)s AS closed_on, (l.won_status = 'won')::int AS won
                       FROM crm_lead l
                      WHERE l.won_status IN ('won', 'lost') AND %(dated)s AND %(scope)s AND %(later)s
                      ORDER BY 3 DESC, 1 DESC LIMIT %(most)s) newest ORDER BY id""",
                closed_on=moments.CLOSED_ON,
                dated=moments.DATED,
                scope=scope,
                later=SQL("%s::date > %s", moments.CLOSED_ON, since) if since else SQL("TRUE"),
                most=MOST_LEADS,
            )
        )
        return sample.Closed(*map(tuple, zip(*rows, strict=True))) if rows else sample.Closed()

    def _created_days(self, scope):
        """The day each lead was created, open ones too, in ascending order."""
        rows = self.env.execute_query(
            SQL(
                """SELECT l.create_date::date - '1970-01-01'::date AS day, count(*)
                     FROM crm_lead l WHERE %s AND %s GROUP BY day ORDER BY day""",
                moments.DATED,
                scope,
            )
        )
        return [day for day, leads in rows for _lead in range(leads)]

    def _columns_of(self, company, readings, closed, places):
        """The columns of some of the closed leads."""
        lead_ids = [closed.ids[place] for place in places]
        seen = partial(moments.closed_leads, ages=closed.ages)
        return lead_columns.fetch(self.env, company, readings, lead_ids, seen)[1]

    def _replaced(self, company, team):
        """The version that predicts for this scope now: the team's own or that of its company."""
        found = (team and self._published(company, team)) or self._published(company)
        return found.filtered(lambda version: version._is_readable())

    # ------------------------------------------------------------------ learning

    def _learn(self, company, features, columns, closed, split):
        """The engine's model and what is to be said about it."""
        from ...engine.prediction.fairness import fairness_note
        from ...engine.prediction.train import train

        train_part = sample.pick(columns, features.mapped("name"), split.train)
        won = [closed.won[place] for place in split.train]
        read = sample.engine_features(features, train_part)
        train_part = {feature.name: train_part[feature.name] for feature in read}
        leaks = self._find_leaks(company, features, read, train_part, won)
        left_out = {leak["feature"] for leak in leaks if not leak["used"]}
        used = [feature for feature in read if feature.name not in left_out]
        if not used:
            return {"features": []}
        model = train(train_part, won, used, weights=split.train_weights)
        by_name = {feature.name: feature for feature in features}
        note = fairness_note(model.strengths(), features.filtered("sensitive").mapped("name"))
        return {
            "model": model,
            "predictor": model.to_json(),
            "leaks": leaks,
            "fairness": note and {"total": note.total, "shares": [list(share) for share in note.shares]},
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

    def _learn_all(self, judged, columns, closed, created):
        """The same fields, learnt from all leads: what predicts shall know the newest ones, too."""
        from ...engine.prediction.train import train

        used = [bins.feature for bins in judged.bins]
        weights = closed.weights(range(len(closed.ids)), created, max(closed.closed_on))
        model = train({feature.name: columns[feature.name] for feature in used}, closed.won, used, weights=weights)
        return {"predictor": model.to_json(), "judged_predictor": judged.to_json()}

    def _find_leaks(self, company, features, read, columns, won):
        """Fields that seem to know the outcome, as plain data; those a manager trusts are used all the same."""
        from ...engine.prediction.leakage import find_leaks

        plain = features.filtered(lambda feature: feature.origin in sample.WITHOUT_HISTORY)
        names = set(plain.mapped("name"))
        now = self._open_columns(company, plain)
        found = find_leaks(columns, won, [feature for feature in read if feature.name in names], now)
        trusted = set(features.filtered("trusted").mapped("name"))
        return [
            {
                "feature": leak.feature,
                "reason": leak.reason,
                "value": round(leak.value, 4),
                "used": leak.feature in trusted,
            }
            for leak in found
        ]

    def _open_columns(self, company, features):
        """One open lead of each day: a list that was imported in one go is filled in alike, and is one witness."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (l.create_date::date) l.id FROM crm_lead l WHERE %s AND %s AND %s = %s
                    ORDER BY l.create_date::date DESC, l.id DESC LIMIT %s""",
                OPEN,
                moments.DATED,
                COMPANY,
                company.id,
                OPEN_DAYS,
            )
        )
        lead_ids = [row[0] for row in rows]
        if not lead_ids:
            return None
        seen = partial(moments.open_leads, now=self.env.cr.now())
        readings = [feature._reading() for feature in features]
        return lead_columns.fetch(self.env, company, readings, lead_ids, seen)[1]
