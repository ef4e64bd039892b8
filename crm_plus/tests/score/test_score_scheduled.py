from dataclasses import replace
from datetime import datetime
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .common import ScoreCase

REFRESH_LOGGER = "odoo.addons.crm_plus.services.score.refresh"


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

    def test_leads_of_no_company_are_those_of_the_first_company_that_is_not_archived(self):
        companies = self.env["res.company"]
        first, second = companies.search([], order="id", limit=2)
        self.rule(points=40)
        lead, archived = self.lead(company_id=False), self.lead(company_id=first.id)
        self.env.cr.flush()
        # Past the host's check that nobody works there.
        self.env.cr.execute("UPDATE res_company SET active = FALSE WHERE id = %s", [first.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.Score.search([]).unlink()
        self.rescore()
        self.assertEqual((lead.lead_score, archived.lead_score), (20, 0))
        self.assertEqual(lead._score_company(), second)
        second.crm_plus_fit_weight = 100
        lead._note_scores()
        self.assertEqual(lead.lead_score, 40)

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

    def test_a_broken_rule_on_events_is_shown_and_the_others_go_on(self):
        lead = self.lead()
        self.event(lead_id=lead.id)
        sound, broken = (self.rule(kind="engagement", points=points, fades=False) for points in (20, 15))
        self.env.cr.flush()
        spec = type(sound)._specs

        def specs(rules):
            return tuple(replace(s, points="much") if s.id == broken.id else s for s in spec(rules))

        with patch.object(type(sound), "_specs", specs), mute_logger(REFRESH_LOGGER):
            self.rescore()
        self.assertEqual(lead.engagement_score, 20)
        self.assertIn("much", broken.error)
        self.assertFalse(sound.error)

    def test_an_event_of_long_ago_fades_to_nothing(self):
        lead = self.lead()
        self.event(lead_id=lead.id, days_ago=3000)
        self.event(lead_id=lead.id)
        rule = self.rule(kind="engagement", points=20, fades=True, half_life_days=0.5, period_days=0)
        self.rescore()
        self.assertFalse(rule.error)
        self.assertEqual(lead.engagement_score, 20)

    def test_a_group_that_goes_takes_its_limit_along(self):
        group = self.env["crm.score.group"].create({"name": "Few", "axis": "fit", "cap": 10})
        self.rule(points=40, group_id=group.id)
        lead = self.lead()
        self.assertEqual(lead.fit_score, 10)
        trigger = [("cron_id", "=", self.env.ref("crm_plus.ir_cron_rescore").id)]
        before = self.env["ir.cron.trigger"].search_count(trigger)
        group.unlink()
        self.assertGreater(self.env["ir.cron.trigger"].search_count(trigger), before)
        self.rescore()
        self.assertEqual(lead.fit_score, 40)

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
        self.assertFalse(self.Score._rescore_step(self.company, step=1))
        self.assertGreater(self.company.crm_plus_score_next_id, 0)
        rule.points = 50
        self.Score._rescore_step(self.company, step=10_000)
        self.assertEqual(lead.fit_score, 50)

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

    def test_leads_are_scored_in_the_night_of_each_company(self):
        self.company.partner_id.tz = "America/Los_Angeles"
        elsewhere = self.env["res.company"].create({"name": "Early"})
        elsewhere.partner_id.tz = "Asia/Tokyo"
        with freeze_time("2026-01-10 03:20:00"):  # the evening before in California, noon in Japan
            self.assertEqual(
                (self.company + elsewhere)._crm_plus_nights(),
                [datetime(2026, 1, 10, 11, 20), datetime(2026, 1, 10, 18, 20)],
            )
        self.rescore()
        planned = self.env["ir.cron.trigger"].search([("cron_id", "=", self.env.ref("crm_plus.ir_cron_rescore").id)])
        self.assertLessEqual({*(self.company + elsewhere)._crm_plus_nights()}, {*planned.mapped("call_at")})


@tagged("post_install", "-at_install")
class TestFirstScores(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].search([]).action_archive()
        cls.Score.search([]).unlink()
        cls.rule(points=100)
        cls.company.write({"crm_plus_hot_score": 50, "crm_plus_fit_weight": 50})

    def waiting(self):
        """Leads that will be announced as hot."""
        self.env.cr.flush()
        return self.Score.search([("hot_to_announce", "=", True)]).lead_id

    def test_a_new_company_announces_hot_leads_by_a_to_do(self):
        company = self.env["res.company"].create({"name": "A new company", "crm_plus_hot_score": 50})
        self.assertEqual(company.crm_plus_hot_activity_type_id, self.env.ref("mail.mail_activity_data_todo"))
        lead = self.lead(company_id=company.id)
        self.assertEqual(self.waiting(), lead)

    def test_leads_that_were_there_before_the_first_scores_are_not_announced(self):
        self.company.crm_plus_score_date = False  # as when the add-on is installed
        leads = self.lead() + self.lead()
        self.env.cr.flush()
        self.Score.search([]).unlink()
        while not self.Score._rescore_step(self.company, step=1):
            self.assertFalse(self.company.crm_plus_score_date)
        self.assertEqual(leads.mapped("is_hot"), [True, True])
        self.assertFalse(self.waiting())
        later = self.lead()
        self.assertEqual(self.waiting(), later)
