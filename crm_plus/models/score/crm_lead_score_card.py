from odoo import models


class CrmLead(models.Model):
    """What the score card of a lead's form shows, in one call."""

    _inherit = "crm.lead"

    def score_card(self):
        """The scores of one lead and why they are what they are, as far as the user may see.

        :return: ``{"score": explain_score(), "prediction": explain_prediction()}``, and where one of them is False the
            reason in words: "missing_score", "missing_prediction"
        """
        self._one_lead()
        card = {"score": self.explain_score(), "prediction": self.explain_prediction()}
        if not card["score"]:
            card["missing_score"] = self._why_no_score()
        if not card["prediction"]:
            card["missing_prediction"] = self._why_no_prediction()
        return card

    def _why_no_score(self):
        if not self._is_explained():
            return self._why_not_explained()
        if self.won_status != "pending" or not self.active:
            return self.env._("This lead was closed before it had a score.")
        if not self.env["crm.score.rule"]._active_rules(self._score_company()):
            return self.env._("There are no active score rules yet.")
        return self.env._("This lead is scored within the next minutes.")

    def _why_not_explained(self):
        return self.env._("This lead has no company. The reasons are shown in the company whose rules score it.")

    def _why_no_prediction(self):
        """Why the lead has no prediction, exactly: the newest version of its team or company tells."""
        if not self._is_explained():
            return self._why_not_explained()
        if self.won_status != "pending" or not self.active:
            return self.env._("this lead was closed before there was one.")
        # sudo: only how far predictions of the lead's own company have come, which its salespeople may know.
        versions = self.env["crm.score.model"].sudo()
        scope = [("company_id", "=", self.sudo()._score_company().id), ("team_id", "in", [False, self.team_id.id])]
        if published := versions.search([*scope, ("state", "=", "published")], order="team_id", limit=1):
            if published.error:
                return self.env._("the version in use fails; its record says why.")
            return self.env._("this lead is predicted within the next minutes.")
        newest = versions.search(scope, limit=1)
        if newest.state == "abstained":
            return newest.shortfall_text
        if newest:
            return self.env._("no trained version is in use.")
        return self.env._("none has been trained yet.")
