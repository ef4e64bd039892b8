"""The condition of a score rule finds what whoever wrote it may read in the company, and nothing else."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AccessCase


@tagged("post_install", "-at_install")
class TestConditions(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["crm.score.rule"]
        cls.rules.search([]).unlink()
        for company, word in ((cls.company, "Plain"), (cls.other_company, "Hidden")):
            lead = cls.new_lead(cls.env.user, f"{word} lead", company_id=company.id, team_id=False)
            lead.message_post(body=f"{word} remark")
            cls.env["sale.order"].with_company(company).create(
                {"partner_id": cls.customer.id, "company_id": company.id, "client_order_ref": f"{word} order"}
            )
            cls.env["crm.interaction"].create(
                {
                    "partner_id": cls.customer.id, "company_id": company.id, "channel_id": cls.channel.id,
                    "source_id": cls.manual.id, "name": "Called", "note": f"{word} note", "date": "2026-05-01 10:00:00",
                }
            )  # fmt: skip
        cls.env.flush_all()

    # What a customer's records are asked for, by conditions that are true for the word.
    ASKED = (
        "[('{path}interaction_ids', 'any', [('note', '=like', '{word}%')])]",
        "[('{path}interaction_ids.note', 'like', '{word}')]",
        "[('{path}opportunity_ids.name', '=', '{word} lead')]",
        "[('{path}opportunity_ids', 'any', [('message_ids.body', 'like', '{word} remark')])]",
        "[('{path}sale_order_ids.client_order_ref', '=', '{word} order')]",
        "[('{path}commercial_partner_id.sale_order_ids', 'any', [('client_order_ref', 'like', '{word}')])]",
    )

    def asked(self, word):
        for text in self.ASKED:
            yield {"applies_on": "lead", "domain": text.format(path="partner_id.", word=word)}
            yield {"applies_on": "partner", "domain": text.format(path="", word=word)}

    def changed(self, values, rule_id=False):
        values = {"name": "x", "points": 40, "company_id": self.company.id, **values}
        return self.rules.with_user(self.manager).preview_rule(values, rule_id)["changed"]

    def test_a_preview_tells_nothing_of_another_company(self):
        for values in self.asked("Plain"):
            with self.subTest(**values):
                self.assertTrue(self.changed(values), "what is asked is found where the manager works")
        for values in self.asked("Hidden"):
            with self.subTest(**values):
                self.assertFalse(self.changed(values))

    def test_a_preview_of_a_rule_that_somebody_else_wrote_neither(self):
        shipped = self.rules.create({"name": "Shipped", "domain": "[('id', '>', 0)]", "company_id": self.company.id})
        for values in self.asked("Hidden"):
            with self.subTest(**values):
                self.assertFalse(self.changed({**values, "definer_id": self.env.uid}, shipped.id))

    def test_a_rule_gives_no_points_for_it(self):
        for values in self.asked("Hidden"):
            rule = self.rules.with_user(self.manager).create(
                {"name": "x", "points": 40, "company_id": self.company.id, "state": "active", **values}
            )
            with self.subTest(**values):
                self.env["crm.lead.score"]._refresh_leads(self.lead_of_ann.ids)
                self.assertEqual(self.lead_of_ann.fit_score, 0)
                self.env["crm.lead.score"]._rescore_step(self.company)
                self.assertEqual(self.lead_of_ann.fit_score, 0)
                self.assertFalse(rule.error)
            rule.sudo().unlink()

    def test_fields_that_the_manager_may_not_read_are_refused_by_name(self):
        for applies_on, domain, name in (
            ("partner", "[('signup_type', '!=', False)]", "signup_type"),
            ("lead", "[('partner_id.signup_type', '=like', 'a%')]", "signup_type"),
            ("lead", "[('partner_id', 'any', [('signup_type', '!=', False)])]", "signup_type"),
            ("lead", "[('message_ids.mail_server_id.smtp_pass', 'like', 'x')]", "smtp_pass|mail_server_id"),
            ("lead", "[('message_ids', 'any', [('mail_server_id.smtp_user', 'like', 'x')])]", "smtp_user|mail_server"),
        ):
            values = {"name": "x", "domain": domain, "applies_on": applies_on, "company_id": self.company.id}
            with self.subTest(domain=domain):
                with self.assertRaisesRegex(UserError, name):
                    self.rules.with_user(self.manager).preview_rule(values)
                with self.assertRaisesRegex(UserError, name):
                    self.rules.with_user(self.manager).create(values)

    def test_a_rule_for_all_companies_counts_where_its_author_works(self):
        theirs = self.env["crm.lead"].search([("name", "=", "Hidden lead")])
        rule = self.rules.with_user(self.manager).create(
            {"name": "x", "points": 40, "state": "active", "domain": "[('id', '>', 0)]"}
        )
        scores = self.env["crm.lead.score"]
        scores._refresh_leads((self.lead_of_ann + theirs).ids)
        self.assertEqual((self.lead_of_ann.fit_score, theirs.fit_score), (40, 0))
        for company in (self.company, self.other_company):
            scores._rescore_step(company)
        self.assertEqual((self.lead_of_ann.fit_score, theirs.fit_score), (40, 0))
        self.assertFalse(rule.error)

    def test_a_definer_who_may_read_it_no_more_is_named_on_the_rule(self):
        written = self.rules.with_user(self.manager).create(
            {
                "name": "x", "points": 40, "company_id": self.company.id, "state": "active",
                "domain": "[('partner_id.interaction_ids.note', 'like', 'Plain')]",
            }
        )  # fmt: skip
        rule = self.rules.browse(written.id)
        self.env["crm.lead.score"]._rescore_step(self.company)
        self.assertEqual(self.lead_of_ann.fit_score, 40)
        self.manager.group_ids = self.env.ref("base.group_user")
        with self.assertLogs("odoo.addons.crm_plus", "WARNING"):
            self.env["crm.lead.score"]._rescore_step(self.company)
        self.assertIn(self.manager.name, rule.error)
        self.assertEqual(self.lead_of_ann.fit_score, 0)
        rule.action_take_over()
        self.assertFalse(rule.error)
        self.env["crm.lead.score"]._rescore_step(self.company)
        self.assertEqual(self.lead_of_ann.fit_score, 40)

    def test_a_form_names_no_group_of_another_company(self):
        group = self.env["crm.score.group"].create({"name": "Hidden group", "company_id": self.other_company.id})
        rules, shown = self.rules.with_user(self.manager), {"group_id": {"fields": {"display_name": {}}}, "axis": {}}
        try:
            told = str(rules.onchange({"group_id": group.id, "kind": "fit"}, ["group_id"], shown))
        except UserError as refused:
            told = str(refused)
        self.assertNotIn("Hidden group", told)
        with self.assertRaises(UserError):
            rules.create({"name": "x", "kind": "engagement", "company_id": self.company.id, "group_id": group.id})
