import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.interaction import timeline_request
from ...engine.interaction.days import CLOCK_SKEW
from ...engine.interaction.first_line import first_line
from ...engine.interaction.timeline_request import YEARS
from ...services.customer.amounts import AMOUNTS, USER
from ...services.interaction import counts, ingest_lookup, merged_leads, planned, texts, timeline
from ...services.interaction.capture import notes
from ...services.interaction.ingest import Ingest
from ...services.interaction.refusals import refusals

OUTCOMES = [
    ("done", "Done"),
    ("answered", "Answered"),
    ("no_answer", "No answer"),
    ("left_message", "Left a message"),
    ("interested", "Interested"),
    ("not_interested", "Not interested"),
    ("wrong_number", "Wrong number"),
]
# Set by the capture, or following from the lead: nobody gives them.
DERIVED = (
    "res_id", "occurrence", "external_ref", "day", "document_user_id", "document_model", "document_id", "is_private",
    "shared_ref",
)  # fmt: skip
MAX_HOURS = 10_000
MAX_AMOUNT = 1e15


class CrmInteraction(models.Model):
    """One thing that happened between the company and a customer.

    Narrow on purpose: millions of rows, one index range per customer. Who may read a row follows from the responsible
    user and the company of its document, which every row carries.
    """

    _name = "crm.interaction"
    _inherit = ["crm.readable.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_backfill"
    _description = "Interaction"
    _order = "date desc, id desc"
    _log_access = False

    partner_id = fields.Many2one("res.partner", "Customer", ondelete="cascade")
    # Readers may not open leads.
    lead_id = fields.Many2one("crm.lead", ondelete="set null", index="btree_not_null", groups=USER)
    source_id = fields.Many2one(
        "crm.interaction.source",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["crm.interaction.source"]._manual(),
    )
    res_id = fields.Many2oneReference("Record", model_field="source_model", copy=False)
    source_model = fields.Char(related="source_id.model_name", string="Record model")
    occurrence = fields.Integer(default=0, copy=False, help="Which occurrence of a recurring record.")
    external_ref = fields.Char("External reference", copy=False)
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    day = fields.Date(
        copy=False,
        help="Set when only the day is known, as for an invoice. The date is then a moment on that day in nearly all "
        "time zones.",
    )
    channel_id = fields.Many2one("crm.interaction.channel", required=True, ondelete="restrict")
    direction = fields.Selection(
        [("in", "Incoming"), ("out", "Outgoing"), ("none", "Internal")],
        required=True,
        default="out",
    )
    user_id = fields.Many2one("res.users", "Done by", ondelete="set null", default=lambda self: self.env.user)
    document_user_id = fields.Many2one(
        "res.users",
        "Responsible",
        ondelete="set null",
        copy=False,
        help="The user responsible for the document. Salespeople with “own documents only” see their own "
        "interactions and unassigned ones.",
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", default=lambda self: self.env.company)
    name = fields.Char("Summary")
    amount = fields.Monetary(
        groups=f"{USER},{AMOUNTS}",
        help="Amount of the document this interaction comes from, in the currency of the document.",
    )
    currency_id = fields.Many2one("res.currency", ondelete="restrict")
    duration = fields.Float("Duration (hours)", help="From the meeting or call, or as entered when it was logged.")
    is_private = fields.Boolean("Private", copy=False)
    document_model = fields.Char(string="Document model", copy=False)
    document_id = fields.Many2oneReference(model_field="document_model", copy=False, string="Document to open")
    shared_ref = fields.Char(
        "Shared with other contacts",
        copy=False,
        help="The message or meeting that this entry shares with those of other contacts: together they are one "
        "interaction.",
    )
    note = fields.Text()
    outcome = fields.Selection(OUTCOMES)
    country_id = fields.Many2one(related="partner_id.country_id")
    industry_id = fields.Many2one(related="partner_id.industry_id")
    partner_tag_ids = fields.Many2many(related="partner_id.category_id", string="Customer tags")
    team_id = fields.Many2one(related="user_id.sale_team_id", string="Sales team")
    event = fields.Char("What happened", related="source_id.event")
    # Only to search by: a list of these has as many lines as the button and the timeline count.
    event_partner_id = fields.Many2one(
        "res.partner", "Customer with all contacts", store=False, search="_search_event_partner_id"
    )
    event_lead_id = fields.Many2one(
        "crm.lead", "Lead, each interaction once", store=False, search="_search_event_lead_id"
    )
    event_company_id = fields.Many2one(
        "res.company", "Company, each interaction once", store=False, search="_search_event_company_id"
    )
    is_manual = fields.Boolean("Logged manually", compute="_compute_is_manual", search="_search_is_manual")
    can_edit = fields.Boolean(string="Can be edited", compute="_compute_can_edit")

    # The columns of the record rules and of the summary are in the index: what a user may not see is skipped there.
    _timeline_index = models.Index(
        "(partner_id, date DESC, id DESC) INCLUDE (company_id, document_user_id, user_id, channel_id, day, shared_ref)"
    )
    _key_index = models.UniqueIndex(
        "(source_id, res_id, occurrence, COALESCE(partner_id, 0)) WHERE res_id IS NOT NULL",
        "This record is already in this customer's timeline.",
    )
    _external_ref_index = models.UniqueIndex(
        "(source_id, external_ref) WHERE external_ref IS NOT NULL",
        "An interaction with this external reference already exists.",
    )
    _document_index = models.Index("(document_id, date) WHERE document_id IS NOT NULL")
    # What record rules, the overview and the figures of a night look at beside the date: contacts of a period, and whom
    # they were with, are counted without the table.
    _date_index = models.Index(
        "(date) INCLUDE (company_id, channel_id, direction, document_user_id, user_id, shared_ref, partner_id)"
    )
    _duration_positive = models.Constraint("CHECK (duration >= 0)", "Duration: cannot be negative.")
    _customer_or_lead = models.Constraint(
        "CHECK (partner_id IS NOT NULL OR lead_id IS NOT NULL OR res_id IS NOT NULL)",
        "Choose the customer or the lead this interaction is with.",
    )

    def init(self):
        """An index is read without the table where that has been vacuumed: PostgreSQL would wait until a fifth is new,
        which may be all that happened this year."""
        self.env.cr.execute("ALTER TABLE crm_interaction SET (autovacuum_vacuum_insert_scale_factor = 0.01)")

    @api.depends("source_id")
    def _compute_is_manual(self):
        for interaction in self:
            # sudo: what kind of source a readable row has is no secret.
            interaction.is_manual = interaction.source_id.sudo().kind == "manual"

    def _search_is_manual(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("source_id.kind", "=" if True in value else "!=", "manual")

    def _search_event_partner_id(self, operator, value):
        return self._search_each_once("res.partner", operator, value)

    def _search_event_lead_id(self, operator, value):
        return self._search_each_once("crm.lead", operator, value)

    def _search_event_company_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        return counts.once_in_company(set(self.env.companies.ids) & set(value))

    def _search_each_once(self, model, operator, value):
        if operator != "in":
            return NotImplemented
        records = self.env[model].browse([id_ for id_ in value if isinstance(id_, int) and id_])
        return counts.each_once(*counts.scope_ids(records.exists()._filtered_access("read")))

    @api.model
    def _of(self, record):
        """The domain of the rows of a contact, with all those of a company, or of a lead, in the user's companies."""
        column, ids = counts.scope_ids(record)
        return Domain(column, "in", ids) & counts.within_companies(self.env)

    @api.model
    def _open_list(self, action, record):
        """The action that lists the interactions of a customer or lead; its name says how many, and of how many."""
        record.ensure_one()
        record.check_access("read")
        found = self.env["ir.actions.act_window"]._for_xml_id(f"crm_plus.{action}")
        name = self.env._("Interactions (%(count)s)", count=record.interaction_count_text)
        return found | {"name": name, "context": {"active_id": record.id}}

    @api.depends("source_id", "user_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        manager = self.env.user.has_group("crm_plus.group_crm_plus_manager")
        for interaction in self:
            interaction.can_edit = interaction.is_manual and (manager or interaction.user_id == self.env.user)

    @api.depends("name", "channel_id", "is_private")
    def _compute_display_name(self):
        for interaction in self:
            interaction.display_name = interaction.name or interaction.channel_id.name

    @api.constrains("date")
    def _check_date(self):
        if any(interaction.date.year not in YEARS for interaction in self):
            first, last = YEARS.start, YEARS.stop - 1
            raise ValidationError(
                self.env._("When: enter a date between the years %(first)s and %(last)s.", first=first, last=last)
            )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._add_missing_default_values(vals) for vals in vals_list]
        # before anything of it is compared with what there is
        self._check_fixed({name for vals in vals_list for name in DERIVED if vals.get(name)})
        interactions = super().create(vals_list)
        interactions._check_logged(self._fields)
        # sudo: whose lead was given has been checked
        interactions.sudo().filtered("lead_id")._follow_lead(is_new=True)
        if not self.env.su:
            interactions.filtered("is_manual")._tell_chatter()
        return interactions

    def write(self, vals):
        self._check_manual()
        self._check_fixed({"source_id", *DERIVED} & vals.keys())
        result = super().write(vals)
        self._check_logged(vals)
        if "lead_id" in vals:
            self._follow_lead()
        return result

    def unlink(self):
        self._note_scores()
        return super().unlink()

    def _create(self, data_list):
        interactions = super()._create(data_list)
        notes.note_logged(self.env.cr)
        interactions._note_scores()
        return interactions

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self._note_scores()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_manual(self):
        self._check_manual(deletable="ingest" if self._may_log_for_others() else None)

    # ------------------------------------------------------------------ what people may log

    def _may_log_for_others(self):
        return self.env.su or self.env.user.has_group("crm_plus.group_crm_plus_manager")

    def _check_logged(self, names):
        """Raise unless the user may log these entries as they are now, as far as the fields ``names`` say.

        In one's own name, for a company one works in, at a time that has come; with whom and about what is checked by
        `_check_readable`. What tells who may read an entry follows from the lead and is nobody's to choose.
        """
        if self.env.su:
            return
        checks = {
            "user_id": self._check_author,
            "company_id": self._check_own_company,
            "date": self._check_past,
            "duration": self._check_numbers,
            "amount": self._check_numbers,
        }
        # sudo: the values that the user has just given
        entries = self.sudo()
        self._check_fixed([name for name in DERIVED if name in names and any(entries.mapped(name))])
        for check in dict.fromkeys(checks[name] for name in checks if name in names):
            check(entries)

    def _check_fixed(self, names):
        for name in sorted(names) if not self.env.su else ():
            raise AccessError(self.env._("%(field)s: read-only; leave it out.", field=name))

    def _check_author(self, entries):
        if any(entry.user_id != self.env.user for entry in entries) and not self._may_log_for_others():
            raise AccessError(self.env._("Done by: only a CRM Plus manager can log interactions for someone else."))

    def _check_own_company(self, entries):
        # Everybody reads an entry of no company.
        if any(entry.company_id not in self.env.companies for entry in entries):
            raise AccessError(self.env._("Company: choose one of your companies."))

    def _check_past(self, entries):
        if any(entry.date > fields.Datetime.now() + CLOCK_SKEW for entry in entries):
            raise UserError(
                self.env._("When: this is in the future. Enter when it took place, or schedule an activity instead.")
            )

    def _check_numbers(self, entries):
        for name, limit in (("duration", MAX_HOURS), ("amount", MAX_AMOUNT)):
            if not all(math.isfinite(entry[name]) and abs(entry[name]) <= limit for entry in entries):
                raise UserError(
                    self.env._(
                        "%(field)s: enter a number up to %(limit)s.", field=self._label(name), limit=f"{limit:,.0f}"
                    )
                )

    def _follow_lead(self, is_new=False):
        """What follows from the lead: responsible and company always, the customer when a new entry has none."""
        # sudo: whether the user may read the lead has been checked; superuser code logs for everyone.
        for interaction in self.sudo():
            lead = interaction.lead_id
            vals = {"document_user_id": lead.user_id.id}
            if lead.company_id:
                vals["company_id"] = lead.company_id.id
            if is_new and not interaction.partner_id:
                vals["partner_id"] = lead.partner_id.id
            interaction.write(vals)

    def _tell_chatter(self):
        """What somebody logs leaves one line in the chatter of the lead, else of the customer."""
        for interaction in self:
            # sudo: which lead it is about; whoever logs it has been able to choose it
            record = interaction.sudo().lead_id.sudo(False) or interaction.partner_id
            if record:
                # a note: it is sent to nobody, and is no interaction again
                record._message_log(body=interaction._chatter_line())

    def _chatter_line(self):
        directions = dict(self._fields["direction"]._description_selection(self.env))
        what = self.env._(
            "%(channel)s, %(direction)s", channel=self.channel_id.name, direction=directions[self.direction]
        )
        said = self.name or first_line(self.note or "")
        return self.env._("%(what)s: %(said)s", what=what, said=said) if said else what

    def _check_manual(self, deletable=None):
        """Captured rows follow their document; only what people logged is changed by people."""
        if self.env.su:
            return
        self.check_access("read")
        for interaction in self:
            # sudo: whether an entry was logged by hand is no secret to who can name it.
            kind = interaction.sudo().source_id.kind
            if kind == "records":
                raise AccessError(
                    self.env._(
                        "“%(name)s” comes from a document. Change or cancel the document, and the timeline is updated.",
                        name=interaction.display_name,
                    )
                )
            if kind == "ingest" and kind != deletable:
                raise AccessError(
                    self.env._(
                        "“%(name)s” was sent by another system. Correct it there and send it again.",
                        name=interaction.display_name,
                    )
                )

    # ------------------------------------------------------------------ the timeline

    @api.model
    @api.readonly
    def timeline_page(self, scope, filters=None, before=None, limit=40):
        """One page of a customer's or lead's timeline, newest first, as far as the user may see.

        One index range per contact of a company, whatever the number of its interactions; at most 8 queries.

        :param scope: ``{"partner_id": id}`` (with all contacts of a company) or ``{"lead_id": id}``
        :param filters: any of channel_ids, direction, partner_ids, user_ids, date_from, date_to, search
        :param before: the ``next`` of the previous page
        :return: ``{"rows": [...], "next": cursor or False}``, the first page also "channels" and "can_log"
        """
        return timeline.Timeline(self, scope, filters).page(before, limit)

    @api.model
    @api.readonly
    def timeline_summary(self, scope, filters=None):
        """How much there is: total and hidden counts, events per week of the last year, channels, people, users.

        One pass over the index range of the customer; asked for after the first page is shown.
        """
        return timeline.Timeline(self, scope, filters).summary()

    @api.model
    @api.readonly
    def timeline_planned(self, scope):
        """What is still to come: the next meetings and open activities, soonest first, and how many more there are.

        Read from the meetings and activities themselves, with the rights of the user; nothing of it counts anywhere.

        :return: ``{"rows": [...], "more": number}``
        """
        return planned.of(timeline.Timeline(self, scope))

    @api.model
    @api.readonly
    def timeline_previews(self, row_ids):
        """The first line of what was said, of those entries that have a text or attachments.

        Read from the documents with the rights of the user; nothing of it is stored.

        :param row_ids: ids of at most 200 entries
        :return: ``[{"id", "preview", "more", "attachments"}]``
        """
        self.check_access("read")
        return texts.Texts(self).previews(timeline.checked(self, timeline_request.parse_rows, row_ids))

    @api.model
    @api.readonly
    def timeline_text(self, row_id):
        """What was said, and the attachments, of one entry, read from its document with the rights of the user.

        :return: ``{"text", "html", "attachments"}``; empty for what the user may not read
        """
        self.check_access("read")
        (row_id,) = timeline.checked(self, timeline_request.parse_rows, [row_id])
        return texts.Texts(self).whole(row_id)

    @api.model
    def _timeline_domain(self, filters):
        """What checked filters mean. Intended to be extended by modules with filters of their own."""
        return timeline.domain_of(self.env, filters)

    # ------------------------------------------------------------------ sent in by other systems

    @api.model
    def ingest(self, rows):
        """Take interactions from another system: telephony, social networks, a shop.

        Good rows land, bad ones do not stop them. The same row again changes nothing:
        (source, external_ref) is its key.
        A constant number of queries, whatever the number of rows. See docs/api.md for the fields of a row.

        :param rows: list of at most 10,000 dicts
        :return: for each row, in order, ``{"index", "external_ref", "status", "id", "field", "error"}``, where status
            is created, updated, unchanged or error, and what does not apply is False
        """
        self.browse().check_access("create")
        return Ingest(self).run(rows)

    @api.model
    def _ingest_known(self, rows):
        """All that ``rows`` name, by what they name it. Intended to be extended by modules with keys of their own."""
        return ingest_lookup.Lookup(self).known(rows)

    @api.model
    def _ingest_partner(self, row, known, company_id):
        """The contact of a row. Intended to be extended by modules that find customers in another way."""
        return ingest_lookup.partner_of(row, known, company_id)

    def _refusal(self, field, reason, values):
        """One line: the field, what is wrong with it, and what helps."""
        return f"{field}: {self._refusals()[reason] % values}"

    def _refusals(self):
        """What is wrong and what helps, per reason. Intended to be extended by modules with reasons of their own."""
        return refusals(self.env)

    # ------------------------------------------------------------------ what follows

    def _note_scores(self):
        """What people log counts for the open leads of that customer at once; what is captured from documents is queued
        by the capture itself, so that nobody's order or message waits for scores."""
        if self and self.pool.ready:
            self.env["crm.lead.score"]._note_interactions(SQL("i.id = ANY(%s)", self.ids))

    def _after_capture(self):
        """What has waited until everything that was touched before is captured."""
        merged_leads.settle(self.env)

    @api.model
    def _follow_merges(self, merged):
        """Every interaction of the merged leads, ``{merged: remaining}``, stays, on the lead that remains.

        The merged leads are deleted next; what came from their own records (created, won, lost) is detached from them,
        so that neither the deletion nor a reconciliation takes it away.
        """
        self.env.cr.execute(
            SQL(
                """UPDATE crm_interaction i
                      SET external_ref = 'merged:' || s.model_name || ':' || i.res_id || ':' || i.occurrence,
                          res_id = NULL
                     FROM crm_interaction_source s
                    WHERE s.id = i.source_id AND s.model_name = 'crm.lead' AND i.res_id = ANY(%(merged)s);
                   UPDATE crm_interaction i
                      SET lead_id = l.id, document_user_id = l.user_id,
                          partner_id = COALESCE(i.partner_id, l.partner_id)
                     FROM unnest(%(merged)s, %(remaining)s) AS m (merged, remaining)
                     JOIN crm_lead l ON l.id = m.remaining
                    WHERE i.lead_id = m.merged""",
                merged=list(merged),
                remaining=list(merged.values()),
            )
        )
        self._forget_cached()

    def _forget_cached(self):
        self.invalidate_model(flush=False)
        self.env["res.partner"].invalidate_model(["interaction_count", "last_interaction_date"], flush=False)
        self.env["crm.lead"].invalidate_model(["interaction_count"], flush=False)
