"""Sources of apps of Odoo Enterprise and OCA, which are not here: they wait without harm and wake with their models."""

from odoo.tests import tagged

from ...services.customer.tickets import Tickets
from . import standins
from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestEnterpriseSources(TimelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sources = cls.env["crm.interaction.source"].search([("model_name", "in", list(standins.FIELDS))])
        cls.before = {source.code: (source.state, source.error) for source in cls.sources}
        cls.brought = standins.bring(cls)
        cls.env.invalidate_all()
        cls.env.registry.clear_cache()

    def make(self, model, **values):
        return self.env[model].create(values)

    def rows(self, code, *records):
        self.commit()
        found = self.env["crm.interaction"].search([("source_id.code", "=", code)], order="id")
        return [(row.partner_id, row.channel_id.code, row.direction, row.name) for row in found]

    def test_they_wait_without_harm_and_are_ready_with_their_models(self):
        waiting = {source.code for source in self.sources if source.model_name in self.brought}
        self.assertGreaterEqual(
            waiting, {"ticket", "voip_call", "whatsapp_sent", "marketing_participant", "sign_signed"}
        )
        self.assertEqual({self.before[code] for code in waiting}, {("dormant", False)})
        self.assertEqual({(source.state, source.error) for source in self.sources}, {("ready", False)})

    def test_a_ticket(self):
        self.make(
            "helpdesk.ticket", name="Lamp is dark", partner_id=self.customer.id, description="<p>Since Monday</p>"
        )
        self.assertEqual(self.rows("ticket"), [(self.customer, "support", "in", "Lamp is dark")])

    def test_open_tickets_are_on_the_card_of_the_customer(self):
        tickets = Tickets(self.env, self.customer.commercial_partner_id)
        for closed in (False, "2026-01-01 10:00:00"):
            self.make("helpdesk.ticket", name="Lamp is dark", partner_id=self.customer.id, close_date=closed)
        self.assertEqual(tickets.name, "helpdesk.ticket")
        found = self.env["helpdesk.ticket"].search(tickets.domain())
        self.assertEqual(found.mapped("close_date"), [False])
        self.assertEqual(tickets.text(len(found)), "1 open ticket")

    def test_calls_that_were_held(self):
        for direction, state in (("incoming", "terminated"), ("outgoing", "terminated"), ("incoming", "missed")):
            self.make(
                "voip.call", partner_id=self.customer.id, direction=direction, state=state, activity_name="Offer",
                start_date="2024-05-02 10:00:00",
            )  # fmt: skip
        calls = [(self.customer, "phone", direction, "Offer") for direction in ("in", "out")]
        self.assertEqual(self.rows("voip_call"), calls)

    def test_messages_in_and_out(self):
        template = self.make("whatsapp.template", name="Delivery tomorrow")
        said = self.customer.message_post(body="Tomorrow?", message_type="comment", author_id=self.customer.id)
        self.make(
            "whatsapp.message", message_type="inbound", state="received", mail_message_id=said.id, body="Tomorrow?"
        )
        sent = self.customer.message_post(body="Tomorrow.", message_type="comment")
        for state in ("sent", "error"):
            self.make(
                "whatsapp.message", message_type="outbound", state=state, mail_message_id=sent.id,
                wa_template_id=template.id,
            )  # fmt: skip
        self.assertEqual([row[:3] for row in self.rows("whatsapp_received")], [(self.customer, "message", "in")])
        out = [(self.customer, "message", "out", "Delivery tomorrow")]
        self.assertEqual(self.rows("whatsapp_sent"), out)

    def test_who_enters_a_campaign_by_contact_and_by_lead(self):
        campaign = self.make("marketing.campaign", name="Spring lamps")
        lead = self.env["crm.lead"].create({"name": "Lamps", "partner_id": self.colleague.id})
        for model, record, is_test in (
            ("res.partner", self.customer, False), ("crm.lead", lead, False), ("res.partner", self.customer, True),
        ):  # fmt: skip
            self.make(
                "marketing.participant", campaign_id=campaign.id, model_name=model, res_id=record.id, is_test=is_test
            )
        entered = [(partner, "mailing", "none", "Spring lamps") for partner in (self.customer, self.colleague)]
        self.assertCountEqual(self.rows("marketing_participant"), entered)

    def test_subscriptions(self):
        order = self.new_order()
        self.make("sale.order.log", order_id=order.id, event_type="2_churn")
        self.assertEqual(self.rows("subscription_event"), [(self.customer, "order", "none", order.name)])
        self.make("sale.subscription", name="Lamps by the month", partner_id=self.customer.id)
        self.assertEqual(self.rows("subscription"), [(self.customer, "order", "none", "Lamps by the month")])

    def test_what_was_sent_to_be_signed_and_signed(self):
        request = self.make("sign.request", reference="Frame contract")
        for partner, state, day in (
            (self.customer, "completed", "2024-05-02"), (self.colleague, "sent", False),
            (self.env.user.partner_id, "completed", "2024-05-02"),
        ):  # fmt: skip
            self.make(
                "sign.request.item", sign_request_id=request.id, partner_id=partner.id, state=state, signing_date=day
            )
        sent = [(partner, "web", "out", "Frame contract") for partner in (self.customer, self.colleague)]
        self.assertEqual(self.rows("sign_sent"), sent)
        self.assertEqual(self.rows("sign_signed"), [(self.customer, "web", "in", "Frame contract")])

    def test_they_stand_in_the_timeline(self):
        self.make("helpdesk.ticket", name="Lamp is dark", partner_id=self.customer.id)
        self.commit()
        page = self.env["crm.interaction"].timeline_page({"partner_id": self.customer.id}, {"search": "Lamp is dark"})
        self.assertEqual([row["name"] for row in page["rows"]], ["Lamp is dark"])
