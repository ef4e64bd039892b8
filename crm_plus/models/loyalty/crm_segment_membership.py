from odoo import api, fields, models
from odoo.tools import SQL, format_list
from odoo.tools.misc import format_amount

from ...services.customer import words

CUSTOMER, PROFILE = "res.partner", "crm.customer.profile"


class CrmSegmentMembership(models.Model):
    _name = "crm.segment.membership"
    _inherit = ["crm.stay.mixin"]
    _description = "Stay of a customer in a segment"
    _place = "segment_id"

    segment_id = fields.Many2one("crm.segment", required=True, readonly=True, ondelete="restrict")
    family_id = fields.Many2one("crm.segment.family", required=True, readonly=True, ondelete="restrict")
    previous_segment_id = fields.Many2one("crm.segment", "Came from", readonly=True, ondelete="set null")
    score = fields.Integer("RFM on entering", readonly=True, aggregator=None)
    shadow = fields.Boolean(readonly=True, help="In a draft segment: recorded only, nothing follows.")

    _one_at_a_time = models.UniqueIndex("(company_id, family_id, shadow, partner_id) WHERE date_to IS NULL")
    _segment_index = models.Index("(segment_id, date_from)")
    _previous_index = models.Index("(previous_segment_id) WHERE previous_segment_id IS NOT NULL")

    def _reason_to_text(self):
        reason = self.reason or {}
        texts = {
            "entered": self.env._("first classified"),
            "rules": self.env._("the rules of the segments were changed"),
            "conditions": self.env._("meets the conditions"),
            "manual": reason.get("text") or self.env._("added by hand"),
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
                yield self.env._("%(name)s %(old)s → %(new)s: %(fact)s", name=name, old=old, new=new, fact=fact)

    def _facts_to_text(self, reason):
        day = reason["last"]  # in ISO form: it is the client that knows the calendar of the user
        return {
            "older": self.env._("no order since %s", day),
            "recency": self.env._("last order on %s", day),
            "frequency": words.orders(self.env, reason["orders"]),
            "monetary": format_amount(self.env, reason["revenue"], self.company_id.currency_id),
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

    # ------------------------------------------------------------------ what follows

    @api.model
    def _is_acted_upon(self):
        return SQL("NOT s.shadow")

    @api.model
    def _entitled(self, partners, name, value):
        return super()._entitled(partners, name, value).filtered(lambda stay: not stay.shadow)

    def _on_enter(self):
        result = super()._on_enter()
        segment = self.segment_id
        if segment.activity_plan_id:
            self._start_plan(segment.activity_plan_id)
        if segment.activity_type_id:
            self._schedule_activity(segment.activity_type_id)
        self._run_actions(segment.enter_action_ids)
        return result

    def _on_leave(self):
        result = super()._on_leave()
        self._run_actions(self.segment_id.leave_action_ids)
        return result

    def _run_actions(self, actions):
        present = self.filtered("partner_id.active")
        for action in actions:
            records = present.partner_id if action.model_name == CUSTOMER else present.profile_id
            if records:
                context = {"active_model": records._name, "active_id": records[0].id, "active_ids": records.ids}
                action.with_context(**context).run()

    def _start_plan(self, plan):
        for user, stays in self.grouped(lambda stay: stay._responsible()).items():
            if user or not plan.has_user_on_demand:
                schedule = self.env["mail.activity.schedule"].create(
                    {
                        "res_model": CUSTOMER,
                        "res_ids": str(stays.partner_id.ids),
                        "plan_id": plan.id,
                        "plan_on_demand_user_id": user.id,
                    }
                )
                schedule.action_schedule_plan()

    def _schedule_activity(self, activity_type):
        """In the language of who gets it; nobody's work is not planned."""
        for user, stays in self.grouped(lambda stay: stay._responsible()).items():
            for stay in stays.with_context(lang=user.lang) if user else ():
                stay.partner_id.activity_schedule(
                    activity_type_id=activity_type.id,
                    summary=stay.segment_id.name,
                    note=stay._reason_to_text(),
                    user_id=user.id,
                )
