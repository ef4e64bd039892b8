from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.loyalty.stays import free_periods
from ...services.loyalty.stage import STORED
from ...services.search import search_method


class CrmStayMixin(models.AbstractModel):
    """One stay of one customer somewhere: from a day up to, not including, another. Opened and closed set-based."""

    _name = "crm.stay.mixin"
    _inherit = ["crm.job.mixin"]
    _description = "Stay of a customer"
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"
    _log_access = False
    # Column that says where the customer stays.
    _place = ""

    profile_id = fields.Many2one("crm.customer.profile", readonly=True, ondelete="set null")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", readonly=True, help="The day it ended; empty as long as it lasts.")
    at_date = fields.Date("On the day", store=False, search="_search_at_date", help="Stays on one day in the past.")
    reason = fields.Json("Reason (data)", readonly=True)
    reason_text = fields.Text("Reason", compute="_compute_reason_text")
    enter_pending = fields.Boolean(readonly=True, copy=False, help="What follows from entering is still to be done.")
    leave_pending = fields.Boolean(readonly=True, copy=False, help="What follows from leaving is still to be done.")
    change_pending = fields.Boolean(
        readonly=True, copy=False, help="The customer is still to get what the place brings since it was changed."
    )
    added_tag_id = fields.Many2one("res.partner.category", "Tag put", readonly=True, copy=False, ondelete="set null")
    error = fields.Text("Problem", readonly=True, copy=False)

    _profile_index = models.Index("(profile_id, date_from)")
    _pending_index = models.Index("(id) WHERE enter_pending OR leave_pending OR change_pending")
    _lost_index = models.Index("(company_id, partner_id) WHERE profile_id IS NULL")
    _stay_in_order = models.Constraint("CHECK (date_to >= date_from)", "A stay does not end before it began.")

    @api.depends("reason")
    def _compute_reason_text(self):
        for stay in self:
            stay.reason_text = stay._reason_to_text()

    def action_open_customer(self):
        return self.partner_id.get_formview_action()

    @api.model
    @search_method
    def _search_at_date(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._at(day) for day in value)

    @api.model
    def _at(self, day):
        """The stays on a day: who was where at that point in time."""
        return Domain("date_from", "<=", day) & (Domain("date_to", ">", day) | Domain("date_to", "=", False))

    @api.model
    def _is_stay_of(self, stay, partner, company, day):
        """SQL: whether ``stay`` is the one of a customer in a company on a day; there is one at most."""
        return SQL(
            "%(stay)s.partner_id = %(partner)s AND %(stay)s.company_id = %(company)s"
            " AND %(stay)s.date_from <= %(day)s AND (%(stay)s.date_to > %(day)s OR %(stay)s.date_to IS NULL)",
            stay=SQL.identifier(stay),
            partner=partner,
            company=company,
            day=day,
        )

    # ------------------------------------------------------------------ recording, set-based

    @api.model
    def _record_moves(self, company, scope=None, values=None, entering=(), leaving=(), stage=STORED):
        """Turn the moves of a stage (profile_id, partner_id, old, new, reason) into ended and begun stays.

        ``scope`` is a condition on the stays ``s`` that can end, ``values`` are further columns (SQL) of the new ones,
        ``entering`` and ``leaving`` the places where something follows from that.
        """
        ended = SQL(
            "FROM %s m WHERE s.partner_id = m.partner_id AND m.old IS DISTINCT FROM m.new AND %s",
            stage.moves,
            scope or SQL("TRUE"),
        )
        self._end_stays(company, ended, leaving)
        columns = {
            "company_id": SQL("%s", company.id),
            "profile_id": SQL("m.profile_id"),
            "partner_id": SQL("m.partner_id"),
            self._place: SQL("m.new"),
            "date_from": SQL("%s", company._crm_plus_today()),
            "reason": SQL("m.reason"),
            "enter_pending": SQL("m.new = ANY(%s)", list(entering)),
            "leave_pending": SQL("FALSE"),
        } | (values or {})
        self.env.cr.execute(
            SQL(
                """INSERT INTO %s (%s) SELECT %s FROM %s m
                    WHERE m.new IS NOT NULL AND m.old IS DISTINCT FROM m.new""",
                SQL.identifier(self._table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(columns.values()),
                stage.moves,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _end_stays(self, company, which, leaving=()):
        """A stay that ends before anything followed from it is not acted upon at all."""
        self.env.cr.execute(SQL(
            """UPDATE %(table)s s SET date_to = GREATEST(s.date_from, %(today)s),
                      leave_pending = %(acts)s AND NOT s.enter_pending AND (s.%(place)s = ANY(%(leaving)s) OR %(kept)s),
                      enter_pending = FALSE
                 %(which)s AND s.company_id = %(company)s AND s.date_to IS NULL""",
            table=SQL.identifier(self._table), place=SQL.identifier(self._place), today=company._crm_plus_today(),
            leaving=list(leaving), acts=self._is_acted_upon(), kept=self._has_effects(), which=which,
            company=company.id,
        ))  # fmt: skip

    @api.model
    def _follow_customers(self, company, leaving=()):
        """Who is no customer any more has left; who is one again has the stays of before."""
        self.env.cr.execute(
            SQL(
                """UPDATE %s s SET profile_id = p.id FROM crm_customer_profile p
                    WHERE s.profile_id IS NULL AND s.company_id = %s AND p.company_id = s.company_id
                      AND p.partner_id = s.partner_id""",
                SQL.identifier(self._table),
                company.id,
            )
        )
        self._end_stays(company, SQL("WHERE s.profile_id IS NULL"), leaving)

    # ------------------------------------------------------------------ merging, a customer at a time

    def _by_history(self, partner):
        """``{history: stays}`` of a partner, oldest first: those of one history never overlap."""
        stays = self.search([("partner_id", "=", partner.id)], order="date_from, id")
        return stays.grouped(lambda stay: stay._history())

    def _history(self):
        """What this stay is part of; intended to be extended."""
        return (self.company_id,)

    def _with_effects(self):
        """Those of these stays that did something on entering."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s s WHERE id = ANY(%s) AND (%s)",
                SQL.identifier(self._table),
                self.ids,
                self._has_effects(),
            )
        )
        return self.browse(row[0] for row in rows)

    def _join(self, partner, others, undo):
        """Make this stay one of the history of ``partner``, between its stays ``others``: the times they leave free.

        If it is over thereby, what it brought is undone (``undo``: it brought something), unless another one that lasts
        is in the same place. Without any free time it remains, empty, only as long as there is something to undo.
        """
        own, *taken = [(stay.date_from, stay.date_to or None) for stay in [self, *others]]
        periods = free_periods(own, taken)
        lasts = bool(periods) and not periods[-1][1]
        values = {"partner_id": partner.id, "enter_pending": self.enter_pending and lasts}
        if not self.date_to and not lasts:
            same = others.filtered(lambda other: not other.date_to and other[self._place] == self[self._place])
            values["leave_pending"] = undo and not self.enter_pending and not same
        if not periods and not values.get("leave_pending", self.leave_pending):
            self.unlink()
            return
        for start, end in periods[:-1]:
            self.copy({"partner_id": partner.id, "date_from": start, "date_to": end})
        start, end = periods[-1] if periods else [min(others.mapped("date_from"))] * 2
        self.write({**values, "date_from": start, "date_to": end})
