"""Whose choice of cards the overview shows: the user's own, else that of their sales team, else all of them."""

from odoo.exceptions import AccessError, UserError

from ...engine.kpi.cards import CARDS, kept_cards
from ..customer.amounts import MANAGER


class Choice:
    """The cards of the current user."""

    def __init__(self, env):
        self.env = env

    def shown(self):
        """``{"cards", "reports", "origin", "team"}``: the cards in order, the names of those of other modules, whose
        choice they are ("user", "team" or "standard"), and the sales team of the user, by name."""
        team = self.team()
        reports = self.env["crm.kpi.day"]._overview_reports()
        known = (*CARDS, *reports)
        own = kept_cards(self._settings().crm_plus_cards, known)
        of_team = kept_cards(team.crm_plus_cards, known)
        return {
            "cards": list(own or of_team or known),
            "reports": {name: report.label for name, report in reports.items()},
            "origin": "user" if own else "team" if of_team else "standard",
            "team": team.name or False,
        }

    def keep(self, cards, for_team):
        """Keep a choice; none is to show what the team or the add-on has."""
        kept = ",".join(cards) if cards else False
        if not for_team:
            self.env["res.users.settings"]._find_or_create_for_user(self.env.user).crm_plus_cards = kept
            return
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Cards of a sales team are chosen by sales managers. Choose for yourself."))
        team = self.team()
        if not team:
            raise UserError(
                self.env._("You are in no sales team and lead none. Ask to be added to one, or choose for yourself.")
            )
        team.crm_plus_cards = kept

    def team(self):
        """The sales team that the user is in, else the one they lead; empty when there is none."""
        return self.env.user.sale_team_id or self.env["crm.team"].search([("user_id", "=", self.env.uid)], limit=1)

    def _settings(self):
        return self.env["res.users.settings"].search([("user_id", "=", self.env.uid)], limit=1)
