from unittest.mock import patch

from odoo import Command
from odoo.addons.crm_plus.tests.job.common import run_jobs_to_their_end
from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.addons.crm_plus_mass_mailing.models import mailing_list
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged


@tagged("post_install", "-at_install")
class TestMailingAudience(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.customers(3)
        cls.marketer = cls.user("followup_marketer", "mass_mailing.group_mass_mailing_user")

    def mailing(self, audience, **values):
        return self.env["mailing.mailing"].create(
            {"subject": "News", "body_html": "<p>News</p>", "crm_audience_id": audience.id, **values}
        )

    def test_the_members_at_the_moment_of_sending_get_it(self):
        audience = self.audience(domain=repr([("order_count", ">", 1)]))
        mailing = self.mailing(audience)
        self.assertEqual(mailing.mailing_model_real, "res.partner")
        self.assertFalse(mailing._get_recipients())
        self.order(self.second)
        self.refresh()
        self.assertEqual(mailing._get_recipients(), self.second.ids)

    def test_it_is_a_first_step_that_is_done(self):
        def state():
            steps = self.env["crm.start.step"].start_list()["steps"]
            return next(step["state"] for step in steps if step["code"] == "mail")

        self.env["mailing.mailing"].search([]).unlink()
        self.assertEqual(state(), "open")
        self.mailing(self.audience())
        self.assertEqual(state(), "done")

    def test_it_says_whom_it_leaves_out(self):
        self.first.email = False
        self.env["mail.blacklist"]._add(self.second.email)
        mailing = self.mailing(self.audience())
        note = mailing.crm_audience_note
        self.assertIn("1 of 3 get it", note)
        self.assertIn("no email address: 1", note)
        self.assertIn("opted out: 1", note)
        self.policy.cap_week = 1
        self.heard(self.third, channel="email")
        mailing.invalidate_recordset()
        self.assertIn("held back by the contact limits: 1", mailing.crm_audience_note)
        self.assertNotIn(self.third.id, mailing._get_recipients())
        mailing.crm_within_limits = False
        self.assertIn(self.third.id, mailing._get_recipients())

    def test_contacts_of_the_customer_and_leads(self):
        billing = self.env["res.partner"].create(
            {"name": "Billing", "parent_id": self.first.id, "type": "invoice", "email": "billing@followup.example"}
        )
        audience = self.audience(addressee="invoice")
        mailing = self.mailing(audience)
        self.assertEqual(set(mailing._get_recipients()), {billing.id, self.second.id, self.third.id})
        self.order(billing)
        audience.addressee = "orderer"
        self.assertEqual(set(mailing._get_recipients()), {billing.id, self.second.id, self.third.id})
        audience.addressee = "all"
        self.assertEqual(len(mailing._get_recipients()), 4)
        lead = self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, "email_from": "l@x.example"})
        leads = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        to_leads = self.mailing(leads)
        self.assertEqual((to_leads.mailing_model_real, to_leads._get_recipients()), ("crm.lead", lead.ids))

    def test_marketing_needs_no_rights_in_sales(self):
        audience = self.audience()
        action = audience.with_user(self.marketer).action_mail()
        mailing = (
            self.env["mailing.mailing"]
            .with_user(self.marketer)
            .with_context(**action["context"])
            .create({"subject": "News", "body_html": "<p>News</p>"})
        )
        self.assertEqual(len(mailing._get_recipients()), 3)
        self.assertIn("3 of 3 get it", mailing.crm_audience_note)

    def test_it_is_sent_to_them(self):
        mailing = self.mailing(self.audience(), keep_archives=True)
        mailing.action_send_mail()
        sent = self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id)])
        self.assertEqual(set(sent.mapped("res_id")), {self.first.id, self.second.id, self.third.id})

    def test_who_is_held_out_from_everything_gets_no_mailing(self):
        self.policy.holdout_percent = 50
        more = self.customers(17)
        mailing = self.mailing(self.audience(), keep_archives=True)
        mailing.action_send_mail()
        sent = self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id)]).mapped("res_id")
        holdout = self.env["crm.followup.holdout"].search([("company_id", "=", self.company.id)])
        held = holdout.filtered("held_out").partner_id
        everybody = self.first | self.second | self.third | more
        # the numbers add up, and nobody is said to be held out
        again = self.mailing(self.audience()).crm_audience_note
        self.assertIn("10 of 20 get it", again)
        self.assertIn("held back by the contact limits: 10", again)
        self.assertEqual((holdout.partner_id, len(held)), (everybody, 10))
        self.assertEqual(set(sent), set((everybody - held).ids))

    def test_the_note_answers_no_question_that_its_reader_may_not_ask(self):
        """How many meet a condition tells what the condition reads: secrets of contacts, and figures of customers."""
        mailing = self.mailing(self.audience()).with_user(self.marketer)
        self.first.comment = "likes blue"
        mailing.mailing_domain = repr([("comment", "like", "blue")])
        self.assertIn("1 of 3 get it", mailing.crm_audience_note)
        for secret in (
            [("lifetime_value", ">", 0)],
            [("crm_profile_id.revenue", ">", 0)],
            [("interaction_ids.name", "like", "x")],
            [("user_ids.signature", "like", "x"), ("opportunity_ids.name", "like", "x")],
            [("sale_order_ids.amount_total", ">", 0)],
        ):
            for negated in (secret, ["!", *secret]):
                with self.subTest(negated):
                    mailing.mailing_domain = repr(negated)
                    mailing.invalidate_recordset()
                    self.assertNotRegex(mailing.crm_audience_note, "get it|do not meet")

    def test_audiences_of_other_companies_cannot_be_chosen(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.audience(kind="contact", company_id=other.id)
        mine = self.mailing(self.audience()).with_user(self.marketer)
        following = self.env["mailing.list"].create({"name": "Following"}).with_user(self.marketer)
        for record, values in ((mine, {"subject": "X"}), (following, {"name": "X"})):
            with self.subTest(record._name):
                with self.assertRaises(AccessError):
                    record.crm_audience_id = foreign.id
                record.invalidate_recordset()
                typed = record.with_context(default_crm_audience_id=foreign.id).new(values)
                self.assertFalse(typed.crm_audience_note)
                with self.assertRaises(AccessError):
                    record.with_context(default_crm_audience_id=foreign.id).create(values)
                # chosen by somebody who works there
                record.sudo().crm_audience_id = foreign.id
                record.invalidate_recordset()
                self.assertFalse(record.crm_audience_note)
        self.assertFalse(mine._get_recipients())
        self.assertIn(self.first.id, mine.sudo()._get_recipients())

    def test_what_is_sent_by_the_scheduled_action_has_the_amounts_of_its_sender(self):
        self.env["crm.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "basis": "revenue", "threshold": limit, "sequence": place}
                for place, (name, limit) in enumerate((("Silver", 50), ("Gold", 1000)))
            ]
        )
        self.refresh()
        self.company.crm_plus_amounts = "managers"
        body = '<p>In <t t-out="object.crm_text_tier"/>(<t t-out="object.crm_text_missing"/>)</p>'
        mailing = self.mailing(self.audience(), body_html=body, keep_archives=True, user_id=self.marketer.id)
        mailing.with_company(self.company)._action_send_mail()
        sent = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(len(sent), 3)
        for mail in sent:
            self.assertIn("In Silver()", mail.body_html)

    def test_it_is_sent_in_the_company_of_its_audience(self):
        """By the scheduled action, which works in another company, and in the preview."""
        segment = self.profile(self.first).segment_id
        body = '<p>In <t t-out="object.crm_text_segment">nothing</t></p>'
        mailing = self.mailing(self.audience(), body_html=body, keep_archives=True, user_id=self.chief.id)
        elsewhere = self.env.ref("base.main_company")
        self.assertNotEqual(elsewhere, self.company)
        mailing = mailing.with_context(allowed_company_ids=elsewhere.ids)
        mailing._action_send_mail()
        for mail in self.env["mail.mail"].search([("mailing_id", "=", mailing.id)]):
            self.assertIn(f"In {segment.name}", mail.body_html)
        preview = self.env["crm.mailing.preview"].with_context(allowed_company_ids=elsewhere.ids)
        preview = preview.create({"mailing_id": mailing.id, "partner_id": self.first.id})
        self.assertIn(segment.name, preview.body)

    def test_what_stays_on_the_customer_names_no_amounts(self):
        self.env["crm.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "basis": "revenue", "threshold": limit, "sequence": place}
                for place, (name, limit) in enumerate((("Silver", 50), ("Gold", 100000)))
            ]
        )
        self.refresh()
        body = '<p>Only <t t-out="object.crm_text_missing">a little</t> more</p>'
        mailing = self.mailing(
            self.audience(), body_html=body, keep_archives=True, user_id=self.chief.id, reply_to_mode="update"
        )
        mailing._action_send_mail()
        mails = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(len(mails), 3)
        for mail in mails:
            self.assertRegex(mail.body_html, r"Only.*\d.*more")
            self.assertIn("a little", mail.mail_message_id.body)
        interrupted = mails[0].mail_message_id
        interrupted.body = mails[0].body_html
        mailing.state = "sending"
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            self.env["mailing.mailing"]._process_mass_mailing_queue()
        self.assertEqual(mailing.state, "done")
        self.assertIn("a little", interrupted.body, "a run before came to no end")

    def test_a_mailing_counts_as_a_contact(self):
        self.policy.cap_week = 1
        mailing = self.mailing(self.audience(), keep_archives=True)
        mailing.action_send_mail()
        self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id)]).set_sent()
        self.check()
        rule = self.rule()
        self.follow(rule)
        self.assertIn("contacted 1 times", self.run_of(rule, self.first).note)
        self.assertFalse(self.activities(self.first))

    def test_a_segment_is_taken_as_recipients_with_the_number_it_shows(self):
        segment = self.profile(self.first).segment_id.with_company(self.company)
        marketing = segment.with_user(self.marketer)
        action = marketing.action_mail()
        mailing = self.env["mailing.mailing"].with_user(self.marketer).with_context(**action["context"])
        mailing = mailing.create({"subject": "News", "body_html": "<p>News</p>"})
        self.assertEqual(mailing.crm_segment_id, segment)
        self.assertEqual(len(mailing._get_recipients()), segment.customer_count)
        form = Form(self.env["mailing.mailing"].with_user(self.marketer).with_company(self.company))
        form.subject = "By hand"
        form.crm_segment_id = segment
        self.assertEqual(form.crm_audience_id, mailing.crm_audience_id)
        self.third.active = False
        mailing.invalidate_recordset()
        self.assertIn("2 of 3 get it", mailing.crm_audience_note)
        self.assertIn("archived: 1", mailing.crm_audience_note)

    def test_without_an_audience_there_is_nothing_to_say(self):
        for model in ("mailing.mailing", "mailing.list"):
            self.assertFalse(self.env[model].new({}).crm_audience_note)

    def test_a_mailing_is_previewed_for_a_chosen_customer(self):
        body = '<p>Dear <t t-out="object.crm_text_segment">customer</t></p>'
        mailing = self.mailing(self.audience(), subject="For {{ object.name }}", body_html=body)
        action = mailing.with_user(self.marketer).with_company(self.company).action_crm_preview()
        preview = self.env["crm.mailing.preview"].with_user(self.marketer).with_company(self.company)
        preview = preview.browse(action["res_id"])
        self.assertIn(preview.partner_id, self.first | self.second | self.third)
        preview.partner_id = self.second
        self.assertEqual(preview.subject, f"For {self.second.name}")
        self.assertIn(self.profile(self.second).segment_id.name, preview.body)

    def test_what_a_list_shows_is_mailed(self):
        """Whoever may mail and sees customers; they see their own ones only."""
        self.seller.write({"group_ids": [Command.link(self.env.ref("mass_mailing.group_mass_mailing_user").id)]})
        chosen = (self.profile(self.first) | self.profile(self.second)).with_company(self.company)
        action = chosen.with_user(self.seller).action_mail()
        mailing = self.env["mailing.mailing"].with_user(self.seller).with_context(**action["context"])
        mailing = mailing.create({"subject": "News", "body_html": "<p>News</p>"})
        self.assertEqual(set(mailing._get_recipients()), {self.first.id, self.second.id})
        with self.assertRaises(AccessError):
            chosen.with_user(self.chief).action_mail()


