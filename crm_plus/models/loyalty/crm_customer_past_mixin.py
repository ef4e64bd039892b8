from odoo import api, fields, models
from odoo.tools import SQL

from ...services.customer.amounts import READERS

# Fields here: the stays that tell it.
PAST = {"crm_segment_id": "crm.segment.membership", "crm_tier_id": "crm.tier.stay"}


class CrmCustomerPastMixin(models.AbstractModel):
    """Analyses of documents by what their customer was on the day of each document, from the stays.

    Nothing is stored and no document pays for it: the stays are joined when somebody asks. Intended for models without
    a table of their own that have ``commercial_partner_id`` and ``company_id``.
    """

    _name = "crm.customer.past.mixin"
    _inherit = ["crm.customer.list.mixin"]
    _description = "Analysis by past segment and tier"

    crm_segment_id = fields.Many2one(
        "crm.segment", "Segment at the time", readonly=True, groups=READERS,
        help="Where the customer was at the end of the document's date. Empty before the first segment or tier was "
             "recorded.",
    )  # fmt: skip
    crm_tier_id = fields.Many2one(
        "crm.tier", "Tier at the time", readonly=True, groups=READERS,
        help="Where the customer was at the end of the document's date. Empty before the first segment or tier was "
             "recorded.",
    )  # fmt: skip

    @api.model
    def _document_day(self, alias):
        """SQL of the day of a document in ``alias``, in the time zone of its company."""
        raise NotImplementedError

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in PAST:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        stays = self.env[PAST[field_expr]]
        stay = query.make_alias(alias, f"{field_expr}_stay")
        query.add_join("LEFT JOIN", stay, stays._table, stays._is_stay_of(
            stay,
            SQL.identifier(alias, "commercial_partner_id"),
            SQL.identifier(alias, "company_id"),
            self._document_day(alias),
        ))  # fmt: skip
        return SQL.identifier(stay, stays._place)
