from itertools import count

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import SegmentCase

NUMBERS = count()
MANAGER = "sales_team.group_sale_manager"


@tagged("post_install", "-at_install")
class TestSegmentDefiner(SegmentCase):
    """Conditions find what whoever wrote them may read in the company of the segment, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere Ltd"})
        cls.env.user.company_ids |= cls.elsewhere
        cls.manager = cls.user("definer_manager", MANAGER)
        cls.both = new_test_user(
            cls.env, "definer_both", groups=MANAGER, company_id=cls.company.id,
            company_ids=[Command.set((cls.company | cls.elsewhere).ids)],
        )  # fmt: skip
        cls.partner = cls.customer(days=1)
        cls.own = cls.env["crm.segment.family"].create(
            {"name": "Conditions", "kind": "domain", "company_id": cls.company.id}
        )
        cls.refresh()
        cls.plant_secrets()

    @classmethod
    def plant_secrets(cls):
        """Documents of the other company about the same customer."""
        there = cls.env(context={"allowed_company_ids": cls.elsewhere.ids, "tracking_disable": True})
        cls.env["sale.order"].with_env(there).create(
            {"partner_id": cls.partner.id, "company_id": cls.elsewhere.id, "client_order_ref": "SECRET-7"}
        )
        lead = cls.env["crm.lead"].with_env(there).create(
            {"name": "Secret plan", "partner_id": cls.partner.id, "company_id": cls.elsewhere.id, "type": "opportunity"}
        )  # fmt: skip
        lead.message_post(body="They will sell the factory")
        cls.env["crm.interaction"].create(
            {
                "partner_id": cls.partner.id,
                "company_id": cls.elsewhere.id,
                "source_id": cls.env.ref("crm_plus.source_manual").id,
                "channel_id": cls.env.ref("crm_plus.channel_phone").id,
                "name": "Secret call",
                "note": "<p>The factory</p>",
                "date": fields.Datetime.now(),
            }
        )
        cls.env.flush_all()

    secrets = (
        [("partner_id.sale_order_ids.client_order_ref", "=", "SECRET-7")],
        [("partner_id.sale_order_ids", "any", [("client_order_ref", "=like", "S%")])],
        [("partner_id", "any", [("sale_order_ids", "any", [("client_order_ref", "!=", False)])])],
        [("partner_id.opportunity_ids.name", "ilike", "plan")],
        [("partner_id.opportunity_ids.message_ids.body", "ilike", "factory")],
        [("partner_id.interaction_ids", "any", [("note", "=like", "%factory%")])],
        [("partner_id.interaction_ids.name", "=", "Secret call")],
        ["!", ("partner_id.opportunity_ids", "not any", [("name", "=", "Secret plan")])],
    )

    def segment_of(self, user, domain, family=None, **values):
        segments = self.env["crm.segment"].with_user(user).with_context(allowed_company_ids=self.company.ids)
        return segments.create(
            {"name": "Some", "code": f"s{next(NUMBERS)}", "family_id": (family or self.own).id,
             "state": "active", "domain": str(domain), **values}
        )  # fmt: skip

    def order_elsewhere(self, partner):
        order = self.order(partner)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET company_id = %s WHERE id = %s", [self.elsewhere.id, order.id])
        self.env.invalidate_all()

    def members(self, segment, company=None):
        company = company or self.company
        self.profiles._refresh_company(company)
        here = [("segment_id", "=", segment.id), ("date_to", "=", False), ("company_id", "=", company.id)]
        return self.stays.search(here).partner_id

    def test_documents_of_another_company_are_not_asked(self):
        for user in (self.manager, self.both):
            for domain in self.secrets:
                with self.subTest(user=user.login, domain=domain):
                    segment = self.segment_of(user, domain)
                    self.assertFalse(self.members(segment))
                    self.assertFalse(segment.sudo().rule_error)
                    segment.sudo().state = "archived"

    def test_documents_of_its_own_company_are(self):
        found = self.segment_of(self.manager, [("partner_id.sale_order_ids.state", "=", "sale")])
        self.assertEqual(self.members(found), self.partner)

    def test_what_ships_may_ask_for_everything(self):
        self.assertEqual(self.members(self.segment_of(self.env.user, self.secrets[0])), self.partner)

    def test_a_preview_asks_no_more(self):
        for domain in self.secrets:
            with self.subTest(domain=domain):
                segments = self.env["crm.segment"].with_user(self.manager)
                values = {"name": "Try", "code": "try", "family_id": self.own.id, "domain": str(domain)}
                moves = segments.with_context(allowed_company_ids=self.company.ids).preview_changes(values)["moves"]
                self.assertEqual(moves, [])

    def forbidden(self):
        """(path, field) that a manager may not read: by its groups, with and without a search method, or as they may
        not read the records it leads to."""
        yield "partner_id.signup_type", "signup_type"
        yield "partner_id.user_ids.totp_secret", "totp_secret"
        partners = self.env["res.partner"].with_user(self.manager)
        unread = [
            name
            for name, field in partners._fields.items()
            if field.type == "one2many" and not field.compute and not field.groups
            and not self.env[field.comodel_name].with_user(self.manager).has_access("read")
        ]  # fmt: skip
        yield f"partner_id.{unread[0]}.create_date", "create_date"

    def test_what_the_definer_may_not_read_is_refused_by_name(self):
        for path, name in self.forbidden():
            for domain in ([(path, "!=", False)], ["|", ("order_count", ">", 1), "!", (path, "=", False)]):
                with self.subTest(path=path), self.assertRaisesRegex(AccessError, rf"\({name}\)"):
                    self.segment_of(self.manager, domain)
        segment = self.segment_of(self.manager, [("order_count", ">", 0)])
        with self.assertRaisesRegex(AccessError, "signup_type"):
            segment.domain = "[('partner_id.signup_type', '!=', False)]"

    def test_a_definer_who_may_read_it_no_longer_moves_nobody_and_the_segment_says_so(self):
        segment = self.segment_of(self.manager, [("partner_id.sale_order_ids.state", "=", "sale")])
        self.assertEqual(self.members(segment), self.partner)
        self.manager.sudo().group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        newcomer = self.customer("Newcomer", days=1)
        with mute_logger("odoo.addons.crm_plus.models.loyalty.crm_segment_family"):
            self.assertEqual(self.members(segment), self.partner)
        self.assertTrue(self.profile(newcomer).segment_id)
        self.assertIn("has no access to “Customer”", segment.sudo().rule_error)

    def test_a_definer_who_works_elsewhere_now_moves_nobody(self):
        segment = self.segment_of(self.both, [("order_count", ">", 0)])
        self.assertEqual(self.members(segment), self.partner)
        self.both.sudo().write({"company_id": self.elsewhere.id, "company_ids": [Command.set(self.elsewhere.ids)]})
        self.customer("Newcomer", days=1)
        self.assertEqual(self.members(segment), self.partner)
        self.assertIn("has no access to Segments Inc", segment.sudo().rule_error)
        segment.with_user(self.manager).action_take_over()
        self.assertEqual(len(self.members(segment)), 2)
        self.assertFalse(segment.sudo().rule_error)
        self.assertEqual(segment.sudo().definer_id, self.manager)

    def test_a_definer_who_has_left_keeps_their_rights_and_the_segment_says_so(self):
        segment = self.segment_of(self.manager, [("order_count", ">", 0)])
        self.assertFalse(segment.definer_note)
        self.manager.sudo().active = False
        self.assertEqual(self.members(segment), self.partner)
        self.assertIn("has left", segment.with_user(self.both).definer_note)
        segment.sudo().env.cr.execute("UPDATE crm_segment SET definer_id = NULL WHERE id = %s", [segment.id])
        self.env.invalidate_all()
        self.customer("Newcomer", days=1)
        self.assertEqual(self.members(segment), self.partner)
        self.assertIn("no longer exists", segment.sudo().rule_error)
        self.assertIn("no longer exists", segment.with_user(self.both).definer_note)

    def test_nobody_lends_their_rights(self):
        root = self.env.ref("base.user_root")
        domain = self.secrets[0]
        for segment in (
            self.segment_of(self.manager, domain, definer_id=root.id),
            self.segment_of(self.manager, domain).with_context(default_definer_id=root.id),
        ):
            segment.write({"definer_id": root.id})
            segment.write({"definer_id": root.id, "name": "Other"})
            self.assertEqual(segment.sudo().definer_id, self.manager)
        copy = self.segment_of(self.env.user, domain).with_user(self.manager).copy()
        self.assertEqual(copy.sudo().definer_id, self.manager)
        planted = self.env["crm.segment"].with_user(self.manager).with_context(default_definer_id=root.id)
        values = {"name": "Planted", "code": "planted", "family_id": self.own.id, "domain": str(domain)}
        self.assertEqual(planted.create(values).sudo().definer_id, self.manager)

    def test_who_changes_the_conditions_answers_for_them(self):
        segment = self.segment_of(self.env.user, self.secrets[0])
        segment.with_user(self.manager).name = "Renamed"
        self.assertEqual(self.members(segment), self.partner)
        segment.with_user(self.manager).domain = str(self.secrets[1])
        self.assertEqual(segment.sudo().definer_id, self.manager)
        self.assertFalse(self.members(segment))

    def test_conditions_for_all_companies_are_asked_where_their_author_works(self):
        shared = self.env["crm.segment.family"].create({"name": "Shared", "kind": "domain"})
        there = self.customer("There")
        self.order_elsewhere(there)
        self.profiles.with_company(self.elsewhere)._refresh_company(self.elsewhere)
        first = self.segment_of(self.env.user, [("order_count", ">", 0)], shared)
        self.assertEqual(self.members(first, self.elsewhere), there)
        self.assertEqual(self.members(first), self.partner)
        self.assertFalse(first.definer_note)
        # Who works in one of them changes nothing in the other, for the better or the worse, and the form says so.
        first.with_user(self.manager).domain = str([("order_count", ">", 50)])
        second = self.segment_of(self.manager, [("order_count", "<", 50)], shared)
        self.assertEqual((self.members(first), self.members(second)), (self.partner.browse(), self.partner))
        newcomer = self.customer("Newcomer there")
        self.order_elsewhere(newcomer)
        self.assertEqual(self.members(first, self.elsewhere), there)
        self.assertFalse(self.members(second, self.elsewhere))
        self.assertIn("has no access to Elsewhere Ltd", first.sudo().rule_error)
        self.assertIn("has no access to Elsewhere Ltd", first.with_user(self.manager).definer_note)
        # Nor does a segment that cannot be asked keep the others of its family waiting.
        third = self.segment_of(self.env.user, [("order_count", ">", 0)], shared, sequence=99)
        self.assertEqual(self.members(third, self.elsewhere), newcomer)

    def test_who_gives_conditions_to_other_companies_answers_for_them(self):
        segment = self.segment_of(self.env.user, self.secrets[0])
        self.own.with_user(self.both).company_id = False
        self.assertEqual(segment.sudo().definer_id, self.both)

    def test_who_may_not_change_segments_does_not_take_over(self):
        segment = self.segment_of(self.manager, [("order_count", ">", 0)])
        salesman = self.user("definer_salesman", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            segment.with_user(salesman).action_take_over()

    def test_a_manager_duplicates_any_segment(self):
        segments = self.champions | self.segment_of(self.manager, [("order_count", ">", 0)])
        segments |= self.segment_of(self.env.user, [("order_count", ">", 0)])
        for segment in segments:
            with self.subTest(segment=segment.name):
                first = segment.with_user(self.manager).copy()
                second = segment.with_user(self.manager).copy()
                self.assertEqual(len({segment.code, first.code, second.code}), 3)
                self.assertEqual((first.state, first.name), ("draft", f"{segment.name} (copy)"))
                self.assertEqual(len(first.region_ids), len(segment.region_ids))
        self.check()
