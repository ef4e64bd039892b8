import inspect

from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method

from .common import AccessCase

SHARED_GROUPS = ("base.group_portal", "base.group_public", "base.group_user")


class TestAccessModels(AccessCase):
    """What holds for every model, field and method of the add-on, also for those that are still to come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = cls.env["ir.model.data"].search([("module", "=like", "crm_plus%"), ("model", "=", "ir.model")])
        names = cls.env["ir.model"].browse(data.mapped("res_id")).mapped("model")
        own = [name for name in names if cls.env[name]._original_module.startswith("crm_plus")]
        cls.models = [cls.env[name] for name in sorted(own) if not cls.env[name]._abstract]

    def test_the_models_are_found(self):
        names = {model._name for model in self.models}
        self.assertLessEqual({"crm.interaction", "crm.interaction.source", "crm.customer.profile"}, names)
        self.assertNotIn("res.partner", names)

    def test_every_model_has_access_rights(self):
        for model in self.models:
            with self.subTest(model._name):
                self.assertTrue(self.env["ir.model.access"].search([("model_id.model", "=", model._name)]))

    def test_nothing_is_granted_to_everyone_or_to_portal_and_public_users(self):
        shared = self.env["res.groups"].concat(*(self.env.ref(name) for name in SHARED_GROUPS))
        for model in self.models:
            for access in self.env["ir.model.access"].search([("model_id.model", "=", model._name)]):
                with self.subTest(access.name):
                    self.assertTrue(access.group_id)
                    self.assertFalse(access.group_id & shared)
            for user in (self.portal, self.public, self.clerk):
                for operation in ("read", "write", "create", "unlink"):
                    with self.subTest(model=model._name, user=user.login, operation=operation):
                        self.assertFalse(model.with_user(user).has_access(operation))

    def test_every_model_with_a_company_has_a_rule_about_it(self):
        for model in self.models:
            if "company_id" in model._fields and model._fields["company_id"].store and not model._transient:
                with self.subTest(model._name):
                    rules = self.env["ir.rule"].search([("model_id.model", "=", model._name), ("groups", "=", False)])
                    self.assertTrue([rule for rule in rules if "company_ids" in (rule.domain_force or "")])

    def test_fields_added_to_the_hosts_models_are_not_for_portal_and_public_users(self):
        own = {model._name for model in self.models}
        checked = set()
        for model in (self.env[name] for name in self.env):
            # a digest is computed for each recipient; its compute refuses the figure to whom it is not for; settings of
            # a user are nobody else's
            others = {*own, "digest.digest", "res.users.settings"}
            for field in model._fields.values() if model._name not in others else ():
                if (field._module or "").startswith("crm_plus"):
                    checked.add(str(field))
                    for user in (self.portal, self.public, self.clerk):
                        theirs = model.with_user(user)
                        with self.subTest(field=str(field), user=user.login):
                            self.assertFalse(theirs.has_access("read") and theirs._has_field_access(field, "read"))
        self.assertLessEqual({"res.partner.interaction_ids", "res.company.crm_plus_rfm_cuts"}, checked)

    def test_public_methods_are_refused_to_whom_nothing_is_granted(self):
        called = set()
        for model in self.models:
            for name in self._public_methods(model):
                for user in (self.portal, self.public, self.clerk):
                    records = self._some(model).with_user(user)
                    method = getattr(records, name)
                    arguments = [self._argument(p) for p in inspect.signature(method).parameters.values()]
                    with self.subTest(method=f"{model._name}.{name}", user=user.login), self.assertRaises(AccessError):
                        method(*arguments)
                    called.add(f"{model._name}.{name}")
        self.assertLessEqual({"crm.interaction.timeline_page", "crm.interaction.ingest"}, called)

    def test_private_methods_cannot_be_called_remotely(self):
        checked = 0
        for model in self.models:
            for name in self._own_methods(model):
                if name.startswith("_") and not name.startswith("__"):
                    with self.subTest(method=f"{model._name}.{name}"), self.assertRaises(AccessError):
                        get_public_method(model.with_user(self.manager), name)
                    checked += 1
        self.assertGreater(checked, 20)

    def _own_methods(self, model):
        """Names of the methods the add-on itself defines on ``model``."""
        classes = [cls for cls in type(model).mro() if ".crm_plus" in cls.__module__]
        return sorted({name for cls in classes for name, value in vars(cls).items() if inspect.isfunction(value)})

    def _public_methods(self, model):
        """What the add-on adds to what every model has; those are covered by the access rights."""
        return [
            name
            for name in self._own_methods(model)
            if not name.startswith("_") and not hasattr(self.env["base"], name)
        ]

    def _some(self, model):
        """A record to call a method on, whether it is there or not: access comes first."""
        if model._name == "crm.interaction.log":
            return model.with_user(self.ann).create({"partner_id": self.customer.id, "name": "Mine"})
        return model.search([], limit=1) or model.browse(1)

    def _argument(self, parameter):
        given = {"scope": self.scope(), "rows": [], "filters": {}}
        return given.get(parameter.name, None if parameter.default is parameter.empty else parameter.default)

    def test_a_transient_dialog_is_its_authors(self):
        log = (
            self.env["crm.interaction.log"].with_user(self.ann).create({"partner_id": self.customer.id, "name": "Mine"})
        )
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            log.with_user(self.bob).read(["name"])
