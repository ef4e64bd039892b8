import logging

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_list

from ...engine.customer.rfm import RfmScore
from ...engine.loyalty.segments import check_cover, segment_of
from ...services import copies
from ...services.customer.limits import few_text
from ...services.loyalty.segment_moves import MovesByHand, SegmentMoves
from ...services.plain_errors import plain

_logger = logging.getLogger(__name__)

KINDS = [
    ("rfm", "RFM scores"),
    ("domain", "Conditions"),
    ("cluster", "Clusters"),
    ("manual", "Manually"),
]


class CrmSegmentFamily(models.Model):
    """Segments that exclude each other: a customer is in one segment of a family at most.

    A company uses one family of RFM scores, its own or else the shared one: the segment in it is *the* segment of a
    customer. Its boxes of scores are edited together, since they must cover every score exactly once.
    """

    _name = "crm.segment.family"
    _inherit = ["crm.preview.mixin", "crm.readable.mixin"]
    _description = "Segment group"
    _lines = ("segment_ids", "region_ids")
    _deciding = frozenset({"kind", "company_id", "segment_ids", "region_ids"})
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(KINDS, "Assigned by", required=True, default="domain")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    rules_date = fields.Date(
        "Rules changed on",
        readonly=True,
        copy=False,
        help="The minimum time between changes does not apply when the rules have changed.",
    )
    few_note = fields.Char("Note on few customers", compute="_compute_few_note")
    segment_ids = fields.One2many("crm.segment", "family_id", "Segments")
    region_ids = fields.One2many("crm.segment.region", "family_id", "RFM score ranges")

    @api.depends("kind")
    @api.depends_context("company")
    def _compute_few_note(self):
        for family in self:
            # sudo: how many customers there are is on every screen of those who read segments
            is_ranked = family.kind == "rfm" and family._applies_to(self.env.company)
            family.few_note = (is_ranked and few_text(self.env, self.env.company.sudo())) or False

    @api.constrains("kind", "company_id")
    def _check_one_rfm_family(self):
        for family in self.filtered(lambda family: family.kind == "rfm"):
            if self.search_count([("kind", "=", "rfm"), ("company_id", "=", family.company_id.id)]) > 1:
                raise ValidationError(
                    self.env._("There already is a segment group for RFM scores. Change its segments instead.")
                )

    @api.constrains("kind", "company_id")
    def _check_clusters_of_a_company(self):
        for family in self.filtered(lambda family: family.kind == "cluster" and not family.company_id):
            raise ValidationError(self.env._("“%s”: choose a company. Each company has its own clusters.", family.name))

    @api.model_create_multi
    def create(self, vals_list):
        own = {"company_id": self.env.company.id}
        return super().create([own | vals if vals.get("kind") == "cluster" else vals for vals in vals_list])

    def write(self, vals):
        self._check_same_kind(vals.get("kind"))
        result = super().write(vals)
        if "company_id" in vals:
            # Whoever gives the conditions to other companies answers for what is asked there.
            segments = self.with_context(active_test=False).segment_ids
            segments.filtered(lambda segment: segment.kind == "domain").action_take_over()
        if self._decided_by(vals):
            self._rules_changed()
        return result

    def _check_same_kind(self, kind):
        """Stays that were assigned in another way would be in the way of those to come."""
        changed = self.filtered(lambda family: kind and family.kind != kind)
        # sudo: whether there are any, in whatever company; the family is one the user changes.
        if stay := self.env["crm.segment.membership"].sudo().search([("family_id", "in", changed.ids)], limit=1):
            raise ValidationError(
                self.env._(
                    "“%(family)s”: customers have been in its segments, so “Assigned by” cannot be changed. Create "
                    "another segment group.",
                    family=stay.family_id.name,
                )
            )

    def copy_data(self, default=None):
        return copies.named(self.env, super().copy_data(default), default)

    def _rules_changed(self):
        """Customers are assigned anew soon; whether the boxes cover every score is checked when the transaction ends.

        Not earlier, so that one save may change several boxes, or several segments, in any order.
        """
        self.filtered(lambda family: family.rules_date != fields.Date.today()).rules_date = fields.Date.today()
        self.env["crm.job"]._wake("ir_cron_refresh_profiles")
        precommit = self.env.cr.precommit
        if "crm_plus.cover" not in precommit.data:
            precommit.data["crm_plus.cover"] = self.browse()
            precommit.add(lambda: precommit.data.pop("crm_plus.cover").exists()._check_cover())
        # sudo: the check reads boxes only.
        precommit.data["crm_plus.cover"] |= self.sudo()

    def _check_cover(self):
        for family in self:
            if problem := family._cover_problem():
                raise ValidationError(problem)

    def _cover_problem(self):
        """Which scores no active segment of an RFM family has, or which several have; empty if all is well."""
        self.ensure_one()
        if self.kind != "rfm" or not self.segment_ids.filtered(lambda segment: segment.state == "active"):
            return ""
        cover = check_cover(self._regions())
        lines = [self._defect_text(defect) for defect in (*cover.gaps, *cover.overlaps)]
        summary = self.env._(
            "Every score combination must be in exactly one active segment. Change the score ranges of the segment "
            "group “%(family)s” together:",
            family=self.name,
        )
        return "\n".join([summary, *lines]) if lines else ""

    def _defect_text(self, defect):
        place = {
            "recency": defect.recency,
            "frequency": defect.frequency,
            "monetary": f"{defect.m_min}-{defect.m_max}" if defect.m_min != defect.m_max else defect.m_min,
        }
        if not defect.owners:
            return self.env._("R=%(recency)s F=%(frequency)s M=%(monetary)s is in no segment.", **place)
        return self.env._(
            "R=%(recency)s F=%(frequency)s M=%(monetary)s is in several: %(names)s.",
            names=format_list(self.env, defect.owners),
            **place,
        )

    def _regions(self, state="active"):
        """The boxes of the segments in this state as values of the engine."""
        # On a form the segments are edited copies, but the boxes still point at the saved ones.
        segments = self.segment_ids.filtered(lambda segment: segment.state == state)._origin
        return [box._region() for box in self.region_ids if box.segment_id._origin in segments and box._is_possible()]

    @api.model
    def _families_of(self, company):
        """The families that apply to a company; of those of RFM scores its own, once it has active segments, or else
        the shared one."""
        families = self._families_for(company)
        in_use = families.filtered(lambda family: family.kind == "rfm")
        in_use = in_use.sorted(lambda family: (not family._segments("active"), not family.company_id))[:1]
        return families.filtered(lambda family: family.kind != "rfm" or family == in_use)

    @api.model
    def _families_for(self, company):
        """`_families_of`, and the other one of RFM scores, whose drafts work in the shadow.

        RFM scores come first, since conditions may ask for that segment.
        """
        return self.search([("company_id", "in", [company.id, False])]).sorted(lambda family: family.kind != "rfm")

    # ------------------------------------------------------------------ who is where

    def _assign(self, company, scope, most=None):
        """Move the customers of the company (``scope``: a condition on the profiles ``p``) to where they belong, at
        most so many of a family, before those of the next; whether all are there.

        Whatever is wrong with a segment is shown on it; the other families and the profiles are not affected.
        """
        in_use = self._families_of(company)
        for family in self:
            is_done = True
            try:
                with self.env.cr.savepoint(flush=False):
                    if family in in_use:
                        is_done = SegmentMoves(family, company, scope).run(most)
                    if is_done and family._has_shadow(company):
                        is_done = SegmentMoves(family, company, scope, shadow=True).run(most)
                problems = family._resting(company)
            except (ValueError, psycopg2.DataError, psycopg2.ProgrammingError) as error:
                _logger.info("Segments of %s are not assigned: %s", family.name, error)
                problems = dict.fromkeys(family.segment_ids.filtered(lambda s: s.kind != "rfm"), plain(self.env, error))
            for segment in family.segment_ids:
                if segment.rule_error != (problem := problems.get(segment, False)):
                    segment.rule_error = problem
            if not is_done:
                return False
        return True

    def _main_moves(self, company, scope, stage):
        """The moves of the family of RFM scores that a company uses, if there is one."""
        family = self._families_of(company).filtered(lambda family: family.kind == "rfm")
        return [SegmentMoves(family, company, scope, stage)] if family else []

    @api.model
    def _segment_of_scores(self, company, code):
        """The segment in which a company has customers of three scores such as "543"; none if it has no such family."""
        family = self._families_of(company).filtered(lambda family: family.kind == "rfm")
        if not family._segments("active"):
            return family.segment_ids.browse()
        region = segment_of(RfmScore(*map(int, code)), family._regions())
        return family.segment_ids.filtered(lambda segment: segment.code == region.code)

    def _resting(self, company):
        """``{segment: why}`` of those whose conditions cannot be asked in a company: nobody enters or leaves them."""
        problems = {}
        for segment in self.segment_ids.filtered(lambda s: s.kind == "domain" and s.state != "archived"):
            try:
                segment._profiles_query(company)
            except (ValueError, UserError) as error:
                problems[segment] = plain(self.env, error)
        return problems

    def _segments(self, state):
        return self.segment_ids.filtered(lambda segment: segment.state == state)

    def _has_shadow(self, company):
        if self._segments("draft"):
            return True
        return bool(
            self.env["crm.segment.membership"].search_count(
                [
                    ("company_id", "=", company.id),
                    ("family_id", "=", self.id),
                    ("shadow", "=", True),
                    ("date_to", "=", False),
                ],
                limit=1,
            )
        )

    def _move_by_hand(self, profiles, segment, text):
        """Move these customers to the segment, or out of where they are, and keep who did so and why."""
        self.check_access("write")
        profiles.check_access("read")
        self.env.flush_all()
        for company, mine in profiles.grouped("company_id").items():
            # sudo: stays are written by nobody; the user may change the family and read these profiles.
            MovesByHand(self.sudo(), company, mine, segment, text).run()

    # ------------------------------------------------------------------ previews

    def _applies_to(self, company):
        return self._origin in self._families_of(company)

    def _preview_moves(self, company):
        self._check_cover()
        rows = self.env.execute_query(
            SQL(
                """SELECT old, new, FALSE, count(*) FROM (%s) m WHERE old IS DISTINCT FROM new
                    GROUP BY old, new ORDER BY count(*) DESC, old, new""",
                SegmentMoves(self, company, SQL("TRUE")).query(),
            )
        )
        return self._name_moves(self.env["crm.segment"], rows)
