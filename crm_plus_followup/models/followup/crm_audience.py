import ast
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.addons.crm_plus.engine.checks import named_values
from odoo.addons.crm_plus.services import copies
from odoo.addons.crm_plus.services.arguments import argument
from odoo.addons.crm_plus.services.definer import asked_by
from odoo.addons.crm_plus.services.job import installation
from odoo.addons.crm_plus.services.sql import array_text
from odoo.addons.crm_plus.services.trial import trial
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, clean_context, format_list

from ...services.followup.limits import contacted_too_often

# The model whose records are counted, per kind, and the fields that say who they are.
MODELS = {"customer": "crm.customer.profile", "contact": "res.partner", "lead": "crm.lead"}
# How many examples are named.
EXAMPLES = 5
# In larger audiences nobody is looked at one by one while the form is open.
MOST_TOLD = 20_000
# Days after which a selection that nothing uses is forgotten.
KEPT = 30
# What conditions that cannot be asked raise.
UNREADABLE = (ValueError, SyntaxError, TypeError, KeyError, UserError)


class CrmAudience(models.Model):
    """A set of customers, contacts or leads by conditions, found anew whenever it is asked for: with the rights of
    whoever wrote the conditions, in one company."""

    _name = "crm.audience"
    _inherit = ["crm.condition.mixin", "crm.readable.mixin", "crm.reach.mixin"]
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
    segment_id = fields.Many2one(
        "crm.segment", readonly=True, copy=False, ondelete="set null", help="Whose customers these are."
    )
    tier_id = fields.Many2one(
        "crm.tier", readonly=True, copy=False, ondelete="set null", help="Whose customers these are."
    )
    is_selection = fields.Boolean(
        "Selection",
        readonly=True,
        copy=False,
        help="Customers that somebody chose in a list: forgotten when nothing uses it.",
    )
    member_count = fields.Integer(
        "Members", compute="_compute_members", help="Who is in the audience now, counted with your rights."
    )
    examples = fields.Char("For example", compute="_compute_members")
    reach_note = fields.Text("Can be written to", compute="_compute_reach_note")
    problem = fields.Char("Problem with the conditions", compute="_compute_members")

    _segment_unique = models.UniqueIndex("(company_id, segment_id) WHERE segment_id IS NOT NULL")
    _tier_unique = models.UniqueIndex("(company_id, tier_id) WHERE tier_id IS NOT NULL")

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
        "behavior_ids.category_ids", "behavior_ids.text", "behavior_ids.date_field",
    )  # fmt: skip
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_members(self):
        for audience in self:
            audience.member_count, audience.examples, audience.problem = audience._counted()

    @api.depends(lambda self: [*self._conditions, "addressee"])
    @api.depends_context("lang")
    def _compute_reach_note(self):
        for audience in self:
            few = isinstance(audience.id, int) and not audience.problem and 0 < audience.member_count <= MOST_TOLD
            audience.reach_note = few and audience._reach_told()

    def _reach_told(self):
        """How many can be written to by email, and why the others cannot."""
        # sudo: numbers only, of those whom the author of the conditions finds
        audience = self.sudo()
        found = audience._recipients()
        left_out = audience._left_out(found)
        count = len(found) - sum(map(len, left_out.values()))
        numbers = {why: len(records) for why, records in left_out.items()}
        numbers[self.env._("contacted too often")] = len(audience._too_often(found))
        numbers[self.env._("archived")] = audience._archived_count()
        lines = [self.env._("By email: %(count)s of %(all)s", count=count, all=len(found))]
        return "\n".join(lines + [f"{why}: {number}" for why, number in numbers.items() if number])

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
                    self.env._("“%(name)s”: the conditions cannot be read: %(error)s", name=audience.name, error=error)
                ) from error

    def write(self, vals):
        """With other conditions it is no longer the audience of a segment or tier."""
        if not self.env.su and not vals.keys().isdisjoint(self._conditions):
            vals = {"segment_id": False, "tier_id": False, **vals}
        return super().write(vals)

    def copy_data(self, default=None):
        return copies.named(self.env, super().copy_data(default), default)

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

    def save_question(self, vals):
        """What to ask before an audience of active rules is saved with these values; False when none is."""
        self.ensure_one()
        self.check_access("write")
        vals = argument(self.env, "vals", vals, named_values)
        rules = self.env["crm.followup.rule"].search([("audience_id", "=", self.id), ("state", "=", "active")])
        if not rules or vals.keys().isdisjoint((*self._conditions, "addressee")):
            return False
        names, before = format_list(self.env, rules.mapped("name")), self.member_count
        with trial(self.env):
            self.write(vals)
            self.env.flush_all()
            after = self._counted()[0]
        return self.env._(
            "Active rules go by this audience: %(rules)s.\nMembers so far: %(before)s. With these changes: %(after)s.",
            rules=names, before=before, after=after,
        )  # fmt: skip

    # ------------------------------------------------------------------ of what people see elsewhere

    def _reach_audience(self):
        self.ensure_one()
        self.check_access("read")
        return self

    def _reach_set(self):
        self.ensure_one()
        model, domain = self._asked_for()
        return self.name, self.model_name, Domain("id", "in", model.search(domain).ids)

    @api.model
    def _of_group(self, group, company):
        """The audience of a segment or tier in a company: who is in it now, whoever asks."""
        name = group._of_audience
        # sudo: who reads a segment or tier may know how many are in it and have it written to, as it counts them
        # Defaults in the context of whoever asks say nothing of whom it means.
        audiences = self.with_context(clean_context(self.env.context)).with_user(SUPERUSER_ID)
        audiences = audiences.with_context(active_test=False)
        found = audiences.search([(name, "=", group.id), ("company_id", "=", company.id)], limit=1)
        if not found:
            found = audiences.create(
                {
                    "name": group.name,
                    "company_id": company.id,
                    "kind": "customer",
                    "domain": repr(group._audience_conditions()),
                    name: group.id,
                }
            )
        return found.with_env(self.env)

    @api.model
    def _of_selection(self, name, domain):
        """An audience of the customers that somebody chose in a list."""
        values = {
            "name": name,
            "active": False,
            "is_selection": True,
            "company_id": self.env.company.id,
            "domain": repr(domain),
        }
        # sudo: whoever sees the customers may do with them what they have rights for; the conditions ask with theirs
        made = self.sudo().with_context(clean_context(self.env.context)).create(values)
        return made.with_env(self.env)

    @api.autovacuum
    def _gc_selections(self):
        """Forget selections that nothing uses."""
        before = fields.Datetime.now() - timedelta(days=KEPT)
        for audience in self.with_context(active_test=False).search(
            [("is_selection", "=", True), ("active", "=", False), ("create_date", "<", before)]
        ):
            if not audience._is_used():
                audience.unlink()

    def _place(self):
        """The segment or tier whose customers these are, if there is one."""
        return self.segment_id or self.tier_id

    def _reasons(self, runs, user):
        """``{run: why its customer is in the segment or tier, or was}``, as this user may read it, in the language of
        the context."""
        place = self._place()
        if not place:
            return {}
        stays = self.env[place._stays].search(
            [
                (self.env[place._stays]._place, "=", place.id),
                ("company_id", "=", self.company_id.id),
                ("partner_id", "in", runs.partner_id.ids),
            ],
            order="date_from, id",
        )
        latest = {stay.partner_id: stay for stay in stays}
        found = {run: latest.get(run.partner_id) for run in runs}
        # sudo: what the text leaves out is what this user may not read
        reasons = {run: (stay.with_user(user), stay.sudo().reason or {}) for run, stay in found.items() if stay}
        return {run: stay._reason_to_text(reason) for run, (stay, reason) in reasons.items()}

    def _is_used(self):
        """Whether anything refers to it; intended to be extended."""
        rules = self.env["crm.followup.rule"].with_context(active_test=False)
        return bool(rules.search_count([("audience_id", "in", self.ids)], limit=1))

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

    def _addressees(self, partner):
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
        return self._last_orderers(customer).with_env(self.env)

    def _last_orderers(self, customers):
        """The contact of each of these customers who ordered last."""
        orders = self.env["sale.order"].sudo()  # sudo: which contact ordered; nothing else of the order is shown
        rows = orders._read_group(
            [("partner_id.commercial_partner_id", "in", customers.ids), ("company_id", "=", self.company_id.id),
             ("state", "=", "sale")],
            ["partner_id"], ["date_order:max"],
        )  # fmt: skip
        latest = {}
        for partner, _moment in sorted(rows, key=lambda row: (row[1], row[0].id)):
            latest[partner.commercial_partner_id] = partner
        return customers.browse([partner.id for partner in latest.values()])

    # ------------------------------------------------------------------ who is written to, all at once

    def _recipients(self):
        """The leads, or the contacts to write to, as of now: all of them, whether they can be written to or not."""
        self.ensure_one()
        if self.kind == "lead":
            model, domain = self._asked_for()
            return model.search(domain).sudo()
        # Hundreds of thousands of profiles are not read for one column of theirs.
        rows = self.env.execute_query(self._members_sql())
        # sudo: who belongs here is found with the rights of the author of the conditions, and is written to.
        return self._to_write_to(self.env["res.partner"].sudo().browse(row[0] for row in rows))

    def _recipients_sql(self):
        """SQL: the ids of `_recipients`; where the members themselves are written to, they are not read for it."""
        if self.kind != "lead" and self.addressee == "customer":
            return SQL("SELECT partner_id FROM (%s) members", self._members_sql())
        return SQL("SELECT unnest(%s::int[])", array_text(self._recipients().ids))

    def _to_write_to(self, partners):
        """The contacts of these customers to whom the audience writes; of whom there is none, the customer."""
        if self.addressee == "customer":
            return partners
        if self.addressee == "all":
            return partners | partners.search([("commercial_partner_id", "in", partners.commercial_partner_id.ids)])
        if self.addressee == "invoice":
            found = partners.search(
                [("commercial_partner_id", "in", partners.commercial_partner_id.ids), ("type", "=", "invoice")]
            )
        else:
            found = self._last_orderers(partners.commercial_partner_id)
        served = found.commercial_partner_id
        return found | partners.filtered(lambda partner: partner.commercial_partner_id not in served)

    def _too_often(self, records):
        """Those of these recipients whose customer has been contacted as often as the limits allow."""
        customer_of = {
            r: (r.partner_id if r._name == "crm.lead" else r).commercial_partner_id.id or -r.id for r in records
        }
        ids = contacted_too_often(self.env(su=True), self.company_id, list(set(customer_of.values())))
        return records.filtered(lambda record: customer_of[record] in ids)

    @api.model
    def _left_out(self, records, channel="email"):
        """``{why in words: those of these recipients who cannot be written to by it}``, each once."""
        by_phone = channel == "sms"
        address, blacklist, column = (
            ("phone_sanitized", self.env["phone.blacklist"], "number")
            if by_phone
            else ("email_normalized", self.env["mail.blacklist"], "email")
        )
        records.flush_model([address])
        blacklist.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id, COALESCE(r.%(address)s, '') = '' FROM %(table)s r
                    WHERE r.id = ANY(%(ids)s) AND (COALESCE(r.%(address)s, '') = ''
                          OR EXISTS (SELECT FROM %(blacklist)s b WHERE b.active AND b.%(column)s = r.%(address)s))""",
                address=SQL.identifier(address),
                table=SQL.identifier(records._table),
                ids=list(records._ids),
                blacklist=SQL.identifier(blacklist._table),
                column=SQL.identifier(column),
            )
        )
        no_address = self.env._("no phone number") if by_phone else self.env._("no email address")
        return {
            no_address: records.browse(record_id for record_id, is_without in rows if is_without),
            self.env._("opted out"): records.browse(record_id for record_id, is_without in rows if not is_without),
        }

    def _archived_count(self):
        """Customers whom a segment or tier counts, and who are archived: nobody writes to them."""
        group = self._place()
        if not group:
            return 0
        # sudo: how many there are, which the segment or tier shows as well
        profiles = self.env["crm.customer.profile"].sudo()
        here = Domain(group._audience_conditions()) & Domain("company_id", "=", self.company_id.id)
        return profiles.search_count(here & Domain("partner_id.active", "=", False))
