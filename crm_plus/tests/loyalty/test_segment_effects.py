from odoo import Command
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentEffects(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls.env.ref("crm_plus.crm_segment_new")
        cls.tag = cls.env["res.partner.category"].create({"name": "Newcomer"})
        cls.seller = cls.user("seller", "sales_team.group_sale_salesman")

    def action(self, code, model="res.partner"):
        return self.env["ir.actions.server"].create(
            {"name": "Act", "model_id": self.env["ir.model"]._get_id(model), "state": "code", "code": code}
        )

    def plan(self, **template):
        """An activity plan of one activity."""
        template = Command.create({"summary": "Greet", **template})
        return self.env["mail.activity.plan"].create(
            {"name": "Welcome", "res_model": "res.partner", "template_ids": [template]}
        )

    def act(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_act_on_segments").method_direct_trigger()
        self.env.invalidate_all()

    def leave(self, partner):
        self.order(partner, count=5)
        self.refresh_touched()

    def test_entering_and_leaving_run_their_actions_once(self):
        self.new.enter_action_ids = self.action("for r in records: r.write({'comment': (r.comment or '') + 'in'})")
        self.new.leave_action_ids = self.action(
            "records.partner_id.write({'comment': 'out'})", model="crm.customer.profile"
        )
        partner = self.customer(days=1)
        self.refresh()
        self.act()
        self.act()
        self.assertIn("in", partner.comment)
        self.assertNotIn("inin", partner.comment)
        self.leave(partner)
        self.act()
        self.assertIn("out", partner.comment)

    def test_what_follows_is_done_in_the_company_of_the_customer(self):
        self.new.enter_action_ids = self.action("records.write({'comment': env.company.name})")
        partner = self.customer(days=1)
        self.refresh()
        self.act()
        self.assertIn(self.company.name, partner.comment)

    def test_the_tag_is_put_and_taken_away_again(self):
        self.new.tag_id = self.tag
        partner, tagged_before = self.customer(days=1), self.customer(days=1)
        tagged_before.category_id = self.tag
        written = partner.write_date
        self.refresh()
        self.act()
        self.assertEqual(partner.category_id, self.tag)
        self.assertEqual(partner.write_date, written)
        self.leave(partner)
        self.leave(tagged_before)
        self.act()
        self.assertFalse(partner.category_id)
        self.assertEqual(tagged_before.category_id, self.tag)

    def test_the_salesperson_gets_the_activity_and_without_one_the_responsible(self):
        self.new.activity_type_id = self.env.ref("mail.mail_activity_data_call")
        mine, nobodys = self.customer("Mine", days=1), self.customer("Nobody's", days=1)
        mine.user_id = self.seller
        self.refresh()
        self.act()
        self.assertEqual(mine.activity_ids.user_id, self.seller)
        self.assertFalse(nobodys.activity_ids)
        self.new.user_id = self.seller
        third = self.customer("Third", days=1)
        self.refresh()
        self.act()
        self.assertEqual(third.activity_ids.user_id, self.seller)
        self.assertEqual(len(mine.activity_ids), 1)

    def test_a_salesperson_who_has_left_gets_no_activity_but_the_responsible_does(self):
        self.new.activity_type_id = self.env.ref("mail.mail_activity_data_call")
        gone, colleague = self.user("effects_gone", "sales_team.group_sale_salesman"), self.seller
        partner, nobodys = self.customer(days=1), self.customer(days=1)
        partner.user_id = nobodys.user_id = gone
        gone.active = False
        self.new.user_id = colleague
        self.refresh(partner)
        self.act()
        self.assertEqual(partner.activity_ids.user_id, colleague)
        self.new.user_id = gone
        self.refresh()
        self.act()
        self.assertFalse(nobodys.activity_ids)

    def test_the_activity_plan_starts(self):
        self.new.activity_plan_id = self.plan(responsible_type="other", responsible_id=self.seller.id)
        partner = self.customer(days=1)
        self.refresh()
        self.act()
        self.assertEqual(partner.activity_ids.summary, "Greet")

    def test_who_does_the_activities_of_a_plan_on_demand_is_the_salesperson_or_the_responsible(self):
        self.new.activity_plan_id = self.plan(responsible_type="on_demand")
        mine, nobodys = self.customer("Mine", days=1), self.customer("Nobody's", days=1)
        mine.user_id = self.seller
        self.refresh()
        self.act()
        self.assertEqual(mine.activity_ids.user_id, self.seller)
        self.assertFalse(nobodys.activity_ids)
        self.assertFalse(self.new.error)
        self.new.user_id = self.seller
        third = self.customer("Third", days=1)
        self.refresh()
        self.act()
        self.assertEqual(third.activity_ids.user_id, self.seller)

    def test_activities_are_in_the_language_of_who_gets_them(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.new.activity_type_id = self.env.ref("mail.mail_activity_data_call")
        self.new.with_context(lang="fa_IR").name = "تازه"
        self.seller.lang = "fa_IR"
        partner = self.customer(days=1)
        partner.user_id = self.seller
        self.refresh()
        self.act()
        reason = self.profile(partner).membership_ids.with_context(lang="fa_IR").reason_text
        self.assertNotEqual(reason, "first classified")
        self.assertEqual(partner.activity_ids.summary, "تازه")
        self.assertIn(reason, partner.activity_ids.note)

    def test_an_archived_customer_gets_nothing_before_coming_back(self):
        self.new.tag_id = self.tag
        self.new.enter_action_ids = self.action("records.write({'comment': 'in'})")
        self.new.activity_type_id = self.env.ref("mail.mail_activity_data_call")
        self.new.user_id = self.seller
        partner = self.customer(days=1)
        partner.active = False
        self.refresh()
        self.act()
        self.assertEqual(self.segment(partner), "new")
        self.assertFalse(partner.comment or partner.category_id or partner.activity_ids)
        partner.active = True
        self.act()
        self.assertIn("in", partner.comment)
        self.assertEqual((partner.category_id, len(partner.activity_ids)), (self.tag, 1))

    def test_an_archived_customer_loses_what_the_segment_gave_and_nothing_else_follows(self):
        self.new.tag_id = self.tag
        self.new.leave_action_ids = self.action("records.write({'comment': 'out'})")
        partner = self.customer(days=1)
        self.refresh()
        self.act()
        self.leave(partner)
        partner.active = False
        self.act()
        self.assertFalse(partner.comment or partner.category_id)

    def test_one_failing_customer_stops_nobody_and_is_not_tried_again(self):
        self.new.enter_action_ids = self.action(
            "if 'Bad' in records.mapped('name'): raise UserError('no way')\nrecords.write({'comment': 'done'})"
        )
        bad, good = self.customer("Bad", days=1), self.customer("Good", days=1)
        self.refresh()
        self.act()
        self.assertIn("done", good.comment)
        self.assertFalse(bad.comment)
        self.assertIn("no way", self.new.error)
        self.assertIn("no way", self.profile(bad).membership_ids.error)
        self.assertFalse(self.stays.search([("enter_pending", "=", True)]))

    def test_a_stay_that_is_over_before_anything_followed_is_not_acted_upon(self):
        self.new.enter_action_ids = self.action("records.write({'comment': 'in'})")
        self.new.leave_action_ids = self.action("records.write({'comment': 'out'})")
        partner = self.customer(days=1)
        self.refresh()
        self.leave(partner)
        self.act()
        self.assertFalse(partner.comment)

    def test_nothing_follows_from_leaving_a_draft(self):
        self.env["crm.segment.family"].create(
            {
                "name": "Trial",
                "kind": "domain",
                "segment_ids": [
                    Command.create(
                        {
                            "name": "Everybody",
                            "code": "everybody",
                            "leave_action_ids": self.action("records.write({'comment': 'out'})").ids,
                        }
                    )
                ],
            }
        )
        partner = self.customer(days=1)
        self.refresh()
        self.assertIn(("Everybody", True), [(s.segment_id.name, s.shadow) for s in self.stays.search([])])
        partner.sale_order_ids._action_cancel()
        self.refresh()
        self.act()
        self.assertFalse(self.profile(partner))
        self.assertFalse(partner.comment)
