"""What lies just outside of a recorded figure is not in it: the second before, another company, what is archived."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import Command
from odoo.tests import new_test_user, tagged

from ...engine.kpi.figures import ACTIVE_DAYS, AT_RISK, CONTACT_DAYS
from ...services.kpi.recorder import SETTLED_DAYS, Recorder
from .test_kpi_day import KpiCase

SECOND = timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestKpiEdges(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other", "currency_id": cls.company.currency_id.id})

    def begins(self, days_ago):
        """The moment at which the day so many days before yesterday begins."""
        return self.company._crm_plus_start_of_day(self.yesterday - timedelta(days=days_ago))

    def talk(self, partner, moment, **values):
        return {
            "partner_id": partner.id, "company_id": self.company.id, "direction": "out", "name": "Talk",
            "date": moment, "channel_id": self.env.ref("crm_plus.channel_email").id, **values,
        }  # fmt: skip

    def recorded(self):
        """Record what stands there: what a test has written is not counted anew."""
        self.env.flush_all()
        recorder = Recorder(self.env, self.company)
        for month_end in recorder.record():
            recorder.count_retention(month_end)

    def test_a_customer_is_lost_after_a_whole_year_and_comes_back_later(self):
        for name, orders in {
            "stays": ((100, 367), (100, 2), (-5, 1)), "comes back": ((100, 367), (100, 1)), "goes": ((100, 367),),
        }.items():  # fmt: skip
            partner = self.customer(name)
            for amount, days_ago in orders:
                self.order(partner, amount, self.noon(days_ago))
        self.refresh()
        self.recorded()
        before = self.yesterday - timedelta(days=1)
        told = {
            day: [self.value(code, day) for code in ("lost_customers", "won_back_customers", "active_customers")]
            for day in (before, self.yesterday)
        }
        self.assertEqual(told, {before: [2, 0, 1], self.yesterday: [0, 1, 2]})
        self.assertEqual((self.value("orders"), self.value("revenue")), (1, 95), "what is given back is no order")

    def test_customers_as_they_stand(self):
        partners = [self.customer(f"Customer {number}", email=f"{number}@x.example") for number in range(4)]
        for partner in partners:
            self.order(partner, 100, self.noon(3))
        self.refresh()
        profiles = [self.profile(partner) for partner in partners]
        segment = self.env["crm.segment"].search([("family_id.kind", "=", "rfm")], limit=1)
        common = {"segment_id": segment.id, "overdue_date": False, "churn_risk": 0, "recent_revenue": 1, "clv": False}
        active = self.begins(ACTIVE_DAYS - 1)
        for profile, values in zip(
            profiles,
            (
                {"last_order_date": active, "churn_risk": AT_RISK, "recent_revenue": 100},
                {"last_order_date": active - SECOND, "overdue_date": self.yesterday, "recent_revenue": 10},
                {"overdue_date": self.today, "churn_risk": AT_RISK - 0.5, "clv": 7},
                {"order_count": 0, "churn_risk": 99, "recent_revenue": 5000, "clv": 900},
            ),
            strict=True,
        ):
            profile.write({**common, **values})
        profiles[0].copy({"company_id": self.other.id, "recent_revenue": 3000, "clv": 800})
        self.env["mail.blacklist"]._add(partners[0].email)
        self.env["mail.blacklist"]._add(partners[1].email)
        self.env["mail.blacklist"]._remove(partners[1].email)
        contacted, no_contact = self.begins(CONTACT_DAYS - 1), self.env.ref("crm_plus.channel_lead").id
        self.env["crm.interaction"].sudo().create(
            [
                self.talk(partners[0], contacted), self.talk(partners[1], contacted - SECOND),
                self.talk(partners[2], self.begins(-1)), self.talk(partners[2], self.noon(0)),
                self.talk(partners[2], self.noon(2), direction="in"),
                self.talk(partners[2], self.noon(2), channel_id=no_contact),
                *(self.talk(partner, self.noon(2), company_id=self.other.id) for partner in partners[1:3]),
            ]
        )  # fmt: skip
        self.recorded()
        self.assertEqual(self.value("active_customers", segment_id=segment.id), 2)
        for where in ({}, {"segment_id": segment.id}):
            told = {code: self.value(code, **where) for code in ("revenue_at_risk", "customer_equity", "opt_outs")}
            self.assertEqual(told, {"revenue_at_risk": 110, "customer_equity": 7, "opt_outs": 1}, where)
            self.assertAlmostEqual(self.value("contacted", **where), 100 / 3, 4)
            quality = sum(partner.data_quality for partner in partners[:3]) / 3
            self.assertAlmostEqual(self.value("data_quality", **where), quality, 4)

    def test_open_leads_are_those_of_the_company(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": "Mine", "company_id": self.company.id, "team_id": False},
                {"name": "Theirs", "company_id": self.other.id, "team_id": False},
                {"name": "Cold", "company_id": self.company.id, "team_id": False},
            ]
        )
        self.env.flush_all()
        self.env["crm.lead.score"].search([("lead_id", "in", leads.ids)]).unlink()
        self.env["crm.lead.score"].create(
            [
                {"lead_id": lead.id, "lead_grade": "A1", "hot_date": hot}
                for lead, hot in zip(leads, (self.noon(1), self.noon(1), False), strict=True)
            ]
        )
        self.recorded()
        self.assertEqual((self.value("hot_leads"), self.value("leads_a")), (1, 2))

    def test_activities_are_those_of_the_people_of_the_company(self):
        mine, theirs = (
            new_test_user(
                self.env, f"edges_{company.id}", "sales_team.group_sale_salesman", company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for company in (self.company, self.other)
        )  # fmt: skip
        partner, first = self.customer(), self.yesterday - timedelta(days=SETTLED_DAYS - 1)

        def planned(day, user=mine, on=partner):
            return on.activity_schedule("mail.mail_activity_data_todo", day, user_id=user.id)

        planned(self.yesterday)
        planned(self.today)
        planned(self.yesterday, theirs)
        planned(self.yesterday, on=self.product)
        for day, on, user in (
            (first, partner, mine), (self.yesterday, partner, mine), (self.yesterday, partner, theirs),
            (self.yesterday, self.product, mine), (self.today, partner, mine),
        ):  # fmt: skip
            done = planned(self.yesterday, user, on)
            done._action_done()
            done.with_context(active_test=False).date_done = day
        self.recorded()
        self.assertEqual(self.value("activities_overdue"), 1)
        told = [self.value("activities_done", day) for day in (first, self.yesterday)]
        self.assertEqual(told, [1, 1])

    def test_contacts_are_those_of_the_company_and_of_all_its_people(self):
        firm = self.customer("Firm")
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": firm.id})
        self.order(firm, 100, self.noon(3))
        self.refresh()
        self.profiles().membership_ids.date_from = self.today - timedelta(days=30)
        noon, no_contact = self.noon(1), self.env.ref("crm_plus.channel_lead").id
        self.env["crm.interaction"].sudo().create(
            [
                self.talk(clerk, noon), self.talk(firm, noon, direction="in"), self.talk(firm, noon, direction="in"),
                self.talk(clerk, noon, channel_id=no_contact), self.talk(clerk, noon, company_id=self.other.id),
                self.talk(clerk, self.begins(0) - SECOND), self.talk(clerk, self.begins(-1)),
            ]
        )  # fmt: skip
        self.recorded()
        [segment] = self.profiles().segment_id
        for where in ({}, {"segment_id": segment.id}):
            told = (self.value("contacts_out", **where), self.value("contacts_in", **where))
            self.assertEqual(told, (1, 2), where)

    def test_retention_begins_and_ends_with_whole_days(self):
        end = self.today.replace(day=1) - timedelta(days=1)
        middle, start = (end - relativedelta(months=months) for months in (12, 24))
        late, early = "23:59:59", "00:00:00"
        self.company.partner_id.tz = "UTC"
        day = timedelta(days=1)
        for name, orders in {
            "stays": [(100, start + day, early), (50, middle + day, early)],
            "came too early": [(1000, start, late), (70, middle + day, early)],
            "stays to the end": [(10, middle, late), (40, end, late)],
            "comes back too late": [(1, middle, late), (500, end + day, early)],
            "is new": [(300, end, early)],
            "gives back": [(-20, middle - day, early), (30, end, early)],
        }.items():
            partner = self.customer(name)
            for amount, when, time in orders:
                self.order(partner, amount, f"{when} {time}")
        self.refresh()
        stays = self.profiles().filtered(lambda one: one.partner_id.name == "stays")
        stays.copy({"company_id": self.other.id})
        self.recorded()
        self.assertAlmostEqual(self.value("retention", end), 200 / 3, 4)
        self.assertAlmostEqual(self.value("revenue_retention", end), 100 * 90 / 111, 4)
        self.assertAlmostEqual(self.value("gross_revenue_retention", end), 100 * 60 / 111, 4)
