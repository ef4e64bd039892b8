"""The overview as people use it: in a browser."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged, test_cursor

from ...services.kpi import kept
from .test_kpi_day import KpiCase


@tagged("post_install", "-at_install")
class TestKpiTour(KpiCase, HttpCase):
    def test_the_overview_is_looked_at_and_arranged(self):
        for number in range(3):
            self.order(self.customer(f"Customer {number}"), 100, self.noon(1 + number))
        self.record()
        manager = new_test_user(
            self.env, "tour_manager", "sales_team.group_sale_manager,base.group_partner_manager",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        self.start_tour("/odoo/crm-overview", "crm_plus_overview_tour", login="tour_manager", timeout=180)
        settings = self.env["res.users.settings"].search([("user_id", "=", manager.id)])
        cards = settings.crm_plus_cards.split(",")
        self.assertNotIn("channels", cards)
        self.assertLess(cards.index("funnel"), cards.index("segments"))

    def manager(self, login, groups=""):
        """A sales manager of the company who may write contacts, and export if these groups say so."""
        return new_test_user(
            self.env, login, f"sales_team.group_sale_manager,base.group_partner_manager{groups}",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip

    def test_each_card_is_of_whom_the_filters_leave(self):
        country = self.env.ref("base.be")
        for number in (1, 2):
            self.order(self.customer(f"Belgian {number}", country_id=country.id), 100 / number, self.noon(1))
        self.order(self.customer("Elsewhere"), 900, self.noon(1))
        self.record()
        self.manager("tour_cards")
        self.start_tour(
            f"/odoo/crm-overview?country_id={country.id}", "crm_plus_overview_cards", login="tour_cards", timeout=180
        )

    def test_what_is_kept_is_counted_again(self):
        self.order(self.customer(), 100, self.noon(1))
        self.record()
        self.manager("tour_again")
        commit = test_cursor.TestCursor.commit

        def commit_and_go_on(cursor):
            """As cursors do outside of tests."""
            callbacks = [one for one in cursor.postcommit._funcs if getattr(one, "func", None) is kept._write]
            commit(cursor)
            for callback in callbacks:
                callback()

        with patch.object(kept, "SLOW", 0), patch.object(test_cursor.TestCursor, "commit", commit_and_go_on):
            self.start_tour("/odoo/crm-overview", "crm_plus_overview_again", login="tour_again", timeout=180)

    def test_two_segments_are_compared(self):
        for number in range(3):
            self.order(self.customer(f"Customer {number}"), 100, self.noon(1 + 200 * number))
        self.record()
        segments = self.env["crm.segment"].search([("family_id.kind", "=", "rfm"), ("state", "=", "active")], limit=2)
        segments[1].name = "Compared"
        day = {"company_id": self.company.id, "dimension": "segment", "numerator": 4, "date": self.yesterday}
        self.Day.search([("segment_id", "in", segments.ids)]).unlink()
        self.Day.create(
            [
                {**day, "figure": figure, "segment_id": segment.id}
                for segment in segments
                for figure in ("customers", "revenue")
            ]
        )
        self.manager("tour_compares")
        self.start_tour(
            f"/odoo/crm.segment/{segments[0].id}", "crm_plus_segments_compared", login="tour_compares", timeout=180
        )

    def test_the_map_is_exported(self):
        self.order(self.customer(), 100, self.noon(1))
        self.record()
        self.env["crm.customer.cohort"]._refresh(self.company)
        self.manager("tour_exports", ",base.group_allow_export")
        self.start_tour(
            "/odoo/action-crm_plus.crm_segment_map_action", "crm_plus_map_exports", login="tour_exports", timeout=180
        )


@tagged("post_install", "-at_install")
class TestKpiPhone(KpiCase, HttpCase):
    browser_size = "390x844"

    def test_a_phone_shows_all_of_the_overview(self):
        for number in range(3):
            self.order(self.customer(f"Customer {number}"), 123456.78, self.noon(1 + number))
        self.record()
        self.env["crm.customer.cohort"]._refresh(self.company)
        new_test_user(
            self.env, "tour_phone", "sales_team.group_sale_manager", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        self.start_tour("/odoo/crm-overview", "crm_plus_overview_phone", login="tour_phone", timeout=180)
