"""Every field we add to the host's models against every user, by every way to ask for it."""

from odoo.tests import tagged

from . import ways
from .asking import ask, ask_in_vain, undone
from .test_matrix_methods import MatrixCase
from .world import ASKING

# What the host keeps for itself anyway, or makes anew for each who asks, is not asked through records of the world.
ASKED = ("account.invoice.report", "account.move", "crm.lead", "digest.digest", "res.company", "res.partner",
         "sale.order", "sale.report", "res.config.settings")  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccessFields(MatrixCase):
    def of_user(self, model_name, name):
        """A record that the user may read, where there is one; else what they may ask the model at all."""
        user = self.env["res.users"].browse(self.world.identities[name][0])
        model = self.as_user(self.env[model_name], name)
        mine = {"res.partner": user.partner_id, "res.company": user.company_id}.get(model_name)
        return model.browse((mine or self.world.seen(model_name, name)[:1]).ids)

    def test_fields_are_refused_to_whom_they_are_not_for(self):
        for (model_name, field), names in sorted(self.fields.items()):
            for user in set(ASKING) - names:
                with self.subTest(field=f"{model_name}.{field}", user=user), undone(self.env):
                    record = self.of_user(model_name, user)
                    self.assertNotIn(field, record.fields_get([field]) if record.has_access("read") else {})
                    for way, question in ways.of_field(record, field).items():
                        answer = ask_in_vain(self.env, question)
                        if record or "search" in way:
                            self.assertFalse(
                                answer.is_answered,
                                f"{user} is answered about {model_name}.{field} by {way}: {answer.text[:200]}",
                            )

    def test_fields_tell_nothing_of_what_is_hidden(self):
        """Whoever may read a field reads it of what they may read, and finds nothing else in it."""
        for (model_name, field), names in sorted(self.fields.items()):
            for user in [name for name in ASKING if name in names]:
                rows = self.as_user(self.world.everything(model_name), user)._filtered_access("read")
                with self.subTest(field=f"{model_name}.{field}", user=user):
                    for way, question in ways.of_rows(rows, field).items():
                        self.check_secrets(user, ask(self.env, question), f"{model_name}.{field}, {way}")
