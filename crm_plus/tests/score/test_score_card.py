from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ...services.score.card import ScoreCard
from ..prediction.common import PredictionCase
from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreCard(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule(name="Country is filled in", points=20, domain="[('country_id', '!=', False)]")
        users = {
            "mine": "sales_team.group_sale_salesman",
            "colleague": "sales_team.group_sale_salesman",
            "everyone": "sales_team.group_sale_salesman_all_leads",
            "clerk": "base.group_user",
        }
        cls.users = {name: new_test_user(cls.env, f"card_{name}", groups=groups) for name, groups in users.items()}
        cls.owned = cls.lead(user_id=cls.users["mine"].id, country_id=cls.env.ref("base.be").id)

    def card(self, name, lead=None):
        return (lead or self.owned).with_user(self.users[name]).score_card()

    def test_the_lines_of_the_card_add_up_to_the_score(self):
        score = self.card("mine")["score"]
        lines = [line for axis in ("fit", "engagement") for line in score[axis]["lines"]]
        parts = [Decimal(score[axis]["part"]) for axis in ("fit", "engagement")]
        self.assertEqual(sum(Decimal(line["points"]) for line in lines), Decimal("20.00"))
        self.assertEqual(sum(parts), Decimal(score["score"]))

    def test_opening_it_writes_nothing_while_nothing_changes(self):
        self.rule(points=40)
        lead = self.lead(partner_id=self.env["res.partner"].create({"name": "Customer"}).id)
        self.event(lead_id=lead.id)
        lead.score_card()
        self.env.cr.flush()
        before = self.written()
        lead.score_card()
        self.env.cr.flush()
        self.assertEqual(self.written(), before)

    def written(self):
        """Rows written by this transaction, and by the statements of this session before it."""
        self.env.cr.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return self.env.cr.fetchone()

    def test_it_says_whether_the_lead_is_hot(self):
        self.company.crm_plus_hot_score = 20
        self.assertFalse(self.card("mine")["score"]["hot"])
        self.rule(points=100)
        self.assertTrue(self.card("mine")["score"]["hot"])

    def test_who_may_not_read_the_lead_has_no_card(self):
        for name in ("colleague", "clerk"):
            with self.assertRaises(AccessError):
                self.card(name)
        self.assertEqual(self.card("everyone")["score"]["grade"], self.card("mine")["score"]["grade"])

    def test_a_lead_that_was_closed_before_has_no_score(self):
        closed = self.lead(user_id=self.users["mine"].id, active=False, probability=0)
        self.assertIn("closed", self.card("mine", closed)["missing_score"])

    def test_without_active_rules_the_card_says_so(self):
        self.Rule.search([]).action_shadow()
        fresh = self.lead(user_id=self.users["mine"].id)
        self.env["crm.lead.score"].search([("lead_id", "=", fresh.id)]).unlink()
        self.assertIn("no active score rules", ScoreCard(fresh)._why_no_score())


@tagged("post_install", "-at_install")
class TestMissingPrediction(PredictionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.leads.open(1)

    def missing(self):
        card = self.lead.score_card()
        self.assertFalse(card["prediction"])
        return card["missing_prediction"]

    def test_nothing_was_trained(self):
        self.assertEqual(self.missing(), "No version has been trained yet.")

    def test_too_few_leads_are_told_exactly(self):
        self.leads.closed(20)
        model = self.train()
        self.assertEqual(model.state, "abstained")
        self.assertEqual(self.missing(), model.shortfall_text)

    def test_a_published_version_predicts_soon_and_then_the_card_shows_it(self):
        self.leads.closed(500)
        model = self.train()
        self.assertEqual(model.state, "published")
        self.env["crm.lead.score"]._predict_leads(self.lead.ids)
        prediction = self.lead.score_card()["prediction"]
        self.assertEqual(prediction["version"], model.display_name)
        total = sum(part["points"] for part in prediction["parts"])
        self.assertEqual(prediction["intercept"] + total, prediction["score"])
        model.state = "retired"
        self.env["crm.lead.score"]._predict_leads(self.lead.ids)
        self.assertEqual(self.missing(), "No trained version is in use.")


@tagged("post_install", "-at_install")
class TestScoreTour(ScoreCase, HttpCase):
    def test_a_salesperson_sees_why_and_opens_the_event_behind_it(self):
        seller = new_test_user(self.env, "tour.sales", "sales_team.group_sale_salesman")
        colleague = new_test_user(self.env, "tour.colleague", "sales_team.group_sale_salesman")
        self.rule(name="Calls of the test", kind="engagement", points=12, channel_ids=[(6, 0, self.phone.ids)])
        customer = self.env["res.partner"].create({"name": "Miller's Mill"})
        lead = self.lead(user_id=seller.id, partner_id=customer.id)
        self.event(1, partner_id=customer.id, name="Asked for a sample", user_id=seller.id)
        self.event(2, partner_id=customer.id, name="Secret", user_id=colleague.id, document_user_id=colleague.id)
        self.start_tour(f"/odoo/crm.lead/{lead.id}", "crm_plus_score_card", login="tour.sales")
