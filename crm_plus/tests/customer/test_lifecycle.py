import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ...engine.customer.lifecycle import STAGES, lifecycle
from ...services.customer.lifecycle import Lifecycle
from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestLifecycle(ProfileCase):
    def stage(self, partner):
        partner.invalidate_recordset()
        return partner.crm_lifecycle, partner.crm_lifecycle_date

    def ago(self, days):
        return self.company._crm_plus_today() - timedelta(days=days)

    def ordered(self, partner, *ages):
        for age in ages:
            self.order(partner, day=f"{self.ago(age)} 12:00:00")

    def test_who_never_bought_is_a_prospect_until_there_is_a_lead(self):
        partner = self.customer()
        self.assertEqual(self.stage(partner), ("prospect", self.company._crm_plus_day(partner.create_date)))
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": partner.id})
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": contact.id, "company_id": self.company.id})
        for who in (partner, contact):
            self.assertEqual(self.stage(who), ("lead", self.company._crm_plus_day(lead.create_date)))

    def test_the_day_is_that_of_the_company(self):
        self.company.partner_id.tz = "Asia/Tehran"
        partner = self.customer()
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET create_date = '2026-03-01 22:00:00' WHERE id = %s", [partner.id])
        self.assertEqual(self.stage(partner), ("prospect", date(2026, 3, 2)))
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": partner.id, "company_id": self.company.id})
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = '2026-03-04 22:00:00' WHERE id = %s", [lead.id])
        self.assertEqual(self.stage(partner), ("lead", date(2026, 3, 5)))

    def test_orders_are_the_first_repeated_lapsed_and_won_back(self):
        first, repeat, lapsed, back = (self.customer(name) for name in ("First", "Repeat", "Lapsed", "Back"))
        self.ordered(first, 40)
        self.ordered(repeat, 300, 90, 10)
        self.ordered(lapsed, 900, 500)
        self.ordered(back, 900, 30, 5)
        self.assertEqual(self.stage(first), ("first", self.ago(40)))
        self.assertEqual(self.stage(repeat), ("repeat", self.ago(90)))
        self.assertEqual(self.stage(lapsed), ("lapsed", self.ago(500 - 366)))
        self.assertEqual(self.stage(back), ("won_back", self.ago(30)))
        ours = [partner.id for partner in (first, repeat, lapsed, back)]
        for partner, stage in ((first, "first"), (repeat, "repeat"), (lapsed, "lapsed"), (back, "won_back")):
            found = self.env["res.partner"].search([("id", "in", ours), ("crm_lifecycle", "=", stage)])
            self.assertEqual(found, partner)
        self.assertEqual(
            self.env["res.partner"].search_count([("id", "in", ours), ("crm_lifecycle", "not in", ["first"])]), 3
        )

    def test_own_companies_and_colleagues_have_none(self):
        for partner in (self.company.partner_id, self.env.user.partner_id):
            self.assertEqual(self.stage(partner), (False, False))
        found = self.env["res.partner"].search([("crm_lifecycle", "=", False)])
        self.assertIn(self.company.partner_id, found)

    def test_another_company_has_a_lifecycle_of_its_own(self):
        partner = self.customer()
        self.ordered(partner, 3)
        elsewhere = partner.with_company(self.env.ref("base.main_company"))
        self.assertEqual((partner.crm_lifecycle, elsewhere.crm_lifecycle), ("first", "prospect"))

    def test_sql_and_python_agree(self):
        rng = random.Random(5)
        partners, rows = self.random_orders(rng, customers=60, most=6, days=1500)
        self.many_orders(rows)
        today, seen = self.company._crm_plus_today(), set()
        days, stages = {partner.id: set() for partner in partners}, {}
        for partner_id, moment, _amount in rows:
            days[partner_id].add(self.company._crm_plus_day(fields.Datetime.to_datetime(moment)))
        for partner in partners:
            expected = lifecycle(sorted(days[partner.id]), today, None, self.company._crm_plus_day(partner.create_date))
            self.assertEqual((partner.crm_lifecycle, partner.crm_lifecycle_date), expected)
            seen.add(expected[0])
            stages.setdefault(expected[0], set()).add(partner.id)
        for stage, ids in stages.items():
            found = self.env["res.partner"].search([("id", "in", list(days)), ("crm_lifecycle", "=", stage)])
            self.assertEqual(set(found.ids), ids, stage)
        self.assertGreaterEqual(len(seen), 4)
        self.assertLessEqual(seen, set(STAGES))

    def test_contacts_are_grouped_and_sorted_by_stage_and_found_by_its_day(self):
        first, repeat, prospect = (self.customer(name) for name in ("First", "Repeat", "Prospect"))
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": repeat.id})
        self.ordered(first, 40)
        self.ordered(repeat, 300, 90, 10)
        ours = first + repeat + prospect + contact
        partners, inside = self.env["res.partner"], [("id", "in", ours.ids)]
        groups = dict(partners._read_group(inside, ["crm_lifecycle"], ["__count"]))
        self.assertEqual(groups, {"first": 1, "repeat": 2, "prospect": 1})
        months = partners._read_group([*inside, ("crm_lifecycle", "!=", "prospect")], ["crm_lifecycle_date:month"])
        self.assertEqual({month for [month] in months}, {self.ago(40).replace(day=1), self.ago(90).replace(day=1)})
        ordered = partners.search(inside, order="crm_lifecycle_date desc, id")
        self.assertEqual(ordered[:2], prospect + first)
        for domain, expected in (
            ([("crm_lifecycle_date", ">=", self.ago(40))], first + prospect),
            ([("crm_lifecycle_date", "=", self.ago(90))], repeat + contact),
            ([("crm_lifecycle_date", "<", "today -60d")], repeat + contact),
            ([("crm_lifecycle_date", "!=", False)], ours),
            ([("crm_lifecycle_date", "=", False)], partners),
        ):
            self.assertEqual(partners.search([*inside, *domain]), expected.sorted(), domain)

    def test_a_view_is_opened_without_asking_the_documents(self):
        with patch.object(Lifecycle, "query", side_effect=AssertionError("asked")):
            known = self.env["res.partner"].fields_get(
                ["crm_lifecycle", "crm_lifecycle_date"], ["sortable", "groupable", "type"]
            )
        self.assertEqual({name: field["type"] for name, field in known.items()},
                         {"crm_lifecycle": "selection", "crm_lifecycle_date": "date"})  # fmt: skip
        self.assertTrue(all(field["sortable"] and field["groupable"] for field in known.values()))
