import importlib.util

from odoo.addons.crm_plus_followup.services.followup.former_effects import FormerEffects
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged
from odoo.tools import SQL, file_path, mute_logger
from odoo.tools.sql import column_exists, table_exists

from .test_followup_places import PlaceCase

# What version 19.0.1.0.0 had of it.
FORMER = """
    DROP TABLE IF EXISTS crm_segment_enter_action_rel, crm_segment_leave_action_rel;
    ALTER TABLE crm_segment ADD COLUMN activity_plan_id int, ADD COLUMN activity_type_id int;
    ALTER TABLE crm_tier ADD COLUMN warning_activity_type_id int;
    ALTER TABLE crm_tier_stay ADD COLUMN warning_pending boolean;
    CREATE TABLE crm_segment_enter_action_rel (crm_segment_id int, ir_act_server_id int);
    CREATE TABLE crm_segment_leave_action_rel (crm_segment_id int, ir_act_server_id int)"""


@tagged("post_install", "-at_install")
class TestFormerEffects(PlaceCase):
    """What segments and tiers did before the upgrade, rules do after it: for who comes, once, and for whom it was still
    to be done; nobody who is there is called again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # as the installation in use has it
        cls.policy.write({"cap_week": 1, "cap_month": 1, "capacity": 1})
        cls.there, cls.pending, cls.left, cls.later = cls.customers(4)
        cls.env.cr.execute(FORMER)

    def plan(self):
        return self.env["mail.activity.plan"].create(
            {
                "name": "Care",
                "res_model": "res.partner",
                "template_ids": [(0, 0, {"activity_type_id": self.call.id, "responsible_type": "other",
                                         "responsible_id": self.chief.id, "summary": "Care"})],
            }
        )  # fmt: skip

    def had(self, place, plan=None, activity=None, enter=None, leave=None, warning=None):
        """The effects of a segment or tier in the old version."""
        self.env.flush_all()
        columns = {"activity_plan_id": plan, "activity_type_id": activity, "warning_activity_type_id": warning}
        for name, record in columns.items():
            if record:
                self.env.cr.execute(
                    SQL("UPDATE %s SET %s = %s WHERE id = %s", SQL.identifier(place._table), SQL.identifier(name),
                        record.id, place.id)
                )  # fmt: skip
        for kind, step in (("enter", enter), ("leave", leave)):
            if step:
                table = SQL.identifier(f"crm_segment_{kind}_action_rel")
                self.env.cr.execute(SQL("INSERT INTO %s VALUES (%s, %s)", table, place.id, step["action_id"]))

    def note(self, model, partner, **values):
        """What a stay still waited for."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(
                SQL("UPDATE %s SET %s = %s WHERE partner_id = %s", SQL.identifier(self.env[model]._table),
                    SQL.identifier(name), value, partner.id)
            )  # fmt: skip
        self.env.invalidate_all()

    def keep(self):
        """The first part of the upgrade."""
        path = file_path("crm_plus/migrations/19.0.2.0.0/pre-10-former_effects.py")
        spec = importlib.util.spec_from_file_location("former_effects_upgrade", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.env.flush_all()
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def upgrade(self):
        self.keep()
        FormerEffects(self.env).take_over()
        self.env.invalidate_all()
        return self.env["crm.followup.rule"].search([("company_id", "=", self.company.id)], order="id")

    def test_segments_go_on_doing_what_they_did(self):
        self.had(self.segment, plan=self.plan(), activity=self.call, enter=self.marking("in"),
                 leave=self.marking("out", "crm.customer.profile"))  # fmt: skip
        for partner in (self.there, self.pending, self.left):
            self.enter(partner)
        self.leave(self.left)
        self.note("crm.segment.membership", self.there, enter_pending=False)
        self.note("crm.segment.membership", self.pending, enter_pending=True)
        self.note("crm.segment.membership", self.left, enter_pending=False, leave_pending=True)
        self.segment.user_id = self.chief
        rules = self.upgrade()
        self.assertEqual(
            [(rule.name, rule.trigger, rule.state, rule.step_ids.mapped("kind")) for rule in rules],
            [
                ("Many: server actions on leaving", "leave", "active", ["action"]),
                ("Many: activities on entering", "enter", "active", ["plan", "activity"]),
                ("Many: server actions on entering", "enter", "active", ["action"]),
            ],
        )
        self.assertFalse(any(rules.mapped("holdout_percent")))
        self.assertEqual(rules.audience_id.segment_id, self.segment)
        self.assertEqual(self.segment.with_user(self.chief).with_company(self.company).followup_rule_ids, rules)
        self.assertFalse(table_exists(self.env.cr, "crm_former_effect"))
        self.assertFalse(table_exists(self.env.cr, "crm_former_pending"))
        self.assertFalse(table_exists(self.env.cr, "crm_segment_enter_action_rel"))
        self.follow()
        self.follow()
        everybody = self.there | self.pending | self.left | self.later
        self.assertEqual(everybody.mapped("ref"), [False, "in", "out", False])
        self.assertEqual(sorted(self.activities(everybody).mapped("res_id")), [self.pending.id] * 2)
        care, call = self.activities(self.pending).sorted("summary")
        self.assertEqual((care.summary, care.user_id, call.summary, call.user_id),
                         ("Care", self.chief, "Many", self.seller))  # fmt: skip
        self.enter(self.later)
        self.leave(self.pending)
        self.follow()
        self.enter(self.left)
        self.follow()
        self.assertEqual(everybody.mapped("ref"), [False, "inout", "outin", "in"])
        self.assertEqual(len(self.activities(self.pending)), 2, "they stay when the customer leaves")
        self.assertEqual(len(self.activities(self.later)), 2)

    def test_without_a_salesperson_it_is_for_whoever_looks_after_the_segment(self):
        self.had(self.segment, activity=self.call)
        self.segment.user_id = self.chief
        self.upgrade()
        self.later.user_id = False
        self.enter(self.later)
        self.follow()
        self.assertEqual(self.activities(self.later).user_id, self.chief)

    def test_tiers_warn_before_they_are_lost(self):
        self.had(self.tier, warning=self.call)
        for partner in (self.there, self.pending, self.later):
            self.order(partner, amount=1000 if partner != self.later else 3000)
        self.refresh()
        self.tier.threshold = 2000
        self.refresh()
        self.assertTrue(self.profile(self.there).tier_until and self.profile(self.pending).tier_until)
        self.note("crm.tier.stay", self.pending, warning_pending=True)
        [rule] = self.upgrade()
        self.assertEqual((rule.trigger, rule.name), ("grace", "Gold is about to be lost"))
        self.follow()
        self.assertEqual(self.activities(self.there | self.pending | self.later).mapped("res_id"), self.pending.ids)
        self.tier.threshold = 9000
        self.refresh()
        self.follow()
        activity = self.activities(self.later)
        self.assertEqual((activity.activity_type_id, activity.user_id), (self.call, self.seller))
        self.assertIn("Gold only until", activity.note)
        self.assertFalse(self.activities(self.there))

    def test_an_archived_customer_who_waited_gets_it_when_they_are_back(self):
        self.had(self.segment, enter=self.marking("in"))
        self.enter(self.pending)
        self.pending.active = False
        self.note("crm.segment.membership", self.pending, enter_pending=True)
        self.upgrade()
        self.follow()
        self.assertFalse(self.pending.ref)
        self.pending.active = True
        self.follow()
        self.assertEqual(self.pending.ref, "in")

    def test_a_draft_goes_on_doing_nothing_until_it_is_active(self):
        self.had(self.segment, enter=self.marking("in"))
        self.segment.action_draft()
        self.enter(self.later)
        self.upgrade()
        self.follow()
        self.assertFalse(self.later.ref)
        self.segment.action_activate()
        self.refresh()
        self.env.invalidate_all()
        self.follow()
        self.assertEqual(self.later.ref, "in")

    def test_what_is_not_for_customers_is_a_draft_that_says_so(self):
        self.had(self.segment, enter={"action_id": self.action("pass", "crm.lead").id}, activity=self.call)
        with mute_logger("odoo.addons.crm_plus_followup.services.followup.former_effects"):
            rules = self.upgrade()
        self.assertEqual(rules.mapped("state"), ["active", "draft"])
        self.assertIn("for the documents of the audience", rules[1].error)

    def test_names_are_in_the_languages_of_the_users(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.segment.with_context(lang="fa_IR").name = "پرخریدها"
        self.had(self.segment, activity=self.call)
        rule = self.upgrade().with_context(lang="fa_IR")
        self.assertIn("پرخریدها", rule.name)
        self.assertEqual(rule.step_ids.summary, "پرخریدها")

    def test_every_company_that_a_shared_segment_is_for_gets_its_rule(self):
        other = self.env["res.company"].create({"name": "Other Inc"})
        self.had(self.segment, activity=self.call)
        self.upgrade()
        rules = self.env["crm.followup.rule"].search([("audience_id.segment_id", "=", self.segment.id)])
        self.assertEqual(rules.company_id, self.env["res.company"].search([]))
        self.assertIn(other, rules.company_id)

    def test_nothing_is_kept_of_a_database_without_effects(self):
        self.keep()
        self.assertFalse(table_exists(self.env.cr, "crm_former_effect"))
        FormerEffects(self.env).take_over()
        self.assertFalse(self.env["crm.followup.rule"].search([("company_id", "=", self.company.id)]))

    def test_a_copy_that_waits_for_the_add_on_contacts_nobody(self):
        self.had(self.segment, enter=self.marking("in"), activity=self.call)
        self.enter(self.pending)
        self.note("crm.segment.membership", self.pending, enter_pending=True)
        self.keep()
        for query in get_neutralization_queries(["crm_plus"]):
            self.env.cr.execute(query)
        FormerEffects(self.env).take_over()
        rules = self.env["crm.followup.rule"].search([("company_id", "=", self.company.id)])
        self.assertEqual(rules.step_ids.mapped("kind"), ["activity"])
        self.follow()
        self.assertFalse(self.activities(self.pending) or self.pending.ref)

    def test_a_version_without_these_columns_is_left_alone(self):
        self.env.cr.execute("ALTER TABLE crm_segment DROP COLUMN activity_plan_id")
        self.keep()
        self.assertTrue(table_exists(self.env.cr, "crm_segment_enter_action_rel"))
        self.assertTrue(column_exists(self.env.cr, "crm_segment", "activity_type_id"))
