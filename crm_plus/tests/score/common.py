from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase


class ScoreCase(TransactionCase):
    """A database with no rules but those a test makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["crm.score.rule"]
        cls.Score = cls.env["crm.lead.score"]
        cls.company = cls.env.company
        cls.company.crm_plus_score_date = fields.Datetime.now()  # not all leads are new to it
        cls.Rule.search([]).unlink()
        cls.env["crm.score.group"].search([]).unlink()
        cls.phone = cls.env.ref("crm_plus.channel_phone")
        cls.meeting = cls.env.ref("crm_plus.channel_meeting")

    @classmethod
    def rule(cls, **values):
        defaults = {"name": values.get("kind", "fit"), "state": "active"}
        if values.get("kind", "fit") == "fit":
            defaults["domain"] = "[('id', '>', 0)]"
        if values.get("kind") == "silence":
            defaults["points"] = -10
        return cls.Rule.create(defaults | values)

    @classmethod
    def lead(cls, **values):
        return cls.env["crm.lead"].create({"name": "A lead", "type": "opportunity"} | values)

    @classmethod
    def event(cls, days_ago=0, **values):
        """An interaction so many days ago, by phone unless another channel is given."""
        moment = fields.Datetime.now().replace(hour=12) - timedelta(days=days_ago)
        source = cls.env["crm.interaction.source"].search([("kind", "=", "manual")], limit=1)
        defaults = {
            "date": moment,
            "channel_id": cls.phone.id,
            "source_id": source.id,
            "direction": "in",
            "name": "Call",
        }
        return cls.env["crm.interaction"].create(defaults | values)

    def catch_up(self):
        """Commit, as far as tests do, and what the scheduled action does a few minutes later."""
        self.env.cr.flush()
        while self.Score._refresh_queued():
            pass
