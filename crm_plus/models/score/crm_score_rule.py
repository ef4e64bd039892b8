from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...services.score.conditions import rule_domain
from ...services.score.specs import AXIS
from ...services.score.watch import field_paths, unknown_fields

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


def check_points(model, vals):
    """Refuse points and limits that cannot be stored as they were given; asked before they are rounded."""
    for name in {"points", "cap"} & vals.keys():
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
                    "%(field)s: %(value)s is too little or too much. Choose from 0.01 to %(most)s; scores end at 100.",
                    field=label,
                    value=value,
                    most=MOST_POINTS,
                )
            )


class CrmScoreRule(models.Model):
    """Points for a lead: by a domain (fit), by what happens between us and its customer (engagement), or by silence."""

    _name = "crm.score.rule"
    _description = "Score rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    state = fields.Selection(
        [("draft", "Shadow"), ("active", "Active")],
        required=True,
        default="draft",
        copy=False,
        help="A shadow rule counts in previews only.",
    )
    kind = fields.Selection(
        [("fit", "Fit"), ("engagement", "Engagement"), ("silence", "Silence")],
        required=True,
        default="fit",
        help="Fit: who they are. Engagement: what happens between you. Silence: that nothing does.",
    )
    axis = fields.Char("Counts for", compute="_compute_axis")
    points = fields.Float(digits=(16, 2), required=True, default=10, help="May be negative.")
    group_id = fields.Many2one("crm.score.group", ondelete="set null", check_company=True, index="btree_not_null")
    applies_on = fields.Selection(
        [("lead", "The lead"), ("partner", "Its customer")], "Looks at", required=True, default="lead"
    )
    domain_model = fields.Char(compute="_compute_domain_model")
    domain = fields.Char("Condition", default="[]", help="Which leads, or leads of which customers, get the points.")
    channel_ids = fields.Many2many(
        "crm.interaction.channel", string="Channels", help="Empty: any contact with the customer."
    )
    direction = fields.Selection(
        [("contact", "Incoming or outgoing"), ("in", "Incoming"), ("out", "Outgoing"), ("any", "Any, also internal")],
        required=True,
        default="contact",
    )
    period_days = fields.Integer("Not older than (days)", default=90, help="Zero: however old.")
    once = fields.Boolean("Only once", help="The latest one counts, however many there are.")
    fades = fields.Boolean(default=True)
    half_life_days = fields.Float("Half-life (days)", default=30, help="After so many days half of it is left.")
    cap = fields.Float("At most", digits=(16, 2), help="The most points this rule gives, up or down. Zero: no limit.")
    silence_days = fields.Integer("Days of silence", default=30)
    suggestion = fields.Char(
        "How to earn it", translate=True, help="What a salesperson can do, shown on leads that do not have the points."
    )
    error = fields.Text("Problem", readonly=True, copy=False, help="Why the rule could not be evaluated the last time.")

    is_shared = fields.Boolean(compute="_compute_is_shared", help="Several companies are scored by it.")

    _half_life_positive = models.Constraint(
        "CHECK (NOT fades OR half_life_days >= 0.1)", "Half-life: must be at least 0.1 days, or choose not to fade."
    )
    _period_positive = models.Constraint(
        "CHECK (period_days >= 0)", "Not older than (days): cannot be negative. Zero counts events of any age."
    )
    _silence_positive = models.Constraint(
        "CHECK (kind <> 'silence' OR silence_days > 0)", "Days of silence: must be more than zero."
    )
    _cap_positive = models.Constraint("CHECK (cap >= 0)", "At most: cannot be negative. Zero means no limit.")
    _points_given = models.Constraint("CHECK (points <> 0)", "Points: a rule that gives nothing says nothing.")
    _silence_costs = models.Constraint(
        "CHECK (kind <> 'silence' OR points < 0)", "Points: silence takes points away, so they must be negative."
    )

    @api.depends("kind")
    def _compute_axis(self):
        for rule in self:
            rule.axis = AXIS[rule.kind]

    @api.depends("applies_on")
    def _compute_domain_model(self):
        for rule in self:
            rule.domain_model = "crm.lead" if rule.applies_on == "lead" else "res.partner"

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
                            "%(field)s: %(value)s is too much. Choose at most %(limit)s days.",
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
                        "%(field)s: “%(group)s” counts for another score. Choose a group of the same kind as the rule.",
                        field=rule._label("group_id"),
                        group=rule.group_id.name,
                    )
                )

    @api.constrains("domain", "applies_on", "kind")
    def _check_domain(self):
        for rule in self.filtered(lambda rule: rule.kind == "fit"):
            if problem := rule._domain_problem():
                raise ValidationError(
                    self.env._("%(field)s: %(problem)s", field=rule._label("domain"), problem=problem)
                )
            # Evaluated as superuser later: who writes the condition must be allowed to ask for the same.
            self.env[rule.domain_model].sudo(False)._search(rule_domain(rule.domain))

    def _label(self, name):
        return self._fields[name].get_description(self.env, ["string"])["string"]

    def _domain_problem(self):
        """What is wrong with the condition, in words, or False."""
        self.ensure_one()
        # sudo: asks whether the condition can be evaluated, not for whom it is true.
        model = self.env[self.domain_model].sudo()
        try:
            domain = rule_domain(self.domain)
        except ValueError as error:
            return self.env._(
                "“%(domain)s” is not a condition (%(error)s). Use the editor; write moving dates as 'today -30d'.",
                domain=self.domain,
                error=error,
            )
        if domain.is_true():
            return self.env._("it is true for everything. Add at least one condition.")
        if circular := {*self.env["crm.lead"]._score_fields()}.intersection(field_paths(domain)):
            return self.env._(
                "“%(field)s” is itself made from these rules. Choose what makes it high instead.", field=min(circular)
            )
        if unknown := next(unknown_fields(model, domain), None):
            name = self.env["ir.model"]._get(unknown[0]._name).name
            return self.env._("%(model)s has no field “%(field)s”. Choose another one.", model=name, field=unknown[1])
        if unknown := self._unknown_property(model, domain):
            return self.env._("no property is called “%(name)s”. Choose another one.", name=unknown)
        try:
            domain.validate(model)
            with self.env.cr.savepoint():
                model.search(domain, limit=1)
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
