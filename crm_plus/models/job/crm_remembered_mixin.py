from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL


class CrmRememberedMixin(models.AbstractModel):
    """Records of which scheduled actions remember something: fields that are read and written like any other, and kept
    in ``crm.job.memory`` instead of in the record.

    Such a field says ``compute="_compute_remembered"`` and whose memory it is, ``job="train"``; what one scheduled
    action writes together belongs to one job. Its default is what it is as long as nothing is remembered.
    """

    _name = "crm.remembered.mixin"
    _description = "Record of which scheduled actions remember something"

    def _valid_field_parameter(self, field, name):
        return name == "job" or super()._valid_field_parameter(field, name)

    @api.model
    def _remembered_fields(self):
        return {name: field for name, field in self._fields.items() if field.compute == "_compute_remembered"}

    def _compute_remembered(self):
        known = self.env["crm.job.memory"]._of(self._origin)
        for record in self:
            noted = known.get(record._origin.id, {})
            for name, field in self._remembered_fields().items():
                default = field.default(record) if field.default else False
                record[name] = noted.get(name, default)

    @api.model_create_multi
    def create(self, vals_list):
        names = self._remembered_fields().keys()
        records = super().create([{name: vals[name] for name in vals.keys() - names} for vals in vals_list])
        for record, vals in zip(records, vals_list, strict=True):
            record._remember({name: vals[name] for name in vals.keys() & names})
        return records

    def write(self, vals):
        """What is remembered does not touch the record: not even the date it was last changed on."""
        noted = {name: vals[name] for name in vals.keys() & self._remembered_fields().keys()}
        if noted:
            self.check_access("write")
            for name in noted:
                self._check_field_access(self._fields[name], "write")
            self._remember(noted)
            vals = {name: vals[name] for name in vals.keys() - noted.keys()}
        return super().write(vals) if vals or not noted else True

    def _remember(self, noted):
        by_job = {}
        for name, value in noted.items():
            field = self._fields[name]
            value = field.convert_to_record(field.convert_to_cache(value, self), self)
            if isinstance(value, date):
                value = fields.Datetime.to_string(value) if field.type == "datetime" else fields.Date.to_string(value)
            by_job.setdefault(field.job, {})[name] = value
        for job, values in by_job.items():
            self.env["crm.job.memory"]._note(self, job, values)
        if noted and self:
            self.modified(noted)
            self.invalidate_recordset(noted, flush=False)

    def _field_to_sql(self, alias, field_expr, query=None):
        field = self._fields.get(field_expr)
        if field is None or field.compute != "_compute_remembered":  # asked of every column of every query
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(field, "read")
        default = field.convert_to_column(field.default(self), self) if field.default else None
        return SQL(
            """COALESCE((SELECT (m.noted->>%s)::%s FROM crm_job_memory m
                          WHERE m.res_model = %s AND m.res_id = %s AND m.job = %s), %s)""",
            field_expr,
            SQL(field._column_type[1]),
            self._name,
            SQL.identifier(alias, "id"),
            field.job,
            default,
        )

    def unlink(self):
        result = super().unlink()
        self.env["crm.job.memory"]._forget(self)
        return result
