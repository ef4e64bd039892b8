from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command


def _ids_in(value):
    """Ids of existing records in the value of a relational field, however a client writes it.

    >>> _ids_in(7), _ids_in([7, 8]), _ids_in([(4, 7), (6, 0, [8])]), _ids_in("x")
    ([7], [7, 8], [7, 8], [])
    """
    if not isinstance(value, (list, tuple)):
        return [value] if _is_id(value) else []
    found = []
    for item in value:
        if isinstance(item, (list, tuple)) and item:
            found += [item[1]] if item[0] == Command.LINK and len(item) > 1 else []
            found += item[2] if item[0] == Command.SET and len(item) > 2 and isinstance(item[2], (list, tuple)) else []
        else:
            found.append(item)
    return [record_id for record_id in found if _is_id(record_id)]


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


class CrmReadableMixin(models.AbstractModel):
    """What records of this model point to, the user may read.

    The host shows the name of whatever a many2one points to, and computes from it: who may write such a field and name
    any id in it would read what is hidden. Checked are the values that remain, however they came in: create, write,
    import, defaults in the context, and the records in memory that an onchange works with.
    """

    _name = "crm.readable.mixin"
    _description = "Points to what the user may read"
    # What is made in the form of its record: lines of a model with a check of its own.
    _lines = ()

    @api.model_create_multi
    def create(self, vals_list):
        context = self.env.context
        defaults = {name: context[f"default_{name}"] for name in self._fields if f"default_{name}" in context}
        for vals in vals_list:
            self._check_ids_given({**defaults, **vals})
        records = super().create(vals_list)
        records._check_readable(self._fields)
        return records

    def copy_data(self, default=None):
        """A copy has nothing of what its maker may not read."""
        hidden = [
            name for name, field in self._fields.items() if field.groups and not self._has_field_access(field, "read")
        ]
        vals_list = super().copy_data({**dict.fromkeys(hidden), **(default or {})})
        for vals in vals_list:
            for name in hidden:
                vals.pop(name, None)
        return vals_list

    def write(self, vals):
        self._check_ids_given(vals)
        result = super().write(vals)
        self._check_readable(vals)
        return result

    def _update_cache(self, values, validate=True):  # pylint: disable=missing-return  # the host's returns nothing
        """The values of a record in memory: those of the form, defaults, and what has been changed in it."""
        self._check_commands(values)
        super()._update_cache(values, validate)
        self._check_readable(values)

    def _check_ids_given(self, vals):
        """The same of values before they are written: what else refuses them, such as a constraint, may name the
        record."""
        if self.env.su:
            return
        for field in self._guarded_fields(vals):
            records = self.env[field.comodel_name].browse(_ids_in(vals[field.name]))
            if records - self._readable(records):
                raise AccessError(
                    self.env._("%(field)s: choose a record you have access to.", field=self._label(field.name))
                )

    def _check_readable(self, names):
        """Raise for the first of the fields ``names`` that points to what the user may not read."""
        if self.env.su:
            return
        for field in self._guarded_fields(names):
            records = self.with_context(active_test=False)[field.name]._origin
            if records - self._readable(records):
                raise AccessError(
                    self.env._("%(field)s: choose a record you have access to.", field=self._label(field.name))
                )

    def _readable(self, records):
        """Those of ``records`` that exist and that the user may read; companies only while the user works in them."""
        readable = records.exists()._filtered_access("read") if records else records
        return readable & self.env.companies if records._name == "res.company" else readable

    def _check_commands(self, values):
        """Records in memory choose among what there is: what is made or changed on the way would be computed with
        values of its own, whatever these point to."""
        for field in self._guarded_fields(values):
            value = values[field.name]
            if field.type == "many2one" or field.name in self._lines or not isinstance(value, (list, tuple)):
                continue
            for command in value:
                if isinstance(command, (list, tuple)) and command[0] in (Command.CREATE, Command.UPDATE) and command[2]:
                    raise UserError(self.env._("%(field)s: choose existing records.", field=self._label(field.name)))

    def _guarded_fields(self, names):
        fields = (self._fields.get(name) for name in names)
        return [
            field
            for field in fields
            if field
            # what is only there to search by, too: a value of it would be shown with its name
            and (field.store or not field.compute)
            and field.relational
            and field.name not in models.LOG_ACCESS_COLUMNS
            # who may not set a field has not chosen what is in it
            and self._has_field_access(field, "write")
        ]

    def _label(self, name):
        return self._fields[name].get_description(self.env, ["string"])["string"]

    @api.model
    def _given(self, model, ids):
        """The records of a model whose ids came from outside, such as those that were selected in a list."""
        ids = ids if isinstance(ids, (list, tuple)) else [ids]
        if not all(isinstance(id_, int) and not isinstance(id_, bool) for id_ in ids):
            raise UserError(self.env._("These are not records of “%(model)s”. Select them again.", model=model))
        return self.env[model].browse(ids)

    def _one(self):
        """The one dialog whose button was pressed."""
        if len(self) != 1:
            raise UserError(self.env._("This dialog is no longer open. Open it again."))
        return self
