"""Every model and public method of the add-ons against every kind of user, compared with the table of expectations."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from . import calls, expectations, registry, world
from .asking import ask, ask_in_vain, undone
from .world import ASKING, ZONES

PLACE = "tests/access/expectations.py"
RIGHTS = ("read", "create", "write", "unlink")
# The host tells who may not export or import in words of its own.
NO = ("refused", "told")
# what answers with records that nobody has named: only what it tells can be wrong
UNNAMED = {
    "search", "name_search", "create", "name_create", "load", "search_read", "web_search_read", "search_count",
    "read_group", "web_read_group", "formatted_read_group", "formatted_read_grouping_sets", "read_progress_bar",
    "search_panel_select_range", "search_panel_select_multi_range", "web_name_search",
}  # fmt: skip

# Of the methods that need no right, those that could tell something all the same.
TELLING = ["copy_data", "default_get", "get_metadata", "onchange"]
READING = ("read", "web_read", "export_data")


class MatrixCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = world.make(cls.env)
        # the host's own sentences, which name groups and rules, cost more than the refusal itself
        for model in ("ir.model.access", "ir.rule"):
            sentence = patch.object(
                type(cls.env[model]), "_make_access_error", lambda _self, *words: AccessError(str(words))
            )
            cls.startClassPatcher(sentence)
        cls.rights, cls.methods, cls.fields = registry.tables(cls.env)

    def as_user(self, records, name):
        """The records as a client of that user gets them: with their companies and nothing read before."""
        user_id, company_ids = self.world.identities[name]
        context = {"allowed_company_ids": company_ids, "lang": "en_US", "tz": "UTC"}
        return records.with_env(self.env(user=user_id, su=False, context=context))

    def check_secrets(self, name, answer, what):
        """No mark that is not for the user is in an answer."""
        leaks = self.world.leaks(name, answer.text)
        if leaks:
            self.fail(f"{name} is told what belongs to {leaks} by {what}: {answer.outcome}: {answer.text[:400]}")


@tagged("post_install", "-at_install")
class TestAccessTable(TransactionCase):
    """The table says something of everything there is, and of nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rights, cls.methods, cls.fields = registry.tables(cls.env)

    def compare(self, found, expected, table, kind):
        for item in sorted(found - expected):
            self.fail(f"{item}: a {kind} nobody has decided about. Say who may use it in {table} of {PLACE}.")
        for item in sorted(expected - found):
            self.fail(f"{item}: no such {kind}. Take it out of {table} of {PLACE}.")

    def test_every_model_has_a_line(self):
        found = {model._name for model in registry.own_models(self.env)}
        self.compare(found, self.rights.keys(), "RIGHTS", "model")

    def test_every_public_method_of_ours_has_a_line(self):
        self.compare(registry.own_methods(self.env), self.methods.keys(), "METHODS", "public method")

    def test_every_field_added_to_the_hosts_models_has_a_line(self):
        self.compare(registry.added_fields(self.env), self.fields.keys(), "FIELDS", "field")

    def test_every_method_of_the_host_on_our_models_is_known(self):
        known = {name for names in expectations.GENERIC.values() for name in names.split()}
        for model in registry.own_models(self.env):
            for name in registry.public_methods(model):
                if not registry.is_ours(model, name):
                    self.assertIn(name, known, f"{model._name}.{name}: say which right it needs in GENERIC of {PLACE}.")


