"""The past is counted afterward as it would have been counted then: night for night, figure for figure."""

from datetime import datetime, time, timedelta
from random import Random
from unittest.mock import patch

from odoo.addons.crm_plus.engine.kpi.figures import SINCE_RECORDED
from odoo.addons.crm_plus.services.kpi.recorder import Recorder
from odoo.tests import freeze_time, tagged

from ..customer.test_profile_invoices import InvoiceCase

# Nights that are recorded, so many days ago; each has the seven days before it.
NIGHTS = (230, 120, 40)
# How many of a segment or tier are active or have ordered again is known on the day itself only.
NOW_ONLY = ("active_customers", "repeat_rate")


@tagged("post_install", "-at_install")
class TestKpiPast(InvoiceCase):
    """A company far from UTC with orders in two currencies, credit notes, canceled orders, merged customers, leads and
    contacts; beside it another company with the same customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch("odoo.addons.crm_plus.services.customer.limits.ENOUGH", 1))
        cls.company.write({"crm_plus_revenue_basis": "order", "crm_plus_minimum_stay": 0})
        cls.company.partner_id.tz = "Asia/Tehran"
        cls.product_a.write({"invoice_policy": "order", "taxes_id": False})
        cls.today = cls.company._crm_plus_today()
        cls.first = cls.today - timedelta(days=760)
        cls.euro = cls.setup_other_currency("EUR", rates=[(str(cls.first), 2.0), (str(cls.day(300)), 4.0)])
        cls.abroad = cls.env["product.pricelist"].create({"name": "Euro", "currency_id": cls.euro.id})
        cls.other = cls.env["res.company"].create({"name": "Beside"})
        cls.chance = Random(11)
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(25)]
        )

    @classmethod
    def day(cls, ago):
        return cls.today - timedelta(days=ago)

    def moment(self, ago):
        """Any moment of a day, so that the day in UTC is not always that of the company."""
        return datetime.combine(self.day(ago), time()) + timedelta(minutes=self.chance.randrange(1440))

    def order(self, partner, ago, **values):
        line = {"product_id": self.product_a.id, "price_unit": self.chance.choice((20, 75.5, 400)), "tax_ids": False}
        order = self.env["sale.order"].create(
            {"partner_id": partner.id, "company_id": self.company.id, "order_line": [(0, 0, line)], **values}
        )
        order.action_confirm()
        order.date_order = self.moment(ago)
        return order

    def happens(self, since, until):
        """What happens in the days from one to the other, so many ago: the later one is the smaller number."""
        for partner in self.customers[: 8 if since > 400 else None]:
            for _order in range(self.chance.choice((0, 1, 1, 3))):
                values = {"pricelist_id": self.abroad.id} if self.chance.random() < 0.3 else {}
                order = self.order(partner, self.chance.randrange(until, since), **values)
                fate = self.chance.random()
                if fate < 0.15:
                    order._action_cancel()
                elif fate < 0.4:
                    self.credit(order, self.chance.randrange(until, since))
        self.order(self.customers[0], until + 2, company_id=self.other.id)
        for _lead in range(6):
            self.lead(self.chance.randrange(until, since), self.chance.randrange(until, since))
            self.lead(until + self.chance.randrange(1, 6), until + self.chance.randrange(1, 6))
        self.contacts(since, until)

    def credit(self, order, ago):
        invoice = order._create_invoices()
        invoice.invoice_date = self.day(ago)
        invoice.action_post()
        note = invoice._reverse_moves([{"invoice_date": self.day(ago)}])
        note.invoice_line_ids.price_unit = 10
        note.action_post()

    def lead(self, ago, closed):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "company_id": self.company.id, "partner_id": self.chance.choice(self.customers).id}
        )
        if self.chance.random() < 0.6:
            (lead.action_set_won if self.chance.random() < 0.5 else lead.action_set_lost)()
        self.env.flush_all()
        self.cr.execute(
            """UPDATE crm_lead SET create_date = %s, date_closed = CASE WHEN date_closed IS NOT NULL THEN %s END
                WHERE id = %s""",
            [self.moment(max(ago, closed)), self.moment(min(ago, closed)), lead.id],
        )
        self.env.invalidate_all()

    def contacts(self, since, until):
        for code in ("email", "phone"):
            self.env["crm.interaction"].create(
                [
                    {
                        "partner_id": self.chance.choice(self.customers).id, "company_id": self.company.id,
                        "name": "Said", "channel_id": self.env.ref(f"crm_plus.channel_{code}").id,
                        "direction": self.chance.choice(("in", "out")),
                        "date": self.moment(self.chance.randrange(until, since)),
                    }
                    for _contact in range(15)
                ]
            )  # fmt: skip

    def kept(self):
        """``{(figure, day, place): (numerator, denominator)}`` of what documents tell of a past day."""
        rows = self.env["crm.kpi.day"].search([("company_id", "=", self.company.id)])
        return {
            (row.figure, row.date, row.segment_id.id, row.tier_id.id, row.team_id.id, row.channel_id.id): (
                round(row.numerator, 6), round(row.denominator, 6),
            )
            for row in rows
            if row.figure not in SINCE_RECORDED and (row.dimension == "company" or row.figure not in NOW_ONLY)
        }  # fmt: skip

    def night(self, ago):
        """What the scheduled action does in the night that ends a day, so many days ago."""
        with freeze_time(datetime.combine(self.day(ago - 1), time(1))):
            self.env["crm.customer.profile"]._refresh_company(self.company)
            recorder = Recorder(self.env, self.company)
            for month_end in recorder.record():
                recorder.count_retention(month_end)

    def test_what_is_replayed_is_what_each_night_counted(self):
        merged = self.env["res.partner"].create([{"name": f"Twice {n}", "is_company": True} for n in range(2)])
        for partner, ago in zip(merged, (700, 690), strict=True):
            self.order(partner, ago)
        merging = self.env["base.partner.merge.automatic.wizard"].create({})
        merging._merge(merged.ids, merged[0], extra_checks=False)
        since = (self.today - self.first).days
        for ago in NIGHTS:
            self.happens(since, ago)
            self.night(ago)
            since = ago
        self.happens(since, 1)
        recorded = self.kept()
        self.env["crm.kpi.day"].search([("company_id", "=", self.company.id)]).unlink()
        self.env["crm.customer.profile"]._refresh_company(self.company)
        recorder, step = Recorder(self.env, self.company), 0
        while recorder.replay(step):
            step += 1
        replayed = self.kept()
        figures = {key[0] for key in recorded}
        self.assertGreaterEqual(
            figures,
            {
                "customers", "active_customers", "new_customers", "lost_customers", "repeat_rate", "revenue", "orders",
                "average_order", "retention", "revenue_retention", "gross_revenue_retention", "leads", "won_leads",
                "win_rate", "contacts_out", "contacts_in",
            },
        )  # fmt: skip
        days = {key[1] for key in recorded if key[0] == "customers"}
        self.assertEqual({key: replayed.get(key) for key in recorded}, recorded)
        ends = ("retention", "revenue_retention", "gross_revenue_retention")  # of months the nights did not look at
        more = {key for key in replayed.keys() - recorded.keys() if key[1] in days and key[0] not in ends}
        self.assertFalse(more, "nor anything else")

    def test_the_baseline_stays_whatever_becomes_of_its_documents(self):
        """What was replayed is what everything since is compared with."""
        self.happens(700, 8)
        gone, back = self.order(self.customers[1], 380), self.order(self.customers[2], 20)
        self.env["crm.customer.profile"]._refresh_company(self.company)
        recorder, step = Recorder(self.env, self.company), 0
        recorder.record()
        while recorder.replay(step):
            step += 1
        mine = [("company_id", "=", self.company.id), ("replayed", "=", True)]
        columns = ["date", "figure", "segment_id", "tier_id", "team_id", "channel_id", "numerator", "denominator"]
        baseline = self.env["crm.kpi.day"].search_read(mine, columns, order="id")
        self.assertGreater(len(baseline), 1000)
        gone._action_cancel()
        back._action_cancel()
        self.order(self.customers[3], 400)
        self.order(self.customers[4], 30)
        merging = self.env["base.partner.merge.automatic.wizard"].create({})
        merging._merge(self.customers[5:7].ids, self.customers[5], extra_checks=False)
        self.env["crm.customer.profile"]._refresh_company(self.company)
        for _night in range(2):
            Recorder(self.env, self.company).record(self.day(2))
        self.assertEqual(self.env["crm.kpi.day"].search_read(mine, columns, order="id"), baseline)
