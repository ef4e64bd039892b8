from odoo import api, models
from odoo.exceptions import UserError


class CrmKeptMixin(models.AbstractModel):
    """Archived instead of deleted: what history or settings refer to, and what came with an installed module, which
    code of that module counts on."""

    _name = "crm.kept.mixin"
    _description = "Archived instead of deleted"

    # (model, field) of the records that refer to one of the add-on's
    _kept_by = ()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        for record in self._shipped()[:1]:
            raise UserError(
                self.env._("“%(name)s” came with an app that depends on it. Archive it instead.", name=record.name)
            )
        for record in self:
            if model := record._user_of():
                raise UserError(
                    self.env._(
                        "“%(name)s” cannot be deleted: there are records that use it (%(what)s). Archive it instead.",
                        name=record.name,
                        what=self.env["ir.model"]._get(model).name,
                    )
                )

    def _shipped(self):
        """Those of these records that an installed module has brought."""
        # sudo: where records come from is no secret.
        names = self.env["ir.model.data"].sudo().search([("model", "=", self._name), ("res_id", "in", self.ids)])
        return self.browse(names.filtered(lambda name: name.module in self.pool._init_modules).mapped("res_id"))

    def _user_of(self):
        """The first model with records that refer to this one."""
        for model, field in self._kept_by:
            # sudo: whether there is one at all, also where the user sees none
            if self.env[model].sudo().with_context(active_test=False).search_count([(field, "in", self.ids)], limit=1):
                return model
        return None
