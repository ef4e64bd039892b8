from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_list

from ...services.definer import asked_by


class CrmConditionMixin(models.AbstractModel):
    """Records with conditions that scheduled actions evaluate: with the rights of whoever wrote them.

    Intended for models with ``name`` and ``company_id``, which may be empty. Whoever changes one of `_conditions`
    becomes the definer, and must be allowed to read all they ask for. Where they do not work nothing is asked.
    """

    _name = "crm.condition.mixin"
    _description = "Conditions with the rights of their author"
    # Fields that make up the conditions.
    _conditions = ("domain",)

    definer_id = fields.Many2one(
        "res.users", "Conditions written by", readonly=True, copy=False, ondelete="set null", index="btree_not_null",
        help="The conditions only find what this user has access to in the company.",
    )  # fmt: skip
    definer_note = fields.Char(compute="_compute_definer_note", string="Note on the author")

    @api.depends("definer_id", "company_id")
    @api.depends_context("uid")
    def _compute_definer_note(self):
        for record in self:
            # sudo: name, state and companies of whoever wrote the conditions, which is what the note is about.
            record.definer_note = record.sudo()._note_of_definer()

    def _note_of_definer(self):
        definer, elsewhere = self.definer_id, self._companies_of_others()
        if not definer:
            return self.env._(
                "The user who wrote the conditions no longer exists. The conditions are not evaluated any more."
            )
        if elsewhere:
            return self.env._(
                "%(user)s, who wrote the conditions, has no access to %(companies)s. The conditions are not "
                "evaluated there.",
                user=definer.name,
                companies=format_list(self.env, elsewhere.mapped("name")),
            )
        if not definer.active and definer.id != SUPERUSER_ID:
            return self.env._("%s, whose access rights the conditions use, has left.", definer.name)
        return False

    def _companies_of_others(self):
        """The companies the record is for in which its definer does not work."""
        companies = self.company_id or self.env["res.company"].search([])
        return companies.browse() if self.definer_id.id == SUPERUSER_ID else companies - self.definer_id.company_ids

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "definer_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        if not vals.keys().isdisjoint(self._conditions):
            vals = {**vals, "definer_id": self.env.uid}
        elif "definer_id" in vals:
            # Nobody lends their rights to somebody else's conditions.
            vals = {name: value for name, value in vals.items() if name != "definer_id"}
        return super().write(vals)

    def action_take_over(self):
        """Have the conditions asked with the rights of the current user from now on."""
        self.check_access("write")
        for record in self:
            record.write({name: record[name] for name in self._conditions})

    def _init_column(self, column_name):
        if column_name != "definer_id":
            return super()._init_column(column_name)
        # Of records that are older than the column: the last person who wrote them.
        self.env.cr.execute(
            SQL(
                """UPDATE %s SET definer_id = CASE WHEN write_uid IS DISTINCT FROM %s THEN write_uid ELSE create_uid END
                    WHERE definer_id IS NULL""",
                SQL.identifier(self._table),
                SUPERUSER_ID,
            )
        )
        return None

    def _asked(self, model_name, domain, company):
        """The model as the definer sees it in a company, to search it for ``domain``.

        :raise AccessError: naming what they may not read
        """
        self.ensure_one()
        # sudo: who the definer is; what they may read is asked with their rights.
        definer = self.env.user if not self.ids else self.sudo().definer_id
        return asked_by(self.env[model_name].sudo(False), definer.with_env(self.env), company, domain)

    def _check_definer(self, model_name, domain):
        """Refuse conditions that ask for what their definer may not read, in any company where they are asked."""
        self.ensure_one()
        # sudo: in which companies somebody works who has just written here.
        companies = self.company_id or self.sudo().definer_id.company_ids
        for company in companies:
            try:
                self._asked(model_name, domain, company)._search(domain)
            except AccessError as error:
                raise AccessError(
                    self.env._("“%(name)s”: %(problem)s Choose another field.", name=self.name, problem=error)
                ) from error
