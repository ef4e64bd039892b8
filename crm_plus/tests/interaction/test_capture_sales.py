from odoo.tests import tagged

from .common import TimelineCase


@tagged("post_install", "-at_install")
class TestCaptureSales(TimelineCase):
    def test_a_quotation_is_not_an_order(self):
        self.assertFalse(self.of(self.new_order(), "order"))

    def test_a_confirmed_order_is_in_the_timeline_with_its_values(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        order = self.new_order(user_id=self.seller.id, opportunity_id=lead.id)
        order.action_confirm()
        row = self.of(order, "order")
        self.assertEqual(len(row), 1)
        self.assertEqual(row.partner_id, self.customer)
        self.assertEqual(row.lead_id, lead)
        self.assertEqual(row.date, order.date_order)
        self.assertEqual(row.name, order.name)
        self.assertEqual((row.amount, row.currency_id), (order.amount_total, order.currency_id))
        self.assertEqual(row.company_id, order.company_id)
        self.assertEqual((row.user_id, row.document_user_id), (self.seller, self.seller))
        self.assertEqual((row.channel_id.code, row.direction), ("order", "in"))

    def test_a_cancelled_order_leaves_the_timeline_and_comes_back_when_confirmed_again(self):
        order = self.new_order()
        order.action_confirm()
        self.assertTrue(self.of(order, "order"))
        order._action_cancel()
        self.assertFalse(self.of(order, "order"))
        order.action_draft()
        self.assertFalse(self.of(order, "order"))
        order.action_confirm()
        self.assertEqual(len(self.of(order, "order")), 1)

    def test_a_deleted_order_leaves_the_timeline(self):
        order = self.new_order()
        order.action_confirm()
        self.assertTrue(self.of(order, "order"))
        row = self.of(order, "order")
        order._action_cancel()
        order.unlink()
        self.commit()
        self.assertFalse(row.exists())

    def test_an_order_confirmed_and_cancelled_before_the_commit_was_never_there(self):
        order = self.new_order()
        order.action_confirm()
        order._action_cancel()
        self.assertFalse(self.of(order, "order"))

    def test_a_changed_order_changes_its_line_in_the_timeline(self):
        order = self.new_order()
        order.action_confirm()
        row = self.of(order, "order")
        order.order_line.product_uom_qty = 5
        order.user_id = self.other_seller
        order.partner_id = self.colleague
        changed = self.of(order, "order")
        self.assertEqual(len(changed), 1)
        self.assertEqual(changed.amount, 250)
        self.assertEqual((changed.document_user_id, changed.partner_id), (self.other_seller, self.colleague))
        self.assertFalse(row.exists() - changed)

    def test_a_sent_quotation_is_in_the_timeline(self):
        order = self.new_order(user_id=self.seller.id).with_context(tracking_disable=False)
        self.commit()
        order.action_quotation_sent()
        self.commit()
        rows = self.env["crm.interaction"].search(
            [("source_id.code", "=", "quotation_sent"), ("document_id", "=", order.id)]
        )
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows.document_model, "sale.order")
        self.assertEqual((rows.partner_id, rows.document_user_id), (self.customer, self.seller))
        self.assertEqual((rows.channel_id.code, rows.direction), ("order", "out"))


