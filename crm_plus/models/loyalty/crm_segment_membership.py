from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ...engine import checks
from ...services.arguments import argument
from ...services.customer import words
from ...services.loyalty.replay import SegmentReplay
from ...services.sql import columns

LONGEST_NAME = 200


class CrmSegmentMembership(models.Model):
    _name = "crm.segment.membership"
    _inherit = ["crm.stay.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_refresh_profiles"
    _description = "Stay in a segment"
    _place = "segment_id"
    _act_cron = "ir_cron_act_on_segments"

    segment_id = fields.Many2one("crm.segment", required=True, readonly=True, ondelete="restrict")
    family_id = fields.Many2one(
        "crm.segment.family", required=True, readonly=True, ondelete="restrict", string="Segment group"
    )
    previous_segment_id = fields.Many2one("crm.segment", "Previous", readonly=True, ondelete="set null")
    score = fields.Integer(
        "RFM on entering",
        readonly=True,
        aggregator=None,
        help="The scores of recency, frequency and revenue that placed the customer here.",
    )
    shadow = fields.Boolean(
        "Draft", readonly=True, help="In a draft segment: recorded only, nothing is given and no rule follows up."
    )

    _one_at_a_time = models.UniqueIndex("(company_id, family_id, shadow, partner_id) WHERE date_to IS NULL")
    _segment_index = models.Index("(segment_id, date_from)")
    _previous_index = models.Index("(previous_segment_id) WHERE previous_segment_id IS NOT NULL")

    def _reason_to_text(self, reason):
        texts = {
            "entered": self.env._("first classified"),
            "rules": self.env._("the rules of the segments were changed"),
            "conditions": self.env._("meets the conditions"),
            "replayed": self.env._("replayed from the orders of the time"),
            "manual": reason.get("text") or self.env._("added manually"),
        }
        moved = reason.get("outcome") == "moved"
        changes = moved and format_list(self.env, list(self._changes_to_text(reason)))
        text = changes or texts.get(reason.get("outcome"), "")
        if reason.get("removed"):
            return self.env._("%(reason)s; removed: %(why)s", reason=text, why=reason["removed"])
        return text

    def _changes_to_text(self, reason):
        """What changed, such as “recency 3 → 2: no order since 12 May”."""
        facts = self._facts_to_text(reason)
        names = {
            "recency": self.env._("recency"),
            "frequency": self.env._("frequency"),
            "monetary": self.env._("revenue"),
        }
        for place, (dimension, name) in enumerate(names.items()):
            old, new = str(reason["old_score"])[place], str(reason["score"])[place]
            if old != new:
                fact = facts["older" if dimension == "recency" and new < old else dimension]
                change = {"name": name, "old": old, "new": new}
                if fact is None:
                    yield self.env._("%(name)s %(old)s → %(new)s", **change)
                    continue
                if not self._is_own_change(reason, dimension, new > old):
                    fact = self.env._("%s as before; the limit has moved with the other customers", fact)
                yield self.env._("%(name)s %(old)s → %(new)s: %(fact)s", **change, fact=fact)

    def _is_own_change(self, reason, dimension, better):
        """Whether the customer did something, and not only the limits moved; an age grows by itself."""
        fact = {"recency": "last", "frequency": "orders", "monetary": "revenue"}[dimension]
        before = (reason.get("was") or {}).get(fact)
        return before is None or before != reason[fact] or (dimension == "recency" and not better)

    def _facts_to_text(self, reason):
        day = reason["last"]  # in ISO form: it is the client that knows the calendar of the user
        return {
            "older": self.env._("no order since %s", day),
            "recency": self.env._("last order on %s", day),
            "frequency": words.orders(self.env, reason["orders"]),
            "monetary": self._amount_text(reason["revenue"]),
        }

    @api.model
    def _is_stay_of(self, stay, partner, company, day):
        """In *the* segment of the customer, that of the RFM scores."""
        return SQL(
            "%(there)s AND NOT %(stay)s.shadow"
            " AND %(stay)s.family_id IN (SELECT id FROM crm_segment_family WHERE kind = 'rfm')",
            there=super()._is_stay_of(stay, partner, company, day),
            stay=SQL.identifier(stay),
        )

    def _history(self):
        # A company uses one family of RFM scores at a time.
        is_main = self.family_id.kind == "rfm" and not self.shadow
        return (*super()._history(), "rfm" if is_main else self.family_id, self.shadow)

    @api.model
    def _is_same_history(self):
        return SQL(
            """NOT s.shadow AND NOT was.shadow AND (s.family_id = was.family_id
               OR (SELECT count(*) FROM crm_segment_family f
                    WHERE f.id IN (s.family_id, was.family_id) AND f.kind = 'rfm') = 2)"""
        )

    @api.model
    def _is_computed(self, stay):
        return SQL(
            "%s NOT IN (SELECT id FROM crm_segment_family WHERE kind = 'manual')", SQL.identifier(stay, "family_id")
        )

    @api.model
    def _note_gone(self, company):
        """Who was put into a segment by a person is there again as soon as they are a customer again."""
        by_hand = self.env["crm.segment"].search([("kind", "=", "manual"), ("state", "=", "active")]).ids
        if not by_hand:
            return
        parts = {"company": company.id, "by_hand": by_hand}
        self.env.cr.execute(
            SQL(
                """UPDATE crm_segment_membership s SET date_to = NULL, resumed = NOT s.leave_pending,
                          enter_pending = NOT s.leave_pending, leave_pending = FALSE, reason = s.reason - 'gone'
                    WHERE s.segment_id = ANY(%(by_hand)s) AND s.company_id = %(company)s AND s.reason ? 'gone'
                      AND s.date_to IS NOT NULL AND s.profile_id IS NOT NULL
                      AND NOT EXISTS (SELECT FROM crm_segment_membership later
                                       WHERE later.company_id = s.company_id AND later.partner_id = s.partner_id
                                         AND later.family_id = s.family_id AND NOT later.shadow
                                         AND (later.date_to IS NULL OR later.id > s.id))""",
                **parts,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE crm_segment_membership s SET reason = COALESCE(s.reason, '{}') || '{"gone": true}'
                    WHERE s.segment_id = ANY(%(by_hand)s) AND s.company_id = %(company)s AND s.profile_id IS NULL
                      AND s.date_to IS NULL""",
                **parts,
            )
        )
        self.invalidate_model(flush=False)

    # ------------------------------------------------------------------ what follows

    @api.model
    def _is_acted_upon(self):
        return SQL("NOT s.shadow")

    def _is_recorded_only(self):
        return self.shadow

    @api.model
    def _entitled(self, partners, name, value):
        return super()._entitled(partners, name, value).filtered(lambda stay: not stay.shadow)

    # ------------------------------------------------------------------ before the first day

    @api.model
    def _replay(self, past):
        """Stays of the time before the first recorded day, from the orders of then."""
        family = self.env["crm.segment.family"]._families_of(past.company).filtered(lambda f: f.kind == "rfm")
        if family._segments("active"):
            SegmentReplay(past, family).run()
            self.invalidate_model(flush=False)

    # ------------------------------------------------------------------ who went from where to where

    @api.model
    @api.readonly
    def movement(self, date_from, date_to):
        """Where the customers of the current company were on two days, counted.

        ``{"flows": [{"from_id", "to_id", "count"}], "segments": [{"id", "name", "color"}], "since": "2026-05-01"}``;
        no id stands for "not a customer yet" before and "no customer any more" after. ``since`` is the first day that
        is known of.
        """
        self.check_access("read")
        days = self._days(date_from, date_to)
        _family, stays = self._stays_shown()
        rows = self._flows(stays, *days)
        [[first]] = self._read_group(stays, [], ["date_from:min"])
        ids = {segment_id for row in rows for segment_id in row[:2] if segment_id}
        segments = self.env["crm.segment"].with_context(active_test=False).search([("id", "in", list(ids))])
        return {
            "flows": [{"from_id": old or False, "to_id": new or False, "count": count} for old, new, count in rows],
            "segments": segments.read(["name", "color"]),
            "since": first and str(first),
        }

    @api.model
    @api.readonly
    def action_moved(self, name, date_from, date_to, from_id, to_id):
        """A window with the customers who went from one segment to another between two days; no id stands for nowhere.

        Who is no customer any more is in no list of customers: they are shown by their last stays.
        """
        self.check_access("read")
        name = argument(self.env, "name", name, checks.text(LONGEST_NAME))
        places = {"from_id": from_id, "to_id": to_id}
        old, new = (place and argument(self.env, which, place, checks.identifier) for which, place in places.items())
        before, after = self._days(date_from, date_to)
        if not new:
            return self._action_gone(name, before, after, old)
        _family, stays = self._stays_shown()
        parts = ((before, old), (after, new))
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "crm.customer.profile",
            "views": [(False, view) for view in ("list", "kanban", "pivot", "graph")],
            "domain": list(
                Domain("company_id", "=", self.env.company.id)
                & Domain.AND(
                    Domain("membership_ids", "any", stays & self._at(day) & Domain("segment_id", "=", segment_id))
                    if segment_id
                    else Domain("membership_ids", "not any", stays & self._at(day))
                    for day, segment_id in parts
                )
            ),
        }

    def _action_gone(self, name, before, after, segment_id):
        """The stays of customers who were in the segment on the one day and nowhere on the other."""
        _family, stays = self._stays_shown()
        found = self._search(stays & self._at(after))
        there = found.subselect(*columns(found, "partner_id"))
        gone = self.search(
            stays & self._at(before) & Domain("segment_id", "=", segment_id) & Domain("partner_id", "not in", there)
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus.crm_segment_membership_action")
        shown = {"name": name, "display_name": name, "context": {}, "path": False}
        return action | {"domain": [("id", "in", gone.ids)], **shown}

    @api.model
    def _days(self, date_from, date_to):
        given = {"date_from": date_from, "date_to": date_to}
        return [argument(self.env, name, value, checks.day) for name, value in given.items()]

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
                    name: query.subselect(*columns(query, "partner_id", "segment_id"))
                    for name, query in ((name, self._search(stays & part)) for name, part in parts.items())
                },
            )
        )
