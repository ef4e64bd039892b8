import random
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...engine.loyalty.hysteresis import Cuts, Patience, RfmScore, RfmValues, Stay, decide
from ...engine.loyalty.segments import STANDARD_REGIONS
from ...services.loyalty.places import refresh_segments
from .common import SegmentCase

AGES, ORDERS, AMOUNTS = (7, 30, 90, 365), (2, 3, 5, 10), (100, 200, 500, 1000)
MARGIN, MINIMUM_STAY = 0.05, 7


@tagged("post_install", "-at_install")
class TestSegmentParity(SegmentCase):
    """The statement that moves customers decides as the engine does, for each of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "crm_plus_recency_cuts": ", ".join(map(str, AGES)),
                "crm_plus_frequency_cuts": ", ".join(map(str, ORDERS)),
                "crm_plus_monetary_cuts": ", ".join(map(str, AMOUNTS)),
                "crm_plus_margin": MARGIN,
                "crm_plus_minimum_stay": MINIMUM_STAY,
            }
        )
        cls.today = cls.company._crm_plus_today()
        cls.code = {segment.id: segment.code for segment in cls.family.segment_ids}
        cls.id = {code: id_ for id_, code in cls.code.items()}

    def random_case(self, chance):
        """Values at, beside and within the margin of every limit, held by a stay or not."""
        near = chance.choice((0, 0, -1, 1, chance.uniform(-0.08, 0.08)))
        age = max(round(chance.choice(AGES) * (1 + near if isinstance(near, float) else 1)) + int(near), -2)
        orders = max(round(chance.choice(ORDERS) * (1 + chance.uniform(-0.1, 0.1))) + chance.choice((-1, 0, 1)), 1)
        amount = round(chance.choice(AMOUNTS) * chance.choice((1, 0.95, 1.05, 0.9499, 1.0501, 0.2, -0.3)), 2)
        values = RfmValues(age, orders, amount)
        if chance.random() < 0.1:
            return values, None
        held = RfmScore(*(chance.randint(1, 5) for _axis in range(3)))
        code = chance.choice([r.code for r in STANDARD_REGIONS if held in r] * 3 + ["lost", "new"])
        return values, Stay(code, held, self.today - timedelta(days=chance.randint(5, 9)))

    def store(self, cases):
        """Profiles with these values and stays, scored as the refresh scores them."""
        partners = self.env["res.partner"].create([{"name": "x"} for _case in cases])
        rows = [
            (
                partner.id,
                values.recency,
                values.frequency,
                values.monetary,
                stay and self.id[stay.segment],
                stay and stay.since,
                stay and int(stay.score.code),
            )
            for partner, (values, stay) in zip(partners, cases, strict=True)
        ]
        self.env.cr.execute(
            """INSERT INTO crm_customer_profile (company_id, partner_id, last_order_date, order_count, revenue,
                                                 segment_id, segment_since, segment_score)
               SELECT %s, p, %s::timestamp - a * interval '1 day', o, r, s, since::date, held
                 FROM unnest(%s, %s, %s, %s, %s::int[], %s::text[], %s::int[]) AS u(p, a, o, r, s, since, held)""",
            [self.company.id, fields.Datetime.to_datetime(self.today) + timedelta(hours=9)]
            + [list(column) for column in zip(*rows, strict=True)],
        )
        cuts = {name: [str(cut) for cut in values] for name, values in self.company._crm_plus_cuts().items()}
        self.env.cr.execute(
            """UPDATE crm_customer_profile
                  SET recency_score = 1 + width_bucket(last_order_date::date, %(recency)s::date[]),
                      frequency_score = 1 + width_bucket(order_count, %(frequency)s::int[]),
                      monetary_score = 1 + width_bucket(revenue, %(monetary)s::numeric[])
                WHERE company_id = %(company)s""",
            cuts | {"company": self.company.id},
        )
        return partners

    def test_sql_and_engine_decide_alike_at_every_boundary(self):
        chance = random.Random(5)
        cases = [self.random_case(chance) for _case in range(3000)]
        partners = self.store(cases)
        refresh_segments(self.env, self.company)
        self.profiles.invalidate_model()
        found = {profile.partner_id: profile for profile in self.profiles.search([("partner_id", "in", partners.ids)])}
        cuts, patience, outcomes = (
            Cuts(AGES, ORDERS, AMOUNTS),
            Patience(0, MINIMUM_STAY),
            set(),
        )  # nothing hovers at fixed limits
        for partner, (values, stay) in zip(partners, cases, strict=True):
            wanted = decide(stay, values, cuts, STANDARD_REGIONS, self.today, patience)
            profile = found[partner]
            self.assertEqual(
                (profile.segment_id.code, str(profile.segment_score), profile.segment_since),
                (wanted.region.code, wanted.score.code, self.today if wanted.moves else stay.since),
                (values, stay, wanted),
            )
            outcomes.add(wanted.outcome.value)
        self.assertEqual(outcomes, {"entered", "moved", "unchanged", "minimum_stay"})
        moved = self.stays.search_count([("partner_id", "in", partners.ids)])
        self.assertEqual(
            moved,
            sum(decide(s, v, cuts, STANDARD_REGIONS, self.today, patience).moves for v, s in cases),
        )

    def test_the_next_refresh_moves_nobody(self):
        chance = random.Random(6)
        self.store([self.random_case(chance) for _case in range(300)])
        refresh_segments(self.env, self.company)
        moves = self.family._preview_moves(self.company)
        self.assertEqual(moves, [])
