from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import SQL, mute_logger

from ...models.score import crm_lead_score
from .common import ScoreCase

NOTES_LOGGER = "odoo.addons.crm_plus.models.score.crm_lead_score"


@tagged("post_install", "-at_install")
class TestAtOnce(ScoreCase):
    """A changed lead is scored by the transaction that changes it."""

    def test_a_saved_form_shows_the_new_score(self):
        self.rule(points=30, domain="[('expected_revenue', '>', 100)]")
        form = Form(self.env["crm.lead"].with_context(default_type="opportunity"))
        form.name = "Saved"
        lead = form.save()
        self.assertEqual(lead.fit_score, 0)
        form.expected_revenue = 200
        form.save()
        self.assertEqual(lead.fit_score, 30)
        self.assertEqual(lead.score_explanation["fit"]["lines"][0][2], "30.00")

    def test_what_is_committed_has_its_score(self):
        self.rule(points=30)
        lead = self.lead()
        self.env.cr.flush()
        self.env.cr.execute(SQL("SELECT fit_score FROM crm_lead_score WHERE lead_id = %s", lead.id))
        self.assertEqual(self.env.cr.fetchone(), (30,))

    def test_tags_count_although_they_are_no_column(self):
        tag = self.env["crm.tag"].create({"name": "Score me"})
        self.rule(points=15, domain=f"[('tag_ids', 'in', [{tag.id}])]")
        lead = self.lead()
        self.assertEqual(lead.fit_score, 0)
        lead.tag_ids = tag
        self.assertEqual(lead.fit_score, 15)

    def test_a_changed_customer_rescores_its_leads(self):
        self.rule(points=15, applies_on="partner", domain="[('city', '=', 'Ghent')]")
        self.rule(points=20, domain="[('partner_id.category_id.name', '=', 'Score VIP')]")
        partner = self.env["res.partner"].create({"name": "Customer"})
        lead = self.lead(partner_id=partner.id)
        self.assertEqual(lead.fit_score, 0)
        partner.city = "Ghent"
        self.assertEqual(lead.fit_score, 15)
        partner.category_id = self.env["res.partner.category"].create({"name": "Score VIP"})
        self.assertEqual(lead.fit_score, 35)

    def test_conditions_on_dates_names_and_columns_follow_what_they_read(self):
        source = self.env["utm.source"].create({"name": "Fair of the test"})
        self.rule(points=1, domain="[('create_date', '<', 'today -3d')]")
        self.rule(points=2, domain="[('source_id', 'ilike', 'of the test')]")
        self.rule(points=4, domain="[('source_id.name', '=', 'Fair of the test')]")
        self.rule(points=8, domain="['|', ('priority', '=', '3'), ('expected_revenue', '>', 10)]")
        self.rule(points=16, domain="[('partner_id.is_company', '=', True)]")
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        lead = self.lead(source_id=source.id, partner_id=firm.id)
        self.assertEqual(lead.fit_score, 22)
        lead.priority = "3"
        self.assertEqual(lead.fit_score, 30)
        source.name, firm.is_company = "Renamed", False
        self.env.flush_all()
        self.Score._refresh_leads(lead.ids)
        self.assertEqual(lead.fit_score, 8)
        with freeze_time(fields.Datetime.now() + timedelta(days=5)):
            self.Score._refresh_leads(lead.ids)
        self.assertEqual(lead.fit_score, 9)

    def test_an_unread_field_rescores_nothing(self):
        self.rule(points=15)
        lead = self.lead()
        self.assertEqual(lead.fit_score, 15)
        with patch.object(type(self.Score), "_refresh_leads") as refresh:
            lead.description = "Nothing a rule reads"
            self.assertEqual(lead.fit_score, 15)
        refresh.assert_not_called()

    def test_a_logged_call_counts_for_all_leads_of_the_customer(self):
        self.rule(kind="engagement", points=12, fades=False)
        company = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        contacts = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Ann", "Bob")])
        leads = self.lead(partner_id=contacts[0].id) + self.lead(partner_id=contacts[1].id)
        stranger = self.lead()
        self.assertEqual(leads.mapped("engagement_score"), [0, 0])
        call = self.event(partner_id=contacts[0].id)
        self.assertEqual(leads.mapped("engagement_score"), [12, 12])
        self.assertEqual(stranger.engagement_score, 0)
        call.unlink()
        self.assertEqual(leads.mapped("engagement_score"), [0, 0])

    def test_an_event_of_several_contacts_is_one_event(self):
        self.rule(kind="engagement", points=12, fades=False)
        company = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        contacts = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Ann", "Bob")])
        other = self.env["res.partner"].create({"name": "Somebody else"})
        lead = self.lead(partner_id=company.id)
        moment = fields.Datetime.now()
        for partner in (*contacts, other):
            values = {"document_id": 77, "shared_ref": "calendar.event,77", "date": moment}
            self.event(partner_id=partner.id, lead_id=lead.id, **values)
        self.assertEqual(lead.engagement_score, 12)

    def test_an_event_of_the_lead_that_its_customer_shares_is_one_event_and_another_is_its_own(self):
        self.rule(kind="engagement", points=12, fades=False)
        ours, stranger = self.env["res.partner"].create([{"name": "Customer"}, {"name": "Somebody else"}])
        lead = self.lead(partner_id=ours.id)
        moment = fields.Datetime.now()
        shared = {"document_id": 77, "shared_ref": "mail.message,8", "date": moment}
        self.event(partner_id=ours.id, lead_id=lead.id, **shared)
        self.event(partner_id=stranger.id, lead_id=lead.id, **shared)
        # another message about the same document, in the same second
        self.event(partner_id=stranger.id, lead_id=lead.id, **shared | {"shared_ref": "mail.message,9"})
        self.event(lead_id=lead.id, date=moment)
        self.assertEqual(lead.engagement_score, 36)
        self.env.cr.flush()
        self.Score._refresh_many(self.company, SQL("l.id = %s", lead.id))
        self.assertEqual(lead.engagement_score, 36)

    def test_a_captured_quotation_counts_and_a_cancelled_one_does_not(self):
        order_channel = self.env.ref("crm_plus.channel_order")
        self.rule(kind="engagement", points=15, channel_ids=[(6, 0, order_channel.ids)], direction="any", fades=False)
        partner = self.env["res.partner"].create({"name": "Customer"})
        lead = self.lead(partner_id=partner.id)
        product = self.env["product.product"].create({"name": "Thing", "list_price": 10})
        order = self.env["sale.order"].create(
            {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]}
        )
        order.action_confirm()
        self.catch_up()
        self.assertEqual(lead.engagement_score, 15)
        order._action_cancel()
        self.catch_up()
        self.assertEqual(lead.engagement_score, 0)

    def test_a_saved_lead_costs_seven_statements_whatever_the_rules_look_at(self):
        self.rule(points=5, domain="[('expected_revenue', '>', 0)]")
        self.rule(points=10, applies_on="partner", domain="[('crm_profile_id', '!=', False)]")
        self.rule(points=20, applies_on="partner", domain="[('crm_profile_id', '=', False)]")
        self.rule(kind="engagement", points=7)
        self.rule(kind="silence", silence_days=30)
        known, unknown = self.env["res.partner"].create([{"name": "Buys"}, {"name": "Does not"}])
        self.env["crm.customer.profile"].create({"partner_id": known.id, "company_id": self.company.id})
        leads = self.lead(partner_id=known.id) | self.lead(partner_id=unknown.id)
        self.event(lead_id=leads[0].id, partner_id=known.id)
        self.catch_up()
        self.assertEqual(leads.mapped("lead_score"), [(10 + 7) / 2, 20 / 2])
        leads[0].expected_revenue = 10  # the conditions are compiled by now
        self.env.cr.flush()
        for lead, score in zip(leads, ((15 + 7) / 2, 25 / 2), strict=True):
            lead.expected_revenue = 20
            self.env.flush_all()
            # a savepoint, the lead, its fit, its events, its score, its history, and the end of the savepoint
            with self.assertQueryCount(7, flush=False):
                self.Score._refresh_noted()
            self.assertEqual(lead.lead_score, score)
        self.Score._refresh_many(self.company, SQL("l.id = ANY(%s)", leads.ids))
        self.assertEqual(leads.mapped("lead_score"), [(15 + 7) / 2, 25 / 2])

    def test_a_condition_on_the_profile_is_compiled_once_and_names_no_customers(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(3)])
        values = [{"partner_id": customer.id, "company_id": self.company.id} for customer in customers]
        self.env["crm.customer.profile"].create(values)
        rule = self.rule(applies_on="partner", domain="[('crm_profile_id', '!=', False)]")
        condition = self.Rule._fixed_condition("res.partner", rule.domain, rule.definer_id.id)
        self.assertTrue(condition)
        found = [row[0] for row in self.env.execute_query(condition.ids())]
        self.assertLessEqual(set(customers.ids), set(found))
        self.assertFalse({str(customer) for customer in customers.ids} & set(map(str, condition.holds.params)))

    def test_a_failing_rule_does_not_break_a_save(self):
        rule = self.rule(points=15)
        self.env.cr.execute(SQL("UPDATE crm_score_rule SET domain = %s WHERE id = %s", "[('gone', '=', 1)]", rule.id))
        rule.invalidate_recordset()
        self.env.registry.clear_cache()
        with mute_logger(NOTES_LOGGER):
            lead = self.lead(name="Saved all the same")
            self.env.cr.flush()
        self.assertEqual(lead.name, "Saved all the same")
        self.assertIn(lead.id, self.env["crm.lead.score.queue"].search([]).mapped("lead_id"))

    def test_a_failing_statement_does_not_break_a_save(self):
        self.rule(points=15)

        def fail(*_arguments):
            self.env.cr.execute("SELECT 1 / 0", log_exceptions=False)

        with patch.object(type(self.Score), "_refresh_at_once", fail), mute_logger(NOTES_LOGGER):
            lead = self.lead()
            self.env.cr.flush()
        self.assertTrue(lead.exists())
        self.assertIn(lead.id, self.env["crm.lead.score.queue"].search([]).mapped("lead_id"))

    def test_an_import_is_left_to_the_scheduled_action(self):
        self.rule(points=15)
        with patch.object(crm_lead_score, "AT_ONCE", 2):
            leads = self.env["crm.lead"].create([{"name": f"Import {number}"} for number in range(3)])
            self.env.cr.flush()
        self.assertEqual(leads.mapped("fit_score"), [0, 0, 0])
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_touched_scores").method_direct_trigger()
        leads.invalidate_recordset()
        self.assertEqual(leads.mapped("fit_score"), [15, 15, 15])
        self.assertFalse(self.env["crm.lead.score.queue"].search([("lead_id", "in", leads.ids)]))


