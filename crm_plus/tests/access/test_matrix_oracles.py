"""What is hidden is not found either: no yes or no, by any path, tells whether there is such a value."""

import ast
from functools import partial

from odoo import Command
from odoo.fields import Domain
from odoo.tests import tagged

from . import registry, ways
from .asking import ask, ask_in_vain, undone
from .test_matrix_methods import MatrixCase
from .world import ASKING, SEES, ZONES

# Where conditions start: our own models, and those of the host that have fields of ours or lead to them.
PROFILE = "crm.customer.profile"
STARTS = ("res.partner", "crm.lead", "sale.order", "product.product")


@tagged("post_install", "-at_install")
class TestAccessOracles(MatrixCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = {model._name for model in registry.own_models(cls.env)}
        cls.leaves = ways.marked(cls.world)

    def hidden_zones(self, user):
        return [zone for zone in ZONES if zone not in SEES[user]]

    def test_nothing_hidden_is_found_by_any_path(self):
        asked = 0
        for start in (*STARTS, *sorted(self.own)):
            for path in ways.paths(self.env, start, self.leaves, self.own):
                for user in ASKING:
                    model = self.as_user(self.env[start], user).with_context(active_test=False)
                    if not model.has_access("read"):
                        continue
                    with undone(self.env):
                        for zone in self.hidden_zones(user):
                            domain = ways.is_marked(self.env, start, path, zone)
                            answer = ask_in_vain(self.env, lambda model=model, domain=domain: model.search(domain).ids)
                            asked += 1
                            if answer.outcome == "failed":
                                break
                            with self.subTest(start=start, path=path, user=user, zone=zone):
                                self.assertIn(answer.text if answer.is_answered else "[]", ("[]",))
        self.assertGreater(asked, 1000)

    def preview(self, user, what, domain):
        """What a manager is told to expect of a condition, which the system evaluates."""
        model, applies_on = {
            "a rule on leads": ("crm.score.rule", "lead"),
            "a rule on customers": ("crm.score.rule", "partner"),
            "a segment": ("crm.segment", None),
        }[what]
        asked, company_id = self.as_user(self.env[model], user), self.world.identities[user][1][0]
        values = {"name": "Asks", "domain": repr(domain)}
        if model == "crm.score.rule":
            return asked.preview_rule(
                {**values, "kind": "fit", "points": 500, "applies_on": applies_on, "company_id": company_id}
            )
        family = asked.env["crm.segment.family"].create({"name": "Asks", "kind": "domain", "company_id": company_id})
        return asked.preview_changes({**values, "code": "asks", "family_id": family.id})

    def test_conditions_of_rules_tell_nothing_of_what_is_hidden(self):
        """A condition that only a hidden value meets is refused, or counts like one that nothing meets."""
        starts = {"a rule on leads": "crm.lead", "a rule on customers": "res.partner", "a segment": PROFILE}
        # the host's own models beside them, which a condition reaches as well
        leaves = {**self.leaves, "mail.message": {"body", "subject"}, "sale.order": {"client_order_ref", "name"}}
        asked = 0
        for what, start in starts.items():
            found = sorted(ways.paths(self.env, start, leaves, self.own | {start}))
            for user in ("manager", "foreign"):
                hidden = [
                    ways.is_marked(self.env, start, path, zone) for path in found for zone in self.hidden_zones(user)
                ]
                mine = self.as_user(self.env[start], user)
                with undone(self.env):
                    searched = [ask_in_vain(self.env, partial(self._ids, mine, list(domain))) for domain in hidden]
                # what the host itself finds for the user, such as meetings by their title, is no secret of ours
                together = [domain for domain, found in zip(hidden, searched, strict=True) if found.text == "[]"]
                apart = [domain for domain, found in zip(hidden, searched, strict=True) if not found.is_answered]
                for domain in [*apart, list(Domain.OR(map(Domain, together)))]:
                    asked += 1
                    with self.subTest(what=what, user=user, domain=repr(domain)[:300]):
                        self._compare(user, what, domain)
        self.assertGreaterEqual(asked, 6)

    def _ids(self, model, domain):
        return model.search(domain).ids

    def _compare(self, user, what, domain):
        nowhere = ast.literal_eval(repr(domain).replace("Kanari", "Nowhere").replace("73", "99"))
        answers = [ask(self.env, partial(self.preview, user, what, given)) for given in (domain, nowhere)]
        self.assertEqual(*(answer.text if answer.is_answered else answer.outcome for answer in answers))

    def test_a_hidden_record_is_not_named_by_choosing_it(self):
        """Neither forms nor defaults nor records made with the id of something hidden tell what it is."""
        for model in registry.own_models(self.env):
            relations = [
                field
                for field in model._fields.values()
                if field.type in ("many2one", "many2many") and field.store and field.comodel_name in self.world.records
            ]
            for user in ASKING:
                theirs = self.as_user(model, user)
                if not theirs.has_access("create"):
                    continue
                for field in relations:
                    for hidden in self.world.secret(field.comodel_name, user):
                        if self.as_user(hidden, user).has_access("read"):
                            continue  # customers of all companies are no secret, what happened with them is
                        with self.subTest(field=str(field), user=user, hidden=str(hidden)):
                            self._choose(theirs, user, field, hidden)

    def _choose(self, model, user, field, hidden):
        shown = {name: {"fields": {"display_name": {}}} if model._fields[name].relational else {}
                 for name in model.fields_get(attributes=["type"])}  # fmt: skip
        value = [Command.set(hidden.ids)] if field.type == "many2many" else hidden.id
        base = {}
        if seen := self.world.seen(model._name, user)[:1]:
            base = {
                name: given
                for name, given in seen.sudo().copy_data()[0].items()
                if name != "user_id" and model._has_field_access(model._fields[name], "write")
            }
        default = model.with_context(**{f"default_{field.name}": value})
        questions = {
            "onchange": lambda: model.onchange({**base, field.name: value}, [field.name], shown),
            "onchange of a new form": lambda: default.onchange({}, [], shown),
            "default_get": lambda: default.default_get(list(shown)),
            "create": lambda: model.create({**base, field.name: value}).web_read(shown),
            "create by default": lambda: default.create(
                {name: given for name, given in base.items() if name != field.name}
            ).web_read(shown),
            "web_save": lambda: model.web_save({**base, field.name: value}, shown),
            "write": lambda: model.browse(seen.ids).web_save({field.name: value}, shown),
        }
        for way, question in questions.items():
            answer = ask(self.env, question)
            self.check_secrets(user, answer, f"{field} given as {way}")
            if model._transient and way in ("create", "web_save", "write"):
                self.assertFalse(answer.is_answered, f"{user} may choose a hidden record for {field} by {way}")
