from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestAudienceConditions(FollowupCase):
    """What is known of customers, contacts and leads is a condition of an audience, which the editor offers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier, _gold = cls.env["crm.tier"].create(
            [
                {"name": name, "company_id": cls.company.id, "basis": "orders", "threshold": limit, "sequence": place}
                for place, (name, limit) in enumerate((("Silver", 1), ("Gold", 3)), 1)
            ]
        )
        cls.old = cls.customers(1, days=250)
        cls.new = cls.customers(2, days=5)
        cls.new[0].email = "willing@followup.example"
        cls.both = cls.old | cls.new
        cls.mine = [("partner_id", "in", cls.both.ids)]
        cls.env["mail.blacklist"]._add(cls.new[0].email)
        cls.env.flush_all()
        cls.env.cr.execute(
            """UPDATE crm_customer_profile
                  SET churn_risk = 80, p_alive = 0.2, interval_days = 40, overdue_date = %(day)s,
                      next_order_date = %(day)s
                WHERE partner_id = %(partner)s""",
            {"day": cls.company._crm_plus_today() - timedelta(days=12), "partner": cls.old.id},
        )
        cls.env.invalidate_all()

    def members(self, conditions, kind="customer", mine=None, **values):
        """Who is in an audience with these conditions, each of which the condition editor knows."""
        audience = self.audience(
            kind=kind, domain=repr([*(self.mine if mine is None else mine), *conditions]), **values
        )
        self.assertFalse(audience.problem)
        for name, *_condition in conditions:
            model = self.env[audience.model_name]
            for part in name.split("."):
                described = model.fields_get([part], ["searchable"]).get(part)
                if described:  # else a part of a date
                    self.assertTrue(described["searchable"], name)
                    model = self.env.get(model._fields[part].comodel_name, model)
        self.env.flush_all()
        found = self.env.execute_query(audience._members_sql())
        self.assertEqual(audience.member_count, len(found))
        return self.env["res.partner"].browse(row[0] for row in found if row[0])

    def test_segments_of_every_kind(self):
        segment = self.profile(self.old).segment_id
        self.assertTrue(segment)
        same = self.both.filtered(lambda partner: self.profile(partner).segment_id == segment)
        self.assertEqual(self.members([("segment_id", "in", segment.ids)]), same)
        family = self.env["crm.segment.family"].create(
            {"name": "By hand", "kind": "manual", "company_id": self.company.id,
             "segment_ids": [Command.create({"name": "Friends", "state": "active"})]}
        )  # fmt: skip
        friends = family.segment_ids
        wizard = self.env["crm.segment.by.hand"].with_company(self.company)
        wizard = wizard.with_context(active_model="res.partner", active_ids=self.new[1].ids)
        wizard.create({"segment_id": friends.id, "reason": "A friend"}).action_apply()
        found = self.members([("membership_ids", "any", [("segment_id", "in", friends.ids), ("date_to", "=", False)])])
        self.assertEqual(found, self.new[1])

    def test_tier_and_what_is_missing_for_the_next(self):
        self.assertEqual(self.members([("tier_id", "=", self.tier.id)]), self.both)
        self.order(self.new[1])
        self.refresh()
        self.assertEqual(self.members([("next_tier_missing", "<=", 1)]), self.new[1])

    def test_churn_overdue_ages_and_intervals(self):
        for condition in (
            ("churn_risk", ">=", 50), ("is_overdue", "=", True), ("overdue_days", ">=", 10),
            ("days_since_order", ">=", 180), ("last_order_date", "<", "today -180d"), ("interval_days", "<=", 60),
        ):  # fmt: skip
            with self.subTest(condition):
                self.assertEqual(self.members([condition]) & self.both, self.old)

    def test_lifecycle_consent_and_birthdays(self):
        contacts = [("id", "in", self.both.ids)]
        self.assertEqual(self.members([("crm_lifecycle", "=", "first")], "contact", contacts), self.both)
        self.assertEqual(self.members([("is_blacklisted", "=", False)], "contact", contacts), self.both - self.new[0])
        self.assertEqual(self.members([("partner_id.is_blacklisted", "=", True)]), self.new[0])
        month = fields.Date.today().month
        self.assertEqual(self.members([("create_date.month_number", "=", month)], "contact", contacts), self.both)

    def test_exclusion(self):
        excluded = repr([("days_since_order", ">=", 180)])
        self.assertEqual(self.members([], excluded_domain=excluded), self.new)

    def test_grade_and_score_of_leads(self):
        lead = self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, "partner_id": self.old.id})
        self.env.cr.flush()
        score = self.env["crm.lead.score"].search([("lead_id", "=", lead.id)]) or self.env["crm.lead.score"].create(
            {"lead_id": lead.id}
        )
        score.write({"lead_grade": "A2", "lead_score": 77})
        self.env.flush_all()
        mine = [("id", "=", lead.id)]
        for condition, count in (
            (("lead_grade", "in", ["A1", "A2"]), 1), (("lead_grade", "=", "D4"), 0), (("lead_score", ">", 50), 1),
        ):  # fmt: skip
            with self.subTest(condition):
                self.assertEqual(len(self.members([condition], "lead", mine)), count)