@tagged("post_install", "-at_install")
class TestMailingList(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.customers(3)
        cls.following = cls.env["mailing.list"].create(
            {"name": "Customers", "crm_audience_id": cls.audience(domain=repr([("order_count", "=", 1)])).id}
        )

    def follow_list(self):
        while not self.following._crm_follow():
            pass
        self.env.flush_all()
        self.env.invalidate_all()

    def addresses(self, domain=()):
        mine = [("list_id", "=", self.following.id), *domain]
        return set(self.env["mailing.subscription"].search(mine).contact_id.mapped("email_normalized"))

    def test_it_is_kept_in_step_in_batches(self):
        self.env["mail.blacklist"]._add(self.third.email)
        self.env["mailing.contact"].create({"name": "Known", "email": self.second.email})
        self.assertIn("opted out: 1", self.following.crm_audience_note)
        with patch.object(mailing_list, "BATCH", 1):
            self.follow_list()
        self.assertEqual(self.addresses(), {self.first.email, self.second.email})
        known = self.env["mailing.contact"].search_count([("email_normalized", "=", self.second.email)])
        self.assertEqual(known, 1, "the contact that was there is taken")
        self.order(self.first)
        self.refresh()
        self.follow_list()
        self.assertEqual(self.addresses(), {self.second.email})

    def test_a_step_reads_those_it_adds_and_nobody_else_of_a_large_audience(self):
        partners, profiles = self.env["res.partner"], self.env["crm.customer.profile"]
        self.env.flush_all()
        self.env.invalidate_all()
        with patch.object(mailing_list, "BATCH", 1):
            self.assertFalse(self.following._crm_follow())
        self.assertEqual(len(self.addresses()), 1)
        read = set(partners._fields["email_normalized"]._get_cache(self.env))
        self.assertEqual(len(read & {self.first.id, self.second.id, self.third.id}), 1)
        self.assertFalse(profiles._fields["partner_id"]._get_cache(self.env))

    def test_of_two_customers_with_one_address_one_is_on_the_list(self):
        self.second.email = self.first.email.upper()
        with patch.object(mailing_list, "BATCH", 1):
            self.follow_list()
        self.assertEqual(self.addresses(), {self.first.email, self.third.email})

    def test_who_has_unsubscribed_stays_so_and_who_was_there_before_stays(self):
        contact = self.env["mailing.contact"].create({"name": "Reader", "email": "reader@followup.example"})
        self.env["mailing.subscription"].create({"list_id": self.following.id, "contact_id": contact.id})
        self.follow_list()
        mine = [("list_id", "=", self.following.id), ("contact_id.email_normalized", "=", self.first.email)]
        subscription = self.env["mailing.subscription"].search(mine)
        self.assertTrue(subscription.crm_followed)
        subscription.opt_out = True
        self.order(self.first)
        self.refresh()
        self.follow_list()
        self.assertTrue(subscription.exists().opt_out)
        self.assertEqual(self.addresses([("opt_out", "=", False)]), {
            self.second.email, self.third.email, "reader@followup.example"})  # fmt: skip

    def test_a_step_puts_on_a_list(self):
        news = self.env["mailing.list"].create({"name": "News"})
        self.second.email = False
        rule = self.rule({"kind": "list", "mailing_list_id": news.id})
        self.follow(rule)
        found = self.env["mailing.subscription"].search([("list_id", "=", news.id)])
        self.assertEqual(set(found.contact_id.mapped("email_normalized")), {self.first.email, self.third.email})
        event = self.events.search([("rule_id", "=", rule.id), ("partner_id", "=", self.second.id)])
        self.assertEqual(event.kind, "skipped")

    def test_the_step_goes_with_its_app(self):
        news = self.env["mailing.list"].create({"name": "News"})
        self.assert_goes_with_its_app({"kind": "list", "mailing_list_id": news.id})

    def test_the_scheduled_action_goes_through_all_lists(self):
        run_jobs_to_their_end(type(self))
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus_mass_mailing.ir_cron_follow_audiences").method_direct_trigger()
        self.assertEqual(len(self.addresses()), 3)
