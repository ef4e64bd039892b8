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
        rows = self._flows(stays, fields.Date.to_date(date_from), fields.Date.to_date(date_to))
        [[first]] = self._read_group(stays, [], ["date_from:min"])
        ids = {segment_id for row in rows for segment_id in row[:2] if segment_id}
        segments = self.env["crm.segment"].with_context(active_test=False).search([("id", "in", list(ids))])
        return {
            "flows": [{"from_id": old or False, "to_id": new or False, "count": count} for old, new, count in rows],
            "segments": segments.read(["name", "color"]),
            "since": first and str(first),
            "family_id": family.id,
        }

    @api.model
    def _flows(self, stays, before, after):
        """(segment on the one day, segment on the other, number of customers); most are in one stay on both days."""
        there = [self._at(day) for day in (before, after)]
        gone = [Domain("date_from", ">", day) | Domain("date_to", "<=", day) for day in (before, after)]
        parts = {"stayed": there[0] & there[1], "before": there[0] & gone[1], "after": gone[0] & there[1]}
        return self.env.execute_query(
            SQL(
                """SELECT old, new, sum(count)::int FROM (
                       SELECT segment_id AS old, segment_id AS new, count(*) FROM %(stayed)s stayed GROUP BY segment_id
                       UNION ALL
                       SELECT a.segment_id, b.segment_id, count(*)
                         FROM %(before)s a FULL JOIN %(after)s b ON b.partner_id = a.partner_id GROUP BY 1, 2
                   ) flow GROUP BY old, new""",
                **{
                    name: self._search(stays & part).subselect("partner_id", "segment_id")
                    for name, part in parts.items()
                },
            )
        )
