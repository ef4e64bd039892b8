from unittest.mock import patch

import psycopg2
from odoo import fields
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from ..models import crm_lead_score_notes
from .score_common import ScoreCase

NOTES_LOGGER = "odoo.addons.crm_plus.models.crm_lead_score_notes"
REFRESH_LOGGER = "odoo.addons.crm_plus.models.crm_lead_score_refresh"


@tagged("post_install", "-at_install")
class TestAtOnce(ScoreCase):
    """A changed lead is scored by the transaction that changes it."""

    def test_a_saved_form_shows_the_new_score(self):
        self.rule(points=30, domain="[('expected_revenue', '>', 100)]")
        form = Form(self.env["crm.lead"].with_context(default_type="opportunity"))
        form.name = "Saved"
        lead = form.save()
        self.assertEqual(lead.fit_score, 0)
        form.expected_revenue = 200
        form.save()
        self.assertEqual(lead.fit_score, 30)
        self.assertEqual(lead.score_explanation["fit"]["lines"][0][2], "30.00")

    def test_what_is_committed_has_its_score(self):
        self.rule(points=30)
        lead = self.lead()
        self.env.cr.flush()
        self.env.cr.execute(SQL("SELECT fit_score FROM crm_lead_score WHERE lead_id = %s", lead.id))
        self.assertEqual(self.env.cr.fetchone(), (30,))

    def test_tags_count_although_they_are_no_column(self):
        tag = self.env["crm.tag"].create({"name": "Score me"})
        self.rule(points=15, domain=f"[('tag_ids', 'in', [{tag.id}])]")
        lead = self.lead()
        self.assertEqual(lead.fit_score, 0)
        lead.tag_ids = tag
        self.assertEqual(lead.fit_score, 15)

    def test_a_changed_customer_rescores_its_leads(self):
        self.rule(points=15, applies_on="partner", domain="[('city', '=', 'Ghent')]")
        self.rule(points=20, domain="[('partner_id.category_id.name', '=', 'Score VIP')]")
        partner = self.env["res.partner"].create({"name": "Customer"})
        lead = self.lead(partner_id=partner.id)
        self.assertEqual(lead.fit_score, 0)
        partner.city = "Ghent"
        self.assertEqual(lead.fit_score, 15)
        partner.category_id = self.env["res.partner.category"].create({"name": "Score VIP"})
        self.assertEqual(lead.fit_score, 35)

    def test_an_unread_field_rescores_nothing(self):
        self.rule(points=15)
        lead = self.lead()
        self.assertEqual(lead.fit_score, 15)
        with patch.object(type(self.Score), "_refresh_leads") as refresh:
            lead.description = "Nothing a rule reads"
            self.assertEqual(lead.fit_score, 15)
        refresh.assert_not_called()

    def test_a_logged_call_counts_for_all_leads_of_the_customer(self):
        self.rule(kind="engagement", points=12, fades=False)
        company = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        contacts = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Ann", "Bob")])
        leads = self.lead(partner_id=contacts[0].id) + self.lead(partner_id=contacts[1].id)
        stranger = self.lead()
        self.assertEqual(leads.mapped("engagement_score"), [0, 0])
        call = self.event(partner_id=contacts[0].id)
        self.assertEqual(leads.mapped("engagement_score"), [12, 12])
        self.assertEqual(stranger.engagement_score, 0)
        call.unlink()
        self.assertEqual(leads.mapped("engagement_score"), [0, 0])

    def test_an_event_of_several_contacts_is_one_event(self):
        self.rule(kind="engagement", points=12, fades=False)
        company = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        contacts = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Ann", "Bob")])
        other = self.env["res.partner"].create({"name": "Somebody else"})
        lead = self.lead(partner_id=company.id)
        moment = fields.Datetime.now()
        for partner in (*contacts, other):
            values = {"document_model": "calendar.event", "document_id": 77, "date": moment}
            self.event(partner_id=partner.id, lead_id=lead.id, **values)
        self.assertEqual(lead.engagement_score, 12)

    def test_a_captured_quotation_counts_and_a_cancelled_one_does_not(self):
        order_channel = self.env.ref("crm_plus.channel_order")
        self.rule(kind="engagement", points=15, channel_ids=[(6, 0, order_channel.ids)], direction="any", fades=False)
        partner = self.env["res.partner"].create({"name": "Customer"})
        lead = self.lead(partner_id=partner.id)
        product = self.env["product.product"].create({"name": "Thing", "list_price": 10})
        order = self.env["sale.order"].create(
            {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]}
        )
        order.action_confirm()
        self.env.cr.flush()
        self.assertEqual(lead.engagement_score, 15)
        order._action_cancel()
        self.env.cr.flush()
        self.assertEqual(lead.engagement_score, 0)

    def test_a_failing_rule_does_not_break_a_save(self):
        rule = self.rule(points=15)
        self.env.cr.execute(SQL("UPDATE crm_score_rule SET domain = %s WHERE id = %s", "[('gone', '=', 1)]", rule.id))
        rule.invalidate_recordset()
        with mute_logger(NOTES_LOGGER):
            lead = self.lead(name="Saved all the same")
            self.env.cr.flush()
        self.assertEqual(lead.name, "Saved all the same")
        self.assertIn(lead.id, self.env["crm.lead.score.queue"].search([]).mapped("lead_id"))

    def test_a_failing_statement_does_not_break_a_save(self):
        self.rule(points=15)

        def fail(*_arguments):
            self.env.cr.execute("SELECT 1 / 0", log_exceptions=False)

        with patch.object(type(self.Score), "_refresh_at_once", fail), mute_logger(NOTES_LOGGER):
            lead = self.lead()
            self.env.cr.flush()
        self.assertTrue(lead.exists())
        self.assertIn(lead.id, self.env["crm.lead.score.queue"].search([]).mapped("lead_id"))

    def test_an_import_is_left_to_the_scheduled_action(self):
        self.rule(points=15)
        with patch.object(crm_lead_score_notes, "AT_ONCE", 2):
            leads = self.env["crm.lead"].create([{"name": f"Import {number}"} for number in range(3)])
            self.env.cr.flush()
        self.assertEqual(leads.mapped("fit_score"), [0, 0, 0])
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_touched_scores").method_direct_trigger()
        leads.invalidate_recordset()
        self.assertEqual(leads.mapped("fit_score"), [15, 15, 15])
        self.assertFalse(self.env["crm.lead.score.queue"].search([("lead_id", "in", leads.ids)]))


