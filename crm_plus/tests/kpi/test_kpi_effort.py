"""The same days before the installation and since; segments month by month."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_kpi_board import BoardCase

BEGAN = 100


@tagged("post_install", "-at_install")
class TestKpiEffort(BoardCase):
    def kept(self, figure, day, numerator, denominator=None, **values):
        return {
            "company_id": self.company.id, "date": day, "figure": figure, "numerator": numerator,
            "denominator": denominator, "dimension": "company", **values,
        }  # fmt: skip

    def recorded(self):
        """100 recorded days with 20 of revenue each, the same days of the year before with 10 each."""
        rows = []
        for ago in range(1, BEGAN + 1):
            for back, amount, contacts in ((0, 20, 2), (365, 10, 1)):
                day, replayed = self.today - timedelta(days=ago + back), bool(back)
                for figure, number in (("customers", 5), ("revenue", amount), ("contacts_out", contacts)):
                    rows.append(self.kept(figure, day, number, replayed=replayed))
        segment = self.env["crm.segment"].search([("family_id.kind", "=", "rfm")], limit=1)
        for ago, customers in ((1, 4), (366, 2)):
            day, of_segment = self.today - timedelta(days=ago), {"dimension": "segment", "segment_id": segment.id}
            rows.append(self.kept("customers", day, customers, **of_segment))
            rows.append(self.kept("revenue", day, 100, **of_segment))
            rows.append(self.kept("contacts_out", day, customers, **of_segment))
            rows.append(self.kept("retention", day, customers / 2, 4, **of_segment))
        # Of whoever was in the segment on the first day, one was in another when the values were recorded.
        for ago, equity, customers in ((BEGAN, 60, 3), (1, 200, 4)):
            day, of_segment = self.today - timedelta(days=ago), {"dimension": "segment", "segment_id": segment.id}
            rows.append(self.kept("customer_equity", day, equity, **of_segment))
            rows.append(self.kept("contacted", day, 1, customers, **of_segment))
            if ago > 1:
                rows.append(self.kept("customers", day, 4, **of_segment))
        for ago, equity in ((BEGAN, 500), (1, 800)):
            day = self.today - timedelta(days=ago)
            rows.append(self.kept("customer_equity", day, equity, replayed=False))
            rows.append(self.kept("contacted", day, 1, 5, replayed=False))
        self.Day.create(rows)
        return segment

    def effort(self, user="manager"):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Day.with_user(self.users[user]).overview_card("effort", self.chosen)

    def test_what_came_since_stands_beside_the_same_days_of_the_year_before(self):
        self.recorded()
        self.company.crm_plus_contact_cost = 5
        card = self.effort()
        self.assertEqual(card["periods"][1], [str(self.today - timedelta(days=BEGAN)), str(self.yesterday)])
        rows = {row["code"]: row for row in card["rows"]}
        month = 365 / 12
        self.assertAlmostEqual(rows["revenue"]["now"], 20 * month)
        self.assertAlmostEqual(rows["revenue"]["then"], 10 * month)
        self.assertAlmostEqual(rows["revenue"]["change"], 100)
        self.assertEqual((rows["value"]["then"], rows["value"]["now"]), (100, 160))
        self.assertEqual((rows["revenue"]["better"], rows["value"]["better"]), (1, 1))
        self.assertAlmostEqual(card["gain"], 10 * month)
        self.assertAlmostEqual(card["cost"], 5 * month)
        self.assertAlmostEqual(card["return"], 100)

    def test_another_way_to_count_revenue_since_then_is_said(self):
        self.recorded()
        said = "other documents count as revenue"
        self.assertFalse([row["code"] for row in self.effort()["rows"] if said in row["why"]])
        self.company.sudo().crm_plus_basis_date = self.yesterday
        rows = {row["code"]: row["why"] for row in self.effort()["rows"]}
        self.assertIn(said, rows["revenue"])
        self.assertIn(str(self.yesterday), rows["revenue"])
        self.assertNotIn(said, rows["contacts_out"])

    def test_segments_stand_beside_themselves(self):
        segment = self.recorded()
        [row] = self.effort()["segments"]
        self.assertEqual(row["id"], segment.id)
        self.assertEqual((row["then"]["customers"], row["now"]["customers"]), (2, 4))
        self.assertAlmostEqual(row["then"]["each"], 2 * row["now"]["each"])
        self.assertEqual((row["then"]["retention"], row["now"]["retention"]), (25, 50))
        self.assertEqual((row["then"]["value"], row["now"]["value"]), (20, 50))
        self.assertFalse(row["cost"] or row["return"], "a contact has no cost yet")
        self.company.crm_plus_contact_cost = 5
        [row] = self.effort()["segments"]
        month = BEGAN * 12 / 365
        self.assertAlmostEqual(row["now"]["cost"], 5 * 4 / month)
        self.assertAlmostEqual(row["cost"], 5 * 2 / month)
        self.assertAlmostEqual(row["return"], -100, msg="as much revenue as before, with more contacts")
        opened = self.listed("manager", "effort", segment.id)
        self.assertEqual(sum(opened.filtered(lambda day: day.figure == "revenue").mapped("numerator")), 200)

    def test_a_row_opens_the_days_that_it_compares(self):
        self.recorded()
        opened = self.listed("manager", "effort", "revenue")
        self.assertEqual(len(opened), 2 * BEGAN)
        self.assertEqual(sum(opened.mapped("numerator")), 30 * BEGAN)

    def test_the_value_of_a_customer_opens_the_days_it_is_made_of(self):
        self.recorded()
        opened = self.listed("manager", "effort", "value")
        self.assertEqual((set(opened.mapped("figure")), sum(opened.mapped("numerator"))), ({"customer_equity"}, 1300))

    def test_other_companies_count_nowhere(self):
        segment = self.recorded()
        self.company.crm_plus_contact_cost = 5
        manager = self.users["manager"]
        other = self.env["res.company"].create({"name": "Other"})
        manager.company_ids |= other
        self.env = self.env(context={**self.env.context, "allowed_company_ids": [self.company.id, other.id]})
        self.Day = self.env["crm.kpi.day"]

        def told():
            card = self.effort()
            course = self.Day.with_user(manager).segment_courses(segment.ids)
            return card["rows"], card["segments"], card["return"], course["courses"]

        before = told()
        for row in self.Day.search([("company_id", "=", self.company.id)]):
            row.copy({"company_id": other.id, "numerator": 7 * row.numerator, "date": row.date})
        self.assertEqual(told(), before)
        for key in ("revenue", "value", segment.id):
            self.assertEqual(self.listed("manager", "effort", key).company_id, self.company, key)

    def test_days_that_were_replayed_in_part_are_not_compared(self):
        self.recorded()
        first = self.today - timedelta(days=BEGAN + 365)
        self.Day.search([("company_id", "=", self.company.id), ("date", "=", first)]).unlink()
        self.assertEqual(self.effort()["rows"], [])

    def test_the_gain_is_one_of_margins_where_they_are_known_then_and_now(self):
        self.recorded()
        month = 365 / 12
        self.Day.create([self.kept("margin", self.yesterday, 300)])
        card = self.effort()
        self.assertEqual(card["basis"], "revenue")
        self.assertAlmostEqual(card["gain"], 10 * month)
        self.Day.create([self.kept("margin", self.yesterday - timedelta(days=365), 100, replayed=True)])
        card = self.effort()
        self.assertEqual(card["basis"], "margin")
        self.assertAlmostEqual(card["gain"], 200 / BEGAN * month)

    def test_it_is_for_managers_and_takes_four_weeks(self):
        self.assertEqual(self.effort()["rows"], [])
        self.recorded()
        self.assertEqual(self.effort("all")["rows"], [])
        self.assertTrue(self.effort()["rows"])

    def test_without_a_cost_there_is_no_return(self):
        self.recorded()
        card = self.effort()
        self.assertTrue(card["gain"])
        self.assertFalse(card["cost"] or card["return"])

    def test_segments_over_time_are_those_of_the_month(self):
        segment = self.recorded()
        other = self.env["crm.segment"].search([("family_id.kind", "=", "rfm"), ("id", "!=", segment.id)], limit=1)
        lost = self.kept("lost_customers", self.yesterday, 1, dimension="segment", segment_id=segment.id)
        self.Day.create([lost])
        Day = self.Day.with_user(self.users["manager"])
        answer = Day.segment_courses([segment.id, other.id])
        courses = {course["code"]: course["points"] for course in answer["courses"]}
        self.assertEqual(courses["customers"][-1]["values"], [4, False])
        self.assertEqual(courses["churn"][-1]["values"], [25, False])
        self.assertEqual([one["id"] for one in answer["segments"]], [segment.id, other.id])
        with self.assertRaises(AccessError):
            self.Day.with_user(self.users["all"]).segment_courses([segment.id])

    def test_segments_over_time_are_those_of_two_years(self):
        segment = self.env["crm.segment"].search([("family_id.kind", "=", "rfm")], limit=1)
        of_segment = {"dimension": "segment", "segment_id": segment.id}
        first = self.today.replace(day=1) - relativedelta(months=23)
        last_but_one = self.yesterday - timedelta(days=1)
        self.Day.create(
            [
                self.kept("customers", first - timedelta(days=1), 9, **of_segment),
                self.kept("customers", first, 8, **of_segment),
                self.kept("average_order", self.yesterday, 100, 1, **of_segment),
                self.kept("average_order", last_but_one, 100, 3, **of_segment),
                self.kept("repeat_rate", self.yesterday, 1, 2, **of_segment),
            ]
        )
        answer = self.Day.with_user(self.users["manager"]).segment_courses(segment.ids)
        courses = {course["code"]: course["points"] for course in answer["courses"]}
        self.assertEqual(courses["customers"], [{"month": str(first), "values": [8]}])
        self.assertEqual(courses["repeat_rate"][-1]["values"], [50])
        if last_but_one.month == self.yesterday.month:
            self.assertEqual([point["values"] for point in courses["average_order"]], [[50]])
