from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestSilence(TransactionCase):
    """Days of silence: the field, the search, the sort order and the groups say the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"]
        # two days and 18 hours: whole days are counted, not rounded
        for name, hours in (("Today", 1), ("Two days", 66), ("Ninety days", 90 * 24 + 1)):
            partner = cls.env["res.partner"].create({"name": name})
            cls.env["crm.interaction"].create(
                {
                    "partner_id": partner.id,
                    "source_id": cls.env.ref("crm_plus.source_manual").id,
                    "channel_id": cls.env.ref("crm_plus.channel_phone").id,
                    "date": fields.Datetime.now() - timedelta(hours=hours),
                }
            )
            cls.partners += partner
        cls.never = cls.env["res.partner"].create({"name": "Never"})

    def found(self, *domain):
        mine = [("id", "in", (self.partners + self.never).ids), *domain]
        return self.env["res.partner"].search(mine, order="id").mapped("name")

    def test_whole_days_are_counted(self):
        self.assertEqual(self.partners.mapped("silence_days"), [0, 2, 90])
        self.assertEqual(self.found(("silence_days", "=", 2)), ["Two days"])
        self.assertEqual(self.found(("silence_days", "in", [0, 90])), ["Today", "Ninety days"])

    def test_limits_belong_to_the_right_side(self):
        self.assertEqual(self.found(("silence_days", ">=", 90)), ["Ninety days"])
        self.assertEqual(self.found(("silence_days", ">", 90)), [])
        self.assertEqual(self.found(("silence_days", "<=", 2)), ["Today", "Two days"])
        self.assertEqual(self.found(("silence_days", "<", 2)), ["Today"])

    def test_who_was_never_contacted_is_found_as_such(self):
        self.assertEqual(self.found(("last_interaction_date", "=", False)), ["Never"])
        self.assertEqual(self.found(("silence_days", "=", False)), ["Never"])

    def test_every_group_opens_what_it_counts(self):
        mine = [("id", "in", (self.partners + self.never).ids)]
        groups = self.env["res.partner"].formatted_read_group(mine, ["silence_days"], ["__count"])
        self.assertEqual([group["silence_days"] for group in groups], [0, 2, 90, False])
        for group in groups:
            opened = self.env["res.partner"].search_count([*mine, *group["__extra_domain"]])
            self.assertEqual(opened, group["__count"], group)
