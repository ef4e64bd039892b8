"""The answers of customers to whether they would recommend us: a figure, a mood, a condition."""

from datetime import datetime, time, timedelta

from odoo import Command
from odoo.addons.crm_plus.services.kpi.recorder import PARTS
from odoo.addons.crm_plus.tests.kpi.test_kpi_board import BoardCase
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged


class NpsCase(BoardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env["survey.survey"].create({"title": "How are we doing?"})
        cls.question = cls.ask("How likely would you recommend us?", crm_plus_nps=True)

    @classmethod
    def ask(cls, title, **values):
        values = {"question_type": "scale", "scale_min": 0, "scale_max": 10, **values}
        return cls.env["survey.question"].create({"title": title, "survey_id": cls.survey.id, **values})

    def answer(self, partner, score, days_ago=1, question=None, **values):
        moment = datetime.combine(self.today - timedelta(days=days_ago), time(12))
        line = {"question_id": (question or self.question).id, "answer_type": "scale", "value_scale": score}
        return self.env["survey.user_input"].create(
            {
                "survey_id": self.survey.id, "partner_id": partner.id, "state": "done", "end_datetime": moment,
                "user_input_line_ids": [Command.create(line)], **values,
            }
        )  # fmt: skip

    def buyer(self, name="Buyer", days_ago=20):
        partner = self.customer(name)
        self.order(partner, 100, self.noon(days_ago))
        return partner


@tagged("post_install", "-at_install")
class TestNps(NpsCase):
    def test_it_is_the_share_of_promoters_less_that_of_detractors(self):
        for number, score in enumerate((10, 9, 9, 8, 7, 6, 0)):
            self.answer(self.buyer(f"Buyer {number}"), score)
        self.record()
        self.assertAlmostEqual(self.value("nps"), 100 * (3 - 2) / 7, 4)
        self.assertAlmostEqual(self.value("detractors"), 100 * 2 / 7, 4)

    def test_it_may_be_below_zero_and_days_add_up_to_one_score(self):
        self.answer(self.buyer("One"), 10, days_ago=3)
        for name in ("Two", "Three"):
            self.answer(self.buyer(name), 2, days_ago=1)
        self.record()
        mine = [("company_id", "=", self.company.id), ("figure", "=", "nps"), ("dimension", "=", "company")]
        [(score,)] = self.Day._read_group(mine, [], ["value:sum"])
        self.assertAlmostEqual(score, -100 / 3, 4)

    def test_only_finished_answers_of_customers_to_such_a_question_count(self):
        buyer = self.buyer()
        self.answer(buyer, 9)
        self.answer(buyer, 0, question=self.ask("How was the food?"))
        self.answer(buyer, 0, state="in_progress")
        self.answer(buyer, 0, test_entry=True)
        skipped = self.answer(buyer, 0)
        skipped.user_input_line_ids.write({"answer_type": False, "skipped": True, "value_scale": 0})
        self.answer(self.customer("Never ordered"), 0)
        self.answer(self.env["res.partner"], 0)
        self.record()
        self.assertEqual((self.on("nps").numerator, self.on("nps").denominator), (1, 1))

    def test_a_survey_for_some_users_only_tells_nothing(self):
        buyer = self.buyer()
        self.answer(buyer, 9)
        self.survey.restrict_user_ids = new_test_user(self.env, "surveyor", "base.group_user,survey.group_survey_user")
        self.record()
        self.assertFalse(self.on("nps"))
        self.assertFalse(self.profile(buyer).nps_group)

    def test_it_is_recorded_by_segment_and_replayed(self):
        buyer = self.buyer(days_ago=200)
        self.answer(buyer, 10, days_ago=100)
        self.answer(buyer, 3)
        self.refresh()
        segment = self.profile(buyer).segment_id
        stays = self.env["crm.segment.membership"].search([("company_id", "=", self.company.id)])
        stays.date_from = self.yesterday
        self.replay()
        self.record()
        self.assertEqual(self.value("nps", self.today - timedelta(days=100)), 100)
        self.assertEqual(self.value("nps", segment_id=segment.id), -100)

    def test_the_past_is_counted_anew_when_a_question_is_marked(self):
        question = self.ask("Once more: would you?")
        self.answer(self.buyer(), 10, days_ago=100, question=question)
        self.replay()
        memory = self.env["crm.job.memory"]
        memory._note(self.company, "kpi", {"kpi_recorded": str(self.yesterday), "kpi_replayed": None})
        self.company.crm_plus_replayed_date = self.today
        question.crm_plus_nps = True
        self.assertEqual(memory._of(self.company)[self.company.id]["kpi_replayed"], list(PARTS).index("satisfaction"))
        while not self.Day._record_step(self.company):
            pass
        self.assertEqual(self.value("nps", self.today - timedelta(days=100)), 100)
        question.crm_plus_nps = False
        self.assertFalse(self.on("nps", self.today - timedelta(days=100)))

    def test_such_a_question_asks_from_0_to_10(self):
        for values in ({"scale_max": 5}, {"scale_min": 1}, {"question_type": "char_box"}):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, "Net Promoter Score"):
                self.ask("Would you?", crm_plus_nps=True, **values)

    def test_the_overview_says_how_many_answered_and_how_sure_it_is(self):
        for number, score in enumerate((10, 9, 8, 3)):
            self.answer(self.buyer(f"Buyer {number}"), score)
        self.record()
        nps = next(figure for figure in self.board("manager")["figures"] if figure["code"] == "nps")
        self.assertEqual((nps["value"], nps["unit"], nps["note"]), (25, "points", "4 answers, too few to tell"))
        self.assertTrue([line for line in nps["why"] if "2 promoters, 1 detractors" in line], nps["why"])
        for number in range(30):
            self.answer(self.buyer(f"Other {number}"), 10)
        self.record()
        nps = next(figure for figure in self.board("manager")["figures"] if figure["code"] == "nps")
        self.assertEqual(nps["note"], "34 answers")

    def test_who_would_recommend_us_is_found_by_the_last_answer_of_all_contacts(self):
        company = self.buyer("Company")
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": company.id})
        silent = self.buyer("Silent")
        self.answer(company, 10, days_ago=5)
        self.answer(contact, 6, days_ago=2)
        self.refresh()
        Profile = self.env["crm.customer.profile"].with_user(self.users["all"])
        ours = [("partner_id", "in", (company | silent).ids), ("company_id", "=", self.company.id)]

        def found(*condition):
            return Profile.search([*ours, condition]).partner_id.sudo()

        self.assertEqual(self.profile(company).with_user(self.users["all"]).nps_group, "detractor")
        self.assertEqual(found("nps_group", "=", "detractor"), company)
        self.assertEqual(found("nps_group", "=", False), silent)
        self.assertEqual(found("nps_group", "!=", "promoter"), company | silent)
        self.assertFalse(found("nps_group", "=", "promoter"))

    def test_an_audience_is_made_of_detractors(self):
        if "crm.audience" not in self.env:
            self.skipTest("there are no audiences")
        for name, score in (("Angry", 2), ("Happy", 10)):
            self.answer(self.buyer(name), score)
        self.refresh()
        audience = self.env["crm.audience"].with_user(self.users["manager"]).create(
            {
                "name": "Detractors", "company_id": self.company.id, "kind": "customer",
                "domain": "[('nps_group', '=', 'detractor')]",
            }
        )  # fmt: skip
        self.assertEqual(audience.member_count, 1)

    def test_the_card_says_it_to_who_sees_the_customer(self):
        buyer = self.buyer()
        self.answer(buyer, 3, days_ago=40)
        self.answer(buyer, 9, days_ago=2)
        self.refresh()
        profile = self.env["crm.customer.profile"].with_user(self.users["all"]).with_company(self.company)

        def mood(*day):
            figures = {figure["key"]: figure for figure in profile.glance(buyer.id, *day)["figures"]}
            return figures.get("mood")

        self.assertEqual((mood()["value"], mood()["level"]), ("Would recommend us: 9 of 10", "low"))
        past = mood(str(self.today - timedelta(days=10)))
        self.assertEqual((past["value"], past["level"]), ("Would recommend us: 3 of 10", "high"))
        with self.assertRaises(AccessError):
            self.env["survey.user_input"].with_user(self.users["all"]).search([])
