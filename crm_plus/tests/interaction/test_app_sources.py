"""Sources of apps that need not be there: what each takes up, and that nothing private gets in."""

from odoo.tests import tagged

from .common import TimelineCase


def needs(model_name):
    """Run the test where the app with this model is installed."""

    def decorate(test):
        def run(self):
            if model_name not in self.env:
                self.skipTest(f"no {model_name} here")
            test(self)

        run.__name__ = test.__name__
        return run

    return decorate


@tagged("post_install", "-at_install")
class TestAppSources(TimelineCase):
    @needs("im_livechat.channel.member.history")
    def test_a_chat_is_one_interaction_of_the_visitor(self):
        livechat = self.env["im_livechat.channel"].create({"name": "Shop window"})
        chat = self.env["discuss.channel"].create(
            {
                "name": "Chat",
                "channel_type": "livechat",
                "livechat_channel_id": livechat.id,
                "livechat_operator_id": self.seller.partner_id.id,
                "channel_member_ids": [
                    (0, 0, {"partner_id": self.seller.partner_id.id, "livechat_member_type": "agent"}),
                    (0, 0, {"partner_id": self.customer.id, "livechat_member_type": "visitor"}),
                ],
            }
        )
        chat.message_post(body="My lamp is broken", message_type="comment", author_id=self.customer.id)
        rows = self.of(chat.livechat_channel_member_history_ids, "livechat")
        self.assertEqual((rows.partner_id, rows.name), (self.customer, "Shop window"))
        self.assertEqual((rows.document_model, rows.document_id), ("discuss.channel", chat.id))
        self.assertEqual(self.of_partner(self.customer), ["livechat"], "what was said is not copied")

    @needs("mailing.trace")
    def test_a_mailing_is_sent_opened_clicked_and_answered(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Summer lamps",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "user_id": self.seller.id,
            }
        )
        trace = self.env["mailing.trace"].create(
            {"mass_mailing_id": mailing.id, "model": "res.partner", "res_id": self.customer.id}
        )
        steps = ("mailing_sent", "mailing_opened", "mailing_clicked", "mailing_replied")
        self.assertEqual(self.of_partner(self.customer, *steps), [])
        trace.write({"trace_status": "sent", "sent_datetime": "2024-05-02 10:00:00"})
        self.assertEqual(self.of_partner(self.customer, *steps), ["mailing_sent"])
        row = self.of(trace, "mailing_sent")
        self.assertEqual((row.name, row.user_id, row.direction), ("Summer lamps", self.seller, "out"))
        trace.write({"trace_status": "open", "open_datetime": "2024-05-02 11:00:00"})
        trace.write({"links_click_datetime": "2024-05-02 12:00:00"})
        trace.write({"trace_status": "reply", "reply_datetime": "2024-05-02 13:00:00"})
        self.assertEqual(self.of_partner(self.customer, *steps), list(steps))
        self.assertEqual(self.of(trace, "mailing_clicked").direction, "in")
        trace.trace_status = "bounce"
        self.assertNotIn("mailing_sent", self.of_partner(self.customer, *steps))

    @needs("mailing.trace")
    def test_test_mailings_and_mailings_to_other_models_are_left_out(self):
        values = {"trace_status": "sent", "sent_datetime": "2024-05-02 10:00:00"}
        traces = self.env["mailing.trace"].create(
            [
                {"model": "res.partner", "res_id": self.customer.id, "is_test_trace": True, **values},
                {"model": "res.users", "res_id": self.seller.id, **values},
            ]
        )
        self.assertFalse(self.of(traces, "mailing_sent"))

    @needs("website.visitor")
    def test_website_visits_are_counted_by_visit(self):
        visitor = self.env["website.visitor"].create({"access_token": str(self.customer.id)})
        self.assertEqual(self.of(visitor, "website_visit").partner_id, self.customer)
        # the website counts by its own SQL
        self.env.cr.execute(
            """UPDATE website_visitor SET visit_count = 2,
                      last_connection_datetime = now() AT TIME ZONE 'UTC' + interval '1 minute' WHERE id = %s""",
            visitor.ids,
        )
        self.env.invalidate_all()
        self.assertEqual(self.reconcile("website_visit"), {"website_visit": (1, 0, 0)})
        rows = self.of(visitor, "website_visit")
        self.assertEqual(rows.mapped("occurrence"), [1, 2])
        self.assertEqual(len(set(rows.mapped("date"))), 2)
        visitor.unlink()
        self.assertEqual(self.reconcile("website_visit"), {})
        self.assertEqual(len(rows.exists()), 2, "visitors are cleaned away, visits took place")

    @needs("website.visitor")
    def test_colleagues_on_the_website_are_no_visitors(self):
        visitor = self.env["website.visitor"].create({"access_token": str(self.seller.partner_id.id)})
        self.assertFalse(self.of(visitor, "website_visit"))

    @needs("survey.user_input")
    def test_a_finished_survey_is_in_the_timeline_and_a_restricted_one_is_not(self):
        survey = self.env["survey.survey"].create({"title": "How are the lamps?"})
        answer = self.env["survey.user_input"].create(
            {"survey_id": survey.id, "partner_id": self.customer.id, "state": "in_progress"}
        )
        trial = self.env["survey.user_input"].create(
            {"survey_id": survey.id, "partner_id": self.customer.id, "state": "done", "test_entry": True}
        )
        self.assertFalse(self.of(answer | trial, "survey"))
        answer.write({"state": "done", "end_datetime": "2024-05-02 10:00:00"})
        row = self.of(answer | trial, "survey")
        self.assertEqual((row.partner_id, row.name), (self.customer, "How are the lamps?"))
        survey.restrict_user_ids = self.seller
        self.assertEqual(self.reconcile("survey"), {"survey": (0, 1, 0)})
        self.assertFalse(self.of(answer, "survey"))
        answer.end_datetime = "2024-05-03 10:00:00"
        self.assertFalse(self.of(answer, "survey"))

    @needs("event.registration")
    def test_an_event_registration_is_in_the_timeline_until_it_is_cancelled(self):
        event = self.env["event.event"].create(
            {"name": "Lamp fair", "date_begin": "2024-05-02 08:00:00", "date_end": "2024-05-02 18:00:00"}
        )
        registration = self.env["event.registration"].create(
            {"event_id": event.id, "partner_id": self.customer.id, "state": "open"}
        )
        row = self.of(registration, "event_registration")
        self.assertEqual((row.partner_id, row.name), (self.customer, "Lamp fair"))
        self.assertEqual(row.company_id, event.company_id)
        registration.action_cancel()
        self.assertFalse(self.of(registration, "event_registration"))

    @needs("pos.order")
    def test_a_paid_point_of_sale_order_is_in_the_timeline(self):
        config = self.env["pos.config"].search([("company_id", "=", self.env.company.id)], limit=1)
        session = self.env["pos.session"].create({"config_id": config.id, "user_id": self.seller.id})
        order = self.env["pos.order"].create(
            {
                "session_id": session.id,
                "company_id": self.env.company.id,
                "partner_id": self.customer.id,
                "amount_total": 75,
                "amount_tax": 0,
                "amount_paid": 75,
                "amount_return": 0,
                "pos_reference": "Receipt 7",
            }
        )
        self.assertFalse(self.of(order, "pos_order"))
        order.state = "paid"
        row = self.of(order, "pos_order")
        self.assertEqual((row.amount, row.currency_id), (75, config.currency_id))
        self.assertEqual((row.name, row.channel_id.code), ("Receipt 7", "store"))
        self.assertEqual(row.document_user_id, order.user_id)

    @needs("project.task")
    def test_only_tasks_that_every_employee_sees_are_in_the_timeline(self):
        project = self.env["project.project"].create({"name": "Rewiring", "privacy_visibility": "employees"})
        task, private = self.env["project.task"].create(
            [
                {"name": "Rewire", "project_id": project.id, "partner_id": self.customer.id},
                {"name": "Buy a present", "project_id": False, "partner_id": self.customer.id},
            ]
        )
        mails = [
            record.message_post(body="x", message_type="email", author_id=self.customer.id) for record in task | private
        ]
        self.assertEqual(self.of(task, "task").name, "Rewire")
        self.assertEqual(self.of(mails[0], "email_in").document_id, task.id)
        self.assertFalse(self.of(private, "task") | self.of(mails[1], "email_in"))
        project.privacy_visibility = "followers"
        self.assertFalse(self.of(task, "task") | self.of(mails[0], "email_in"), "at once, not with the next check")
        self.assertEqual(self.reconcile("task", "email_in"), {})
        project.privacy_visibility = "portal"
        self.assertTrue(self.of(task, "task"))

    @needs("stock.picking")
    def test_a_delivery_done_is_in_the_timeline_and_a_receipt_is_not(self):
        order = self.new_order(user_id=self.seller.id)
        order.action_confirm()
        delivery = order.picking_ids
        self.assertFalse(self.of(delivery, "delivery"))
        delivery.move_ids.quantity = 2
        delivery.move_ids.picked = True
        delivery.button_validate()
        self.assertEqual(delivery.state, "done")
        row = self.of(delivery, "delivery")
        self.assertEqual((row.partner_id, row.document_user_id), (self.customer, self.seller))
        self.assertEqual((row.channel_id.code, row.direction), ("delivery", "out"))
        order.user_id = self.other_seller
        self.assertEqual(self.of(delivery, "delivery").document_user_id, self.other_seller)
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1)
        places = {
            "location_id": self.env.ref("stock.stock_location_suppliers").id,
            "location_dest_id": warehouse.lot_stock_id.id,
        }
        move = {"product_id": self.product.id, "product_uom_qty": 1, "quantity": 1, "picked": True, **places}
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": warehouse.in_type_id.id,
                "partner_id": self.customer.id,
                "move_ids": [(0, 0, move)],
                **places,
            }
        )
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")
        self.assertFalse(self.of(receipt, "delivery"))

    @needs("repair.order")
    def test_a_confirmed_repair_is_in_the_timeline(self):
        repair = self.env["repair.order"].create(
            {"partner_id": self.customer.id, "product_id": self.product.id, "user_id": self.seller.id}
        )
        self.assertFalse(self.of(repair, "repair"))
        repair.state = "confirmed"
        row = self.of(repair, "repair")
        self.assertEqual((row.name, row.document_user_id), (repair.name, self.seller))
        repair.state = "cancel"
        self.assertFalse(self.of(repair, "repair"))
