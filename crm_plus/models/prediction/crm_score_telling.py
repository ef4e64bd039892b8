from odoo import api, fields, models

TODO = "mail.mail_activity_data_todo"
MANAGERS = "crm_plus.group_crm_plus_manager"
LEVELS = (False, "stable", "moderate", "large")


class CrmScoreModel(models.Model):
    """Managers are told what waits for them, once: a version that is not published by itself, and drift that grows.
    What was told is taken back when it is settled; who put which version to use is in the chatter."""

    _name = "crm.score.model"
    _inherit = ["crm.score.model", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"  # a manager may answer, though nobody changes figures

    state = fields.Selection(tracking=True)

    @api.model
    def _keep_version(self, company, team, cutoff, values):
        found = super()._keep_version(company, team, cutoff, values)
        if found.state in ("draft", "published"):
            found._take_back("draft")  # what waited before is out of date
        if found.state == "draft" and not cutoff:
            found._tell_managers(type(found)._draft_words)
        return found

    def _publish(self):
        result = super()._publish()
        self._take_back("draft", "retired", "published")
        return result

    def action_retire(self):
        result = super().action_retire()
        self._take_back("retired")
        return result

    def _check_drift(self):
        if not self.exists():  # deleted since the run began
            return None
        before = LEVELS.index(self.drift_level)
        result = super()._check_drift()
        now = LEVELS.index(self.drift_level)
        if now < before or now > max(before, LEVELS.index("stable")):
            self._take_back(self.state)
        if self.state == "published" and now > max(before, LEVELS.index("stable")):
            self._tell_managers(type(self)._drift_words)
        return result

    def _tell_managers(self, words):
        """An activity for each manager of the company, in their language; ``words`` gives its summary and its note."""
        # sudo: who the managers are; the activity tells nothing that they may not read.
        users = self.env.ref(MANAGERS).sudo().all_user_ids
        for manager in users.filtered(lambda user: user.active and self.company_id in user.company_ids):
            told = self.sudo().with_context(lang=manager.lang)  # sudo: managers do not write versions
            summary, note = words(told)
            told.activity_schedule(TODO, summary=summary, note=note, user_id=manager.id)

    def _take_back(self, *states):
        """What was told of the versions of this scope in these states is settled."""
        scope = [("company_id", "in", self.company_id.ids), ("team_id", "in", self.team_id.ids or [False])]
        self.sudo().search([*scope, ("state", "in", states)]).activity_unlink([TODO])  # sudo: others' activities, too

    def _draft_words(self):
        summary = self.env._("Decide whether to use version %(version)s", version=self.version)
        note = self.env._("It is not published by itself: it has not shown that it does as well as what it replaces.")
        return summary, f"{note} {self.comparison_text}"

    def _drift_words(self):
        levels = dict(self._fields["drift_level"]._description_selection(self.env))
        summary = self.env._("Drift: %(level)s. Consider training anew", level=levels[self.drift_level])
        return summary, self.drift_text
