from odoo.exceptions import AccessError

from .common import AccessCase


class TestAccessCompanies(AccessCase):
    """What belongs to one company is not there for another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        both = {"company_ids": [(6, 0, (cls.company + cls.other_company).ids)]}
        cls.traveller = cls.new_user(
            "access_traveller", "sales_team.group_sale_manager", company_id=cls.company.id, **both
        )
        cls.new_lead(cls.traveller, "Theirs", company_id=cls.other_company.id)
        cls.capture()

    def test_a_manager_of_another_company_sees_nothing(self):
        for name, read in self.ways_to_read(self.stranger).items():
            with self.subTest(way=name):
                self.assertNotIn("Secret", repr(read()))
        summary = self.interactions(self.stranger).timeline_summary(self.scope())
        self.assertEqual((summary["total"], summary["hidden"]), (1, 0))

    def test_the_figures_of_a_customer_count_the_users_companies_only(self):
        theirs = self.customer.with_user(self.stranger)
        self.assertEqual(theirs.interaction_count, 1)
        row = self.env["crm.interaction"].search([("name", "=", "Theirs")])
        self.assertEqual(theirs.last_interaction_date, row.date)

    def test_switching_companies_switches_what_is_seen(self):
        here, there, both = self.company.ids, self.other_company.ids, (self.company + self.other_company).ids
        for companies, secret, theirs in ((here, True, False), (there, False, True), (both, True, True)):
            for name, read in self.ways_to_read(self.traveller, allowed_company_ids=companies).items():
                with self.subTest(companies=companies, way=name):
                    text = repr(read())
                    self.assertEqual("Secret of Bob" in text, secret)
                    if name != "timeline_page searching" and name != "name_search":
                        self.assertEqual("Theirs" in text, theirs)

    def test_a_company_one_is_not_in_cannot_be_switched_to(self):
        everything = (self.company + self.other_company).ids
        for name, read in self.ways_to_read(self.stranger, allowed_company_ids=everything).items():
            with self.subTest(way=name), self.assertRaises(AccessError):
                read()
        rows = self.interactions(self.stranger, allowed_company_ids=everything)
        with self.assertRaises(AccessError):
            rows.timeline_summary(self.scope())
