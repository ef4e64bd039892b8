"""Training, prediction and drift where some leads, orders and entries are of years that nobody means."""

from datetime import date, datetime, timedelta

from odoo.tests import new_test_user, tagged

from .common import BEGIN, PredictionCase

YEARS = (1, 1900, 2039, 9999)


@tagged("post_install", "-at_install")
class TestDates(PredictionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads.closed(400)
        cls.customer = cls.env["res.partner"].create({"name": "Customer of all times"})
        cls.moments = [moment for year in YEARS for moment in (datetime(year, 1, 1), datetime(year, 12, 31, 23, 59))]

    def strange_leads(self):
        """Closed leads that were created, closed or both in such years, of a customer who bought and called then."""
        for moment in self.moments:
            self.leads.closed(1, create_date=moment, partner_id=self.customer.id)
            self.leads.closed(1, date_closed=moment, partner_id=self.customer.id)
            self.leads.closed(1, create_date=moment, date_closed=moment, date_deadline=moment.date())
            order = self.env["sale.order"].create({"partner_id": self.customer.id, "company_id": self.company.id})
            order.write({"state": "sale", "date_order": moment})
            entry = self.env["crm.interaction"].create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "source_id": self.env.ref("crm_plus.source_manual").id,
                    "channel_id": self.env.ref("crm_plus.channel_phone").id,
                    "direction": "in",
                    "date": BEGIN,
                    "name": "Called",
                }
            )
            self.env.flush_all()
            # as it stands in the table of whoever imported it past the checks
            self.env.cr.execute("UPDATE crm_interaction SET date = %s WHERE id = %s", [moment, entry.id])

    def test_a_version_is_trained_checked_and_predicts(self):
        self.strange_leads()
        version = self.train()
        self.assertIn(version.state, ("draft", "published"), version.shortfall_text)
        version._publish()
        self.assertLessEqual(version.judged_to, date.today())
        version._check_drift()
        self.assertFalse("error" in version.drift)
        seller = new_test_user(
            self.env,
            "prediction_dates",
            "sales_team.group_sale_salesman",
            company_ids=self.company.ids,
            company_id=self.company.id,
        )
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            self.company.partner_id.tz = seller.tz = zone
            for moment in self.moments:
                lead = self.leads.open(1, created=moment, partner_id=self.customer.id, user_id=seller.id)
                self.scores._predict_leads(lead.ids)
                with self.subTest(zone=zone, created=moment):
                    self.assertTrue(lead.with_user(seller).score_card()["prediction"])

    def test_they_do_not_hide_what_is_closed_from_the_check_of_drift(self):
        self.leads.closed(1, date_closed=datetime(9999, 12, 31))
        version = self.train()
        newest = self.leads.closed(60, start=max(datetime.now() - timedelta(days=61), BEGIN))
        self.env.cr.execute(
            "UPDATE crm_score_model SET judged_to = LEAST(judged_to, %s) WHERE id = %s",
            [date.today() - timedelta(days=62), version.id],
        )
        version.invalidate_recordset()
        version._check_drift()
        self.assertGreaterEqual(version.drift["leads"], len(newest))

    def test_what_is_deleted_meanwhile_fails_no_job(self):
        """The steps of the scheduled actions, called for what was there when they began."""
        team = self.env["crm.team"].create({"name": "Gone soon", "company_id": self.company.id})
        gone = self.train()
        team.unlink()
        gone._discard()
        # other apps do not let go of a company
        gone_company = self.company.browse(self.company.id + 1_000_000)
        self.patch(self.registry["ir.cron"], "_commit_progress", lambda *_arguments, **_progress: 1)
        steps = [
            (self.models._train_company, gone_company), (self.scores._rescore_step, gone_company),
            (self.env["crm.lead"]._recompute_step, gone_company), (lambda version: version._check_drift(), gone),
        ]  # fmt: skip
        with self.assertNoLogs("odoo.addons.crm_plus", "WARNING"):
            for step, item in steps:
                self.assertTrue(self.scores._guarded(step, item, 1)[0], "done with it")
            self.patch(type(self.models), "_teams_with_enough", lambda models, company: team)
            self.assertEqual(len(self.models._train_company(self.company)), 1)
