from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common import PredictionCase


@tagged("post_install", "-at_install")
class TestAccess(PredictionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads.closed(400)
        cls.model = cls.models._train(cls.company)
        ours = {"company_ids": cls.company.ids, "company_id": cls.company.id}
        cls.ann = new_test_user(cls.env, "ann.predict", "sales_team.group_sale_salesman", **ours)
        cls.manager = new_test_user(cls.env, "mia.predict", "sales_team.group_sale_manager", **ours)
        cls.stranger = new_test_user(cls.env, "sam.predict", "sales_team.group_sale_manager")
        cls.clerk = new_test_user(cls.env, "cas.predict", "base.group_user", **ours)

    def test_a_salesperson_reads_the_track_record_and_changes_nothing(self):
        model = self.model.with_user(self.ann)
        self.assertEqual(model.auc, self.model.auc)
        self.assertTrue(self.model.with_user(self.manager).shapes)
        with self.assertRaises(AccessError, msg="values of leads that are not theirs"):
            model.read(["shapes"])
        view = model.get_view(view_type="form")["arch"]
        self.assertIn("evaluation", view)
        self.assertNotIn("shapes", view)
        for action in (model.action_publish, model.action_restore, model.action_retire, model.action_train):
            with self.assertRaises(AccessError):
                action()
        with self.assertRaises(AccessError):
            model.write({"auc": 1})
        with self.assertRaises(AccessError):
            self.env["crm.score.feature"].with_user(self.ann).action_find()

    def test_a_manager_publishes_but_nobody_changes_figures(self):
        model = self.model.with_user(self.manager)
        model.action_retire()
        self.assertEqual(model.state, "retired")
        model.action_restore()
        self.assertEqual(model.state, "published")
        with self.assertRaises(AccessError):
            model.write({"auc": 1})

    def test_a_manager_asks_for_a_training(self):
        # the way the button of the list calls it
        call_kw(self.models.with_user(self.manager), "action_train", [[]], {})
        self.assertTrue(self.company.crm_plus_train_requested)

    def test_a_manager_asks_for_a_training_up_to_a_day(self):
        wizard = self.env["crm.score.training"].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "before today"):
            wizard.create({"cutoff": date.today()}).action_train()
        wizard.create({"cutoff": "2024-11-15"}).action_train()
        self.assertTrue(self.company.crm_plus_train_requested)
        found = self.models._train_company(self.company)
        self.assertEqual(max(found.mapped("trained_to")), date(2024, 11, 15))
        self.assertEqual(set(found.mapped("state")), {"draft"}, "a look back replaces nothing by itself")
        self.assertFalse(self.company.crm_plus_train_until, "the next one, in a month, learns from all")
        with self.assertRaises(AccessError):
            self.env["crm.score.training"].with_user(self.ann).create({"cutoff": "2024-11-15"})
        with self.assertRaises(AccessError):
            self.models.with_user(self.ann).action_train("2024-11-15")

    def test_versions_of_other_companies_are_hidden(self):
        self.assertFalse(self.models.with_user(self.stranger).search([("company_id", "=", self.company.id)]))
        with self.assertRaises(AccessError):
            self.model.with_user(self.stranger).action_retire()

    def test_who_does_not_sell_sees_nothing_of_it(self):
        with self.assertRaises(AccessError):
            self.models.with_user(self.clerk).search([])
        with self.assertRaises(AccessError):
            self.env["crm.score.feature"].with_user(self.clerk).search([])

    def test_the_prediction_of_a_lead_is_told_to_whom_may_read_the_lead(self):
        lead = self.leads.open(1, user_id=self.manager.id)
        self.scores._predict_leads(lead.ids)
        self.assertTrue(lead.with_user(self.manager).explain_prediction())
        with self.assertRaises(AccessError):
            lead.with_user(self.ann).explain_prediction()

    def test_a_field_that_is_not_stored_is_refused_by_name(self):
        field = self.env["ir.model.fields"]._get("res.partner", "ref")
        self.env["crm.score.feature"].create({"field_id": field.id})
        hidden = self.env["ir.model.fields"]._get("crm.lead", "is_partner_visible")
        with self.assertRaisesRegex(ValidationError, "Is Partner Visible"):
            self.env["crm.score.feature"].create({"field_id": hidden.id})

    def test_a_text_is_refused_as_a_number(self):
        feature = self.env["crm.score.feature"].search([("name", "=", "function")])
        with self.assertRaisesRegex(ValidationError, "Job Position"):
            feature.kind = "numeric"

    def test_a_field_that_the_list_finds_by_itself_is_barred_not_deleted(self):
        found = self.env["crm.score.feature"].search([("name", "in", ["source_id", "age"])])
        for feature in found.with_user(self.manager):
            with self.assertRaisesRegex(UserError, f"{feature.display_name}.*Exclude it"):
                feature.unlink()
        field = self.env["ir.model.fields"]._get("res.partner", "ref")
        added = self.env["crm.score.feature"].create({"field_id": field.id})
        self.assertTrue(added.with_user(self.manager).unlink())
