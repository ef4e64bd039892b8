from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.score.rules import grade_moves
from ...services.score import points, totals
from .crm_score_rule import check_points

DRAFT = -1
TOP = 10
# The constraints of the table, for values that are not in it.
NUMBERS_HOLD = {
    "_half_life_positive": lambda rule: not rule.fades or rule.half_life_days >= 0.1,
    "_period_positive": lambda rule: rule.period_days >= 0,
    "_silence_positive": lambda rule: rule.kind != "silence" or rule.silence_days > 0,
    "_cap_positive": lambda rule: rule.cap >= 0,
    "_points_given": lambda rule: rule.points != 0,
    "_silence_costs": lambda rule: rule.kind != "silence" or rule.points < 0,
}


def _are_ids(value):
    """Whether a relation was given as a record or records that there are: an id, ids, or commands of ids."""
    if isinstance(value, (list, tuple)):
        return all(map(_are_ids, value))
    return value is None or value is False or type(value) is int


class CrmScoreRule(models.Model):
    _inherit = "crm.score.rule"

    @api.model
    def preview_rule(self, values, rule_id=False):
        """What a rule would change among the leads of its company, or of the current one, were it active with these
        values; nothing is written.

        :param values: values of the form, over those of the rule ``rule_id`` when it exists already
        :return: ``{"leads", "changed", "hot": [before, after], "grades": [[grade, before, after], ...],
            "moves": [[from, to, leads], ...], "top": [{"id", "name", "before", "after", "change"}, ...]}``
        """
        self.browse().check_access("write")
        draft = self._draft(values, self._asked(rule_id) if rule_id else None)
        company = draft.company_id or self.env.company
        if company not in self.env.companies:
            raise UserError(self.env._("This rule is of another company: switch to that company to preview it."))
        draft._check_numbers()
        draft._check_size()
        draft._check_domain()
        before, after = self._compared_scores(company, draft, rule_id)
        return self._preview(company, before, after)

    @api.model
    def _asked(self, rule_id):
        """The rule of an id that a client sent, if the user may read it."""
        found = type(rule_id) is int and self.with_context(active_test=False).search([("id", "=", rule_id)])
        if not found:
            raise UserError(self.env._("There is no such rule, or it is of another company: switch to that company."))
        return found

    @api.model
    def _draft(self, values, origin):
        """A rule with these values of the form, over those of the rule ``origin``, whatever a client sends."""
        given = values if isinstance(values, dict) else {"values": values}
        typed = {name for name, field in self._fields.items() if field.store and not field.readonly}
        if unknown := given.keys() - self._fields.keys() or given.keys() & models.MAGIC_COLUMNS:
            raise UserError(
                self.env._("Preview: “%(field)s” is not a field of the form.", field=min(map(str, unknown)))
            )
        check_points(self, given)
        for name in given.keys() & typed:
            if self._fields[name].relational and not _are_ids(given[name]):
                raise UserError(self.env._("%(field)s: choose one of the values.", field=self._label(name)))
        try:
            draft = self.new({name: given[name] for name in given.keys() & typed}, origin=origin)
            draft._check_given(typed)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError) as error:
            raise UserError(
                self.env._("Preview: these values cannot be read (%(error)s). Send them as the form does.", error=error)
            ) from error
        return draft

    def _check_given(self, names):
        """Records in memory take any id, and nothing for what is required: neither can be saved or compared."""
        for field in map(self._fields.get, names):
            value = self[field.name]
            if field.relational:
                known = value._origin.exists()._filtered_access("read")
                wrong = len(known) < len(value)
            elif field.type == "selection":
                wrong = value not in dict(field._description_selection(self.env))
            else:
                wrong = field.required and value in (False, None, "") and value != 0
            if wrong:
                raise UserError(self.env._("%(field)s: choose one of the values.", field=self._label(field.name)))

    def _check_numbers(self):
        """What the database would refuse, said before anything is written."""
        for name, holds in NUMBERS_HOLD.items():
            if not holds(self):
                raise UserError(getattr(self, name).get_error_message(self, None))

    def _compared_scores(self, company, draft, rule_id):
        """``{lead: (grade, score)}`` of all open leads with the active rules, and with the draft among them."""
        scores = self.env["crm.lead.score"].sudo()  # sudo: the rules of the company over all its leads
        active = self._active_rules(company, broken=False)
        now = active._specs()
        position = next((place for place, rule in enumerate(active) if rule.sequence > draft.sequence), len(active))
        drafted = draft._spec(position, DRAFT)
        then = (*(rule for rule in now if rule.id != rule_id), drafted)
        company = company.sudo()  # sudo: its settings, for who may write rules
        settings = company._crm_plus_score_settings()
        errors = scores._evaluate(company, settings, (*now, drafted), points.scope(settings, SQL("TRUE")))
        if errors[DRAFT]:
            raise UserError(errors[DRAFT])
        return tuple(
            {
                lead_id: (grade, score)
                for lead_id, grade, score in self.env.execute_query(
                    SQL("SELECT lead_id, lead_grade, lead_score FROM (%s) f", totals.fresh(rules, settings))
                )
            }
            for rules in (now, then)
        )

    def _preview(self, company, before, after):
        moves = grade_moves(before, after, top=TOP)
        old, new = (Counter(grade for grade, _score in scores.values()) for scores in (before, after))
        hot = company.crm_plus_hot_score
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
