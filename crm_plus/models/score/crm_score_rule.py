from decimal import Decimal

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError

from ...engine.checks import identifier, named_values
from ...engine.score.rules import RulePoints, counted_channels, counted_direction
from ...services.arguments import argument
from ...services.definer import asked_by, mentioned
from ...services.score.conditions import compiled, is_fixed, rule_domain
from ...services.score.points import MODELS
from ...services.score.preview import DRAFT, Preview
from ...services.score.proposals import Proposals
from ...services.score.specs import AXIS, RuleSpec
from ...services.score.watch import properties, unknown_fields

# More than this is a slip of the pen: a score ends at 100. Less would be rounded to none, and none is no limit.
MOST_POINTS, LEAST_POINTS = 1000, 0.01
LONGEST_DAYS = 3650
# What changes scores; a change of the others does not.
COUNTED = frozenset(
    {
        "active", "sequence", "company_id", "state", "kind", "points", "group_id", "applies_on", "domain",
        "channel_ids", "direction", "period_days", "once", "fades", "half_life_days", "cap", "silence_days",
    }
)  # fmt: skip

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


def check_points(model, vals):
    """Refuse points and limits that cannot be stored as they were given; asked before they are rounded."""
    for name in [name for name in ("points", "cap") if name in vals]:
        label = model._fields[name].get_description(model.env, ["string"])["string"]
        try:
            value = float(vals[name] or 0)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError(
                model.env._("%(field)s: “%(value)s” is not a number.", field=label, value=vals[name])
            ) from error
        if value and not LEAST_POINTS <= abs(value) <= MOST_POINTS:
            raise ValidationError(
                model.env._(
                    "%(field)s: %(value)s is out of range. Choose from 0.01 to %(most)s; scores end at 100.",
                    field=label,
                    value=value,
                    most=MOST_POINTS,
                )
            )


