from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.checks import day, identifier, text
from ...services.arguments import argument

LONGEST_NAME = 200


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
        self.check_access("read")
        days = self._days(date_from, date_to)
        family, stays = self._stays_shown()
        rows = self._flows(stays, *days)
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
    @api.readonly
    def action_gone(self, name, date_from, date_to, segment_id):
        """A window with the stays of those who were in the segment on the one day and nowhere on the other: who is no
        customer any more is in no list of customers."""
        self.check_access("read")
        name = argument(self.env, "name", name, text(LONGEST_NAME))
        segment_id = argument(self.env, "segment_id", segment_id, identifier)
        before, after = self._days(date_from, date_to)
        _family, stays = self._stays_shown()
        there = self._search(stays & self._at(after)).subselect("partner_id")
        gone = self.search(
            stays & self._at(before) & Domain("segment_id", "=", segment_id) & Domain("partner_id", "not in", there)
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus.crm_segment_membership_action")
        shown = {"name": name, "display_name": name, "context": {}, "path": False}
        return action | {"domain": [("id", "in", gone.ids)], **shown}

    @api.model
    def _days(self, date_from, date_to):
        return [
            argument(self.env, name, value, day) for name, value in (("date_from", date_from), ("date_to", date_to))
        ]

    @api.model
    def _stays_shown(self):
        """The family whose segments the map shows, and the condition on its stays in the current company."""
        company = self.env.company
        family = self.env["crm.segment.family"]._families_of(company).filtered(lambda f: f.kind == "rfm")
        mine = Domain("company_id", "=", company.id) & Domain("family_id", "=", family.id)
        return family, mine & Domain("shadow", "=", False)

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
