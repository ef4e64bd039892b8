"""A company in which everything that filters tell apart differs, and whoever may look at its overview."""

from datetime import timedelta
from itertools import cycle
from random import Random

from odoo import Command
from odoo.tests import new_test_user

from ...engine.kpi.board_request import NARROWED_BY
from .test_kpi_board import BoardCase

ROLES = {
    "reader": "crm_plus.group_crm_plus_reader",
    "service": "crm_plus.group_crm_plus_service",
}


class AgreementCase(BoardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chosen["date_from"] = str(cls.today - timedelta(days=40))
        for name, groups in ROLES.items():
            cls.users[name] = new_test_user(
                cls.env, f"board_{name}", groups, company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )  # fmt: skip

    def fill_all(self):
        """Besides all that, customers who differ in whatever narrows, messages to several, forecasts."""
        self.fill()
        rng = Random(5)
        self.tag = self.env["res.partner.category"].create({"name": "Tagged"})
        self.country = self.env.ref("base.be")
        self.industry = self.env["res.partner.industry"].create({"name": "Glass"})
        north = self.env["crm.team"].create({"name": "Of salespeople", "company_id": self.company.id})
        self.env["crm.team.member"].create({"crm_team_id": north.id, "user_id": self.users["own"].id})
        partners = (
            self.profiles().partner_id | self.env["crm.lead"].search([("company_id", "=", self.company.id)]).partner_id
        )
        for partner in partners:
            partner.write(
                {
                    "country_id": rng.choice([False, self.country.id]),
                    "industry_id": rng.choice([False, self.industry.id]),
                    "category_id": [Command.set(rng.choice([[], self.tag.ids]))],
                    "user_id": rng.choice([False, self.users["own"].id, self.users["all"].id]),
                }
            )
        email, phone = (self.env.ref(f"crm_plus.channel_{code}") for code in ("email", "phone"))
        rows = []
        for number, partner in enumerate(partners[:20]):
            user = self.users[rng.choice(["own", "all"])]
            told = {
                "company_id": self.company.id, "user_id": user.id, "document_user_id": user.id, "name": "Talk",
                "partner_id": partner.id, "date": f"{self.today - timedelta(days=1 + number)} 11:00:00",
            }  # fmt: skip
            rows += [{**told, "direction": rng.choice(["in", "out"]), "channel_id": rng.choice([email, phone]).id}]
        shared = {
            "company_id": self.company.id, "user_id": self.users["own"].id, "name": "To many", "direction": "out",
            "document_user_id": self.users["own"].id, "channel_id": email.id, "date": f"{self.yesterday} 09:00:00",
            "shared_ref": "mail.message,7", "document_model": "res.partner", "document_id": partners[0].id,
        }  # fmt: skip
        rows += [{**shared, "partner_id": partner.id} for partner in partners[:3]]
        web = self.env.ref("crm_plus.channel_web")
        rows += [{**told, "direction": "in", "channel_id": web.id, "name": "Visit"}]
        self.env["crm.interaction"].sudo().create(rows)
        for profile in self.profiles()[:15]:
            profile.write(
                {"expected_orders": rng.random() * 3, "clv": rng.random() * 500, "churn_risk": rng.random() * 100}
            )
        for partner, user in zip(partners, ("own", "all", "manager"), strict=False):
            line = Command.create({"product_id": self.product.id, "price_unit": 33, "tax_ids": False})
            self.order(partner, day=self.noon(3), user_id=self.users[user].id, order_line=[line])
        self.grade(self.env["crm.lead"].with_context(active_test=False).search([("company_id", "=", self.company.id)]))
        self.env.cr.flush()  # the timeline has the documents, too
        self.refresh()
        self.Day.search([("company_id", "=", self.company.id)]).unlink()
        self.replay()
        self.record()

    def grade(self, leads):
        """Give each of these leads a grade, all four in turn; won and lost ones take theirs one after the other."""
        scores = self.env["crm.lead.score"]
        scores.search([("lead_id", "in", leads.ids)]).unlink()
        for status in ("won", "lost", "pending"):
            of_status = leads.filtered(lambda lead, status=status: lead.won_status == status)
            for lead, letter in zip(of_status, cycle("ABCD"), strict=False):
                scores.create({"lead_id": lead.id, "lead_grade": f"{letter}1"})
        self.env.invalidate_all()

    def narrowings(self):
        profile = self.profiles().filtered("segment_id")[:1]
        tier = self.profiles().tier_id[:1] or self.env["crm.tier"]._tiers_of(self.company)[:1]
        given = {
            "segment_id": profile.segment_id.id, "tier_id": tier.id, "team_id": self.team.id,
            "user_id": self.users["own"].id, "country_id": self.country.id, "industry_id": self.industry.id,
            "tag_id": self.tag.id,
        }  # fmt: skip
        self.assertEqual(set(given), set(NARROWED_BY), "a new filter is followed here, too")
        two = {"country_id": self.country.id, "user_id": self.users["own"].id}
        return [{}, *({name: given[name]} for name in NARROWED_BY), two]