@tagged("post_install", "-at_install")
class TestCompanies(ScoreCase):
    def test_rules_events_and_leads_of_another_company_stay_apart(self):
        other = self.env["res.company"].create({"name": "Other score company"})
        self.rule(points=10)
        self.rule(points=30, company_id=other.id)
        self.rule(kind="engagement", points=20, fades=False)
        partner = self.env["res.partner"].create({"name": "Shared customer"})
        ours = self.lead(partner_id=partner.id, company_id=self.company.id, user_id=False, team_id=False)
        theirs = self.lead(partner_id=partner.id, company_id=other.id, user_id=False, team_id=False)
        self.event(partner_id=partner.id, company_id=other.id)
        self.assertEqual((ours.fit_score, ours.engagement_score), (10, 0))
        self.assertEqual((theirs.fit_score, theirs.engagement_score), (40, 20))


@tagged("post_install", "-at_install")
class TestMergeAndConvert(ScoreCase):
    def test_a_merged_lead_is_scored_with_the_events_of_both(self):
        self.rule(kind="engagement", points=10, fades=False, channel_ids=[(6, 0, self.phone.ids)])
        first, second = self.lead(name="First", email_from="a@b.example"), self.lead(name="Second")
        self.event(lead_id=first.id)
        self.event(lead_id=second.id)
        self.assertEqual((first.engagement_score, second.engagement_score), (10, 10))
        head = (first + second).merge_opportunity()
        self.assertEqual(head.engagement_score, 20)
        self.env.cr.flush()
        self.assertEqual(self.Score.search([("lead_id", "in", (first + second).ids)]).lead_id, head)

    def test_a_converted_lead_keeps_its_events_and_gains_its_customers(self):
        self.rule(kind="engagement", points=10, fades=False)
        partner = self.env["res.partner"].create({"name": "Old customer"})
        self.event(partner_id=partner.id)
        lead = self.lead(type="lead")
        self.event(lead_id=lead.id)
        self.assertEqual(lead.engagement_score, 10)
        lead.convert_opportunity(partner)
        self.assertEqual(lead.engagement_score, 20)

    def test_merged_partners_bring_their_events_together(self):
        self.rule(kind="engagement", points=10, fades=False, channel_ids=[(6, 0, self.phone.ids)])
        keep, gone = self.env["res.partner"].create([{"name": "Same", "email": f"{n}@score.example"} for n in "ab"])
        lead = self.lead(partner_id=keep.id)
        self.event(partner_id=keep.id)
        self.event(partner_id=gone.id)
        self.assertEqual(lead.engagement_score, 10)
        self.env["base.partner.merge.automatic.wizard"]._merge((keep + gone).ids, keep)
        self.assertEqual(lead.engagement_score, 20)