class CrmScoreRule(models.Model):
    """Points for a lead: by a domain (fit), by what happens between us and its customer (engagement), or by silence."""

    _name = "crm.score.rule"
    _inherit = ["crm.condition.mixin", "crm.readable.mixin"]
    _description = "Score rule"
    _conditions = ("domain", "applies_on", "kind", "company_id")
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active")],
        required=True,
        default="draft",
        copy=False,
        help="A draft rule counts in previews only.",
    )
    kind = fields.Selection(
        [("fit", "Fit"), ("engagement", "Engagement"), ("silence", "Silence")],
        required=True,
        default="fit",
        help="Fit: who they are. Engagement: what happens between you. Silence: nothing happens between you.",
    )
    axis = fields.Char("Counts for", compute="_compute_axis")
    points = fields.Float(digits=(16, 2), required=True, default=10, help="May be negative.")
    group_id = fields.Many2one("crm.score.group", ondelete="set null", check_company=True, index="btree_not_null")
    applies_on = fields.Selection(
        [("lead", "Lead"), ("partner", "Lead's customer")], "Condition on", required=True, default="lead"
    )
    domain_model = fields.Char(string="Domain model", compute="_compute_domain_model")
    domain = fields.Char(
        "Condition", default="[]", help="Leads that get the points, or customers whose leads get them."
    )
    channel_ids = fields.Many2many(
        "crm.interaction.channel", string="Channels", help="Empty: any contact with the customer."
    )
    direction = fields.Selection(
        [
            ("contact", "Incoming or outgoing"),
            ("in", "Incoming"),
            ("out", "Outgoing"),
            ("any", "Any, including internal"),
        ],
        required=True,
        default="contact",
    )
    period_days = fields.Integer("Not older than (days)", default=90, help="Zero: no age limit.")
    once = fields.Boolean("Count once", help="Only the most recent one counts, however many there are.")
    fades = fields.Boolean(string="Fades over time", default=True)
    half_life_days = fields.Float(
        "Half-life (days)", default=30, help="Number of days after which half of the points are left."
    )
    cap = fields.Float(
        "Maximum points", digits=(16, 2), help="Maximum points this rule gives, positive or negative. Zero: no limit."
    )
    silence_days = fields.Integer(
        "Days of silence", default=30, help="The rule applies once there has been no contact for so many days."
    )
    suggestion = fields.Char(
        "How to earn it", translate=True, help="What a salesperson can do. Shown on leads that do not get these points."
    )
    proposal_note = fields.Char(
        "Proposed because", readonly=True, copy=False, help="What became of the leads the proposed points are based on."
    )
    error = fields.Text("Problem", readonly=True, copy=False, help="Why the rule could not be evaluated last time.")

    is_shared = fields.Boolean(
        string="Shared by all companies", compute="_compute_is_shared", help="Applies to several companies."
    )

    _half_life_positive = models.Constraint(
        "CHECK (NOT fades OR half_life_days >= 0.1)", "Half-life (days): must be at least 0.1, or turn fading off."
    )
    _period_positive = models.Constraint(
        "CHECK (period_days >= 0)", "Not older than (days): cannot be negative. Zero counts events of any age."
    )
    _silence_positive = models.Constraint(
        "CHECK (kind <> 'silence' OR silence_days > 0)", "Days of silence: must be more than zero."
    )
    _cap_positive = models.Constraint("CHECK (cap >= 0)", "Maximum points: cannot be negative. Zero means no limit.")
    _points_given = models.Constraint("CHECK (points <> 0)", "Points: must not be zero.")
    _silence_costs = models.Constraint(
        "CHECK (kind <> 'silence' OR points < 0)", "Points: must be negative for a silence rule."
    )

    @api.depends("kind")
    def _compute_axis(self):
        for rule in self:
            rule.axis = AXIS.get(rule.kind)

    @api.depends("applies_on")
    def _compute_domain_model(self):
        for rule in self:
            rule.domain_model = MODELS.get(rule.applies_on)

    @api.depends("company_id")
    def _compute_is_shared(self):
        several = self.env["res.company"]._crm_plus_several()
        for rule in self:
            rule.is_shared = several and not rule.company_id

    # ------------------------------------------------------------------ what is refused

    @api.constrains("period_days", "silence_days", "half_life_days")
    def _check_size(self):
        for rule in self:
            for name in ("period_days", "silence_days", "half_life_days"):
                if not abs(rule[name]) <= LONGEST_DAYS:  # what is no number is too much, too
                    raise ValidationError(
                        self.env._(
                            "%(field)s: %(value)s is too high. Choose at most %(limit)s days.",
                            field=rule._label(name),
                            value=rule[name],
                            limit=LONGEST_DAYS,
                        )
                    )

    @api.constrains("group_id", "kind")
    def _check_group(self):
        for rule in self:
            if rule.group_id and rule.group_id.axis != rule.axis:
                raise ValidationError(
                    self.env._(
                        "%(field)s: “%(group)s” belongs to another score. Choose a group of the same kind as the rule.",
                        field=rule._label("group_id"),
                        group=rule.group_id.name,
                    )
                )

    @api.constrains("domain", "applies_on", "kind", "company_id")
    def _check_domain(self):
        for rule in self.filtered(lambda rule: rule.kind == "fit"):
            rule._check_condition()
            rule._check_definer(MODELS[rule.applies_on], rule_domain(rule.domain))

    def _check_condition(self):
        """Refuse a condition that cannot be evaluated, with what is wrong with it."""
        if problem := self._domain_problem():
            raise ValidationError(self.env._("%(field)s: %(problem)s", field=self._label("domain"), problem=problem))

    def _domain_problem(self):
        """What is wrong with the condition, in words, or False."""
        self.ensure_one()
        model = self.env[MODELS[self.applies_on]]  # what is computed of a draft is that of the rule it changes
        try:
            domain = rule_domain(self.domain)
        except ValueError as error:
            return self.env._(
                "“%(domain)s” is not a condition (%(error)s). Use the editor; write relative dates as 'today -30d'.",
                domain=self.domain,
                error=error,
            )
        if domain.is_true():
            return self.env._("the condition matches everything. Add at least one criterion.")
        scores = {*self.env["crm.lead"]._score_fields()}
        if circular := scores & {field.name for _holder, field in mentioned(model, domain)}:
            return self.env._(
                "“%(field)s” is computed from these rules. Choose what drives it instead.", field=min(circular)
            )
        if unknown := next(unknown_fields(model, domain), None):
            name = self.env["ir.model"]._get(unknown[0]._name).name
            return self.env._("%(model)s has no field “%(field)s”. Choose another one.", model=name, field=unknown[1])
        if unknown := self._unknown_property(model, domain):
            return self.env._("there is no property “%(name)s”. Choose another one.", name=unknown)
        try:
            domain.validate(model)
            asked = self._asked(model._name, domain, self.company_id or self.env.company)
            with self.env.cr.savepoint():
                asked.search(domain, limit=1)
        except AccessError:
            raise  # it names what its author may not read
        except Exception as error:  # any module's search method may raise anything
            return self.env._(
                "%(error)s. Choose another field or value for %(model)s.",
                error=str(error).strip().splitlines()[0].rstrip("."),
                model=self.env["ir.model"]._get(model._name).name,
            )
        return False

    # ------------------------------------------------------------------ changes

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_points(self, vals)
        rules = super().create(vals_list)
        self._rules_changed()
        return rules

    def write(self, vals):
        check_points(self, vals)
        if COUNTED.isdisjoint(vals):
            return super().write(vals)
        result = super().write({**vals, "error": False})
        self._rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._rules_changed()
        return result

    def action_activate(self):
        self.write({"state": "active"})

    def action_shadow(self):
        self.write({"state": "draft"})

    def action_propose(self):
        """Draft rules for what the company's own won and lost leads speak for, instead of those proposed before."""
        self.check_access("create")
        company = self.env.company
        proposals = Proposals(self.env, company)
        if not proposals.is_enough():
            raise UserError(proposals.shortfall())
        drafts = [("company_id", "=", company.id), ("state", "=", "draft"), ("proposal_note", "!=", False)]
        self.search(drafts).unlink()
        known = set(self.search([("company_id", "in", [company.id, False])]).mapped("domain"))
        rules = self.create([values for values in proposals.rules() if values["domain"] not in known])
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus.crm_score_rule_action")
        nothing = self.env._(
            "No trait that was looked at tells won from lost leads, or there is a rule for it already."
        )
        shown = {"name": self.env._("Proposed rules"), "domain": [("id", "in", rules.ids)], "path": False}
        return action | shown | ({} if rules else {"help": f"<p>{nothing}</p>"})

    @api.model
    def _rules_changed(self):
        """All leads are scored again, in the background."""
        self.env.registry.clear_cache()
        self.env["crm.lead.score"]._rescore_soon()

    def _note_errors(self, errors):
        """Show on each rule why it failed, ``{rule id: error or None}``."""
        for rule in self:
            if (rule.error or None) != errors[rule.id]:
                rule.write({"error": errors[rule.id]})
                self.env.registry.clear_cache()

    # ------------------------------------------------------------------ as values, for statements

    @api.model
    def _active_rules(self, company, broken=True):
        """The rules that count in a company, in order; ``broken``: also those that failed the last time."""
        domain = [("state", "=", "active"), ("company_id", "in", [False, company.id])]
        if not broken:
            domain.append(("error", "=", False))
        # sudo: rules are settings, and scores are the same whoever changes a lead
        return self.sudo().search(domain).filtered(lambda rule: rule._is_asked_in(company))

    def _is_asked_in(self, company):
        """A condition without a company is asked where its author works; other rules ask for nothing."""
        if self.kind != "fit" or self.company_id or not self.definer_id or self.definer_id.id == SUPERUSER_ID:
            return True
        return company in self.definer_id.company_ids

    @api.model
    @tools.ormcache("company_id")
    def _sound_specs(self, company_id):
        """The `RuleSpec` of a company's rules that work; read once per registry, since every saved lead needs them."""
        return self._active_rules(self.env["res.company"].browse(company_id), broken=False)._specs()

    @api.model
    @tools.ormcache("company_id")
    def _group_caps(self, company_id):
        """((group id, most points as text), ...) in a company; read once per registry, too."""
        # sudo: settings
        groups = self.env["crm.score.group"].sudo().search([("company_id", "in", [False, company_id])])
        return tuple((group.id, f"{group.cap:.2f}") for group in groups)

    def _specs(self):
        """These rules as `RuleSpec`, in their order."""
        return tuple(rule._spec(position) for position, rule in enumerate(self))

    def _spec(self, position, rule_id=None):
        event = self.kind == "engagement"
        named, contact = self.channel_ids.ids, self.env["crm.interaction.channel"]._contact_ids()
        return RuleSpec(
            id=rule_id or self.id,
            position=position,
            kind=self.kind,
            points=f"{self.points:.2f}",
            cap=f"{self.cap:.2f}" if event and self.cap else None,
            group_id=self.group_id.id or None,
            applies_on=self.applies_on,
            domain=self.domain or "[]",
            definer_id=self.definer_id.id or None,
            channel_ids=counted_channels(named, contact),
            direction=counted_direction(self.direction, named, contact),
            period_days=self.period_days or None,
            once=event and self.once,
            half_life_days=self.half_life_days if event and self.fades else None,
            silence_days=self.silence_days,
        )

    # ------------------------------------------------------------------ conditions

    @api.model
    def _condition(self, model_name, text, definer_id):
        """The `Condition` written in ``text`` by a user, asked with their rights in the current company. Raises
        ValueError when it cannot be read, AccessError when they may not read what it asks for."""
        return self._fixed_condition(model_name, text, definer_id) or self._compiled(model_name, text, definer_id)

    @api.model
    @tools.ormcache("model_name", "text", "definer_id", "self.env.company.id")
    def _fixed_condition(self, model_name, text, definer_id):
        """The `Condition`, compiled once per registry, when it is the same at any time; else None."""
        try:
            fixed = is_fixed(self.env[model_name], rule_domain(text))
            return self._compiled(model_name, text, definer_id) if fixed else None
        except (ValueError, AccessError):  # shown where the rule is evaluated
            return None

    @api.model
    def _compiled(self, model_name, text, definer_id):
        domain, definer = rule_domain(text), self.env["res.users"].browse(definer_id or [])
        return compiled(asked_by(self.env[model_name], definer, self.env.company, domain), domain)

    @api.model
    def _unknown_property(self, model, domain):
        """The first property in a condition that no definition has, or None: to the host it is merely empty."""
        for holder, field, name in properties(model, domain):
            column = field.definition_record_field
            # sudo: names of properties, whoever they belong to
            containers = self.env[holder._fields[field.definition_record].comodel_name].sudo()
            definitions = containers.with_context(active_test=False).search([(column, "!=", False)]).mapped(column)
            if name not in {item["name"] for definition in definitions for item in definition}:
                return name
        return None

    # ------------------------------------------------------------------ what it would add

    def _as_points(self, points):
        """These points of the rule, as the engine adds them up."""
        cap = Decimal(f"{self.cap:.2f}") if self.kind == "engagement" and self.cap else None
        return RulePoints(str(self.id), points, cap, str(self.group_id.id) if self.group_id else None)

    def _offer(self, given):
        """The points the rule would add to those it gives already (None: it does not apply), or None."""
        points = Decimal(f"{self.points:.2f}")
        if points > 0:
            return points if given is None or (self.kind == "engagement" and not self.once) else None
        return -given if given is not None and self.kind != "engagement" else None

    # ------------------------------------------------------------------ preview

    @api.model
    def preview_rule(self, values, rule_id=False):
        """What a rule would change among the leads of its company, or of the current one, were it active with these
        values; nothing is written.

        :param values: values of the form, over those of the rule ``rule_id`` when it exists already
        :return: ``{"leads", "changed", "hot": [before, after], "grades": [[grade, before, after], ...],
            "moves": [[from, to, leads], ...], "top": [{"id", "name", "before", "after", "change"}, ...]}``
        """
        self.browse().check_access("write")
        draft = self._draft(values, self._given_rule(rule_id) if rule_id else None)
        company = draft.company_id or self.env.company
        if company not in self.env.companies:
            raise UserError(self.env._("This rule belongs to another company. Switch to that company to preview it."))
        draft._check_numbers()
        draft._check_size()
        if draft.kind == "fit":
            draft._check_condition()
        active = self._active_rules(company, broken=False)
        position = next((place for place, rule in enumerate(active) if rule.sequence > draft.sequence), len(active))
        now = active._specs()
        then = (*(rule for rule in now if rule.id != rule_id), draft._spec(position, DRAFT))
        return Preview(company, now, then).answer()

    @api.model
    def _given_rule(self, rule_id):
        """The rule of an id that a client sent, if the user may read it."""
        rule_id = argument(self.env, "rule_id", rule_id, identifier)
        found = self.with_context(active_test=False).search([("id", "=", rule_id)])
        if not found:
            raise UserError(
                self.env._("There is no such rule, or it belongs to another company. Switch to that company.")
            )
        return found

    @api.model
    def _draft(self, values, origin):
        """A rule with these values of the form, over those of the rule ``origin``, whatever a client sends."""
        given = argument(self.env, "values", values, named_values)
        typed = {name for name, field in self._fields.items() if field.store and not field.readonly}
        if unknown := given.keys() - self._fields.keys() or given.keys() & models.MAGIC_COLUMNS:
            raise UserError(self.env._("Preview: “%(field)s” is not a field of the form.", field=min(unknown)))
        check_points(self, given)
        for name in given.keys() & typed:
            if self._fields[name].relational and not _are_ids(given[name]):
                raise UserError(self.env._("%(field)s: choose one of the values.", field=self._label(name)))
        try:
            given = {name: given[name] for name in given.keys() & typed}
            # Nobody previews with the rights of somebody else.
            draft = self.new({**given, "definer_id": self.env.uid}, origin=origin)
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
