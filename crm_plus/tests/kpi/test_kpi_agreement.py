"""Every figure, bar, cell and card of the overview is what the list says that it opens, for each role and filter.

Nothing here names a figure: whatever the overview answers is followed, and counted or added up by the user.
"""

from datetime import timedelta
from itertools import chain

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...engine.kpi.board_request import board_request
from ...engine.kpi.cards import LATER
from ...engine.kpi.figures import BY_CODE
from ...services.kpi.explanation import Explanation
from ...services.kpi.funnel import STEPS, WAYS
from ...services.kpi.live import SUMS
from .common import ROLES, AgreementCase


@tagged("post_install", "-at_install")
class TestKpiAgreement(AgreementCase):
    # ------------------------------------------------------------------ what a list says

    def of_figure(self, code, opened):
        """The value of a figure from the records that it opens."""
        figure = BY_CODE[code]
        if opened._name == "crm.kpi.day":
            if figure.kind == "stock":
                last = max(opened.mapped("date"))
                opened = opened.filtered(lambda row: row.date == last)
            return figure.value([(sum(opened.mapped("numerator")), sum(opened.mapped("denominator")))])
        if code in SUMS:
            return sum(opened.mapped(SUMS[code]))
        if code == "win_rate":
            return 100 * len(opened.filtered(lambda lead: lead.won_status == "won")) / len(opened)
        if code in ("revenue", "average_order"):
            revenue = sum(order.amount_untaxed / (order.currency_rate or 1) for order in opened)
            return revenue if code == "revenue" else revenue / len(opened)
        return len(opened)

    def follow(self, user, more):
        """Compare all that the overview says with what it opens; how much that was."""
        board = self.board(user, **more)

        def agrees(expected, part, key, counted):
            opened = self.listed(user, part, key, **more)
            self.assertAlmostEqual(counted(opened), expected or 0, 2, (user, more, part, key))
            return 1

        seen = 0
        for row in board["figures"]:
            code = row["code"]
            seen += agrees(row["value"], "figure", code, lambda opened, code=code: self.of_figure(code, opened))
        for row in board["segments"]:
            seen += agrees(row["count"], "segment", row["id"], len)
            if row["revenue"] is not False:
                seen += agrees(row["revenue"], "segment", row["id"], lambda opened: sum(opened.mapped("revenue")))
        for row in board["funnel"]:
            seen += agrees(row["count"], "funnel", row["key"], len)
        for row in board["channels"]:
            for way in ("in", "out"):
                seen += agrees(
                    row[way], "channel", row["id"],
                    lambda opened, way=way: len(opened.filtered(lambda one: one.direction == way)),
                )  # fmt: skip
        for row in board["grades"]:
            seen += agrees(row["closed"], "grade", row["grade"], len)
            seen += agrees(
                row["won"], "grade", row["grade"],
                lambda opened: len(opened.filtered(lambda lead: lead.won_status == "won")),
            )  # fmt: skip
        return seen + self.follow_cards(user, more, agrees)

    def ordered(self, leads):
        """How many of these leads have an order that their reader may see."""
        return len(leads.filtered(lambda lead: "sale" in lead.order_ids.mapped("state")))

    def follow_cards(self, user, more, agrees):
        cards = {
            name: self.Day.with_user(self.users[user]).overview_card(name, {**self.chosen, **more}) for name in LATER
        }
        self.assertEqual(len(cards), 5, "a new card is followed here, too")
        seen = 0
        for row in chain(*(cards["ways"][name] for name in WAYS)):
            seen += agrees(row["counts"][0], "way", row["key"], len)
            seen += agrees(row["counts"][3], "way", row["key"], self.ordered)
        for row in cards["answers"]["channels"] + cards["answers"]["sources"]:
            seen += agrees(row["asked"], "answer", row["key"], len)
        for row in cards["products"]["rows"]:
            cells = dict(zip((one["id"] for one in cards["products"]["segments"]), row["cells"], strict=True))
            for key, amount in {str(row["id"]): row["revenue"]}.items() | {
                (f"{row['id']}_{segment}", amount) for segment, amount in cells.items()
            }:
                seen += agrees(amount, "product", key, lambda lines: sum(lines.mapped("price_subtotal")))
        for name, report in self.Day._overview_reports().items():
            card = self.Day.with_user(self.users[user]).overview_card(name, {**self.chosen, **more})
            for row in card["rows"]:
                measure = report.measures[0]
                seen += agrees(row["values"][0], name, row["key"], lambda rows, name=measure: sum(rows.mapped(name)))
        if cards["forecast"]["expected"] is not False:
            seen += agrees(cards["forecast"]["customers"], "forecast", "customers", len)
            seen += agrees(
                cards["forecast"]["expected"], "forecast", "customers",
                lambda opened: sum(opened.mapped("expected_orders")),
            )  # fmt: skip
        return seen

    # ------------------------------------------------------------------ for everybody

    def test_everything_agrees_with_the_list_it_opens(self):
        self.fill_all()
        for check in (self.now, self.in_a_period_that_is_over, self.unseen, self.explained):
            with self.subTest(check=check.__name__):
                check()

    def now(self):
        followed = {}
        for user in self.users:
            for more in self.narrowings():
                followed[user, tuple(more)] = self.follow(user, more)
        self.assertEqual([row["key"] for row in self.board("manager")["funnel"]], ["visits", *STEPS])
        for user, least in (("manager", 50), ("all", 30), ("own", 30), ("service", 10), ("reader", 10)):
            self.assertGreater(followed[user, ()], least, user)
        self.assertTrue(all(followed.values()), followed)

    def in_a_period_that_is_over(self):
        now = self.chosen
        self.chosen = now | {
            "date_from": str(self.today - timedelta(days=60)), "date_to": str(self.today - timedelta(days=12)),
        }  # fmt: skip
        for user in ("manager", "own"):
            for more in self.narrowings()[:3]:
                self.assertGreater(self.follow(user, more), 5)
        self.chosen = now

    def unseen(self):
        """What one may not see is not counted for them."""
        told = {user: {row["code"]: row["value"] for row in self.board(user)["figures"]} for user in self.users}
        for code in ("leads", "orders", "revenue"):
            self.assertLess(told["own"][code], told["all"][code], code)
        for user in ROLES:
            self.assertFalse({"leads", "orders", "revenue", "revenue_at_risk", "customer_equity"} & set(told[user]))
            self.assertIn("customers", told[user])
            self.assertFalse(any(row["revenue"] for row in self.board(user)["segments"]), "amounts are hidden")
        with self.assertRaises(AccessError):
            self.Day.with_user(self.users["reader"]).search([], limit=1)

    def explained(self):
        """Each figure says what it is, from what, as of when and what changes it."""
        for user, more in (("manager", {}), ("own", {}), ("manager", {"country_id": self.country.id})):
            for row in self.board(user, **more)["figures"]:
                self.assertGreaterEqual(len(row["why"]), 4, row["code"])
                self.assertTrue(all(row["why"]), row["code"])
                self.assertRegex(row["why"][2], r"\d{4}-\d{2}-\d{2}")
        explanation = Explanation(self.env, board_request(self.chosen), is_live=False)
        for code in BY_CODE:
            self.assertTrue(all(explanation.lines(code)), code)
        self.assertEqual(len(set(explanation.meaning().values())), len(BY_CODE), "each is told apart")
