"""What a rule would change among the open leads of a company, were it active: two sums over the same points."""

from collections import Counter

from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.score.rules import grade_moves
from . import points, totals
from .refresh import ScoreRefresh

# The id of the rule that is not saved yet.
DRAFT = -1
TOP = 10


class Preview:
    """The leads of ``company`` with the rules ``now``, and with those ``then``, as `specs.RuleSpec`; nothing is
    written. Raises UserError when the draft among the latter cannot be evaluated."""

    def __init__(self, company, now, then):
        self.env = company.env
        # sudo: settings of the company, and the scores of all its leads, for who may write rules.
        self.refresh = ScoreRefresh(company.sudo())
        errors = self.refresh.evaluate(
            tuple(dict.fromkeys((*now, *then))), points.scope(self.refresh.settings, SQL("TRUE"))
        )
        if errors[DRAFT]:
            raise UserError(errors[DRAFT])
        self.before, self.after = self._scores(now), self._scores(then)

    def _scores(self, rules):
        """``{lead id: (grade, score)}``."""
        rows = self.env.execute_query(
            SQL("SELECT lead_id, lead_grade, lead_score FROM (%s) f", totals.fresh(rules, self.refresh.settings))
        )
        return {lead_id: (grade, score) for lead_id, grade, score in rows}

    def answer(self):
        """As plain data, with the names of those leads that the user may read."""
        before, after, hot = self.before, self.after, self.refresh.company.crm_plus_hot_score
        moves = grade_moves(before, after, top=TOP)
        old, new = (Counter(grade for grade, _score in scores.values()) for scores in (before, after))
        leads = self.env["crm.lead"].browse(lead_id for lead_id, _change in moves.top)
        names = {lead.id: lead.display_name for lead in leads._filtered_access("read")}
        return {
            "leads": len(after),
            "changed": sum(before[lead_id][1] != score for lead_id, (_grade, score) in after.items()),
            "hot": [sum(score >= hot for _grade, score in scores.values()) for scores in (before, after)],
            "grades": [[grade, old[grade], new[grade]] for grade in sorted(old | new)],
            "moves": [list(move) for move in moves.moves],
            "top": [
                {
                    "id": lead_id,
                    "name": names[lead_id],
                    "before": f"{before[lead_id][1]:.2f}",
                    "after": f"{after[lead_id][1]:.2f}",
                    "change": f"{change:+.2f}",
                }
                for lead_id, change in moves.top
                if lead_id in names
            ],
        }