@tagged("post_install", "-at_install")
class TestAccessMatrix(MatrixCase):
    def test_the_world_has_records_of_every_model(self):
        for model in registry.own_models(self.env):
            self.assertIn(
                model._name, self.world.records, f"{model._name}: say in tests/access/world.py how a record is made."
            )

    def test_the_generic_methods(self):
        """Of every right there is exactly who the table says, for what they see; the rest is neither told nor done."""
        right_of = {name: right for right, names in expectations.GENERIC.items() for name in names.split()}
        for model in registry.own_models(self.env):
            names = [name for name in registry.public_methods(model) if right_of.get(name, "nothing") != "nothing"]
            names += TELLING
            values = {record: record.copy_data()[0] for record in self.world.everything(model._name)}
            for user in ASKING:
                given = [name for name in names if self._is_granted(model, user, right_of[name])]
                with self.subTest(model=model._name, user=user):
                    for name in given:
                        self._check_granted(model, user, name, values)
                with self.subTest(model=model._name, user=user), undone(self.env):
                    for name in [name for name in names if name not in given]:
                        self._check_withheld(model, user, name, right_of[name])

    def _is_granted(self, model, user, right):
        return right != "nothing" and user in self.rights[model._name][RIGHTS.index(right)]

    def _check_granted(self, model, user, name, values):
        """Who has the right is answered about what they see, and not about the rest."""
        what, answers = f"{model._name}.{name}", []
        seen, secret = self.world.seen(model._name, user), self.world.secret(model._name, user)
        for records in self._to_try(name, seen):
            answers.append(answer := self._answer(records, user, name, values))
            if answer is None:
                return
            self.check_secrets(user, answer, what)
            if answer.outcome != "refused":
                break
        else:
            self.assertFalse(answers, f"{user} is refused {what}: {answers}")
        for records in secret if name not in UNNAMED else ():
            answer = self._answer(records, user, name, values)
            self.check_secrets(user, answer, what)
            self.assertFalse(answer.is_answered, f"{user} is answered about a hidden record by {what}")

    def _to_try(self, name, seen):
        """Searches are about no record, reading is about all at once, changes are about one after the other."""
        if name in UNNAMED:
            return [seen[:1]]
        return [seen] if name in READING and seen else list(seen)

    def _answer(self, records, user, name, values):
        theirs = self.as_user(records, user)
        given = {
            field: value
            for field, value in values.get(records, {}).items()
            if field != "user_id" and theirs._has_field_access(records._fields[field], "write")
        }
        call = self._generic_call(records, user, name, given)
        return call and ask(self.env, call)

    def _check_withheld(self, model, user, name, right):
        """Who has not is refused, whatever they ask about; what tells nothing tells it to everyone."""
        what = f"{model._name}.{name}"
        for records in (self.world.seen(model._name, user)[:1], self.world.secret(model._name, user)[:1]):
            call = records and self._generic_call(records, user, name, {})
            if call:
                answer = ask_in_vain(self.env, call)
                self.check_secrets(user, answer, what)
                if right != "nothing":
                    self.assertIn(answer.outcome, NO, f"{user} is not refused {what}: {answer.text[:300]}")

    def _generic_call(self, records, user, name, values):
        return calls.generic(name, self.as_user(records, user), self.world.everything(records._name).ids, values)

    def test_our_methods(self):
        for model_name, name in sorted(self.methods):
            for user in ASKING:
                with self.subTest(model=model_name, method=name, user=user):
                    self._check_method(model_name, name, user, user in self.methods[model_name, name])

    def _is_shared(self, records, user):
        """Whether the host shows a record to everyone, as it does a colleague's contact; its texts are secret still."""
        return records._name not in self.rights and self.as_user(records, user).has_access("read")

    def _check_method(self, model_name, name, user, granted):
        seen, secret = self.world.seen(model_name, user), self.world.secret(model_name, user)
        what, answers = f"{model_name}.{name}", []
        for zone in (None, *ZONES):
            for records in self.world.of(model_name, zone):
                method = getattr(self.as_user(records, user), name)
                try:
                    given = calls.arguments(self.world, method, zone)
                except LookupError as error:
                    self.fail(f"{what}: say in _values of tests/access/calls.py what to give for {error}.")
                answer = ask(self.env, lambda method=method, given=given: method(*given))
                self.check_secrets(user, answer, what)
                self.assertNotEqual(answer.outcome, "failed", f"{what} as {user}: {answer.text[:300]}")
                if not granted:
                    self.assertEqual(answer.outcome, "refused", f"{user} is not refused {what}: {answer.text[:300]}")
                elif records in secret and not (getattr(method, "_api_model", False) or self._is_shared(records, user)):
                    self.assertFalse(answer.is_answered, f"{user} is answered about a hidden record by {what}")
                elif records in seen:
                    answers.append(answer)
        if answers:
            self.assertTrue(any(a.outcome != "refused" for a in answers), f"{user} is refused {what}: {answers}")
