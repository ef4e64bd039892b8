from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmSegmentMembership(models.Model):
    """Who went from where to where."""

    _inherit = "crm.segment.membership"

    @api.model
    @api.readonly
    def movement(self, date_from, date_to):
        """Where the customers of the current company were on two days, counted.

        ``{"flows": [{"from_id", "to_id", "count"}], "segments": [{"id", "name", "color"}], "since": "2026-05-01",
        "family_id": 1}``; no id stands for "not a customer yet" before and "no customer any more" after. ``since`` is
        the first day that is known of.
        """
        company = self.env.company
        family = self.env["crm.segment.family"]._families_of(company).filtered(lambda f: f.kind == "rfm")
        stays = (
            Domain("company_id", "=", company.id) & Domain("family_id", "=", family.id) & Domain("shadow", "=", False)
        )
        before, after = (
            self._search(stays & self._at(fields.Date.to_date(day))).subselect("partner_id", "segment_id")
            for day in (date_from, date_to)
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT a.segment_id, b.segment_id, count(*)
                     FROM %(before)s a FULL JOIN %(after)s b ON b.partner_id = a.partner_id GROUP BY 1, 2""",
                before=before,
                after=after,
            )
        )
        [[first]] = self._read_group(stays, [], ["date_from:min"])
        ids = {segment_id for row in rows for segment_id in row[:2] if segment_id}
        segments = self.env["crm.segment"].with_context(active_test=False).search([("id", "in", list(ids))])
        return {
            "flows": [{"from_id": old or False, "to_id": new or False, "count": count} for old, new, count in rows],
            "segments": segments.read(["name", "color"]),
            "since": first and str(first),
            "family_id": family.id,
        }
