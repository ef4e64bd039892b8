from datetime import datetime, timedelta
from itertools import product

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ProfileCase

# The host turns what the database refuses into a sentence itself.
ANSWERS = (UserError, IntegrityError)
# What a client may send where something else is expected.
WRONG = (None, True, "x", "", -1, 0, 2**31, 1.5, float("inf"), float("nan"), [], [1], ["x"], {}, {"a": 1}, "0000-00-00")
FIRST_YEARS = (
    datetime(1, 1, 1, 0, 0), datetime(1, 12, 31, 23, 59), datetime(1900, 1, 1, 12, 0), datetime(1969, 12, 31, 23, 0),
)  # fmt: skip
LAST_YEARS = (datetime(2039, 6, 1), datetime(9999, 12, 31, 23, 59, 59))
ZONES = ("Pacific/Kiritimati", "America/Los_Angeles", "Asia/Tehran", False)


@tagged("post_install", "-at_install")
class TestCustomerHostile(ProfileCase):
    """Values that nobody should send and dates that nobody should write: a sentence, or an answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Hostile", "is_company": True})
        group = "sales_team.group_sale_manager,base.group_allow_export"
        cls.manager = new_test_user(
            cls.env, "hostile_manager", groups=group, company_id=cls.company.id, company_ids=cls.company.ids
        )

    def asked_with(self, records, name, *right):
        """Call a method with wrong values in the place of each argument, one at a time, and of all."""
        self.env.flush_all()
        places = [range(len(right)), *([place] for place in range(len(right)))]
        for place, wrong in product(places, WRONG):
            values = [wrong if number in place else value for number, value in enumerate(right)]
            with self.subTest(method=f"{records._name}.{name}", values=values):
                self.env.invalidate_all()
                try:
                    with self.env.cr.savepoint():
                        getattr(records.with_user(self.manager), name)(*values)
                except ANSWERS as error:
                    self.assertTrue(str(error).strip())

    @mute_logger("odoo.sql_db")
    def test_wrong_arguments_are_answered_with_a_sentence(self):
        self.order(self.partner)
        self.refresh()
        order = self.env["sale.order"].create({"partner_id": self.partner.id, "company_id": self.company.id})
        stays, gold = self.env["crm.segment.membership"], self.env["crm.tier"].search([], limit=1)
        segment = self.env.ref("crm_plus.crm_segment_new")
        self.asked_with(self.Profile, "glance_details", self.partner.id)
        self.asked_with(self.env["crm.customer.cohort"], "get_retention", 12, {})
        self.asked_with(self.env["crm.customer.cohort"], "action_open_customers", "2026-01-01", 1, {})
        self.asked_with(self.Profile, "pareto_curve", {})
        self.asked_with(self.Profile, "action_open_concentration", "best", {})
        self.asked_with(stays, "movement", "2026-01-01", "2026-02-01")
        self.asked_with(stays, "action_moved", "Gone", "2026-01-01", "2026-02-01", segment.id, segment.id)
        self.asked_with(order, "get_product_suggestions", 5)
        self.asked_with(order, "add_suggested_products", [self.product.id])
        for record in (gold, gold.browse(), segment, segment.browse(), segment.family_id):
            self.asked_with(record, "preview_changes", {"name": "Other"})
        for record in (gold, gold.browse(), segment):
            self.asked_with(record, "preview_order", [1, 2])

    @mute_logger("odoo.sql_db")
    def test_wrong_values_in_a_preview_are_answered_with_a_sentence(self):
        segment = self.env.ref("crm_plus.crm_segment_new")
        tier = self.env["crm.tier"].search([], limit=1)
        for record, name in product((segment, tier, segment.family_id), ("name", "sequence", "company_id", "nothing")):
            for wrong in (*WRONG, [[6, 0, ["x"]]], [[1]], 10**30):
                with self.subTest(model=record._name, vals={name: wrong}):
                    try:
                        with self.env.cr.savepoint():
                            record.with_user(self.manager).preview_changes({name: wrong})
                    except ANSWERS as error:
                        self.assertTrue(str(error).strip())

    @mute_logger("odoo.sql_db")
    def test_settings_that_no_calendar_has_are_refused(self):
        tier = self.env["crm.tier"].search([], limit=1)
        for record, name in (
            (self.company, "crm_plus_minimum_stay"),
            (self.company, "crm_plus_tier_months"),
            (tier, "grace_days"),
        ):
            for wrong in (-1, 10**6, 2**31 - 1):
                refused = self.assertRaisesRegex(Exception, "crm_plus|grace")
                with self.subTest(field=name, value=wrong), refused, self.env.cr.savepoint():
                    record.write({name: wrong})
                    record.flush_recordset()

    def screens(self):
        """Everything that shows figures of customers, as the manager asks for it."""
        env = self.env(user=self.manager)
        profiles, stays = env["crm.customer.profile"], env["crm.segment.membership"]
        today = str(self.company._crm_plus_today())
        names = [name for name, field in profiles._fields.items() if field.type != "one2many"]
        for partner in self.profiles().partner_id:
            profiles.glance_details(partner.id)
        profiles.search([]).read(names)
        profiles.search([]).export_data(["partner_id", "first_order_date", "last_order_date", "next_order_date"])
        profiles.formatted_read_group([], ["last_order_date:month"], ["__count", "revenue:sum"])
        profiles.segment_map()
        profiles.pareto_curve()
        cohorts = env["crm.customer.cohort"]
        cohorts.search([]).read()
        cohorts.formatted_read_group([], ["start:month", "months"], ["size:max"])
        for day in ("0001-01-01", "1900-01-01", "2039-01-01", "9999-12-31"):
            stays.movement(day, today)
            stays.movement(today, day)
        cohorts.get_retention(1200)
        return cohorts.search([], order="start", limit=1).start

    def test_orders_of_any_year_break_no_screen_and_no_scheduled_action(self):
        moments = (*FIRST_YEARS, *LAST_YEARS, datetime.now() - timedelta(days=40), datetime.now() - timedelta(days=3))
        partners = [self.customer(f"Of {moment.year}") for moment in moments]
        for zone in ZONES:
            with self.subTest(zone=zone):
                self.company.partner_id.tz = self.manager.tz = zone
                # Each has an order of its own time, and all have one of every time.
                rows = [(partner.id, moment, 50) for partner, moment in zip(partners, moments, strict=True)]
                self.many_orders([*rows, *((self.partner.id, moment, 10) for moment in moments)])
                self.refresh()
                self.train()
                self.env["crm.product.affinity"]._refresh_company(self.company)
                self.refresh()
                self.assertEqual(str(self.screens()), "1900-01-01")
                of_the_year_one = self.profile(partners[0])
                self.assertEqual(of_the_year_one.first_order_date.year, 1900)
                self.assertGreater(of_the_year_one.days_since_order, 40_000)
                self.assertFalse(self.profile(partners[5]), "an order of the year 9999 counts from its day on")
                self.refresh_touched()
