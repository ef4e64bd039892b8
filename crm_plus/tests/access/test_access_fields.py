"""Fields that the add-on adds to the host's models: who may not read one is not told its value by asking either, and
whatever is asked of one is answered, or refused with a sentence."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AccessCase

NUMBERS = ("integer", "float", "monetary")
OPERATORS = ("=", "!=", "in", "not in", "<", "<=", ">", ">=", "like", "ilike", "not ilike", "=like", "=?")
VALUES = {
    **dict.fromkeys(
        NUMBERS,
        (50, 0, -1, 2.5, False, True, None, "", "50", "abc", "inf", "-inf", "nan", float("inf"), 1e308, 10**400, [50],
         [50, "x"], [False, 3], [], [[1]]),
    ),
    "boolean": (True, False, None, 1, 0, "true", "abc", [True, False], [True], []),
    "char": ("A1", "", False, None, 5, "%", ["A1", False], [], ["A1", 5]),
    "selection": ("low", "nothing", "", False, None, 5, ["low", "nothing", False], []),
    "many2one": (1, 0, -1, 2**31 - 1, False, None, "Gold", "%", [1, False], [1, "Gold"], []),
    "many2many": (1, False, None, "Gold", [1, False], []),
    "one2many": (1, False, None, "Gold", [1, False], []),
    "text": ("A", False),
    "json": ("A", False),
    "date": ("2026-01-31", "0001-01-01", "9999-12-31", False, None, ["2026-01-31", False], "today", "today -30d"),
    "datetime": ("2026-01-31 10:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "2026-01-31", False, None,
                 ["2026-01-31 10:00:00", False], "now", "today -30d"),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccessFields(AccessCase):
    def ours(self):
        """(model, field) of everything in the registry that this add-on and its bridges define."""
        data = self.env["ir.model.data"].search([("module", "=like", "crm_plus%"), ("model", "=", "ir.model.fields")])
        for found in self.env["ir.model.fields"].browse(data.mapped("res_id")).exists():
            model = self.env.get(found.model)
            if model is not None and not model._abstract and found.name in model._fields:
                yield model, model._fields[found.name]

    def added(self):
        """Those of the host's models that only some groups may read."""
        for model, field in self.ours():
            if field.groups and not model._name.startswith(("crm.interaction", "crm.customer", "crm.score", "crm.seg")):
                yield model, field

    def outsiders(self):
        return self.portal, self.public, self.clerk

    def forms_of(self, model, field):
        """Conditions on the field, as somebody who guesses would write them."""
        value = VALUES[field.type][0]
        condition = (field.name, ">=" if field.type in (*NUMBERS, "date", "datetime") else "=", value)
        yield condition
        if field.type != "boolean" and not field.required:  # else it is true whatever the value
            yield (field.name, "!=", False)
            yield (field.name, "in", [value, False])
        if field.relational:
            yield (field.name, "any", [("id", "!=", 0)])
            yield (f"{field.name}.id", "!=", 0)

    def paths_to(self, model):
        """Relations of the host that lead to a model: (model, name)."""
        wanted = ("res.users", "res.partner", "sale.order", "crm.lead", "mail.activity", "res.company", "account.move")
        for name in wanted:
            for field in self.env[name]._fields.values():
                if field.relational and field.comodel_name == model._name and field.store and not field.groups:
                    yield self.env[name], field.name

    def refused(self, ask, errors=(AccessError,)):
        self.env.invalidate_all()
        quiet = mute_logger("odoo.models", "odoo.orm.models", "odoo.addons.base.models.ir_rule")
        with quiet, self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
            ask()
        self.assertIn(type(refusal.exception), errors)

    def test_who_may_not_read_a_field_does_not_find_by_it(self):
        count = 0
        for model, field in self.added():
            if not field._description_searchable:
                continue
            for user in self.outsiders():
                asked = model.with_user(user)
                if not asked.has_access("read"):
                    continue
                for condition in self.forms_of(model, field):
                    with self.subTest(user=user.login, condition=condition, model=model._name):
                        self.refused(lambda m=asked, c=condition: m.search([c]))
                        self.refused(lambda m=asked, c=condition: m.search_count(["!", c]))
                        count += 1
        self.assertGreater(count, 60)

    def test_nor_through_a_relation_that_leads_there(self):
        for model, field in self.added():
            if not field._description_searchable:
                continue
            for start, name in list(self.paths_to(model))[:6]:
                for user in self.outsiders():
                    asked = start.with_user(user)
                    if not asked.has_access("read") or not self.env[model._name].with_user(user).has_access("read"):
                        continue
                    leaf = next(self.forms_of(model, field))
                    for condition in (
                        (f"{name}.{leaf[0]}", *leaf[1:]),
                        (name, "any", [leaf]),
                        (name, "not any", [leaf]),
                    ):
                        with self.subTest(user=user.login, condition=condition, model=start._name):
                            self.refused(lambda m=asked, c=condition: m.search([c]))

    def test_nor_by_order_group_or_sum(self):
        for model, field in self.added():
            for user in self.outsiders():
                asked = model.with_user(user)
                if not asked.has_access("read"):
                    continue
                ways = {}
                if field._description_sortable:
                    ways["order"] = lambda m=asked, f=field: m.search([], order=f"{f.name} desc", limit=1)
                if field._description_groupable:
                    ways["group"] = lambda m=asked, f=field: m.formatted_read_group([], [f.name], ["__count"])
                    ways["web group"] = lambda m=asked, f=field: m.web_read_group([], [f.name], ["__count"])
                    if field.type in ("date", "datetime"):
                        ways["group"] = lambda m=asked, f=field: m.formatted_read_group([], [f"{f.name}:day"], [])
                        del ways["web group"]
                    ways["many"] = lambda m=asked, f=field: m.formatted_read_group([], [], [f"{f.name}:count_distinct"])
                if field._description_aggregator:
                    ways["sum"] = lambda m=asked, f=field: m.formatted_read_group([], [], [f"{f.name}:max"])
                    ways["having"] = lambda m=asked, f=field: m.formatted_read_group(
                        [], ["id"], ["__count"], having=[(f"{f.name}:max", ">", 0)]
                    )
                ways["read"] = lambda m=asked, f=field: m.browse(self.one(m)).read([f.name])
                ways["web_read"] = lambda m=asked, f=field: m.browse(self.one(m)).web_read({f.name: {}})
                ways["export"] = lambda m=asked, f=field: m.browse(self.one(m)).export_data([f.name])
                for way, ask in ways.items():
                    if way in ("read", "web_read", "export") and not self.one(asked):
                        continue
                    with self.subTest(user=user.login, model=model._name, field=field.name, way=way):
                        # The host forbids exports to those who are not allowed any before it looks at fields.
                        self.refused(ask, (AccessError, UserError) if way == "export" else (AccessError,))

    def one(self, model):
        return model.search([], limit=1).ids

    def test_what_they_may_not_read_is_not_among_their_fields(self):
        for model, field in self.added():
            for user in self.outsiders():
                self.assertNotIn(field.name, model.with_user(user).fields_get(attributes=["type"]), user.login)

    @mute_logger("odoo.domains", "odoo.orm.domains")
    def test_whatever_is_asked_is_answered_or_refused_with_a_sentence(self):
        count = 0
        for model, field in self.ours():
            method = getattr(model, str(field.search), None)
            if not method or not method.__module__.startswith("odoo.addons.crm_plus"):
                continue
            count += 1
            for operator in OPERATORS:
                for value in VALUES[field.type]:
                    with self.subTest(model=model._name, condition=(field.name, operator, value)):
                        self.answered(model, field, operator, value)
        self.assertGreater(count, 25)

    def answered(self, model, field, operator, value):
        self.env.invalidate_all()
        stored = self.twin(field)
        try:
            with self.env.cr.savepoint():
                model.search_count([(field.name, operator, value)])
        except UserError as error:
            self.assertIn(field.get_description(self.env, ["string"])["string"], str(error))
        except Exception as error:
            # What the host says of any field of that type is no fault of ours.
            with self.assertRaises(type(error), msg=str(error)), self.env.cr.savepoint():
                stored[0].search_count([(stored[1], operator, value)])

    def twin(self, field):
        """(model, field of the host that is of the same type and stored)."""
        name = {
            "integer": "color", "float": "partner_latitude", "monetary": "partner_latitude", "boolean": "is_company",
            "char": "ref", "selection": "type", "many2one": "country_id", "many2many": "category_id",
            "date": "create_date", "datetime": "create_date",
        }[field.type]  # fmt: skip
        return self.env["res.partner"], name
