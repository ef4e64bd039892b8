from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestFollowupToday(FollowupCase):
    """What a salesperson has to do today, why, and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # whoever plans and whoever looks have the same today, at any hour
        (cls.seller | cls.chief).tz = cls.env.user.tz
        cls.busy, cls.late, cls.wrote = cls.customers(3)
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Hot one", "type": "opportunity", "user_id": cls.seller.id, "company_id": cls.company.id}
        )
        cls.env.cr.flush()  # the lead is scored, and not again
        cls.env.cr.execute(
            "UPDATE crm_customer_profile SET overdue_date = %s WHERE partner_id = %s",
            (cls.company._crm_plus_today() - timedelta(days=2), cls.late.id),
        )
        scores = cls.env["crm.lead.score"].search([("lead_id", "=", cls.lead.id)])
        scores = scores or cls.env["crm.lead.score"].create({"lead_id": cls.lead.id})
        scores.hot_date = fields.Datetime.now() - timedelta(days=1)
        cls.busy.activity_schedule("mail.mail_activity_data_call", summary="Ask", user_id=cls.seller.id)
        cls.heard_of = cls.env["crm.interaction"].create(
            {"partner_id": cls.wrote.id, "company_id": cls.company.id, "direction": "in", "name": "Question",
             "channel_id": cls.env.ref("crm_plus.channel_email").id,
             "date": fields.Datetime.now() - timedelta(days=3)}
        )  # fmt: skip
        cls.env.flush_all()

    def rows(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.followup.today"].with_user(user or self.seller).search([("user_id", "=", self.seller.id)])

    def row(self, kind):
        return self.rows().filtered(lambda row: row.kind == kind)

    def test_each_says_why_and_what_to_do(self):
        found = {row.kind: row for row in self.rows()}
        self.assertEqual(set(found), {"activity", "hot", "overdue", "unanswered"})
        self.assertEqual(found["activity"].partner_id, self.busy)
        self.assertEqual(found["activity"].what, "Ask")
        self.assertEqual(found["hot"].lead_id, self.lead)
        self.assertEqual(found["overdue"].partner_id, self.late)
        self.assertEqual(found["unanswered"].partner_id, self.wrote)
        self.assertTrue(all(row.what for row in found.values()))

    def test_a_colleague_sees_nothing_of_it_and_a_manager_all(self):
        other = self.user("followup_other", "sales_team.group_sale_salesman")
        self.assertFalse(self.rows(other))
        self.assertEqual(len(self.rows(self.chief)), 4)
        with self.assertRaises(AccessError):
            self.row("activity").with_user(other).action_done()

    def test_what_is_done_is_gone(self):
        self.row("activity").action_done()
        for kind in ("hot", "overdue", "unanswered"):
            self.row(kind).action_done()
        self.assertFalse(self.rows())
        self.assertFalse(self.activities(self.busy))

    def test_whoever_is_contacted_is_gone_as_well(self):
        for values in ({"partner_id": self.late.id}, {"partner_id": self.wrote.id}, {"lead_id": self.lead.id}):
            self.env["crm.interaction"].create(
                {"name": "Called", "company_id": self.company.id, "direction": "out",
                 "channel_id": self.env.ref("crm_plus.channel_phone").id, **values}
            )  # fmt: skip
        self.assertEqual(self.rows().mapped("kind"), ["activity"])

    def test_in_a_week_and_not_relevant(self):
        self.row("activity").action_snooze()
        self.assertEqual(
            self.activities(self.busy).date_deadline, fields.Date.context_today(self.env.user) + timedelta(days=7)
        )
        self.row("overdue").action_snooze()
        self.row("hot").action_dismiss()
        self.assertEqual(self.rows().mapped("kind"), ["unanswered"])
        self.env["crm.followup.snooze"].search([("kind", "=", "overdue")]).date_until = fields.Date.today()
        self.assertEqual(set(self.rows().mapped("kind")), {"unanswered", "overdue"})

    def test_a_week_begins_on_the_day_of_the_user(self):
        # at any hour it is another day at one of these ends of the world
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
            activity = self.activities(self.busy)
            activity.date_deadline = fields.Date.today() - timedelta(days=3)
            self.env.flush_all()
            row = self.row("activity").with_context(tz=zone)
            row.action_snooze()
            self.assertEqual(activity.date_deadline, fields.Date.context_today(row) + timedelta(days=7), zone)
            self.env.invalidate_all()

    def test_a_rule_is_told_that_it_was_not_relevant(self):
        at_once = self.env["mail.activity.type"].create({"name": "At once", "delay_count": 0})
        rule = self.rule({"kind": "activity", "activity_type_id": at_once.id})
        self.follow(rule)
        self.activities(self.busy).filtered(lambda activity: activity.summary == "Ask").unlink()
        row = self.row("activity").filtered(lambda row: row.partner_id == self.busy)
        row.action_dismiss()
        self.assertFalse(self.activities(self.busy))
        told = self.events.search([("rule_id", "=", rule.id), ("kind", "=", "dismissed")])
        self.assertEqual(told.partner_id, self.busy)
        self.assertEqual(rule.dismissed_count, 1)

    def test_whoever_is_responsible_for_a_rule_is_told_that_it_is_often_dismissed(self):
        partners = self.customers(6, days=5)
        at_once = self.env["mail.activity.type"].create({"name": "At once", "delay_count": 0})
        rule = self.rule({"kind": "activity", "activity_type_id": at_once.id})
        self.follow(rule)
        todos = [("user_id", "=", self.chief.id), ("res_model", "=", False)]
        for count, partner in enumerate(partners):
            self.assertEqual(self.env["mail.activity"].search_count(todos), 1 if count >= 5 else 0)
            self.row("activity").filtered(lambda row, partner=partner: row.partner_id == partner).action_dismiss()
        told = self.env["mail.activity"].search(todos)
        self.assertEqual(len(told), 1)
        self.assertIn("Win back", told.summary)

    def falling(self):
        return self.rows().filtered(lambda row: row.kind == "falling")

    def test_who_loses_a_tier_is_among_them(self):
        silver, gold = self.env["crm.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "basis": "orders", "threshold": limit, "sequence": place,
                 "grace_days": 20}
                for place, (name, limit) in enumerate((("Silver", 1), ("Gold", 3)), 1001)
            ]
        )  # fmt: skip
        for _order in range(2):
            self.order(self.busy, days=20)
        self.refresh()
        self.assertEqual(self.profile(self.busy).tier_id, gold)
        self.assertFalse(self.falling())
        gold.threshold = 9
        self.refresh()
        self.assertTrue(self.profile(self.busy).tier_until)
        self.assertEqual(self.falling().partner_id, self.busy)
        self.assertIn("Gold only until", self.falling().what)
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET tier_until = %s WHERE partner_id = %s",
            (self.company._crm_plus_today() - timedelta(days=1), self.busy.id),
        )
        self.env.cr.execute(
            "UPDATE crm_tier_stay SET date_from = date_from - 30 WHERE partner_id = %s", (self.busy.id,)
        )
        self.env.invalidate_all()
        self.refresh()
        self.assertEqual(self.profile(self.busy).tier_id, silver)
        self.assertEqual(self.falling().what, "Fell from Gold to Silver: ask why, and offer a way back.")
        self.assertEqual(self.falling().date, self.company._crm_plus_today())
        self.heard(self.busy)
        self.assertFalse(self.falling())

    def test_whose_scores_fall_is_among_them(self):
        profile = self.profile(self.late)
        stay = self.env["crm.segment.membership"].search([("profile_id", "=", profile.id), ("date_to", "=", False)])
        self.env.flush_all()
        for old, new, count in ((345, 245, 1), (245, 345, 0)):
            self.env.cr.execute(
                """UPDATE crm_segment_membership SET date_from = %s, reason = jsonb_build_object(
                          'outcome', 'moved', 'old_score', %s, 'score', %s, 'last', '2026-05-01', 'orders', 3,
                          'revenue', 300) WHERE id = %s""",
                (self.company._crm_plus_today(), old, new, stay.id),
            )
            self.env.cr.execute(
                "UPDATE crm_customer_profile SET segment_since = %s WHERE id = %s",
                (self.company._crm_plus_today(), profile.id),
            )
            self.assertEqual(len(self.falling()), count)
            for row in self.falling():
                self.assertIn("Buys less (recency 3", row.what)

    def test_an_activity_is_done_with_its_outcome(self):
        activity = self.activities(self.busy)
        action = self.row("activity").action_log()
        dialog = self.env["crm.interaction.log"].with_user(self.seller).with_context(**action["context"])
        dialog.create({"outcome": "interested", "name": "Wants an offer"}).action_log()
        self.assertFalse(activity.active)
        self.assertIn("Interested", activity.feedback)
        self.assertIn("Wants an offer", activity.feedback)
        self.assertFalse(self.row("activity"))
        self.env.flush_all()
        self.check()
        found = self.env["crm.interaction"].search([("partner_id", "=", self.busy.id), ("direction", "=", "out")])
        self.assertEqual(found.mapped("source_id.code"), ["activity"], "the history has it once")

    def test_a_meeting_and_a_quotation_are_one_click_away(self):
        for kind, record in (("overdue", self.late), ("hot", self.lead)):
            row = self.row(kind)
            meeting, quotation = row.action_meeting(), row.action_quotation()
            self.assertEqual(meeting["res_model"], "calendar.event")
            if record._name == "res.partner":
                self.assertIn(record.id, meeting["context"]["default_partner_ids"])
                self.assertEqual(quotation["context"]["default_partner_id"], record.id)
            else:
                self.assertEqual(meeting["context"]["default_opportunity_id"], record.id)

    def test_it_is_the_first_screen_of_crm_if_wanted(self):
        root, first = self.env.ref("crm.crm_menu_root"), self.env.ref("crm_plus_followup.crm_followup_today_menu_first")

        def opens(user):
            menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
            return menus[root.id]["actionID"]

        today = self.env.ref("crm_plus_followup.crm_followup_today_action").id
        self.assertNotEqual(opens(self.seller), today)
        self.env["res.config.settings"].create({"group_crm_today_first": True}).execute()
        self.env.invalidate_all()
        self.assertEqual(opens(self.seller), today)
        self.assertEqual(first.action.id, today)

    def test_the_buttons_open_what_they_say(self):
        row = self.row("overdue")
        self.assertEqual(row.action_open()["res_id"], self.late.id)
        self.assertEqual(row.action_log()["context"]["default_partner_id"], self.late.id)
        self.assertEqual(row.action_email()["context"]["default_res_ids"], self.late.ids)