@tagged("post_install", "-at_install")
class TestScheduled(ScoreCase):
    def rescore(self):
        self.env.cr.flush()
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_rescore").method_direct_trigger()
        self.env.invalidate_all()

    def test_all_open_leads_are_scored(self):
        leads = self.lead() + self.lead(type="lead")
        won, lost = self.lead(), self.lead()
        won.action_set_won()
        lost.action_set_lost()
        self.rule(points=40)
        self.Score.search([]).unlink()
        self.rescore()
        self.assertEqual(leads.mapped("lead_score"), [20, 20])
        self.assertFalse(self.Score.search([("lead_id", "in", (won + lost).ids)]))

    def test_a_closed_lead_keeps_its_score_and_a_reopened_one_is_scored_again(self):
        rule = self.rule(points=40)
        lead = self.lead()
        self.assertEqual(lead.fit_score, 40)
        lead.action_set_lost()
        rule.points = 60
        self.rescore()
        self.assertEqual(lead.fit_score, 40)
        lead.action_unarchive()
        self.assertEqual(lead.fit_score, 60)

    def test_a_broken_rule_is_shown_and_the_others_go_on(self):
        broken, sound = self.rule(points=15), self.rule(points=20)
        lead = self.lead()
        query = SQL("UPDATE crm_score_rule SET domain = %s WHERE id = %s", "[('gone', '=', 1)]", broken.id)
        self.env.cr.flush()
        self.env.cr.execute(query)
        self.env.invalidate_all()
        with mute_logger(REFRESH_LOGGER):
            self.rescore()
        self.assertEqual(lead.fit_score, 20)
        self.assertIn("gone", broken.error)
        self.assertFalse(sound.error)
        broken.domain = "[('id', '>', 0)]"
        self.assertFalse(broken.error)
        self.rescore()
        self.assertEqual(lead.fit_score, 35)

    def test_a_stopped_run_goes_on_where_it_was(self):
        self.rule(points=40)
        leads = self.lead() + self.lead() + self.lead()
        self.env.cr.flush()
        self.Score.search([]).unlink()
        done = False
        steps = 0
        while not done:
            done = self.Score._rescore_step(self.company, step=2)
            steps += 1
        self.assertGreater(steps, 2)
        self.assertEqual(leads.mapped("fit_score"), [40, 40, 40])
        self.assertEqual(self.company.crm_plus_score_next_id, 0)

    def test_changed_rules_make_a_stopped_run_begin_anew(self):
        rule = self.rule(points=40)
        lead = self.lead()
        self.env.cr.flush()
        self.Score._rescore_step(self.company, step=10_000)
        self.assertGreater(self.company.crm_plus_score_next_id, 0)
        rule.points = 50
        self.Score._rescore_step(self.company, step=10_000)
        self.assertEqual(lead.fit_score, 50)

    def test_a_step_that_a_save_disturbs_is_tried_again(self):
        calls = []

        def step():
            calls.append(1)
            if len(calls) < 3:
                raise psycopg2.errors.SerializationFailure("could not serialize access")
            return "done"

        with patch.object(self.env.cr, "rollback") as rollback:
            self.assertEqual(self.Score._retried(step), "done")
        self.assertEqual(len(calls), 3)
        self.assertEqual(rollback.call_count, 2)

    def test_points_fade_from_day_to_day(self):
        self.rule(kind="engagement", points=10, half_life_days=10)
        lead = self.lead()
        self.event(0, lead_id=lead.id)
        self.event(10, lead_id=lead.id)
        self.event(100, lead_id=lead.id)  # older than the rule looks
        self.assertEqual(lead.engagement_score, 15)
        self.assertEqual(lead.score_explanation["engagement"]["lines"], [["rule", self.Rule.search([]).id, "15.00", 2]])

    def test_history_keeps_a_row_a_day_when_the_score_moves(self):
        rule = self.rule(points=40)
        lead = self.lead()
        self.env.cr.flush()
        rule.points = 60
        self.rescore()
        history = self.env["crm.lead.score.history"].search([("lead_id", "=", lead.id)])
        self.assertEqual(history.mapped("lead_score"), [30])
        self.env.cr.execute(SQL("UPDATE crm_lead_score_history SET date = date - 40 WHERE lead_id = %s", lead.id))
        rule.points = 61  # half a point of the whole score
        self.rescore()
        rule.points = 80
        self.rescore()
        history = self.env["crm.lead.score.history"].search([("lead_id", "=", lead.id)])
        self.assertEqual(history.mapped("lead_score"), [40, 30])
        self.company.crm_plus_history_months = 1
        self.rescore()
        self.assertEqual(history.exists().mapped("lead_score"), [40])


