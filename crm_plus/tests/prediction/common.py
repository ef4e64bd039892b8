"""Leads with known chances, put into the table at once: the ORM would take ten times as long as the training."""

import random
from datetime import datetime, timedelta
from itertools import count
from math import exp

from odoo.tests import TransactionCase
from odoo.tools import SQL

from ..job.common import run_jobs_to_their_end

BEGIN = datetime(2024, 1, 1)
CHANCE = {"Fair": 2.4, "Web": -2.4, "Call": 0.0}
FIRST_ID = 1_000_000_000


class Leads:
    """Leads of one company whose chance depends on their source and on whether the email address is good.

    Their numbers are given, since these draw the landmarks: each run of a test sees the same.
    """

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.random, self.next_id = random.Random(7), count(FIRST_ID)
        self.sources = {name: env["utm.source"].create({"name": f"{name} of the test"}) for name in CHANCE}
        stages = env["crm.stage"].search([("team_ids", "=", False)], order="sequence, id")
        self.first_stage = stages.filtered(lambda stage: not stage.is_won)[:1]
        self.won_stage = stages.filtered("is_won")[:1]
        self.team = env["crm.team"].create({"name": "Team of the test", "company_id": company.id})

    def closed(self, leads, *, start=BEGIN, days=10, flip=False, **fields):
        """So many closed leads, one a day from ``start`` on, each open for ``days``."""
        rows = []
        for number in range(leads):
            values, chance = self._values()
            won = self.random.random() < (1 - chance if flip else chance)
            created = start + timedelta(days=number)
            rows.append(values | self._ended(won, created, created + timedelta(days=days)) | fields)
        return self._insert(rows)

    def open(self, leads, *, created=None, **fields):
        """So many open leads in the first stage."""
        pending = self._pending(created or datetime.now() - timedelta(days=3))
        return self._insert([self._values()[0] | pending | fields for _number in range(leads)])

    def world(self, leads, days, *, lost_after=8, won_after=60, share=0.3, never=0.0, **fields):
        """Leads of a world without surprises, created evenly over the ``days`` up to now; no field tells anything, but
        they are lost quickly and won slowly, and ``never`` of those that are lost is never closed. ``{open lead:
        whether it will be won}``; those closed are there as well.
        """
        now, rows, futures = datetime.now().replace(microsecond=0), [], {}
        for number in range(leads):
            won = self.random.random() < share
            created = now - timedelta(days=days * (1 - number / leads))
            closed = created + timedelta(days=self.random.expovariate(1 / (won_after if won else lost_after)))
            if not won and never and self.random.random() < never:
                closed = datetime.max
            ended = self._ended(won, created, closed) if closed < now else self._pending(created)
            rows.append(self._values()[0] | ended | fields)
            if closed >= now:
                futures[number] = won
        found = self._insert(rows)
        return {found[number]: won for number, won in futures.items()}

    def _values(self):
        name = self.random.choice(list(CHANCE))
        good = self.random.random() < 0.5
        values = {
            "source_id": self.sources[name].id,
            "email_state": "correct" if good else "incorrect",
            "expected_revenue": self.random.randrange(100, 900),
        }
        return values, 1 / (1 + exp(-CHANCE[name] - (0.8 if good else -0.8)))

    def _pending(self, created):
        return {
            "active": True,
            "won_status": "pending",
            "stage_id": self.first_stage.id,
            "probability": 10,
            "automated_probability": 10,
            "create_date": created,
            "date_closed": None,
        }

    def _ended(self, won, created, closed):
        return {
            "active": won,
            "won_status": "won" if won else "lost",
            "stage_id": (self.won_stage if won else self.first_stage).id,
            "probability": 100 if won else 0,
            "automated_probability": 100 if won else 0,
            "create_date": created,
            "date_closed": closed,
        }

    def _insert(self, rows):
        fixed = {
            "name": "Lead of the test",
            "type": "opportunity",
            "company_id": self.company.id,
            "team_id": self.team.id,
        }
        rows = [fixed | row | {"id": next(self.next_id)} for row in rows]
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(
                "INSERT INTO crm_lead (%s) VALUES %s RETURNING id",
                SQL(", ").join(map(SQL.identifier, rows[0])),
                SQL(", ").join(SQL("(%s)", SQL(", ").join(SQL("%s", value) for value in row.values())) for row in rows),
            )
        )
        return self.env["crm.lead"].browse(row[0] for row in found)


class PredictionCase(TransactionCase):
    """A company of its own, so that the demo company's leads do not matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run_jobs_to_their_end(cls)
        cls.company = cls.env["res.company"].create({"name": "Company of the test"})
        cls.env.user.company_ids |= cls.company
        cls.leads = Leads(cls.env, cls.company)
        cls.models = cls.env["crm.score.model"]
        cls.scores = cls.env["crm.lead.score"]

    def setUp(self):
        super().setUp()
        self.leads.random.seed(self._testMethodName)  # the same leads, whatever other tests are run

    def train(self, **options):
        return self.models._train(self.company, **options)

    def prediction(self, lead):
        return self.scores.search([("lead_id", "=", lead.id)])
