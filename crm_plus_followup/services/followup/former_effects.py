"""What segments and tiers did once before there were follow-up rules, as rules that do the same from now on.

The upgrade of CRM Plus keeps it in two tables until this add-on is there (its ``pre-10-former_effects.py``).
"""

import logging

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from .evaluation import Evaluation

_logger = logging.getLogger(__name__)

EFFECTS, PENDING = "crm_former_effect", "crm_former_pending"
REFERS_TO = {
    "plan": "mail.activity.plan", "activity": "mail.activity.type", "warning": "mail.activity.type",
    "enter": "ir.actions.server", "leave": "ir.actions.server",
}  # fmt: skip
# (when the rule begins, the kinds of effects that are its steps): what leaving does comes before what entering does.
RULES = (("leave", ("leave",)), ("enter", ("plan", "activity")), ("enter", ("enter",)), ("grace", ("warning",)))
# As it was: for each stay, whatever happens meanwhile, for our own people, whatever the limits say.
AS_BEFORE = {
    "user_id": False, "include_present": False, "pause_days": 0, "held_back": "messages", "stop_reply": False,
    "stop_order": False, "stop_leave": False, "stop_closed": False, "stop_optout": False,
}  # fmt: skip


class FormerEffects:
    """The effects that were kept."""

    def __init__(self, env):
        self.env = env(context={**env.context, "active_test": False, "lang": "en_US"})
        self.languages = [code for code, _name in env["res.lang"].get_installed() if code != "en_US"]

    def take_over(self):
        """Make the rules, for who comes from now on and for whom it is still to be done; then what was kept goes."""
        if not table_exists(self.env.cr, EFFECTS):
            return
        places = self.env.execute_query(
            SQL("SELECT DISTINCT res_model, res_id FROM %s ORDER BY 1, 2", SQL.identifier(EFFECTS))
        )
        for model, place_id in places:
            if place := self.env[model].browse(place_id).exists():
                effects = self._effects(place)
                for company in self._companies(place):
                    self._follow(place, company, effects)
        self.env.flush_all()
        self.env.cr.execute(SQL("DROP TABLE %s, %s", SQL.identifier(EFFECTS), SQL.identifier(PENDING)))
        self.env["crm.followup.rule"]._wake()

    def _effects(self, place):
        """``{kind: what was done}``, as far as it is still there."""
        rows = self.env.execute_query(
            SQL(
                """SELECT kind, array_agg(ref_id ORDER BY ref_id) FROM %s
                    WHERE res_model = %s AND res_id = %s GROUP BY kind""",
                SQL.identifier(EFFECTS),
                place._name,
                place.id,
            )
        )
        return {kind: self.env[REFERS_TO[kind]].browse(ids).exists() for kind, ids in rows}

    def _companies(self, place):
        """Those whose customers come there; if it is for nobody now, those it may be for."""
        companies = place.company_id or self.env["res.company"].search([("active", "=", True)])
        rule = place.family_id if place._name == "crm.segment" else place
        active = rule.with_context(active_test=True)
        return companies.filtered(lambda company: active._applies_to(company)) or companies

    def _follow(self, place, company, effects):
        audience = self.env["crm.audience"]._of_group(place, company)
        for trigger, kinds in RULES:
            steps = [(kind, ref) for kind in kinds for ref in effects.get(kind, ())]
            if steps:
                rule = self._rule(place, audience, trigger, steps)
                self._begin(rule, place, kinds)

    def _rule(self, place, audience, trigger, steps):
        """The rule; a draft with its problem, where what it does is not for customers."""
        values = {
            "name": self._name(place, trigger, steps[0][0]),
            "company_id": audience.company_id.id,
            "audience_id": audience.id,
            "trigger": trigger,
            "step_ids": [
                Command.create({"sequence": number, **self._step(place, kind, ref)})
                for number, (kind, ref) in enumerate(steps)
            ],
            **AS_BEFORE,
        }
        rules, problem = self.env["crm.followup.rule"], ""
        try:
            with self.env.cr.savepoint():
                rule = rules.create({**values, "state": "active"})
        except UserError as error:
            _logger.warning("What follows from “%s” is a draft: %s", place.name, error)
            rule, problem = rules.create({**values, "state": "draft"}), str(error)
            rule._remember({"error": problem})
        for lang in self.languages:
            there = place.with_context(lang=lang)
            rule.with_context(lang=lang).name = self._name(there, trigger, steps[0][0])
            for step, (kind, ref) in zip(rule.step_ids.with_context(lang=lang), steps, strict=True):
                if summary := self._step(there, kind, ref).get("summary"):
                    step.summary = summary
        return rule

    @staticmethod
    def _name(place, trigger, kind):
        if trigger == "grace":
            return place.env._("%s is about to be lost", place.name)
        if trigger == "leave":
            return place.env._("%s: server actions on leaving", place.name)
        if kind == "enter":
            return place.env._("%s: server actions on entering", place.name)
        return place.env._("%s: activities on entering", place.name)

    def _step(self, place, kind, ref):
        if kind == "plan":
            return {"kind": "plan", "plan_id": ref.id}
        if kind in ("enter", "leave"):
            return {"kind": "action", "action_id": ref.id}
        summary = place.name if kind == "activity" else place.env._("%s: the grace period has begun", place.name)
        return {"kind": "activity", "activity_type_id": ref.id, "summary": summary}

    def _begin(self, rule, place, kinds):
        """Note who is there, whom nobody calls again, and begin with those for whom it is still to be done."""
        if rule.state != "active":
            return
        rule._evaluate()
        members = [row[0] for row in self.env.execute_query(self._waiting(rule, place, kinds))]
        evaluation = Evaluation(rule)
        evaluation._begin(evaluation._candidates(members))

    def _waiting(self, rule, place, kinds):
        """SQL: the members of the rule for whom it is still to be done. Who has left is one from now on; who is not
        there any more had left before anything followed."""
        waiting = SQL(
            "SELECT partner_id FROM %s WHERE res_model = %s AND res_id = %s AND company_id = %s AND kind = ANY(%s)",
            SQL.identifier(PENDING),
            place._name,
            place.id,
            rule.company_id.id,
            list(kinds),
        )
        if rule.trigger == "leave":
            return SQL(
                """INSERT INTO crm_followup_member AS m (rule_id, company_id, partner_id, present, date_since)
                   SELECT DISTINCT %(rule)s, %(company)s, w.partner_id, FALSE, now() AT TIME ZONE 'UTC'
                     FROM (%(waiting)s) w JOIN res_partner p ON p.id = w.partner_id
                   ON CONFLICT (rule_id, partner_id) WHERE lead_id IS NULL DO UPDATE SET date_since = m.date_since
                   RETURNING m.id""",
                rule=rule.id,
                company=rule.company_id.id,
                waiting=waiting,
            )
        return SQL(
            "SELECT id FROM crm_followup_member WHERE rule_id = %s AND present AND partner_id IN (%s)", rule.id, waiting
        )
