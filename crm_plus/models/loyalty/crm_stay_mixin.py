from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import SQL
from odoo.tools.misc import format_amount

from ...engine.loyalty.stays import free_periods
from ...services.customer import amounts
from ...services.loyalty.stage import STORED
from ...services.loyalty.withdrawal import withdraw_pricelists, withdraw_tags
from ...services.plain_errors import plain
from ...services.search import search_method
from ...services.sql import CONFLICTS

# What of a stay failed, and what says that it is to be done.
FAILED = {"_on_enter": "enter", "_on_leave": "leave", "_on_change": "change"}
# Places of a customer, of which several may bring the same tag.
STAYS = ("crm.segment.membership", "crm.tier.stay")


class CrmStayMixin(models.AbstractModel):
    """One stay of one customer somewhere: from a day up to, not including, another. Opened and closed set-based."""

    _name = "crm.stay.mixin"
    _inherit = ["crm.job.mixin"]
    _description = "Customer stay"
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"
    # Column that says where the customer stays.
    _place = ""
    # Scheduled action that does what follows.
    _act_cron = ""
    # Stays per step of the scheduled action: few, since whoever saves one of these customers meanwhile may wait for it.
    _act_step = 50

    profile_id = fields.Many2one("crm.customer.profile", readonly=True, ondelete="set null", string="Customer profile")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", readonly=True, help="End date. Empty as long as it lasts.")
    at_date = fields.Date(
        "On date", store=False, search="_search_at_date", help="Shows where customers were on a past date."
    )
    # It has amounts, which not everybody may read: what may be shown of it is in the text.
    reason = fields.Json("Reason (data)", readonly=True, groups=NO_ACCESS)
    reason_text = fields.Text("Reason", compute="_compute_reason_text")
    enter_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="The customer has yet to get the benefits.",
        string="Benefits to give",
    )
    leave_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="The benefits have yet to be withdrawn.",
        string="Benefits to withdraw",
    )
    change_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="The customer has yet to get the current benefits.",
        string="Benefits to update",
    )
    replayed = fields.Boolean(
        readonly=True,
        help="Computed later, from the orders of the time: where the customer was at the end of each month.",
    )  # fmt: skip
    resumed = fields.Boolean(readonly=True, help="The stay went on after a pause: the customer has not really come in.")
    added_tag_id = fields.Many2one("res.partner.category", "Tag added", readonly=True, copy=False, ondelete="set null")
    added_pricelist_id = fields.Many2one(
        "product.pricelist", "Pricelist set", readonly=True, copy=False, ondelete="set null"
    )
    error = fields.Text("Problem", readonly=True, copy=False)
    failed = fields.Selection(
        [("enter", "On entering"), ("leave", "On leaving"), ("change", "New benefits")],
        "What failed",
        readonly=True,
        copy=False,
    )

    _profile_index = models.Index("(profile_id, date_from)")
    _pending_index = models.Index("(id) WHERE enter_pending OR leave_pending OR change_pending")
    _pricelist_index = models.Index("(added_pricelist_id) WHERE added_pricelist_id IS NOT NULL")
    _failed_index = models.Index("(company_id) WHERE failed IS NOT NULL")
    _lost_index = models.Index("(company_id, partner_id) WHERE profile_id IS NULL")
    _stay_in_order = models.Constraint("CHECK (date_to >= date_from)", "A stay cannot end before it begins.")

    @api.depends("reason")
    @api.depends_context("uid", "lang")
    def _compute_reason_text(self):
        for stay in self:
            # sudo: the text leaves out amounts that the user may not read.
            stay.reason_text = stay._reason_to_text(stay.sudo().reason or {})

    def _amount_text(self, amount):
        """An amount of the customer; None when the user may not read it."""
        if not amounts.may_read(self.env, self.company_id, self.partner_id):
            return None
        return format_amount(self.env, amount, self.company_id.currency_id)

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
    def _record_moves(self, company, scope=None, values=None, entering=(), stage=STORED):
        """Turn the moves of a stage (profile_id, partner_id, old, new, reason) into ended and begun stays.

        ``scope`` is a condition on the stays ``s`` that can end, ``values`` are further columns (SQL) of the new ones,
        ``entering`` the places that bring something.
        """
        ended = SQL(
            "FROM %s m WHERE s.partner_id = m.partner_id AND m.old IS DISTINCT FROM m.new AND %s",
            stage.moves,
            scope or SQL("TRUE"),
        )
        self._end_stays(company, ended)
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
    def _end_stays(self, company, which):
        """A stay that ends before it has brought anything is not acted upon at all."""
        self.env.cr.execute(SQL(
            """UPDATE %(table)s s SET date_to = GREATEST(s.date_from, %(today)s),
                      leave_pending = %(acts)s AND NOT s.enter_pending AND (%(kept)s), enter_pending = FALSE
                 %(which)s AND s.company_id = %(company)s AND s.date_to IS NULL""",
            table=SQL.identifier(self._table), today=company._crm_plus_today(), acts=self._is_acted_upon(),
            kept=self._has_effects(), which=which, company=company.id,
        ))  # fmt: skip

    @api.model
    def _follow_customers(self, company):
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
        self._note_gone(company)
        self._end_stays(company, SQL("WHERE s.profile_id IS NULL"))

    @api.model
    def _note_gone(self, company):
        """Hook: before the stays of those end who are no customers any more."""

    @api.model
    def _is_same_history(self):
        """SQL: whether two stays of a customer in a company, ``s`` and ``was``, can only be one after the other."""
        return SQL("TRUE")

    @api.model
    def _is_computed(self, stay):
        """SQL: whether a stay was begun by the refresh, not by a person."""
        return SQL("TRUE")

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

    # ------------------------------------------------------------------ what follows, once for each stay

    @api.model
    def _is_acted_upon(self):
        """Condition on a stay ``s``: something may follow from it."""
        return SQL("TRUE")

    @api.model
    def _has_effects(self):
        """Condition on a stay ``s``: entering did something that leaving must undo."""
        return SQL(" OR ").join(SQL("s.%s IS NOT NULL", SQL.identifier(name)) for name in self._benefits())

    @api.model
    def _benefits(self):
        """``{what a stay has brought: what its place brings}``, fields of both; intended to be extended, together with
        `_give` and `_take_back`."""
        return {"added_tag_id": "tag_id", "added_pricelist_id": "pricelist_id"}

    @api.model
    def _withdraw_benefits(self):
        """Take all that these stays brought away from all customers, for good: the module is being uninstalled.

        Set-based. Intended to be extended with `_benefits`, by a module that brings something else, which calls its own
        part when it is uninstalled alone.
        """
        withdraw_tags(self.env, self._table)
        withdraw_pricelists(self.env, self._table)

    # ------------------------------------------------------------------ acting, in batches

    @api.model
    def _cron_act(self):
        """Give and withdraw once what the stays that began or ended bring, a batch at a time."""
        self._committed(self._note_changes)
        pending = self._pending_domain()
        self._committed(self.search_count, pending, progress=lambda count: {"remaining": count})
        self._while_any(self._act_next)

    @api.model
    def _act_next(self):
        """Act on the next batch; how many stays. What another run acts on just now is left to it."""
        batch = self.search(self._pending_domain(), limit=self._act_step, order="id")
        batch = batch.try_lock_for_update(allow_referencing=True)
        batch._act()
        return len(batch)

    @api.model
    def _note_changes(self):
        """Who is in a place that brings something else now is to get that instead: one statement."""
        changed = self._fields[self._place].comodel_name
        places = self.env[changed].with_context(active_test=False).search([("benefits_changed", "=", True)])
        if places:
            self.flush_model()
            self.env.cr.execute(
                SQL(
                    """UPDATE %s s SET change_pending = TRUE
                        WHERE s.%s = ANY(%s) AND s.date_to IS NULL AND NOT s.enter_pending AND %s""",
                    SQL.identifier(self._table),
                    SQL.identifier(self._place),
                    places.ids,
                    self._is_acted_upon(),
                )
            )
            self.invalidate_model(["change_pending"], flush=False)
            places.benefits_changed = False

    @api.model
    def _pending_domain(self):
        """Who is archived gets nothing before they are back; what they have is taken away all the same."""
        given = Domain("enter_pending", "=", True) | Domain("change_pending", "=", True)
        return Domain("leave_pending", "=", True) | given & Domain("partner_id.active", "=", True)

    def _act(self):
        # First what ends, so that what begins finds its place free.
        self.filtered("leave_pending")._attempt_by_place("_on_leave")
        self.filtered(lambda stay: stay.change_pending and not stay.date_to)._attempt_by_place("_on_change")
        self.filtered("enter_pending")._attempt_by_place("_on_enter")
        self.write({"enter_pending": False, "leave_pending": False, "change_pending": False})

    def _attempt_by_place(self, method):
        """Run a method for the stays of each place at once, in the company they belong to."""
        for (company, _place), stays in self.grouped(lambda stay: (stay.company_id, stay[stay._place])).items():
            stays.with_company(company)._attempt(method)

    def _attempt(self, method):
        """Run a method for all these stays or, if that fails, for each alone. What fails waits until somebody has it
        tried again."""
        try:
            with self.env.cr.savepoint():
                getattr(self, method)()
        except CONFLICTS:
            raise  # the whole step is tried again
        except Exception as error:
            if len(self) == 1:
                problem = plain(self.env, error)
                self.error = problem
                self.failed = FAILED[method]
                self[self._place].error = self.env._(
                    "%(customer)s: %(problem)s", customer=self.partner_id.display_name, problem=problem
                )
                return
            for stay in self:
                stay._attempt(method)

    def action_retry(self):
        """Have what failed for these customers done again soon."""
        self.check_access("read")
        self.env[self[:1][self._place]._name].check_access("write")
        # sudo: stays are written by nobody; whoever may change their places may have these tried again.
        for stay in self.sudo().filtered("failed"):
            stay.write({"error": False, "failed": False, f"{stay.failed}_pending": True})
        self.env["crm.job"]._wake(self._act_cron)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("It is tried again within a minute."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _on_enter(self):
        self._give()

    def _on_leave(self):
        self._take_back()

    def _on_change(self):
        self._take_back()
        self._give()

    # ------------------------------------------------------------------ what a place brings

    def _give(self):
        """Give the customers what their place brings, as far as they do not have it."""
        place = self[self._place]
        self._put_tag(place.tag_id)
        self._put_pricelist(place.pricelist_id)

    def _take_back(self):
        """Take away what these stays brought and bring no more; who is entitled to it elsewhere keeps it."""
        for tag, stays in self._lapsed("added_tag_id").grouped("added_tag_id").items():
            stays.added_tag_id = False
            stays._remove_tag(tag)
        lapsed = self._lapsed("added_pricelist_id")
        for (company, pricelist), stays in lapsed.grouped(lambda s: (s.company_id, s.added_pricelist_id)).items():
            stays.added_pricelist_id = False
            stays.with_company(company)._remove_pricelist(pricelist)

    def _lapsed(self, name):
        """The stays of which ``name``, what they have brought, is to be taken back: those that are over, and those
        whose place brings something else now."""
        return self.filtered(lambda stay: stay[name] and (stay.date_to or stay[name] not in stay._brings(name)))

    def _brings(self, name):
        """What the place brings by the field of ``name``; intended to be extended."""
        return self[self._place][self._benefits()[name]]

    @api.model
    def _entitled(self, partners, name, value):
        """Present stays of these partners, in any company, whose place brings them ``value`` by its field ``name``."""
        present = Domain("date_to", "=", False) & Domain("enter_pending", "=", False)
        same = Domain("partner_id", "in", partners.ids) & Domain(f"{self._place}.{name}", "=", value.id)
        return self.search(present & same)._in_company_of(value)

    def _in_company_of(self, benefit):
        """Those of these stays that may bring it: what belongs to one company is for the customers of that one."""
        company = "company_id" in benefit and benefit.company_id
        return self.filtered(lambda stay: not company or stay.company_id == company)

    def _put_tag(self, tag):
        if tag:
            put = self._change_tags(
                """INSERT INTO %(table)s (%(partner)s, %(tag)s) SELECT unnest(%(partner_ids)s), %(tag_id)s
                   ON CONFLICT DO NOTHING RETURNING %(partner)s""",
                self.partner_id,
                tag,
            )
            self.filtered(lambda stay: stay.partner_id.id in put).added_tag_id = tag

    def _remove_tag(self, tag):
        """Who is entitled to the tag by another stay keeps it, and that one takes it away in the end."""
        kept = self.partner_id.browse()
        for name in STAYS:
            heirs = self.env[name]._entitled(self.partner_id, "tag_id", tag)
            heirs.added_tag_id = tag
            kept |= heirs.partner_id
        self._change_tags(
            """DELETE FROM %(table)s WHERE %(tag)s = %(tag_id)s AND %(partner)s = ANY(%(partner_ids)s)
               RETURNING %(partner)s""",
            self.partner_id - kept,
            tag,
        )

    def _put_pricelist(self, pricelist):
        """For customers without a pricelist of their own in the company."""
        for company, stays in self._in_company_of(pricelist).grouped("company_id").items() if pricelist else ():
            here = stays.with_company(company)
            free = here.filtered(lambda stay: not stay.partner_id.specific_property_product_pricelist)
            free.partner_id.specific_property_product_pricelist = pricelist
            free.added_pricelist_id = pricelist

    def _remove_pricelist(self, pricelist):
        """From whoever still has it; where another stay that lasts brings one, that one's is next."""
        partners = self.partner_id.with_company(self.env.company)
        ours = partners.filtered(lambda partner: partner.specific_property_product_pricelist == pricelist)
        ours.specific_property_product_pricelist = False
        lasting = Domain("date_to", "=", False) & Domain("enter_pending", "=", False)
        lasting &= Domain("partner_id", "in", ours.ids) & Domain("company_id", "=", self.env.company.id)
        for name in STAYS:
            stays = self.env[name].search(lasting & Domain(f"{self.env[name]._place}.pricelist_id", "!=", False)) - (
                self if name == self._name else self.env[name]
            )
            stays = stays.filtered(lambda stay: not stay._is_recorded_only())
            for place, mine in stays.grouped(lambda stay: stay[stay._place]).items():
                mine._put_pricelist(place.pricelist_id)

    def _is_recorded_only(self):
        """Whether nothing follows from this stay; intended to be extended."""
        return False

    def _change_tags(self, statement, partners, tag):
        """Ids of those of these partners whose tags a statement changed.

        Through the table of tags: writing the tag would load all who have it, and partners are not written, so that
        nobody who saves one meanwhile is in the way.
        """
        field = self.env["res.partner"]._fields["category_id"]
        names = {"table": field.relation, "partner": field.column1, "tag": field.column2}
        parts = {name: SQL.identifier(value) for name, value in names.items()}
        self.env.flush_all()
        changed = partners.browse(
            row[0] for row in self.env.execute_query(SQL(statement, tag_id=tag.id, partner_ids=partners.ids, **parts))
        )
        changed.invalidate_recordset(["category_id"], flush=False)
        tag.invalidate_recordset(["partner_ids"], flush=False)
        changed.modified(["category_id"])
        return set(changed.ids)
