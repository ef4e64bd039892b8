"""History is archived with what it refers to, never deleted."""

import psycopg2
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import TimelineCase


class TestKept(TimelineCase):
    def shipped(self, model):
        names = self.env["ir.model.data"].search([("model", "=", model), ("module", "=", "crm_plus")])
        return self.env[model].with_context(active_test=False).browse(names.mapped("res_id"))

    def test_what_ships_is_not_deleted(self):
        administrator = self._new_user("administrator", "base.group_system")
        administrator.group_ids |= self.env.ref("crm_plus.group_crm_plus_manager")
        for model in ("crm.interaction.source", "crm.interaction.channel"):
            records = self.shipped(model)
            self.assertTrue(records)
            for record in records:
                for user in (self.env.user, administrator):
                    with self.subTest(record=record.code), self.assertRaisesRegex(UserError, "Archive it instead"):
                        record.with_user(user).unlink()
            records.active = False
            self.assertTrue(records.exists())

    def test_a_source_with_history_is_not_deleted(self):
        for kind in ("manual", "ingest", "records"):
            source = self.env["crm.interaction.source"].create(
                {
                    "name": kind,
                    "code": f"own_{kind}",
                    "kind": kind,
                    "channel_id": self.env.ref("crm_plus.channel_note").id,
                    "model_name": kind == "records" and "res.partner.bank",
                    "date_path": kind == "records" and "create_date",
                    "partner_path": kind == "records" and "partner_id",
                }
            )
            empty = source.copy({"code": f"empty_{kind}"})
            row = self.log(source_id=source.id, partner_id=self.customer.id)
            with self.subTest(kind=kind), self.assertRaisesRegex(UserError, "Interaction.*Archive it instead"):
                source.unlink()
            with (
                self.subTest(kind=kind),
                self.assertRaises(psycopg2.IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute("DELETE FROM crm_interaction_source WHERE id = %s", [source.id])
            source.active = False
            self.assertTrue(row.exists())
            empty.unlink()
            self.assertFalse(empty.exists())

    def test_a_channel_that_something_uses_is_not_deleted(self):
        channels = self.env["crm.interaction.channel"].create(
            [{"name": code, "code": code} for code in ("entry", "source", "variant", "rule", "nothing")]
        )
        entry, source, variant, rule, nothing = channels
        self.log(channel_id=entry.id, partner_id=self.customer.id)
        self.env["crm.interaction.source"].create(
            {"name": "x", "code": "x", "kind": "ingest", "channel_id": source.id, "active": False}
        )
        self.env["crm.interaction.source.variant"].create(
            {"source_id": self.source("activity").id, "channel_id": variant.id, "domain": "[('id', '=', 0)]"}
        )
        self.env["crm.score.rule"].create({"name": "x", "kind": "engagement", "channel_ids": rule.ids})
        for channel in (entry, source, variant, rule):
            with self.subTest(channel=channel.code), self.assertRaisesRegex(UserError, "Archive it instead"):
                channel.unlink()
        nothing.unlink()
        self.assertEqual(channels.exists(), channels - nothing)

    def test_entries_are_logged_with_any_source_that_is_left(self):
        manual = self.env.ref("crm_plus.source_manual")
        manual.active = False
        log = self.env["crm.interaction.log"].with_user(self.seller)
        log.create({"partner_id": self.customer.id}).action_log()
        self.assertEqual(self.env["crm.interaction"].search([], order="id desc", limit=1).source_id, manual)
        self.env["ir.model.data"].search([("name", "=", "source_manual"), ("module", "=", "crm_plus")]).unlink()
        log.create({"partner_id": self.customer.id}).action_log()
        self.assertEqual(self.env["crm.interaction"].search([], order="id desc", limit=1).source_id, manual)
        manual.kind = "ingest"
        with self.assertRaisesRegex(UserError, "Logged manually.*Interaction sources"):
            log.create({"partner_id": self.customer.id}).action_log()

    def test_a_lead_is_deleted_though_something_was_logged_about_it(self):
        lead, other = self.new_lead(), self.new_lead(partner_id=self.customer.id)
        alone = self.log(lead_id=lead.id)
        shared = self.log(lead_id=other.id)
        self.commit()
        manager = self._new_user("manager", "sales_team.group_sale_manager")
        (lead | other).with_user(manager).unlink()
        self.commit()
        self.assertFalse(alone.exists())
        self.assertRecordValues(shared, [{"partner_id": self.customer.id, "lead_id": False}])
