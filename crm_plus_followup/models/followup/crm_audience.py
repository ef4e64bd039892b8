import ast

from odoo import api, fields, models
from odoo.addons.crm_plus.services.definer import asked_by
from odoo.addons.crm_plus.services.job import installation
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

# The model whose records are counted, per kind, and the fields that say who they are.
MODELS = {"customer": "crm.customer.profile", "contact": "res.partner", "lead": "crm.lead"}
# How many examples are named.
EXAMPLES = 5
# What conditions that cannot be asked raise.
UNREADABLE = (ValueError, SyntaxError, TypeError, KeyError, UserError)


class CrmAudience(models.Model):
    """A set of customers, contacts or leads by conditions, found anew whenever it is asked for: with the rights of
    whoever wrote the conditions, in one company."""

    _name = "crm.audience"
    _inherit = ["crm.condition.mixin", "crm.readable.mixin"]
    _description = "Audience"
    _order = "sequence, id"
    _lines = ("behavior_ids",)
    _conditions = ("kind", "domain", "excluded_domain", "behavior_ids", "company_id")

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("customer", "Customers"), ("contact", "Contacts and prospects"), ("lead", "Leads")],
        "Made of",
        required=True,
        default="customer",
        help="Customers have ordered at least once. Contacts are all people and companies you know of.",
    )
    model_name = fields.Char("Model", compute="_compute_model_name")
    domain = fields.Char("Who belongs here", default="[]")
    excluded_domain = fields.Char("Except", default="[]", help="Who meets these conditions does not belong here.")
    behavior_ids = fields.One2many("crm.audience.behavior", "audience_id", "What they did", copy=True)
    addressee = fields.Selection(
        [
            ("customer", "The customer"),
            ("orderer", "The contact who ordered last"),
            ("invoice", "The invoice contacts"),
            ("all", "The customer and all contacts"),
        ],
        "Whom to write to",
        required=True,
        default="customer",
    )
    member_count = fields.Integer("Members", compute="_compute_members")
    examples = fields.Char("For example", compute="_compute_members")
    problem = fields.Char("Problem with the conditions", compute="_compute_members")

    def init(self):
        """People work while this is installed: the keys that refer to the host's tables are made one by one."""
        if self.pool._is_install:
            self.pool.post_init(installation.refer_to_host_tables, self.env)

    @api.depends("kind")
    def _compute_model_name(self):
        for audience in self:
            audience.model_name = MODELS.get(audience.kind)

    @api.depends(
        "kind", "domain", "excluded_domain", "company_id", "behavior_ids.kind", "behavior_ids.done",
        "behavior_ids.days", "behavior_ids.channel_ids", "behavior_ids.direction", "behavior_ids.product_ids",
        "behavior_ids.category_ids",
    )  # fmt: skip
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_members(self):
        for audience in self:
            audience.member_count, audience.examples, audience.problem = audience._counted()

    def _counted(self):
        """(how many, a few names the user may read, what is wrong): as of now, conditions that are not saved too."""
        if not self.company_id or not self.kind:
            return 0, False, False
        try:
            with self.env.cr.savepoint():
                model, domain = self._asked_for()
                found = model.search(domain, limit=4 * EXAMPLES)
                count = model.search_count(domain)
        except UNREADABLE as error:
            return 0, False, str(error).splitlines()[0] if str(error) else self.env._("cannot be read")
        named = found.with_env(self.env(su=False))._filtered_access("read")[:EXAMPLES]
        return count, format_list(self.env, named.mapped("display_name")) if named else False, False

    @api.constrains("kind", "domain", "excluded_domain", "company_id")
    def _check_conditions(self):
        for audience in self:
            try:
                model, domain = audience._asked_for()
                model._search(domain)
            except AccessError as error:
                raise AccessError(
                    self.env._("“%(name)s”: %(problem)s Choose another field.", name=audience.name, problem=error)
                ) from error
            except UNREADABLE as error:
                raise ValidationError(
                    self.env._(
                        "“%(audience)s”: the conditions cannot be read: %(error)s", audience=audience.name, error=error
                    )
                ) from error

    def copy_data(self, default=None):
        named = "name" in (default or {})
        vals_list = super().copy_data(default)
        for vals in vals_list if not named else ():
            vals["name"] = self.env._("%s (copy)", vals["name"])
        return vals_list

    def action_open_members(self):
        """Who belongs here now, as far as the user may see them."""
        self.ensure_one()
        self.check_access("read")
        model, domain = self._asked_for()
        ids = model.search(domain).ids
        if self.kind == "customer":
            return self.env["crm.customer.profile"]._action_customers(
                self.name, Domain("id", "in", ids), self.company_id
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.model_name,
            "view_mode": "list,form",
            "domain": [("id", "in", ids)],
        }

    def _take_over_all(self):
        """The conditions ask with the rights of the current user from now on."""
        for audience in self:
            audience.write({"domain": audience.domain})

    # ------------------------------------------------------------------ who belongs here

    def _definer(self):
        """Whose rights count: of conditions that are only being edited, those of whoever edits them."""
        # sudo: who the definer is; what they may read is asked with their rights.
        definer = self.sudo().definer_id if isinstance(self.id, int) else self.env.user
        return definer.with_env(self.env)

    def _asked_for(self, extra=Domain.TRUE):
        """(the model as the definer sees it, the whole condition): those of the audience and ``extra``."""
        self.ensure_one()
        domain = Domain(ast.literal_eval(self.domain or "[]"))
        excluded = ast.literal_eval(self.excluded_domain or "[]")
        if excluded:
            domain &= ~Domain(excluded)
        asked = asked_by(self.env[MODELS[self.kind]].sudo(False), self._definer(), self.company_id, domain & extra)
        for behavior in self.behavior_ids:
            domain &= behavior._condition(self)
        return asked, domain & extra & self._everybody()

    def _everybody(self):
        """Who may be in an audience of this kind at all."""
        if self.kind == "customer":
            # sudo: only that archived customers are none; a small list that PostgreSQL keeps at hand.
            archived = self.env["res.partner"].sudo()._search([("active", "=", False)])
            return Domain("company_id", "=", self.company_id.id) & Domain("partner_id", "not in", archived)
        shared = Domain("company_id", "in", [self.company_id.id, False])
        return shared & Domain("partner_share", "=", True) if self.kind == "contact" else shared

    def _members_sql(self, extra=Domain.TRUE):
        """SQL: (partner_id, lead_id) of all members; one of them is the key."""
        model, domain = self._asked_for(extra)
        query = model._search(domain)
        model.env.flush_all()
        columns = {
            "customer": ("partner_id", SQL("NULL::int")),
            "contact": ("id", SQL("NULL::int")),
            "lead": ("partner_id", SQL.identifier(model._table, "id")),
        }[self.kind]
        return query.select(
            SQL("%s AS partner_id", SQL.identifier(model._table, columns[0])), SQL("%s AS lead_id", columns[1])
        )

    def _addressees(self, partner, lead=None):
        """The contacts to write to: of a lead without a customer there is none, and the lead itself is written to."""
        if not partner:
            return partner
        customer = partner.commercial_partner_id
        found = {
            "customer": lambda: partner,
            "orderer": lambda: self._last_orderer(customer),
            "invoice": lambda: customer.child_ids.filtered(lambda contact: contact.type == "invoice"),
            "all": lambda: customer | customer.child_ids,
        }[self.addressee]()
        return found or partner

    def _last_orderer(self, customer):
        # sudo: which contact ordered; the rule writes to them, whoever may read the order.
        orders = self.env["sale.order"].sudo()
        mine = [
            ("partner_id.commercial_partner_id", "=", customer.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "sale"),
        ]
        return orders.search(mine, order="date_order desc, id desc", limit=1).partner_id.with_env(self.env)
