"""Reading writes nothing: every computed field and every search of the add-ons works where nothing can be written."""

from contextlib import suppress

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain, Many2one
from odoo.tests import tagged
from psycopg2.errors import ReadOnlySqlTransaction

from . import registry
from .asking import nothing_written
from .test_matrix_methods import MatrixCase


@tagged("post_install", "-at_install")
class TestAccessReading(MatrixCase):
    def check(self, what, ask):
        # it may say that it cannot be asked so
        refused = suppress(AccessError, UserError, NotImplementedError, ValueError, TypeError)
        try:
            with refused, nothing_written(self.env):
                ask()
        except ReadOnlySqlTransaction as error:
            self.fail(f"{what} writes: {error}")

    def fields_of_ours(self):
        """Fields that are computed when they are read, of our models and those we add to the host's."""
        for model in registry.own_models(self.env):
            for field in model._fields.values():
                if (field._module or "").startswith("crm_plus"):
                    yield model, field
        for name, field in sorted(registry.added_fields(self.env)):
            yield self.env[name], self.env[name]._fields[field]

    def test_what_writes_is_found(self):
        with self.assertRaisesRegex(self.failureException, "Renaming it writes"):
            self.check("Renaming it", lambda: self.env.company.write({"name": "Another"}))
        with self.assertRaisesRegex(self.failureException, "Making one writes"):
            self.check("Making one", lambda: self.env["res.partner"].create({"name": "One more"}))

    def test_computed_fields_write_nothing(self):
        elsewhere = self.env["res.company"].create({"name": "Nothing is known of it"})
        computed = [(model, field) for model, field in self.fields_of_ours() if field.compute and not field.store]
        self.assertGreater(len(computed), 100)
        for model, field in computed:
            if model._transient:
                continue  # test_access_dialogs.py makes one of each
            with self.subTest(field=f"{model._name}.{field.name}"):
                known = self.world.everything(model._name)[:1] or model.search([], limit=1)
                self.check(f"Reading {model._name}.{field.name}", lambda r=known, f=field: r.mapped(f.name))
            if isinstance(model._fields.get("company_id"), Many2one) and not model._fields["company_id"].compute:
                with self.subTest(new=f"{model._name}.{field.name}"):
                    self.check(
                        f"Reading {model._name}.{field.name} of a new company",
                        lambda m=model, f=field: m.new({"company_id": elsewhere.id})[f.name],
                    )

    def test_searches_write_nothing(self):
        for model, field in self.fields_of_ours():
            if field.search and not field.store:
                with self.subTest(field=f"{model._name}.{field.name}"):
                    found = Domain(field.name, "!=", False)
                    self.check(
                        f"Searching {model._name}.{field.name}", lambda m=model, d=found: m.search_count(d, limit=1)
                    )
