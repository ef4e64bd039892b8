from datetime import timedelta
from math import ceil, floor

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.customer.amounts import READERS
from ...services.interaction import counts
from ...services.search import search_method


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    interaction_ids = fields.One2many("crm.interaction", "partner_id", "Interactions", groups=READERS)
    interaction_count = fields.Integer(
        "Interactions (count)",
        compute="_compute_interaction_count",
        groups=READERS,
        help="Interactions with this contact and its contacts that you may see.",
    )
    interaction_count_text = fields.Char(
        "Interactions (count in words)",
        compute="_compute_interaction_count_text",
        groups=READERS,
        help="Those you may see, and all of them.",
    )
    last_interaction_date = fields.Datetime(
        "Last interaction",
        compute="_compute_last_interaction",
        search="_search_last_interaction_date",
        groups=READERS,
        help="The last time anyone in the company was in touch with this customer or one of its contacts.",
    )
    silence_days = fields.Integer(
        "Days of silence",
        compute="_compute_last_interaction",
        search="_search_silence_days",
        aggregator=None,
        groups=READERS,
    )

    @api.depends_context("allowed_company_ids")
    def _compute_interaction_count(self):
        found = self._interaction_figures(self._interaction_count_sql())
        for partner in self:
            partner.interaction_count = found.get(partner._origin.id, 0)

    @api.depends("interaction_count")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_interaction_count_text(self):
        interactions = self.env["crm.interaction"]
        for partner in self:
            visible = counts.seen(interactions, interactions._of(partner._origin)) if partner._origin else 0
            partner.interaction_count_text = counts.text(self.env, visible, partner.interaction_count)

    @api.depends_context("allowed_company_ids")
    def _compute_last_interaction(self):
        dates = self._interaction_figures(self._last_interaction_sql("root"))
        today = fields.Datetime.now()
        for partner in self:
            last = dates.get(partner._origin.id, False)
            partner.last_interaction_date = last
            partner.silence_days = max((today - last).days, 0) if last else False

    def action_open_interactions(self):
        """The interactions of this customer as a list, each once."""
        return self.env["crm.interaction"]._open_list("crm_interaction_action_partner", self)

    def _interaction_figures(self, figure):
        """``{partner id: figure}`` for the SQL ``figure`` over the partner ``root``: one query.

        Whoever may read the partner may know how many interactions there are and when the last one was, not what: that
        is what keeps two salespeople from calling the same customer on the same day.
        """
        self.env["crm.interaction"].flush_model()
        return dict(
            self.env.execute_query(SQL("SELECT root.id, %s FROM unnest(%s::int[]) AS root(id)", figure, self.ids))
        )

    @api.model
    def _interaction_count_sql(self):
        """How many events there are with the partner ``root`` and its contacts; one with several of them is one."""
        return SQL(
            """(SELECT %(events)s FROM crm_interaction i
                 WHERE i.partner_id = ANY(ARRAY(SELECT contact.id FROM res_partner contact WHERE %(within)s))
                       AND (i.company_id IS NULL OR i.company_id = ANY(%(companies)s)))""",
            events=counts.events(SQL("i")),
            within=_within(SQL.identifier("root", "id")),
            companies=self.env.companies.ids,
        )

    @api.model
    def _interaction_condition(self):
        """Interactions ``i`` of the user's companies that have taken place."""
        return SQL(
            """(i.company_id IS NULL OR i.company_id = ANY(%s))
               AND (i.date <= now() AT TIME ZONE 'UTC' OR i.day IS NOT NULL)""",
            self.env.companies.ids,
        )

    @api.model
    def _last_interaction_sql(self, alias):
        """Date of the last interaction of the partner in table ``alias``: one index look-up per contact."""
        return SQL(
            """(SELECT max(LEAST(last.date, now() AT TIME ZONE 'UTC')) FROM res_partner contact,
                       LATERAL (SELECT i.date FROM crm_interaction i WHERE i.partner_id = contact.id AND %s
                                 ORDER BY i.date DESC LIMIT 1) last
                 WHERE %s)""",
            self._interaction_condition(),
            _within(SQL.identifier(alias, "id")),
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr in ("last_interaction_date", "silence_days"):
            self._check_field_access(self._fields[field_expr], "read")
            self.env["crm.interaction"].flush_model()
            last = self._last_interaction_sql(alias)
            if field_expr == "last_interaction_date":
                return last
            # whole days, as the field shows them
            return SQL("floor(EXTRACT(EPOCH FROM now() AT TIME ZONE 'UTC' - %s) / 86400)::int", last)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    @search_method
    def _search_last_interaction_date(self, operator, value):
        if operator == "in":
            moments = [fields.Datetime.to_datetime(moment) for moment in value if moment]
            found = self._last_interaction_domain(SQL("= ANY(%s::timestamp[])", moments))
            return found if len(moments) == len(value) else found | self._last_interaction_domain(SQL("IS NULL"))
        if operator not in COMPARE:
            return NotImplemented
        return self._last_interaction_domain(SQL("%s %s", COMPARE[operator], fields.Datetime.to_datetime(value)))

    @api.model
    @search_method
    def _search_silence_days(self, operator, value):
        if operator == "in":
            return Domain.OR(
                Domain("last_interaction_date", "=", False)
                if days is False
                else self._search_silence_days(">=", days) & self._search_silence_days("<=", days)
                for days in value
            )
        if operator not in COMPARE:
            return NotImplemented
        # n days of silence: the last interaction is at least n and less than n + 1 days ago
        days = ceil(value) if operator in (">=", "<") else floor(value) + 1
        # years that the calendar has
        since = fields.Datetime.now() - timedelta(days=max(-LONGEST, min(days, LONGEST)))
        return self._search_last_interaction_date("<=" if operator in (">=", ">") else ">", since)

    @api.model
    def _last_interaction_domain(self, condition):
        """Who was never contacted meets none, so that they meet every opposite."""
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "COALESCE(%s %s, FALSE)", self._last_interaction_sql(alias), condition
            )
        )


# More days than anybody was silent, and still a date.
LONGEST = 700_000
COMPARE = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


def _within(root):
    """The partner ``root`` itself, and its contacts when it is a commercial entity."""
    return SQL("(contact.id = %(root)s OR contact.commercial_partner_id = %(root)s)", root=root)
