"""Whose choice of cards the overview shows: the user's own, else that of their sales team, else all of them."""

from odoo.exceptions import AccessError, UserError

from ...engine.kpi.cards import CARDS, kept_cards
from ..customer.amounts import MANAGER


class Choice:
    """The cards of the current user."""

    def __init__(self, env):
        self.env = env

    def shown(self):
        """``{"cards", "reports", "origin", "team", "teams"}``: the cards in order, the names of those of other modules,
        whose choice they are ("user", "team" or "standard"), the sales team of the user, by name, and all their teams,
        ``[{"id", "name"}]``, for whom a manager may choose."""
        teams = self.teams()
        team = teams[:1]
        reports = self.env["crm.kpi.day"]._overview_reports()
        known = (*CARDS, *reports)
        own = kept_cards(self._settings().crm_plus_cards, known)
        of_team = kept_cards(team.crm_plus_cards, known)
        return {
            "cards": list(own or of_team or known),
            "reports": {name: report.label for name, report in reports.items()},
            "origin": "user" if own else "team" if of_team else "standard",
            "team": team.name or False,
            "teams": [{"id": one.id, "name": one.name} for one in teams],
        }

    def keep(self, cards, team_ids):
        """Keep a choice, for these sales teams or for the user; none is to show what the team or the add-on has."""
        kept = ",".join(cards) if cards else False
        if not team_ids:
            self.env["res.users.settings"]._find_or_create_for_user(self.env.user).crm_plus_cards = kept
            return
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Cards of a sales team are chosen by sales managers. Choose for yourself."))
        teams = self.teams()
        if not teams:
            raise UserError(
                self.env._("You are in no sales team and lead none. Ask to be added to one, or choose for yourself.")
            )
        if not set(team_ids) <= set(teams.ids):
            raise AccessError(self.env._("Cards are chosen for the sales teams that you lead or are in."))
        teams.browse(team_ids).crm_plus_cards = kept

    def teams(self):
        """The sales teams that the user is in and those they lead; the first is the one whose choice they see."""
        user = self.env.user
        return user.sale_team_id | user.crm_team_ids | self.env["crm.team"].search([("user_id", "=", user.id)])

    def _settings(self):
        return self.env["res.users.settings"].search([("user_id", "=", self.env.uid)], limit=1)
