"""What a dialog points to is what its user may see, whichever way it got there."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .asking import nothing_written
from .common import AccessCase
from .registry import beside


@tagged("post_install", "-at_install")
class TestAccessDialogs(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")
        cls.hidden_partner = cls.env["res.partner"].create(
            {"name": "Secret customer", "company_id": cls.other_company.id}
        )
        family = cls.env["crm.segment.family"].create({"name": "Guests", "kind": "manual"})
        other_family = family.copy({"company_id": cls.other_company.id})
        cls.segment, cls.hidden_segment = cls.env["crm.segment"].create(
            [
                {"name": name, "code": name[:1], "family_id": of.id, "state": "active", "company_id": of.company_id.id}
                for name, of in (("Visible segment", family), ("Secret segment", other_family))
            ]
        )
        cls.hidden_team = cls.env["crm.team"].create({"name": "Secret team", "company_id": cls.other_company.id})
        # (model of the dialog, who uses it, what is valid)
        cls.dialogs = {
            "crm.interaction.log": (cls.ann, {"partner_id": cls.customer.id}),
            "crm.score.capacity": (cls.manager, {}),
            "crm.score.training": (cls.manager, {"cutoff": "2026-01-01"}),
            "crm.segment.by.hand": (cls.manager, {"segment_id": cls.segment.id, "reason": "invited"}),
        }
        # per model, what neither Ann nor the manager of the first company may read
        hidden_lead = cls.new_lead(cls.stranger, "Secret lead", company_id=cls.other_company.id, partner_id=False)
        cls.capture()
        hidden_row = cls.env["crm.interaction"].search([("lead_id", "=", hidden_lead.id)], limit=1)
        cls.hidden = {
            "res.partner": cls.hidden_partner,
            "crm.lead": hidden_lead,
            "crm.interaction": hidden_row,
            "res.company": cls.other_company,
            "crm.team": cls.hidden_team,
            "crm.segment": cls.hidden_segment,
            "res.users": cls.new_user(
                "access_elsewhere",
                "base.group_portal",
                company_id=cls.other_company.id,
                company_ids=[Command.set(cls.other_company.ids)],
            ),
            # every employee reads all of them
            "mail.activity.type": None,
        }
        for table in beside(cls.env):
            getattr(table, "add_dialogs", lambda _case: None)(cls)

    def own_dialogs(self):
        """Names of the transient models of ours; those of the host that are extended are the host's."""
        return [
            name
            for name, model in self.registry.items()
            if model._transient and model._original_module.startswith("crm_plus")
        ]

    def relations(self):
        """(dialog, user, valid values, field, the hidden record) for each relation of each dialog."""
        for name in self.own_dialogs():
            user, valid = self.dialogs[name]
            for field in self.env[name]._fields.values():
                if field.relational and field.store and field.name not in ("create_uid", "write_uid"):
                    hidden = self.hidden[field.comodel_name]
                    if hidden is not None:
                        self.assertFalse(hidden.with_user(user).has_access("read"), "the test needs a hidden record")
                        dialog = self.env[name].with_user(user).with_context(allowed_company_ids=self.company.ids)
                        yield dialog, valid, field, hidden

    def buttons(self, dialog):
        """Those of ours; every model of the host has buttons to archive and to unarchive."""
        names = {name for name in dir(type(dialog)) if name.startswith("action_")}
        return sorted(names - {"action_archive", "action_unarchive"})

    def in_words(self, field, hidden):
        """Ways to write the value of a field that points to a record."""
        if field.type == "many2one":
            return [hidden.id]
        return [[Command.set(hidden.ids)], [Command.link(hidden.id)]]

    def attempt(self, dialog, field, what, attack):
        self.env.invalidate_all()
        with (
            self.subTest(dialog=dialog._name, field=field.name, way=what),
            mute_logger("odoo.addons.base.models.ir_rule"),
            self.assertRaises(AccessError) as refused,
            self.env.cr.savepoint(),
        ):
            attack()
        self.env.invalidate_all(flush=False)
        self.assertNotIn("Secret", str(refused.exception))

    def test_every_dialog_of_ours_is_in_this_test(self):
        self.assertEqual(set(self.own_dialogs()), set(self.dialogs))
        self.assertTrue(list(self.relations()))

    def ways_in(self, dialog, valid, field, value):
        """``{name: function}``: every way by which a client gives a value to a field of a dialog."""
        name = field.name
        spec = {other: {} for other in dialog._fields if other != "id"} | {name: {"fields": {"display_name": {}}}}
        given = valid | {name: value}
        neighbours = [other for other in given if other != name][:1]
        others = {other: value for other, value in valid.items() if other != name}
        default = dialog.with_context(**{f"default_{name}": value})
        old = dialog.create(valid)
        return {
            "create": lambda: dialog.create(given),
            "create by default": lambda: default.create(others),
            "write": lambda: old.write({name: value}),
            "copy": lambda: old.copy({name: value}),
            "web_save": lambda: dialog.web_save(given, spec),
            "web_save by default": lambda: default.web_save(others, spec),
            "web_save of an old one": lambda: old.web_save({name: value}, spec),
            "onchange": lambda: dialog.onchange(dict(given), [name], spec),
            "onchange of a neighbour": lambda: dialog.onchange(dict(given), neighbours, spec),
            "onchange of an old one": lambda: old.onchange({name: value}, [name], spec),
            "first onchange": lambda: dialog.onchange(dict(given), [], spec),
            "first onchange by default": lambda: default.onchange({}, [], spec),
        }

    def test_no_dialog_points_to_what_its_user_may_not_read(self):
        for dialog, valid, field, hidden in self.relations():
            for value in self.in_words(field, hidden):
                for what, attack in self.ways_in(dialog, valid, field, value).items():
                    self.attempt(dialog, field, what, attack)

    def test_records_that_do_not_exist_are_answered_like_hidden_ones(self):
        for dialog, _valid, field, hidden in self.relations():
            for value in self.in_words(field, hidden.browse(2**31 - 7)):
                spec = {field.name: {"fields": {"display_name": {}}}}
                with self.subTest(dialog=dialog._name, field=field.name), self.assertRaises(UserError):
                    dialog.onchange({field.name: value}, [field.name], spec)

    def test_dialogs_choose_and_make_nothing_on_the_way(self):
        log = self.env["crm.interaction.log"].with_user(self.ann)
        spec = {"lead_ids": {"fields": {"display_name": {}, "partner_id": {"fields": {"display_name": {}}}}}}
        for command in (
            Command.create({"name": "x", "partner_id": self.hidden_partner.id}),
            Command.update(self.lead_of_ann.id, {"partner_id": self.hidden_partner.id}),
        ):
            with self.subTest(command=command[0]), self.assertRaisesRegex(UserError, "Leads: choose existing"):
                log.onchange({"lead_ids": [command]}, ["lead_ids"], spec)

    def test_what_follows_from_a_choice_is_computed_with_the_rights_of_its_user(self):
        for name in self.own_dialogs():
            for field in self.env[name]._fields.values():
                with self.subTest(dialog=name, field=field.name):
                    self.assertFalse(field.compute and field.compute_sudo)
        lead = self.new_lead(self.ann, "Open, its customer is not")
        self.env.flush_all()
        # the host lets nobody do this, but for imports and other add-ons
        self.env.cr.execute("UPDATE crm_lead SET partner_id = %s WHERE id = %s", (self.hidden_partner.id, lead.id))
        self.env.invalidate_all()
        log = self.env["crm.interaction.log"].with_user(self.ann)
        spec = {"lead_id": {}, "partner_id": {"fields": {"display_name": {}}}}
        answer = log.onchange({"lead_id": lead.id}, ["lead_id"], spec)
        self.assertNotIn("Secret customer", repr(answer))
        dialog = log.create({"lead_id": lead.id})
        self.assertFalse(dialog.partner_id)
        dialog.action_log()
        self.assertEqual(lead.interaction_ids.filtered("is_manual").partner_id, self.hidden_partner)

    def test_what_was_selected_elsewhere_is_looked_at_with_the_rights_of_the_user(self):
        log = self.env["crm.interaction.log"].with_user(self.ann)
        spec = {name: {"fields": {"display_name": {}}} for name in ("partner_id", "lead_id", "partner_ids", "lead_ids")}
        for records in (self.hidden_partner, self.customer | self.hidden_partner, self.hidden["crm.lead"]):
            context = {"active_model": records._name, "active_ids": records.ids}
            with self.subTest(records), self.assertRaises(AccessError):
                log.with_context(**context).onchange({}, [], spec)
        by_hand = self.env["crm.segment.by.hand"].with_user(self.manager)
        context = {"active_model": "res.partner", "active_ids": self.hidden_partner.ids}
        answer = by_hand.with_context(**context).onchange({}, [], {"text": {}})
        self.assertNotIn("Secret", repr(answer))

    def test_a_correction_of_an_entry_whose_lead_has_gone_to_somebody_else(self):
        row = self.logged(self.ann, lead_id=self.lead_of_ann.id)
        self.lead_of_ann.user_id = self.bob
        self.lead_of_ann.name = "Secret of Bob now"
        self.capture()
        log = self.env["crm.interaction.log"].with_user(self.ann).with_context(default_interaction_id=row.id)
        spec = {name: {"fields": {"display_name": {}}} for name in ("lead_id", "partner_id")}
        self.assertNotIn("Secret", repr(log.onchange({}, [], spec)))
        dialog = log.create({"name": "Corrected"})
        dialog.action_log()
        self.assertEqual((row.name, row.lead_id, row.partner_id), ("Corrected", self.lead_of_ann, self.customer))

    def test_nobody_reads_or_uses_the_dialog_of_somebody_else(self):
        everybody = (self.ann, self.bob, self.all, self.manager, self.stranger, self.clerk, self.portal, self.public)
        for name in self.own_dialogs():
            owner, valid = self.dialogs[name]
            dialog = self.env[name].with_user(owner).create(valid)
            buttons = self.buttons(dialog)
            for user in everybody:
                if user == owner:
                    continue
                theirs = dialog.with_user(user)
                for way in (
                    lambda t=theirs: t.read([]),
                    lambda t=theirs: t.web_read({"display_name": {}}),
                    lambda t=theirs: t.export_data(["id", "display_name"]),
                    lambda t=theirs: t.write({}) and t.write({"id": t.id}),
                    lambda t=theirs: t.unlink(),
                    lambda t=theirs: t.copy(),
                    lambda t=theirs: t.onchange({}, [], {"display_name": {}}),
                    *(lambda t=theirs, button=button: getattr(t, button)() for button in buttons),
                ):
                    self.env.invalidate_all()
                    with self.subTest(dialog=name, user=user.login), self.assertRaises(UserError):
                        way()
                with self.subTest(dialog=name, user=user.login, way="search"):
                    if theirs.has_access("read") or self.env[name].with_user(user).has_access("read"):
                        self.assertFalse(self.env[name].with_user(user).search([("id", "=", dialog.id)]))

    def test_reading_a_dialog_writes_nothing(self):
        for name in self.own_dialogs():
            user, valid = self.dialogs[name]
            dialog = self.env[name].with_user(user).create(valid)
            for field in dialog._fields:
                with self.subTest(dialog=name, field=field), nothing_written(self.env):
                    dialog.web_read({field: {}})

    def test_wrong_selections_and_closed_dialogs_are_answered_in_words(self):
        log = self.env["crm.interaction.log"].with_user(self.ann)
        for ids in ("abc", ["a"], [{"a": 1}], [True], 1.5):
            with self.subTest(ids), self.assertRaises(UserError):
                log.with_context(active_model="res.partner", active_ids=ids).default_get(["partner_id"])
            log.with_context(default_interaction_id=ids).default_get(["interaction_id"])
        log.with_context(active_model=["x"], active_ids=[1]).default_get(["partner_id"])
        for name in self.own_dialogs():
            user, valid = self.dialogs[name]
            dialogs = self.env[name].with_user(user)
            two = dialogs.create([valid, valid])
            for button in self.buttons(dialogs):
                for record in (dialogs, two):
                    with self.subTest(dialog=name, button=button), self.assertRaisesRegex(UserError, "Open it again"):
                        getattr(record, button)()
