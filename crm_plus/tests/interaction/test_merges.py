from odoo.tests import tagged

from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestPartnerMerge(TimelineCase):
    def setUp(self):
        super().setUp()
        Partner = self.env["res.partner"]
        self.first, self.second, self.third = Partner.create(
            [{"name": name, "email": "same@twins.example"} for name in ("Twin one", "Twin two", "Twin three")]
        )
        self.twins = self.first | self.second | self.third
        self.event = self.env["calendar.event"].create(
            {
                "name": "All three",
                "start": "2024-05-02 10:00:00",
                "stop": "2024-05-02 11:00:00",
                "partner_ids": [(6, 0, self.twins.ids)],
            }
        )
        for twin in self.twins:
            self.new_order(twin).action_confirm()
            self.log(partner_id=twin.id)
        self.commit()

    def merge(self, sources, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((sources | target).ids, target)
        self.env.invalidate_all()

    def assertMerged(self, target, count):
        codes = self.of_partner(target)
        self.assertEqual(codes.count("order"), count)
        self.assertEqual(codes.count("manual"), count)
        page = self.env["crm.interaction"].timeline_page({"partner_id": target.id})
        meetings = [row for row in page["rows"] if row["name"] == "All three"]
        self.assertEqual(len(meetings), 1, "one event is shown once")
        self.assertEqual(self.reconcile(), {})
        self.assertEqual(self.of_partner(target), codes, "a check takes nothing away")

    def test_two_partners_into_the_older_one(self):
        self.merge(self.second, self.first)
        self.assertMerged(self.first, 2)

    def test_two_partners_into_the_newer_one(self):
        self.merge(self.first, self.second)
        self.assertMerged(self.second, 2)

    def test_three_partners(self):
        self.merge(self.first | self.third, self.second)
        self.assertMerged(self.second, 3)

    def test_the_mails_of_merged_partners_stay(self):
        lead = self.new_lead(partner_id=self.first.id)
        on_lead = lead.message_post(body="x", message_type="email", author_id=self.first.id)
        on_partner = self.first.message_post(body="x", message_type="email", author_id=self.first.id)
        self.commit()
        self.merge(self.first, self.second)
        self.assertEqual((self.of(on_lead, "email_in") | self.of(on_partner, "email_in")).partner_id, self.second)
        row = self.of(on_partner, "email_in")
        self.assertEqual(row.document_id, self.second.id)
        self.assertEqual(self.reconcile(), {})


@tagged("post_install", "-at_install")
class TestLeadMerge(TimelineCase):
    def test_a_lead_merge_keeps_every_interaction(self):
        for reverse in (False, True):
            leads = self.new_lead(partner_id=self.customer.id, priority="3") | self.new_lead(
                partner_id=self.customer.id
            )
            if reverse:
                leads[0].priority, leads[1].priority = "0", "3"
            for lead in leads:
                self.log(lead_id=lead.id)
                lead.message_post(body="x", subject="Lamps", message_type="email", author_id=self.customer.id)
            leads[0].action_set_lost()
            self.commit()
            before = self.codes(leads)
            self.assertEqual(before.count("lead_created"), 2)
            self.assertEqual(before.count("email_in"), 2)
            self.assertEqual(before.count("manual"), 2)
            leads[0].action_unarchive()
            before = self.codes(leads)
            result = leads.merge_opportunity()
            self.env.invalidate_all()
            self.assertEqual(self.codes(result), before)
            self.assertEqual(self.reconcile(), {})
            self.assertEqual(self.codes(result), before, "a check takes nothing away")

    def codes(self, leads):
        self.commit()
        return sorted(row.source_id.code for row in self.env["crm.interaction"].search([("lead_id", "in", leads.ids)]))

    def test_a_merged_lead_without_customer_gives_its_history_to_the_customer(self):
        stranger = self.new_lead(email_from="x@x.example")
        call = self.log(lead_id=stranger.id)
        known = self.new_lead(partner_id=self.customer.id)
        self.commit()
        result = (stranger | known).merge_opportunity()
        self.commit()
        self.assertEqual((call.lead_id, call.partner_id), (result, self.customer))
        self.assertEqual(self.reconcile(), {})
