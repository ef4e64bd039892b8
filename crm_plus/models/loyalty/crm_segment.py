import ast
import re
from itertools import chain, count

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...services import copies
from ...services.plain_errors import plain


class CrmSegment(models.Model):
    """A named group of customers and what follows from being in it.

    A draft works in the shadow: its customers are counted and its moves recorded, beside the active segments and
    without touching them, but nothing follows.
    """

    _name = "crm.segment"
    _inherit = ["crm.customer.group.mixin", "crm.condition.mixin", "crm.preview.mixin", "crm.readable.mixin"]
    _description = "Customer segment"
    _lines = ("region_ids",)
    _deciding = frozenset({"family_id", "state", "active", "sequence", "domain", "cluster_code", "region_ids"})
    _order = "family_id, sequence, id"
    _stays = "crm.segment.membership"

    code = fields.Char(required=True, copy=False, compute="_compute_code", store=True, readonly=False, precompute=True)
    family_id = fields.Many2one(
        "crm.segment.family", required=True, index=True, ondelete="cascade", string="Segment group"
    )
    kind = fields.Selection(related="family_id.kind", store=True)
    company_id = fields.Many2one(related="family_id.company_id", store=True, ondelete="cascade")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("archived", "Archived")],
        required=True,
        default="draft",
        copy=False,
        help="Draft: customers are counted and moves are recorded, but nothing is given and no rule follows up.",
    )
    active = fields.Boolean(compute="_compute_active", inverse="_inverse_active", store=True, readonly=False)
    sequence = fields.Integer("Priority", help="A customer who matches several segments is placed in the first one.")
    description = fields.Text("Recommended actions", translate=True)

    region_ids = fields.One2many("crm.segment.region", "segment_id", "RFM score ranges", copy=True)
    domain = fields.Char("Conditions", default="[]", help="Customers whose profile meets the conditions.")
    cluster_code = fields.Integer("Cluster", help="Number of the cluster whose customers this segment has.")

    rule_error = fields.Text("Problem with the conditions", readonly=True, copy=False)
    membership_ids = fields.One2many("crm.segment.membership", "segment_id", "Stays")

    _code_unique = models.Constraint(
        "UNIQUE (family_id, code)", "Another segment of the group has this code. Choose a different one."
    )

    @api.depends("name")
    def _compute_code(self):
        for segment in self:
            segment.code = segment.code or (segment.name and segment._free_code(_as_code(segment.name)))

    @api.depends("state")
    def _compute_active(self):
        for segment in self:
            segment.active = segment.state != "archived"

    def _inverse_active(self):
        for segment in self:
            if segment.active == (segment.state == "archived"):
                segment.state = "draft" if segment.active else "archived"

    @api.constrains("domain")
    def _check_domain(self):
        for segment in self.filtered(lambda segment: segment.kind == "domain"):
            try:
                segment._check_definer("crm.customer.profile", segment._profile_domain())
            except (ValueError, SyntaxError, TypeError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "“%(name)s”: the conditions cannot be read: %(error)s",
                        name=segment.name,
                        error=plain(self.env, error),
                    )
                ) from error

    def copy_data(self, default=None):
        """A copy has a code of its own."""
        vals_list = copies.named(self.env, super().copy_data(default), default)
        for segment, vals in zip(self, vals_list, strict=True):
            vals.setdefault("code", segment._free_code(segment.code))
        return vals_list

    def _free_code(self, code):
        """The code, with a number if another segment of the family has it."""
        taken = set((self.family_id.with_context(active_test=False).segment_ids - self).mapped("code"))
        taken |= {self.code} if self.code == code else set()
        candidates = chain([code], (f"{code}_{number}" for number in count(2)))
        return next(candidate for candidate in candidates if candidate not in taken)

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments.family_id._rules_changed()
        return segments

    def write(self, vals):
        families = self.family_id
        result = super().write(vals)
        if self._decided_by(vals):
            (families | self.family_id)._rules_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_without_history(self):
        if self.env["crm.segment.membership"].search_count([("segment_id", "in", self.ids)], limit=1):
            raise ValidationError(
                self.env._(
                    "Archive segments that had customers instead of deleting them, so that "
                    "their history stays readable."
                )
            )

    def unlink(self):
        families = self.family_id
        result = super().unlink()
        families._rules_changed()
        return result

    def action_activate(self):
        self.state = "active"

    def action_draft(self):
        self.state = "draft"

    def _customer_counts(self, company):
        present = self._present() & Domain("company_id", "=", company.id)
        return dict(self.env["crm.segment.membership"]._read_group(present, ["segment_id"], ["__count"]))

    def _customers_domain(self):
        return Domain("membership_ids", "any", self._present())

    def _present(self):
        """The stays that last, drafts included: they count customers as well."""
        return Domain("segment_id", "in", self.ids) & Domain("date_to", "=", False)

    def _profile_domain(self):
        """Which profiles belong here by the segment's own rule, RFM scores apart."""
        self.ensure_one()
        if self.kind == "cluster":
            return Domain("cluster_id.code", "=", self.cluster_code)
        return Domain(ast.literal_eval(self.domain or "[]")) if self.kind == "domain" else Domain.FALSE

    def _profiles_query(self, company):
        """The query of the profiles that belong here by `_profile_domain`, as whoever wrote the conditions may ask."""
        domain = self._profile_domain()
        if self.kind == "domain":
            return self._asked("crm.customer.profile", domain, company)._search(domain)
        return self.env["crm.customer.profile"]._search(domain, bypass_access=True)

    def _is_for(self, company):
        """SQL: whether a profile ``p``, whose stay in the family is ``c``, belongs here by the conditions. As long as
        they cannot be asked, who is here stays."""
        try:
            return SQL("p.id IN %s", self._profiles_query(company).subselect())
        except (ValueError, UserError):
            return SQL("c.segment_id = %s", self._origin.id)

    def _add_customers(self, profiles, text=""):
        """Put customers into a segment that is filled by hand; they leave any other one of its family."""
        self._check_by_hand(profiles)
        self.family_id._move_by_hand(profiles, self, text)

    def _remove_customers(self, profiles, text=""):
        """Take customers out of a segment that is filled by hand; who is not in it stays where they are."""
        self._check_by_hand(profiles)
        here = self._customers_domain() & Domain("id", "in", profiles.ids)
        self.family_id._move_by_hand(profiles.search(here), self.browse(), text)

    def _check_by_hand(self, profiles):
        self.ensure_one()
        if (
            self.kind != "manual"
            or self.state != "active"
            or (self.company_id and profiles.company_id - self.company_id)
        ):
            raise ValidationError(
                self.env._(
                    "“%(segment)s”: customers can be added manually only to active segments of a manual segment "
                    "group, and of their own company.",
                    segment=self.name,
                )
            )

    # ------------------------------------------------------------------ previews

    def preview_changes(self, vals):
        """Also ``follows``, the names of what is given to who enters the segment; intended to be extended."""
        result = super().preview_changes(vals)
        # sudo: names only, of what the form shows
        segment = self.sudo()
        benefits = [segment[name] for name in ("tag_id", "pricelist_id")]
        return {**result, "follows": [benefit.display_name for benefit in benefits if benefit]}

    def _preview_written(self, vals):
        """A draft moves nobody: what is previewed is that it is active, unless it is about to become one. The form of
        a new one says that it is a draft, which it is not about to become."""
        segment = super()._preview_written(vals)
        if segment.state == "draft" and ("state" not in vals or not self):
            segment.state = "active"
        return segment

    def _applies_to(self, company):
        return self.family_id._applies_to(company)

    def _preview_moves(self, company):
        return self.family_id._preview_moves(company)


def _as_code(name):
    """A name as a code: what it is called in letters and digits, whatever the script.

    >>> _as_code("Win back!"), _as_code("مشتری خوب")
    ('win_back', 'مشتری_خوب')
    """
    return "_".join(re.findall(r"\w+", name.lower())) or "segment"