@tagged("post_install", "-at_install")
class TestCaptureLeads(TimelineCase):
    def test_a_lead_is_in_the_timeline_when_it_is_created(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        row = self.of(lead, "lead_created")
        self.assertEqual((row.partner_id, row.lead_id, row.name), (self.customer, lead, "Fifty lamps"))
        self.assertEqual(row.document_user_id, self.seller)

    def test_a_won_lead_and_its_revenue_are_in_the_timeline(self):
        lead = self.new_lead(partner_id=self.customer.id, expected_revenue=500, company_id=self.env.company.id)
        self.assertFalse(self.of(lead, "lead_won"))
        lead.action_set_won()
        row = self.of(lead, "lead_won")
        self.assertEqual((row.amount, row.currency_id), (500, self.env.company.currency_id))
        self.assertFalse(self.of(lead, "lead_lost"))

    def test_a_lost_lead_that_is_restored_was_not_lost(self):
        lead = self.new_lead(partner_id=self.customer.id)
        lead.action_set_lost()
        self.assertEqual(len(self.of(lead, "lead_lost")), 1)
        self.assertEqual(len(self.of(lead, "lead_created")), 1, "an archived lead was created all the same")
        lead.action_unarchive()
        self.assertFalse(self.of(lead, "lead_lost"))

    def test_a_won_lead_that_is_reopened_was_not_won(self):
        stage = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        lead = self.new_lead(partner_id=self.customer.id)
        lead.action_set_won()
        self.assertTrue(self.of(lead, "lead_won"))
        lead.stage_id = stage
        self.assertFalse(self.of(lead, "lead_won"))

    def test_a_lead_without_customer_has_a_history_that_follows_when_it_gets_one(self):
        lead = self.new_lead(email_from="new@elsewhere.example")
        call = self.log(lead_id=lead.id)
        message = lead.message_post(
            body="Hello", message_type="email", email_from="new@elsewhere.example", author_id=False
        )
        rows = self.of(lead, "lead_created") | self.of(message, "email_in") | call
        self.assertEqual(len(rows), 3)
        self.assertFalse(rows.partner_id)
        self.assertEqual(rows.lead_id, lead)
        lead.partner_id = self.customer
        self.commit()
        rows = self.of(lead, "lead_created") | self.of(message, "email_in") | call
        self.assertEqual(len(rows), 3)
        for row in rows:
            self.assertEqual(row.partner_id, self.customer, row.source_id.code)
        self.assertFalse(self.reconcile("lead_created", "email_in"))

    def test_all_that_depends_on_a_lead_follows_its_salesperson(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        call = self.log(lead_id=lead.id)
        message = lead.message_post(body="Hello", message_type="email", author_id=self.customer.id)
        event = self.env["calendar.event"].create(
            {
                "name": "Demo",
                "start": "2024-05-02 10:00:00",
                "stop": "2024-05-02 11:00:00",
                "opportunity_id": lead.id,
                "partner_ids": [(4, self.customer.id)],
            }
        )
        attendee = event.attendee_ids.filtered(lambda a: a.partner_id == self.customer)

        def owners():
            rows = self.of(lead, "lead_created") | self.of(message, "email_in") | self.of(attendee, "meeting") | call
            return {row.source_id.code: row.document_user_id for row in rows}

        expected = ("lead_created", "email_in", "meeting", "manual")
        self.assertEqual(owners(), dict.fromkeys(expected, self.seller))
        lead.user_id = self.other_seller
        self.assertEqual(owners(), dict.fromkeys(expected, self.other_seller))
        lead.user_id = False
        self.assertEqual(owners(), dict.fromkeys(expected, self.env["res.users"]))


@tagged("post_install", "-at_install")
class TestEventsOfSales(TimelineCase):
    def event(self, lead):
        self.commit()
        rows = self.env["crm.interaction"].with_user(self.seller).timeline_page({"lead_id": lead.id})["rows"]
        return [row["event"] for row in rows]

    def test_a_canceled_order_leaves_no_hole(self):
        order = self.new_order(user_id=self.seller.id)
        order.action_confirm()
        self.assertTrue(self.of(order, "order"))
        order._action_cancel()
        self.assertFalse(self.of(order, "order"))
        row = self.of(order, "order_canceled")
        self.assertEqual((row.partner_id, row.name, row.date), (self.customer, order.name, order.crm_canceled_date))
        self.assertFalse(row.channel_id.is_contact, "it gives no points")
        order.client_order_ref = "changed later"
        self.env.cr.execute("UPDATE sale_order SET write_date = '2030-01-01' WHERE id = %s", [order.id])
        self.assertEqual(self.of(order, "order_canceled").date, order.crm_canceled_date)
        order.action_draft()
        self.assertFalse(self.of(order, "order_canceled") | self.of(order, "quotation_canceled"))
        order._action_cancel()
        self.assertFalse(self.of(order, "order_canceled"), "it was a quotation again")
        self.assertEqual(self.of(order, "quotation_canceled").event, "Canceled")
        self.assertEqual(self.reconcile("order", "order_canceled", "quotation_canceled"), {})

    def test_a_lost_lead_says_why(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too expensive"})
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        lead.action_set_lost(lost_reason_id=reason.id)
        self.assertIn("Lost: Too expensive", self.event(lead))
        other = self.new_lead(user_id=self.seller.id)
        other.action_set_lost()
        self.assertIn("Lost", self.event(other))

    def test_a_lead_that_the_customer_made_is_an_inquiry(self):
        root, public = self.env.ref("base.user_root"), self.env.ref("base.public_user")
        portal = self._new_user("portal", "base.group_portal")
        values = {"name": "Via form", "email_from": "x@form.example", "type": "opportunity"}
        website = self.env["utm.medium"]._fetch_or_create_utm_medium("website")
        chat = self.env["utm.source"].search([("name", "=", "Livechat")]) or self.env["utm.source"].create(
            {"name": "Livechat"}
        )
        made = (
            (root, {"medium_id": website.id}, "inquiry"),
            (public, {}, "inquiry"),
            (portal, {}, "inquiry"),
            (self.seller, {"source_id": chat.id}, "inquiry"),
            (self.seller, {"medium_id": website.id}, "lead"),
            (root, {}, "lead"),
        )
        for user, more, code in made:
            with self.subTest(user=user.login, more=more):
                lead = self.env["crm.lead"].with_user(user).sudo().create({**values, **more})
                row = self.of(lead, "lead_created")
                self.assertEqual((row.channel_id.code, row.direction), (code, "in" if code == "inquiry" else "none"))
                self.env["crm.lead.score"]._refresh_queued()
                self.assertEqual(lead.with_env(self.env).engagement_score > 0, code == "inquiry")
