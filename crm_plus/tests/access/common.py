"""One customer, two salespeople with a secret each, and everyone who may or may not know it."""

import functools

from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class AccessCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Other company"})
        salesman, all_leads = "sales_team.group_sale_salesman", "sales_team.group_sale_salesman_all_leads"
        cls.ann = cls.new_user("access_ann", salesman)
        cls.bob = cls.new_user("access_bob", salesman)
        cls.all = cls.new_user("access_all", all_leads)
        cls.manager = cls.new_user("access_manager", "sales_team.group_sale_manager")
        cls.clerk = cls.new_user("access_clerk", "base.group_user")
        cls.portal = cls.new_user("access_portal", "base.group_portal")
        cls.public = cls.env.ref("base.public_user")
        cls.stranger = cls.new_user(
            "access_stranger",
            "sales_team.group_sale_manager",
            company_id=cls.other_company.id,
            company_ids=[(6, 0, cls.other_company.ids)],
        )
        cls.customer = cls.env["res.partner"].create({"name": "Access customer", "email": "access@customer.example"})
        cls.lead_of_ann = cls.new_lead(cls.ann, "Open to Ann")
        cls.lead_of_bob = cls.new_lead(cls.bob, "Secret of Bob")
        cls.order_of_bob = cls.env["sale.order"].create(
            {"partner_id": cls.customer.id, "user_id": cls.bob.id, "state": "sale", "name": "Secret order"}
        )
        cls.manual = cls.env.ref("crm_plus.source_manual")
        cls.channel = cls.env.ref("crm_plus.channel_phone")
        cls.capture()
        cls.secret_rows = cls.env["crm.interaction"].search(
            [("partner_id", "=", cls.customer.id), ("document_user_id", "=", cls.bob.id)]
        )

    @classmethod
    def new_user(cls, login, groups, **values):
        if "portal" not in groups:
            groups += ",base.group_allow_export"
        return new_test_user(cls.env, login=login, groups=groups, **values)

    @classmethod
    def new_lead(cls, user, name, **values):
        values = {"name": name, "partner_id": cls.customer.id, "user_id": user.id, "type": "opportunity", **values}
        return cls.env["crm.lead"].create({"company_id": cls.company.id, **values})

    @classmethod
    def capture(cls):
        """What a commit does to the timeline."""
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    def interactions(self, user, **context):
        return self.env["crm.interaction"].with_user(user).with_context(**context)

    def scope(self):
        return {"partner_id": self.customer.id}

    def logged(self, user, **values):
        """An entry that ``user`` logs by hand."""
        values = {"partner_id": self.customer.id, "channel_id": self.channel.id, "name": "Called", **values}
        return self.interactions(user).create({"date": fields.Datetime.now(), **values})

    def ways_to_read(self, user, **context):
        """``{name: function}``: every way by which an interaction can reach a client, each as a request of its own."""
        rows = self.interactions(user, **context)
        mine = [("partner_id", "=", self.customer.id)]
        partners = self.env["res.partner"].with_user(user).with_context(**context)
        shown = {"name": {}, "amount": {}, "document_id": {}, "document_user_id": {"fields": {"display_name": {}}}}
        ways = {
            "timeline_page": lambda: rows.timeline_page(self.scope(), {}),
            "timeline_page searching": lambda: rows.timeline_page(self.scope(), {"search": "Secret"}),
            "search_read": lambda: rows.search_read(mine, ["name", "amount", "display_name"]),
            "web_search_read": lambda: rows.web_search_read(mine, shown),
            "export_data": lambda: rows.search(mine).export_data(["name", "lead_id/name", "document_id"]),
            "formatted_read_group": lambda: rows.formatted_read_group(mine, ["name"], ["amount:sum", "__count"]),
            "web_read_group": lambda: rows.web_read_group(mine, ["name"], ["__count"]),
            "_read_group": lambda: rows._read_group(mine, ["name"], ["id:array_agg"]),
            "name_search": lambda: rows.name_search("Secret"),
            "one2many of the customer": lambda: partners.browse(self.customer.id).interaction_ids.mapped("name"),
            "web_read of the customer": lambda: partners.browse(self.customer.id).web_read(
                {"interaction_ids": {"fields": {"name": {}}}}
            ),
            "export of the customer": lambda: partners.browse(self.customer.id).export_data(["interaction_ids/name"]),
        }

        def alone(read):
            # what somebody else has read before in this transaction is in the cache
            self.env.invalidate_all()
            return read()

        return {name: functools.partial(alone, read) for name, read in ways.items()}