@tagged("post_install", "-at_install")
class TestCompanies(ScoreCase):
    def test_rules_events_and_leads_of_another_company_stay_apart(self):
        other = self.env["res.company"].create({"name": "Other score company"})
        self.rule(points=10)
        self.rule(points=30, company_id=other.id)
        self.rule(kind="engagement", points=20, fades=False)
        partner = self.env["res.partner"].create({"name": "Shared customer"})
        ours = self.lead(partner_id=partner.id, company_id=self.company.id, user_id=False, team_id=False)
        theirs = self.lead(partner_id=partner.id, company_id=other.id, user_id=False, team_id=False)
        self.event(partner_id=partner.id, company_id=other.id)
        self.assertEqual((ours.fit_score, ours.engagement_score), (10, 0))
        self.assertEqual((theirs.fit_score, theirs.engagement_score), (40, 20))


@tagged("post_install", "-at_install")
class TestMergeAndConvert(ScoreCase):
    def test_a_merged_lead_is_scored_with_the_events_of_both(self):
        self.rule(kind="engagement", points=10, fades=False, channel_ids=[(6, 0, self.phone.ids)])
        first, second = self.lead(name="First", email_from="a@b.example"), self.lead(name="Second")
        self.event(lead_id=first.id)
        self.event(lead_id=second.id)
        self.assertEqual((first.engagement_score, second.engagement_score), (10, 10))
        head = (first + second).merge_opportunity()
        self.assertEqual(head.engagement_score, 20)
        self.env.cr.flush()
        self.assertEqual(self.Score.search([("lead_id", "in", (first + second).ids)]).lead_id, head)

    def test_a_converted_lead_keeps_its_events_and_gains_its_customers(self):
        self.rule(kind="engagement", points=10, fades=False)
        partner = self.env["res.partner"].create({"name": "Old customer"})
        self.event(partner_id=partner.id)
        lead = self.lead(type="lead")
        self.event(lead_id=lead.id)
        self.assertEqual(lead.engagement_score, 10)
        lead.convert_opportunity(partner)
        self.assertEqual(lead.engagement_score, 20)

    def test_merged_partners_bring_their_events_together(self):
        self.rule(kind="engagement", points=10, fades=False)
        keep, gone = self.env["res.partner"].create([{"name": "Same", "email": f"{n}@score.example"} for n in "ab"])
        lead = self.lead(partner_id=keep.id)
        self.event(partner_id=keep.id)
        self.event(partner_id=gone.id)
        self.assertEqual(lead.engagement_score, 10)
        self.env["base.partner.merge.automatic.wizard"]._merge((keep + gone).ids, keep)
        self.assertEqual(lead.engagement_score, 20)
