from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import AccessCase

FORGED = {
    "res_id": 1,
    "occurrence": 3,
    "external_ref": "forged",
    "document_user_id": 1,
    "document_model": "res.users",
    "document_id": 1,
    "is_private": True,
}


class TestAccessWrite(AccessCase):
    """Who may log, change and delete what."""

    def setUp(self):
        super().setUp()
        self.hidden_partner = self.env["res.partner"].create({"name": "Theirs", "company_id": self.other_company.id})
        self.lead_of_ann_row = self.env["crm.interaction"].search(
            [("lead_id", "=", self.lead_of_ann.id), ("source_id.kind", "=", "records")], limit=1
        )

    def test_a_salesperson_logs_in_their_own_name(self):
        row = self.logged(self.ann)
        self.assertEqual((row.user_id, row.source_id, row.company_id), (self.ann, self.manual, self.company))
        self.assertTrue(row.can_edit)

    def test_nobody_but_a_manager_logs_what_somebody_else_did(self):
        with self.assertRaises(AccessError):
            self.logged(self.ann, user_id=self.bob.id)
        with self.assertRaises(AccessError):
            self.logged(self.ann, user_id=False)
        row = self.logged(self.ann)
        with self.assertRaises(AccessError):
            row.user_id = self.bob
        self.assertEqual(self.logged(self.manager, user_id=self.bob.id).user_id, self.bob)

    def test_an_entry_about_a_lead_is_as_visible_as_the_lead(self):
        row = self.logged(self.bob, lead_id=self.lead_of_bob.id, name="Secret call")
        self.assertEqual(row.document_user_id, self.bob)
        self.assertNotIn("Secret call", repr(self.interactions(self.ann).timeline_page(self.scope())))
        row.lead_id = False
        self.assertFalse(row.document_user_id)

    def test_nothing_is_logged_where_one_may_not_read(self):
        for forbidden in ({"lead_id": self.lead_of_bob.id}, {"partner_id": self.hidden_partner.id}):
            with self.subTest(forbidden), self.assertRaises(AccessError):
                self.logged(self.ann, **forbidden)
            row = self.logged(self.ann)
            with self.subTest(forbidden, write=True), self.assertRaises(AccessError):
                row.write(forbidden)

    def test_nothing_is_logged_for_another_company(self):
        with self.assertRaises(AccessError):
            self.logged(self.ann, company_id=self.other_company.id)
        row = self.logged(self.ann)
        with self.assertRaises(AccessError):
            row.company_id = self.other_company

    def test_what_the_capture_sets_cannot_be_forged(self):
        row = self.logged(self.ann)
        for user in (self.ann, self.manager):
            for name, value in FORGED.items():
                with self.subTest(user=user.login, field=name):
                    with self.assertRaisesRegex(AccessError, name):
                        self.logged(user, **{name: value})
                    with self.assertRaisesRegex(AccessError, name):
                        row.with_user(user).write({name: value})
                    with self.assertRaisesRegex(AccessError, name):
                        row.with_user(user).write({name: False})

    def test_the_source_cannot_be_forged(self):
        row = self.logged(self.ann)
        for user in (self.ann, self.manager):
            for source in (self.env.ref("crm_plus.source_order"), self.env.ref("crm_plus.source_ingest")):
                with self.subTest(user=user.login, source=source.code):
                    with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                        self.logged(user, source_id=source.id)
                    with self.assertRaises(AccessError):
                        row.with_user(user).source_id = source

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_own_entries_are_changed_by_their_author_and_managers_only(self):
        row = self.logged(self.bob)
        for user in (self.ann, self.all):
            with self.assertRaises(AccessError):
                row.with_user(user).name = "Changed"
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        row.with_user(self.bob).name = "Changed by Bob"
        row.with_user(self.manager).name = "Changed by the manager"
        row.with_user(self.manager).unlink()
        self.assertFalse(row.exists())
        self.logged(self.bob).with_user(self.bob).unlink()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_captured_rows_are_changed_by_nobody(self):
        row = self.lead_of_ann_row
        for user in (self.ann, self.all, self.manager):
            mine = row.with_user(user)
            self.assertFalse(mine.can_edit)
            for change in (
                lambda mine=mine: mine.write({"name": "Changed"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.copy(),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    change()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_captured_rows_are_not_changed_through_the_customer_or_the_lead_either(self):
        row = self.lead_of_ann_row
        lead = self.lead_of_ann.with_user(self.ann)
        customer = self.customer.with_user(self.ann)
        for command in (
            Command.update(row.id, {"name": "Changed"}),
            Command.delete(row.id),
            Command.unlink(row.id),
            Command.clear(),
        ):
            for record in (lead, customer):
                with self.subTest(command=command[0], record=record._name), self.assertRaises(AccessError):
                    record.write({"interaction_ids": [command]})
                    record.env.flush_all()
                self.env.invalidate_all(flush=False)
        self.assertEqual((row.name, row.lead_id, row.partner_id), ("Open to Ann", self.lead_of_ann, self.customer))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_refusal_tells_nothing_about_a_hidden_row(self):
        for change in (lambda row: row.write({"name": "x"}), lambda row: row.unlink()):
            row = self.secret_rows[0].with_user(self.ann)
            with self.assertRaises(AccessError) as refused:
                change(row)
            self.assertNotIn("Secret", str(refused.exception))

    def test_a_manager_removes_what_was_sent_in_but_does_not_edit_it(self):
        source = self.env.ref("crm_plus.source_ingest")
        row = self.env["crm.interaction"].create(
            {"partner_id": self.customer.id, "source_id": source.id, "channel_id": self.channel.id, "external_ref": "x"}
        )
        with self.assertRaises(AccessError):
            row.with_user(self.manager).name = "Changed"
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            row.with_user(self.ann).unlink()
        row.with_user(self.manager).unlink()
        self.assertFalse(row.exists())

    def test_the_dialog_is_no_way_around(self):
        log = self.env["crm.interaction.log"].with_user(self.ann)
        values = {"kind": "call", "date": fields.Datetime.now(), "name": "Called"}
        for forbidden in ({"lead_id": self.lead_of_bob.id}, {"partner_id": self.hidden_partner.id}):
            with self.subTest(forbidden), self.assertRaises(AccessError):
                log.create({**values, **forbidden}).action_log()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            dialog = log.create({**values, "partner_id": self.customer.id, "interaction_id": self.lead_of_ann_row.id})
            dialog.action_log()
        with self.assertRaises(AccessError):
            dialog = log.create({**values, "partner_id": self.customer.id, "interaction_id": self.secret_rows[0].id})
            dialog.action_log()


class TestAccessSources(AccessCase):
    """A source is compiled and read as superuser: whoever defines one reads what they like with it."""

    STOLEN = {
        "name": "Stolen",
        "model_name": "ir.config_parameter",
        "date_path": "write_date",
        "partner_path": "create_uid.partner_id",
        "summary_path": "value",
    }

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_managers_do_not_define_what_is_captured(self):
        sources = self.env["crm.interaction.source"].with_user(self.manager)
        order = self.env.ref("crm_plus.source_order").with_user(self.manager)
        for change in (
            lambda: sources.create({**self.STOLEN, "channel_id": self.channel.id}),
            lambda: order.write({"summary_path": "note"}),
            lambda: order.write({"variant_ids": [Command.create({"channel_id": self.channel.id})]}),
            lambda: order.unlink(),
            lambda: (
                self.env["crm.interaction.source.variant"]
                .with_user(self.manager)
                .create({"source_id": order.id, "channel_id": self.channel.id, "domain": "[('note', 'ilike', 'a')]"})
            ),
        ):
            with self.assertRaises(AccessError):
                change()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_managers_name_the_systems_that_send_interactions_in(self):
        source = (
            self.env["crm.interaction.source"]
            .with_user(self.manager)
            .create({"name": "Telephony", "code": "telephony", "kind": "ingest", "channel_id": self.channel.id})
        )
        source.name = "Telephone exchange"
        with self.assertRaises(AccessError):
            source.write({**self.STOLEN, "kind": "records"})
        source.unlink()

    def test_settings_administrators_define_them(self):
        admin = self.new_user("access_admin", "base.group_system")
        source = self.env.ref("crm_plus.source_order").copy({"code": False})
        source.with_user(admin).name = "Orders, again"
        self.assertEqual(source.name, "Orders, again")

    def test_managers_check_and_rebuild_sources(self):
        source = self.env.ref("crm_plus.source_lead_won").with_user(self.manager)
        source.action_reconcile()
        source.action_rebuild()
        self.assertTrue(source.last_check)
        for user in (self.ann, self.clerk, self.portal, self.public):
            for action in ("action_reconcile", "action_rebuild"):
                with self.subTest(user=user.login, action=action), self.assertRaises(AccessError):
                    getattr(source.with_user(user), action)()

    def test_what_failed_is_shown_to_managers_only(self):
        """The database's messages may quote the row that failed."""
        source = self.env.ref("crm_plus.source_order")
        source.last_error = "Failing row contains (Secret order)"
        with self.assertRaises(UserError):
            source.with_user(self.ann).read(["last_error"])
        with self.assertRaises(UserError):
            source.with_user(self.ann).read(["error"])
        self.assertEqual(source.with_user(self.ann).state, "broken")
        self.assertIn("Failing", source.with_user(self.manager).error)
