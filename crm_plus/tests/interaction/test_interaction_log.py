from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestInteractionLog(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        salesman = "sales_team.group_sale_salesman"
        cls.ann = new_test_user(cls.env, "ann.sales", salesman, tz="Europe/Brussels")
        cls.bob = new_test_user(cls.env, "bob.sales", salesman)
        cls.manager = new_test_user(cls.env, "mia.manager", "sales_team.group_sale_manager")
        cls.clerk = new_test_user(cls.env, "cas.clerk", "base.group_user")
        cls.customer, cls.other = cls.env["res.partner"].create([{"name": "Miller's Mill"}, {"name": "Baker's Bakery"}])
        cls.lead = cls.env["crm.lead"].create(
            {"name": "New oven", "partner_id": cls.customer.id, "user_id": cls.ann.id, "type": "opportunity"}
        )
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")

    def log(self, user, **values):
        return self.env["crm.interaction.log"].with_user(user).create(values)

    def logged(self, partner=None):
        return self.env["crm.interaction"].search(
            [("is_manual", "=", True), ("partner_id", "=", (partner or self.customer).id)]
        )

    def test_a_salesperson_logs_a_call_with_a_customer(self):
        wizard = self.log(
            self.ann,
            partner_id=self.customer.id,
            name="Prices",
            duration=0.25,
            direction="in",
            outcome="interested",
            note="Wants a discount",
        )
        self.assertEqual(wizard.action_log(), {"type": "ir.actions.act_window_close"})
        entry = self.logged()
        self.assertRecordValues(
            entry,
            [
                {
                    "name": "Prices",
                    "user_id": self.ann.id,
                    "duration": 0.25,
                    "direction": "in",
                    "outcome": "interested",
                    "note": "Wants a discount",
                    "lead_id": False,
                    "company_id": self.env.company.id,
                    "source_id": self.env.ref("crm_plus.source_manual").id,
                }
            ],
        )
        self.assertEqual(entry.channel_id.code, "phone")

    def test_every_kind_has_its_channel(self):
        codes = {"call": "phone", "visit": "visit", "message": "message", "other": "note"}
        for kind in codes:
            self.log(self.ann, partner_id=self.customer.id, kind=kind, name=kind).action_log()
        self.assertEqual({entry.name: entry.channel_id.code for entry in self.logged()}, codes)

    def test_a_missing_channel_is_named(self):
        self.env["crm.interaction.channel"].search([("code", "=", "visit")]).code = "site_visit"
        wizard = self.log(self.ann, partner_id=self.customer.id, kind="visit")
        with self.assertRaisesRegex(UserError, "visit.*Configuration"):
            wizard.action_log()

    def test_an_archived_channel_still_takes_entries(self):
        self.env["crm.interaction.channel"].search([("code", "=", "phone")]).active = False
        self.log(self.ann, partner_id=self.customer.id).action_log()
        self.assertEqual(self.logged().channel_id.code, "phone")

    def test_a_lead_brings_its_customer_and_responsible(self):
        form = Form(self.env["crm.interaction.log"].with_user(self.ann).with_context(default_lead_id=self.lead.id))
        self.assertEqual(form.partner_id, self.customer)
        form.save().action_log()
        self.assertRecordValues(
            self.logged(), [{"lead_id": self.lead.id, "document_user_id": self.ann.id, "partner_id": self.customer.id}]
        )

    def test_the_next_step_is_an_activity_of_the_lead_else_of_the_customer(self):
        due = fields.Date.today() + timedelta(days=3)
        step = {"next_activity_type_id": self.todo.id, "next_date": due, "next_summary": "Send the offer"}
        self.log(self.ann, lead_id=self.lead.id, next_user_id=self.bob.id, **step).action_log()
        self.assertRecordValues(
            self.lead.activity_ids,
            [{"summary": "Send the offer", "date_deadline": due, "user_id": self.bob.id, "automated": False}],
        )
        self.log(self.ann, partner_id=self.other.id, **step).action_log()
        self.assertRecordValues(self.other.activity_ids, [{"user_id": self.ann.id}])

    def test_the_next_step_proposes_when_and_who(self):
        call = self.env.ref("mail.mail_activity_data_call")
        call.write({"delay_count": 2, "delay_unit": "days", "delay_from": "current_date"})
        with freeze_time(datetime(2026, 3, 2, 10)):
            form = Form(
                self.env["crm.interaction.log"].with_user(self.ann).with_context(default_partner_id=self.customer.id)
            )
            self.assertFalse(form.next_date)
            form.next_activity_type_id = call
            self.assertEqual(form.next_date, fields.Date.to_date("2026-03-04"))
            self.assertEqual(form.next_user_id, self.ann)

    def test_logging_and_planning_goes_on_in_the_hosts_dialog(self):
        action = self.log(self.ann, lead_id=self.lead.id).action_log_and_plan()
        self.assertEqual(action["res_model"], "mail.activity.schedule")
        self.assertEqual(
            (action["context"]["active_model"], action["context"]["active_ids"]), ("crm.lead", self.lead.ids)
        )
        schedule = self.env["mail.activity.schedule"].with_user(self.ann).with_context(**action["context"]).create({})
        self.assertEqual(schedule.res_model, "crm.lead")
        self.assertEqual(len(self.logged()), 1)

    def test_one_entry_for_each_selected_customer(self):
        both = self.customer | self.other
        context = {"active_model": "res.partner", "active_ids": both.ids}
        wizard = Form(self.env["crm.interaction.log"].with_user(self.ann).with_context(**context)).save()
        self.assertEqual(wizard.partner_ids, both)
        wizard.write({"name": "Trade fair", "next_activity_type_id": self.todo.id})
        wizard.action_log()
        self.assertEqual([len(self.logged(partner)) for partner in both], [1, 1])
        self.assertEqual([len(partner.activity_ids) for partner in both], [1, 1])

    def test_one_entry_for_each_selected_lead(self):
        second = self.lead.copy({"name": "Second oven", "partner_id": self.other.id, "user_id": self.ann.id})
        context = {"active_model": "crm.lead", "active_ids": (self.lead | second).ids}
        Form(self.env["crm.interaction.log"].with_user(self.ann).with_context(**context)).save().action_log()
        self.assertEqual(self.logged().lead_id, self.lead)
        self.assertEqual(self.logged(self.other).lead_id, second)

    def test_a_single_selected_record_is_prefilled(self):
        for record, name in ((self.customer, "partner_id"), (self.lead, "lead_id")):
            context = {"active_model": record._name, "active_ids": record.ids}
            form = Form(self.env["crm.interaction.log"].with_user(self.ann).with_context(**context))
            self.assertEqual(form[name], record)

    def test_what_is_wrong_names_the_field_and_the_remedy(self):
        customer = self.customer.id
        for values, message in (
            (
                {"partner_id": customer, "date": fields.Datetime.now() + timedelta(hours=1)},
                "When: .*schedule an activity",
            ),
            ({"partner_id": customer, "duration": -1}, "Duration: .*zero or more"),
            ({}, "Customer: choose"),
            ({"partner_id": customer, "next_activity_type_id": self.todo.id, "next_date": False}, "Due: choose a date"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(ValidationError, message):
                self.log(self.ann, **values)

    def test_now_is_not_the_future_even_by_a_clock_that_is_ahead(self):
        self.log(self.ann, partner_id=self.customer.id, date=fields.Datetime.now() + timedelta(minutes=2)).action_log()
        self.assertEqual(len(self.logged()), 1)

    def test_an_own_entry_is_corrected(self):
        self.log(self.ann, partner_id=self.customer.id, kind="visit", name="Before", duration=1).action_log()
        entry = self.logged()
        form = Form(self.env["crm.interaction.log"].with_user(self.ann).with_context(default_interaction_id=entry.id))
        self.assertEqual((form.kind, form.name, form.duration), ("visit", "Before", 1))
        form.name = "After"
        form.partner_id = self.other
        form.save().action_log()
        self.assertRecordValues(entry, [{"name": "After", "partner_id": self.other.id, "user_id": self.ann.id}])
        self.assertEqual(entry.channel_id.code, "visit")

    def test_a_correction_changes_the_channel_only_with_the_kind(self):
        meeting = self.env["crm.interaction.channel"].search([("code", "=", "meeting")])
        self.log(self.ann, partner_id=self.customer.id).action_log()
        entry = self.logged()
        entry.sudo().channel_id = meeting
        edit = self.env["crm.interaction.log"].with_user(self.ann).with_context(default_interaction_id=entry.id)
        Form(edit).save().action_log()
        self.assertEqual(entry.channel_id, meeting)
        form = Form(edit)
        form.kind = "call"
        form.save().action_log()
        self.assertEqual(entry.channel_id.code, "phone")

    def test_a_colleagues_entry_stays_as_it_is_but_for_managers(self):
        self.log(self.ann, partner_id=self.customer.id, name="Mine").action_log()
        entry = self.logged()
        edit = {"default_interaction_id": entry.id, "default_name": "Yours"}
        with self.assertRaises(AccessError):
            wizard = Form(self.env["crm.interaction.log"].with_user(self.bob).with_context(**edit))
            wizard.name = "Yours"
            wizard.save().action_log()
        self.assertEqual(entry.name, "Mine")
        form = Form(self.env["crm.interaction.log"].with_user(self.manager).with_context(**edit))
        form.name = "Corrected"
        form.save().action_log()
        self.assertRecordValues(entry, [{"name": "Corrected", "user_id": self.ann.id}])

    def test_nobody_logs_on_a_lead_that_is_not_theirs_to_see(self):
        with self.assertRaises(AccessError):
            self.log(self.bob, lead_id=self.lead.id).action_log()
        self.assertFalse(self.logged())

    def test_an_employee_outside_sales_cannot_log(self):
        with self.assertRaises(AccessError):
            self.log(self.clerk, partner_id=self.customer.id)

    def test_reports_group_by_what_the_customer_and_the_salesperson_are(self):
        self.customer.country_id = self.env.ref("base.be")
        self.customer.industry_id = self.env["res.partner.industry"].create({"name": "Milling"})
        tag = self.customer.category_id = self.env["res.partner.category"].create({"name": "Regional"})
        team = self.env["crm.team"].create({"name": "Field"})
        self.env["crm.team.member"].create({"crm_team_id": team.id, "user_id": self.ann.id})
        self.log(self.ann, partner_id=self.customer.id).action_log()
        Interaction = self.env["crm.interaction"].with_user(self.ann)
        for field, value in (
            ("country_id", self.customer.country_id),
            ("industry_id", self.customer.industry_id),
            ("partner_tag_ids", tag),
            ("team_id", team),
        ):
            with self.subTest(field=field):
                self.assertTrue(Interaction.fields_get([field], ["groupable"])[field]["groupable"])
                groups = dict(Interaction._read_group([("partner_id", "=", self.customer.id)], [field], ["__count"]))
                self.assertIn(value, [group.sudo() for group in groups])
                self.assertTrue(Interaction.search_count([(field, "=", value.id)]))

    def test_what_is_logged_leaves_one_line_in_the_chatter(self):
        self.log(self.ann, lead_id=self.lead.id, name="Prices", note="Secret margin").action_log()
        self.log(self.ann, partner_id=self.customer.id, note="Long talk\nabout ovens", direction="in").action_log()
        for record, line in (
            (self.lead, "Phone call, Outgoing: Prices"),
            (self.customer, "Phone call, Incoming: Long talk"),
        ):
            message = record.message_ids.sorted("id")[-1]
            self.assertEqual(str(message.body), f"<p>{line}</p>" if "<p>" in message.body else line)
            self.assertEqual((message.message_type, message.author_id), ("notification", self.ann.partner_id))
            self.assertFalse(message.notification_ids)
        self.env.cr.flush()
        self.assertEqual(len(self.logged()), 2)
        count = len(self.lead.message_ids)
        self.env["crm.interaction"].create(
            {"lead_id": self.lead.id, "channel_id": self.env.ref("crm_plus.channel_phone").id, "name": "By code"}
        )
        self.assertEqual(len(self.lead.message_ids), count, "what code writes is its own")
