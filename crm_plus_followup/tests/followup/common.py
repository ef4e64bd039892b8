"""A company of its own with customers, an audience of them, and rules that do what the test says."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.crm_plus.tests.loyalty.common import SegmentCase


class FollowupCase(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # One day for all: around midnight the day of the user who runs the tests is another one than the company's.
        cls.env = cls.env(context=dict(cls.env.context, tz=cls.company._crm_plus_tz()))
        cls.company = cls.company.with_env(cls.env)
        cls.seller = cls.user("followup_seller", "sales_team.group_sale_salesman")
        cls.chief = cls.user("followup_chief", "sales_team.group_sale_manager")
        cls.runs = cls.env["crm.followup.run"]
        cls.events = cls.env["crm.followup.event"]
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.policy = cls.env["crm.followup.policy"]._of(cls.company)
        cls.policy.write(
            {"cap_week": 0, "cap_month": 0, "quiet_from": 0, "quiet_to": 0, "working_days": False, "capacity": 0}
        )

    @classmethod
    def customers(cls, count, days=50, **values):
        """Customers with an order so many days ago and the seller as their salesperson."""
        partners = cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "is_company": True, "user_id": cls.seller.id,
                 "email": f"customer{number}@followup.example", **values}
                for number in range(count)
            ]
        )  # fmt: skip
        for partner in partners:
            cls.order(partner, days=days)
        cls.refresh()
        return partners

    @classmethod
    def audience(cls, **values):
        return cls.env["crm.audience"].create(
            {"name": "Everybody", "company_id": cls.company.id, "kind": "customer", **values}
        )

    @classmethod
    def rule(cls, *steps, audience=None, **values):
        """An active rule that reaches who is in the audience already, with these steps."""
        steps = steps or ({"kind": "activity", "activity_type_id": cls.call.id},)
        return cls.env["crm.followup.rule"].create(
            {
                "name": "Win back",
                "company_id": cls.company.id,
                "audience_id": (audience or cls.audience()).id,
                "include_present": True,
                "state": "active",
                "user_id": cls.chief.id,
                "step_ids": [Command.create({"sequence": place, **step}) for place, step in enumerate(steps)],
                **values,
            }
        )

    def follow(self, rule=None):
        """What the scheduled action does, without its commits."""
        for one in rule or self.env["crm.followup.rule"].search([("company_id", "=", self.company.id)]):
            if one.state in ("active", "shadow"):
                one._evaluate()
        self.work()

    def work(self):
        self.env.cr.flush()
        self.runs._stop_next(self.company)
        self.runs._finish_next(self.company)
        while self.env["crm.followup.rule"]._work_next(self.company):
            self.env.flush_all()
        self.env.invalidate_all()

    def let_pass(self, runs, days):
        """Let so many days pass for these runs."""
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE crm_followup_run SET date_next = date_next - %(d)s, date_start = date_start - %(d)s,
                      date_end = date_end - %(d)s WHERE id = ANY(%(ids)s)""",
            {"d": timedelta(days=days), "ids": runs.ids},
        )
        self.env.cr.execute(
            "UPDATE crm_followup_event SET date = date - %s WHERE run_id = ANY(%s)", (timedelta(days=days), runs.ids)
        )
        self.env.invalidate_all()

    def assert_goes_with_its_app(self, step):
        """What becomes of rules with this step, of a kind that a bridge adds, when the bridge is uninstalled."""
        tag = self.env["res.partner.category"].create({"name": "Goes on"})
        between = self.rule({**step, "delay_days": 3}, {"kind": "tag", "tag_id": tag.id}, name="Between")
        only = self.rule({**step, "delay_days": 3}, name="Only")
        taken = self.rule(step, {"kind": "wait", "delay_days": 3}, name="Taken")
        self.follow()
        for model in ("crm.followup.step", "crm.followup.event"):
            self.env["ir.model.fields.selection"].search(
                [("field_id.model", "=", model), ("field_id.name", "=", "kind"), ("value", "=", step["kind"])]
            )._process_ondelete()
        self.env.invalidate_all()
        self.assertEqual((between.step_ids.mapped("kind"), between.state), (["tag"], "active"))
        self.assertEqual((only.step_ids.ids, only.state), ([], "paused"))
        self.assertEqual((taken.step_ids.mapped("kind"), taken.state), (["wait"], "active"))
        self.assertFalse(self.events.search([("kind", "=", step["kind"])]))
        self.work()
        whom = self.runs.search([("rule_id", "=", between.id)]).partner_id
        self.assertTrue(whom)
        self.assertEqual(whom.category_id, tag, "who waited for the step has got the next one")

    def run_of(self, rule, partner):
        return self.runs.search([("rule_id", "=", rule.id), ("partner_id", "=", partner.id)])

    def activities(self, records):
        return self.env["mail.activity"].search([("res_model", "=", records._name), ("res_id", "in", records.ids)])

    def heard(self, partner, channel="phone", direction="out", days=0, **values):
        """An interaction with a customer, so many days ago."""
        return self.env["crm.interaction"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "channel_id": self.env.ref(f"crm_plus.channel_{channel}").id,
                "direction": direction,
                "date": fields.Datetime.now() - timedelta(days=days),
                "name": "Heard",
                **values,
            }
        )
