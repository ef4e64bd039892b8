from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestFollowupTeam(FollowupCase):
    """What each salesperson has to do, and how soon they answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = False  # every hour counts
        cls.team = cls.env["crm.followup.team"]

    def row(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.team.with_user(self.chief).search([("user_id", "=", self.seller.id)])

    def test_each_number_opens_what_it_is_made_of(self):
        one, two, three = self.customers(3, days=1)
        self.chief.tz = "UTC"
        today = self.company._crm_plus_today()
        for partner, days in ((one, -3), (two, 0), (three, 4)):
            partner.activity_schedule(
                "mail.mail_activity_data_call", today + timedelta(days=days), user_id=self.seller.id
            )
        self.heard(one, "email", "in", days=2)
        self.heard(one, "email", "out", days=1)
        self.heard(two, "email", "in", days=2)
        row = self.row()
        self.assertEqual((row.open_count, row.today_count, row.overdue_count), (3, 1, 1))
        self.assertEqual((row.unanswered_count, row.asked_count, row.waiting_count), (1, 1, 1))
        self.assertAlmostEqual(row.worst_hours, 48, delta=0.1)
        activities = row.action_open_activities()
        self.assertEqual(self.env["mail.activity"].search_count(activities["domain"]), 3)
        waiting = row.action_open_today()
        kinds = dict(
            self.env["crm.followup.today"].with_user(self.chief)._read_group(waiting["domain"], ["kind"], ["__count"])
        )
        self.assertEqual((kinds["activity"], kinds["unanswered"]), (2, row.unanswered_count))
        messages = row.action_open_messages()
        report = self.env["crm.followup.response"].with_user(self.chief)
        self.assertEqual(report.search_count(messages["domain"]), row.asked_count)

    def test_the_median_of_a_group_is_that_of_its_messages(self):
        one, two, three = self.customers(3, days=1)
        for partner, hours in ((one, 1), (two, 5), (three, 24)):
            self.heard(partner, "email", "in", days=2)
            self.heard(partner, "phone", "out", days=2 - hours / 24, user_id=self.seller.id)
        self.env.flush_all()
        report = self.env["crm.followup.response"].with_user(self.chief)
        mine = [("user_id", "=", self.seller.id)]
        [(channel, median, worst, count)] = report._read_group(
            mine, ["channel_id"], ["median_hours:avg", "worst_hours:max", "__count"]
        )
        self.assertEqual((channel.code, count), ("email", 3))
        self.assertAlmostEqual(median, 5, delta=0.01)
        self.assertAlmostEqual(worst, 24, delta=0.01)
        self.assertAlmostEqual(self.row().median_hours, 5, delta=0.01)

    def test_hot_leads_nobody_touched_are_counted(self):
        lead = self.env["crm.lead"].create(
            {"name": "Hot", "company_id": self.company.id, "user_id": self.seller.id, "type": "opportunity"}
        )
        self.env.flush_all()
        self.env["crm.lead.score"].sudo().search([("lead_id", "=", lead.id)]).unlink()
        self.env.cr.execute(
            "INSERT INTO crm_lead_score (lead_id, hot_date) VALUES (%s, now() AT TIME ZONE 'UTC')", (lead.id,)
        )
        self.assertEqual(self.row().hot_count, 1)

    def test_it_is_for_managers(self):
        for model in ("crm.followup.team", "crm.followup.response"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.seller).search([])
