"""Figures of a company are for its managers."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_kpi_day import KpiCase


@tagged("post_install", "-at_install")
class TestKpiAccess(KpiCase):
    def test_managers_of_the_company_read_them_nobody_writes(self):
        self.order(self.customer(), day=self.noon(1))
        self.record()
        other = self.env["res.company"].create({"name": "Other"})
        groups = "sales_team.group_sale_manager"
        manager, abroad = (
            new_test_user(
                self.env, f"kpi_{company.id}", groups, company_id=company.id, company_ids=[(6, 0, company.ids)]
            )
            for company in (self.company, other)
        )
        seller = new_test_user(
            self.env, "kpi_seller", "sales_team.group_sale_salesman_all_leads", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        mine = [("company_id", "=", self.company.id)]

        def asked(user):
            company = user.company_id
            return self.Day.with_user(user).with_context(allowed_company_ids=company.ids)

        self.assertTrue(asked(manager).search_count(mine))
        self.assertFalse(asked(abroad).search_count(mine))
        with self.assertRaises(AccessError):
            asked(seller).search_count(mine)
        with self.assertRaises(AccessError):
            asked(manager).search(mine, limit=1).write({"numerator": 1})
