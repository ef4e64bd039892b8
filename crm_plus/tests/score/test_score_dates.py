"""Dates that nobody means, and that are in every database: a year typed wrong, an import of another century."""

from datetime import datetime
from itertools import product

from odoo.tests import new_test_user, tagged

from .common import ScoreCase

YEARS = (1, 1900, 2039, 9999)
# A day begins earliest and latest here.
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC")


def ends_of(year):
    """The first and the last moment of a year, where a time zone leads out of the calendar."""
    return datetime(year, 1, 1, 0, 0, 1), datetime(year, 12, 31, 23, 59, 58)


@tagged("post_install", "-at_install")
class TestDates(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule(kind="engagement", points=12, fades=False, period_days=0, name="Calls")
        cls.rule(kind="engagement", points=7, half_life_days=0.1, period_days=0, name="Called lately")
        cls.rule(kind="engagement", points=5, once=True, period_days=3650, name="Called")
        cls.rule(kind="silence", points=-10, silence_days=3650)
        cls.seller = new_test_user(cls.env, "score_dates", groups="sales_team.group_sale_salesman")
        cls.customers = cls.env["res.partner"].create([{"name": f"Customer of {year}"} for year in YEARS])

    def old_leads(self):
        """A lead of the seller for each end of each year, with a call and an order then."""
        leads = self.env["crm.lead"]
        for year, customer in zip(YEARS, self.customers, strict=True):
            for moment in ends_of(year):
                lead = self.lead(partner_id=customer.id, user_id=self.seller.id)
                event = self.event(partner_id=customer.id, lead_id=lead.id, user_id=self.seller.id)
                order = self.env["sale.order"].create({"partner_id": customer.id, "opportunity_id": lead.id})
                order.write({"state": "sale", "date_order": moment})
                self.env.flush_all()
                self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", [moment, lead.id])
                # as they stand in the table of whoever imported them past the checks
                self.env.cr.execute("UPDATE crm_interaction SET date = %s WHERE id = %s", [moment, event.id])
                leads += lead
        leads.invalidate_recordset()
        return leads

    def test_they_have_a_score_and_a_card_in_every_time_zone(self):
        leads = self.old_leads()
        for zone in ZONES:
            self.company.partner_id.tz = self.seller.tz = zone
            self.Score._refresh_leads(leads.ids)
            at_once = leads.mapped("score_explanation")
            while not self.Score._rescore_step(self.company):
                pass
            self.assertEqual(leads.mapped("score_explanation"), at_once, "Python and SQL say the same")
            for lead in leads.with_user(self.seller):
                with self.subTest(zone=zone, created=lead.create_date):
                    card = lead.score_card()
                    self.assertTrue(card["score"])
                    [calls] = [line for line in card["score"]["engagement"]["lines"] if line.get("name") == "Calls"]
                    self.assertTrue(lead.action_score_events(calls["id"])["domain"])

    def test_leads_that_ended_then_are_explained(self):
        leads = self.old_leads()
        self.Score._refresh_leads(leads.ids)
        for zone, year in product(ZONES, YEARS):
            self.company.partner_id.tz = self.seller.tz = zone
            for moment in ends_of(year):
                leads.write({"active": False, "probability": 0})
                self.env.flush_all()
                self.env.cr.execute("UPDATE crm_lead SET date_closed = %s WHERE id = ANY(%s)", [moment, leads.ids])
                self.env.cr.execute("UPDATE crm_lead_score SET scored_on = NULL WHERE lead_id = ANY(%s)", [leads.ids])
                self.env.invalidate_all()
                for lead in leads.with_user(self.seller):
                    with self.subTest(zone=zone, closed=moment):
                        self.assertTrue(lead.score_card()["score"])

    def test_what_is_kept_for_longer_than_calendars_reach_is_kept(self):
        lead = self.lead()
        self.event(lead_id=lead.id)
        self.Score._refresh_leads(lead.ids)
        history = self.env["crm.lead.score.history"].search([("lead_id", "=", lead.id)])
        self.company.crm_plus_history_months = 2**31 - 1
        self.Score._purge_history()
        self.assertTrue(history.exists())

    def test_more_weeks_than_calendars_have_are_refused_by_name(self):
        manager = new_test_user(self.env, "score_weeks", groups="sales_team.group_sale_manager")
        capacity = self.env["crm.score.capacity"].with_user(manager)
        found = capacity.onchange({"weeks": 2**31 - 1, "salespeople": 1}, ["weeks"], {"weeks": {}, "problem": {}})
        self.assertRegex(found["value"]["problem"], "at most 520 weeks")
