from odoo.tests import tagged
from odoo.tools import SQL

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestContact(ScoreCase):
    """What became of our own records is no engagement of the customer, unless a rule names it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pipeline = cls.env.ref("crm_plus.channel_lead")
        cls.partner = cls.env["res.partner"].create({"name": "Customer"})

    def deal(self, **values):
        lead = self.lead(partner_id=self.partner.id, **values)
        self.catch_up()
        return lead

    def test_a_lead_that_was_only_created_has_no_engagement(self):
        self.rule(kind="engagement", points=12, fades=False)
        lead = self.deal()
        self.assertEqual(lead.interaction_ids.channel_id, self.pipeline)
        self.assertEqual(lead.engagement_score, 0)

    def test_a_lead_won_before_is_no_engagement_either(self):
        self.rule(kind="engagement", points=12, fades=False, direction="any")
        self.deal().action_set_won()
        self.assertEqual(self.deal().engagement_score, 0)

    def test_a_rule_that_names_the_channel_counts_it(self):
        self.rule(kind="engagement", points=12, fades=False, channel_ids=[(6, 0, self.pipeline.ids)])
        lead = self.deal()
        self.assertEqual(lead.engagement_score, 12)
        events = lead.explain_score()["engagement"]["lines"][0]["events"]
        self.assertEqual([event["id"] for event in events], lead.interaction_ids.ids)

    def test_another_lead_of_the_customer_does_not_end_the_silence(self):
        self.rule(kind="silence", points=-10, silence_days=5)
        self.rule(points=40)
        self.company.crm_plus_fit_weight = 50
        lead = self.deal()
        query = SQL("UPDATE crm_lead SET create_date = create_date - interval '9 days' WHERE id = %s", lead.id)
        self.env.cr.execute(query)
        self.deal()
        self.Score._refresh_leads(lead.ids)
        lines = lead.explain_score()["engagement"]["lines"]
        self.assertEqual([(line["kind"], line["points"]) for line in lines], [("rule", "-10.00"), ("clip", "10.00")])

    def test_a_channel_of_your_own_can_be_left_out(self):
        self.rule(kind="engagement", points=12, fades=False)
        own = self.env["crm.interaction.channel"].create({"name": "Postal returns", "code": "returns"})
        lead = self.deal()
        self.event(partner_id=self.partner.id, channel_id=own.id)
        self.assertEqual(lead.engagement_score, 12)
        own.is_contact = False
        self.Score._refresh_leads(lead.ids)
        self.assertEqual(lead.engagement_score, 0)

    def test_an_archived_channel_counts_as_before(self):
        self.rule(kind="engagement", points=12, fades=False)
        lead = self.deal()
        self.event(partner_id=self.partner.id)
        self.phone.active = False
        self.Score._refresh_leads(lead.ids)
        self.assertEqual(lead.engagement_score, 12)
