from odoo.tests import tagged

from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileUnknown(ProfileCase):
    """A customer of whom nothing is foretold, beside one of whom nothing is expected."""

    def setUp(self):
        super().setUp()
        self.unknown, self.gone, self.good = map(self.customer, ("Unknown", "Gone", "Good"))
        self.partners = self.unknown | self.gone | self.good
        for partner in self.partners:
            self.order(partner)
        self.refresh()
        self.profile(self.gone).write({"p_alive": 0, "churn_risk": 100, "expected_orders": 0, "clv": 0})
        self.profile(self.good).write({"p_alive": 0.9, "churn_risk": 10, "expected_orders": 2.5, "clv": 250})

    def found(self, *domain, order=None):
        domain = [("company_id", "=", self.company.id), *domain]
        return self.Profile.search(domain, order=order).partner_id.mapped("name")

    def test_nothing_expected_reads_as_zero_and_nothing_known_as_nothing(self):
        names = ["p_alive", "churn_risk", "expected_orders", "clv"]
        values = {partner.name: self.profile(partner).read(names)[0] for partner in self.partners}
        self.assertEqual([values["Unknown"][name] for name in names], [False] * 4)
        self.assertEqual([values["Gone"][name] for name in names], [0, 100, 0, 0])
        self.assertIsNot(values["Gone"]["clv"], False)

    def test_the_filters_find_the_unknown_only(self):
        search = self.env.ref("crm_plus.crm_customer_profile_view_search")
        self.assertIn("[('p_alive', '=', False)]", search.arch)
        self.assertEqual(self.found(("p_alive", "=", False)), ["Unknown"])
        self.assertEqual(self.found(("clv", "=", False)), ["Unknown"])
        self.assertEqual(self.found(("churn_level", "=", False)), ["Unknown"])
        partners = self.env["res.partner"].search([("crm_profile_id", "!=", False), ("churn_risk", "=", False)])
        self.assertIn(self.unknown, partners)
        self.assertFalse(partners & (self.gone | self.good))

    def test_conditions_on_numbers_leave_the_unknown_out(self):
        self.assertEqual(self.found(("clv", "=", 0)), ["Gone"])
        self.assertEqual(self.found(("churn_level", "=", "low")), ["Good"])
        self.assertEqual(set(self.found(("clv", "<", 1000))), {"Gone", "Good"})
        below = self.env["res.partner"].search([("lifetime_value", "<=", 250)])
        self.assertEqual(below & self.partners, self.gone | self.good)

    def test_the_unknown_come_last_whichever_way_a_list_is_sorted(self):
        self.assertEqual(self.found(order="clv desc"), ["Good", "Gone", "Unknown"])
        self.assertEqual(self.found(order="clv"), ["Gone", "Good", "Unknown"])
        partners = self.env["res.partner"].search([("id", "in", self.partners.ids)], order="churn_risk desc")
        self.assertEqual(partners.mapped("name"), ["Gone", "Good", "Unknown"])

    def test_a_group_without_any_prediction_has_no_sum(self):
        groups = self.Profile.formatted_read_group(
            [("company_id", "=", self.company.id)], ["partner_id"], ["clv:sum", "churn_risk:avg"]
        )
        sums = {group["partner_id"][1]: (group["clv:sum"], group["churn_risk:avg"]) for group in groups}
        self.assertIs(sums["Unknown"][0], False)
        self.assertIs(sums["Unknown"][1], False)
        self.assertEqual(sums["Gone"], (0, 100))

    def test_an_export_leaves_the_cell_empty(self):
        rows = (self.profile(self.unknown) | self.profile(self.gone)).export_data(["partner_id", "clv"])["datas"]
        self.assertEqual({row[0]: row[1] for row in rows}, {"Unknown": "", "Gone": 0})

    def test_contacts_and_orders_show_the_same(self):
        order = self.unknown.sale_order_ids
        self.assertIs(self.unknown.read(["churn_risk"])[0]["churn_risk"], False)
        self.assertIs(self.unknown.read(["lifetime_value"])[0]["lifetime_value"], False)
        self.assertIs(order.read(["churn_risk"])[0]["churn_risk"], False)
        self.assertEqual(self.gone.lifetime_value, 0)
        self.assertIsNot(self.gone.read(["lifetime_value"])[0]["lifetime_value"], False)

    def test_a_number_can_be_taken_back(self):
        profile = self.profile(self.good)
        profile.clv = False
        self.env.flush_all()
        self.assertEqual(self.snapshot(("clv",))[self.good.id], (None,))
