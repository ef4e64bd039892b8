"""What rules, scores and predictions of one company tell those of another, of other documents, or of hidden fields."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..prediction.common import Leads
from .common import AccessCase


@tagged("post_install", "-at_install")
class TestScores(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["crm.score.rule"]
        cls.rules.search([]).unlink()
        event = {"kind": "engagement", "state": "active", "fades": False, "points": 10, "suggestion": "Say hello"}
        cls.ours = cls.rules.create({"name": "Rule of ours", "company_id": cls.company.id, **event})
        cls.theirs = cls.rules.create({"name": "Rule of theirs", "company_id": cls.other_company.id, **event})
        cls.shared = cls.rules.create({"name": "Rule of all", **event})
        cls.env["res.company"].invalidate_model()
        cls.lead_of_all = cls.new_lead(cls.stranger, "No company", company_id=False, team_id=False)
        cls.env["crm.interaction"].create(
            {
                "partner_id": cls.customer.id, "channel_id": cls.channel.id, "source_id": cls.manual.id,
                "name": "Called", "date": fields.Datetime.now(), "direction": "in",
            }
        )  # fmt: skip
        cls.env["crm.lead.score"]._refresh_leads((cls.lead_of_ann + cls.lead_of_bob + cls.lead_of_all).ids)

    def test_events_are_opened_of_rules_that_count_for_the_lead_only(self):
        lead = self.lead_of_ann.with_user(self.ann)
        for rule in (self.ours, self.shared):
            self.assertTrue(lead.action_score_events(rule.id)["domain"])
        for user in (self.ann, self.all, self.manager):
            with self.assertRaises(UserError) as refused:
                self.lead_of_ann.with_user(user).action_score_events(self.theirs.id)
            self.assertNotIn("theirs", str(refused.exception))
        # somebody of both companies reads the rule, but it counts nothing of this lead
        self.manager.company_ids |= self.other_company
        both = [self.company.id, self.other_company.id]
        with self.assertRaisesRegex(UserError, "does not count any interactions of this lead"):
            lead.with_user(self.manager).with_context(allowed_company_ids=both).action_score_events(self.theirs.id)

    def test_a_lead_of_no_company_is_explained_where_it_is_scored(self):
        """It is scored by the rules of the first company, with its events."""
        theirs = self.lead_of_all.with_user(self.stranger)
        self.env.invalidate_all()
        self.assertEqual(theirs.lead_score, self.lead_of_all.lead_score)
        self.assertFalse(theirs.score_explanation)
        self.assertFalse(theirs.explain_score())
        self.assertFalse(theirs.explain_prediction())
        card = theirs.score_card()
        self.assertRegex(card["missing_score"], "has no company")
        self.assertNotIn("Rule of", str(card))
        with self.assertRaises(UserError):
            theirs.action_score_events(self.ours.id)
        self.assertIn("Rule of ours", str(self.lead_of_all.with_user(self.manager).explain_score()))

    def test_a_lead_is_explained_to_whom_may_read_it(self):
        for method, arguments in (("explain_score", ()), ("score_card", ()), ("explain_prediction", ())):
            for user in (self.ann, self.stranger, self.clerk, self.portal, self.public):
                with self.subTest(method=method, user=user.login), self.assertRaises(AccessError):
                    getattr(self.lead_of_bob.with_user(user), method)(*arguments)
        for user in (self.ann, self.stranger, self.clerk, self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.lead_of_bob.with_user(user).action_score_events(self.shared.id)

    def test_rules_and_versions_of_others_are_acted_on_by_nobody_else(self):
        version = self.env["crm.score.model"].create({"company_id": self.company.id, "version": 1})
        refused = [
            (self.ours, "action_activate"), (self.ours, "action_shadow"), (version, "action_publish"),
            (version, "action_publish_anyway"), (version, "action_restore"), (version, "action_retire"),
            (version, "action_check_drift"), (version, "unlink"),
        ]  # fmt: skip
        for records, method in refused:
            for user in (self.ann, self.all, self.stranger, self.clerk, self.portal):
                with self.subTest(method=method, user=user.login), self.assertRaises(UserError):
                    getattr(records.with_user(user), method)()
        self.assertTrue(version.exists())

    def test_the_preview_is_of_rules_and_companies_one_manages(self):
        for user in (self.ann, self.all, self.clerk, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.rules.with_user(user).preview_rule({"name": "x", "domain": "[('id', '>', 0)]"})
        for values, rule_id in (({}, self.theirs.id), ({"company_id": self.other_company.id}, False)):
            values = {"name": "x", "kind": "engagement", **values}
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "another company|have access to"):
                self.rules.with_user(self.manager).preview_rule(values, rule_id)

    def test_who_changes_what_is_shared_is_told(self):
        mine = self.rules.with_user(self.manager)
        self.assertTrue(mine.browse(self.shared.id).is_shared)
        self.assertFalse(mine.browse(self.ours.id).is_shared)
        self.assertIn("is_shared", mine.get_view(view_type="form")["arch"])
        group = self.env["crm.score.group"].with_user(self.manager)
        feature = self.env["crm.score.feature"].with_user(self.manager)
        for model, name in ((group, "cap"), (feature, "barred")):
            with self.subTest(model=model._name):
                told = model.onchange({name: 5}, [name], {name: {}})
                self.assertIn("all companies", told["warning"]["message"])
        told = group.onchange({"cap": 5, "company_id": self.company.id}, ["cap"], {"cap": {}})
        self.assertNotIn("warning", told)


@tagged("post_install", "-at_install")
class TestFeatures(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.features = cls.env["crm.score.feature"]

    def field(self, model, name):
        return self.env["ir.model.fields"]._get(model, name)

    def own_field(self, name, **values):
        """A field of the company's own on contacts."""
        values = {"model_id": self.env["ir.model"]._get_id("res.partner"), "state": "manual", "ttype": "char", **values}
        field = self.env["ir.model.fields"].create({"name": name, "field_description": name, **values})
        self.addCleanup(field.unlink)  # a rollback leaves it in the registry
        return field

    def test_secrets_and_what_managers_may_not_read_are_no_features(self):
        refused = [
            self.own_field("x_access_token"), self.own_field("x_door_password"), self.own_field("x_api_key"),
            self.own_field("x_salary"),
            self.own_field("x_parameter_id", ttype="many2one", relation="ir.config_parameter"),
            self.own_field("x_server_ids", ttype="many2many", relation="ir.mail_server"),
            self.field("res.partner", "signup_type"),
        ]  # fmt: skip
        self.patch(self.env["res.partner"]._fields["x_salary"], "groups", "base.group_system")
        for field in filter(None, refused):
            for user in (self.manager, self.env.user):
                with self.subTest(field=field.name, user=user.login), self.assertRaises(ValidationError):
                    self.features.with_user(user).create({"field_id": field.id})
        self.features._find()
        names = set(self.features.search([]).mapped("name"))
        self.assertFalse(names & {f"partner_id.{field.name}" for field in refused if field})

    def test_a_name_is_that_of_a_field_of_the_lead_or_contact_itself(self):
        for origin, name in (
            ("partner", "signup_type"), ("partner", "partner_id.signup_type"), ("partner", "partner_id.parent_id.ref"),
            ("partner", "x.y.ref"), ("lead", "partner_id.ref"), ("lead", "user_id.login"), ("lead", "no_such_field"),
            ("property", "name"), ("property", "lead_properties."), ("interaction", "orders"), ("customer", "x.y"),
        ):  # fmt: skip
            with self.subTest(origin=origin, name=name), self.assertRaises(ValidationError):
                self.features.with_user(self.manager).create({"name": name, "label": "x", "origin": origin})

    def test_a_field_that_is_hidden_later_is_not_learnt_from(self):
        field = self.own_field("x_shoe_size")
        feature = self.features.create({"field_id": field.id})
        self.assertIn(feature, self.features._usable())
        self.patch(self.env["res.partner"]._fields["x_shoe_size"], "groups", "base.group_system")
        self.assertNotIn(feature, self.features._usable())

    def test_the_value_of_a_field_is_told_to_whom_may_read_it(self):
        company = self.env["res.company"].create({"name": "Company of the hidden field"})
        user = {"company_id": company.id, "company_ids": [(6, 0, company.ids)]}
        seller = self.new_user("access_seller", "sales_team.group_sale_salesman", **user)
        boss = self.new_user("access_boss", "sales_team.group_sale_manager", **user)
        leads = Leads(self.env, company)
        leads.closed(400)
        self.assertEqual(self.env["crm.score.model"]._train(company).state, "published")
        lead = leads.open(1, user_id=seller.id, source_id=leads.sources["Fair"].id)
        self.env["crm.lead.score"]._predict_leads(lead.ids)
        self.patch(type(lead)._fields["source_id"], "groups", "sales_team.group_sale_manager")

        def told(reader):
            self.env.invalidate_all()
            mine = lead.with_user(reader)
            return str([mine.explain_prediction()["parts"], mine.score_explanation["prediction"]])

        self.assertIn("Fair of the test", told(boss))
        self.assertNotIn("Fair of the test", told(seller))
        self.assertIn("(not shown)", told(seller))
