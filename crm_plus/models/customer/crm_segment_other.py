from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.search import search_method


class CrmCustomerProfile(models.Model):
    """The segments of a customer in the other families than that of RFM scores, one of each at most."""

    _inherit = "crm.customer.profile"

    other_segment_ids = fields.Many2many(
        "crm.segment", string="Other segments", compute="_compute_other_segment_ids",
        search="_search_other_segment_ids", help="By conditions, by cluster or by hand.",
    )  # fmt: skip

    @api.model
    def _other_stays(self):
        return Domain("family_id.kind", "!=", "rfm") & Domain("shadow", "=", False) & Domain("date_to", "=", False)

    @api.depends("membership_ids.segment_id", "membership_ids.date_to")
    def _compute_other_segment_ids(self):
        stays = self.env["crm.segment.membership"].search(self._other_stays() & Domain("profile_id", "in", self.ids))
        found = stays.grouped("profile_id")
        for profile in self:
            profile.other_segment_ids = found.get(profile, stays.browse()).segment_id.sorted()

    @api.model
    @search_method
    def _search_other_segment_ids(self, operator, value):
        if operator.startswith("not"):
            return NotImplemented
        found = Domain("membership_ids", "any", self._other_stays() & Domain("segment_id", operator, value))
        nowhere = operator == "in" and False in value
        return found | ~Domain("membership_ids", "any", self._other_stays()) if nowhere else found

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "other_segment_ids":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._check_field_access(self._fields[groupby_spec], "read")
        stays = self.env["crm.segment.membership"]._search(self._other_stays())
        stay = query.make_alias(alias, "other_stay")
        query.add_join(
            "LEFT JOIN",
            stay,
            stays.subselect("profile_id", "segment_id"),
            SQL("%s = %s", SQL.identifier(stay, "profile_id"), SQL.identifier(alias, "id")),
        )
        return SQL.identifier(stay, "segment_id")

    def _panel_other_segments(self):
        """Those of the *Loyalty* panel: what it needs for a tag, each."""
        stays = self.env["crm.segment.membership"].search(self._other_stays() & Domain("profile_id", "=", self.id))
        return [self._panel_stay(stay) for stay in stays.sorted("segment_id")]
